//! Spending: reserved before, settled after, in a double-entry, hash-chained ledger.

use crate::{
    ContentHash, Usd,
    clock::Timestamp,
    halt::ScopeKind,
    ids::{AgentId, CampaignId, EntryId, IntentId, TaskId, TraceId},
    words::words,
};

words! {
    /// Where a spend intent stands.
    pub enum IntentState as "intent state" {
        /// A cap stood in the way; nothing is reserved.
        Refused = "refused",
        /// The amount is reserved.
        Pending = "pending",
        /// It was spent.
        Posted = "posted",
        /// It was not spent; the reservation is gone.
        Voided = "voided",
        /// Nobody knows whether it was spent; it counts against the caps.
        Uncertain = "uncertain",
    }
}

impl IntentState {
    /// Every move an intent may make. The store refuses all others.
    pub const TRANSITIONS: &'static [(Self, Self)] = &[
        (Self::Pending, Self::Posted),
        (Self::Pending, Self::Voided),
        (Self::Pending, Self::Uncertain),
        (Self::Uncertain, Self::Posted),
        (Self::Uncertain, Self::Voided),
    ];

    /// Whether it counts against the caps.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Pending | Self::Posted | Self::Uncertain)
    }
}

words! {
    /// What money is spent on.
    pub enum BudgetCategory as "budget category" {
        /// Text, images, video.
        MediaGeneration = "media_generation",
        /// Posting.
        Publishing = "publishing",
        /// Servers and tools.
        InfraMcp = "infra_mcp",
        /// Perception.
        Trends = "trends",
        /// Paying others.
        Collaboration = "collaboration",
        /// Something else.
        Other = "other",
    }
}

/// A wish to spend: one tool call with a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendRequest {
    /// Its id.
    pub intent_id: IntentId,
    /// Stable over crashes and retries of the same call, so that it is reserved once.
    pub key: String,
    /// Who spends.
    pub agent_id: AgentId,
    /// For which campaign.
    pub campaign_id: CampaignId,
    /// For which task.
    pub task_id: TaskId,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// On what.
    pub category: BudgetCategory,
    /// What for, in words; never blank.
    pub memo: String,
    /// The most the call is expected to cost.
    pub estimate: Usd,
    /// The task's own cap.
    pub task_cap: Usd,
    /// Whether the bill is a stand-in.
    pub simulated: bool,
}

/// Whether the money is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    /// The estimate is reserved under this intent (a repeated request gives the same one).
    Reserved(IntentId),
    /// A cap stands in the way.
    Refused {
        /// The binding limit by name (`agent_day`, `campaign_total`, `task`).
        limit: String,
        /// That limit.
        cap: Usd,
        /// What is spent and reserved against it.
        used: Usd,
        /// When it frees, where time frees it.
        frees_at: Option<Timestamp>,
    },
    /// A halt stands in the way.
    Halted {
        /// What it reaches.
        scope: ScopeKind,
        /// Who halted what and when, in words.
        why: String,
    },
}

/// A cap that a reservation is held against, and how much of it was taken at that moment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limit {
    /// Its name: `task`, `campaign_total`, `agent_day`.
    pub limit: String,
    /// The most that may be spent and reserved.
    pub cap: Usd,
    /// What is.
    pub used: Usd,
}

impl Limit {
    /// The first limit that an estimate would pass; `None` when the money may be set aside.
    #[must_use]
    pub fn binding(limits: &[Self], estimate: Usd) -> Option<&Self> {
        limits.iter().find(|limit| {
            limit
                .used
                .checked_add(estimate)
                .is_none_or(|sum| sum > limit.cap)
        })
    }

    /// Why an estimate is refused by it.
    #[must_use]
    pub fn refusal(&self, estimate: Usd) -> String {
        let Self { limit, cap, used } = self;
        format!("{limit}: {used} of {cap} used, {estimate} asked for")
    }
}

words! {
    /// The accounts of the ledger.
    pub enum Account as "account" {
        /// What may still be spent.
        Budget = "budget",
        /// What is set aside for calls under way.
        Reserved = "reserved",
        /// What was spent.
        Expense = "expense",
    }
}

/// One entry: the same amount leaves one account and enters another. Entries are never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its id.
    pub id: EntryId,
    /// Its place in the chain, from 1 without gaps.
    pub seq: i64,
    /// The intent it belongs to.
    pub intent_id: IntentId,
    /// Where the amount enters.
    pub debit: Account,
    /// Where it leaves.
    pub credit: Account,
    /// How much; always positive.
    pub amount: Usd,
    /// When.
    pub at: Timestamp,
    /// Whether the bill is a stand-in.
    pub simulated: bool,
    /// The hash of the entry before.
    pub prev_hash: ContentHash,
    /// The hash of this entry, including `prev_hash`.
    pub hash: ContentHash,
}

impl LedgerEntry {
    /// The hash an entry with these contents must have.
    #[must_use]
    pub fn hash_of(&self) -> ContentHash {
        ContentHash::of_json(&serde_json::json!({
            "id": self.id,
            "seq": self.seq,
            "intent": self.intent_id,
            "debit": self.debit,
            "credit": self.credit,
            "amount": self.amount,
            "at": self.at,
            "simulated": self.simulated,
            "prev": self.prev_hash,
        }))
    }
}

/// The hash before the first entry.
#[must_use]
pub fn genesis() -> ContentHash {
    ContentHash::of_bytes(b"chimera ledger")
}
