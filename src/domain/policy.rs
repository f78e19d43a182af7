//! Policies: thresholds, caps and prices, each version known by its hash.

use crate::{
    ContentHash, Score, Usd,
    cfo::PaymentPolicy,
    clock::Span,
    second::SecondApprover,
    spend::BudgetCategory,
    verdict::{Check, SensitiveTopic},
};

/// The thresholds that apply to one task, fixed when it is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ConfidenceWindow {
    /// At or above: may go out by itself.
    pub auto_min: Score,
    /// At or above: a person decides. Below: refused.
    pub human_min: Score,
}

/// Everything the swarm decides by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Policy {
    /// Hash of the file it was read from.
    pub hash: ContentHash,
    /// What becomes a task.
    pub planner: PlannerPolicy,
    /// What goes out.
    pub judge: JudgePolicy,
    /// What may be spent.
    pub budget: BudgetPolicy,
    /// What may be paid from wallets; without it nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payments: Option<PaymentPolicy>,
}

/// What becomes a task, and how many.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PlannerPolicy {
    /// At or above: a signal becomes tasks.
    pub relevance_min: Score,
    /// Plans per agent and hour.
    pub plans_per_hour_max: u32,
    /// Plans per agent and day (rolling 24 h).
    pub plans_per_day_max: u32,
    /// The planner waits when this many tasks are unfinished.
    pub queue_depth_max: u32,
    /// The planner waits when this many tickets are open.
    pub review_depth_max: u32,
    /// How often a plan is attempted before it is given up.
    pub plan_attempts_max: u32,
    /// The most one plan may cost.
    pub plan_budget_usd_max: Usd,
}

/// What goes out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct JudgePolicy {
    /// Thresholds.
    pub window: ConfidenceWindow,
    /// The weight of each check in the judge's confidence.
    pub weights: Vec<(Check, u32)>,
    /// Words and phrases per sensitive topic, lower case.
    pub sensitive: Vec<(SensitiveTopic, Vec<String>)>,
    /// Words and phrases that forbid publishing, lower case.
    pub blocked_phrases: Vec<String>,
    /// After this a ticket escalates.
    pub sla: Span,
    /// After this a ticket expires.
    pub sla_expire: Span,
    /// How long an approved effect is held for undo.
    pub undo_fuse: Span,
    /// The share of what could go out alone that a person sees all the same; nobody said so, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Score>,
    /// The share of tickets that are followed by a probe, a text known to be bad; nobody said so, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<Score>,
    /// What two people must approve; nothing in a policy from before it could be said.
    #[serde(default)]
    pub second_approver: SecondApprover,
}

/// What may be spent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BudgetPolicy {
    /// The IANA zone whose calendar day counts.
    pub zone: String,
    /// Per agent, rolling 24 hours and calendar day; the stricter binds.
    pub agent_day_usd_max: Usd,
    /// Prices, newest first.
    pub prices: Vec<Price>,
}

/// What one use of a tool costs, since a date.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Price {
    /// The MCP server.
    pub server: String,
    /// The tool.
    pub tool: String,
    /// What is counted.
    pub unit: PriceUnit,
    /// The price of one unit; of one that goes in where those that come out have their own.
    pub usd: Usd,
    /// The price of a thousand tokens that come out, where it is another than of those that go in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd_out: Option<Usd>,
    /// The most units one call is expected to take; the reservation is for these.
    pub units_max: u64,
    /// Since when it holds, RFC 3339 date.
    pub since: String,
    /// On what the money is spent.
    pub category: BudgetCategory,
    /// Whether the bill is a stand-in.
    pub simulated: bool,
}

crate::words::words! {
    /// What a price counts.
    pub enum PriceUnit as "price unit" {
        /// Each call.
        Call = "call",
        /// Each thousand tokens, in and out.
        Ktokens = "ktokens",
        /// Each image.
        Image = "image",
        /// Each second of video.
        Second = "second",
    }
}

impl BudgetPolicy {
    /// The price of a tool, if one is known.
    #[must_use]
    pub fn price(&self, server: &str, tool: &str) -> Option<&Price> {
        self.prices
            .iter()
            .find(|p| p.server == server && p.tool == tool)
    }

    /// The most a call of this tool may cost on any server that has a price for it; `None` where none has, or one does not
    /// fit.
    #[must_use]
    pub fn dearest(&self, tool: &str) -> Option<Usd> {
        let mut servers: Vec<&str> = self
            .prices
            .iter()
            .filter(|p| p.tool == tool)
            .map(|p| p.server.as_str())
            .collect();
        servers.dedup();
        let estimates = servers
            .iter()
            .map(|server| self.price(server, tool)?.estimate());
        estimates.collect::<Option<Vec<Usd>>>()?.into_iter().max()
    }
}

impl Price {
    /// What a call is expected to cost at most; `None` when it does not fit.
    #[must_use]
    pub fn estimate(&self) -> Option<Usd> {
        self.dearer().prorated_up(self.units_max, 1)
    }

    /// The dearer of its two prices.
    fn dearer(&self) -> Usd {
        self.usd_out.map_or(self.usd, |out| out.max(self.usd))
    }

    /// What a call cost by the usage the server reported; `None` when it did not report the unit.
    #[must_use]
    pub fn actual(&self, usage: &Usage) -> Option<Usd> {
        match self.unit {
            PriceUnit::Call => Some(self.usd),
            PriceUnit::Ktokens => match self.usd_out {
                None => self.usd.prorated_up(usage.tokens?, 1_000),
                Some(usd_out) => {
                    let out = usage.tokens_out?;
                    let into = usage.tokens?.checked_sub(out)?;
                    self.usd
                        .prorated_up(into, 1_000)?
                        .checked_add(usd_out.prorated_up(out, 1_000)?)
                }
            },
            PriceUnit::Image => self.usd.prorated_up(usage.images?, 1),
            PriceUnit::Second => self.usd.prorated_up(usage.seconds?, 1),
        }
    }
}

/// What a tool says it used. What it does not say is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens in and out.
    pub tokens: Option<u64>,
    /// Those of them that came out.
    pub tokens_out: Option<u64>,
    /// Images made.
    pub images: Option<u64>,
    /// Seconds of video made.
    pub seconds: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    // R48: cost comes from reported usage; what is not reported is unknown, never nothing.
    #[test]
    fn r48_cost_comes_from_usage_and_unknown_stays_unknown() {
        let price = Price {
            server: "studio".into(),
            tool: "generate_text".into(),
            unit: PriceUnit::Ktokens,
            usd: Usd::from_micros(10_000),
            usd_out: None,
            units_max: 4,
            since: "2026-11-01".into(),
            category: BudgetCategory::MediaGeneration,
            simulated: true,
        };
        assert_eq!(price.estimate(), Some(Usd::from_micros(40_000)));
        assert_eq!(
            price.actual(&Usage {
                tokens: Some(1_500),
                ..Usage::default()
            }),
            Some(Usd::from_micros(15_000))
        );
        let both = |tokens, tokens_out| Usage {
            tokens: Some(tokens),
            tokens_out,
            ..Usage::default()
        };
        // Either way has its own price, each rounded up; the reservation is for the dearer one.
        let two = Price {
            usd: Usd::from_micros(1_000),
            usd_out: Some(Usd::from_micros(8_000)),
            ..price.clone()
        };
        assert_eq!(two.estimate(), Some(Usd::from_micros(32_000)));
        assert_eq!(
            two.actual(&both(1_501, Some(500))),
            Some(Usd::from_micros(1_001 + 4_000))
        );
        assert_eq!(two.actual(&both(1_500, None)), None);
        assert_eq!(two.actual(&both(400, Some(500))), None);
        assert_eq!(
            price.actual(&Usage {
                images: Some(1),
                ..Usage::default()
            }),
            None
        );
    }
}
