//! What an operator sees of a server.

use chimera_domain::{Safe, clock::Timestamp};

use crate::limits::BreakerState;

/// What a server does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody needed it yet.
    Off,
    /// It is being started.
    Starting,
    /// It can be called.
    Ready,
    /// It died or did not start, this many times in a row; it is started again in a while.
    Backoff(u32),
    /// It died too often and is left alone for ten minutes.
    Quarantined,
    /// The hub is shut down.
    Stopped,
}

/// One server at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHealth {
    /// Its configured name.
    pub name: String,
    /// What it does now.
    pub state: State,
    /// Since when it does that.
    pub since: Timestamp,
    /// When it is started again, while in backoff or quarantined.
    pub next_retry: Option<Timestamp>,
    /// Whether calls go through.
    pub breaker: BreakerState,
    /// What went wrong last, with it or with a call; its own words are untrusted and safe to show.
    pub last_error: Option<Safe>,
    /// The last lines of its standard error, oldest first.
    pub stderr: Vec<Safe>,
    /// How many tools exist for us; `None` until they were listed.
    pub tools: Option<usize>,
    /// Tools that are blocked because their definition changed.
    pub tools_changed: Vec<String>,
    /// Calls and reads asked for since the hub was built.
    pub calls: u64,
    /// How many of them failed, for whatever reason.
    pub errors: u64,
    /// How often it was started.
    pub starts: u64,
}
