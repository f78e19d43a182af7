//! Who may pay whom in what: what fits together nowhere, and addresses that must not be paid.

use crate::chain::{Asset, EvmAddress};

use super::{super::Counterparty, LintKind, Look};

impl Look<'_> {
    pub(super) fn assets(&mut self) {
        let policy = self.policy;
        for asset in &policy.assets {
            let spent = policy
                .agents
                .iter()
                .any(|agent| agent.assets.contains(&asset.name));
            // A coin is there for the gas of the others.
            let gas = asset.token.is_none()
                && policy
                    .assets
                    .iter()
                    .any(|other| other.chain == asset.chain && other.name != asset.name);
            if !spent && !gas {
                self.say(
                    ("asset.unused", LintKind::Uncovered),
                    format!("assets.{}", asset.name),
                    format!("no agent may pay in {}", asset.name),
                    "add it to the `assets` of an agent, or remove it",
                );
            }
        }
    }

    pub(super) fn agents(&mut self) {
        let policy = self.policy;
        if policy.agents.is_empty() {
            self.say(
                ("agent.none", LintKind::Uncovered),
                "agents",
                "nobody has a wallet, so nothing is paid",
                "name an agent with its `address` and `assets`",
            );
        }
        for agent in &policy.agents {
            let at = format!("agents.{}.assets", agent.agent);
            let usable: Vec<&Asset> = policy
                .assets
                .iter()
                .filter(|asset| agent.assets.contains(&asset.name))
                .collect();
            if usable.is_empty() {
                self.say(
                    ("agent.no_assets", LintKind::Uncovered),
                    at,
                    format!("{} has a wallet and may pay in nothing", agent.agent),
                    "name at least one asset, or remove the agent",
                );
                continue;
            }
            let pays = |who: &Counterparty| usable.iter().any(|asset| takes(who, asset));
            if !policy.counterparties.is_empty() && !policy.counterparties.iter().any(pays) {
                self.say(
                    ("agent.pays_nobody", LintKind::Uncovered),
                    at,
                    format!("nobody takes what {} may pay in", agent.agent),
                    "give it an asset that a counterparty takes on its chain",
                );
            }
        }
    }

    pub(super) fn counterparties(&mut self) {
        let policy = self.policy;
        if policy.counterparties.is_empty() {
            self.say(
                ("counterparty.none", LintKind::Uncovered),
                "counterparties",
                "nobody may be paid",
                "name one with its `chain`, `address` and `assets`",
            );
        }
        for who in &policy.counterparties {
            let at = format!("counterparties.{}", who.label);
            let payers = || {
                policy.agents.iter().filter(|agent| {
                    policy
                        .assets
                        .iter()
                        .any(|asset| agent.assets.contains(&asset.name) && takes(who, asset))
                })
            };
            if payers().next().is_none() {
                self.say(
                    ("counterparty.unreachable", LintKind::Uncovered),
                    format!("{at}.assets"),
                    format!(
                        "no agent can pay {}: none has what it takes on {}",
                        who.label, who.chain
                    ),
                    "name an asset that is on its chain and that an agent may pay in",
                );
            }
            for name in &who.assets {
                let elsewhere = policy.asset(name).filter(|asset| asset.chain != who.chain);
                if let Some(asset) = elsewhere {
                    self.say(
                        ("counterparty.asset_elsewhere", LintKind::Contradiction),
                        format!("{at}.assets"),
                        format!(
                            "{name} is on {}, and {} is paid on {}: it is refused",
                            asset.chain, who.label, who.chain
                        ),
                        format!("remove {name} here, or name the address on {} under a label of its own", asset.chain),
                    );
                }
            }
            let most = payers().map(|agent| agent.caps.payment).max();
            let own = who.payment.zip(most).filter(|(own, most)| own > most);
            if let Some((own, most)) = own {
                self.say(
                    ("cap.never_binds", LintKind::NeverReached),
                    format!("{at}.payment_usd"),
                    format!("{own} USD is never reached: whoever can pay {} pays at most {most} USD at once", who.label),
                    format!("write less than {most}, or leave it out"),
                );
            }
            self.address(who, &at);
        }
    }

    fn address(&mut self, who: &Counterparty, at: &str) {
        let policy = self.policy;
        let at = format!("{at}.address");
        let own = policy
            .agents
            .iter()
            .any(|agent| agent.address == who.address);
        let token = policy
            .assets
            .iter()
            .filter_map(|asset| asset.token.as_ref())
            .any(|token| token.address == who.address);
        let why = if who.address == EvmAddress::ZERO {
            Some("nobody has this address")
        } else if policy.deny.contains(&who.address) {
            Some("it is on `deny` as well")
        } else if own {
            Some("it is a wallet of this house")
        } else if token {
            Some("it is a token's own contract")
        } else {
            None
        };
        if let Some(why) = why {
            self.say(
                ("counterparty.never_paid", LintKind::Contradiction),
                &at,
                format!("{} is never paid: {why}", who.label),
                "compare the address with what you were told, or remove the counterparty",
            );
        }
        let others = policy
            .counterparties
            .iter()
            .map(|other| (other.label.as_str(), other.address))
            .chain(
                policy
                    .agents
                    .iter()
                    .map(|agent| (agent.agent.as_str(), agent.address)),
            );
        for (name, address) in others {
            if who.address.looks_like(&address) {
                self.say(
                    ("counterparty.look_alike", LintKind::Contradiction),
                    &at,
                    format!("{} has the ends of {name}, so it is refused: one may be there to be mistaken for the other", who.label),
                    "compare every digit with what you were told, and remove the wrong one",
                );
            }
        }
    }
}

/// Whether somebody can be paid in this.
fn takes(who: &Counterparty, asset: &Asset) -> bool {
    asset.chain == who.chain && who.assets.contains(&asset.name)
}
