//! What a policy leaves open, contradicts or never reaches: each with what to write instead.
//!
//! Nothing here makes a payment safe or unsafe, [`super::decide`] alone does; it says what the person who wrote the file
//! may not have meant. `caps.rs` looks at limits, `people.rs` at who may pay whom.

mod caps;
mod people;
#[cfg(test)]
mod tests;

use crate::{Score, Span, Timestamp, payment::Source, words::words};

use super::{PaymentPolicy, RiskFactor};

/// A price that ends so soon is worth saying.
pub const PRICE_ENDS_WITHIN: Span = Span::from_hours(14 * 24);

words! {
    /// What is wrong with it.
    pub enum LintKind as "kind of a lint" {
        /// A kind of operation that nothing in the policy answers for.
        Uncovered = "uncovered",
        /// Two parts of it say opposite things.
        Contradiction = "contradiction",
        /// Something that can never matter.
        NeverReached = "never_reached",
        /// Something that holds now and soon does not.
        Ending = "ending",
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lint {
    /// Its code, the same for ever.
    pub code: &'static str,
    /// What kind of thing it is.
    pub kind: LintKind,
    /// Where, as `budget.yaml` says it, below `payments`.
    pub at: String,
    /// What is there.
    pub says: String,
    /// What to write.
    pub write: String,
}

/// Everything worth looking at, in the order of the file.
#[must_use]
pub fn lint(policy: &PaymentPolicy, now: Timestamp) -> Vec<Lint> {
    let mut look = Look {
        policy,
        found: Vec::new(),
    };
    look.chains();
    look.prices(now);
    look.assets();
    look.caps();
    look.risk();
    look.review();
    look.sources();
    look.agents();
    look.counterparties();
    look.found
}

struct Look<'a> {
    policy: &'a PaymentPolicy,
    found: Vec<Lint>,
}

impl Look<'_> {
    fn say(
        &mut self,
        (code, kind): (&'static str, LintKind),
        at: impl Into<String>,
        says: impl Into<String>,
        write: impl Into<String>,
    ) {
        self.found.push(Lint {
            code,
            kind,
            at: at.into(),
            says: says.into(),
            write: write.into(),
        });
    }

    fn chains(&mut self) {
        for chain in &self.policy.chains {
            let at = format!("chains.{}", chain.name);
            let used = self
                .policy
                .assets
                .iter()
                .any(|asset| asset.chain == chain.name);
            if !used {
                self.say(
                    ("chain.unused", LintKind::Uncovered),
                    &at,
                    format!("no asset is on {}, so nothing is paid there", chain.name),
                    "name an asset on it, or remove the chain",
                );
            } else if self.policy.coin(&chain.name).is_none() {
                self.say(
                    ("chain.no_coin", LintKind::Uncovered),
                    &at,
                    format!(
                        "nothing pays for gas on {}, so every payment there is refused",
                        chain.name
                    ),
                    "add the chain's own coin to `assets`, with `rail: native`",
                );
            }
        }
    }

    fn prices(&mut self, now: Timestamp) {
        for asset in &self.policy.assets {
            let at = format!("assets.{}.until", asset.name);
            let until = asset.price_until.to_rfc3339_seconds();
            if asset.price_until <= now {
                self.say(
                    ("price.ended", LintKind::Ending),
                    at,
                    format!(
                        "the price of {} ended at {until}: nothing is paid in it or with gas of it",
                        asset.name
                    ),
                    "look the price up, and write it with a new date",
                );
            } else if asset.price_until.since(now) <= PRICE_ENDS_WITHIN {
                self.say(
                    ("price.ends", LintKind::Ending),
                    at,
                    format!(
                        "the price of {} ends at {until}; afterwards nothing is paid in it or with gas of it",
                        asset.name
                    ),
                    "look the price up before, and write it with a new date",
                );
            }
        }
    }

    fn risk(&mut self) {
        let risk = &self.policy.risk;
        if risk.review_above >= risk.refuse_above {
            self.say(
                ("risk.nobody_asked", LintKind::NeverReached),
                "risk.review_above",
                format!(
                    "above {} people would be asked, and above {} it is refused already: nobody is ever asked because of risk",
                    risk.review_above, risk.refuse_above
                ),
                "write a lower `review_above`",
            );
        }
        for factor in RiskFactor::ALL {
            let at = format!("risk.weights.{factor}");
            let weight = risk.weights.iter().find(|(known, _)| known == factor);
            match weight {
                None => self.say(
                    ("risk.unweighed", LintKind::Uncovered),
                    at,
                    format!(
                        "{factor} has no weight, so it counts as much as there is and refuses alone"
                    ),
                    "write a weight between 0 and 1",
                ),
                // An opinion adds what it is itself.
                Some((RiskFactor::Opinion, _)) => {}
                Some((_, weight)) if *weight == Score::from_percent(0) => self.say(
                    ("risk.weightless", LintKind::Uncovered),
                    at,
                    format!("{factor} adds nothing, so nothing follows from it"),
                    "write a weight above 0",
                ),
                Some(_) => {}
            }
        }
    }

    fn sources(&mut self) {
        for source in Source::ALL {
            // Words that were read never move money, whatever the file says.
            let named = *source == Source::Inbound
                || self.policy.sources.iter().any(|(known, _)| known == source);
            if !named {
                self.say(
                    ("source.unnamed", LintKind::Uncovered),
                    format!("sources.{source}"),
                    format!("nothing is said of what {source} asks for, so all of it is refused"),
                    format!("write `{source}: allow`, `review` or `refuse`"),
                );
            }
        }
    }
}
