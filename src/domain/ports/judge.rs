//! What the judge may ask for.

use async_trait::async_trait;

use super::Result;
use crate::{
    clock::Span,
    ids::{TaskId, TicketId},
    verdict::{Case, Verdict},
    version::{Outcome, StateVersion},
};

/// The judge's store.
#[async_trait]
pub trait JudgeStore: Send + Sync {
    /// The oldest task in `review` of a running campaign, with its whole plan. `None` when there is
    /// none or the fleet is halted.
    async fn next_case(&self) -> Result<Option<Case>>;

    /// Records a verdict on exactly this content and routes the task in the same transaction:
    /// approve makes the effect (held for `fuse`), a person makes a ticket (with both deadlines),
    /// reject sends the task to `replan` with the findings. A verdict on other content than is
    /// proposed now, or on an old version, is a `Conflict`; one that was overtaken by its campaign counts
    /// towards [`crate::task::CONFLICTS_MAX`], at which the task is `blocked` with an alert. The ticket's id
    /// where one was opened.
    async fn commit_verdict(
        &self,
        task: TaskId,
        version: StateVersion,
        verdict: &Verdict,
        times: VerdictTimes,
    ) -> Result<Outcome<Option<TicketId>>>;
}

/// How long things may take after a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerdictTimes {
    /// How long an approved effect is held for undo.
    pub fuse: Span,
    /// After this a ticket escalates.
    pub sla: Span,
    /// After this a ticket expires.
    pub sla_expire: Span,
}
