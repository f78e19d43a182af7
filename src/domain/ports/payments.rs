//! What whoever drives payments may ask the store for: from the wish to the block that stays.

use async_trait::async_trait;

use super::{Receipt, Result};
use crate::{
    ContentHash, Outcome, StateVersion,
    cfo::{Decision, Line, Quote},
    chain::{EvmAddress, Hash32, Units},
    ids::{AgentId, PaymentId},
    payment::{Attempt, AttemptKind, Payment, PaymentRequest, PaymentState, Transaction},
    wallet::{Break, BreakKind, LedgerBalance, Reconciled, Reconciliation},
};

/// The store of payments, their transactions and what the chain was found to say.
#[async_trait]
pub trait PaymentStore: Send + Sync {
    /// Decides on a wish and sets its money aside in the same transaction, counted over every process, wallet and asset;
    /// a refusal is kept with all its lines, and raises an alert. A key that was used before gives the same payment again.
    ///
    /// # Errors
    /// `Refused` when the key stands for another wish, or the agent is not known.
    async fn propose_payment(
        &self,
        request: &PaymentRequest,
        quote: Option<&Quote>,
    ) -> Result<Proposed>;

    /// What would become of a wish now, with every line. Nothing is kept, set aside or told.
    ///
    /// # Errors
    /// As [`Self::propose_payment`].
    async fn weigh_payment(
        &self,
        request: &PaymentRequest,
        quote: Option<&Quote>,
    ) -> Result<Proposed>;

    /// One person's yes to exactly these terms. Repeating it changes nothing; the proposer's own is refused.
    async fn approve_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        digest: ContentHash,
        actor: &str,
    ) -> Result<Outcome<PaymentState>>;

    /// A person's no, before it is signed: what was set aside is free again.
    async fn reject_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>>;

    /// A payment as it stands.
    async fn payment(&self, payment: PaymentId) -> Result<Option<Payment>>;

    /// The newest payments first, a screenful.
    async fn payments(&self, limit: u32) -> Result<Vec<Payment>>;

    /// Why it was decided so: every line of the last decision on it.
    async fn payment_lines(&self, payment: PaymentId) -> Result<Vec<Line>>;

    /// What is under way, the oldest first, with the transactions there are of each. What nobody signed in time ends here.
    async fn open_payments(&self) -> Result<Vec<(Payment, Vec<Attempt>)>>;

    /// Decides again, with what the chain says now, and gives the place of the next transaction of the wallet; of a payment
    /// whose bytes are out already its own place, for one that offers more.
    async fn clear_payment(
        &self,
        payment: PaymentId,
        version: StateVersion,
        quote: &Quote,
        chain_nonce: u64,
    ) -> Result<Outcome<Cleared>>;

    /// Keeps signed bytes before anybody has them: the CFO is asked once more in the same transaction, and whatever moved
    /// since refuses them. Bytes that were refused here are never handed in.
    async fn record_attempt(
        &self,
        payment: PaymentId,
        version: StateVersion,
        attempt: &NewAttempt,
        quote: &Quote,
    ) -> Result<Outcome<Recorded>>;

    /// Its bytes were handed in, whatever the answer was.
    async fn note_sent(&self, payment: PaymentId, hash: Hash32) -> Result<()>;

    /// One of its transactions is in a block, and did exactly what it should.
    async fn note_mined(&self, payment: PaymentId, receipt: &Receipt) -> Result<()>;

    /// The block it was in is no more.
    async fn note_unmined(&self, payment: PaymentId, why: &str) -> Result<()>;

    /// The block it is in stays: the money is spent, and so is what our own transactions of it cost, whosever paid it in the end.
    async fn post_payment(&self, payment: PaymentId, receipt: &Receipt, gas: Units) -> Result<()>;

    /// It was not made and never will be, and its fee is spent: `cancelled` or `reverted`.
    async fn end_payment(
        &self,
        payment: PaymentId,
        end: PaymentState,
        receipt: &Receipt,
    ) -> Result<()>;

    /// Nobody can tell what happened: its money counts as spent, its wallet is frozen, an alert says so.
    async fn doubt_payment(&self, payment: PaymentId, why: &str) -> Result<()>;

    /// The agent of this slug.
    async fn agent_named(&self, slug: &str) -> Result<Option<AgentId>>;

    /// Where the last reconciliation of a wallet and asset ended.
    async fn reconciled(&self, agent: AgentId, asset: &str) -> Result<Option<Reconciled>>;

    /// What the ledger says of a wallet and asset: what it should hold, and every movement it knows since a block.
    async fn ledger_of(&self, agent: AgentId, asset: &str) -> Result<LedgerBalance>;

    /// Keeps what a look at the chain found: income is entered, breaks freeze the wallet and raise an alert each. Nothing of
    /// it where somebody else was faster: `false`.
    async fn record_reconciliation(
        &self,
        agent: AgentId,
        asset: &str,
        found: &Reconciliation,
    ) -> Result<bool>;

    /// Something does not fit that belongs to no asset alone.
    async fn report_breaks(&self, agent: AgentId, breaks: &[(BreakKind, String)]) -> Result<()>;

    /// The breaks that nobody has closed.
    async fn breaks(&self) -> Result<Vec<Break>>;

    /// Checks every entry of the wallets' ledger: places, hashes, and that the balances are their sums. How many there are.
    ///
    /// # Errors
    /// `Corrupt`, naming the first entry that does not hold.
    async fn verify_wallets(&self) -> Result<u64>;
}

/// Asks for payments on behalf of tasks: reads what the chain says and has the CFO decide.
#[async_trait]
pub trait AskPayment: Send + Sync + std::fmt::Debug {
    /// Asks for one. The same key gives the same payment again, whatever died in between.
    ///
    /// # Errors
    /// As [`PaymentStore::propose_payment`]. That the CFO says no is an answer and no error.
    async fn ask(&self, agent: &str, request: &PaymentRequest) -> Result<Proposed>;
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The payment, the first one's where the key was known.
    pub payment_id: PaymentId,
    /// Where it stands.
    pub state: PaymentState,
    /// Why.
    pub why: String,
    /// Every line of the decision.
    pub lines: Vec<Line>,
    /// Whether the key was known.
    pub repeated: bool,
}

/// What became of asking once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cleared {
    /// It may be signed at this place, by this decision.
    Sign {
        /// The decision that clears it.
        decision: Box<Decision>,
        /// The place.
        nonce: u64,
    },
    /// Something that passes stands in the way; it is tried again.
    Wait {
        /// What.
        why: String,
    },
    /// People are asked once more, or it was refused: nothing to sign.
    Stopped {
        /// Where it stands now.
        state: PaymentState,
        /// Why.
        why: String,
    },
}

/// Signed bytes to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    /// Why there is one more.
    pub kind: AttemptKind,
    /// What the chain calls it.
    pub hash: Hash32,
    /// Who signed it.
    pub sender: EvmAddress,
    /// What was signed, as taken apart again from the bytes.
    pub transaction: Transaction,
    /// The bytes.
    pub raw: Vec<u8>,
}

/// What became of keeping them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// They are kept, and may be handed in.
    Kept,
    /// They are not: never hand them in.
    Refused {
        /// Why.
        why: String,
    },
}
