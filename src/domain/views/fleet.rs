//! The agents, as the rows say they are.

use super::HaltedBy;
use crate::{
    Safe, Timestamp, Usd,
    campaign::FleetState,
    halt::Halt,
    ids::{AgentId, CampaignId},
    mode::Reach,
    words::words,
};

words! {
    /// What an agent does now, as the rows of its work say.
    pub enum Doing as "agent state" {
        /// It was killed, or the whole fleet was.
        Killed = "killed",
        /// It is paused, or the whole fleet or every campaign of it is.
        Paused = "paused",
        /// A worker holds a task of it.
        Working = "working",
        /// The judge has a result of it.
        Judging = "judging",
        /// Tasks of it are ready and nobody holds one.
        Queued = "queued",
        /// All that it has waits for a person.
        Asking = "asking",
        /// There is nothing to do for it.
        Sleeping = "sleeping",
    }
}

/// Work under way of one agent, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Tasks that a worker holds.
    pub claimed: u64,
    /// Results with the judge.
    pub judged: u64,
    /// Tasks that could be started now or wait for time alone.
    pub ready: u64,
    /// Tickets that wait for a person.
    pub tickets: u64,
}

impl Doing {
    /// What a person is told first: what stops it, then what moves, then what waits.
    #[must_use]
    pub const fn of(fleet: FleetState, halt: Option<Halt>, all_paused: bool, work: Work) -> Self {
        match (fleet, halt) {
            (FleetState::Killed, _) | (_, Some(Halt::Kill)) => return Self::Killed,
            (FleetState::Paused, _) | (_, Some(Halt::Pause)) => return Self::Paused,
            (FleetState::Running, None) => {}
        }
        if all_paused {
            Self::Paused
        } else if work.claimed > 0 {
            Self::Working
        } else if work.judged > 0 {
            Self::Judging
        } else if work.ready > 0 {
            Self::Queued
        } else if work.tickets > 0 {
            Self::Asking
        } else {
            Self::Sleeping
        }
    }
}

/// One agent with its work, its money and how far its campaigns reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Its id.
    pub id: AgentId,
    /// Its name.
    pub slug: Safe,
    /// What it does.
    pub doing: Doing,
    /// Who stopped this very agent, when and why.
    pub halted: Option<HaltedBy>,
    /// Its campaigns, by name.
    pub campaigns: Vec<AgentCampaign>,
    /// What is under way and what waits.
    pub work: Work,
    /// Posted today, uncertain amounts included; the stricter of calendar day and last 24 hours.
    pub spent_day: Usd,
    /// How much of it was billed by stand-ins.
    pub spent_simulated: Usd,
    /// Reserved and not settled.
    pub reserved: Usd,
    /// The most it may spend a day; `None` when no policy is installed.
    pub cap_day: Option<Usd>,
    /// When something of its newest plans moved last.
    pub moved_at: Option<Timestamp>,
    /// The last task of its newest plans that failed, is blocked or is uncertain, and why.
    pub last_error: Option<(Timestamp, Safe)>,
}

/// One campaign of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCampaign {
    /// Its id.
    pub id: CampaignId,
    /// Its name.
    pub name: Safe,
    /// How far what it sends gets.
    pub reach: Reach,
    /// Whether it is paused.
    pub paused: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    // R131: what stops an agent is said before what it does, and what moves before what waits.
    #[test]
    fn r131_what_stops_comes_first_then_what_moves() {
        let busy = Work {
            claimed: 1,
            judged: 1,
            ready: 1,
            tickets: 1,
        };
        let of = |fleet, halt, paused, work| Doing::of(fleet, halt, paused, work);
        let runs = FleetState::Running;
        assert_eq!(of(FleetState::Killed, None, false, busy), Doing::Killed);
        assert_eq!(of(runs, Some(Halt::Kill), false, busy), Doing::Killed);
        assert_eq!(of(FleetState::Paused, None, false, busy), Doing::Paused);
        assert_eq!(of(runs, Some(Halt::Pause), false, busy), Doing::Paused);
        assert_eq!(of(runs, None, true, busy), Doing::Paused);
        let left = |claimed, judged, ready, tickets| {
            let work = Work {
                claimed,
                judged,
                ready,
                tickets,
            };
            of(runs, None, false, work)
        };
        assert_eq!(left(1, 1, 1, 1), Doing::Working);
        assert_eq!(left(0, 1, 1, 1), Doing::Judging);
        assert_eq!(left(0, 0, 1, 1), Doing::Queued);
        assert_eq!(left(0, 0, 0, 1), Doing::Asking);
        assert_eq!(left(0, 0, 0, 0), Doing::Sleeping);
    }
}
