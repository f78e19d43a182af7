//! Which policy of payments is in force, what looser one waits, and the one place where a person lets it in.

use async_trait::async_trait;

use super::Result;
use crate::{
    ContentHash, Outcome, Timestamp,
    cfo::{Change, FirstDecision, PaymentPolicy},
};

/// What anybody may read of the policies of payments.
#[async_trait]
pub trait PolicyStore: Send + Sync {
    /// What is in force and what waits. What was confirmed and whose time has come is in force from here on.
    async fn payment_policy(&self) -> Result<PolicyStanding>;

    /// Every policy that was ever in force, the newest first.
    async fn payment_policies(&self, limit: u32) -> Result<Vec<PolicyVersion>>;

    /// The first decision on each wish since a moment, with what it was made from, in the order they were made: a page
    /// after a place, and the place to go on from where there are more.
    async fn first_decisions(
        &self,
        since: Timestamp,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<FirstDecision>, Option<i64>)>;
}

/// What only a person at a desk does. It is no part of what the swarm is handed ([`super::Store`]): nothing that an agent
/// could be talked into has a way to it.
#[async_trait]
pub trait PolicyDesk: Send + Sync {
    /// Lets what waits take effect after the delay of the policy in force; when that is. It is bound to exactly the policy
    /// that was looked at. Repeating it changes nothing.
    ///
    /// # Errors
    /// `Refused` where the words were not typed, or no reason is given.
    async fn confirm_loosening(
        &self,
        hash: ContentHash,
        typed: &str,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<Timestamp>>;

    /// Takes a confirmation back before its time: it waits again.
    ///
    /// # Errors
    /// `Refused` where no reason is given.
    async fn take_back_loosening(
        &self,
        hash: ContentHash,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>>;
}

/// A policy that was in force from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Which one in turn, from 1.
    pub seq: u64,
    /// Its name and itself; none where nothing was paid.
    pub policy: Option<(ContentHash, PaymentPolicy)>,
    /// Since when.
    pub since: Timestamp,
    /// Who put it in force.
    pub by: String,
    /// Why.
    pub why: String,
}

/// What a file says and what does not hold yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingPolicy {
    /// The name of what the file says.
    pub hash: ContentHash,
    /// What the file says.
    pub policy: PaymentPolicy,
    /// What of it loosens.
    pub changes: Vec<Change>,
    /// Since when it waits.
    pub since: Timestamp,
    /// Who let it in, where somebody did.
    pub confirmed: Option<Confirmed>,
}

/// A person's word on what waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// When it was said.
    pub at: Timestamp,
    /// When it takes effect.
    pub effective_at: Timestamp,
}

/// What is in force, and what waits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyStanding {
    /// The policy in force; none where there never was one.
    pub in_force: Option<PolicyVersion>,
    /// What the file says beyond it.
    pub waits: Option<WaitingPolicy>,
}

impl PolicyStanding {
    /// What may be paid now.
    #[must_use]
    pub fn policy(&self) -> Option<&PaymentPolicy> {
        let version = self.in_force.as_ref()?;
        version.policy.as_ref().map(|(_, policy)| policy)
    }
}

impl WaitingPolicy {
    /// What a person types to let it in: it names exactly what they looked at.
    #[must_use]
    pub fn words(&self) -> String {
        loosening_words(self.hash)
    }
}

/// What is typed to let this policy in.
#[must_use]
pub fn loosening_words(hash: ContentHash) -> String {
    format!("loosen payments to {}", hash.short())
}
