//! How far each campaign's posts get, and what holds them back.

use crate::{
    Safe,
    campaign::Channel,
    clock::Timestamp,
    ids::{AgentId, CampaignId},
    mode::{Mode, Reach},
};

/// One campaign with the three modes that decide about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachRow {
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Its agent.
    pub agent_id: AgentId,
    /// Its name.
    pub campaign: Safe,
    /// Its persona.
    pub persona: Safe,
    /// The account it publishes as.
    pub account: Safe,
    /// The platform.
    pub channel: Channel,
    /// The MCP server it publishes through.
    pub server: Safe,
    /// How far what it sends gets.
    pub reach: Reach,
    /// Of the server.
    pub of_server: ModeRow,
    /// Of the agent.
    pub of_agent: ModeRow,
    /// Of the campaign; dry also when it was let go live for another account, network or server.
    pub of_campaign: ModeRow,
}

/// A mode and who set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeRow {
    /// The mode.
    pub mode: Mode,
    /// Who set it and when; `None` where nobody ever did.
    pub set: Option<(Safe, Timestamp)>,
    /// What was typed to let it go live.
    pub confirmed: Safe,
    /// Why, in words.
    pub why: Safe,
}

/// What is said of something that is not for real: nothing, `SIMULATED`, or `DRY RUN`.
#[must_use]
pub const fn mark(simulated: bool, dry: bool) -> &'static str {
    match (simulated, dry) {
        (_, true) => "DRY RUN",
        (true, false) => "SIMULATED",
        (false, false) => "",
    }
}

/// As [`mark`], in three columns.
#[must_use]
pub const fn short_mark(simulated: bool, dry: bool) -> &'static str {
    match (simulated, dry) {
        (_, true) => "DRY",
        (true, false) => "SIM",
        (false, false) => "",
    }
}

/// As [`mark`], in brackets after a space: to follow what is said.
#[must_use]
pub const fn mark_after(simulated: bool, dry: bool) -> &'static str {
    match (simulated, dry) {
        (_, true) => " (DRY RUN)",
        (true, false) => " (SIMULATED)",
        (false, false) => "",
    }
}
