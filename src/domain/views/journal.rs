//! Entries of both ledgers as faces show and export them, each with what it belongs to; and why something was paid.

use super::books::Budget;
use crate::{
    ContentHash, Safe, Score, Usd,
    chain::{Hash32, Units},
    clock::Timestamp,
    ids::{EntryId, IntentId, PaymentId, SignalId, TaskId, TraceId},
    spend::BudgetCategory,
    task::TaskState,
};

/// What something was spent for: an intent or a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookedFor {
    /// A call of a tool or a model.
    Intent(IntentId),
    /// A payment from a wallet.
    Payment(PaymentId),
    /// Nothing: it came in from outside.
    Nothing,
}

/// How much an entry moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// Dollars.
    Usd(Usd),
    /// An asset.
    Asset {
        /// By its name.
        asset: Safe,
        /// Its digits after the point; `None` where the policy does not know it any more.
        decimals: Option<u8>,
        /// How much.
        units: Units,
        /// What it was worth then; `None` where nobody knew.
        worth: Option<Usd>,
    },
}

/// One entry with what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// Of which ledger.
    pub budget: Budget,
    /// Its place there, from 1 without gaps.
    pub seq: i64,
    /// Its id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// Where the amount enters.
    pub debit: &'static str,
    /// Where it leaves.
    pub credit: &'static str,
    /// How much.
    pub moved: Moved,
    /// Whose.
    pub agent: Safe,
    /// For which campaign; empty where it is for none.
    pub campaign: Safe,
    /// On what; `None` for what came in.
    pub category: Option<BudgetCategory>,
    /// For what.
    pub of: BookedFor,
    /// For which task, where it is for one.
    pub task_id: Option<TaskId>,
    /// From perception to ledger.
    pub trace_id: Option<TraceId>,
    /// What for, in words.
    pub memo: Safe,
    /// Who was paid; empty where nobody was.
    pub counterparty: Safe,
    /// The transaction on a chain, and its block.
    pub on_chain: Option<(Hash32, u64)>,
    /// Whether it is what a wallet had when it was first looked at.
    pub opening: bool,
    /// Whether nobody pays it.
    pub simulated: bool,
    /// The hash of the entry.
    pub hash: ContentHash,
}

/// Where both ledgers end, of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BooksEnd {
    /// When.
    pub at: Timestamp,
    /// The last entry of what tools cost; 0 where there is none.
    pub tools: i64,
    /// The last entry of the wallets; 0 where there is none.
    pub payments: i64,
    /// What each wallet should hold.
    pub balances: Vec<Balance>,
}

impl BooksEnd {
    /// The last entry of one ledger.
    #[must_use]
    pub const fn of(&self, budget: Budget) -> i64 {
        match budget {
            Budget::Tools => self.tools,
            Budget::Payments => self.payments,
        }
    }
}

/// What a wallet should hold of one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Whose.
    pub agent: Safe,
    /// The asset.
    pub asset: Safe,
    /// Its digits after the point; `None` where the policy does not know it any more.
    pub decimals: Option<u8>,
    /// Whether it is on a chain where nothing is worth anything.
    pub simulated: bool,
    /// How much, with what is set aside.
    pub held: Units,
}

/// Of what it is asked why it was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookedSubject {
    /// An intent.
    Intent(IntentId),
    /// A payment.
    Payment(PaymentId),
    /// An entry of either ledger.
    Entry(EntryId),
}

impl std::str::FromStr for BookedSubject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let intent = text.parse().map(Self::Intent).ok();
        let payment = || text.parse().map(Self::Payment).ok();
        let entry = || text.parse().map(Self::Entry).ok();
        intent.or_else(payment).or_else(entry).ok_or_else(|| {
            format!(
                "`{}` is no intent (`int_…`), no payment (`pay_…`) and no entry (`ent_…`)",
                Safe::line(text)
            )
        })
    }
}

/// Why something was paid: from what was perceived to the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyPaid {
    /// The intent or payment.
    pub of: BookedFor,
    /// Where it stands.
    pub state: &'static str,
    /// What was set aside and what it cost, in words.
    pub amount: Safe,
    /// What for.
    pub memo: Safe,
    /// Whose.
    pub agent: Safe,
    /// For which campaign; empty where it is for none.
    pub campaign: Safe,
    /// On what.
    pub category: Option<BudgetCategory>,
    /// Who asked for it.
    pub asked_by: Safe,
    /// When.
    pub at: Timestamp,
    /// Whether nobody pays it.
    pub simulated: bool,
    /// From perception to ledger.
    pub trace_id: Option<TraceId>,
    /// The task, where it is for one.
    pub task: Option<PaidTask>,
    /// The signal behind the task, where one is.
    pub signal: Option<PaidSignal>,
    /// What was decided on it and by whom, oldest first.
    pub decisions: Vec<PaidDecision>,
    /// Its entries, oldest first.
    pub entries: Vec<Booked>,
}

/// A task that something was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidTask {
    /// Its id.
    pub id: TaskId,
    /// Its name in the plan.
    pub node: Safe,
    /// Where it stands.
    pub state: TaskState,
    /// What the plan is about.
    pub title: Safe,
}

/// A signal that something was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidSignal {
    /// Its id.
    pub id: SignalId,
    /// Its title.
    pub title: Safe,
    /// Where it is from.
    pub source: Safe,
    /// How relevant, where it was scored.
    pub score: Option<Score>,
    /// What carried that, or who said that it is to be planned.
    pub why: Safe,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidDecision {
    /// When.
    pub at: Timestamp,
    /// Who: a role or a person.
    pub by: Safe,
    /// What it said, and why.
    pub says: Safe,
    /// On exactly what: the hash of the content, of the policy it was held against, or of the terms.
    pub hash: Option<ContentHash>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::uuid_of;

    // R101: an intent, a payment and an entry are told apart by how their ids begin, and anything else is none of them.
    #[test]
    fn r101_what_is_asked_about_is_told_by_its_id() {
        let intent = IntentId::from_uuid(uuid_of(1));
        let payment = PaymentId::from_uuid(uuid_of(2));
        let entry = EntryId::from_uuid(uuid_of(3));
        for (text, subject) in [
            (intent.to_string(), BookedSubject::Intent(intent)),
            (payment.to_string(), BookedSubject::Payment(payment)),
            (entry.to_string(), BookedSubject::Entry(entry)),
        ] {
            assert_eq!(text.parse(), Ok(subject));
        }
        for bad in ["", "int_1", "tsk_019a0000000070008000000000000001"] {
            let said = bad.parse::<BookedSubject>().unwrap_err();
            assert!(said.contains("no intent"), "{said}");
        }
    }
}
