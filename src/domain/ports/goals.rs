//! What people ask the store when a goal is to become work.

use async_trait::async_trait;

use super::Result;
use crate::{
    goal::{Launch, Launched, Preview, Proposal, Tree},
    ids::{CampaignId, ProposalId},
    version::{Outcome, StateVersion},
};

/// The store of those who plan by hand.
#[async_trait]
pub trait GoalStore: Send + Sync {
    /// Keeps a tree to be edited; nothing of it runs. `rules` say how it was drafted. `NotFound` where there is no such
    /// campaign. Asked twice it keeps two, of which one may be discarded.
    async fn propose(
        &self,
        campaign: CampaignId,
        tree: &Tree,
        rules: &[String],
        actor: &str,
    ) -> Result<Outcome<ProposalId>>;

    /// One proposal, in any state.
    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>>;

    /// Those that can still be launched, the one that moved last first; at most [`PROPOSALS_MAX`].
    async fn open_proposals(&self) -> Result<Vec<Proposal>>;

    /// Keeps an edited tree, right or wrong: compare-and-set on the version, and only while it is open.
    async fn revise(
        &self,
        id: ProposalId,
        version: StateVersion,
        tree: &Tree,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// Puts it away. `Conflict` when it moved, was launched or put away meanwhile.
    async fn discard(
        &self,
        id: ProposalId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// What launching it would do now. Reads only.
    async fn preview(&self, id: ProposalId) -> Result<Option<Preview>>;

    /// Makes the tasks of every branch, all or none, in one transaction: each branch becomes a plan under a trace of its
    /// own, counted against the caps of plans, bound to the persona and the policy that are installed. Once: a second
    /// launch is a `Conflict`, as is another version or another tree than were shown, and a campaign that is halted.
    /// Refused, with every reason, where the tree is no plan, a cap leaves no room, or the typed word does not say how far
    /// the posts get.
    async fn launch(&self, launch: &Launch) -> Result<Outcome<Launched>>;
}

/// The most proposals one look gives.
pub const PROPOSALS_MAX: u32 = 200;
