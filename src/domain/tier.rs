//! Tier: how much goes into a moving picture. Chosen by what it is for and what is left of the money, and kept with it.

use crate::{Usd, score::Score, spend::Limit, task::Priority, words::words};

words! {
    /// How much goes into a moving picture.
    pub enum Tier as "video tier" {
        /// Small and plain.
        Daily = "daily",
        /// Large and smooth.
        Hero = "hero",
    }
}

words! {
    /// Why it is the tier it is.
    pub enum TierGround as "ground of a video tier" {
        /// Its priority asks for it.
        Priority = "priority",
        /// More was asked for, and it would take a budget below [`ECONOMY`].
        Short = "short",
        /// A budget is below [`ECONOMY`]: nothing above daily is made, whatever it is for.
        Economy = "economy",
        /// More was asked for, and nobody knows what is left or what it costs.
        Unknown = "unknown",
    }
}

/// The share of a budget below which nothing above daily is made of it.
pub const ECONOMY: Score = Score::from_percent(20);

/// A tier, and everything it was chosen by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TierChoice {
    /// Which.
    pub tier: Tier,
    /// Why.
    pub ground: TierGround,
    /// What it is for.
    pub priority: Priority,
    /// The budgets as they were: of the plan, the campaign and the agent's day; none when nobody could say.
    pub funds: Vec<Limit>,
    /// What it may cost at most; `None` is unknown.
    pub estimate: Option<Usd>,
}

impl TierChoice {
    /// Chooses from nothing but these: the same facts give the same tier.
    #[must_use]
    pub fn of(priority: Priority, funds: Vec<Limit>, estimate: Option<Usd>) -> Self {
        let wanted = match priority {
            Priority::High => Tier::Hero,
            Priority::Medium | Priority::Low => Tier::Daily,
        };
        let is_short = |cost: Usd| funds.iter().any(|limit| is_below(limit, cost));
        let ground = if is_short(Usd::ZERO) {
            TierGround::Economy
        } else if wanted == Tier::Daily {
            TierGround::Priority
        } else {
            match estimate {
                Some(cost) if !funds.is_empty() && is_short(cost) => TierGround::Short,
                Some(_) if !funds.is_empty() => TierGround::Priority,
                // What is not known is not there.
                Some(_) | None => TierGround::Unknown,
            }
        };
        let tier = match ground {
            TierGround::Priority => wanted,
            TierGround::Short | TierGround::Economy | TierGround::Unknown => Tier::Daily,
        };
        Self {
            tier,
            ground,
            priority,
            funds,
            estimate,
        }
    }

    /// In words, with the budget that settled it.
    #[must_use]
    pub fn why(&self) -> String {
        let Self {
            tier,
            ground,
            priority,
            funds,
            estimate,
        } = self;
        let asked = format!("video tier {tier}: priority {priority}");
        let named = |cost: Usd| {
            let short = funds.iter().find(|limit| is_below(limit, cost));
            short.map_or_else(String::new, |limit| {
                format!("{}: {} of {} USD used", limit.limit, limit.used, limit.cap)
            })
        };
        match ground {
            TierGround::Priority => asked,
            TierGround::Short => {
                let cost = estimate.unwrap_or(Usd::ZERO);
                format!(
                    "{asked} asks for hero; lowered, as {cost} USD more would leave less than {ECONOMY} of {}",
                    named(cost)
                )
            }
            TierGround::Economy => format!(
                "{asked}; economy, as less than {ECONOMY} is left of {}: nothing above daily",
                named(Usd::ZERO)
            ),
            TierGround::Unknown if funds.is_empty() => {
                format!("{asked} asks for hero; lowered, as nobody knows what is left")
            }
            TierGround::Unknown => {
                format!("{asked} asks for hero; lowered, as nobody knows what it costs")
            }
        }
    }
}

/// Whether less than [`ECONOMY`] of a budget is left.
#[must_use]
pub fn is_economy(limit: &Limit) -> bool {
    is_below(limit, Usd::ZERO)
}

/// Whether less than [`ECONOMY`] of a budget is left once this much more is taken from it. One that allows nothing is.
fn is_below(limit: &Limit, cost: Usd) -> bool {
    let (cap, used) = (limit.cap.micros(), limit.used.micros());
    let left = i128::from(cap) - i128::from(used) - i128::from(cost.micros());
    left <= 0 || left * 1_000_000 < i128::from(cap) * i128::from(ECONOMY.ppm())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(name: &str, cap: i64, used: i64) -> Limit {
        Limit {
            limit: name.into(),
            cap: Usd::from_micros(cap),
            used: Usd::from_micros(used),
        }
    }

    /// A plan of 2 USD, a campaign of 100 and a day of 50, with this much of each used.
    fn funds(plan: i64, campaign: i64, day: i64) -> Vec<Limit> {
        vec![
            limit("task", 2_000_000, plan),
            limit("campaign_total", 100_000_000, campaign),
            limit("agent_day", 50_000_000, day),
        ]
    }

    // R47: what matters most is a hero, the rest is daily; a hero that would leave less than a fifth of any budget is lowered,
    // and below a fifth it is economy for everybody, which is said. The fifth itself is enough.
    #[test]
    fn r47_the_tier_follows_from_priority_and_what_is_left() {
        let cost = Some(Usd::from_micros(600_000));
        let check = |priority, funds: Vec<Limit>, estimate, expected, says: &str| {
            let choice = TierChoice::of(priority, funds, estimate);
            assert_eq!((choice.tier, choice.ground), expected, "{choice:?}");
            assert!(choice.why().contains(says), "{}", choice.why());
            // The facts that are kept are all it was chosen from.
            let again = TierChoice::of(choice.priority, choice.funds.clone(), choice.estimate);
            assert_eq!(again, choice);
        };
        use {Priority::*, Tier::*, TierGround as G};
        check(
            High,
            funds(0, 0, 0),
            cost,
            (Hero, G::Priority),
            "hero: priority high",
        );
        check(
            Medium,
            funds(0, 0, 0),
            cost,
            (Daily, G::Priority),
            "daily: priority medium",
        );
        check(
            Low,
            funds(0, 0, 0),
            None,
            (Daily, G::Priority),
            "daily: priority low",
        );
        check(
            High,
            funds(1_000_000, 0, 0),
            cost,
            (Hero, G::Priority),
            "hero",
        );
        let says = "lowered, as 0.60 USD more would leave less than 0.20 of task: 1.000001 of 2.00 USD used";
        check(High, funds(1_000_001, 0, 0), cost, (Daily, G::Short), says);
        check(
            High,
            funds(0, 0, 39_900_000),
            cost,
            (Daily, G::Short),
            "agent_day",
        );
        check(
            High,
            funds(1_600_000, 0, 0),
            Some(Usd::ZERO),
            (Hero, G::Priority),
            "hero",
        );
        for priority in [High, Medium, Low] {
            let says = "economy, as less than 0.20 is left of campaign_total: 80.000001 of 100.00 USD used";
            check(
                priority,
                funds(0, 80_000_001, 0),
                cost,
                (Daily, G::Economy),
                says,
            );
            check(
                priority,
                vec![limit("task", 0, 0)],
                cost,
                (Daily, G::Economy),
                "economy",
            );
        }
    }

    // R47: what is not known is never taken for enough.
    #[test]
    fn r47_what_is_not_known_is_not_there() {
        let high = |funds, estimate| TierChoice::of(Priority::High, funds, estimate);
        let unpriced = high(funds(0, 0, 0), None);
        assert_eq!(
            (unpriced.tier, unpriced.ground),
            (Tier::Daily, TierGround::Unknown)
        );
        assert!(unpriced.why().ends_with("nobody knows what it costs"));
        let unread = high(vec![], Some(Usd::ZERO));
        assert_eq!(
            (unread.tier, unread.ground),
            (Tier::Daily, TierGround::Unknown)
        );
        assert!(unread.why().ends_with("nobody knows what is left"));
    }
}
