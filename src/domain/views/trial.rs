//! A threshold of relevance tried on scores that are there: how much more or less would have been planned, and what lies
//! closest to it. Nothing is scored anew; all rules but the threshold hold as they did.

use std::collections::BTreeMap;

use crate::{
    Safe, Score,
    ids::{CampaignId, SignalId},
};

/// So many are named on each side of a threshold.
pub const NEAR_MAX: usize = 3;

/// What settles whether a signal is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledBy {
    /// Its score: it is planned where that is at the threshold or above.
    Score,
    /// Another rule or a person's word, whatever the threshold.
    Rule {
        /// Whether it is planned by that.
        plans: bool,
    },
}

/// A signal that was scored and decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// Its id.
    pub signal: SignalId,
    /// Its title.
    pub title: Safe,
    /// The campaign that listened.
    pub campaign: CampaignId,
    /// The persona it was scored for.
    pub persona: Safe,
    /// Its score.
    pub score: Score,
    /// Whether it was planned, or is held by a cap.
    pub planned: bool,
    /// What settles whether it is planned.
    pub settled: SettledBy,
}

impl Weighed {
    fn is_planned_at(&self, at: Score) -> bool {
        match self.settled {
            SettledBy::Score => self.score >= at,
            SettledBy::Rule { plans } => plans,
        }
    }
}

/// The scored signals of a while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weighing {
    /// Signal by signal, the oldest first.
    pub rows: Vec<Weighed>,
    /// Decided signals that do not say by what they were decided.
    pub untold: u64,
    /// There are more than were looked at.
    pub is_cut: bool,
    /// How many tasks a plan has.
    pub tasks_per_plan: u64,
    /// The threshold the swarm plans by now; none without a policy.
    pub in_force: Option<Score>,
}

/// A signal close to a threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Its id.
    pub signal: SignalId,
    /// Its title.
    pub title: Safe,
    /// Its score.
    pub score: Score,
}

/// What a threshold would have meant for one campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Its persona.
    pub persona: Safe,
    /// Signals with a score.
    pub scored: u64,
    /// How many were planned, or are held by a cap.
    pub planned: u64,
    /// How many would have been, before any cap.
    pub then: u64,
    /// The lowest that would be planned for their score, the lowest first.
    pub above: Vec<Near>,
    /// The highest that only their score would leave, the highest first.
    pub below: Vec<Near>,
}

/// A threshold on the past, campaign by campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The threshold.
    pub at: Score,
    /// By campaign.
    pub campaigns: BTreeMap<CampaignId, Tried>,
    tasks_per_plan: u64,
}

impl Trial {
    /// Of this threshold on these signals.
    #[must_use]
    pub fn of(weighing: &Weighing, at: Score) -> Self {
        let mut trial = Self {
            at,
            campaigns: BTreeMap::new(),
            tasks_per_plan: weighing.tasks_per_plan,
        };
        for row in &weighing.rows {
            trial.take(row);
        }
        trial
    }

    fn take(&mut self, row: &Weighed) {
        let then = row.is_planned_at(self.at);
        let tried = self.campaigns.entry(row.campaign).or_insert_with(|| Tried {
            persona: row.persona.clone(),
            scored: 0,
            planned: 0,
            then: 0,
            above: Vec::new(),
            below: Vec::new(),
        });
        tried.scored += 1;
        tried.planned += u64::from(row.planned);
        tried.then += u64::from(then);
        // What another rule or a person's word settles is close to no threshold.
        if row.settled == SettledBy::Score && then {
            keep(&mut tried.above, row, |a, b| a.score.cmp(&b.score));
        } else if row.settled == SettledBy::Score {
            keep(&mut tried.below, row, |a, b| b.score.cmp(&a.score));
        }
    }

    /// How many more would have been planned, and how many fewer, over all campaigns.
    #[must_use]
    pub fn more_and_fewer(&self) -> (u64, u64) {
        self.campaigns.values().fold((0, 0), |(more, fewer), t| {
            (
                more + t.then.saturating_sub(t.planned),
                fewer + t.planned.saturating_sub(t.then),
            )
        })
    }

    /// The same in tasks.
    #[must_use]
    pub fn tasks_more_and_fewer(&self) -> (u64, u64) {
        let (more, fewer) = self.more_and_fewer();
        let tasks = |plans: u64| plans.saturating_mul(self.tasks_per_plan);
        (tasks(more), tasks(fewer))
    }

    /// In words: `2 trends more (8 tasks)`.
    #[must_use]
    pub fn told(&self) -> String {
        let (more, fewer) = self.more_and_fewer();
        let of = |plans: u64, word: &str| {
            let trends = if plans == 1 { "trend" } else { "trends" };
            let tasks = plans.saturating_mul(self.tasks_per_plan);
            format!("{plans} {trends} {word} ({tasks} tasks)")
        };
        match (more, fewer) {
            (0, 0) => "no trend more or fewer".to_owned(),
            (more, 0) => of(more, "more"),
            (0, fewer) => of(fewer, "fewer"),
            (more, fewer) => format!("{} and {}", of(more, "more"), of(fewer, "fewer")),
        }
    }
}

/// Takes one in where it is among the closest; those that are as close stay in the order of their ids.
fn keep(near: &mut Vec<Near>, row: &Weighed, by: impl Fn(&Near, &Near) -> std::cmp::Ordering) {
    let new = Near {
        signal: row.signal,
        title: Safe::default(),
        score: row.score,
    };
    let is_before = |other: &Near| by(other, &new).then(other.signal.cmp(&new.signal)).is_lt();
    let place = near.partition_point(is_before);
    if place < NEAR_MAX {
        let title = row.title.clone();
        near.insert(place, Near { title, ..new });
        near.truncate(NEAR_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::uuid_of;

    fn row(n: u128, percent: u32, planned: bool, settled: SettledBy) -> Weighed {
        Weighed {
            signal: SignalId::from_uuid(uuid_of(n)),
            title: Safe::line(&format!("Linen {n}")),
            campaign: CampaignId::from_uuid(uuid_of(1)),
            persona: Safe::line("leo"),
            score: Score::from_percent(percent),
            planned,
            settled,
        }
    }

    // R31: a lower threshold plans what only its score left, a higher one leaves what its score carried; the closest on
    // each side are named, and what another rule settles is on neither.
    #[test]
    fn r31_a_threshold_is_tried_on_stored_scores() {
        let mut rows: Vec<Weighed> = (0..8)
            .rev()
            .map(|n| row(u128::from(n), 60 + 3 * n, n >= 5, SettledBy::Score))
            .collect();
        rows.push(row(20, 74, false, SettledBy::Rule { plans: false }));
        rows.push(row(21, 10, true, SettledBy::Rule { plans: true }));
        let weighing = Weighing {
            rows,
            tasks_per_plan: 4,
            ..Weighing::default()
        };
        let tried = |percent: u32| {
            let mut trial = Trial::of(&weighing, Score::from_percent(percent));
            let (counts, told) = (trial.more_and_fewer(), trial.told());
            let (_, tried) = trial.campaigns.pop_first().unwrap();
            assert_eq!((tried.scored, tried.planned), (10, 4));
            let scores = |near: &[Near]| -> Vec<u32> {
                near.iter().map(|n| n.score.ppm() / 10_000).collect()
            };
            (counts, told, scores(&tried.above), scores(&tried.below))
        };
        let none = "no trend more or fewer".to_owned();
        assert_eq!(
            tried(75),
            ((0, 0), none, vec![75, 78, 81], vec![72, 69, 66])
        );
        let more = "3 trends more (12 tasks)".to_owned();
        assert_eq!(tried(66), ((3, 0), more, vec![66, 69, 72], vec![63, 60]));
        let fewer = "2 trends fewer (8 tasks)".to_owned();
        assert_eq!(tried(80), ((0, 2), fewer, vec![81], vec![78, 75, 72]));
    }
}
