//! What a person sees of a payment before deciding on it, and of the wallets it leaves.

use super::FirstApproval;
use crate::{
    ContentHash, Safe, Score, StateVersion, Usd,
    cfo::{RiskFactor, Rule},
    chain::EvmAddress,
    clock::Timestamp,
    ids::{PaymentId, TaskId, TraceId},
    payment::{AttemptKind, AttemptState, PaymentState, Source},
    spend::{BudgetCategory, Limit},
    wallet::{BreakKind, WalletAccount},
};

/// A payment that a person is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentAsked {
    /// The payment, as a list has it.
    pub row: PaymentRow,
    /// The wallet it leaves.
    pub from: EvmAddress,
    /// Where it goes. A person compares the whole of it.
    pub to: EvmAddress,
    /// The chain's id.
    pub chain_id: u64,
    /// The contract of the asset; none for the coin.
    pub token: Option<EvmAddress>,
    /// What would be signed, taken apart: the method with its selector, and each argument by name.
    pub call: CallRow,
    /// The most its gas costs; none where nobody knows.
    pub fee: Option<Usd>,
    /// What the wallet has of the asset, and when the chain said so.
    pub balance: Option<(Safe, Timestamp)>,
    /// How many payments were made to this address before, at most three are counted; none where nobody knows.
    pub known: Option<u64>,
    /// How risky it is; none where it could not be scored.
    pub risk: Option<Score>,
    /// What the risk is made of.
    pub factors: Vec<FactorRow>,
    /// Every rule of the CFO, what it saw and what it allows.
    pub rules: Vec<RuleRow>,
    /// The caps, with what was used of each before this payment.
    pub limits: Vec<Limit>,
    /// When the CFO was told all this.
    pub decided_at: Option<Timestamp>,
    /// How many people must approve, besides who forced it.
    pub people: u32,
    /// Who has.
    pub approvals: Vec<FirstApproval>,
    /// The task it is for, where it is for one.
    pub task_id: Option<TaskId>,
    /// The trend behind that.
    pub trend: Option<Safe>,
}

/// One payment in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id.
    pub id: PaymentId,
    /// Its row version.
    pub version: StateVersion,
    /// Where it stands.
    pub state: PaymentState,
    /// Why, in words.
    pub why: Safe,
    /// Whose wallet.
    pub agent: Safe,
    /// How much of what, as `1.5 USDC`.
    pub amount: Safe,
    /// What counts against the caps, gas included.
    pub counted: Usd,
    /// To whom, by the label in the policy.
    pub counterparty: Safe,
    /// The chain, by its name in the policy.
    pub chain: Safe,
    /// What for.
    pub memo: Safe,
    /// On what the money is spent.
    pub category: BudgetCategory,
    /// Where the wish came from.
    pub source: Source,
    /// Who wished.
    pub proposer: Safe,
    /// For which campaign; empty where it is for none.
    pub campaign: Safe,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// When the wish came.
    pub at: Timestamp,
    /// When it ends if nobody signs it.
    pub expires_at: Timestamp,
    /// The hash a decision must name; none where the policy did not know what the wish means.
    pub digest: Option<ContentHash>,
    /// The transaction it was found in, where it was.
    pub transaction: Option<Safe>,
    /// Whether nothing of it is worth anything: it is on a test network.
    pub simulated: bool,
    /// The transactions that were signed for it, oldest first.
    pub attempts: Vec<AttemptLine>,
    /// What the wallet's ledger says of it, oldest first.
    pub entries: Vec<WalletEntryRow>,
}

/// One signed transaction of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptLine {
    /// What the chain calls it.
    pub hash: Safe,
    /// Why there is one more.
    pub kind: AttemptKind,
    /// Where it stands.
    pub state: AttemptState,
    /// Its place among those of the wallet.
    pub nonce: u64,
    /// The block it was seen in.
    pub block: Option<u64>,
    /// When it was signed.
    pub at: Timestamp,
}

/// One entry of a wallet's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletEntryRow {
    /// Its place in the chain of entries.
    pub seq: i64,
    /// Where the amount enters.
    pub debit: WalletAccount,
    /// Where it leaves.
    pub credit: WalletAccount,
    /// How much of what.
    pub amount: Safe,
    /// When.
    pub at: Timestamp,
    /// The first digits of its hash.
    pub hash: Safe,
}

/// Something that does not fit between payments, ledger and chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakRow {
    /// Its number.
    pub id: i64,
    /// Whose wallet; it is frozen while one is open.
    pub agent: Safe,
    /// What kind.
    pub kind: BreakKind,
    /// What was found.
    pub detail: Safe,
    /// When.
    pub at: Timestamp,
    /// Who closed it, when, and what they found.
    pub closed: Option<(Safe, Timestamp, Safe)>,
}

/// What would be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// What it is: the method of the contract with its selector, or that coin moves.
    pub method: Safe,
    /// Each argument.
    pub arguments: Vec<(&'static str, Safe)>,
}

/// What one rule said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// Its code.
    pub code: Safe,
    /// What follows from it.
    pub says: Rule,
    /// What it saw.
    pub observed: Safe,
    /// What it allows.
    pub limit: Safe,
}

/// What one factor adds to the risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorRow {
    /// Which.
    pub factor: RiskFactor,
    /// How much.
    pub adds: Score,
    /// What was seen.
    pub observed: Safe,
}
