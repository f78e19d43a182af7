//! What whoever calls a tool that costs may ask for.

use async_trait::async_trait;

use super::Result;
use crate::{
    Usd,
    ids::IntentId,
    policy::BudgetPolicy,
    spend::{Limit, Reservation, SpendRequest},
    task::Task,
};

/// The store of money set aside and spent.
#[async_trait]
pub trait SpendStore: Send + Sync {
    /// Reserves the estimate if every cap allows it (task, campaign, agent per rolling 24 hours and
    /// calendar day), counted and written in one transaction; a refusal is recorded too. A key that
    /// is already reserved gives the same intent again and reserves nothing more.
    async fn reserve(&self, request: &SpendRequest, policy: &BudgetPolicy) -> Result<Reservation>;

    /// Settles a reservation at what it cost. What was reserved beyond it is released; what it cost
    /// beyond it is posted too. Settling twice changes nothing; at another amount it is `Refused`.
    async fn settle(&self, intent: IntentId, actual: Usd) -> Result<()>;

    /// Releases a reservation: the call was provably not made. Repeating it changes nothing.
    async fn void(&self, intent: IntentId, why: &str) -> Result<()>;

    /// Nobody knows whether it was spent: the estimate goes on counting against the caps. Changes nothing
    /// once what became of it is known: a person, or a read-back, was faster than a late caller.
    async fn doubt(&self, intent: IntentId, why: &str) -> Result<()>;

    /// What is used of each budget that a task's money comes from: the plan's own, the campaign's, and the stricter of the
    /// agent's rolling and calendar day. It reserves nothing, so that another caller may take it meanwhile.
    async fn funds(&self, task: &Task, policy: &BudgetPolicy) -> Result<Vec<Limit>>;

    /// Checks the whole ledger: hashes, places, both sides of every intent. The number of entries.
    ///
    /// # Errors
    /// `Corrupt`, naming the first entry that does not hold.
    async fn verify_ledger(&self) -> Result<u64>;
}
