//! The kill switch: what can be stopped, how hard, what that stops, and how it goes on in stages.
//!
//! Several halts may live at once; whatever one of them stops, is stopped. A halt never drops a queue.

use crate::{
    ids::{AgentId, CampaignId},
    words::words,
};

words! {
    /// What kind of thing a halt reaches.
    pub enum ScopeKind as "halt scope" {
        /// Everything.
        Fleet = "fleet",
        /// Everything that leaves.
        Publishing = "publishing",
        /// Everything that costs.
        Spending = "spending",
        /// One agent.
        Agent = "agent",
        /// One campaign.
        Campaign = "campaign",
        /// One server that publishes.
        Platform = "platform",
    }
}

/// What a halt or a resume reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything.
    Fleet,
    /// Nothing leaves; work, judging and decisions go on.
    Publishing,
    /// Nothing that costs is begun; what is free goes on.
    Spending,
    /// One agent with all its campaigns.
    Agent(AgentId),
    /// One campaign.
    Campaign(CampaignId),
    /// Nothing leaves through this MCP server; the rest goes on.
    Platform(String),
}

words! {
    /// How hard a halt is.
    pub enum Halt as "halt" {
        /// Ends with an ordinary resume.
        Pause = "pause",
        /// As a pause, and no later pause softens it; what was approved before it is judged again.
        Kill = "kill",
    }
}

impl Halt {
    /// What something is that was halted so.
    #[must_use]
    pub const fn participle(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Kill => "killed",
        }
    }
}

words! {
    /// What a halt can stop.
    pub enum Act as "act" {
        /// Planning, claiming, judging and deciding.
        Work = "work",
        /// Sending an approved effect.
        Publish = "publish",
        /// Setting money aside for a call.
        Spend = "spend",
    }
}

words! {
    /// How a halted fleet goes on, one part after the other, in the order the operator likes.
    pub enum Stage as "stage" {
        /// Planning, free work, judging and deciding; nothing leaves, nothing is spent.
        Work = "work",
        /// What is approved may leave.
        Publish = "publish",
        /// Money may be spent.
        Spend = "spend",
    }
}

impl Scope {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ScopeKind {
        match self {
            Self::Fleet => ScopeKind::Fleet,
            Self::Publishing => ScopeKind::Publishing,
            Self::Spending => ScopeKind::Spending,
            Self::Agent(_) => ScopeKind::Agent,
            Self::Campaign(_) => ScopeKind::Campaign,
            Self::Platform(_) => ScopeKind::Platform,
        }
    }

    /// Whether it can be halted so hard. A paused campaign has lost its approvals already, and money
    /// has none to lose: a kill would say nothing more there.
    #[must_use]
    pub const fn may_be(&self, halt: Halt) -> bool {
        match halt {
            Halt::Pause => true,
            Halt::Kill => match self {
                Self::Fleet | Self::Publishing | Self::Agent(_) | Self::Platform(_) => true,
                Self::Campaign(_) | Self::Spending => false,
            },
        }
    }

    /// Whether a halt of it stops such an act of what it reaches.
    #[must_use]
    pub const fn stops(&self, act: Act) -> bool {
        match (self, act) {
            (Self::Fleet | Self::Agent(_) | Self::Campaign(_), _)
            | (Self::Publishing | Self::Platform(_), Act::Publish)
            | (Self::Spending, Act::Spend) => true,
            (Self::Publishing | Self::Platform(_), Act::Work | Act::Spend)
            | (Self::Spending, Act::Work | Act::Publish) => false,
        }
    }

    /// Whether what was approved before such a halt is judged again after it. Where only the sending
    /// is paused, it is kept as it is and looked at once more when it is taken.
    #[must_use]
    pub const fn voids(&self, halt: Halt) -> bool {
        match (self, halt) {
            (Self::Fleet | Self::Agent(_) | Self::Campaign(_), _)
            | (Self::Publishing | Self::Platform(_), Halt::Kill) => true,
            (Self::Publishing | Self::Platform(_), Halt::Pause) | (Self::Spending, _) => false,
        }
    }
}

impl Stage {
    /// What stays paused when a halted fleet goes on with this stage.
    #[must_use]
    pub const fn holds_back(self) -> &'static [Scope] {
        match self {
            Self::Work => &[Scope::Publishing, Scope::Spending],
            Self::Publish => &[Scope::Spending],
            Self::Spend => &[Scope::Publishing],
        }
    }

    /// Whose halt it ends, beside that of the fleet.
    #[must_use]
    pub const fn ends(self) -> Option<Scope> {
        match self {
            Self::Work => None,
            Self::Publish => Some(Scope::Publishing),
            Self::Spend => Some(Scope::Spending),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R148: each scope stops what it names and nothing else.
    #[test]
    fn r148_a_scope_stops_what_it_names() {
        let platform = Scope::Platform("x".to_owned());
        for (scope, work, publish, spend) in [
            (Scope::Fleet, true, true, true),
            (Scope::Publishing, false, true, false),
            (platform, false, true, false),
            (Scope::Spending, false, false, true),
        ] {
            let stops = [Act::Work, Act::Publish, Act::Spend].map(|act| scope.stops(act));
            assert_eq!(stops, [work, publish, spend], "{scope:?}");
        }
    }

    // R148: whatever a stage holds back, another stage ends; together they are all of it.
    #[test]
    fn r148_the_stages_end_what_they_hold_back() {
        for stage in Stage::ALL {
            for held in stage.holds_back() {
                let enders = Stage::ALL
                    .iter()
                    .filter(|s| s.ends().as_ref() == Some(held));
                assert_eq!(enders.count(), 1, "{held:?}");
            }
            if let Some(ended) = stage.ends() {
                assert!(!stage.holds_back().contains(&ended));
            }
        }
    }
}
