//! What a simulation tells.

use chimera_domain::ContentHash;

/// What one simulation showed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Its seed.
    pub seed: u64,
    /// What happened how often.
    pub tally: Tally,
    /// What must never be untrue and was; empty is good.
    pub violations: Vec<String>,
    /// The last events before the end, when something was untrue.
    pub trail: Vec<String>,
    /// A hash over every event: the same for the same seed and settings.
    pub digest: ContentHash,
    /// What it weighed, of a soak; see [`super::Weight`].
    pub weights: Vec<super::Weight>,
}

/// Counters of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Calls of the store.
    pub verbs: u64,
    /// Calls of tools.
    pub tool_calls: u64,
    /// Processes that were killed.
    pub crashes: u64,
    /// Processes that were suspended while another took over.
    pub freezes: u64,
    /// Store calls that failed or whose answer was lost.
    pub store_faults: u64,
    /// Tool calls that failed, lied or whose answer was lost.
    pub tool_faults: u64,
    /// Jumps of the wall clock.
    pub clock_jumps: u64,
    /// Items the feeds brought.
    pub items: u64,
    /// Decisions of people that counted.
    pub decisions: u64,
    /// Of these, approvals as the first of two.
    pub firsts: u64,
    /// Decisions that came too late and were told so.
    pub losers_told: u64,
    /// Decisions taken back.
    pub undone: u64,
    /// Halts.
    pub halts: u64,
    /// Changes of a mode between dry and live.
    pub modes: u64,
    /// Posts that were taken down.
    pub withdrawn: u64,
    /// Effects a person had to settle.
    pub resolved_by_hand: u64,
    /// Posts on the platform.
    pub posts: u64,
    /// The longest a task waited from its plan to its first worker, its parents' work included, in
    /// simulated seconds.
    pub longest_wait_s: u64,
}
