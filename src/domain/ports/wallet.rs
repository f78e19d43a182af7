//! Wallets and chains behind two traits: one signs what the CFO cleared, the other reads a chain and hands bytes to it.
//!
//! Neither decides anything. There is no way to have a hash, a message or bytes of one's own signed.

use std::fmt;

use async_trait::async_trait;

use crate::{
    cfo::Clearance,
    chain::{EvmAddress, Hash32, Units},
    payment::{Call, Transaction},
};

/// Signs with the key of one wallet.
#[async_trait]
pub trait Signer: Send + Sync + fmt::Debug {
    /// Whose signature it is.
    fn address(&self) -> EvmAddress;

    /// What keeps the key: `keystore`, `cdp`.
    fn kind(&self) -> &'static str;

    /// Signs exactly what was cleared. What comes back was taken apart again and is that, signed by this wallet.
    ///
    /// # Errors
    /// When the key does not answer, or what came back is anything else.
    async fn sign(&self, clearance: &Clearance) -> Result<SignedTransaction, WalletError>;
}

/// Bytes that a chain takes as a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransaction {
    /// The bytes.
    pub raw: Vec<u8>,
    /// What the chain calls it.
    pub hash: Hash32,
    /// Who signed.
    pub sender: EvmAddress,
}

/// One chain through one endpoint. Every call ends by itself; none is repeated where that could do something twice.
#[async_trait]
pub trait Chain: Send + Sync + fmt::Debug {
    /// Where the chain is, by its own word on its id: another id than the pinned one is `WrongChain`, always.
    ///
    /// # Errors
    /// By class; see [`WalletError`]. So for all of these.
    async fn head(&self) -> Result<Head, WalletError>;

    /// What is offered for gas now.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn fees(&self) -> Result<Fees, WalletError>;

    /// How many transactions of an account are in blocks, up to a block or now.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn nonce(&self, account: EvmAddress, at: Option<u64>) -> Result<u64, WalletError>;

    /// What an account has of a token, or of the coin, at a block or now. A token without code is an error, not nothing.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn balance(
        &self,
        account: EvmAddress,
        token: Option<EvmAddress>,
        at: Option<u64>,
    ) -> Result<Units, WalletError>;

    /// The hash of an account's code; none where it has no code.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn code_hash(&self, account: EvmAddress) -> Result<Option<Hash32>, WalletError>;

    /// What would become of a call now, as far as the chain can tell without a signature.
    ///
    /// # Errors
    /// See [`Chain::head`]; that the call would fail is an answer and no error.
    async fn simulate(&self, from: EvmAddress, call: &Call) -> Result<Simulation, WalletError>;

    /// Hands in bytes. Handing in the same bytes again does nothing more.
    ///
    /// # Errors
    /// See [`Chain::head`]. Whatever it says, only a receipt tells whether the bytes are in a block.
    async fn send(&self, raw: &[u8]) -> Result<(), WalletError>;

    /// What became of a transaction; none while it is in no block that the chain holds.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn receipt(&self, hash: Hash32) -> Result<Option<Receipt>, WalletError>;

    /// The hash of the block at a height, on the chain as it is now.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn block_hash(&self, number: u64) -> Result<Option<Hash32>, WalletError>;

    /// Every token movement from or to an account in these blocks, whatever the contract, in the order of the chain. That a
    /// contract says so is no proof that the account did anything: anybody can have any token move nothing from anybody, and
    /// have a contract of their own say whatever they like.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn movements(
        &self,
        account: EvmAddress,
        blocks: std::ops::RangeInclusive<u64>,
    ) -> Result<Vec<Movement>, WalletError>;

    /// The transactions of these blocks in which an account gave somebody else power over its tokens, as whatever contract
    /// says; see [`Chain::movements`].
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn allowances(
        &self,
        account: EvmAddress,
        blocks: std::ops::RangeInclusive<u64>,
    ) -> Result<Vec<Hash32>, WalletError>;

    /// Whether a token has let an authorization through, or cancelled it.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn authorization_used(
        &self,
        token: EvmAddress,
        authorizer: EvmAddress,
        nonce: Hash32,
    ) -> Result<bool, WalletError>;

    /// The transaction that used an authorization, whoever sent it, from this block on.
    ///
    /// # Errors
    /// See [`Chain::head`].
    async fn authorization_used_in(
        &self,
        token: EvmAddress,
        authorizer: EvmAddress,
        nonce: Hash32,
        from_block: u64,
    ) -> Result<Option<Hash32>, WalletError>;

    /// Takes signed bytes apart: who signed, and what. Asks nobody.
    ///
    /// # Errors
    /// When they are no transaction of the kinds that are ever signed here, or the signature is not in its one form.
    fn decode(&self, raw: &[u8]) -> Result<(EvmAddress, Transaction), WalletError>;
}

/// Where a chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The newest block.
    pub number: u64,
    /// Its hash.
    pub hash: Hash32,
    /// Its time, seconds since 1970.
    pub seconds: u64,
    /// The newest block that the chain itself calls final; none where it does not say.
    pub finalized: Option<u64>,
}

/// What is offered for gas, in the coin's base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fees {
    /// The base fee of the next block.
    pub base: u128,
    /// What others tip.
    pub tip: u128,
}

/// What would become of a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Simulation {
    /// It would go through with so much gas.
    Passes {
        /// Gas.
        gas: u64,
    },
    /// It would not.
    Fails {
        /// What the contract says; untrusted text.
        why: String,
    },
}

/// A transaction in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which.
    pub hash: Hash32,
    /// Who signed it.
    pub sender: EvmAddress,
    /// Whether it did what it says. That alone is no payment.
    pub succeeded: bool,
    /// The block.
    pub block: u64,
    /// Its hash.
    pub block_hash: Hash32,
    /// What its gas cost, in the coin's base units.
    pub fee: Units,
    /// The token movements it made.
    pub movements: Vec<Movement>,
    /// Authorizations it used: the token that says so, whose, and the nonce.
    pub authorizations: Vec<(EvmAddress, EvmAddress, Hash32)>,
}

/// Tokens that moved, as the contract that emitted it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// In which transaction.
    pub transaction: Hash32,
    /// In which block.
    pub block: u64,
    /// Its place among the events of the block.
    pub log_index: u64,
    /// The contract that says so.
    pub token: EvmAddress,
    /// From whom.
    pub from: EvmAddress,
    /// To whom.
    pub to: EvmAddress,
    /// How much; more than can be told apart is the most.
    pub amount: Units,
}

/// Why a wallet or a chain did not answer as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WalletError {
    /// The endpoint is on another chain than the policy says.
    #[error("the endpoint is on chain {found}, not on {wanted}")]
    WrongChain {
        /// What it says.
        found: u64,
        /// What is pinned.
        wanted: u64,
    },
    /// No answer, or none that can be read: nobody knows whether the endpoint did what it was asked.
    #[error("no answer from the chain: {why}")]
    Unavailable {
        /// In words, without secrets.
        why: String,
    },
    /// The endpoint said no. For bytes that were handed in this steers the next try and proves nothing.
    #[error("the chain refused: {why}")]
    Refused {
        /// What is known of it.
        kind: Refusal,
        /// What it says; untrusted text.
        why: String,
    },
    /// What came back is not what was asked for: a token that is none, a signature of somebody else.
    #[error("{why}")]
    Contract {
        /// In words.
        why: String,
    },
    /// The key cannot be used: no file, a wrong password, file rights that let others read it.
    #[error("the key cannot be used: {why}")]
    Key {
        /// In words, without secrets.
        why: String,
    },
}

/// Why an endpoint refused bytes, as far as its words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has them already.
    Known,
    /// The nonce is used.
    NonceTooLow,
    /// Something else at this nonce offers as much.
    Underpriced,
    /// The account cannot pay for it.
    InsufficientFunds,
    /// Too many calls.
    RateLimited,
    /// Something else.
    Other,
}
