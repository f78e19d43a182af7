//! The store: every port of the domain over one SQLite file.
//!
//! Knows nothing of MCP, terminals, models or policies beyond what is stored; decides nothing that
//! a role should decide. Reads and writes are verbs of the ports; no other room sees a row or SQL.
//! Start with [`open`], then `sqlite/writer.rs` (one writer thread, group commit), then the file
//! that carries the name of the port you look for.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test that cannot go on should stop"
    )
)]

mod backup;
mod export;
mod log;
mod migrate;
mod open;
mod open_error;
mod sqlite;
mod upgrade;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;

pub use backup::{back_up, vacuum};
pub use export::{ExportError, FORMAT as EXPORT_FORMAT, export};
pub use log::Log;
pub use open::{Memory, Place, Settings, discard, open};
pub use open_error::OpenError;
pub use sqlite::{Anchor, Fill, LogWatch, Part, Purged, SqliteStore};
pub use upgrade::{Rehearsal, Schema, rehearse, schema};
