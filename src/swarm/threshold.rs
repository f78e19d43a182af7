//! Decisions on signals, put so that another threshold can be tried on them: what settles each is asked of the same
//! pure function that decided, with everything but the threshold as it was.

use std::sync::Arc;

use async_trait::async_trait;
use chimera_domain::{
    Safe, Score, Timestamp,
    basis::{StoredDecision, StoredRelevance},
    ports::{DecisionKind, Hindsight, ReplayStore, Result},
    signal::SignalState,
    views::{SettledBy, Weighed, Weighing},
};

use crate::planner::{
    decide::{Course, Screen, course_of},
    plan,
};

/// Decisions taken from the store at once.
const PAGE: u32 = 200;
/// The most signals that are looked at.
const SIGNALS_MAX: usize = 20_000;

/// The past as the store keeps it.
pub struct Past(pub Arc<dyn ReplayStore>);

#[async_trait]
impl Hindsight for Past {
    async fn weighed_since(&self, since: Timestamp) -> Result<Weighing> {
        weighed(self.0.as_ref(), since).await
    }
}

/// The scored signals since a moment, the first [`SIGNALS_MAX`] of them.
///
/// # Errors
/// When the store does not answer.
pub async fn weighed(store: &dyn ReplayStore, since: Timestamp) -> Result<Weighing> {
    let mut weighing = Weighing {
        tasks_per_plan: plan::NODES,
        in_force: store
            .policy_in_force()
            .await?
            .map(|policy| policy.planner.relevance_min),
        ..Weighing::default()
    };
    let mut after = None;
    loop {
        let page = store
            .decisions_since(DecisionKind::Relevance, since, after, PAGE)
            .await?;
        let Some(last) = page.last() else {
            return Ok(weighing);
        };
        after = Some(last.place());
        for decision in &page {
            if weighing.rows.len() >= SIGNALS_MAX {
                weighing.is_cut = true;
                return Ok(weighing);
            }
            if let StoredDecision::Relevance(stored) = decision {
                take(&mut weighing, stored);
            }
        }
    }
}

fn take(weighing: &mut Weighing, stored: &StoredRelevance) {
    if stored.state == SignalState::New || stored.state == SignalState::Unscored {
        return;
    }
    match weigh(stored) {
        Some(row) => weighing.rows.push(row),
        None => weighing.untold += 1,
    }
}

/// `None` when it does not say by what it was decided.
fn weigh(stored: &StoredRelevance) -> Option<Weighed> {
    let (score, persona) = (stored.relevance.as_ref()?.score, stored.persona.as_ref()?);
    let would_be = planned_at(stored, Score::ZERO)?;
    let settled = match stored.signal.said {
        None if would_be => SettledBy::Score,
        None | Some(_) => SettledBy::Rule { plans: would_be },
    };
    Some(Weighed {
        signal: stored.signal.id,
        title: Safe::line(&stored.signal.item.title),
        campaign: stored.signal.campaign_id,
        persona: Safe::line(&persona.slug),
        score,
        planned: match stored.state {
            SignalState::Planned | SignalState::Held => true,
            SignalState::New | SignalState::Ignored | SignalState::Unscored => false,
        },
        settled,
    })
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
    use chimera_domain::{
        basis::RelevanceBasis,
        ids::SignalId,
        signal::{Relevance, Said},
        testing::uuid_of,
    };

    use super::*;
    use crate::testing::{persona, policy, signal};

    fn stored(percent: u32, state: SignalState) -> StoredRelevance {
        let mut signal = signal();
        signal.id = SignalId::from_uuid(uuid_of(7));
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

    fn settled(stored: &StoredRelevance) -> Option<SettledBy> {
        weigh(stored).map(|row| row.settled)
    }

    // R31: what settles a signal is its score, unless a rule or a person's word did before a score counts; then no
    // threshold changes anything. What does not say by what it was decided is told apart.
    #[test]
    fn r31_what_settles_a_signal_is_its_score_or_a_rule_before_it() {
        use SettledBy::{Rule, Score};
        let ignored = stored(74, SignalState::Ignored);
        assert_eq!(settled(&ignored), Some(Score));
        assert_eq!(settled(&stored(74, SignalState::Planned)), Some(Score));
        let mut stale = ignored.clone();
        stale.signal.stale = true;
        assert_eq!(settled(&stale), Some(Rule { plans: false }));
        let mut banned = ignored.clone();
        banned.signal.item.summary.push_str(" with fur");
        assert_eq!(settled(&banned), Some(Rule { plans: false }));
        for (said, plans) in [(Said::Kept, true), (Said::Dropped, false)] {
            let mut told = ignored.clone();
            told.signal.said = Some(said);
            assert_eq!(settled(&told), Some(Rule { plans }));
        }
        let mut untold = ignored.clone();
        untold.persona = None;
        let mut weighing = Weighing::default();
        for stored in [
            &untold,
            &ignored,
            &stored(74, SignalState::New),
            &stored(74, SignalState::Unscored),
        ] {
            take(&mut weighing, stored);
        }
        assert_eq!((weighing.untold, weighing.rows.len()), (1, 1));
    }
}
