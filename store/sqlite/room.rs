//! When room on the disk runs out: effects and new work stop first, so that there is room for what must be written.
//!
//! Whoever knows the disk says so here. Held back is what begins something: polls, plans, claims, effects.
//! Verdicts, decisions, results, settlements, alerts and the audit go on.

use std::sync::atomic::Ordering;

use super::SqliteStore;

impl SqliteStore {
    /// From now on nothing new is given to a role of this process, or everything is again. What was given
    /// before goes on to its end. Not kept: whoever opens the database next says it anew.
    pub fn hold_back(&self, yes: bool) {
        self.held_back.store(yes, Ordering::Relaxed);
    }

    /// Whether nothing new is begun.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::Relaxed)
    }
}
