//! Signals: what was perceived, once per campaign, and what became of it.

use crate::{
    basis::RelevanceBasis,
    clock::Timestamp,
    ids::{CampaignId, SignalId, TraceId},
    resource::FeedItem,
    score::Score,
    version::StateVersion,
    words::words,
};

words! {
    /// Where a signal stands.
    pub enum SignalState as "signal state" {
        /// Not looked at yet.
        New = "new",
        /// Relevant, and tasks were made.
        Planned = "planned",
        /// Looked at and left; the reason is stored.
        Ignored = "ignored",
        /// Relevant, but a governor or back-pressure holds it until a stated time.
        Held = "held",
        /// The scorer failed; nothing was assumed.
        Unscored = "unscored",
    }
}

impl SignalState {
    /// Every move a signal may make.
    pub const TRANSITIONS: &'static [(Self, Self)] = &[
        (Self::New, Self::Planned),
        (Self::New, Self::Ignored),
        (Self::New, Self::Held),
        (Self::New, Self::Unscored),
        (Self::Held, Self::Planned),
        (Self::Held, Self::Ignored),
        (Self::Held, Self::Held),
        (Self::Unscored, Self::New),
        // A person said otherwise, and the planner looks again.
        (Self::Ignored, Self::New),
        (Self::Held, Self::New),
    ];
}

words! {
    /// What a person says of a signal's relevance.
    pub enum Said as "word on a signal" {
        /// It is for the agent.
        Kept = "kept",
        /// It is not.
        Dropped = "dropped",
    }
}

/// One signal, as the planner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its id.
    pub id: SignalId,
    /// Its row version.
    pub version: StateVersion,
    /// The campaign that listens.
    pub campaign_id: CampaignId,
    /// One per resource event, from here to the ledger.
    pub trace_id: TraceId,
    /// What was perceived.
    pub item: FeedItem,
    /// When it was perceived.
    pub ingested_at: Timestamp,
    /// Whether it is too old to convert by the resource's own rule.
    pub stale: bool,
    /// Another signal of the campaign with the same title within the last day.
    pub near_duplicate_of: Option<SignalId>,
    /// What a person said of it before it was decided on: planned or left whatever its score.
    pub said: Option<Said>,
}

/// How relevant a signal is, and how that was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Relevance {
    /// The score.
    pub score: Score,
    /// Method and version, e.g. `lexical/1`, and from how many decisions of people it learned.
    pub method: String,
    /// Why, in words: the terms that counted.
    pub reason: String,
    /// What it was found by; `None` in one that was not kept to be made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<RelevanceBasis>,
}
