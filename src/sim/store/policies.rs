//! The policies of payments as the simulation passes them on.

use async_trait::async_trait;
use chimera_domain::{
    Timestamp,
    cfo::FirstDecision,
    ports::{PolicyStanding, PolicyStore, PolicyVersion, Result},
};

use super::{SimStore, block_on};

#[async_trait]
impl PolicyStore for SimStore {
    async fn payment_policy(&self) -> Result<PolicyStanding> {
        plain!(self.payment_policy())
    }

    async fn payment_policies(&self, limit: u32) -> Result<Vec<PolicyVersion>> {
        plain!(self.payment_policies(limit))
    }

    async fn first_decisions(
        &self,
        since: Timestamp,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<FirstDecision>, Option<i64>)> {
        plain!(self.first_decisions(since, after, limit))
    }
}
