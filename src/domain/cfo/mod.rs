//! The CFO: whether a payment may be made, as a pure decision over what was asked, the policy and the facts.
//!
//! Every rule writes a line with a code that stays, what it saw and what it allows; the strictest word wins. Nothing in it
//! is a float, and what could not be read or scored is refused. `rules.rs` asks (`recipient.rs` and
//! `amounts.rs` the longer questions), `risk.rs` scores, `policy.rs` is the data. `change.rs` says what another policy would
//! loosen, `lint.rs` what one leaves open, `trial.rs` decides what was decided once more by another.
//!
//! A [`Decision`] comes from [`decide`] alone, and a [`Clearance`], without which no signer signs, from an approving one.

mod amounts;
mod change;
mod lint;
mod policy;
mod recipient;
mod risk;
mod rules;
#[cfg(test)]
mod tests;
mod trial;

pub use change::{Change, Standing, Way, change, hold_back, stand};
pub use lint::{Lint, LintKind, PRICE_ENDS_WITHIN, lint};
pub use policy::{
    AgentPayments, ChainPolicy, Counterparty, Finality, HouseCaps, LOOSEN_AFTER, PaymentCaps,
    PaymentPolicy, PaymentReview, RiskPolicy, Rule, Words, is_test_chain,
};
pub use risk::{Contribution, Risk, RiskFactor};
pub use trial::{Course, FirstDecision, Moved, Other, Sum, Trial, Word};

use crate::{
    ContentHash, Score, Usd,
    chain::Units,
    clock::Timestamp,
    ids::PaymentId,
    payment::{Source, Terms, Transaction},
    ports::{Fees, Simulation},
    spend::{BudgetCategory, Limit},
};

/// What the chain says before a payment, read by us and never by whoever asks to be paid.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Quote {
    /// When it was read.
    pub at: Timestamp,
    /// At which height.
    pub block: u64,
    /// What is offered for gas.
    pub fees: Fees,
    /// What the wallet has of the asset.
    pub balance: Units,
    /// What it has of the coin that pays for gas.
    pub coin: Units,
    /// Whether the recipient is a contract.
    pub to_contract: bool,
    /// Whether the token's code is the one of the policy; true where the policy names none, or it is the coin.
    pub code_as_pinned: bool,
    /// What would become of the call.
    pub simulation: Simulation,
}

impl Quote {
    /// What is allowed of gas: a fifth more than it took when it was tried, for others move things meanwhile. None where it
    /// would not go through.
    #[must_use]
    pub fn gas_limit(&self) -> Option<u64> {
        match &self.simulation {
            Simulation::Passes { gas } => gas.checked_add(gas / 5),
            Simulation::Fails { .. } => None,
        }
    }
}

/// What the store knows when it decides. Everything counted is without this payment.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    /// The moment.
    pub now: Timestamp,
    /// The hour of the day in the policy's zone; none where the zone is unknown.
    pub hour: Option<u8>,
    /// Who halted what, where a halt stands in the way.
    pub halted: Option<String>,
    /// Why the wallet is frozen, where it is.
    pub frozen: Option<String>,
    /// What is used of each cap, by its name.
    pub used: Vec<(String, Usd)>,
    /// Payments of the agent in the last hour.
    pub payments_hour: u32,
    /// Payments whose end is not known yet, of all agents.
    pub in_flight: u32,
    /// What was paid before; none where it could not be read.
    pub history: Option<History>,
    /// The chain's word; none where it did not answer.
    pub quote: Option<Quote>,
    /// Who approved or refused so far.
    pub approvals: Vec<Approval>,
}

/// What was paid before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct History {
    /// How many payments to this counterparty's address were made.
    pub to_counterparty: u64,
    /// The middle one of the agent's last payments, in dollars; none where there is none.
    pub typical: Option<Usd>,
}

/// One person's word on a payment, bound to what it was given on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// On exactly which terms.
    pub digest: ContentHash,
    /// When.
    pub at: Timestamp,
}

/// What is asked, with its words resolved as far as the policy allows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wish {
    /// What would be paid; none where the policy does not know the agent's wallet, the asset or the counterparty, or the
    /// amount is no amount: the rules then say which.
    pub terms: Option<Terms>,
    /// The agent's slug.
    pub agent: String,
    /// The asset as asked for.
    pub asset: String,
    /// The counterparty as asked for.
    pub counterparty: String,
    /// The amount as asked for.
    pub amount: String,
    /// On what.
    pub category: BudgetCategory,
    /// What for.
    pub memo: String,
    /// Where the wish comes from.
    pub source: Source,
    /// Who wishes.
    pub proposer: String,
    /// Whether a task is behind it.
    pub has_task: bool,
    /// An opinion on the risk, which can only raise it.
    pub opinion: Option<Score>,
    /// Whether its proposer, a person, counts as the first who approves.
    pub forced: bool,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Line {
    /// Its code, the same for ever.
    pub code: String,
    /// What follows from it.
    pub says: Rule,
    /// What it saw.
    pub observed: String,
    /// What it allows.
    pub limit: String,
}

/// The CFO's word. Only [`decide`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    payment_id: Option<PaymentId>,
    digest: Option<ContentHash>,
    verdict: Rule,
    lines: Vec<Line>,
    risk: Risk,
    limits: Vec<Limit>,
    usd: Option<Usd>,
    fee: Option<Usd>,
    people: u32,
    grounds: Vec<String>,
    approved_by: u32,
}

impl Decision {
    /// Allow: it may be signed. Review: people are asked. Refuse: no.
    #[must_use]
    pub const fn verdict(&self) -> Rule {
        self.verdict
    }

    /// Every rule's line, in the order they were asked.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The first line that says what the verdict is; none where everything passes.
    #[must_use]
    pub fn binding(&self) -> Option<&Line> {
        self.lines
            .iter()
            .find(|line| line.says == self.verdict && line.says != Rule::Allow)
    }

    /// How risky it is, and why.
    #[must_use]
    pub const fn risk(&self) -> &Risk {
        &self.risk
    }

    /// Every cap with what was used of it before this payment.
    #[must_use]
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// What the payment is worth, rounded up.
    #[must_use]
    pub const fn usd(&self) -> Option<Usd> {
        self.usd
    }

    /// The most its gas costs, rounded up.
    #[must_use]
    pub const fn fee(&self) -> Option<Usd> {
        self.fee
    }

    /// What is set aside for it: worth and fee.
    #[must_use]
    pub fn counted(&self) -> Option<Usd> {
        self.usd?.checked_add(self.fee?)
    }

    /// How many people must approve.
    #[must_use]
    pub const fn people(&self) -> u32 {
        self.people
    }

    /// Why people are asked, one line each; none where nobody is.
    #[must_use]
    pub fn grounds(&self) -> &[String] {
        &self.grounds
    }

    /// How many have.
    #[must_use]
    pub const fn approved_by(&self) -> u32 {
        self.approved_by
    }

    /// Why, in one line.
    #[must_use]
    pub fn why(&self) -> String {
        match self.binding() {
            None => "every rule passes".to_owned(),
            Some(Line {
                code,
                observed,
                limit,
                ..
            }) if limit.is_empty() => format!("{code}: {observed}"),
            Some(Line {
                code,
                observed,
                limit,
                ..
            }) => format!("{code}: {observed}, allowed: {limit}"),
        }
    }

    /// Leave to sign one transaction: only for an approved payment, and only what pays exactly its terms or nothing.
    ///
    /// # Errors
    /// In words, when the transaction does anything else.
    pub fn clear(&self, terms: &Terms, transaction: Transaction) -> Result<Clearance, String> {
        if self.verdict != Rule::Allow {
            return Err(format!("the CFO does not allow it: {}", self.why()));
        }
        if self.digest != Some(terms.digest()) || self.payment_id != Some(terms.payment_id) {
            return Err("the CFO decided on other terms".to_owned());
        }
        fits(terms, &transaction)?;
        Ok(Clearance {
            payment_id: terms.payment_id,
            from: terms.from,
            transaction,
        })
    }
}

/// Whether a transaction pays exactly these terms, or nothing at all.
///
/// # Errors
/// In words, what differs.
pub fn fits(terms: &Terms, transaction: &Transaction) -> Result<(), String> {
    if transaction.chain_id != terms.chain_id {
        return Err("the transaction is for another chain".to_owned());
    }
    if transaction.tip_max > transaction.fee_max {
        return Err("the tip is above the fee".to_owned());
    }
    let Some(moved) = transaction.call.moves() else {
        return Ok(());
    };
    if moved != (terms.token, terms.to, terms.amount) {
        return Err("the transaction moves something else than was decided on".to_owned());
    }
    match &transaction.call {
        crate::payment::Call::Authorized { nonce, .. } if *nonce != terms.authorization_nonce() => {
            Err("the authorization is not that of this payment".to_owned())
        }
        crate::payment::Call::Authorized { .. }
        | crate::payment::Call::Native { .. }
        | crate::payment::Call::Transfer { .. }
        | crate::payment::Call::Nothing => Ok(()),
    }
}

/// Leave to sign one transaction. There is no other way to a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    payment_id: PaymentId,
    from: crate::chain::EvmAddress,
    transaction: Transaction,
}

impl Clearance {
    /// For which payment.
    #[must_use]
    pub const fn payment_id(&self) -> PaymentId {
        self.payment_id
    }

    /// Who is to sign.
    #[must_use]
    pub const fn from(&self) -> crate::chain::EvmAddress {
        self.from
    }

    /// What is to be signed.
    #[must_use]
    pub const fn transaction(&self) -> &Transaction {
        &self.transaction
    }
}

#[cfg(any(test, feature = "testing"))]
impl Clearance {
    /// For tests of signers, which have nobody to ask.
    #[must_use]
    pub const fn for_tests(
        payment_id: PaymentId,
        from: crate::chain::EvmAddress,
        transaction: Transaction,
    ) -> Self {
        Self {
            payment_id,
            from,
            transaction,
        }
    }
}

/// Decides on a wish. The same wish, policy and facts give the same decision, for ever.
#[must_use]
pub fn decide(wish: &Wish, policy: &PaymentPolicy, facts: &Facts) -> Decision {
    rules::Hearing::new(wish, policy, facts).decide()
}
