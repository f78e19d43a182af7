//! Tickets that are nearly the same, to be approved together: a specimen, and what each of the others changes.
//!
//! Everything that differs is on screen before anything counts, so a ticket whose difference does not fit is
//! left out, and so is whatever asks for a person's whole attention.

use chimera_domain::{
    Safe,
    ids::TicketId,
    ticket::TicketState,
    views::{About, TicketCard, TicketRow},
};
use similar::{ChangeTag, TextDiff};

use super::{marked::Marked, overlay::Typed, review::CardKey};

/// So much of two texts must be the same, in millionths.
const ALIKE_PPM: u32 = 600_000;
/// Fewer are decided one by one.
pub(crate) const LEAST: usize = 2;

/// A ticket of the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// Its card is being read.
    Reading(TicketId),
    /// It can be approved with the others: exactly this.
    In {
        key: CardKey,
        /// What it says otherwise than the specimen, word by word.
        varies: Vec<(Change, Safe)>,
    },
    /// It cannot, and why.
    Out(TicketId, &'static str),
}

/// What became of some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Same,
    Gone,
    New,
}

/// The sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// The ticket the others are held against, as it is on its card.
    pub(crate) specimen: CardKey,
    pub(crate) text: Safe,
    pub(crate) items: Vec<Item>,
    /// So many more are marked than one sheet holds.
    pub(crate) beyond: usize,
    pub(crate) goes: Goes,
    pub(crate) typed: Typed,
}

/// Where a post goes and how far it gets: what is approved together goes the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Goes {
    channel: Safe,
    account: Safe,
    simulated: bool,
    dry: bool,
}

impl Goes {
    pub(crate) fn of(row: &TicketRow) -> Self {
        Self {
            channel: row.channel.clone(),
            account: row.account.clone(),
            simulated: row.simulated,
            dry: row.dry,
        }
    }
}

impl Item {
    pub(crate) const fn ticket(&self) -> TicketId {
        match self {
            Self::Reading(ticket) | Self::Out(ticket, _) => *ticket,
            Self::In { key, .. } => key.ticket,
        }
    }
}

impl Batch {
    pub(crate) fn is_read(&self) -> bool {
        let reading = |item: &Item| matches!(item, Item::Reading(_));
        !self.items.iter().any(reading)
    }

    /// What would be approved, the specimen first.
    pub(crate) fn approves(&self) -> Vec<CardKey> {
        let others = self.items.iter().filter_map(|item| match item {
            Item::In { key, .. } => Some(*key),
            Item::Reading(_) | Item::Out(..) => None,
        });
        std::iter::once(self.specimen).chain(others).collect()
    }

    /// A card came: whether its ticket goes with the others, and what it changes.
    pub(crate) fn take(&mut self, card: &TicketCard, alone: Option<&'static str>, columns: usize) {
        let ticket = card.row.id;
        let Some(item) = self.items.iter_mut().find(|item| item.ticket() == ticket) else {
            return;
        };
        if matches!(item, Item::Out(..)) {
            return;
        }
        let varies = varies(self.text.as_str(), card.text.as_str());
        *item = if !card.row.state.is_waiting() {
            Item::Out(ticket, "it was decided meanwhile")
        } else if card.row.state != TicketState::Open {
            Item::Out(ticket, "it is escalated, and decided alone")
        } else if card.row.snoozed_until.is_some() {
            Item::Out(ticket, "it is snoozed")
        } else if Goes::of(&card.row) != self.goes {
            Item::Out(ticket, "it goes to another account, or not as far")
        } else if let Some(why) = alone {
            Item::Out(ticket, why)
        } else if !are_alike(self.text.as_str(), card.text.as_str()) {
            Item::Out(ticket, "it differs too much")
        } else if shown(&varies) > columns {
            Item::Out(ticket, "what it changes does not fit in a line")
        } else {
            Item::In {
                key: CardKey::of(card),
                varies,
            }
        };
        // What varies most is what must be looked at first.
        self.items.sort_by_key(|item| match item {
            Item::In { varies, .. } => (0, usize::MAX - shown(varies)),
            Item::Reading(_) => (1, 0),
            Item::Out(..) => (2, 0),
        });
    }
}

/// The tickets like this one among those that were read, at most so many.
pub(crate) fn like(rows: &[TicketRow], specimen: &TicketRow, most: usize) -> Vec<Item> {
    rows.iter()
        .filter(|row| {
            row.id != specimen.id
                && row.about == About::Post
                && row.state == TicketState::Open
                && row.snoozed_until.is_none()
                && Goes::of(row) == Goes::of(specimen)
                && are_alike(row.text.as_str(), specimen.text.as_str())
        })
        .take(most)
        .map(|row| Item::Reading(row.id))
        .collect()
}

/// The tickets a person marked, those on screen first in their order; at most so many, and how many are left.
pub(crate) fn these(
    rows: &[TicketRow],
    marked: &Marked,
    specimen: TicketId,
    most: usize,
) -> (Vec<Item>, usize) {
    let on_screen = rows.iter().map(|row| row.id);
    let mut tickets: Vec<TicketId> = on_screen.filter(|id| marked.has(&id.to_string())).collect();
    for id in marked.ids() {
        match id.parse::<TicketId>() {
            Ok(ticket) if !tickets.contains(&ticket) => tickets.push(ticket),
            // The marks of this list are ids of tickets.
            Ok(_) | Err(_) => {}
        }
    }
    tickets.retain(|ticket| *ticket != specimen);
    let beyond = tickets.len().saturating_sub(most);
    let items = tickets.into_iter().take(most).map(Item::Reading);
    (items.collect(), beyond)
}

fn are_alike(one: &str, other: &str) -> bool {
    let diff = TextDiff::from_unicode_words(one, other);
    let (mut same, mut all) = (0_u64, 0_u64);
    for change in diff.iter_all_changes() {
        let length = u64::try_from(change.value().trim().chars().count()).unwrap_or(u64::MAX);
        match change.tag() {
            ChangeTag::Equal => {
                same += 2 * length;
                all += 2 * length;
            }
            ChangeTag::Delete | ChangeTag::Insert => all += length,
        }
    }
    all > 0 && same.saturating_mul(1_000_000) / all >= u64::from(ALIKE_PPM)
}

/// What changed, with a few words before it to know the place by.
fn varies(before: &str, after: &str) -> Vec<(Change, Safe)> {
    let diff = TextDiff::from_unicode_words(before, after);
    let mut out: Vec<(Change, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Delete => Change::Gone,
            ChangeTag::Insert => Change::New,
        };
        match out.last_mut() {
            Some((last, text)) if *last == kind => text.push_str(change.value()),
            Some(_) | None => out.push((kind, change.value().to_owned())),
        }
    }
    out.into_iter()
        .map(|(kind, text)| match kind {
            Change::Same => (kind, Safe::line(tail(&text))),
            Change::Gone | Change::New => (kind, Safe::line(&text)),
        })
        .filter(|(_, text)| !text.as_str().is_empty())
        .collect()
}

/// The last word of what stays the same.
fn tail(text: &str) -> &str {
    let trimmed = text.trim_end();
    let at = trimmed.rfind(char::is_whitespace).map_or(0, |i| i + 1);
    text.get(at..).unwrap_or_default()
}

/// How many columns it takes when shown: `[-…-]` and `{+…+}`.
pub(crate) fn shown(varies: &[(Change, Safe)]) -> usize {
    varies
        .iter()
        .map(|(change, text)| {
            let marks = if *change == Change::Same { 1 } else { 5 };
            marks + crate::text::width(text.as_str())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    // R184: nearly the same words are alike, other words are not, and nothing is like nothing.
    #[test]
    fn r184_alike_is_by_words() {
        assert!(are_alike(
            "Rain barrels, ranked by how much they hold: 200 l",
            "Rain barrels, ranked by how much they hold: 350 l"
        ));
        assert!(!are_alike("Rain barrels, ranked", "Tomatoes again"));
        assert!(!are_alike("", ""));
    }

    // R184: what varies is all that varies, in its order, with what stands before it.
    #[test]
    fn r184_what_varies_is_complete() {
        let found = varies("one two three four", "one 2 three 4!");
        let words: Vec<_> = found.iter().map(|(c, t)| (*c, t.as_str())).collect();
        let of = |wanted| {
            let all: Vec<&str> = words
                .iter()
                .filter(|(c, _)| *c == wanted)
                .map(|(_, t)| *t)
                .collect();
            all.concat()
        };
        assert_eq!(of(Change::Gone), "twofour");
        assert_eq!(of(Change::New), "24!");
    }
}
