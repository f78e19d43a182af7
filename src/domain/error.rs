//! What can go wrong at a port: few kinds, each telling the caller what to do next.

use crate::clock::{Span, Timestamp};

/// Why the store could not do what it was asked. A lost race is no error: see [`crate::Outcome`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again later: the disk is full, the file is locked, the writer is gone.
    #[error("the store is unavailable while trying to {doing}: {why}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// What stood in the way.
        why: String,
    },
    /// Stop: a stored value breaks a promise of this program.
    #[error("the store is corrupt: {what}")]
    Corrupt {
        /// Which promise.
        what: String,
    },
    /// Stop: the caller asked for something the state machine refuses, or for what there is not.
    #[error("refused: {what}")]
    Refused {
        /// Which transition or rule.
        what: String,
    },
    /// Stop: the lease of this process is gone; another process runs the swarm now.
    #[error("this process no longer holds the lease (fence {held}, now {actual})")]
    Fenced {
        /// The fence this process has.
        held: i64,
        /// The fence that counts.
        actual: i64,
    },
}

/// How a tool call failed, sorted by what may be done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// Nothing was sent: safe to try again, any tool.
    #[error("{server} was not reached: {why}")]
    NotSent {
        /// The MCP server.
        server: String,
        /// What stood in the way.
        why: String,
    },
    /// The server asked to be left alone for a while; nothing happened.
    #[error("{server} limits the rate: {why}")]
    RateLimited {
        /// The MCP server.
        server: String,
        /// When to come back, where it said so.
        retry_after: Option<Span>,
        /// What it said.
        why: String,
    },
    /// The server said no. Final for these arguments.
    #[error("{server}/{tool} refused: {why}")]
    Refused {
        /// The MCP server.
        server: String,
        /// The tool or resource.
        tool: String,
        /// What it said.
        why: String,
    },
    /// An answer came that breaks the tool's own schema, or arguments that do.
    #[error("{server}/{tool} broke its contract: {why}")]
    Contract {
        /// The MCP server.
        server: String,
        /// The tool or resource.
        tool: String,
        /// Which part.
        why: String,
    },
    /// It was sent and no answer came: it may or may not have happened. Only a read may be repeated.
    #[error("{server}/{tool} gave no answer: {why}")]
    Ambiguous {
        /// The MCP server.
        server: String,
        /// The tool or resource.
        tool: String,
        /// What ended the wait.
        why: String,
    },
    /// Money stood in the way; the call was not made.
    #[error("not paid for: {why}")]
    Budget {
        /// The binding limit, in words.
        why: String,
        /// When time frees enough of it; `None` when only a person can.
        frees_at: Option<Timestamp>,
    },
}

impl ToolError {
    /// Whether the same call may be tried again without asking what became of the first.
    #[must_use]
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::NotSent { .. } | Self::RateLimited { .. })
    }
}
