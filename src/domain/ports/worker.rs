//! What a worker may ask for.

use async_trait::async_trait;

use super::Result;
use crate::{
    Score,
    artifact::{Blob, Body, Provenance},
    clock::Span,
    effect::OutgoingCall,
    ids::ArtifactId,
    task::{Claim, ClaimedTask, Failure},
    version::Outcome,
};

/// The worker's store.
#[async_trait]
pub trait WorkerStore: Send + Sync {
    /// Claims the most urgent task that is ready, of a running campaign, for `lease` from now.
    /// `None` when there is none or the fleet is halted. Not repeatable: an unclear failure leaves a
    /// claim that runs out by itself.
    async fn claim_task(&self, fence: i64, lease: Span) -> Result<Option<ClaimedTask>>;

    /// Holds a claim for `lease` from now. `Conflict` when it is lost: the work must stop.
    async fn renew_claim(&self, claim: &Claim, lease: Span) -> Result<Outcome<Claim>>;

    /// Hands in a result. Without an outgoing call the task becomes `approved` and its children
    /// ready; with one it goes to `review` with that exact call proposed. When the campaign's epoch
    /// moved since the claim, the result is kept for inspection, the task goes back to `pending` at
    /// the new epoch, after [`crate::task::CONFLICTS_MAX`] times in a row to `blocked` with an alert, and
    /// the answer is `Conflict`. Repeating it under the same claim changes nothing.
    async fn submit_result(
        &self,
        claim: &Claim,
        submission: Submission,
    ) -> Result<Outcome<ArtifactId>>;

    /// Hands in a result and claims the next task for `lease` from now, in one commit: what
    /// [`WorkerStore::submit_result`] and [`WorkerStore::claim_task`] do one after the other. A fault of
    /// either undoes both, and the result may be handed in again.
    async fn submit_and_claim(
        &self,
        claim: &Claim,
        submission: Submission,
        lease: Span,
    ) -> Result<(Outcome<ArtifactId>, Option<ClaimedTask>)>;

    /// Gives the task back unfinished; attempts are counted, and after
    /// [`crate::task::ATTEMPTS_MAX`] a retry becomes `dead`.
    async fn fail_task(&self, claim: &Claim, failure: Failure) -> Result<Outcome<()>>;
}

/// A result as it is handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The content.
    pub body: Body,
    /// Bytes it refers to by hash.
    pub blobs: Vec<Blob>,
    /// How sure the worker is.
    pub confidence: Score,
    /// Where it came from.
    pub provenance: Provenance,
    /// What approving it would send.
    pub proposes: Option<OutgoingCall>,
}
