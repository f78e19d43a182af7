//! Payments: money that leaves a wallet on a chain, from the wish to the block that is final.
//!
//! A payment is made once whatever is killed, raced or lost: its row stands before its bytes exist, its bytes before they
//! are handed in, and what became of them is read from the chain and nowhere else.

mod call;
mod order;

pub use call::Call;
pub use order::PaymentOrder;

use crate::{
    ContentHash, Score, StateVersion, Usd,
    chain::{EvmAddress, Hash32, Units, keccak},
    clock::Timestamp,
    ids::{AgentId, CampaignId, PaymentId, TaskId, TraceId},
    spend::BudgetCategory,
    words::words,
};

words! {
    /// Where a payment stands.
    pub enum PaymentState as "payment state" {
        /// The CFO said no. Final for this payment.
        Refused = "refused",
        /// Its money is set aside and people are asked.
        Review = "review",
        /// It may be made.
        Approved = "approved",
        /// Its bytes are written down, and may have been handed in.
        Signed = "signed",
        /// It was handed in, whatever the answer was.
        Broadcast = "broadcast",
        /// It is in a block, exactly as meant; the block may still vanish.
        Mined = "mined",
        /// It is made, in a block that stays.
        Posted = "posted",
        /// A person said no, or took it back before it was signed.
        Rejected = "rejected",
        /// Nobody said yes in time, or it could not be signed in time.
        Expired = "expired",
        /// Its place on the chain was taken by a transaction that moves nothing; it was not made.
        Cancelled = "cancelled",
        /// The chain took the fee and made nothing of it.
        Reverted = "reverted",
        /// Nobody knows what happened: money counts as spent until a person has looked.
        Uncertain = "uncertain",
    }
}

impl PaymentState {
    /// Every move a payment may make. The store refuses all others.
    pub const TRANSITIONS: &'static [(Self, Self)] = &[
        (Self::Review, Self::Approved),
        (Self::Review, Self::Rejected),
        (Self::Review, Self::Expired),
        (Self::Approved, Self::Signed),
        (Self::Approved, Self::Review),
        (Self::Approved, Self::Rejected),
        (Self::Approved, Self::Expired),
        (Self::Approved, Self::Refused),
        (Self::Signed, Self::Broadcast),
        (Self::Signed, Self::Mined),
        (Self::Signed, Self::Uncertain),
        (Self::Broadcast, Self::Mined),
        (Self::Broadcast, Self::Cancelled),
        (Self::Broadcast, Self::Reverted),
        (Self::Broadcast, Self::Uncertain),
        (Self::Mined, Self::Broadcast),
        (Self::Mined, Self::Posted),
        (Self::Mined, Self::Uncertain),
        (Self::Uncertain, Self::Broadcast),
        (Self::Uncertain, Self::Mined),
        (Self::Uncertain, Self::Posted),
        (Self::Uncertain, Self::Cancelled),
        (Self::Uncertain, Self::Reverted),
    ];

    /// In which a payment may start.
    pub const STARTS: &'static [Self] = &[Self::Refused, Self::Review, Self::Approved];

    /// Whether its money is set aside or spent.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::Review
            | Self::Approved
            | Self::Signed
            | Self::Broadcast
            | Self::Mined
            | Self::Posted
            | Self::Uncertain => true,
            // What a reverted one cost is its fee, which is kept as what it counts.
            Self::Reverted | Self::Cancelled => true,
            Self::Refused | Self::Rejected | Self::Expired => false,
        }
    }

    /// Whether bytes of it exist that somebody could hand in.
    #[must_use]
    pub const fn is_in_flight(self) -> bool {
        matches!(
            self,
            Self::Signed | Self::Broadcast | Self::Mined | Self::Uncertain
        )
    }

    /// Whether nothing changes any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        !Self::TRANSITIONS.iter().any(|(from, _)| *from == self)
    }
}

words! {
    /// Who wishes to pay. What may be done alone depends on it.
    pub enum Source as "payment source" {
        /// A plan of the swarm.
        Planner = "planner",
        /// A task under way that meets a price.
        Worker = "worker",
        /// A neighbour asks for it.
        Openclaw = "openclaw",
        /// A person.
        Manual = "manual",
        /// Words in something that was read. Never a reason to pay.
        Inbound = "inbound",
    }
}

/// A wish to pay. It cannot name a price, a risk, a nonce, a fee, a chain or bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The id it gets; a repeated key keeps the first one's.
    pub payment_id: PaymentId,
    /// The same wish has the same key, for ever.
    pub key: String,
    /// Whose wallet.
    pub agent_id: AgentId,
    /// For which campaign, where it is for one.
    pub campaign_id: Option<CampaignId>,
    /// For which task, where it is for one.
    pub task_id: Option<TaskId>,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// Where the wish comes from.
    pub source: Source,
    /// Who wishes: an agent's slug, or a person.
    pub proposer: String,
    /// To whom, by the label in the policy. Never an address.
    pub counterparty: String,
    /// What, by its name in the policy.
    pub asset: String,
    /// How much, as decimal text.
    pub amount: String,
    /// On what the money is spent.
    pub category: BudgetCategory,
    /// What for.
    pub memo: String,
    /// What somebody who looked at it thinks of the risk; can only raise it.
    pub opinion: Option<Score>,
    /// Whether a person forces it past review; nothing forces a cap.
    pub forced: bool,
}

/// What is to be paid, once it is known what the words of a wish mean. Approvals, signatures and entries are bound to
/// exactly this.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Terms {
    /// The payment.
    pub payment_id: PaymentId,
    /// Whose wallet, by the agent's slug.
    pub agent: String,
    /// The wallet's address.
    pub from: EvmAddress,
    /// The chain.
    pub chain_id: u64,
    /// The asset, by its name.
    pub asset: String,
    /// Its contract; none for the coin.
    pub token: Option<EvmAddress>,
    /// To whom, by label.
    pub counterparty: String,
    /// Where that is.
    pub to: EvmAddress,
    /// How much.
    pub amount: Units,
    /// What for.
    pub memo: String,
}

impl Terms {
    /// What a person approves, and what is signed must be.
    #[must_use]
    pub fn digest(&self) -> ContentHash {
        ContentHash::of_json(&serde_json::json!({
            "payment": self.payment_id,
            "agent": self.agent,
            "from": self.from,
            "chain_id": self.chain_id,
            "asset": self.asset,
            "token": self.token,
            "counterparty": self.counterparty,
            "to": self.to,
            "amount": self.amount,
            "memo": self.memo,
        }))
    }

    /// The nonce of its authorization: the token itself then lets it through once, however often it is signed.
    #[must_use]
    pub fn authorization_nonce(&self) -> Hash32 {
        let token = self.token.unwrap_or(EvmAddress::ZERO);
        keccak(&[
            b"chimera.payment.v1",
            &self.chain_id.to_be_bytes(),
            token.as_bytes(),
            self.payment_id.as_bytes(),
        ])
    }
}

/// A transaction before it is signed. Everything that is ever signed is one of these.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Transaction {
    /// The chain.
    pub chain_id: u64,
    /// Its place among those of the sender.
    pub nonce: u64,
    /// The most gas it may use.
    pub gas_limit: u64,
    /// The most a unit of gas may cost, in the coin's base units.
    pub fee_max: u128,
    /// How much of that is the tip.
    pub tip_max: u128,
    /// What it does.
    pub call: Call,
}

impl Transaction {
    /// The most its gas can cost, in the coin's base units.
    #[must_use]
    pub const fn gas_cost_max(&self) -> Option<u128> {
        self.fee_max.checked_mul(self.gas_limit as u128)
    }
}

words! {
    /// Why there is one more transaction for a payment.
    pub enum AttemptKind as "attempt kind" {
        /// The first.
        Pay = "pay",
        /// The same at the same place for a higher fee.
        Bump = "bump",
        /// Nothing at the same place, so that the payment cannot get through any more.
        Cancel = "cancel",
    }
}

words! {
    /// What became of one signed transaction.
    pub enum AttemptState as "attempt state" {
        /// Written down.
        Signed = "signed",
        /// Handed in.
        Broadcast = "broadcast",
        /// In a block.
        Mined = "mined",
        /// In a block that stays.
        Final = "final",
        /// Another one has its place.
        Replaced = "replaced",
        /// In a block, and failed.
        Reverted = "reverted",
    }
}

/// A payment as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What is paid.
    pub terms: Terms,
    /// Its version.
    pub version: StateVersion,
    /// Whose.
    pub agent_id: AgentId,
    /// For which campaign.
    pub campaign_id: Option<CampaignId>,
    /// From perception to ledger.
    pub trace_id: TraceId,
    /// Where the wish came from.
    pub source: Source,
    /// Who wished.
    pub proposer: String,
    /// On what.
    pub category: BudgetCategory,
    /// Where it stands.
    pub state: PaymentState,
    /// Why, in words.
    pub why: String,
    /// What counts against the caps, fees included.
    pub counted: Usd,
    /// When the wish came.
    pub at: Timestamp,
    /// When it ends if nobody signs it.
    pub expires_at: Timestamp,
    /// Where it was found on the chain.
    pub found: Option<OnChain>,
}

/// Where something was found on a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnChain {
    /// The transaction.
    pub transaction: Hash32,
    /// The block.
    pub block: u64,
    /// Its hash then.
    pub block_hash: Hash32,
}

impl Attempt {
    /// Until when the authorization in it passes, seconds since 1970; none where there is none.
    #[must_use]
    pub const fn valid_before(&self) -> Option<u64> {
        match &self.transaction.call {
            Call::Authorized { valid_before, .. } => Some(*valid_before),
            Call::Native { .. } | Call::Transfer { .. } | Call::Nothing => None,
        }
    }
}

/// One signed transaction of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The payment.
    pub payment_id: PaymentId,
    /// What the chain calls it.
    pub hash: Hash32,
    /// Why there is one more.
    pub kind: AttemptKind,
    /// Where it stands.
    pub state: AttemptState,
    /// Who signed it.
    pub sender: EvmAddress,
    /// What was signed.
    pub transaction: Transaction,
    /// The bytes.
    pub raw: Vec<u8>,
    /// The block it was seen in, and its hash.
    pub block: Option<(u64, Hash32)>,
    /// When it was signed.
    pub at: Timestamp,
    /// The chain's height when it was signed.
    pub signed_at_block: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    // R93: nothing leads out of an end, and every state but the ends leads somewhere.
    #[test]
    fn r93_ends_absorb_and_each_other_state_leads_on() {
        for state in PaymentState::ALL {
            let ends = matches!(
                state,
                PaymentState::Refused
                    | PaymentState::Posted
                    | PaymentState::Rejected
                    | PaymentState::Expired
                    | PaymentState::Cancelled
                    | PaymentState::Reverted
            );
            assert_eq!(state.is_final(), ends, "{state}");
        }
    }

    // R93: what can be handed in counts, in whatever state it is.
    #[test]
    fn r93_whatever_is_in_flight_counts_against_the_caps() {
        for state in PaymentState::ALL {
            assert!(!state.is_in_flight() || state.counts(), "{state}");
        }
        for (from, to) in PaymentState::TRANSITIONS {
            let freed = from.is_in_flight() && !to.counts();
            assert!(!freed, "{from} to {to} frees money that may still be spent");
        }
    }

    // R93: two payments never share a nonce of a token, and one payment has one for ever.
    #[test]
    fn r93_an_authorization_has_the_nonce_of_its_payment() {
        let terms = |id: u128, token: u8| Terms {
            payment_id: PaymentId::from_uuid(uuid::Uuid::from_u128(id)),
            agent: "fae".to_owned(),
            from: EvmAddress::from_bytes([1; 20]),
            chain_id: 31_337,
            asset: "USDC".to_owned(),
            token: Some(EvmAddress::from_bytes([token; 20])),
            counterparty: "images".to_owned(),
            to: EvmAddress::from_bytes([2; 20]),
            amount: Units::from_base(5),
            memo: "an image".to_owned(),
        };
        let nonce = terms(1, 1).authorization_nonce();
        assert_eq!(nonce, terms(1, 1).authorization_nonce());
        assert_ne!(nonce, terms(2, 1).authorization_nonce());
        assert_ne!(nonce, terms(1, 2).authorization_nonce());
        // What a person approved says the amount; the nonce does not, so that no second amount passes under it.
        let dearer = Terms {
            amount: Units::from_base(6),
            ..terms(1, 1)
        };
        assert_eq!(nonce, dearer.authorization_nonce());
        assert_ne!(terms(1, 1).digest(), dearer.digest());
    }
}
