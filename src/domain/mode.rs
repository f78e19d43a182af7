//! Dry or live: whether what is approved reaches a platform at all.
//!
//! A server, an agent and a campaign each have a mode, dry unless a person said otherwise by typing
//! what that lets go public. Only where all three are live does anything reach a platform; a stand-in
//! takes what comes whatever the modes say, because nothing of it leaves this machine.

use crate::{
    campaign::Channel,
    ids::{AgentId, CampaignId},
    words::words,
};

words! {
    /// Whether something may have effects outside.
    pub enum Mode as "mode" {
        /// Everything but the call: what is approved ends as a rehearsal.
        DryRun = "dry_run",
        /// It may.
        Live = "live",
    }
}

words! {
    /// What kind of thing has a mode.
    pub enum ModeKind as "mode kind" {
        /// An MCP server that publishes.
        Server = "server",
        /// An agent with all its campaigns.
        Agent = "agent",
        /// A campaign.
        Campaign = "campaign",
    }
}

/// What has a mode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModeScope {
    /// An MCP server, by its configured name.
    Server(String),
    /// An agent.
    Agent(AgentId),
    /// A campaign.
    Campaign(CampaignId),
}

impl ModeScope {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ModeKind {
        match self {
            Self::Server(_) => ModeKind::Server,
            Self::Agent(_) => ModeKind::Agent,
            Self::Campaign(_) => ModeKind::Campaign,
        }
    }
}

words! {
    /// How far what a campaign sends gets.
    pub enum Reach as "reach" {
        /// A stand-in takes it; nothing leaves this machine.
        StandIn = "simulated",
        /// Nobody: it is not sent.
        DryRun = "dry_run",
        /// The platform.
        Live = "live",
    }
}

impl Reach {
    /// The one decision about what may reach a platform: nothing but live, live and live.
    #[must_use]
    pub const fn of(stand_in: bool, server: Mode, agent: Mode, campaign: Mode) -> Self {
        if stand_in {
            return Self::StandIn;
        }
        match (server, agent, campaign) {
            (Mode::Live, Mode::Live, Mode::Live) => Self::Live,
            (Mode::DryRun, _, _) | (_, Mode::DryRun, _) | (_, _, Mode::DryRun) => Self::DryRun,
        }
    }
}

/// A person changes a mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeChange {
    /// Of what.
    pub scope: ModeScope,
    /// To what.
    pub mode: Mode,
    /// What the person typed: to go live, exactly [`confirmation`] of every campaign it concerns.
    /// Going dry needs none.
    pub confirmed: String,
    /// Who.
    pub actor: String,
    /// Why, in words.
    pub why: String,
}

/// Where a campaign publishes, as a person must type it.
#[must_use]
pub fn place(account: &str, channel: Channel, server: &str) -> String {
    format!("{account} on {channel} through {server}")
}

/// What must be typed to let campaigns of these places go live: each once, in the order of the alphabet.
#[must_use]
pub fn confirmation(places: impl IntoIterator<Item = String>) -> String {
    let mut places: Vec<String> = places.into_iter().collect();
    places.sort();
    places.dedup();
    places.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    // R8: of all combinations exactly one reaches a platform, and a stand-in is one whatever the modes say.
    #[test]
    fn r8_nothing_but_live_live_live_reaches_a_platform() {
        let mut live = 0;
        for server in Mode::ALL {
            for agent in Mode::ALL {
                for campaign in Mode::ALL {
                    let reach = |stand_in| Reach::of(stand_in, *server, *agent, *campaign);
                    assert_eq!(reach(true), Reach::StandIn);
                    live += usize::from(reach(false) == Reach::Live);
                    let all = [server, agent, campaign].iter().all(|m| **m == Mode::Live);
                    assert_eq!(reach(false) == Reach::Live, all);
                }
            }
        }
        assert_eq!(live, 1);
    }

    // R8: what is typed names every account and network that goes public with it, once.
    #[test]
    fn r8_a_confirmation_names_account_and_network() {
        let leo = place("@leo", Channel::Mastodon, "mine");
        let fae = place("@fae", Channel::Bluesky, "mine");
        assert_eq!(
            confirmation([leo.clone(), fae, leo]),
            "@fae on bluesky through mine, @leo on mastodon through mine"
        );
    }
}
