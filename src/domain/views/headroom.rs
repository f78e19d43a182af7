//! What is left of each cap, which of them binds, and when money runs out at the pace of the last hours.
//!
//! Pure: sums in, words and moments out. Where nothing was spent there is no pace, and that is said.

use crate::{
    Safe, Score, Span, Usd,
    chain::Units,
    clock::Timestamp,
    ids::AgentId,
    spend::Limit,
    tier::{ECONOMY, is_economy},
};

/// A pace is measured over so much time, or over less where nothing was spent before.
pub const PACE_OVER: Span = Span::from_hours(6);
/// No pace is measured over less: the first call of a house is no pace.
const PACE_OVER_MIN: Span = Span::from_hours(1);
/// What is told of a day's cap; at the pace of now, what was spent frees again after that.
const DAY: Span = Span::from_hours(24);
/// No moment is told beyond this: a pace of hours says nothing of years.
const FAR: Span = Span::from_hours(365 * 24);
/// The shares of a cap at which somebody is told, the lower first.
pub const NEAR: Score = Score::from_percent(80);
/// See [`NEAR`].
pub const TIGHT: Score = Score::from_percent(90);

crate::words::words! {
    /// How much of a cap is used.
    pub enum Level as "level of a cap" {
        /// Below [`NEAR`].
        Room = "room",
        /// At [`NEAR`] or above.
        Near = "near",
        /// At [`TIGHT`] or above.
        Tight = "tight",
        /// All of it.
        Spent = "spent",
    }
}

impl Level {
    /// Of a cap, so much is used. One that allows nothing is spent.
    #[must_use]
    pub fn of(cap: Usd, used: Usd) -> Self {
        let reached = |share: Score| {
            i128::from(used.micros()) * 1_000_000
                >= i128::from(cap.micros()) * i128::from(share.ppm())
        };
        if used >= cap {
            Self::Spent
        } else if reached(TIGHT) {
            Self::Tight
        } else if reached(NEAR) {
            Self::Near
        } else {
            Self::Room
        }
    }
}

/// One cap, and what is used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapRow {
    /// Its name as a refusal says it, the cap, and what is spent and set aside.
    pub limit: Limit,
    /// Of which campaign, category or counterparty; empty where there is only one.
    pub of: Safe,
    /// How much of what is used is only set aside.
    pub open: Usd,
    /// Whether it is the cap of a day.
    pub is_day: bool,
}

impl CapRow {
    /// What may still be set aside; never below nothing.
    #[must_use]
    pub fn left(&self) -> Usd {
        let left = self.limit.cap.checked_sub(self.limit.used);
        left.unwrap_or(Usd::ZERO).max(Usd::ZERO)
    }

    /// How near to its end it is.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::of(self.limit.cap, self.limit.used)
    }

    /// Hundredths of the cap that are used, rounded down; 100 where it allows nothing.
    #[must_use]
    pub fn percent(&self) -> u64 {
        let (cap, used) = (self.limit.cap.micros(), self.limit.used.micros());
        if cap <= 0 {
            return 100;
        }
        let percent = i128::from(used.max(0)) * 100 / i128::from(cap);
        u64::try_from(percent).unwrap_or(u64::MAX)
    }

    /// `campaign_total of main`.
    #[must_use]
    pub fn name(&self) -> String {
        if self.of.is_empty() {
            self.limit.limit.clone()
        } else {
            format!("{} of {}", self.limit.limit, self.of)
        }
    }
}

/// The cap that binds: of which least is left. Of several the first.
#[must_use]
pub fn binding(caps: &[CapRow]) -> Option<&CapRow> {
    caps.iter().min_by_key(|cap| cap.left())
}

/// What was spent in the last hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace<T> {
    /// So much; more than nothing.
    pub spent: T,
    /// In so much time.
    pub over: Span,
}

impl<T> Pace<T> {
    /// Over how much time a pace is measured that ends now, where the first that was ever spent was spent then.
    #[must_use]
    pub fn over(now: Timestamp, first: Option<Timestamp>) -> Span {
        let lived = first.map_or(PACE_OVER, |first| now.since(first));
        lived.clamp(PACE_OVER_MIN, PACE_OVER)
    }
}

impl Pace<Usd> {
    /// The pace, where anything was spent.
    #[must_use]
    pub fn of(spent: Usd, over: Span) -> Option<Self> {
        spent.is_positive().then_some(Self { spent, over })
    }

    /// `1.666667 USD an hour over 6h 00m`.
    #[must_use]
    pub fn says(&self) -> String {
        let hour = self.per_hour();
        let hour = hour.map_or_else(|| "more than fits".to_owned(), |usd| usd.to_string());
        format!("{hour} USD an hour over {}", self.over)
    }

    /// Dollars an hour, rounded up; `None` where it does not fit.
    #[must_use]
    pub fn per_hour(&self) -> Option<Usd> {
        let hour = Span::from_hours(1).micros();
        self.spent.prorated_up(hour, self.over.micros())
    }
}

/// When something runs out at the pace of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsOut {
    /// Nothing was spent in the last hours: nobody can tell.
    NoData,
    /// Nothing is left.
    Gone,
    /// Then.
    At(Timestamp),
    /// Not before what is spent now frees again.
    NotToday,
}

impl RunsOut {
    /// When so much that is left is gone, where so much goes in so much time. Rounded down.
    fn of(left: u128, spent: u128, over: Span, now: Timestamp) -> Self {
        if left == 0 {
            return Self::Gone;
        }
        if spent == 0 {
            return Self::NoData;
        }
        let lasts = left.checked_mul(u128::from(over.micros()));
        let lasts = lasts.map_or(u128::MAX, |product| product / spent);
        Self::At(now.plus(Span::from_micros(u64::try_from(lasts).unwrap_or(u64::MAX))))
    }

    /// In words, after `runs out`: the hour where that is within a day, else the day as well.
    #[must_use]
    pub fn says(&self, now: Timestamp, zone: &str) -> String {
        match self {
            Self::NoData => format!("no data: nothing was spent in {PACE_OVER}"),
            Self::Gone => "nothing is left".to_owned(),
            Self::At(at) if at.since(now) < DAY => format!("at {}", at.clock_in(zone)),
            Self::At(at) if at.since(now) < FAR => format!("at {}", at.day_and_clock_in(zone)),
            Self::At(_) => "not within a year".to_owned(),
            Self::NotToday => "not within a day, and then what is spent now frees again".to_owned(),
        }
    }

    /// Of the cap of a day.
    #[must_use]
    pub fn of_day(cap: &CapRow, pace: Option<&Pace<Usd>>, now: Timestamp) -> Self {
        let micros = |usd: Usd| u128::try_from(usd.micros()).unwrap_or(0);
        let (spent, over) = pace.map_or((0, PACE_OVER), |pace| (micros(pace.spent), pace.over));
        match Self::of(micros(cap.left()), spent, over, now) {
            Self::At(at) if at.since(now) >= DAY => Self::NotToday,
            told @ (Self::At(_) | Self::NoData | Self::Gone | Self::NotToday) => told,
        }
    }

    /// Of what a wallet holds.
    #[must_use]
    pub fn of_wallet(held: Units, pace: Option<&Pace<Units>>, now: Timestamp) -> Self {
        let (spent, over) = pace.map_or((0, PACE_OVER), |pace| (pace.spent.base(), pace.over));
        Self::of(held.base(), spent, over, now)
    }
}

/// One of the two budgets, of one agent or of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purse {
    /// Its caps.
    pub caps: Vec<CapRow>,
    /// How much of what is used of its day nobody pays.
    pub simulated: Usd,
    /// How much of it may or may not have been spent.
    pub uncertain: Usd,
    /// The pace it is spent at; `None` where nothing was.
    pub pace: Option<Pace<Usd>>,
}

impl Purse {
    /// Its day: of several the one of which less is left.
    #[must_use]
    pub fn day(&self) -> Option<&CapRow> {
        let days = self.caps.iter().filter(|cap| cap.is_day);
        days.min_by_key(|cap| cap.left())
    }

    /// When its day is used up.
    #[must_use]
    pub fn runs_out(&self, now: Timestamp) -> Option<RunsOut> {
        let day = self.day()?;
        Some(RunsOut::of_day(day, self.pace.as_ref(), now))
    }
}

/// What a wallet should hold of one asset, by its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The asset.
    pub asset: Safe,
    /// Its digits after the point; `None` where the policy does not know it any more.
    pub decimals: Option<u8>,
    /// How much, with what is set aside.
    pub held: Units,
    /// What that is worth, rounded down; `None` where nobody knows.
    pub worth: Option<Usd>,
    /// The pace it goes at, gas included.
    pub pace: Option<Pace<Units>>,
}

impl Holding {
    /// An amount of it: in whole ones where its digits are known.
    #[must_use]
    pub fn amount(&self, units: Units) -> String {
        amount(&self.asset, self.decimals, units)
    }

    /// When it is gone.
    #[must_use]
    pub fn runs_out(&self, now: Timestamp) -> RunsOut {
        RunsOut::of_wallet(self.held, self.pace.as_ref(), now)
    }
}

/// `1.5 USDC`, and base units where nobody knows the digits of it.
#[must_use]
pub fn amount(asset: &Safe, decimals: Option<u8>, units: Units) -> String {
    match decimals {
        Some(decimals) => format!("{} {asset}", units.show(decimals)),
        None => format!("{units} base units of {asset}"),
    }
}

/// The two budgets of one agent, and its wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentHeadroom {
    /// Who.
    pub agent_id: AgentId,
    /// By name.
    pub slug: Safe,
    /// What tools and models may cost.
    pub tools: Purse,
    /// What its wallet may pay; `None` where it has none.
    pub payments: Option<Purse>,
    /// What its wallet should hold.
    pub holdings: Vec<Holding>,
}

impl AgentHeadroom {
    /// The budget of its tools below a fifth, for which nothing above daily is made.
    #[must_use]
    pub fn economy(&self) -> Option<&CapRow> {
        self.tools.caps.iter().find(|cap| is_economy(&cap.limit))
    }
}

/// What economy means, in words.
#[must_use]
pub fn economy_says(cap: &CapRow) -> String {
    format!(
        "less than {ECONOMY} is left of {}: no moving picture above daily",
        cap.name()
    )
}

/// What is left of every cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headroom {
    /// When this was read.
    pub at: Timestamp,
    /// The zone whose calendar day counts; `None` where no policy is installed, and nothing can be spent.
    pub zone: Option<String>,
    /// What tools may cost of all agents together: their days summed.
    pub tools: Purse,
    /// What all wallets may pay together; `None` where nothing is paid.
    pub payments: Option<Purse>,
    /// Each agent by name.
    pub agents: Vec<AgentHeadroom>,
}

impl Headroom {
    /// An agent by its id.
    #[must_use]
    pub fn agent(&self, id: AgentId) -> Option<&AgentHeadroom> {
        self.agents.iter().find(|agent| agent.agent_id == id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(micros: i64) -> Usd {
        Usd::from_micros(micros)
    }

    fn cap(name: &str, cap: i64, used: i64) -> CapRow {
        CapRow {
            limit: Limit {
                limit: name.into(),
                cap: usd(cap),
                used: usd(used),
            },
            of: Safe::default(),
            open: Usd::ZERO,
            is_day: name.ends_with("day"),
        }
    }

    // R99: 80 and 90 of a hundred are reached exactly there and not a millionth before.
    #[test]
    fn r99_levels_begin_exactly_where_they_say() {
        for (of, used, level) in [
            (50_000_000, 0, Level::Room),
            (50_000_000, 39_999_999, Level::Room),
            (50_000_000, 40_000_000, Level::Near),
            (50_000_000, 44_999_999, Level::Near),
            (50_000_000, 45_000_000, Level::Tight),
            (50_000_000, 49_999_999, Level::Tight),
            (50_000_000, 50_000_000, Level::Spent),
            (50_000_000, 60_000_000, Level::Spent),
            (0, 0, Level::Spent),
            (i64::MAX, i64::MAX - 1, Level::Tight),
        ] {
            assert_eq!(cap("day", of, used).level(), level, "{used} of {of}");
        }
    }

    // R94: the cap that binds is the one of which least is left, whatever share of it that is; the first of equals.
    #[test]
    fn r94_the_cap_that_binds_is_the_one_with_least_left() {
        let caps = [
            cap("hour", 20_000_000, 12_000_000),
            cap("day", 50_000_000, 45_000_000),
            cap("month", 100_000_000, 95_000_000),
            cap("lifetime", 1_000_000_000, 990_000_000),
        ];
        let bound = binding(&caps).unwrap();
        assert_eq!(
            (bound.limit.limit.as_str(), bound.left()),
            ("day", usd(5_000_000))
        );
        assert_eq!(binding(&[]), None);
        let over = cap("day", 1_000_000, 3_000_000);
        assert_eq!((over.left(), over.percent()), (Usd::ZERO, 300));
    }

    // R99: a pace is over the hours that are stated, over less where the house is younger, and never over minutes; without
    // spending there is none.
    #[test]
    fn r99_a_pace_is_of_stated_hours_or_there_is_none() {
        let now = Timestamp::from_micros(1_795_262_400_000_000);
        let over = |back: u64| Pace::<Usd>::over(now, Some(now.minus(Span::from_mins(back))));
        assert_eq!(over(2), Span::from_hours(1));
        assert_eq!(over(150), Span::from_mins(150));
        assert_eq!(over(100_000), PACE_OVER);
        assert_eq!(Pace::<Usd>::over(now, None), PACE_OVER);
        assert_eq!(Pace::of(Usd::ZERO, PACE_OVER), None);
        let pace = Pace::of(usd(10_000_000), PACE_OVER).unwrap();
        assert_eq!(pace.per_hour(), Some(usd(1_666_667)));
    }

    // R99: money runs out when what is left has gone at the pace; without a pace nobody can tell, and what lasts for more than
    // a day never ends a day's cap, for it frees again.
    #[test]
    fn r99_money_runs_out_by_what_is_left_and_the_pace() {
        let now = Timestamp::from_micros(1_795_262_400_000_000);
        let day = cap("day", 50_000_000, 44_000_000);
        let pace = Pace::of(usd(12_000_000), PACE_OVER);
        let told = RunsOut::of_day(&day, pace.as_ref(), now);
        assert_eq!(told, RunsOut::At(now.plus(Span::from_hours(3))));
        assert_eq!(RunsOut::of_day(&day, None, now), RunsOut::NoData);
        let slow = Pace::of(usd(1), PACE_OVER);
        assert_eq!(RunsOut::of_day(&day, slow.as_ref(), now), RunsOut::NotToday);
        let full = cap("day", 50_000_000, 50_000_000);
        assert_eq!(RunsOut::of_day(&full, None, now), RunsOut::Gone);
        let held = Units::from_base(u128::MAX);
        let pace = Pace {
            spent: Units::from_base(1),
            over: PACE_OVER,
        };
        // Longer than time is told of ends where time does.
        let RunsOut::At(at) = RunsOut::of_wallet(held, Some(&pace), now) else {
            panic!("a wallet that is spent from runs out");
        };
        assert!(at > now);
        assert_eq!(RunsOut::of_wallet(Units::ZERO, None, now), RunsOut::Gone);
    }

    proptest! {
        // R99: until the moment that is told, at the same pace, never more goes than is left.
        #[test]
        fn r99_nothing_runs_out_before_the_moment_told(
            left in 1i64..1_000_000_000, spent in 1i64..1_000_000_000, hours in 1u64..7,
        ) {
            let now = Timestamp::from_micros(0);
            let over = Span::from_hours(hours);
            let pace = Pace { spent: Units::from_base(u128::try_from(spent).unwrap()), over };
            let RunsOut::At(at) = RunsOut::of_wallet(Units::from_base(u128::try_from(left).unwrap()), Some(&pace), now) else {
                panic!("it is spent from");
            };
            let gone = i128::from(spent) * i128::from(at.since(now).micros());
            prop_assert!(gone <= i128::from(left) * i128::from(over.micros()));
        }

        // R94: what is left and what is used come to the cap, and only what is over it is told as nothing left.
        #[test]
        fn r94_left_and_used_come_to_the_cap(of in 0i64..1_000_000_000, used in 0i64..2_000_000_000) {
            let row = cap("day", of, used);
            prop_assert_eq!(row.left(), usd((of - used).max(0)));
            prop_assert_eq!(row.level() == Level::Spent, used >= of);
        }
    }
}
