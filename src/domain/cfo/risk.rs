//! How risky a payment is: named factors, each with what it adds, so that a person can follow the sum.

use crate::{Score, Usd, payment::Source, words::words};

use super::{Facts, PaymentPolicy, Wish};

words! {
    /// What makes a payment riskier.
    pub enum RiskFactor as "risk factor" {
        /// Nobody was paid there before.
        NewCounterparty = "new_counterparty",
        /// Much more than this agent usually pays.
        LargeAmount = "large_amount",
        /// One of many within an hour.
        Velocity = "velocity",
        /// A neighbour asks for it.
        Openclaw = "openclaw",
        /// Words that were read ask for it.
        Inbound = "inbound",
        /// In the night of the policy's zone, from midnight to six.
        Night = "night",
        /// The recipient is a contract.
        Contract = "contract",
        /// The chain says that it would not go through.
        Simulation = "simulation",
        /// No task is behind it, and no person.
        NoTask = "no_task",
        /// What somebody who looked at it thinks beyond the rest.
        Opinion = "opinion",
    }
}

/// What one factor adds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Contribution {
    /// Which.
    pub factor: RiskFactor,
    /// How much.
    pub adds: Score,
    /// What was seen.
    pub observed: String,
}

/// The sum, as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Risk {
    /// The score; none where something it needs could not be read. Never a number then.
    pub score: Option<Score>,
    /// What it is made of.
    pub contributions: Vec<Contribution>,
}

/// So many times the usual amount is large.
const LARGE: i64 = 3;
/// From midnight on, so many hours.
const NIGHT_ENDS: u8 = 6;

pub(super) fn score(wish: &Wish, usd: Option<Usd>, policy: &PaymentPolicy, facts: &Facts) -> Risk {
    let mut contributions = Vec::new();
    let mut add = |factor: RiskFactor, observed: String| {
        let weights = &policy.risk.weights;
        let adds = weights.iter().find(|(known, _)| *known == factor);
        // A factor that the policy does not weigh counts as much as any: nothing is forgotten into safety.
        let adds = adds.map_or(Score::ONE, |(_, weight)| *weight);
        contributions.push(Contribution {
            factor,
            adds,
            observed,
        });
    };
    let mut readable = true;
    match &facts.history {
        None => readable = false,
        Some(history) => {
            if history.to_counterparty == 0 {
                add(RiskFactor::NewCounterparty, "never paid before".to_owned());
            }
            if let (Some(typical), Some(usd)) = (history.typical, usd)
                && usd.micros() > typical.micros().saturating_mul(LARGE)
            {
                add(
                    RiskFactor::LargeAmount,
                    format!("{usd} USD where {typical} is usual"),
                );
            }
        }
    }
    match &facts.quote {
        None => readable = false,
        Some(quote) => {
            if quote.to_contract {
                add(RiskFactor::Contract, "the recipient has code".to_owned());
            }
            if let crate::ports::Simulation::Fails { why } = &quote.simulation {
                add(RiskFactor::Simulation, why.chars().take(200).collect());
            }
        }
    }
    match facts.hour {
        None => readable = false,
        Some(hour) if hour < NIGHT_ENDS => add(RiskFactor::Night, format!("{hour} o'clock")),
        Some(_) => {}
    }
    let cap = policy.agent(&wish.agent).map(|agent| &agent.caps);
    let often = cap.map_or(0, |caps| caps.payments_per_hour / 2);
    if facts.payments_hour > often {
        let observed = format!("{} payments within an hour", facts.payments_hour);
        add(RiskFactor::Velocity, observed);
    }
    match wish.source {
        Source::Openclaw => add(RiskFactor::Openclaw, "a neighbour asks".to_owned()),
        Source::Inbound => add(RiskFactor::Inbound, "words that were read ask".to_owned()),
        Source::Planner | Source::Worker => {
            if !wish.has_task {
                add(RiskFactor::NoTask, "no task names it".to_owned());
            }
        }
        Source::Manual => {}
    }
    if usd.is_none() {
        readable = false;
    }
    let mut sum = contributions
        .iter()
        .fold(0u32, |sum, part| sum.saturating_add(part.adds.ppm()))
        .min(Score::ONE.ppm());
    // An opinion raises the sum to itself and never lowers it.
    if let Some(opinion) = wish.opinion
        && opinion.ppm() > sum
        && let Some(adds) = Score::from_ppm(opinion.ppm() - sum)
    {
        contributions.push(Contribution {
            factor: RiskFactor::Opinion,
            adds,
            observed: format!("{opinion} says who looked at it"),
        });
        sum = opinion.ppm();
    }
    Risk {
        score: Score::from_ppm(sum).filter(|_| readable),
        contributions,
    }
}
