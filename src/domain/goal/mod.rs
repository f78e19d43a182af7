//! Goals: what an operator asks for in words, and the tree it is to become before anything runs.
//!
//! A tree has one branch for each post; a branch is a small plan. Nothing of a tree is a task until a person launches
//! it, and then each branch becomes a plan as a signal does. `draft.rs` makes a first tree by rule, `edit.rs` changes
//! one, `check.rs` says what is wrong with one and turns a sound one into plans, `preview.rs` is what a launch would do.

mod check;
mod draft;
mod edit;
mod preview;

pub use self::{
    check::{Sprout, Terms, Wrong},
    draft::{Drafted, draft},
    edit::{Edit, Place, due},
    preview::{Cost, Estimate, Lasts, PostPreview, Preview},
};

use crate::{
    ContentHash, Usd,
    campaign::Channel,
    clock::Timestamp,
    effect::EffectKind,
    ids::{CampaignId, ProposalId, TraceId},
    mode::Reach,
    task::{Modality, Priority, TaskKind},
    version::StateVersion,
    words::words,
};

/// The template of what was launched from a tree; part of a plan's identity.
pub const TEMPLATE: &str = "goal/1";
/// What is said of every tree that the rules made.
pub const BY_RULE: &str = "drafted by rules; a language model is not configured";
/// The longest goal, title or wish, in characters.
pub const WORDS_MAX: usize = 500;
/// The longest name of a task, in characters.
pub const NAME_MAX: usize = 40;
/// The most posts one goal may become.
pub const BRANCHES_MAX: usize = 12;

words! {
    /// What a task of a tree makes. Only what a skill does can be asked for.
    pub enum Part as "kind of task in a tree" {
        /// Facts and sources.
        Research = "research",
        /// Words.
        Text = "text",
        /// A still picture.
        Image = "image",
        /// A moving one.
        Video = "video",
        /// A payment from the agent's wallet.
        Pay = "pay",
        /// Exactly what goes out.
        Publish = "publish",
    }
}

impl Part {
    /// The kind of task it becomes.
    #[must_use]
    pub const fn kind(self) -> TaskKind {
        match self {
            Self::Research => TaskKind::ResearchTrend,
            Self::Text | Self::Image | Self::Video => TaskKind::GenerateContent,
            Self::Pay => TaskKind::ExecuteTransaction,
            Self::Publish => TaskKind::Publish,
        }
    }

    /// What kind of content it makes.
    #[must_use]
    pub const fn modality(self) -> Option<Modality> {
        match self {
            Self::Research | Self::Pay | Self::Publish => None,
            Self::Text => Some(Modality::Text),
            Self::Image => Some(Modality::Image),
            Self::Video => Some(Modality::Video),
        }
    }

    /// The tool that is paid for; research reads what is there.
    #[must_use]
    pub const fn tool(self) -> Option<&'static str> {
        match self {
            // What a payment costs is the CFO's to say, against caps of its own.
            Self::Research | Self::Pay => None,
            Self::Text => Some("generate_text"),
            Self::Image => Some("generate_image"),
            Self::Video => Some("generate_video"),
            Self::Publish => Some(EffectKind::Publish.tool()),
        }
    }

    /// The picture that a platform wants with a post.
    #[must_use]
    pub const fn picture(channel: Channel) -> Self {
        match channel {
            Channel::Tiktok => Self::Video,
            Channel::Twitter
            | Channel::Instagram
            | Channel::Threads
            | Channel::Bluesky
            | Channel::Mastodon
            | Channel::Blog => Self::Image,
        }
    }

    /// What the judge and a reviewer hold its result against.
    #[must_use]
    pub fn acceptance(self) -> Vec<String> {
        let criteria: &[&str] = match self {
            Self::Research => &["cites its source"],
            Self::Pay => &["the CFO allows it"],
            Self::Text | Self::Publish => &[
                "names the trend",
                "links the source",
                "carries the disclosure",
            ],
            Self::Image | Self::Video => {
                &["has an alternative text", "keeps the character reference"]
            }
        };
        criteria.iter().map(|&text| text.to_owned()).collect()
    }

    /// What it is asked to do about a title, in words.
    #[must_use]
    pub fn wish(self, title: &str, persona: &str, channel: Channel, account: &str) -> String {
        match self {
            Self::Research => format!("Gather facts and sources on: {title}"),
            Self::Text => format!("Write a {channel} post as {persona} on: {title}"),
            Self::Image | Self::Video => {
                format!("Make a picture in {persona}'s visual identity for: {title}")
            }
            Self::Pay => format!("Pay from the wallet of {persona}"),
            Self::Publish => format!("Publish to {account} on {channel}"),
        }
    }
}

/// What a goal is to become.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The goal in words.
    pub goal: String,
    /// One for each post.
    pub branches: Vec<Branch>,
}

/// One post with the tasks that make it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// What it is about.
    pub title: String,
    /// What is known about it: what the text is written from.
    #[serde(default)]
    pub summary: String,
    /// Its source, which the post links. It may be missing while the tree is edited, and not when it is launched.
    #[serde(default)]
    pub link: String,
    /// How urgent it is.
    #[serde(default = "medium")]
    pub priority: Priority,
    /// The campaign it is for, by name, which says who speaks and on which platform; empty where it is the proposal's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub campaign: String,
    /// The most that one making of it may cost; `None` is what the policy allows any plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_usd_max: Option<Usd>,
    /// When it is to leave, once it is approved, and not before; `None` is at once.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339")]
    pub due_at: Option<Timestamp>,
    /// Its tasks.
    pub tasks: Vec<TreeTask>,
}

const fn medium() -> Priority {
    Priority::Medium
}

/// A due time as a person writes it in a file.
mod rfc3339 {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::clock::Timestamp;

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        due: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match due {
            Some(at) => to.serialize_str(&at.to_rfc3339()),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let no_time = || D::Error::custom(format!("`{text}` is no time (2026-11-21T12:00:00Z)"));
        Timestamp::parse_rfc3339(&text)
            .map(Some)
            .ok_or_else(no_time)
    }
}

/// One task of a branch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeTask {
    /// Its name, unique in its branch.
    pub name: String,
    /// What it makes.
    pub part: Part,
    /// What it is asked for beyond what its kind says; may be empty.
    #[serde(default)]
    pub wish: String,
    /// The tasks of its branch that must be done first.
    #[serde(default)]
    pub after: Vec<String>,
}

impl Tree {
    /// The hash of the whole tree: what a person who launches has seen.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        // A tree is strings, words and lists, which always have a JSON form.
        let value = serde_json::to_value(self).unwrap_or_default();
        ContentHash::of_json(&value)
    }

    /// How many tasks it has.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.branches.iter().map(|branch| branch.tasks.len()).sum()
    }
}

words! {
    /// Where a proposal stands.
    pub enum ProposalState as "proposal state" {
        /// It can be edited and launched.
        Open = "open",
        /// Its tasks were made.
        Launched = "launched",
        /// A person put it away.
        Discarded = "discarded",
    }
}

/// A tree that is kept while people edit it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// Its row version; every edit moves it.
    pub version: StateVersion,
    /// Whose goal it is.
    pub campaign_id: CampaignId,
    /// Where it stands.
    pub state: ProposalState,
    /// What is to be done.
    pub tree: Tree,
    /// By which rules it was drafted, in words.
    pub rules: Vec<String>,
    /// Who moved it last.
    pub moved_by: String,
    /// When.
    pub moved_at: Timestamp,
    /// What became of its branches, in their order, once it is launched.
    pub traces: Vec<TraceId>,
}

/// A person launches what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The proposal.
    pub id: ProposalId,
    /// The version that was shown.
    pub version: StateVersion,
    /// The tree that was shown.
    pub tree: ContentHash,
    /// What the person typed: exactly [`word`] of how far its posts get.
    pub typed: String,
    /// Who.
    pub actor: String,
}

/// What was made of a launched tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    /// The walk of each branch, in their order.
    pub traces: Vec<TraceId>,
    /// How many tasks.
    pub tasks: u32,
}

/// What must be typed to launch: it says how far the posts get, so that nobody launches for a reach that was not shown.
#[must_use]
pub const fn word(reach: Reach) -> &'static str {
    match reach {
        Reach::StandIn => "launch simulated",
        Reach::DryRun => "launch dry",
        Reach::Live => "launch live",
    }
}
