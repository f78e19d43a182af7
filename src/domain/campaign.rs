//! Agents, campaigns and the fleet: who acts, for what, and whether they may.

use crate::{
    clock::Timestamp,
    ids::{AgentId, CampaignId},
    money::Usd,
    version::StateVersion,
    words::words,
};

words! {
    /// Whether a campaign may act.
    pub enum CampaignState as "campaign state" {
        /// It may.
        Running = "running",
        /// A person stopped it; its queues are kept.
        Paused = "paused",
    }
}

words! {
    /// Whether the fleet may act.
    pub enum FleetState as "fleet state" {
        /// It may.
        Running = "running",
        /// Nothing new starts and nothing leaves; queues are kept.
        Paused = "paused",
        /// As paused, and only a typed resume ends it.
        Killed = "killed",
    }
}

words! {
    /// Where a campaign publishes.
    pub enum Channel as "channel" {
        /// Twitter / X.
        Twitter = "twitter",
        /// Instagram.
        Instagram = "instagram",
        /// Threads.
        Threads = "threads",
        /// `TikTok`.
        Tiktok = "tiktok",
        /// Bluesky.
        Bluesky = "bluesky",
        /// Mastodon.
        Mastodon = "mastodon",
        /// A blog.
        Blog = "blog",
    }
}

impl Channel {
    /// The longest text the platform takes, in graphemes.
    #[must_use]
    pub const fn graphemes_max(self) -> usize {
        match self {
            Self::Twitter => 280,
            Self::Bluesky => 300,
            Self::Threads | Self::Mastodon => 500,
            Self::Instagram | Self::Tiktok => 2_200,
            Self::Blog => 100_000,
        }
    }
}

/// What the configuration says of one campaign.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CampaignSpec {
    /// Short name, unique.
    pub name: String,
    /// The goal in words.
    pub goal: String,
    /// The persona that acts.
    pub persona: String,
    /// Where it publishes.
    pub channel: Channel,
    /// The account there, as a person knows it (`@fae`).
    pub account: String,
    /// The MCP server that publishes.
    pub publish_server: String,
    /// The most it may ever spend.
    pub budget_usd_max: Usd,
}

/// One campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Its agent.
    pub agent_id: AgentId,
    /// Its row version. Pausing, resuming and editing move it.
    pub version: StateVersion,
    /// The epoch: what was started under an older one cannot publish.
    pub epoch: StateVersion,
    /// Whether it may act.
    pub state: CampaignState,
    /// What the configuration says.
    pub spec: CampaignSpec,
    /// When it was first seen.
    pub created_at: Timestamp,
}
