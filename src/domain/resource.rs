//! Resources: what is polled through MCP, how far it was read, and how it fares.

use crate::{
    clock::{Span, Timestamp},
    ids::ResourceId,
    version::StateVersion,
};

/// What the configuration says of one resource.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ResourceSpec {
    /// The MCP server that has it.
    pub server: String,
    /// Its URI there.
    pub uri: String,
    /// How long between two polls.
    pub interval: Span,
    /// Items older than this when first seen are not converted; `None` takes every age (recordings).
    pub age_max: Option<Span>,
}

/// One resource with the place it was read up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// Its row version.
    pub version: StateVersion,
    /// What the configuration says.
    pub spec: ResourceSpec,
    /// The server's own mark of what was read last.
    pub cursor: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// When it is due again.
    pub next_poll_at: Timestamp,
}

/// One item as it was perceived: outside text, bounded but not yet judged.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FeedItem {
    /// Stable within its resource.
    pub key: String,
    /// Title, at most [`TITLE_CHARS_MAX`] characters.
    pub title: String,
    /// Plain text summary, at most [`SUMMARY_CHARS_MAX`] characters, may be empty.
    pub summary: String,
    /// Where the item came from, may be empty.
    pub link: String,
    /// When the source says it was published.
    pub published_at: Option<Timestamp>,
    /// The name of the feed it stood in.
    pub source: String,
    /// Who wrote it, at most [`AUTHORS_MAX`], each at most [`AUTHOR_CHARS_MAX`] characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Whether it was played back from a recording.
    pub recorded: bool,
}

/// The longest title that is kept.
pub const TITLE_CHARS_MAX: usize = 500;
/// The most authors that are kept.
pub const AUTHORS_MAX: usize = 8;
/// The longest name of one.
pub const AUTHOR_CHARS_MAX: usize = 100;
/// The longest summary that is kept.
pub const SUMMARY_CHARS_MAX: usize = 2_000;

/// How one poll ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// The resource was read.
    Read {
        /// What stood in it, in its order.
        items: Vec<FeedItem>,
        /// Where to read on.
        cursor: Option<String>,
        /// What the operator should know of it although it could be read: it was damaged, it is empty.
        note: Option<String>,
        /// When to come back.
        next_poll_at: Timestamp,
    },
    /// It could not be read; the cursor stays.
    Failed {
        /// Why, for the operator.
        why: String,
        /// When to try again.
        next_poll_at: Timestamp,
    },
}

/// What one poll brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PollReport {
    /// Items in the answer.
    pub seen: u32,
    /// Items that are new to at least one campaign.
    pub kept: u32,
    /// Items every campaign knows already.
    pub duplicate: u32,
}

/// How a resource fares, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceHealth {
    /// The resource.
    pub id: ResourceId,
    /// The MCP server that has it.
    pub server: crate::Safe,
    /// How long between two polls.
    pub interval: Span,
    /// Items older than this when first seen are not converted; `None` takes every age.
    pub age_max: Option<Span>,
    /// Its URI.
    pub uri: crate::Safe,
    /// The last time it was read.
    pub last_success_at: Option<Timestamp>,
    /// What the last failure said, when the last poll failed.
    pub last_error: Option<crate::Safe>,
    /// What was odd about it when it was read last.
    pub note: Option<crate::Safe>,
    /// Failures in a row.
    pub failures: u32,
    /// When it is due again.
    pub next_poll_at: Timestamp,
    /// Items seen since ever.
    pub seen: u64,
    /// Items kept since ever: new to at least one campaign.
    pub kept: u64,
    /// Signals that became tasks since ever.
    pub converted: u64,
}

impl ResourceHealth {
    /// It was due longer ago than it is polled: nobody polls it, and that nothing comes from it says nothing.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        is_overdue(self.next_poll_at, self.interval, now)
    }
}

/// Whether a poll that was due then is late by more than the time between two.
#[must_use]
pub fn is_overdue(due_at: Timestamp, interval: Span, now: Timestamp) -> bool {
    now > due_at.plus(interval)
}
