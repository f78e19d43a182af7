//! What was spent on what, by whom and for what, in both budgets; and what came of it.
//!
//! Pure: bookings in, sums out. What nobody pays is never added to what somebody does, and what nobody knows the worth of is
//! listed by its units.

use std::collections::BTreeMap;

use super::headroom::Headroom;
use crate::{
    Safe, Usd,
    chain::Units,
    clock::Timestamp,
    ids::{AgentId, CampaignId},
    spend::BudgetCategory,
};

crate::words::words! {
    /// The two budgets.
    pub enum Budget as "budget" {
        /// What tools and models cost.
        Tools = "tools",
        /// What wallets pay on chains.
        Payments = "payments",
    }
}

crate::words::words! {
    /// How sure it is that something was spent.
    pub enum Standing as "standing of a booking" {
        /// It is only set aside.
        Open = "open",
        /// Nobody knows.
        Uncertain = "uncertain",
        /// It was spent.
        Spent = "spent",
    }
}

/// Since when is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Since midnight.
    pub today: Timestamp,
    /// For 24 hours.
    pub day: Timestamp,
    /// For 30 days.
    pub month: Timestamp,
    /// Since the moment that was asked for.
    pub period: Timestamp,
}

/// Sums of one thing over the windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Since midnight.
    pub today: Usd,
    /// In 24 hours.
    pub day: Usd,
    /// In 30 days.
    pub month: Usd,
    /// In the period that was asked for.
    pub period: Usd,
    /// Ever.
    pub ever: Usd,
}

impl Spent {
    fn add(&mut self, windows: &Windows, at: Timestamp, usd: Usd) {
        let add = |since: bool, sum: &mut Usd| {
            if since {
                *sum = plus(*sum, usd);
            }
        };
        add(at >= windows.today, &mut self.today);
        add(at >= windows.day, &mut self.day);
        add(at >= windows.month, &mut self.month);
        add(at >= windows.period, &mut self.period);
        add(true, &mut self.ever);
    }

    fn join(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.today, other.today),
            (&mut self.day, other.day),
            (&mut self.month, other.month),
            (&mut self.period, other.period),
            (&mut self.ever, other.ever),
        ] {
            *sum = plus(*sum, more);
        }
    }
}

/// A sum that does not fit stays at the most there is: it is more than any cap either way.
fn plus(a: Usd, b: Usd) -> Usd {
    a.checked_add(b).unwrap_or(Usd::from_micros(i64::MAX))
}

/// What one line of the overview sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// What was spent, without fees.
    pub spent: Spent,
    /// What gas cost.
    pub fees: Spent,
    /// What is set aside now.
    pub open: Usd,
    /// What may or may not have been spent.
    pub uncertain: Usd,
    /// The same of the period that was asked for.
    pub uncertain_period: Usd,
    /// How many were spent.
    pub count: u64,
}

impl Sums {
    /// Takes one booking in.
    pub fn take(&mut self, windows: &Windows, booking: &Booking) {
        match booking.standing {
            Standing::Open => self.open = plus(self.open, booking.usd),
            Standing::Uncertain => {
                self.uncertain = plus(self.uncertain, booking.usd);
                if booking.at >= windows.period {
                    self.uncertain_period = plus(self.uncertain_period, booking.usd);
                }
            }
            Standing::Spent => {
                self.spent.add(windows, booking.at, booking.usd);
                self.fees.add(windows, booking.at, booking.fee);
                self.count += 1;
            }
        }
    }

    /// Adds other sums.
    pub fn join(&mut self, other: &Self) {
        self.spent.join(&other.spent);
        self.fees.join(&other.fees);
        self.open = plus(self.open, other.open);
        self.uncertain = plus(self.uncertain, other.uncertain);
        self.uncertain_period = plus(self.uncertain_period, other.uncertain_period);
        self.count += other.count;
    }
}

/// What is summed apart from everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Under {
    /// Out of which budget.
    pub budget: Budget,
    /// By whom.
    pub agent: AgentId,
    /// For which campaign, where it is for one.
    pub campaign: Option<CampaignId>,
    /// On what.
    pub category: BudgetCategory,
    /// Whether nobody pays it.
    pub simulated: bool,
}

/// One intent or payment, as it is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    /// Under what.
    pub under: Under,
    /// Whether it was spent.
    pub standing: Standing,
    /// When it came to stand so.
    pub at: Timestamp,
    /// How much, without the fee.
    pub usd: Usd,
    /// What gas cost.
    pub fee: Usd,
}

/// Bookings summed as they come, so that all of them are never held.
#[derive(Debug, Clone)]
pub struct Summing {
    windows: Windows,
    sums: BTreeMap<Under, Sums>,
}

impl Summing {
    /// Over these windows.
    #[must_use]
    pub const fn over(windows: Windows) -> Self {
        Self {
            windows,
            sums: BTreeMap::new(),
        }
    }

    /// Takes one booking in.
    pub fn take(&mut self, booking: &Booking) {
        let sums = self.sums.entry(booking.under).or_default();
        sums.take(&self.windows, booking);
    }

    /// What it came to, in a fixed order.
    #[must_use]
    pub fn end(self) -> Vec<(Under, Sums)> {
        self.sums.into_iter().collect()
    }
}

/// One line of the overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookLine {
    /// Out of which budget.
    pub budget: Budget,
    /// By whom.
    pub agent: Safe,
    /// For which campaign; empty where it is for none.
    pub campaign: Safe,
    /// On what.
    pub category: BudgetCategory,
    /// Whether nobody pays it.
    pub simulated: bool,
    /// How much.
    pub sums: Sums,
}

/// What came into a wallet from outside in the period, of one asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Income {
    /// Whose wallet.
    pub agent: Safe,
    /// Of what.
    pub asset: Safe,
    /// Its digits after the point; `None` where the policy does not know it any more.
    pub decimals: Option<u8>,
    /// Whether it is on a chain where nothing is worth anything.
    pub simulated: bool,
    /// What of it was worth something that is known, in dollars of when it came.
    pub worth: Usd,
    /// How much of it nobody knows the worth of.
    pub unknown: Units,
}

/// Both budgets in one overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// When this was read.
    pub at: Timestamp,
    /// Since when the period is that was asked for.
    pub since: Timestamp,
    /// What is left of every cap.
    pub headroom: Headroom,
    /// What was spent, by budget, agent, campaign and category.
    pub lines: Vec<BookLine>,
    /// What came into wallets in the period; what they had when they were first looked at is none of it.
    pub income: Vec<Income>,
}

impl Books {
    /// The lines summed by what a key names, in its order.
    pub fn by<K: Ord>(&self, key: impl Fn(&BookLine) -> K) -> Vec<(K, Sums)> {
        let mut sums: BTreeMap<K, Sums> = BTreeMap::new();
        for line in &self.lines {
            sums.entry(key(line)).or_default().join(&line.sums);
        }
        sums.into_iter().collect()
    }
}

/// What came of the period for one agent and campaign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfitRow {
    /// Whose.
    pub agent: Safe,
    /// For which campaign; empty for what names none, as income does.
    pub campaign: Safe,
    /// Whether nothing of it is real.
    pub simulated: bool,
    /// What came in, as far as its worth is known.
    pub income: Usd,
    /// What tools and models cost.
    pub tools: Usd,
    /// What was paid.
    pub payments: Usd,
    /// What gas cost.
    pub fees: Usd,
    /// What may or may not have been spent besides; in no result.
    pub uncertain: Usd,
    /// What came in and nobody knows the worth of, asset by asset; in no result.
    pub unknown: Vec<(Safe, Option<u8>, Units)>,
}

impl ProfitRow {
    /// What all of it cost.
    #[must_use]
    pub fn costs(&self) -> Usd {
        plus(plus(self.tools, self.payments), self.fees)
    }

    /// What is known to be left of it; below nothing where it cost more than came in.
    #[must_use]
    pub fn result(&self) -> Usd {
        let result = self.income.checked_sub(self.costs());
        result.unwrap_or(Usd::from_micros(i64::MIN))
    }

    /// How much of what came in is left, in hundredths, rounded down; `None` where nothing came in, or where not all of it is
    /// known.
    #[must_use]
    pub fn margin(&self) -> Option<i64> {
        if !self.income.is_positive() || !self.is_whole() {
            return None;
        }
        let margin = i128::from(self.result().micros()) * 100;
        i64::try_from(margin.div_euclid(i128::from(self.income.micros()))).ok()
    }

    /// Adds another row's sums.
    fn join(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.income, other.income),
            (&mut self.tools, other.tools),
            (&mut self.payments, other.payments),
            (&mut self.fees, other.fees),
            (&mut self.uncertain, other.uncertain),
        ] {
            *sum = plus(*sum, more);
        }
        self.unknown.extend(other.unknown.iter().cloned());
    }

    /// Whether the result is all there is to say.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unknown.is_empty() && !self.uncertain.is_positive()
    }
}

/// Profit and loss of the period, agent by agent and campaign by campaign; what is not real in rows of its own.
#[must_use]
pub fn profit(books: &Books) -> Vec<ProfitRow> {
    let mut rows: BTreeMap<(bool, Safe, Safe), ProfitRow> = BTreeMap::new();
    let mut row =
        |simulated: bool, agent: &Safe, campaign: &Safe, take: &dyn Fn(&mut ProfitRow)| {
            let key = (simulated, agent.clone(), campaign.clone());
            let row = rows.entry(key).or_insert_with(|| ProfitRow {
                agent: agent.clone(),
                campaign: campaign.clone(),
                simulated,
                ..ProfitRow::default()
            });
            take(row);
        };
    for line in &books.lines {
        row(line.simulated, &line.agent, &line.campaign, &|row| {
            let cost = match line.budget {
                Budget::Tools => &mut row.tools,
                Budget::Payments => &mut row.payments,
            };
            *cost = plus(*cost, line.sums.spent.period);
            row.fees = plus(row.fees, line.sums.fees.period);
            row.uncertain = plus(row.uncertain, line.sums.uncertain_period);
        });
    }
    for income in &books.income {
        row(income.simulated, &income.agent, &Safe::default(), &|row| {
            row.income = plus(row.income, income.worth);
            if income.unknown != Units::ZERO {
                row.unknown
                    .push((income.asset.clone(), income.decimals, income.unknown));
            }
        });
    }
    let mut rows: Vec<ProfitRow> = rows.into_values().collect();
    rows.retain(|row| {
        row != &ProfitRow {
            agent: row.agent.clone(),
            campaign: row.campaign.clone(),
            simulated: row.simulated,
            ..ProfitRow::default()
        }
    });
    rows
}

/// Each agent's rows added up, what is not real apart: income names no campaign, so that only here it stands beside what it cost.
#[must_use]
pub fn profit_of_agents(rows: &[ProfitRow]) -> Vec<ProfitRow> {
    let mut sums: BTreeMap<(bool, Safe), ProfitRow> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry((row.simulated, row.agent.clone()));
        let sum = sum.or_insert_with(|| ProfitRow {
            agent: row.agent.clone(),
            simulated: row.simulated,
            ..ProfitRow::default()
        });
        sum.join(row);
    }
    sums.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Span, testing::uuid_of};

    const NOW: Timestamp = Timestamp::from_micros(1_795_262_400_000_000);

    fn usd(micros: i64) -> Usd {
        Usd::from_micros(micros)
    }

    fn windows() -> Windows {
        Windows {
            today: NOW.minus(Span::from_hours(12)),
            day: NOW.minus(Span::from_hours(24)),
            month: NOW.minus(Span::from_hours(30 * 24)),
            period: NOW.minus(Span::from_hours(7 * 24)),
        }
    }

    fn booking(standing: Standing, hours_ago: u64, micros: i64, fee: i64) -> Booking {
        Booking {
            under: Under {
                budget: Budget::Payments,
                agent: AgentId::from_uuid(uuid_of(1)),
                campaign: None,
                category: BudgetCategory::Other,
                simulated: false,
            },
            standing,
            at: NOW.minus(Span::from_hours(hours_ago)),
            usd: usd(micros),
            fee: usd(fee),
        }
    }

    // R99: a booking counts in each window it is within, its fee apart; what is set aside or unsure is in none of them.
    #[test]
    fn r99_a_booking_counts_in_each_window_it_is_within() {
        for (hours_ago, [today, day, month, period]) in [
            (0, [true; 4]),
            (12, [true; 4]),
            (13, [false, true, true, true]),
            (24, [false, true, true, true]),
            (25, [false, false, true, true]),
            (7 * 24 + 1, [false, false, true, false]),
            (31 * 24, [false; 4]),
        ] {
            let mut sums = Sums::default();
            sums.take(&windows(), &booking(Standing::Spent, hours_ago, 5, 2));
            let of = |yes: bool, micros| if yes { usd(micros) } else { Usd::ZERO };
            let expected = |micros| Spent {
                today: of(today, micros),
                day: of(day, micros),
                month: of(month, micros),
                period: of(period, micros),
                ever: usd(micros),
            };
            assert_eq!(
                (sums.spent, sums.fees),
                (expected(5), expected(2)),
                "{hours_ago}"
            );
        }
        let mut sums = Sums::default();
        sums.take(&windows(), &booking(Standing::Open, 0, 7, 0));
        sums.take(&windows(), &booking(Standing::Uncertain, 24 * 20, 11, 0));
        sums.take(&windows(), &booking(Standing::Uncertain, 1, 13, 0));
        assert_eq!(sums.spent, Spent::default());
        assert_eq!(
            (sums.open, sums.uncertain, sums.uncertain_period, sums.count),
            (usd(7), usd(24), usd(13), 0)
        );
    }

    // R99: what differs in budget, agent, campaign, category or reality is never summed together.
    #[test]
    fn r99_what_is_not_alike_is_summed_apart() {
        let one = booking(Standing::Spent, 0, 1, 0);
        let other = |change: &dyn Fn(&mut Under)| {
            let mut other = one;
            change(&mut other.under);
            other
        };
        let all = [
            one,
            one,
            other(&|u| u.budget = Budget::Tools),
            other(&|u| u.agent = AgentId::from_uuid(uuid_of(2))),
            other(&|u| u.campaign = Some(CampaignId::from_uuid(uuid_of(3)))),
            other(&|u| u.category = BudgetCategory::Publishing),
            other(&|u| u.simulated = true),
        ];
        let mut summing = Summing::over(windows());
        for booking in &all {
            summing.take(booking);
        }
        let counts: Vec<u64> = summing.end().iter().map(|(_, sums)| sums.count).collect();
        assert_eq!((counts.len(), counts.iter().sum::<u64>()), (6, 7));
    }

    fn line(budget: Budget, campaign: &str, simulated: bool, spent: i64, fee: i64) -> BookLine {
        let mut sums = Sums::default();
        let at = booking(Standing::Spent, 0, spent, fee);
        sums.take(&windows(), &at);
        BookLine {
            budget,
            agent: Safe::line("fae"),
            campaign: Safe::line(campaign),
            category: BudgetCategory::Other,
            simulated,
            sums,
        }
    }

    fn books(lines: Vec<BookLine>, income: Vec<Income>) -> Books {
        Books {
            at: NOW,
            since: windows().period,
            headroom: Headroom {
                at: NOW,
                zone: None,
                tools: Default::default(),
                payments: None,
                agents: vec![],
            },
            lines,
            income,
        }
    }

    // R106: income less tools, payments and fees, agent by agent and campaign by campaign; what is not real is never in a real
    // result, and what nobody knows the worth of is in none.
    #[test]
    fn r106_a_result_is_what_is_known_and_says_what_is_not() {
        let income = |asset: &str, simulated, worth, unknown| Income {
            agent: Safe::line("fae"),
            asset: Safe::line(asset),
            decimals: Some(6),
            simulated,
            worth: usd(worth),
            unknown: Units::from_base(unknown),
        };
        let found = profit(&books(
            vec![
                line(Budget::Tools, "main", false, 30, 0),
                line(Budget::Payments, "main", false, 200, 7),
                line(Budget::Payments, "", false, 50, 1),
                line(Budget::Tools, "main", true, 9_000, 0),
            ],
            vec![income("USDC", false, 1_000, 0), income("ODD", false, 0, 5)],
        ));
        let told: Vec<_> = found
            .iter()
            .map(|row| {
                (
                    row.campaign.as_str(),
                    row.simulated,
                    row.result(),
                    row.is_whole(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("", false, usd(1_000 - 51), false),
                ("main", false, usd(-237), true),
                ("main", true, usd(-9_000), true),
            ]
        );
        assert_eq!(
            found[0].unknown,
            [(Safe::line("ODD"), Some(6), Units::from_base(5))]
        );
        assert_eq!(found[1].costs(), usd(237));
        // A margin is told of what came in and is known, and of nothing else.
        let agents = profit_of_agents(&found);
        let told: Vec<_> = agents
            .iter()
            .map(|row| (row.simulated, row.result(), row.margin()))
            .collect();
        assert_eq!(told, [(false, usd(712), None), (true, usd(-9_000), None)]);
        let known = ProfitRow {
            income: usd(1_000),
            tools: usd(333),
            ..ProfitRow::default()
        };
        assert_eq!(known.margin(), Some(66));
        let lost = ProfitRow {
            tools: usd(1_001),
            ..known
        };
        assert_eq!(lost.margin(), Some(-1));
        assert_eq!(profit(&books(vec![], vec![])), []);
    }
}
