//! What becomes of each signal and of each plan, by chance, so that the numbers asked for come out exactly.

use crate::sim::chance::Chance;

/// What becomes of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is left.
    Ignored,
    /// It could not be scored.
    Unscored,
    /// It becomes a plan, and the plan ends so.
    Planned(End),
}

/// How a plan ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The judge lets it out.
    Published,
    /// A person lets it out.
    Approved,
    /// A person refuses it.
    Rejected,
    /// It waits for a person.
    Waits,
    /// The judge refuses it for good.
    GivenUp,
    /// A tool fails for good.
    Failed,
    /// No answer came when it was sent.
    Uncertain,
    /// It waits in the queue for a server that was slow.
    Later,
}

/// What is still to be had.
#[derive(Debug)]
pub(super) struct Quotas {
    pub(super) chance: Chance,
    /// Signals that have no fate yet.
    pub(super) signals: u64,
    /// Of these, how many become plans.
    pub(super) plans: u64,
    /// Of these, how many wait for a person.
    pub(super) tickets: u64,
    /// Whether it is late enough for a ticket to wait: its deadline would be over otherwise.
    pub(super) late: bool,
}

impl Quotas {
    /// One of `of`, by chance.
    fn hits(&mut self, one: u64, of: u64) -> bool {
        self.chance.next().checked_rem(of).is_some_and(|n| n < one)
    }

    /// The fate of the next signal: what is left is spread evenly over those that are left.
    pub(super) fn next(&mut self) -> Fate {
        let planned = self.hits(self.plans, self.signals);
        self.signals = self.signals.saturating_sub(1);
        if !planned {
            return if self.hits(1, 200) {
                Fate::Unscored
            } else {
                Fate::Ignored
            };
        }
        let now = self.late || self.plans <= self.tickets;
        let waits = now && self.hits(self.tickets, self.plans);
        self.plans -= 1;
        if waits {
            self.tickets -= 1;
            return Fate::Planned(End::Waits);
        }
        Fate::Planned(match self.chance.next() % 1_000 {
            0..700 => End::Published,
            700..850 => End::Approved,
            850..975 => End::Rejected,
            975..990 => End::GivenUp,
            990..992 => End::Failed,
            992..999 => End::Later,
            _ => End::Uncertain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Exactly as many plans and waiting tickets as were asked for, whatever chance says.
    #[test]
    fn quotas_come_out_exactly() {
        for seed in 0..20 {
            let mut quotas = Quotas {
                chance: Chance::new(seed),
                signals: 500,
                plans: 120,
                tickets: 40,
                late: false,
            };
            let mut fates: Vec<Fate> = (0..250).map(|_| quotas.next()).collect();
            assert!(!fates.contains(&Fate::Planned(End::Waits)), "it is early");
            quotas.late = true;
            fates.extend((0..250).map(|_| quotas.next()));
            let plans = fates.iter().filter(|f| matches!(f, Fate::Planned(_)));
            let waits = |f: &&Fate| **f == Fate::Planned(End::Waits);
            assert_eq!(plans.count(), 120);
            assert_eq!(fates.iter().filter(waits).count(), 40);
        }
    }
}
