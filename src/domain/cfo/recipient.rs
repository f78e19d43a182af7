//! The rules on who is paid: somebody in the policy by label, and nobody who could be taken for somebody else.

use crate::chain::{Asset, EvmAddress};

use super::{Rule, rules::Hearing};

impl Hearing<'_> {
    pub(super) fn counterparty(&mut self, asset: Option<&Asset>) {
        let label = self.wish.counterparty.clone();
        let Some(who) = self.policy.counterparty(&label) else {
            self.line(
                "counterparty.unknown",
                Rule::Refuse,
                label,
                "somebody in the policy, by label",
            );
            return;
        };
        let here = asset.is_some_and(|asset| asset.chain == who.chain)
            && who.assets.contains(&self.wish.asset);
        self.pass_or(
            "counterparty.asset",
            here,
            format!("{} to {label}", self.wish.asset),
            format!("{} on {}", who.assets.join(", "), who.chain),
        );
        let to = who.address;
        let own = |address: &EvmAddress| {
            self.policy
                .agents
                .iter()
                .any(|agent| agent.address == *address)
        };
        let is_token = |address: &EvmAddress| {
            let mut tokens = self
                .policy
                .assets
                .iter()
                .filter_map(|asset| asset.token.as_ref());
            tokens.any(|token| token.address == *address)
        };
        let bad = if to == EvmAddress::ZERO {
            Some(("counterparty.zero", "nobody has this address"))
        } else if self.policy.deny.contains(&to) {
            Some(("counterparty.denied", "it is on the deny list"))
        } else if own(&to) {
            Some(("counterparty.self", "it is a wallet of this house"))
        } else if is_token(&to) {
            Some(("counterparty.token", "it is a token's own contract"))
        } else {
            None
        };
        if let Some((code, why)) = bad {
            self.line(code, Rule::Refuse, format!("{to}: {why}"), "");
        }
        let known = self.policy.counterparties.iter().map(|other| other.address);
        let wallets = self.policy.agents.iter().map(|agent| agent.address);
        let twin = known.chain(wallets).find(|other| to.looks_like(other));
        self.pass_or(
            "counterparty.look_alike",
            twin.is_none(),
            twin.map_or_else(
                || to.to_string(),
                |twin| format!("{to} has the ends of {twin}"),
            ),
            "an address that cannot be taken for another",
        );
        let new = self
            .facts
            .history
            .as_ref()
            .is_none_or(|history| history.to_counterparty == 0);
        if new {
            match self.policy.review.new_counterparty {
                Rule::Allow => self.line("counterparty.new", Rule::Allow, to.to_string(), "allow"),
                Rule::Review => {
                    self.ask(1, format!("nobody was ever paid at the address of {label}"));
                    self.line(
                        "counterparty.new",
                        Rule::Allow,
                        to.to_string(),
                        "one person",
                    );
                }
                Rule::Refuse => self.line("counterparty.new", Rule::Refuse, to.to_string(), ""),
            }
        }
    }
}
