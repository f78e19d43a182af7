//! What people plan by hand, passed on as it is.

use async_trait::async_trait;
use chimera_domain::{
    Outcome, StateVersion,
    goal::{Launch, Launched, Preview, Proposal, Tree},
    ids::{CampaignId, ProposalId},
    ports::{GoalStore, Result},
};

use super::{SimStore, block_on};

#[async_trait]
impl GoalStore for SimStore {
    async fn propose(
        &self,
        campaign: CampaignId,
        tree: &Tree,
        rules: &[String],
        actor: &str,
    ) -> Result<Outcome<ProposalId>> {
        plain!(self.propose(campaign, tree, rules, actor))
    }

    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>> {
        read!(self.proposal(id))
    }

    async fn open_proposals(&self) -> Result<Vec<Proposal>> {
        read!(self.open_proposals())
    }

    async fn revise(
        &self,
        id: ProposalId,
        version: StateVersion,
        tree: &Tree,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.revise(id, version, tree, actor))
    }

    async fn discard(
        &self,
        id: ProposalId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.discard(id, version, actor))
    }

    async fn preview(&self, id: ProposalId) -> Result<Option<Preview>> {
        read!(self.preview(id))
    }

    async fn launch(&self, launch: &Launch) -> Result<Outcome<Launched>> {
        plain!(self.launch(launch))
    }
}
