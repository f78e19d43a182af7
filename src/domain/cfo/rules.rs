//! The rules, in the order they are asked. Each writes its line whether it passes or not.

use std::collections::BTreeSet;

use crate::{
    Usd,
    chain::Asset,
    payment::{Source, Terms},
    second::person_of,
    spend::Limit,
};

use super::{
    AgentPayments, ChainPolicy, Decision, Facts, Line, PaymentPolicy, Rule, Wish,
    risk::{self, Risk},
};

/// A memo is one line a person reads.
const MEMO_CHARS_MAX: usize = 500;

/// One wish before the CFO.
pub(super) struct Hearing<'a> {
    pub(super) wish: &'a Wish,
    pub(super) policy: &'a PaymentPolicy,
    pub(super) facts: &'a Facts,
    lines: Vec<Line>,
    pub(super) limits: Vec<Limit>,
    people: u32,
    grounds: Vec<String>,
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
            grounds: Vec::new(),
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
        self.chain_word(asset);
        if let Some(agent) = agent {
            self.caps(agent, usd, fee);
        }
        let risk = risk::score(self.wish, usd, self.policy, self.facts);
        self.risk(&risk);
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
            grounds: self.grounds,
            approved_by,
        }
    }

    pub(super) fn line(
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

    pub(super) fn pass_or(
        &mut self,
        code: &str,
        passes: bool,
        observed: impl Into<String>,
        limit: impl Into<String>,
    ) {
        let says = if passes { Rule::Allow } else { Rule::Refuse };
        self.line(code, says, observed, limit);
    }

    /// So many people are asked, for this.
    pub(super) fn ask(&mut self, people: u32, ground: String) {
        self.people = self.people.max(people);
        self.grounds.push(ground);
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
                self.ask(
                    1,
                    format!("whatever {source} asks for is shown to a person"),
                );
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
                self.ask(1, format!("risk {score}, above {}", policy.review_above));
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

    /// How many different people approved exactly these terms; whether they are enough.
    fn approvals(&mut self, usd: Option<Usd>) -> u32 {
        let review = &self.policy.review;
        match usd {
            Some(usd) if usd > review.two_above => {
                let ground = format!("{usd} USD, above {}: two people", review.two_above);
                self.ask(2, ground);
            }
            Some(usd) if usd > review.one_above => {
                self.ask(1, format!("{usd} USD, above {}", review.one_above));
            }
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
