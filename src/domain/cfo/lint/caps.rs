//! Limits: what is left without one, what a stricter one always comes before, and lines nobody ever crosses.

use crate::{Usd, spend::BudgetCategory};

use super::{
    super::{HouseCaps, PaymentCaps},
    LintKind, Look,
};

/// How often the shorter time fits into the longer, the last one begun.
const HOURS_A_DAY: i64 = 24;
const DAYS_A_WEEK: i64 = 7;
const DAYS_A_MONTH: i64 = 30;
const WEEKS_A_MONTH: i64 = 5;

impl Look<'_> {
    pub(super) fn caps(&mut self) {
        let policy = self.policy;
        self.caps_of("caps", &policy.caps, &policy.house);
        for agent in &policy.agents {
            // What an agent has from all is said once.
            if agent.caps != policy.caps {
                let at = format!("agents.{}.caps", agent.agent);
                self.caps_of(&at, &agent.caps, &policy.house);
            }
        }
    }

    fn caps_of(&mut self, at: &str, caps: &PaymentCaps, house: &HouseCaps) {
        let PaymentCaps {
            payment,
            hour,
            day,
            week,
            month,
            lifetime,
            payments_per_hour: _,
            fee,
            categories,
        } = caps;
        let times = |cap: &Usd, n: i64| Usd::from_micros(cap.micros().saturating_mul(n));
        let day_max = (*day).min(times(hour, HOURS_A_DAY));
        let week_max = times(&day_max, DAYS_A_WEEK);
        let month_max = week.map_or(times(&day_max, DAYS_A_MONTH), |week| {
            times(&week, WEEKS_A_MONTH).min(times(&day_max, DAYS_A_MONTH))
        });
        let mut limits = vec![
            ("hour_usd".to_owned(), *hour, "house.hour_usd", house.hour),
            ("day_usd".to_owned(), *day, "house.day_usd", house.day),
            (
                "day_usd".to_owned(),
                *day,
                "24 times hour_usd",
                times(hour, HOURS_A_DAY),
            ),
            ("fee_usd".to_owned(), *fee, "payment_usd", *payment),
        ];
        let of = |name: &str, cap: &Option<Usd>, other, most| {
            cap.map(|cap| (name.to_owned(), cap, other, most))
        };
        limits.extend(of("week_usd", week, "7 times the day's cap", week_max));
        limits.extend(of(
            "month_usd",
            month,
            "30 times the day's cap or 5 times the week's",
            month_max,
        ));
        limits.extend(of("week_usd", week, "lifetime_usd", *lifetime));
        limits.extend(of("month_usd", month, "lifetime_usd", *lifetime));
        for (category, cap) in categories {
            limits.push((format!("categories.{category}"), *cap, "day_usd", *day));
        }
        let mut said: Vec<String> = Vec::new();
        // Of several that come first the strictest is told.
        limits.sort_by_key(|(.., most)| *most);
        for (name, cap, other, most) in limits {
            if most <= cap && !said.contains(&name) {
                self.say(
                    ("cap.never_binds", LintKind::NeverReached),
                    format!("{at}.{name}"),
                    format!(
                        "{cap} USD is never reached: {other} ({most} USD) always stops it first"
                    ),
                    format!("write less than {most}, or raise the other, or leave it"),
                );
                said.push(name);
            }
        }
        if categories.is_empty() {
            return;
        }
        let open: Vec<&str> = BudgetCategory::ALL
            .iter()
            .filter(|which| categories.iter().all(|(known, _)| known != *which))
            .map(|which| which.as_str())
            .collect();
        if !open.is_empty() {
            self.say(
                ("category.uncapped", LintKind::Uncovered),
                format!("{at}.categories"),
                format!(
                    "some categories have a cap and {} has none of its own",
                    open.join(", ")
                ),
                "write a cap for each, or none at all",
            );
        }
    }

    /// Lines above which people are asked, and which no payment can be above.
    pub(super) fn review(&mut self) {
        let policy = self.policy;
        let all = policy.agents.iter().map(|agent| agent.caps.payment);
        let Some(most) = all.max() else {
            return;
        };
        let review = &policy.review;
        for (at, line, people) in [
            ("review.one_above_usd", review.one_above, "one person is"),
            ("review.two_above_usd", review.two_above, "two people are"),
        ] {
            if line >= most {
                self.say(
                    ("review.never_reached", LintKind::NeverReached),
                    at,
                    format!(
                        "no payment may be above {most} USD, so above {line} nothing happens: {people} never asked because of the amount"
                    ),
                    format!("write less than {most}, or leave it if nobody is meant to be asked"),
                );
            }
        }
    }
}
