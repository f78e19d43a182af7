//! The CFO, asked again before anything is signed: with the policy, the caps and the halts that stand now.

use chimera_domain::cfo::{self, Decision, Facts, PaymentPolicy, Quote, Rule};

use super::{
    super::db::{Db, Verb},
    Kept,
    facts::{self, About},
    policy,
};

/// What passes by itself: it is asked again until the payment expires.
const PASSES: [&str; 6] = [
    "frozen.",
    "balance.",
    "price.",
    "simulation.",
    "cap.in_flight",
    "cap.fee",
];
/// The CFO, asked again with what stands now.
pub(super) fn decide(db: &Db<'_>, found: &Kept, quote: &Quote) -> Verb<Option<Again>> {
    let Some((whole, payments)) = policy(db)? else {
        return Ok(None);
    };
    let about = About {
        agent: found.payment.agent_id,
        campaign: found.payment.campaign_id,
        wish: &found.wish,
        payment: Some(found.terms.payment_id),
    };
    let facts = facts::facts(db, &about, &whole.budget.zone, &payments, Some(quote))?;
    let decision = cfo::decide(&found.wish, &payments, &facts);
    Ok(Some(Again {
        decision,
        facts,
        payments,
    }))
}

/// A decision that was asked for again, with what it was made from.
pub(super) struct Again {
    pub(super) decision: Decision,
    pub(super) facts: Facts,
    pub(super) payments: PaymentPolicy,
}

impl Again {
    /// Whether all that stands in the way may pass by itself.
    pub(super) fn may_pass(&self) -> bool {
        let refusing = |line: &&cfo::Line| line.says == Rule::Refuse;
        self.decision
            .lines()
            .iter()
            .filter(refusing)
            .all(|line| PASSES.iter().any(|passes| line.code.starts_with(passes)))
    }

    /// Whether the policy still means the same by the wish: an address or a token that changed since is another payment.
    pub(super) fn same_terms(&self, found: &Kept) -> bool {
        let terms = &found.terms;
        let (policy, asset) = (&self.payments, self.payments.asset(&terms.asset));
        policy.agent(&terms.agent).map(|agent| agent.address) == Some(terms.from)
            && policy
                .counterparty(&terms.counterparty)
                .map(|who| who.address)
                == Some(terms.to)
            && asset.map(|asset| asset.token.as_ref().map(|token| token.address))
                == Some(terms.token)
            && asset
                .and_then(|asset| policy.chain(&asset.chain))
                .map(|chain| chain.chain_id)
                == Some(terms.chain_id)
    }
}

pub(super) const OTHER_TERMS: &str =
    "budget.yaml means something else by its wallet, counterparty or asset now";
