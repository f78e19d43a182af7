//! The ledger of wallets: double entry in the assets' own units, chained by hash. Entries are never changed.

use crate::{
    ContentHash, Usd,
    chain::{EvmAddress, Hash32, Units},
    clock::Timestamp,
    ids::{AgentId, EntryId, PaymentId},
    words::words,
};

words! {
    /// Where an amount of an asset can be.
    pub enum WalletAccount as "wallet account" {
        /// In the wallet, free.
        Wallet = "wallet",
        /// In the wallet, set aside for a payment.
        Reserved = "reserved",
        /// Paid to a counterparty.
        Paid = "paid",
        /// Paid for gas.
        Fees = "fees",
        /// With everybody else: where income comes from.
        Outside = "outside",
    }
}

impl WalletAccount {
    /// Whether the chain would say that the wallet holds it.
    #[must_use]
    pub const fn is_held(self) -> bool {
        match self {
            Self::Wallet | Self::Reserved => true,
            Self::Paid | Self::Fees | Self::Outside => false,
        }
    }
}

/// One entry: the same amount leaves one account of an agent and enters another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletEntry {
    /// Its id.
    pub id: EntryId,
    /// Its place in the chain of entries, from 1 without gaps.
    pub seq: i64,
    /// Whose wallet.
    pub agent_id: AgentId,
    /// For which payment, where it is for one.
    pub payment_id: Option<PaymentId>,
    /// Of what.
    pub asset: String,
    /// Where it enters.
    pub debit: WalletAccount,
    /// Where it leaves.
    pub credit: WalletAccount,
    /// How much; always more than nothing.
    pub amount: Units,
    /// What it was worth then.
    pub usd: Usd,
    /// The transaction it is about, where there is one.
    pub transaction: Option<Hash32>,
    /// The transaction's block.
    pub block: Option<u64>,
    /// When.
    pub at: Timestamp,
    /// The hash of the entry before.
    pub prev_hash: ContentHash,
    /// The hash of this entry, including `prev_hash`.
    pub hash: ContentHash,
}

impl WalletEntry {
    /// The hash an entry with these contents must have.
    #[must_use]
    pub fn hash_of(&self) -> ContentHash {
        ContentHash::of_json(&serde_json::json!({
            "id": self.id,
            "seq": self.seq,
            "agent": self.agent_id,
            "payment": self.payment_id,
            "asset": self.asset,
            "debit": self.debit,
            "credit": self.credit,
            "amount": self.amount,
            "usd": self.usd,
            "transaction": self.transaction,
            "block": self.block,
            "at": self.at,
            "prev": self.prev_hash,
        }))
    }
}

/// The hash before the first entry.
#[must_use]
pub fn genesis() -> ContentHash {
    ContentHash::of_bytes(b"chimera wallets")
}

/// Where a reconciliation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconciled {
    /// The last block looked at, which stays.
    pub block: u64,
    /// Its hash.
    pub block_hash: Hash32,
    /// When.
    pub at: Timestamp,
}

/// What the ledger says of one wallet and asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerBalance {
    /// What it should hold, with what is on its way out and not final.
    pub balance: Units,
    /// The payments that are posted, with the transaction and block of each.
    pub posted: Vec<PostedPayment>,
    /// The place after the last one that was signed here; none where nothing was signed yet.
    pub next_place: Option<u64>,
    /// What all this was read at.
    pub seen: Seen,
}

/// How far the ledger of a wallet was when it was read. What was found by it is kept only where it still stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The block of the last reconciliation; none where no opening balance was ever entered.
    pub block: Option<u64>,
    /// The last entry of the wallet in any asset, 0 where there is none.
    pub entry: i64,
}

/// A payment as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedPayment {
    /// Which.
    pub payment_id: PaymentId,
    /// The transaction it is in.
    pub transaction: Hash32,
    /// Its block.
    pub block: u64,
    /// To whom.
    pub to: EvmAddress,
    /// How much.
    pub amount: Units,
}

/// What one look at the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// By which state of the ledger.
    pub seen: Seen,
    /// Up to which block.
    pub up_to: Reconciled,
    /// What came in: the transaction, and how much.
    pub income: Vec<(Hash32, Units)>,
    /// What does not fit.
    pub breaks: Vec<(BreakKind, String)>,
    /// How many movements were compared.
    pub compared: u64,
}

words! {
    /// What does not fit between payments, ledger and chain.
    pub enum BreakKind as "break" {
        /// The chain has a movement out that no payment made.
        Foreign = "foreign_movement",
        /// The ledger has a payment that the chain has not.
        Missing = "missing_on_chain",
        /// Both have it, with another amount or recipient.
        Amount = "amount",
        /// The ledger has it twice.
        Duplicate = "duplicate",
        /// What is there is not what should be.
        Balance = "balance",
        /// More transactions were sent than we sent.
        Nonce = "foreign_nonce",
        /// Somebody was given power over tokens.
        Allowance = "allowance",
        /// The wallet has code.
        Code = "code_on_wallet",
        /// The ledger does not hold together.
        Ledger = "ledger_broken",
        /// A payment of which nobody knows what happened.
        Uncertain = "uncertain_payment",
    }
}

/// Something that does not fit, until a person has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// Its number.
    pub id: i64,
    /// Whose wallet.
    pub agent: String,
    /// Of what kind.
    pub kind: BreakKind,
    /// What was found.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}
