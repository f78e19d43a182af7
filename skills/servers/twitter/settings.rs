//! What the operator or a test decides about the stand-in platform.

use std::path::PathBuf;

use super::fault::FaultQueue;
use crate::Clock;

/// What the `twitter` server keeps and how it misbehaves.
#[derive(Clone)]
pub struct TwitterSettings {
    /// The append-only JSON Lines file of everything posted; created when absent, locked while the server runs.
    pub journal: PathBuf,
    /// Optional JSON Lines file of prepared mentions: `chimera.feed/1` items, each visible from its `published` on.
    pub mentions: Option<PathBuf>,
    /// Faults to inject, for tests. Empty in operation.
    pub faults: FaultQueue,
    /// Called when a write is done and durable, before its answer: a test ends the process there.
    pub after_write: fn(),
    /// The present.
    pub clock: Clock,
}

impl TwitterSettings {
    /// Settings without prepared mentions and without faults.
    #[must_use]
    pub fn new(journal: PathBuf, clock: Clock) -> Self {
        Self {
            journal,
            mentions: None,
            faults: FaultQueue::new(),
            after_write: || {},
            clock,
        }
    }
}
