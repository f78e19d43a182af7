//! How fast a reviewer decides, and what that means for what still waits.

use std::collections::VecDeque;

use chimera_domain::{Span, Timestamp, views::TicketRow};

/// So many decisions say how fast somebody is.
const WINDOW: usize = 20;
/// Fewer say nothing.
const LEAST: usize = 3;
/// A longer pause is a pause, and no pace.
const PAUSE: Span = Span::from_mins(10);
/// From so many approvals in a row on somebody should be told, and then at every so many.
const IN_A_ROW: u32 = 20;

/// The decisions of this console.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// How long each took, the last one last.
    took: VecDeque<Span>,
    last: Option<Span>,
    /// Decisions in all.
    pub(crate) decided: u64,
    /// Approvals since the last answer that was none.
    approved: u32,
}

/// When it will be done, and how many deadlines pass before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Forecast {
    pub(crate) done_at: Timestamp,
    pub(crate) late: usize,
}

impl Pace {
    /// A decision was made; a word of warning when one follows the other all too easily.
    pub(crate) fn decided(&mut self, at: Span, approved: bool) -> Option<String> {
        let took = self.last.map(|last| since(at, last));
        self.last = Some(at);
        self.decided += 1;
        if let Some(took) = took.filter(|took| *took <= PAUSE) {
            if self.took.len() == WINDOW {
                self.took.pop_front();
            }
            self.took.push_back(took);
        }
        self.approved = if approved { self.approved + 1 } else { 0 };
        let often = self.approved > 0 && self.approved.is_multiple_of(IN_A_ROW);
        often.then(|| {
            format!(
                "you approved {} in a row: is each of them right?",
                self.approved
            )
        })
    }

    /// What one ticket takes as a rule: the middle one, which no pause moves.
    pub(crate) fn each(&self) -> Option<Span> {
        if self.took.len() < LEAST {
            return None;
        }
        let mut all: Vec<Span> = self.took.iter().copied().collect();
        all.sort();
        all.get(all.len() / 2).copied()
    }

    /// When so many that wait are decided at this pace, taken in the order of the queue.
    pub(crate) fn forecast(
        &self,
        now: Timestamp,
        waiting: u64,
        rows: &[TicketRow],
    ) -> Option<Forecast> {
        let each = self.each()?;
        let after = |n: u64| now.plus(Span::from_micros(each.micros().saturating_mul(n)));
        let queued = rows
            .iter()
            .filter(|row| row.state.is_waiting() && row.snoozed_until.is_none());
        let late = (1..)
            .zip(queued)
            .filter(|(n, row)| after(*n) > row.sla_at)
            .count();
        Some(Forecast {
            done_at: after(waiting),
            late,
        })
    }
}

fn since(at: Span, before: Span) -> Span {
    Span::from_micros(at.micros().saturating_sub(before.micros()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::messages::add;

    fn paced(seconds: &[u64]) -> Pace {
        let mut pace = Pace::default();
        let mut at = Span::ZERO;
        pace.decided(at, false);
        for s in seconds {
            at = add(at, Span::from_secs(*s));
            pace.decided(at, false);
        }
        pace
    }

    // R79: a pace needs a few decisions, and a pause does not make anybody slow.
    #[test]
    fn r79_a_pace_is_the_middle_of_what_was_seen() {
        assert_eq!(paced(&[6, 6]).each(), None);
        assert_eq!(paced(&[6, 8, 10]).each(), Some(Span::from_secs(8)));
        assert_eq!(paced(&[6, 8, 3_600, 10]).each(), Some(Span::from_secs(8)));
        assert_eq!(paced(&[500; 3]).each(), Some(Span::from_secs(500)));
        let many: Vec<u64> = std::iter::repeat_n(60, 30).chain([5; 20]).collect();
        assert_eq!(paced(&many).each(), Some(Span::from_secs(5)));
    }

    // R191: the twentieth approval in a row asks, and any other answer ends the row.
    #[test]
    fn r191_approvals_in_a_row_are_told() {
        let mut pace = Pace::default();
        let told: Vec<u32> = (1..=45)
            .filter(|n| pace.decided(Span::from_secs(u64::from(*n)), true).is_some())
            .collect();
        assert_eq!(told, [20, 40]);
        let _ = pace.decided(Span::from_secs(99), false);
        assert!((0..19).all(|n| pace.decided(Span::from_secs(100 + n), true).is_none()));
    }
}
