//! A threshold tried on scores that are there: how much more or less would have been planned, and what lies
//! closest to it. Nothing is scored anew; all rules but the threshold hold as they did.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Score, basis::StoredRelevance, ids::CampaignId, ids::SignalId, signal::SignalState,
};

use crate::planner::decide::{Course, Screen, course_of};

/// So many are named on each side of a threshold.
pub const NEAR_MAX: usize = 3;

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

/// A threshold on the past, campaign by campaign.
#[derive(Debug)]
pub struct Trial {
    at: Score,
    /// By campaign.
    pub campaigns: BTreeMap<CampaignId, Tried>,
    /// Decided signals that do not say by what they were decided.
    pub untold: u64,
}

impl Trial {
    /// Of this threshold.
    #[must_use]
    pub const fn of(at: Score) -> Self {
        Self {
            at,
            campaigns: BTreeMap::new(),
            untold: 0,
        }
    }

    /// Takes one decision in.
    pub fn take(&mut self, stored: &StoredRelevance) {
        if stored.state == SignalState::New || stored.state == SignalState::Unscored {
            return;
        }
        let (Some(relevance), Some(then), Some(ever)) = (
            &stored.relevance,
            planned_at(stored, self.at),
            planned_at(stored, Score::ZERO),
        ) else {
            self.untold += 1;
            return;
        };
        let persona = stored.persona.as_ref().map(|p| Safe::line(&p.slug));
        let campaign = stored.signal.campaign_id;
        let tried = self.campaigns.entry(campaign).or_insert_with(|| Tried {
            persona: persona.unwrap_or_default(),
            scored: 0,
            planned: 0,
            then: 0,
            above: Vec::new(),
            below: Vec::new(),
        });
        tried.scored += 1;
        tried.planned += match stored.state {
            SignalState::Planned | SignalState::Held => 1,
            SignalState::New | SignalState::Ignored | SignalState::Unscored => 0,
        };
        tried.then += u64::from(then);
        let near = Near {
            signal: stored.signal.id,
            title: Safe::line(&stored.signal.item.title),
            score: relevance.score,
        };
        // What a person kept or dropped, and what another rule leaves, is close to no threshold.
        if stored.signal.said.is_none() && then {
            keep(&mut tried.above, near, |a, b| a.score.cmp(&b.score));
        } else if stored.signal.said.is_none() && ever {
            keep(&mut tried.below, near, |a, b| b.score.cmp(&a.score));
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
}

fn keep(near: &mut Vec<Near>, new: Near, by: impl Fn(&Near, &Near) -> std::cmp::Ordering) {
    near.push(new);
    near.sort_by(|a, b| by(a, b).then(a.signal.cmp(&b.signal)));
    near.truncate(NEAR_MAX);
}

/// Whether a signal is planned where this is the threshold; `None` when it cannot be told.
fn planned_at(stored: &StoredRelevance, at: Score) -> Option<bool> {
    let (relevance, persona) = (stored.relevance.as_ref()?, stored.persona.as_ref()?);
    let screen = Screen::named(relevance.basis.as_ref()?.screen.as_deref()).ok()?;
    let mut policy = stored.policy.as_ref()?.planner.clone();
    policy.relevance_min = at;
    let course = course_of(
        &stored.signal,
        persona,
        &policy,
        relevance,
        (screen, &stored.mutes),
    );
    Some(course == Course::Plan)
}

#[cfg(test)]
mod tests {
    use chimera_domain::{basis::RelevanceBasis, signal::Relevance, testing::uuid_of};

    use super::*;
    use crate::testing::{persona, policy, signal};

    fn stored(n: u128, percent: u32, state: SignalState) -> StoredRelevance {
        let mut signal = signal();
        signal.id = SignalId::from_uuid(uuid_of(n));
        signal.item.title = format!("Linen {n}");
        StoredRelevance {
            signal,
            state,
            why: String::new(),
            relevance: Some(Relevance {
                score: Score::from_percent(percent),
                method: "any/1".into(),
                reason: String::new(),
                basis: Some(RelevanceBasis {
                    persona: persona().hash,
                    policy: policy().hash,
                    screen: None,
                    lessons: None,
                    mutes: vec![],
                }),
            }),
            persona: Some(persona()),
            policy: Some(policy()),
            lessons: None,
            mutes: vec![],
        }
    }

    // R31: a lower threshold plans what only its score left, a higher one leaves what its score carried; the closest on
    // each side are named, and what another rule leaves is on neither.
    #[test]
    fn r31_a_threshold_is_tried_on_stored_scores() {
        let mut all: Vec<StoredRelevance> = (0..8)
            .map(|n| stored(u128::from(n), 60 + 3 * n, SignalState::Ignored))
            .collect();
        for planned in &mut all[5..] {
            planned.state = SignalState::Planned;
        }
        let mut stale = stored(20, 74, SignalState::Ignored);
        stale.signal.stale = true;
        let mut banned = stored(21, 74, SignalState::Ignored);
        banned.signal.item.summary.push_str(" with fur");
        let mut untold = stored(22, 74, SignalState::Ignored);
        untold.persona = None;
        all.extend([stale, banned, untold]);
        let tried = |percent: u32| {
            let mut trial = Trial::of(Score::from_percent(percent));
            for stored in &all {
                trial.take(stored);
            }
            assert_eq!(trial.untold, 1);
            let counts = trial.more_and_fewer();
            let (_, tried) = trial.campaigns.pop_first().unwrap();
            assert_eq!((tried.scored, tried.planned), (10, 3));
            let scores = |near: &[Near]| -> Vec<u32> {
                near.iter().map(|n| n.score.ppm() / 10_000).collect()
            };
            (counts, scores(&tried.above), scores(&tried.below))
        };
        assert_eq!(tried(75), ((0, 0), vec![75, 78, 81], vec![72, 69, 66]));
        assert_eq!(tried(66), ((3, 0), vec![66, 69, 72], vec![63, 60]));
        assert_eq!(tried(80), ((0, 2), vec![81], vec![78, 75, 72]));
    }

    // R31: what a person kept is planned under any threshold, and says nothing of where it lies.
    #[test]
    fn r31_what_a_person_kept_is_close_to_no_threshold() {
        let mut kept = stored(1, 10, SignalState::Planned);
        kept.signal.said = Some(chimera_domain::signal::Said::Kept);
        let mut trial = Trial::of(Score::ONE);
        trial.take(&kept);
        assert_eq!(trial.more_and_fewer(), (0, 0));
        let (_, tried) = trial.campaigns.pop_first().unwrap();
        assert!(tried.above.is_empty() && tried.below.is_empty() && tried.then == 1);
    }
}
