//! The one error of the room: why a server could not be started or kept running.
//!
//! What goes wrong inside a call is not here: it is a [`crate::wire::Refusal`] and reaches the caller as an answer.

use std::path::PathBuf;

/// Why a server did not start or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal could not be opened, read or repaired. Check the path and its permissions.
    #[error("cannot use the journal {path}: check that its folder exists and can be written")]
    Journal {
        /// The journal file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Another process holds the journal. Stop it or give this server another journal.
    #[error(
        "the journal {path} is in use by another process: stop that process or configure another journal"
    )]
    JournalLocked {
        /// The journal file.
        path: PathBuf,
    },
    /// A line inside the journal, not the torn last one, cannot be read. Restore the file from a backup.
    #[error(
        "the journal {path} is damaged at line {line}: restore it from a backup or move it away"
    )]
    JournalCorrupt {
        /// The journal file.
        path: PathBuf,
        /// The damaged line, counted from 1.
        line: usize,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// The peer did not open an MCP conversation. Retry when the peer is ready.
    #[error("the peer did not open an MCP conversation")]
    Handshake(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The serving task was cancelled or died. Start the server again.
    #[error("the serving task ended early")]
    Stopped(#[source] Box<dyn std::error::Error + Send + Sync>),
}
