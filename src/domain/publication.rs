//! Publications and the engagement they find.

use crate::{
    clock::Timestamp,
    ids::{PublicationId, TraceId},
    version::StateVersion,
};

/// A publication that is due to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePublication {
    /// Its id.
    pub id: PublicationId,
    /// Its row version.
    pub version: StateVersion,
    /// The server that knows it.
    pub server: String,
    /// The platform's id.
    pub external_id: String,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// When it went out.
    pub published_at: Timestamp,
    /// The last sample, to tell a fall from a rise.
    pub last: Option<Sample>,
}

/// Counters at one moment, as the platform gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sample {
    /// When they were read.
    pub at: Timestamp,
    /// Likes.
    pub likes: u64,
    /// Shares.
    pub shares: u64,
    /// Comments.
    pub comments: u64,
    /// Views, where the platform tells.
    pub views: Option<u64>,
    /// Whether the audience is a stand-in.
    pub simulated: bool,
}
