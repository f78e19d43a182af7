//! The planner: perceives through MCP resources, scores, and turns what is relevant into task graphs.
//!
//! Two reconcilers: [`perceive`] polls what is due, [`step`] decides on one batch of signals. Both
//! are idempotent: items are unique in the store, and so are the nodes of a plan.

mod ingest;
mod plan;
pub(crate) mod score;

use std::sync::Arc;

use chimera_domain::{
    Ambient, Outcome, Span,
    campaign::Campaign,
    persona::Persona,
    policy::Policy,
    ports::{PlanCaps, PlanDecision, Planned, PlannerStore, Replan, ResourceReader},
    resource::{Poll, Resource},
    signal::{Relevance, Signal},
};
use tracing::{debug, info, warn};

use self::plan::Brief;
use crate::{
    backoff,
    runtime::{Personas, Step, StepResult},
};

/// Resources polled side by side.
const POLLS_MAX: u32 = 8;
/// Signals decided in one step.
const SIGNALS_MAX: u32 = 64;
/// The longest a failing resource is left alone.
const POLL_BACKOFF_MAX: Span = Span::from_mins(10);
/// Where back-off begins.
const POLL_BACKOFF_MIN: Span = Span::from_secs(1);
/// Polls are spread by up to this share of their interval, so that they do not march in step.
const JITTER_SHARE: u64 = 10;

/// The planner's ports and values.
pub(crate) struct Planner {
    pub(crate) store: Arc<dyn PlannerStore>,
    pub(crate) resources: Arc<dyn ResourceReader>,
    pub(crate) personas: Arc<Personas>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) ambient: Ambient,
}

impl Planner {
    /// Polls everything that is due.
    pub(crate) async fn perceive(&self) -> StepResult {
        let due = self.store.due_resources(POLLS_MAX).await?;
        if due.is_empty() {
            return Ok(Step::Idle);
        }
        for result in
            futures::future::join_all(due.iter().map(|resource| self.poll(resource))).await
        {
            result?;
        }
        Ok(Step::Progress)
    }

    async fn poll(&self, resource: &Resource) -> Result<(), chimera_domain::StoreError> {
        let uri = ingest::with_cursor(&resource.spec.uri, resource.cursor.as_deref());
        let read = match self.resources.read(&resource.spec.server, &uri).await {
            Ok(read) => ingest::document(&read.text),
            Err(error) => Err(error.to_string()),
        };
        let now = self.ambient.now();
        let poll = match read {
            Ok(document) => {
                let wait = if document.more {
                    Span::ZERO
                } else {
                    let interval = resource.spec.interval;
                    let spread = Span::from_micros(interval.micros() / JITTER_SHARE);
                    Span::from_micros(interval.micros() + self.ambient.jitter(spread).micros())
                };
                Poll::Read {
                    items: document.items,
                    cursor: document.cursor.or_else(|| resource.cursor.clone()),
                    next_poll_at: now.plus(wait),
                }
            }
            Err(why) => {
                warn!(resource = %resource.spec.uri, failures = resource.failures + 1, why, "resource could not be read");
                let wait = backoff::delay(
                    &self.ambient,
                    POLL_BACKOFF_MIN,
                    POLL_BACKOFF_MAX,
                    resource.failures,
                );
                Poll::Failed {
                    why,
                    next_poll_at: now.plus(wait),
                }
            }
        };
        match self.store.commit_poll(resource, poll).await? {
            Outcome::Done(report, _) => {
                debug!(resource = %resource.spec.uri, report.seen, report.kept, report.duplicate, "polled");
            }
            // Somebody else polled it meanwhile; what it brought is unique in the store.
            Outcome::Conflict(_) | Outcome::NotFound => {}
        }
        Ok(())
    }

    /// Decides on the oldest signals that wait.
    pub(crate) async fn step(&self) -> StepResult {
        let signals = self.store.next_signals(SIGNALS_MAX).await?;
        if signals.is_empty() {
            return Ok(Step::Idle);
        }
        let mut moved = false;
        for (signal, campaign) in signals {
            let (relevance, decision) = self.consider(&signal, &campaign);
            match self.store.commit_plan(&signal, relevance, decision).await? {
                Outcome::Done(Planned::Made { tasks }, _) => {
                    info!(trace = %signal.trace_id, signal = %signal.id, tasks, "planned");
                    moved = true;
                }
                Outcome::Done(Planned::Held { cap, until }, _) => {
                    debug!(signal = %signal.id, cap, until = %until.to_rfc3339_seconds(), "held by a governor");
                    moved = true;
                }
                Outcome::Done(Planned::Left, _) => moved = true,
                Outcome::Conflict(_) | Outcome::NotFound => {}
            }
        }
        Ok(if moved { Step::Progress } else { Step::Idle })
    }

    fn consider(&self, signal: &Signal, campaign: &Campaign) -> (Option<Relevance>, PlanDecision) {
        let Some(persona) = self.personas.active(&campaign.spec.persona) else {
            let why = format!("persona `{}` is not loaded", campaign.spec.persona);
            return (None, PlanDecision::Unscored { why });
        };
        let relevance = match score::relevance(&signal.item, persona) {
            Ok(relevance) => relevance,
            Err(error) => {
                return (
                    None,
                    PlanDecision::Unscored {
                        why: error.to_string(),
                    },
                );
            }
        };
        let decision = self.decide(signal, campaign, persona, &relevance);
        (Some(relevance), decision)
    }

    fn decide(
        &self,
        signal: &Signal,
        campaign: &Campaign,
        persona: &Persona,
        relevance: &Relevance,
    ) -> PlanDecision {
        let ignore = |why: String| PlanDecision::Ignore { why };
        if let Some(topic) = score::banned_topic(&signal.item, persona) {
            return ignore(format!(
                "touches `{topic}`, which {} never does",
                persona.name
            ));
        }
        if relevance.score < self.policy.planner.relevance_min {
            return ignore(format!(
                "{} is below {}: {}",
                relevance.score, self.policy.planner.relevance_min, relevance.reason
            ));
        }
        if signal.stale {
            return ignore("too old when first seen".to_owned());
        }
        if let Some(other) = signal.near_duplicate_of {
            return ignore(format!("same story as {other}"));
        }
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
            match plan::plan(brief, &self.policy, &self.ambient) {
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
