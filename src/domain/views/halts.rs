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
    /// What became of what was in flight.
    pub proof: Proof,
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

/// What became of what was in flight when a halt was made, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proof {
    /// Effects, claims and reservations that were under way.
    pub in_flight: usize,
    /// How many of them still are, or nobody knows.
    pub under_way: usize,
    /// Effects that were published although it was halted: sent before the halt, confirmed after it.
    pub slipped: usize,
    /// When the last effect ended; `None` while one is under way, or when there was none.
    pub last_effect_ended: Option<Timestamp>,
}

impl Proof {
    /// The numbers of these.
    #[must_use]
    pub fn of(things: &[InFlight]) -> Self {
        let effects = things.iter().filter(|f| f.kind == InFlightKind::Effect);
        let ended: Option<Vec<Timestamp>> = effects.map(|f| f.ended_at).collect();
        Self {
            in_flight: things.len(),
            under_way: things.iter().filter(|f| f.ended_at.is_none()).count(),
            slipped: things.iter().filter(|f| f.slipped).count(),
            last_effect_ended: ended.and_then(|ended| ended.into_iter().max()),
        }
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
