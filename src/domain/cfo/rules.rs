//! The rules, in the order they are asked. Each writes its line whether it passes or not.

use std::collections::BTreeSet;

use crate::{
    Span, Usd,
    chain::{Asset, EvmAddress},
    payment::{Source, Terms},
    ports::Simulation,
    second::person_of,
    spend::Limit,
};

use super::{
    AgentPayments, ChainPolicy, Decision, Facts, Line, PaymentPolicy, Rule, Wish,
    risk::{self, Risk},
};

/// What the chain said is believed for so long.
const QUOTE_MAX_AGE: Span = Span::from_secs(60);
/// A memo is one line a person reads.
const MEMO_CHARS_MAX: usize = 500;

/// One wish before the CFO.
pub(super) struct Hearing<'a> {
    wish: &'a Wish,
    policy: &'a PaymentPolicy,
    facts: &'a Facts,
    lines: Vec<Line>,
    limits: Vec<Limit>,
    people: u32,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(wish: &'a Wish, policy: &'a PaymentPolicy, facts: &'a Facts) -> Self {
        Self {
            wish,
            policy,
            facts,
            lines: Vec::new(),
            limits: Vec::new(),
            people: 0,
        }
    }

    pub(super) fn decide(mut self) -> Decision {
        self.request();
        self.halts();
        self.source();
        let agent = self.policy.agent(&self.wish.agent);
        let asset = self.policy.asset(&self.wish.asset);
        let chain = asset.and_then(|asset| self.policy.chain(&asset.chain));
        self.what(agent, asset, chain);
        self.counterparty(asset);
        let (usd, fee) = self.price(asset, chain);
        if let Some(agent) = agent {
            self.caps(agent, usd, fee);
        }
        let risk = risk::score(self.wish, usd, self.policy, self.facts);
        self.risk(&risk);
        self.chain_word(asset);
        let approved_by = self.approvals(usd);
        let verdict = self.lines.iter().map(|line| line.says).max();
        // Without terms there is nothing to allow; the rules above have said why.
        let verdict = match &self.wish.terms {
            Some(_) => verdict.unwrap_or(Rule::Refuse),
            None => Rule::Refuse,
        };
        let terms = self.wish.terms.as_ref();
        Decision {
            payment_id: terms.map(|terms| terms.payment_id),
            digest: terms.map(Terms::digest),
            verdict,
            lines: self.lines,
            risk,
            limits: self.limits,
            usd,
            fee,
            people: self.people,
            approved_by,
        }
    }

    fn line(
        &mut self,
        code: &str,
        says: Rule,
        observed: impl Into<String>,
        limit: impl Into<String>,
    ) {
        self.lines.push(Line {
            code: code.to_owned(),
            says,
            observed: observed.into(),
            limit: limit.into(),
        });
    }

    fn pass_or(
        &mut self,
        code: &str,
        passes: bool,
        observed: impl Into<String>,
        limit: impl Into<String>,
    ) {
        let says = if passes { Rule::Allow } else { Rule::Refuse };
        self.line(code, says, observed, limit);
    }

    fn ask(&mut self, people: u32) {
        self.people = self.people.max(people);
    }

    fn request(&mut self) {
        let memo = &self.wish.memo;
        let readable = !memo.trim().is_empty() && memo.chars().count() <= MEMO_CHARS_MAX;
        self.pass_or(
            "request.memo",
            readable,
            memo.chars().take(80).collect::<String>(),
            "one line that says what for",
        );
        if let Some(terms) = &self.wish.terms {
            let positive = terms.amount.base() > 0;
            self.pass_or(
                "request.amount",
                positive,
                self.wish.amount.clone(),
                "more than nothing",
            );
        } else {
            let text: String = self.wish.amount.chars().take(80).collect();
            self.pass_or(
                "request.terms",
                false,
                format!("{text} {} to {}", self.wish.asset, self.wish.counterparty),
                "an amount of an asset, to a counterparty, from a wallet that the policy knows",
            );
        }
    }

    fn halts(&mut self) {
        let halted = self.facts.halted.clone();
        self.pass_or(
            "frozen.halt",
            halted.is_none(),
            halted.unwrap_or_default(),
            "",
        );
        let frozen = self.facts.frozen.clone();
        self.pass_or(
            "frozen.wallet",
            frozen.is_none(),
            frozen.unwrap_or_default(),
            "",
        );
    }

    fn source(&mut self) {
        let source = self.wish.source;
        let named = self
            .policy
            .sources
            .iter()
            .find(|(known, _)| *known == source);
        // Words that were read never move money, whatever the policy says.
        let rule = match source {
            Source::Inbound => Rule::Refuse,
            Source::Planner | Source::Worker | Source::Openclaw | Source::Manual => {
                named.map_or(Rule::Refuse, |(_, rule)| *rule)
            }
        };
        match rule {
            Rule::Allow => self.line("source", Rule::Allow, source.as_str(), "allow"),
            Rule::Review => {
                self.ask(1);
                self.line("source", Rule::Allow, source.as_str(), "one person");
            }
            Rule::Refuse => self.line("source.not_authorized", Rule::Refuse, source.as_str(), ""),
        }
    }

    fn what(
        &mut self,
        agent: Option<&AgentPayments>,
        asset: Option<&Asset>,
        chain: Option<&ChainPolicy>,
    ) {
        self.pass_or(
            "wallet.known",
            agent.is_some(),
            self.wish.agent.clone(),
            "an agent with a wallet in the policy",
        );
        self.pass_or(
            "asset.known",
            asset.is_some() && chain.is_some(),
            self.wish.asset.clone(),
            "an asset of the policy on a chain of the policy",
        );
        if let Some(agent) = agent {
            let allowed = agent.assets.contains(&self.wish.asset);
            self.pass_or(
                "asset.allowed",
                allowed,
                self.wish.asset.clone(),
                agent.assets.join(", "),
            );
        }
    }

    fn counterparty(&mut self, asset: Option<&Asset>) {
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
                    self.ask(1);
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

    /// What the payment and its gas are worth, rounded up.
    fn price(
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

    fn caps(&mut self, agent: &AgentPayments, usd: Option<Usd>, fee: Option<Usd>) {
        let caps = &agent.caps;
        let total = usd.and_then(|usd| usd.checked_add(fee?));
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
        let on_it = caps.categories.iter();
        let cap = on_it
            .filter(|(known, _)| *known == self.wish.category)
            .map(|(_, cap)| *cap)
            .next();
        held.push((category.as_str(), cap));
        let named: Vec<(String, Option<Usd>)> = held
            .into_iter()
            .map(|(name, cap)| (name.to_owned(), cap))
            .collect();
        for (name, cap) in named {
            let Some(cap) = cap else { continue };
            let used = match name.as_str() {
                "payment" | "counterparty_payment" => Some(Usd::ZERO),
                name => self.used(name),
            };
            let code = format!("cap.{name}");
            let (Some(used), Some(total)) = (used, total) else {
                self.line(&code, Rule::Refuse, "nobody knows", format!("{cap} USD"));
                continue;
            };
            let fits = used.checked_add(total).is_some_and(|sum| sum <= cap);
            self.pass_or(
                &code,
                fits,
                format!("{used} USD used and {total} asked for"),
                format!("{cap} USD"),
            );
            self.limits.push(Limit {
                limit: name,
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
        match fee {
            Some(fee) => self.pass_or(
                "cap.fee",
                fee <= caps.fee,
                format!("at most {fee} USD of gas"),
                format!("{} USD", caps.fee),
            ),
            None => self.line(
                "cap.fee",
                Rule::Refuse,
                "nobody knows what its gas costs",
                format!("{} USD", caps.fee),
            ),
        }
    }

    fn used(&self, name: &str) -> Option<Usd> {
        let mut used = self.facts.used.iter();
        used.find(|(known, _)| known == name).map(|(_, used)| *used)
    }

    fn risk(&mut self, risk: &Risk) {
        let policy = &self.policy.risk;
        match risk.score {
            None => self.line(
                "risk.unscored",
                Rule::Refuse,
                "something it needs could not be read",
                format!("at most {}", policy.refuse_above),
            ),
            Some(score) if score > policy.refuse_above => self.line(
                "risk.above_threshold",
                Rule::Refuse,
                score.to_string(),
                format!("at most {}", policy.refuse_above),
            ),
            Some(score) if score > policy.review_above => {
                self.ask(1);
                self.line(
                    "risk.review",
                    Rule::Allow,
                    score.to_string(),
                    format!("one person above {}", policy.review_above),
                );
            }
            Some(score) => self.line(
                "risk",
                Rule::Allow,
                score.to_string(),
                format!("at most {}", policy.review_above),
            ),
        }
    }

    /// The balance, and whether the call would go through.
    fn chain_word(&mut self, asset: Option<&Asset>) {
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

    /// How many different people approved exactly these terms; whether they are enough.
    fn approvals(&mut self, usd: Option<Usd>) -> u32 {
        let review = &self.policy.review;
        match usd {
            Some(usd) if usd > review.two_above => self.ask(2),
            Some(usd) if usd > review.one_above => self.ask(1),
            Some(_) | None => {}
        }
        let digest = self.wish.terms.as_ref().map(Terms::digest);
        let proposer = person_of(&self.wish.proposer);
        let mut people: BTreeSet<&str> = self
            .facts
            .approvals
            .iter()
            .filter(|approval| Some(approval.digest) == digest)
            .filter(|approval| {
                approval.at <= self.facts.now && self.facts.now.since(approval.at) <= review.ttl
            })
            .map(|approval| person_of(&approval.by))
            .filter(|person| *person != proposer)
            .collect();
        if self.wish.forced && self.wish.source == Source::Manual {
            people.insert(proposer);
        }
        let approved_by = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let needed = self.people;
        if needed > 0 {
            let names: Vec<&str> = people.into_iter().collect();
            let says = if approved_by >= needed {
                Rule::Allow
            } else {
                Rule::Review
            };
            let observed = if names.is_empty() {
                "nobody yet".to_owned()
            } else {
                names.join(", ")
            };
            self.line(
                "approval.people",
                says,
                observed,
                format!("{needed} of another name than {proposer}"),
            );
        }
        approved_by
    }
}
