//! What only the whole group can tell.

use chimera_domain::cfo::PaymentPolicy;

use super::super::problem::{Log, Place};

/// What only the whole group can tell.
pub(super) fn check(policy: &PaymentPolicy, at: Place, log: &mut Log) {
    for chain in &policy.chains {
        let used = policy.assets.iter().any(|asset| asset.chain == chain.name);
        if used && policy.coin(&chain.name).is_none() {
            log.problem(
                at,
                format!(
                    "nothing in `payments.assets` pays for gas on {}",
                    chain.name
                ),
                "add the chain's own coin, with `rail: native`",
            );
        }
        let coins = policy
            .assets
            .iter()
            .filter(|asset| asset.chain == chain.name && asset.token.is_none());
        if coins.count() > 1 {
            log.problem(
                at,
                format!("{} has more than one coin in `payments.assets`", chain.name),
                "a chain has one coin, whose price is that of its gas: keep one with `rail: native`",
            );
        }
    }
    for (n, one) in policy.counterparties.iter().enumerate() {
        let others = policy
            .counterparties
            .iter()
            .skip(n + 1)
            .map(|other| (&other.label, other.address));
        let wallets = policy
            .agents
            .iter()
            .map(|agent| (&agent.agent, agent.address));
        for (label, address) in others.chain(wallets) {
            if one.address == address {
                log.problem(
                    at,
                    format!("{} and {label} have the same address", one.label),
                    "one label for each address: its caps are counted by it",
                );
            }
            if one.address.looks_like(&address) {
                log.problem(
                    at,
                    format!("the addresses of {} and {label} have the same ends", one.label),
                    "compare every digit with what you were told: one of them may be there to be mistaken for the other",
                );
            }
        }
    }
    for (n, one) in policy.agents.iter().enumerate() {
        if let Some(other) = policy
            .agents
            .iter()
            .skip(n + 1)
            .find(|other| other.address == one.address)
        {
            log.problem(
                at,
                format!("{} and {} have the same wallet", one.agent, other.agent),
                "each agent has a wallet of its own, or neither's balance can be told",
            );
        }
    }
    if policy.house.day < policy.caps.day {
        log.notice(
            at,
            format!(
                "`house.day_usd` ({}) binds before `caps.day_usd` ({})",
                policy.house.day, policy.caps.day
            ),
            "lower the one or raise the other",
        );
    }
}
