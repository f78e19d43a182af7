//! The store as one simulated process or person sees it: the real one, behind faults and a witness.
//!
//! A verb runs whole between two points where the process may be killed, so that every await of the
//! swarm is one before or after a commit. Planted bugs ([`Mutation`]) live here and in `tools.rs`.

use std::sync::Arc;

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, Score, Span, StateVersion, StoreError, Timestamp, Usd,
    artifact::Blob,
    campaign::Campaign,
    effect::{SendOrder, Settlement, Unresolved},
    ids::{AgentId, ArtifactId, EffectId, IntentId, PublicationId, TaskId, TicketId},
    lesson::Lessons,
    policy::BudgetPolicy,
    ports::{
        BellStore, DeskStore, EngagementStore, ExecutorStore, JudgeStore, PlanDecision, Planned,
        PlannerStore, Replan, ReplanCase, Result, SpendStore, Submission, VerdictTimes,
        WorkerStore,
    },
    publication::{DuePublication, Sample},
    resource::{Poll, PollReport, Resource},
    signal::{Relevance, Signal},
    spend::{Limit, Reservation, SpendRequest},
    task::{Claim, ClaimedTask, Failure, Task},
    trend::Mute,
    verdict::{Case, Route, Verdict},
};
use chimera_store::SqliteStore;

use super::{Mutation, world::World};

/// One caller's view of the store.
#[derive(Debug, Clone)]
pub(super) struct SimStore {
    pub(super) inner: Arc<SqliteStore>,
    pub(super) world: Arc<World>,
    /// Which process; `None` is a person at another program, who is never killed.
    pub(super) process: Option<u32>,
}

/// How likely a store call fails before it is done, or its answer is lost after, in a million.
const FAILS: u64 = 1_500;
const LOST: u64 = 1_000;

impl SimStore {
    /// Runs a verb between its two points.
    async fn pass<T>(&self, verb: &'static str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.world.point(self.process).await;
        self.world.count(|t| t.verbs += 1);
        if self.world.fault(FAILS) {
            self.world.count(|t| t.store_faults += 1);
            return Err(fault(verb, "the disk is full"));
        }
        let answer = run();
        self.world.inspect(verb, &answer);
        self.world.ring(block_on(self.inner.change_seq())?);
        self.world.point(self.process).await;
        if answer.is_ok() && self.world.fault(LOST) {
            self.world.count(|t| t.store_faults += 1);
            return Err(fault(verb, "the answer was lost"));
        }
        answer
    }

    /// Reads: nothing is rung, and a lost answer is a failure.
    async fn read<T>(&self, verb: &'static str, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.world.point(self.process).await;
        self.world.count(|t| t.verbs += 1);
        if self.world.fault(FAILS) {
            self.world.count(|t| t.store_faults += 1);
            return Err(fault(verb, "the disk does not answer"));
        }
        let answer = run();
        self.world.inspect(verb, &answer);
        answer
    }

    fn mutates(&self, mutation: Mutation) -> bool {
        self.world.mutates(mutation)
    }
}

/// Waits for the store's own thread without giving way: to the simulation a verb is one moment.
/// Unconstrained, because what tokio would defer to the end of this poll would never come.
fn block_on<F: Future>(verb: F) -> F::Output {
    futures::executor::block_on(tokio::task::unconstrained(verb))
}

fn fault(doing: &'static str, why: &str) -> StoreError {
    StoreError::Unavailable {
        doing,
        why: why.to_owned(),
    }
}

/// Passes a verb on as it is.
macro_rules! plain {
    ($self:ident . $verb:ident ( $($arg:expr),* )) => {
        $self
            .pass(stringify!($verb), || block_on($self.inner.$verb($($arg),*)))
            .await
    };
}

/// Passes a question on as it is.
macro_rules! read {
    ($self:ident . $verb:ident ( $($arg:expr),* )) => {
        $self
            .read(stringify!($verb), || block_on($self.inner.$verb($($arg),*)))
            .await
    };
}

// After the macros they use.
mod books;
mod desk;
mod goals;
mod payments;
mod policies;
mod runtime;
mod trends;

#[async_trait]
impl PlannerStore for SimStore {
    async fn due_resources(&self, limit: u32) -> Result<Vec<Resource>> {
        read!(self.due_resources(limit))
    }

    async fn commit_poll(&self, resource: &Resource, poll: Poll) -> Result<Outcome<PollReport>> {
        let poll = match poll {
            Poll::Read {
                mut items,
                cursor,
                note,
                next_poll_at,
            } => {
                if self.mutates(Mutation::LoseItem) && items.len() > 1 {
                    items.pop();
                }
                Poll::Read {
                    items,
                    cursor,
                    note,
                    next_poll_at,
                }
            }
            failed @ Poll::Failed { .. } => failed,
        };
        plain!(self.commit_poll(resource, poll))
    }

    async fn next_signals(&self, limit: u32) -> Result<Vec<(Signal, Campaign)>> {
        read!(self.next_signals(limit))
    }

    async fn commit_plan(
        &self,
        signal: &Signal,
        relevance: Option<Relevance>,
        decision: PlanDecision,
    ) -> Result<Outcome<Planned>> {
        plain!(self.commit_plan(signal, relevance, decision))
    }

    async fn lessons(&self, agent: AgentId, known: i64) -> Result<Option<Lessons>> {
        read!(self.lessons(agent, known))
    }

    async fn mutes(&self) -> Result<Vec<Mute>> {
        read!(self.mutes())
    }

    async fn next_replan(&self) -> Result<Option<ReplanCase>> {
        read!(self.next_replan())
    }

    async fn commit_replan(
        &self,
        task: TaskId,
        version: StateVersion,
        replan: Replan,
    ) -> Result<Outcome<()>> {
        plain!(self.commit_replan(task, version, replan))
    }
}

#[async_trait]
impl WorkerStore for SimStore {
    async fn claim_task(&self, fence: i64, lease: Span) -> Result<Option<ClaimedTask>> {
        self.pass("claim_task", || {
            let claimed = block_on(self.inner.claim_task(fence, lease))?;
            if let Some(work) = &claimed {
                self.world.claimed(&work.task);
            }
            Ok(claimed)
        })
        .await
    }

    async fn renew_claim(&self, claim: &Claim, lease: Span) -> Result<Outcome<Claim>> {
        plain!(self.renew_claim(claim, lease))
    }

    async fn submit_result(
        &self,
        claim: &Claim,
        submission: Submission,
    ) -> Result<Outcome<ArtifactId>> {
        plain!(self.submit_result(claim, submission))
    }

    async fn submit_and_claim(
        &self,
        claim: &Claim,
        submission: Submission,
        lease: Span,
    ) -> Result<(Outcome<ArtifactId>, Option<ClaimedTask>)> {
        self.pass("submit_and_claim", || {
            let fused = block_on(self.inner.submit_and_claim(claim, submission, lease))?;
            if let (_, Some(work)) = &fused {
                self.world.claimed(&work.task);
            }
            Ok(fused)
        })
        .await
    }

    async fn fail_task(&self, claim: &Claim, failure: Failure) -> Result<Outcome<()>> {
        plain!(self.fail_task(claim, failure))
    }
}

#[async_trait]
impl JudgeStore for SimStore {
    async fn next_case(&self) -> Result<Option<Case>> {
        self.read("next_case", || {
            let found = block_on(self.inner.next_case())?;
            if let Some(case) = &found {
                self.world.knows_task(&case.task);
            }
            Ok(found)
        })
        .await
    }

    async fn commit_verdict(
        &self,
        task: TaskId,
        version: StateVersion,
        verdict: &Verdict,
        times: VerdictTimes,
    ) -> Result<Outcome<Option<TicketId>>> {
        let mut verdict = verdict.clone();
        if self.mutates(Mutation::ApproveUnscored) && verdict.route == Route::HitlQueue {
            verdict.route = Route::Approve;
        }
        self.pass("commit_verdict", || {
            let outcome = block_on(self.inner.commit_verdict(task, version, &verdict, times))?;
            // What a person wrote was approved when they let it out.
            let written = verdict.basis.as_ref().is_some_and(|basis| basis.edited);
            let asked = match &outcome {
                Outcome::Done(asked, _) => Some(*asked),
                Outcome::Conflict(_) | Outcome::NotFound => None,
            };
            let content = verdict.content_hash;
            if let Some(asked) = asked
                && verdict.route == Route::Approve
                && written
            {
                self.world.judged_as_written(task, content, asked);
            } else if asked == Some(None) && verdict.route == Route::Approve {
                self.world.approved(task, content, None);
                let sure = verdict
                    .confidence
                    .is_some_and(|score| score >= Score::from_percent(90));
                if !sure || !verdict.sensitive.is_empty() {
                    self.world.violation(format!(
                        "{task} was approved by the judge without being sure"
                    ));
                }
            }
            Ok(outcome)
        })
        .await
    }
}

#[async_trait]
impl ExecutorStore for SimStore {
    async fn take_effect_beside(&self, fence: i64, full: &[String]) -> Result<Option<SendOrder>> {
        self.pass("take_effect", || {
            let fence = if self.mutates(Mutation::DropFence) {
                block_on(self.inner.overview())?
                    .swarm
                    .map_or(fence, |owner| owner.fence)
            } else {
                fence
            };
            let Some(mut order) = block_on(self.inner.take_effect_beside(fence, full))? else {
                return Ok(None);
            };
            let bound = order.content_hash;
            self.world
                .taken(self.process.unwrap_or_default(), &order, bound);
            if self.mutates(Mutation::SkipHashCheck) {
                order.call.post.text.push_str(" (edited)");
                order.content_hash = order.call.content_hash();
            }
            Ok(Some(order))
        })
        .await
    }

    async fn settle_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        settlement: Settlement,
    ) -> Result<Outcome<Option<PublicationId>>> {
        let settlement = match settlement {
            Settlement::Uncertain { why } if self.mutates(Mutation::RetryBlindly) => {
                Settlement::NotSent {
                    why,
                    at: self.world.sync(),
                }
            }
            settled @ (Settlement::Confirmed(_)
            | Settlement::NotSent { .. }
            | Settlement::Moved { .. }
            | Settlement::Failed { .. }
            | Settlement::Uncertain { .. }) => settled,
        };
        plain!(self.settle_effect(effect, version, settlement))
    }

    async fn unresolved_effects(
        &self,
        fence: i64,
        patience: Span,
        limit: u32,
    ) -> Result<Vec<Unresolved>> {
        read!(self.unresolved_effects(fence, patience, limit))
    }

    async fn blob(&self, sha256: ContentHash) -> Result<Option<Blob>> {
        read!(self.blob(sha256))
    }
}

#[async_trait]
impl EngagementStore for SimStore {
    async fn due_publications(&self, limit: u32) -> Result<Vec<DuePublication>> {
        read!(self.due_publications(limit))
    }

    async fn commit_sample(
        &self,
        publication: PublicationId,
        version: StateVersion,
        sample: Option<Sample>,
        next_at: Timestamp,
    ) -> Result<Outcome<()>> {
        plain!(self.commit_sample(publication, version, sample, next_at))
    }
}

#[async_trait]
impl SpendStore for SimStore {
    async fn reserve(&self, request: &SpendRequest, policy: &BudgetPolicy) -> Result<Reservation> {
        let mut policy = policy.clone();
        if self.mutates(Mutation::IgnoreCap) {
            policy.agent_day_usd_max = Usd::from_micros(i64::MAX / 4);
        }
        plain!(self.reserve(request, &policy))
    }

    async fn settle(&self, intent: IntentId, actual: Usd) -> Result<()> {
        let actual = if self.mutates(Mutation::BookTwice) {
            actual.checked_add(actual).unwrap_or(actual)
        } else {
            actual
        };
        plain!(self.settle(intent, actual))
    }

    async fn void(&self, intent: IntentId, why: &str) -> Result<()> {
        plain!(self.void(intent, why))
    }

    async fn doubt(&self, intent: IntentId, why: &str) -> Result<()> {
        plain!(self.doubt(intent, why))
    }

    async fn funds(&self, task: &Task, policy: &BudgetPolicy) -> Result<Vec<Limit>> {
        read!(self.funds(task, policy))
    }

    async fn verify_ledger(&self) -> Result<u64> {
        read!(self.verify_ledger())
    }
}
