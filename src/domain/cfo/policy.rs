//! What may be paid, as data of `budget.yaml`.

use crate::{
    ContentHash, Score, Span, Usd,
    chain::{Asset, EvmAddress, Units},
    ids::PaymentId,
    payment::{Source, Terms},
    spend::BudgetCategory,
    words::words,
};

use super::RiskFactor;

words! {
    /// What a rule says, the milder before the stricter.
    pub enum Rule as "rule" {
        /// Nothing stands in the way.
        Allow = "allow",
        /// People are asked.
        Review = "review",
        /// No.
        Refuse = "refuse",
    }
}

/// What may be paid, by whom, to whom, in what.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PaymentPolicy {
    /// The chains.
    pub chains: Vec<ChainPolicy>,
    /// The assets. What is not among them is never paid, and is worth nothing.
    pub assets: Vec<Asset>,
    /// What holds for every agent.
    pub caps: PaymentCaps,
    /// What holds for all together.
    pub house: HouseCaps,
    /// How risk is scored and what follows.
    pub risk: RiskPolicy,
    /// When people are asked.
    pub review: PaymentReview,
    /// What may be done for whose wish; what is not named is refused.
    pub sources: Vec<(Source, Rule)>,
    /// Who has a wallet.
    pub agents: Vec<AgentPayments>,
    /// Who may be paid.
    pub counterparties: Vec<Counterparty>,
    /// Who is never paid.
    pub deny: Vec<EvmAddress>,
    /// How long after a person's word something looser takes effect.
    #[serde(default = "loosen_after_usual")]
    pub loosen_after: Span,
}

/// How long others have to see what is coming, where nobody says so.
pub const LOOSEN_AFTER: Span = Span::from_mins(15);

const fn loosen_after_usual() -> Span {
    LOOSEN_AFTER
}

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ChainPolicy {
    /// What the policy calls it.
    pub name: String,
    /// Its id, which is pinned: an endpoint with another one is never used.
    pub chain_id: u64,
    /// When a block stays.
    pub finality: Finality,
    /// The most a unit of gas may cost, in the coin's base units.
    pub fee_max: u128,
    /// How much of that may be the tip.
    pub tip_max: u128,
    /// Whether what is paid on it is real money.
    pub real: bool,
}

/// When a block stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Finality {
    /// When the chain says so.
    Finalized,
    /// When so many blocks are above it.
    Depth(u64),
}

/// The most an agent may pay. Fees are included everywhere.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PaymentCaps {
    /// In one payment.
    pub payment: Usd,
    /// In an hour.
    pub hour: Usd,
    /// In 24 hours and in a calendar day.
    pub day: Usd,
    /// In seven days; none is no cap of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<Usd>,
    /// In thirty days; none is no cap of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Usd>,
    /// Ever.
    pub lifetime: Usd,
    /// How many payments in an hour.
    pub payments_per_hour: u32,
    /// For the gas of one payment.
    pub fee: Usd,
    /// In 24 hours, on one category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<(BudgetCategory, Usd)>,
}

/// The most all agents may pay together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HouseCaps {
    /// In an hour.
    pub hour: Usd,
    /// In 24 hours and in a calendar day.
    pub day: Usd,
    /// Payments whose end is not known, at once.
    pub in_flight: u32,
}

/// How risk is scored and what follows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RiskPolicy {
    /// Above: refused. Never above 0.7.
    pub refuse_above: Score,
    /// Above: people are asked.
    pub review_above: Score,
    /// What each factor adds.
    pub weights: Vec<(RiskFactor, Score)>,
}

/// When people are asked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PaymentReview {
    /// About a counterparty whose address was never paid.
    pub new_counterparty: Rule,
    /// One person, above this.
    pub one_above: Usd,
    /// Two people, above this.
    pub two_above: Usd,
    /// How long they have, and how long what they said holds.
    pub ttl: Span,
}

/// One agent's wallet, and where it may do less than the others.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AgentPayments {
    /// The agent's slug.
    pub agent: String,
    /// The wallet's address.
    pub address: EvmAddress,
    /// The assets it may pay in.
    pub assets: Vec<String>,
    /// Its caps: those of all, tightened.
    pub caps: PaymentCaps,
}

/// Somebody who may be paid.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counterparty {
    /// By what name.
    pub label: String,
    /// The chain.
    pub chain: String,
    /// Where.
    pub address: EvmAddress,
    /// In what.
    pub assets: Vec<String>,
    /// The most in one payment; none is no cap of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Usd>,
    /// The most in 24 hours; none is no cap of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Usd>,
}

impl PaymentPolicy {
    /// The name of exactly this policy: any other word in it makes another one.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        // Written in the order of the fields, and there is nothing in it that could not be written.
        ContentHash::of_bytes(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// What words mean, as far as the policy knows them.
    #[must_use]
    pub fn terms(&self, payment_id: PaymentId, words: &Words<'_>) -> Option<Terms> {
        let agent = self.agent(words.agent)?;
        let asset = self.asset(words.asset)?;
        let chain = self.chain(&asset.chain)?;
        let counterparty = self.counterparty(words.counterparty)?;
        let amount = Units::parse(words.amount, asset.decimals).ok()?;
        Some(Terms {
            payment_id,
            agent: agent.agent.clone(),
            from: agent.address,
            chain_id: chain.chain_id,
            asset: asset.name.clone(),
            token: asset.token.as_ref().map(|token| token.address),
            counterparty: counterparty.label.clone(),
            to: counterparty.address,
            amount,
            memo: words.memo.to_owned(),
        })
    }

    /// A chain by its name.
    #[must_use]
    pub fn chain(&self, name: &str) -> Option<&ChainPolicy> {
        self.chains.iter().find(|chain| chain.name == name)
    }

    /// An asset by its name.
    #[must_use]
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.name == name)
    }

    /// What pays for gas on a chain.
    #[must_use]
    pub fn coin(&self, chain: &str) -> Option<&Asset> {
        self.assets
            .iter()
            .find(|asset| asset.chain == chain && asset.token.is_none())
    }

    /// Who may be paid under this name.
    #[must_use]
    pub fn counterparty(&self, label: &str) -> Option<&Counterparty> {
        self.counterparties.iter().find(|who| who.label == label)
    }

    /// The wallet of an agent.
    #[must_use]
    pub fn agent(&self, slug: &str) -> Option<&AgentPayments> {
        self.agents.iter().find(|agent| agent.agent == slug)
    }
}

/// What is asked for, in the words of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words<'a> {
    /// The agent's slug.
    pub agent: &'a str,
    /// The asset's name.
    pub asset: &'a str,
    /// The counterparty's label.
    pub counterparty: &'a str,
    /// How much.
    pub amount: &'a str,
    /// What for.
    pub memo: &'a str,
}

/// The chains on which nothing is worth anything: the local ones and the public test networks.
#[must_use]
pub const fn is_test_chain(chain_id: u64) -> bool {
    matches!(
        chain_id,
        1_337
            | 31_337
            | 11_155_111
            | 17_000
            | 560_048
            | 84_532
            | 11_155_420
            | 421_614
            | 80_002
            | 43_113
    )
}
