//! The planner: perceives through MCP resources, scores, and turns what is relevant into task graphs.
//!
//! Four reconcilers: [`Perceiver`] polls what is due, [`Spotter`] keeps what grows fast as a trend, [`Planner::step`]
//! decides on one batch of signals, [`Planner::replan`] gives a refused result another attempt. All are idempotent:
//! items are unique in the store, and so are the nodes of a plan.

pub(crate) mod decide;
mod ingest;
pub(crate) mod learn;
mod lists;
mod perceive;
pub(crate) mod plan;
mod spot;

use std::{collections::HashMap, sync::Arc};

use chimera_domain::{
    Ambient, Outcome, StoreError,
    basis::RelevanceBasis,
    campaign::Campaign,
    ids::AgentId,
    persona::Persona,
    policy::Policy,
    ports::{PlanCaps, PlanDecision, Planned, PlannerStore, Replan},
    signal::{Relevance, Signal},
    trend::Mute,
};
use tracing::{debug, info};

use self::{
    decide::Course,
    learn::{School, Taught},
    plan::Brief,
};
pub(crate) use self::{perceive::Perceiver, spot::Spotter};
use crate::{
    drive::{Step, StepResult},
    runtime::Personas,
};

/// Signals decided in one step.
const SIGNALS_MAX: u32 = 64;
/// The planner's ports and values.
pub(crate) struct Planner {
    pub(crate) store: Arc<dyn PlannerStore>,
    pub(crate) personas: Arc<Personas>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) ambient: Ambient,
    pub(crate) school: School,
}

impl Planner {
    /// Decides on the oldest signals that wait.
    pub(crate) async fn step(&self) -> StepResult {
        let signals = self.store.next_signals(SIGNALS_MAX).await?;
        if signals.is_empty() {
            return Ok(Step::Idle);
        }
        let mut taught: HashMap<AgentId, Option<Taught>> = HashMap::new();
        for (_, campaign) in &signals {
            let (agent, store) = (campaign.agent_id, self.store.as_ref());
            let persona = self.personas.active(&campaign.spec.persona);
            if let (Some(persona), false) = (persona, taught.contains_key(&agent)) {
                taught.insert(agent, self.school.taught(store, agent, persona).await?);
            }
        }
        let mutes = self.store.mutes().await?;
        // Side by side, so that a batch of decisions shares its commits.
        let decided = signals.iter().map(|(signal, campaign)| {
            let taught = taught.get(&campaign.agent_id).and_then(Option::as_ref);
            let concerns = |mute: &&Mute| mute.concerns(campaign.agent_id);
            let mutes: Vec<Mute> = mutes.iter().filter(concerns).cloned().collect();
            self.commit(signal, campaign, taught, mutes)
        });
        let moved = futures::future::try_join_all(decided).await?;
        Ok(if moved.contains(&true) {
            Step::Progress
        } else {
            Step::Idle
        })
    }

    /// Decides on one signal and writes it down; whether it moved.
    async fn commit(
        &self,
        signal: &Signal,
        campaign: &Campaign,
        taught: Option<&Taught>,
        mutes: Vec<Mute>,
    ) -> Result<bool, StoreError> {
        let (relevance, decision) = self.consider(signal, campaign, taught, &mutes);
        match self.store.commit_plan(signal, relevance, decision).await? {
            Outcome::Done(Planned::Made { tasks }, _) => {
                info!(trace = %signal.trace_id, signal = %signal.id, tasks, "planned");
                Ok(true)
            }
            Outcome::Done(Planned::Held { cap, until }, _) => {
                debug!(signal = %signal.id, cap, until = %until.to_rfc3339_seconds(), "held by a governor");
                Ok(true)
            }
            Outcome::Done(Planned::Left, _) => Ok(true),
            Outcome::Conflict(_) | Outcome::NotFound => Ok(false),
        }
    }

    fn consider(
        &self,
        signal: &Signal,
        campaign: &Campaign,
        taught: Option<&Taught>,
        mutes: &[Mute],
    ) -> (Option<Relevance>, PlanDecision) {
        let Some(persona) = self.personas.active(&campaign.spec.persona) else {
            let why = format!("persona `{}` is not loaded", campaign.spec.persona);
            return (None, PlanDecision::Unscored { why });
        };
        let learned = taught.and_then(|taught| taught.learned.as_deref());
        let (relevance, course) =
            decide::decide(signal, persona, &self.policy.planner, learned, mutes);
        let basis = RelevanceBasis {
            persona: persona.hash,
            policy: self.policy.hash,
            screen: Some(decide::SCREEN.to_owned()),
            lessons: taught.and_then(|taught| taught.lessons.named()),
            mutes: mutes.iter().map(|mute| mute.id).collect(),
        };
        let relevance = relevance.map(|relevance| Relevance {
            basis: Some(basis),
            ..relevance
        });
        let decision = match course {
            Course::Ignore(why) => PlanDecision::Ignore { why },
            Course::Unscored(why) => PlanDecision::Unscored { why },
            Course::Plan => self.draft(signal, campaign, persona),
        };
        (relevance, decision)
    }

    fn draft(&self, signal: &Signal, campaign: &Campaign, persona: &Persona) -> PlanDecision {
        let brief = Brief {
            item: &signal.item,
            campaign: &campaign.spec,
            persona,
            notes: &[],
        };
        let planner = &self.policy.planner;
        match plan::plan(brief, &self.policy, &self.ambient) {
            Ok(graph) => PlanDecision::Plan {
                graph,
                lock: persona.lock(),
                caps: PlanCaps {
                    per_hour: planner.plans_per_hour_max,
                    per_day: planner.plans_per_day_max,
                    queue_depth: planner.queue_depth_max,
                    review_depth: planner.review_depth_max,
                },
            },
            Err(error) => PlanDecision::Unscored {
                why: error.to_string(),
            },
        }
    }

    /// Plans a new attempt for one refused result, or gives it up.
    pub(crate) async fn replan(&self) -> StepResult {
        let Some(case) = self.store.next_replan().await? else {
            return Ok(Step::Idle);
        };
        let replan = if case.task.plan_attempt >= self.policy.planner.plan_attempts_max {
            Replan::GiveUp {
                why: format!(
                    "refused {} times: {}",
                    case.task.plan_attempt,
                    case.issues.join("; ")
                ),
            }
        } else if let Some(persona) = self.personas.active(&case.campaign.spec.persona) {
            let brief = Brief {
                item: &case.signal.item,
                campaign: &case.campaign.spec,
                persona,
                notes: &case.issues,
            };
            let graph = if case.launched.is_empty() {
                plan::plan(brief, &self.policy, &self.ambient)
            } else {
                plan::again(
                    &case.launched,
                    persona,
                    &case.issues,
                    &self.policy,
                    &self.ambient,
                )
            };
            match graph {
                Ok(graph) => Replan::Again {
                    graph,
                    lock: persona.lock(),
                },
                Err(error) => Replan::GiveUp {
                    why: error.to_string(),
                },
            }
        } else {
            Replan::GiveUp {
                why: format!("persona `{}` is not loaded", case.campaign.spec.persona),
            }
        };
        info!(task = %case.task.id, attempt = case.task.plan_attempt, again = matches!(replan, Replan::Again { .. }), "replanned");
        Ok(
            match self
                .store
                .commit_replan(case.task.id, case.task.version, replan)
                .await?
            {
                Outcome::Done(..) => Step::Progress,
                Outcome::Conflict(_) | Outcome::NotFound => Step::Idle,
            },
        )
    }
}
