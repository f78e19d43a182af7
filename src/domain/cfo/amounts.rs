//! The rules on amounts: what it is worth, what the chain has, and every cap.

use crate::{Span, Usd, chain::Asset, ports::Simulation, spend::Limit};

use super::{AgentPayments, ChainPolicy, Rule, rules::Hearing};

/// What the chain said is believed for so long.
const QUOTE_MAX_AGE: Span = Span::from_secs(60);

impl Hearing<'_> {
    /// What the payment and its gas are worth, rounded up.
    pub(super) fn price(
        &mut self,
        asset: Option<&Asset>,
        chain: Option<&ChainPolicy>,
    ) -> (Option<Usd>, Option<Usd>) {
        let (Some(asset), Some(chain)) = (asset, chain) else {
            return (None, None);
        };
        let now = self.facts.now;
        let amount = self.wish.terms.as_ref().map(|terms| terms.amount);
        let fresh = asset.price_until > now;
        self.pass_or(
            "price.fresh",
            fresh,
            format!(
                "{} USD, believed until {}",
                asset.price_usd,
                asset.price_until.to_rfc3339_seconds()
            ),
            "a price that still holds",
        );
        let usd = amount
            .and_then(|amount| amount.worth(asset.decimals, asset.price_usd))
            .filter(|_| fresh);
        let Some(coin) = self.policy.coin(&chain.name) else {
            self.line(
                "price.gas",
                Rule::Refuse,
                "the policy has no price for what pays gas",
                "",
            );
            return (usd, None);
        };
        let fresh = coin.price_until > now;
        self.pass_or(
            "price.gas",
            fresh,
            format!("{} USD for one {}", coin.price_usd, coin.name),
            "a price that still holds",
        );
        let quote = self.facts.quote.as_ref();
        // The ceiling and not the offer: that is what the signature allows.
        let fee = quote
            .and_then(super::Quote::gas_limit)
            .and_then(|gas| u128::from(gas).checked_mul(chain.fee_max))
            .and_then(|wei| {
                crate::chain::Units::from_base(wei).worth(coin.decimals, coin.price_usd)
            })
            .filter(|_| fresh);
        (usd, fee)
    }

    pub(super) fn caps(&mut self, agent: &AgentPayments, usd: Option<Usd>, fee: Option<Usd>) {
        let caps = &agent.caps;
        let total = usd.and_then(|usd| usd.checked_add(fee?));
        if total.is_none() {
            self.line(
                "price.unknown",
                Rule::Refuse,
                "nobody knows what it would cost",
                "",
            );
        }
        let mut held = vec![
            ("payment", Some(caps.payment)),
            ("hour", Some(caps.hour)),
            ("day", Some(caps.day)),
            ("calendar_day", Some(caps.day)),
            ("week", caps.week),
            ("month", caps.month),
            ("lifetime", Some(caps.lifetime)),
            ("house_hour", Some(self.policy.house.hour)),
            ("house_day", Some(self.policy.house.day)),
            ("house_calendar_day", Some(self.policy.house.day)),
        ];
        if let Some(who) = self.policy.counterparty(&self.wish.counterparty) {
            held.push(("counterparty_payment", who.payment));
            held.push(("counterparty_day", who.day));
        }
        let category = format!("category_{}", self.wish.category);
        let mut on_it = caps.categories.iter();
        let cap = on_it
            .find(|(known, _)| *known == self.wish.category)
            .map(|(_, cap)| *cap);
        held.push((category.as_str(), cap));
        for (name, cap) in held {
            let Some(cap) = cap else { continue };
            let used = match name {
                "payment" | "counterparty_payment" => Some(Usd::ZERO),
                name => self.used(name),
            };
            let code = format!("cap.{name}");
            let Some(used) = used else {
                self.line(&code, Rule::Refuse, "nobody counted", format!("{cap} USD"));
                continue;
            };
            let Some(total) = total else { continue };
            let fits = used.checked_add(total).is_some_and(|sum| sum <= cap);
            self.pass_or(
                &code,
                fits,
                format!("{used} USD used and {total} asked for"),
                format!("{cap} USD"),
            );
            self.limits.push(Limit {
                limit: name.to_owned(),
                cap,
                used,
            });
        }
        let often = self.facts.payments_hour < caps.payments_per_hour;
        self.pass_or(
            "cap.payments_hour",
            often,
            format!("{} within an hour", self.facts.payments_hour),
            caps.payments_per_hour.to_string(),
        );
        let few = self.facts.in_flight < self.policy.house.in_flight;
        self.pass_or(
            "cap.in_flight",
            few,
            format!("{} under way", self.facts.in_flight),
            self.policy.house.in_flight.to_string(),
        );
        if let Some(fee) = fee {
            self.pass_or(
                "cap.fee",
                fee <= caps.fee,
                format!("at most {fee} USD of gas"),
                format!("{} USD", caps.fee),
            );
        }
    }

    pub(super) fn used(&self, name: &str) -> Option<Usd> {
        let mut used = self.facts.used.iter();
        used.find(|(known, _)| known == name).map(|(_, used)| *used)
    }

    /// The balance, and whether the call would go through.
    pub(super) fn chain_word(&mut self, asset: Option<&Asset>) {
        let (Some(quote), Some(asset)) = (&self.facts.quote, asset) else {
            self.line(
                "balance.unknown",
                Rule::Refuse,
                "the chain did not answer",
                "",
            );
            return;
        };
        let age = self.facts.now.since(quote.at);
        // A word from the future is no fresher than one from long ago.
        let fresh = quote.at <= self.facts.now.plus(QUOTE_MAX_AGE) && age <= QUOTE_MAX_AGE;
        self.pass_or(
            "balance.fresh",
            fresh,
            format!("read at {}", quote.at.to_rfc3339_seconds()),
            "within the last minute",
        );
        self.pass_or(
            "asset.code",
            quote.code_as_pinned,
            "the token's code",
            "the one that is pinned",
        );
        let coin = self
            .policy
            .coin(&asset.chain)
            .map_or(18, |coin| coin.decimals);
        let chain = self.policy.chain(&asset.chain);
        let gas_max = quote
            .gas_limit()
            .zip(chain)
            .and_then(|(gas, chain)| u128::from(gas).checked_mul(chain.fee_max));
        let amount = self.wish.terms.as_ref().map(|terms| terms.amount.base());
        let enough = amount.is_some_and(|amount| quote.balance.base() >= amount);
        self.pass_or(
            "balance.insufficient",
            enough,
            format!(
                "{} {} there",
                quote.balance.show(asset.decimals),
                asset.name
            ),
            "what is to be paid",
        );
        // The coin pays for gas; where it is what is paid, both come out of it.
        let needed = match asset.token {
            Some(_) => gas_max,
            None => gas_max.and_then(|gas| gas.checked_add(amount?)),
        };
        let enough = needed.is_some_and(|needed| quote.coin.base() >= needed);
        self.pass_or(
            "balance.gas",
            enough,
            format!("{} of the coin there", quote.coin.show(coin)),
            needed.map_or_else(
                || "nobody knows".to_owned(),
                |wei| crate::chain::Units::from_base(wei).show(coin),
            ),
        );
        match &quote.simulation {
            Simulation::Passes { .. } => {
                self.line("simulation.failed", Rule::Allow, "it would go through", "")
            }
            Simulation::Fails { why } => self.line(
                "simulation.failed",
                Rule::Refuse,
                why.chars().take(200).collect::<String>(),
                "",
            ),
        }
    }
}
