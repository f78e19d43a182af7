//! In what order a list is wanted. Offered is what a store can walk a page at a time, however long the list is:
//! an order that would read every row to show the first ones is none.

use std::{fmt, str::FromStr};

use crate::words::{UnknownWord, words};

words! {
    /// What a list can be ordered by.
    pub enum By as "order of a list" {
        /// What needs a person most comes first: the order that a list of questions has by itself.
        Urgency = "urgency",
        /// When it was planned.
        Planned = "planned",
        /// When it last moved.
        Moved = "moved",
        /// When it was perceived.
        Perceived = "perceived",
        /// How relevant it is.
        Score = "score",
        /// When it was published.
        Published = "published",
        /// How many liked it at the last look.
        Likes = "likes",
        /// Its place in the record.
        Line = "line",
        /// When it was reserved.
        Booked = "booked",
        /// When it must be decided.
        Deadline = "deadline",
        /// When it was asked.
        Asked = "asked",
        /// When it leaves.
        Due = "due",
        /// Its name.
        Name = "name",
        /// What it does now.
        State = "state",
        /// How many of its tickets wait for a person.
        Tickets = "tickets",
        /// How many of its tasks are under way or ready.
        Work = "work",
    }
}

// What each list can be ordered by; the first is its own order.
/// Of signals.
pub const SIGNALS: &[By] = &[By::Perceived, By::Score];
/// Of tasks by themselves.
pub const TASKS: &[By] = &[By::Planned, By::Moved];
/// Of tickets that wait.
pub const TICKETS: &[By] = &[By::Urgency, By::Deadline, By::Asked];
/// Of spend intents.
pub const INTENTS: &[By] = &[By::Booked];
/// Of payments.
pub const PAYMENTS: &[By] = &[By::Booked];
/// Of publications.
pub const PUBLICATIONS: &[By] = &[By::Published, By::Likes];
/// Of effects that have not ended.
pub const EFFECTS: &[By] = &[By::Urgency, By::Due, By::Moved];
/// Of agents.
pub const AGENTS: &[By] = &[By::Name, By::State, By::Tickets, By::Work];
/// Of lines of the audit.
pub const AUDIT: &[By] = &[By::Line];

impl By {
    /// What stands first, and what does when it is turned round; nothing where it cannot be.
    #[must_use]
    pub const fn ends(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Urgency => ("what needs you most first", None),
            Self::Planned
            | Self::Moved
            | Self::Perceived
            | Self::Published
            | Self::Line
            | Self::Booked => ("newest first", Some("oldest first")),
            Self::Asked => ("oldest first", Some("newest first")),
            Self::Score | Self::Likes | Self::Tickets | Self::Work => {
                ("most first", Some("least first"))
            }
            Self::Deadline | Self::Due => ("soonest first", Some("latest first")),
            Self::Name => ("from a", Some("from z")),
            Self::State => ("halted first", Some("asleep first")),
        }
    }

    /// Whether a row keeps its place in it for ever, so that only new rows come in and none changes places.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Planned
            | Self::Perceived
            | Self::Published
            | Self::Line
            | Self::Booked
            | Self::Asked
            | Self::Name => true,
            Self::Urgency
            | Self::Moved
            | Self::Score
            | Self::Likes
            | Self::Deadline
            | Self::Due
            | Self::State
            | Self::Tickets
            | Self::Work => false,
        }
    }
}

/// An order, and which end of it comes first. Its text form is the word, after `-` where it is turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: By,
    /// The other end comes first.
    pub turned: bool,
}

impl Order {
    /// The order as a person says it.
    #[must_use]
    pub fn says(self) -> String {
        let (first, other) = self.by.ends();
        let end = if self.turned {
            other.unwrap_or(first)
        } else {
            first
        };
        format!("by {}, {end}", self.by)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.turned { "-" } else { "" };
        write!(f, "{sign}{}", self.by)
    }
}

impl FromStr for Order {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (turned, word) = match text.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, text),
        };
        Ok(Self {
            by: word.parse()?,
            turned,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R134: an order is read as it is written, and nothing else is one.
    #[test]
    fn r134_an_order_has_a_text_form() {
        for by in By::ALL {
            for turned in [false, true] {
                let order = Order { by: *by, turned };
                assert_eq!(order.to_string().parse(), Ok(order));
            }
        }
        for wrong in ["", "-", "--moved", "Moved", "moved "] {
            assert!(wrong.parse::<Order>().is_err(), "{wrong:?}");
        }
        let moved = "-moved".parse::<Order>().unwrap();
        assert_eq!(moved.says(), "by moved, oldest first");
    }
}
