//! What the effect executor may ask for: the only egress.

use async_trait::async_trait;

use super::Result;
use crate::{
    artifact::Blob,
    clock::Span,
    effect::{SendOrder, Settlement, Unresolved},
    hash::ContentHash,
    ids::{EffectId, PublicationId},
    version::{Outcome, StateVersion},
};

/// The executor's store.
#[async_trait]
pub trait ExecutorStore: Send + Sync {
    /// Takes the oldest effect whose fuse has burnt down, of a running campaign in the effect's own
    /// epoch, and writes it down as `sent` before anything is called; its task becomes `publishing`.
    /// Nothing through the servers in `full`, and nothing of an account of which something is `sent`
    /// and has not ended: what one account publishes never changes its order. What is dry ends as a
    /// rehearsal, and what is no longer as it was approved (content, account, for what a person approved
    /// also the budget) goes back to the judge with the line that changed. `None` when there is
    /// none or the fleet is halted. Not repeatable: an unclear failure leaves an effect that
    /// [`Self::unresolved_effects`] finds.
    async fn take_effect_beside(&self, fence: i64, full: &[String]) -> Result<Option<SendOrder>>;

    /// As [`Self::take_effect_beside`], through any server.
    async fn take_effect(&self, fence: i64) -> Result<Option<SendOrder>> {
        self.take_effect_beside(fence, &[]).await
    }

    /// Records how the attempt ended: confirmed makes the publication and the task `published`,
    /// not sent makes the effect `prepared` and the task `approved` again, moved takes the effect back
    /// and puts the task before the judge with what moved, failed makes the task `dead`, uncertain makes both `uncertain` and raises an alert.
    /// A withdrawal that is confirmed makes the publication and its task `withdrawn`; one that failed or is
    /// uncertain leaves them and raises an alert.
    async fn settle_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        settlement: Settlement,
    ) -> Result<Outcome<Option<PublicationId>>>;

    /// Effects `sent` under an older fence or longer than `patience` ago, and `uncertain` ones, oldest first.
    async fn unresolved_effects(
        &self,
        fence: i64,
        patience: Span,
        limit: u32,
    ) -> Result<Vec<Unresolved>>;

    /// The bytes of a blob; `None` when they are missing, which must stop the send.
    async fn blob(&self, sha256: ContentHash) -> Result<Option<Blob>>;
}
