//! Faults on demand, so that tests of the publisher meet a platform at its worst.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// What goes wrong with one write (`post_content`, `reply`, `delete_post`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Refused before anything was done; trying again is safe.
    RefuseBefore,
    /// The write is done and durable, and no answer is ever sent.
    DieAfterCommitNoAnswer,
    /// Refused before anything was done, with the time to wait in seconds.
    RateLimited {
        /// Seconds that the answer asks the caller to wait.
        retry_after_seconds: u32,
    },
}

/// The faults still to come, in order; clones share one queue, so a test can add faults to a running server.
#[derive(Debug, Clone, Default)]
pub struct FaultQueue(Arc<Mutex<VecDeque<Fault>>>);

impl FaultQueue {
    /// An empty queue: nothing goes wrong.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the next `count` writes after those already queued fail with `fault`.
    pub fn push(&self, fault: Fault, count: usize) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.extend(std::iter::repeat_n(fault, count));
    }

    /// The fault of this write, if any, taken from the queue.
    pub(super) fn next(&self) -> Option<Fault> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }
}
