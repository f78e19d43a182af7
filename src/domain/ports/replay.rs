//! What may be asked about the past, so that it can be made again.

use async_trait::async_trait;

use super::Result;
use crate::{
    basis::{JudgeInputs, StoredDecision, Subject},
    clock::Timestamp,
    ids::TaskId,
    policy::Policy,
};

/// The kinds of decision that are kept with what they were made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionKind {
    /// Whether a signal becomes tasks.
    Relevance,
    /// Where a result goes.
    Verdict,
    /// Whether money is set aside.
    Spend,
}

impl DecisionKind {
    /// Every kind, in the order in which one signal meets them.
    pub const ALL: [Self; 3] = [Self::Relevance, Self::Spend, Self::Verdict];

    /// Its name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Verdict => "verdict",
            Self::Spend => "spend",
        }
    }
}

/// The store of whoever makes decisions again. It only reads.
#[async_trait]
pub trait ReplayStore: Send + Sync {
    /// The decisions behind a thing, each with what was stored of its inputs when it was made; nothing
    /// is taken from what holds today. `None` when there is no such thing.
    async fn decisions_behind(&self, subject: Subject) -> Result<Option<Vec<StoredDecision>>>;

    /// Decisions of one kind made since a moment, oldest first, going on after `after`
    /// ([`StoredDecision::place`]). Signals count from when they were perceived.
    async fn decisions_since(
        &self,
        kind: DecisionKind,
        since: Timestamp,
        after: Option<(Timestamp, [u8; 16])>,
        limit: u32,
    ) -> Result<Vec<StoredDecision>>;

    /// What the judge would be shown of a task now, whatever its state, with the persona version it is
    /// bound to and the policy in force. `None` when it proposes nothing.
    async fn present_case(&self, task: TaskId) -> Result<Option<JudgeInputs>>;

    /// The policy the swarm decides by now; none before one was installed.
    async fn policy_in_force(&self) -> Result<Option<Policy>>;
}
