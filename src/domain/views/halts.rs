//! Live halts as the faces show them, and the proof of what they did.

use super::HaltedBy;
use crate::{
    Safe, Timestamp,
    halt::{Halt, Scope},
    words::words,
};

/// A live halt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltRow {
    /// What it reaches.
    pub scope: Scope,
    /// The same in words: `everything`, `publishing`, `agent fae`.
    pub what: Safe,
    /// How hard it is.
    pub level: Halt,
    /// Who made it, when and why.
    pub by: HaltedBy,
    /// How many effects that may leave otherwise it keeps.
    pub keeps: u64,
}

/// A live halt, and what was in flight when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaltReport {
    /// The halt.
    pub halt: HaltRow,
    /// Effects, claims and reservations that were under way.
    pub in_flight: Vec<InFlight>,
    /// Effects it reaches that were sent after it. Never any; counted and not assumed.
    pub began_after: u64,
}

impl HaltReport {
    /// When the last effect in flight ended; `None` while one is under way, or when there was none.
    #[must_use]
    pub fn last_effect_ended(&self) -> Option<Timestamp> {
        let effects = self
            .in_flight
            .iter()
            .filter(|f| f.kind == InFlightKind::Effect);
        effects
            .map(|f| f.ended_at)
            .collect::<Option<Vec<_>>>()
            .and_then(|ended| ended.into_iter().max())
    }

    /// How much is still under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.in_flight
            .iter()
            .filter(|f| f.ended_at.is_none())
            .count()
    }

    /// What was published although it was halted: sent before the halt, confirmed after it.
    pub fn slipped_past(&self) -> impl Iterator<Item = &InFlight> {
        self.in_flight.iter().filter(|f| f.slipped)
    }
}

words! {
    /// What can be under way when a halt is made.
    pub enum InFlightKind as "kind of thing in flight" {
        /// Sent and not answered.
        Effect = "effect",
        /// Being worked on.
        Claim = "claim",
        /// Money set aside and not settled.
        Reservation = "reservation",
    }
}

/// One thing that was under way when a halt was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// What it is.
    pub kind: InFlightKind,
    /// The id of the effect, the task or the intent.
    pub id: String,
    /// What it is about.
    pub label: Safe,
    /// Where it stands now.
    pub now: String,
    /// When it ended; `None` while it is under way, or when nobody knows.
    pub ended_at: Option<Timestamp>,
    /// Whether it was published after the halt.
    pub slipped: bool,
}
