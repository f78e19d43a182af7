//! The worker: claims a task, does it through a skill under the persona it is bound to, hands it in.

use std::sync::Arc;

use chimera_domain::{
    Ambient, Outcome, Span, StoreError, ToolError,
    artifact::{Body, Research},
    goal::Part,
    ports::{AskPayment, Skill, SkillInput, Store, Submission},
    task::{Claim, ClaimedTask, Failure, Modality, Reason, Task, TaskKind, retry_delay},
    tier::TierChoice,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    drive::{Step, StepResult},
    memory,
    metered::{Errand, Payer, Till},
    pay, redact,
    runtime::Personas,
};

/// One worker.
pub(crate) struct Worker {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) skills: Vec<Arc<dyn Skill>>,
    pub(crate) personas: Arc<Personas>,
    pub(crate) till: Till,
    pub(crate) ambient: Ambient,
    pub(crate) fence: i64,
    pub(crate) claim_ttl: Span,
    /// Who asks for payments; none where nothing is paid.
    pub(crate) asks: Option<Arc<dyn AskPayment>>,
    /// Once it is cancelled nothing more is claimed.
    pub(crate) stop: CancellationToken,
}

impl Worker {
    /// Works until nothing is ready: each result is handed in together with the claim of the next task.
    pub(crate) async fn step(&self) -> StepResult {
        let Some(mut work) = self.store.claim_task(self.fence, self.claim_ttl).await? else {
            return Ok(Step::Idle);
        };
        loop {
            let next = tokio::select! {
                biased;
                done = self.work(&work) => self.hand_in(&work, done).await?,
                lost = self.keep_claim(work.claim.clone()) => {
                    warn!(task = %work.task.id, lost, "the claim was lost; the work stops");
                    None
                }
            };
            match next {
                Some(next) => work = next,
                None => return Ok(Step::Progress),
            }
        }
    }

    async fn work(&self, work: &ClaimedTask) -> Result<Submission, Failure> {
        let (task, spec) = (&work.task, &work.task.spec);
        let Some(persona) = self.personas.locked(spec.persona_lock.hash) else {
            let why = format!(
                "persona `{}` is no longer loaded in the version the task is bound to",
                spec.persona_lock.slug
            );
            return Err(Failure::Dead {
                reason: Reason::PersonaLocked,
                why,
            });
        };
        if spec.kind == TaskKind::ExecuteTransaction {
            return pay::ask(self.asks.as_deref(), &self.ambient, task).await;
        }
        let Some(skill) = self
            .skills
            .iter()
            .find(|skill| skill.does(spec.kind, spec.modality))
        else {
            let why = format!("no skill does {}", spec.kind);
            return Err(Failure::Blocked {
                reason: Reason::ToolFailed,
                why,
                until: None,
            });
        };
        let tools = self.till.on_behalf_of(payer(task, &work.claim));
        let (work, redacted) = redact::material(work);
        let subject = work
            .signal
            .as_ref()
            .map(|signal| signal.item.title.as_str());
        let memory = memory::of(&work.past, subject.unwrap_or_default(), self.ambient.now());
        let tier = self.tier(task).await;
        let input = SkillInput {
            work: &work,
            persona,
            memory: &memory,
            tier: tier.as_ref(),
        };
        let result = skill.run(input, &tools).await;
        let mut submission = result.map_err(|error| self.failure(task, &error))?;
        if let Body::Research(research) = &mut submission.body {
            research.redacted = redacted;
            self.heed(research)?;
        }
        for used in &mut submission.provenance.tools {
            used.cost_usd = tools.cost_of(&used.tool);
        }
        Ok(submission)
    }

    /// How much may go into a moving picture; for anything else there is nothing to choose.
    async fn tier(&self, task: &Task) -> Option<TierChoice> {
        let spec = &task.spec;
        let tool = Part::Video.tool()?;
        (spec.kind == TaskKind::GenerateContent && spec.modality == Some(Modality::Video))
            .then_some(())?;
        let budget = &self.till.policy.budget;
        let funds = self.store.funds(task, budget).await;
        let funds = funds.unwrap_or_else(|error| {
            warn!(task = %task.id, %error, "what is left could not be read; a moving picture stays daily");
            Vec::new()
        });
        let estimate = budget.dearest(tool);
        Some(TierChoice::of(spec.priority, funds, estimate))
    }

    /// A model that was asked can call a plan off before anything is made, by the same line that the signal was planned by.
    fn heed(&self, research: &Research) -> Result<(), Failure> {
        let min = self.till.policy.planner.relevance_min;
        match &research.relevance {
            Some(asked) if asked.score < min => Err(Failure::Irrelevant {
                why: format!(
                    "{} gives it {}, below {min}: {}",
                    asked.by, asked.score, asked.why
                ),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Hands in what was done; the next task, unless the swarm stops.
    async fn hand_in(
        &self,
        work: &ClaimedTask,
        done: Result<Submission, Failure>,
    ) -> Result<Option<ClaimedTask>, StoreError> {
        let (id, trace) = (work.task.id, work.task.trace_id);
        let (outcome, next) = match done {
            Ok(submission) if self.stop.is_cancelled() => {
                let submitted = self.store.submit_result(&work.claim, submission).await?;
                (submitted.map(drop), None)
            }
            Ok(submission) => {
                let fused = self
                    .store
                    .submit_and_claim(&work.claim, submission, self.claim_ttl);
                let (submitted, next) = fused.await?;
                (submitted.map(drop), next)
            }
            Err(failure) => {
                warn!(task = %id, %trace, ?failure, "a task was given back");
                (self.store.fail_task(&work.claim, failure).await?, None)
            }
        };
        match outcome {
            Outcome::Done(..) => {
                info!(task = %id, %trace, kind = %work.task.spec.kind, "handed in")
            }
            Outcome::Conflict(conflict) => {
                info!(task = %id, %trace, %conflict, "the result came too late")
            }
            Outcome::NotFound => warn!(task = %id, %trace, "the task is gone"),
        }
        Ok(next)
    }

    /// Renews the claim while the work goes on; ends only when the claim is lost.
    async fn keep_claim(&self, mut claim: Claim) -> String {
        let every = Span::from_micros(self.claim_ttl.micros() / 3);
        loop {
            tokio::time::sleep(every.to_std()).await;
            match self.store.renew_claim(&claim, self.claim_ttl).await {
                Ok(Outcome::Done(renewed, _)) => claim = renewed,
                Ok(Outcome::Conflict(conflict)) => return conflict.to_string(),
                Ok(Outcome::NotFound) => return "the task is gone".to_owned(),
                Err(error) => warn!(%error, "a claim could not be renewed; trying again"),
            }
        }
    }

    fn failure(&self, task: &Task, error: &ToolError) -> Failure {
        let why = error.to_string();
        let retry = |after: Span| Failure::Retry {
            why: why.clone(),
            at: self.ambient.now().plus(after),
        };
        match error {
            ToolError::NotSent { .. } => retry(retry_delay(task.attempt)),
            ToolError::RateLimited { retry_after, .. } => {
                retry(retry_after.unwrap_or_else(|| retry_delay(task.attempt)))
            }
            // Making content again is safe: nothing of it has left the machine.
            ToolError::Ambiguous { .. } => retry(retry_delay(task.attempt)),
            ToolError::Refused { .. } | ToolError::Contract { .. } => Failure::Dead {
                reason: Reason::ToolFailed,
                why,
            },
            ToolError::Budget { frees_at, .. } => Failure::Blocked {
                reason: Reason::BudgetBlocked,
                why,
                until: *frees_at,
            },
        }
    }
}

fn payer(task: &Task, claim: &Claim) -> Payer {
    Payer {
        agent_id: task.agent_id,
        campaign_id: task.campaign_id,
        task_id: task.id,
        trace_id: task.trace_id,
        task_cap: task.spec.budget_usd_max,
        scope: claim.id.to_string(),
        errand: Errand::Work,
    }
}
