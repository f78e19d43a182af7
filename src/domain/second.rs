//! When one person is not enough to let something out, and who is another person.
//!
//! The rule is data ([`SecondApprover`], of the policy) and the decision is pure: what is at stake goes in, the
//! grounds come out. Where something goes to a stand-in or is a dry run, nobody outside sees it and no money is
//! real: there one person is always enough.

use std::fmt;

use crate::Usd;

/// What two people must approve. `None` and `false` switch a ground off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct SecondApprover {
    /// Sending that may cost more than this, or nobody knows how much.
    pub money_over: Option<Usd>,
    /// Sensitive text where more than so many see a post of the account, or nobody knows how many.
    pub sensitive_audience_over: Option<u64>,
    /// What nobody of this account on this platform has posted before.
    pub first_live_post: bool,
}

/// What an approval would do, as far as the rule looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stakes {
    /// Whether it reaches a platform.
    pub live: bool,
    /// What sending costs at most, where a price is known.
    pub cost: Option<Usd>,
    /// Whether the text touches a sensitive topic.
    pub sensitive: bool,
    /// The most views one of the account's last live posts got, where the platform tells.
    pub audience: Option<u64>,
    /// Whether the account has posted nothing live before.
    pub first_post: bool,
}

/// Why two people approve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// It costs too much for one.
    Money {
        /// What it costs at most; `None` is unknown.
        cost: Option<Usd>,
        /// What one may let out.
        over: Usd,
    },
    /// It is sensitive, and many see it.
    Sensitive {
        /// How many; `None` is unknown.
        audience: Option<u64>,
        /// Before how many one may let it out.
        over: u64,
    },
    /// It is the account's first.
    FirstLivePost,
}

impl SecondApprover {
    /// Why two people must approve this; nothing where one is enough.
    #[must_use]
    pub fn grounds(&self, stakes: &Stakes) -> Vec<Ground> {
        if !stakes.live {
            return Vec::new();
        }
        let money = self
            .money_over
            .filter(|over| stakes.cost.is_none_or(|cost| cost > *over))
            .map(|over| Ground::Money {
                cost: stakes.cost,
                over,
            });
        let sensitive = self
            .sensitive_audience_over
            .filter(|over| stakes.sensitive && stakes.audience.is_none_or(|n| n > *over))
            .map(|over| Ground::Sensitive {
                audience: stakes.audience,
                over,
            });
        let first = (self.first_live_post && stakes.first_post).then_some(Ground::FirstLivePost);
        [money, sensitive, first].into_iter().flatten().collect()
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money { cost: None, .. } => f.write_str("nobody knows what sending it costs"),
            Self::Money {
                cost: Some(cost),
                over,
            } => write!(
                f,
                "sending it costs at most {cost} USD, which is over {over}"
            ),
            Self::Sensitive { audience: None, .. } => {
                f.write_str("a sensitive topic, and nobody knows how many see it")
            }
            Self::Sensitive {
                audience: Some(n),
                over,
            } => write!(
                f,
                "a sensitive topic before {n} people, which is over {over}"
            ),
            Self::FirstLivePost => f.write_str("the first live post of this account"),
        }
    }
}

/// All grounds in one line.
#[must_use]
pub fn told(grounds: &[Ground]) -> String {
    let lines: Vec<String> = grounds.iter().map(Ground::to_string).collect();
    lines.join("; ")
}

/// The person behind an actor (`ana@host`): what stands before the machine, because nobody is a second person at
/// another one.
#[must_use]
pub fn person_of(actor: &str) -> &str {
    actor.split_once('@').map_or(actor, |(person, _)| person)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: SecondApprover = SecondApprover {
        money_over: Some(Usd::from_micros(1_000_000)),
        sensitive_audience_over: Some(1_000),
        first_live_post: true,
    };
    const ROUTINE: Stakes = Stakes {
        live: true,
        cost: Some(Usd::from_micros(1_000_000)),
        sensitive: false,
        audience: Some(5_000),
        first_post: false,
    };
    const ALL: Stakes = Stakes {
        cost: Some(Usd::from_micros(1_000_001)),
        sensitive: true,
        first_post: true,
        ..ROUTINE
    };

    fn check(rule: SecondApprover, stakes: Stakes, expected: &str) {
        assert_eq!(told(&rule.grounds(&stakes)), expected, "{stakes:?}");
    }

    // R78: each ground by itself, at its limit and above it; what is not known counts as much.
    #[test]
    fn r78_each_ground_fires_above_its_limit_and_where_nobody_knows() {
        check(RULE, ROUTINE, "");
        let cost = |cost| Stakes { cost, ..ROUTINE };
        check(
            RULE,
            cost(Some(Usd::from_micros(1_000_001))),
            "sending it costs at most 1.000001 USD, which is over 1.00",
        );
        check(RULE, cost(None), "nobody knows what sending it costs");
        let seen = |audience| Stakes {
            sensitive: true,
            audience,
            ..ROUTINE
        };
        check(RULE, seen(Some(1_000)), "");
        check(
            RULE,
            seen(Some(1_001)),
            "a sensitive topic before 1001 people, which is over 1000",
        );
        check(
            RULE,
            seen(None),
            "a sensitive topic, and nobody knows how many see it",
        );
        let first = Stakes {
            first_post: true,
            ..ROUTINE
        };
        check(RULE, first, "the first live post of this account");
    }

    // R78: all grounds are told together; nothing that is switched off and nothing that reaches nobody asks for two.
    #[test]
    fn r78_grounds_add_up_and_what_is_off_or_not_live_asks_for_one() {
        assert_eq!(RULE.grounds(&ALL).len(), 3);
        check(SecondApprover::default(), ALL, "");
        let rehearsed = Stakes { live: false, ..ALL };
        check(RULE, rehearsed, "");
    }

    // R78: a person stays the same one at another machine or terminal.
    #[test]
    fn r78_a_person_is_the_same_at_another_machine() {
        assert_eq!(person_of("ana@one"), person_of("ana@two:pts/3"));
        assert_ne!(person_of("ana@one"), person_of("ben@one"));
        assert_eq!(person_of("ana"), "ana");
    }
}
