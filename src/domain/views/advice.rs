//! What answers of people say of the threshold above which nothing is asked: what another one would have meant, and whether
//! there is enough to advise it.
//!
//! Pure, and whole numbers throughout. Without enough behind it nothing is advised, and what nobody answered is no number.

use std::fmt;

use super::calibration::{Judged, JudgedRow};
use crate::{Score, ticket::TicketState};

/// With fewer answers than this nothing is advised.
pub const ADVICE_ANSWERS_MIN: u64 = 50;
/// Where the rate of what is wrong surely lies below this, it may go out alone; where it surely lies above, it may not.
pub const WRONG_TOLERATED: Score = Score::from_percent(5);
/// Thresholds are tried in steps of this.
const STEP_PPM: u32 = 10_000;
/// What the steps of the table beside the advice are, in [`STEP_PPM`].
const SHOWN: [u32; 5] = [2, 4, 6, 8, 10];

/// A share with how many it is of, and where it lies in 95 of 100 cases (Wilson).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// So many.
    pub part: u64,
    /// Of so many.
    pub n: u64,
}

impl Share {
    /// Both ends of the interval; `None` of nothing, and of more than anybody can count.
    #[must_use]
    pub fn interval(self) -> Option<(Score, Score)> {
        // Wilson, with z = 1.96: (2k + z² ± z·√(z² + 4k(n-k)/n)) / (2(n + z²)), in millionths.
        const Z_SQUARE: u128 = 3_841_600;
        let (k, n) = (u128::from(self.part.min(self.n)), u128::from(self.n));
        let spread = (4 * k * (n - k))
            .checked_mul(1_000_000_000_000)?
            .checked_div(n)?;
        let root = (Z_SQUARE * 1_000_000 + spread).isqrt();
        let (middle, half) = (2 * k * 1_000_000 + Z_SQUARE, 196 * root / 100);
        let whole = 20_000 * n + 76_832;
        let score = |upper: u128| {
            let ppm = (upper * 10_000 / whole).min(u128::from(Score::ONE.ppm()));
            u32::try_from(ppm).ok().and_then(Score::from_ppm)
        };
        Some((score(middle.saturating_sub(half))?, score(middle + half)?))
    }

    /// In percent, rounded down; `None` of nothing.
    #[must_use]
    pub fn percent(self) -> Option<u64> {
        super::reviewers::percent(self.part, self.n)
    }
}

impl fmt::Display for Share {
    /// `7 % (3 of 41, 95 %: 2 to 20 %)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(percent), Some((low, high))) = (self.percent(), self.interval()) else {
            return f.write_str("no data (n = 0)");
        };
        // Outwards, so that what is told is never narrower than what is known.
        let (low, high) = (low.ppm() / 10_000, high.ppm().div_ceil(10_000));
        write!(
            f,
            "{percent} % ({} of {}, 95 %: {low} to {high} %)",
            self.part, self.n
        )
    }
}

/// What another `auto_approve` would have meant for what people answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// What it is.
    pub from: Score,
    /// What it would be.
    pub to: Score,
    /// Answers that nobody would have been asked for; of a higher threshold the samples that a person would see as a rule.
    pub moved: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Of these, let out with another text.
    pub edited: u64,
    /// All refusals of the window.
    pub refusals: u64,
    /// How many days the answers are from, at least one.
    pub days: u64,
}

impl Move {
    /// Of what would have moved, what was not let out as it was.
    #[must_use]
    pub const fn wrong(&self) -> Share {
        Share {
            part: self.refused + self.edited,
            n: self.moved,
        }
    }

    /// So many reviews a day, with one decimal.
    #[must_use]
    pub fn a_day(&self) -> String {
        let tenths = self.moved.saturating_mul(10).checked_div(self.days);
        tenths.map_or_else(
            || "no data".to_owned(),
            |tenths| format!("{}.{}", tenths / 10, tenths % 10),
        )
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            from,
            to,
            moved,
            refused,
            edited,
            refusals,
            ..
        } = self;
        if to < from {
            write!(
                f,
                "{from} to {to}: {} fewer reviews a day (n = {moved}); {refused} of {refusals} refusals would have slipped, \
                 and {edited} texts that were edited",
                self.a_day()
            )
        } else {
            write!(
                f,
                "{from} to {to}: of the samples {moved} more would go to a person as a rule, among them {refused} that were \
                 refused and {edited} that were edited"
            )
        }
    }
}

/// What the answers advise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Nobody has installed a policy, so there is no threshold to move.
    NoThreshold,
    /// Too few answers to say anything.
    Unknown {
        /// How many there are.
        n: u64,
    },
    /// Nothing asks for another threshold.
    Stay {
        /// It is.
        at: Score,
        /// Answers that were looked at.
        n: u64,
    },
    /// It could be lower.
    Lower(Move),
    /// It should be higher.
    Raise(Move),
    /// What went out alone is wrong too often, and no higher threshold is known to be better.
    TooOften(Share),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoThreshold => f.write_str("no data: no policy is installed yet"),
            Self::Unknown { n } => write!(
                f,
                "no data to advise by: {n} answers, at least {ADVICE_ANSWERS_MIN} are needed"
            ),
            Self::Stay { at, n } => {
                write!(
                    f,
                    "leave auto_approve at {at}: nothing in {n} answers asks for another"
                )
            }
            Self::Lower(step) => write!(f, "auto_approve could be lower, {step}"),
            Self::Raise(step) => write!(f, "auto_approve should be higher, {step}"),
            Self::TooOften(wrong) => write!(
                f,
                "what could go out alone is wrong too often: {wrong} of the samples; no higher threshold is known to be better"
            ),
        }
    }
}

/// What the answers advise, and what a few lower thresholds would have meant whether or not there is enough to advise one.
pub(super) fn advise(judged: &Judged) -> (Advice, Vec<Move>) {
    let Some(window) = judged.window else {
        return (Advice::NoThreshold, Vec::new());
    };
    let (from, least) = (window.auto_min, window.human_min);
    let lower = |steps: u32| {
        let ppm = from.ppm().checked_sub(steps * STEP_PPM)?;
        let to = Score::from_ppm(ppm)?;
        (to >= least).then(|| lowered(judged, from, to))
    };
    let mut shown: Vec<Move> = SHOWN.iter().filter_map(|steps| lower(*steps)).collect();
    // Where nobody answered anything below the threshold, a list of noughts would look like an answer.
    if shown.iter().all(|step| step.moved == 0) {
        shown.clear();
    }
    let sampled = counted(judged, |row| row.sampled);
    let wrong = sampled.wrong();
    if sampled.moved >= ADVICE_ANSWERS_MIN
        && wrong
            .interval()
            .is_some_and(|(low, _)| low > WRONG_TOLERATED)
    {
        return (
            raised(judged, from).map_or(Advice::TooOften(wrong), Advice::Raise),
            shown,
        );
    }
    // The lowest safe one, and no lower than there were answers: what nobody has seen is not advised.
    let advised = (1..=100)
        .map_while(lower)
        .filter(|step| is_safe(step.moved, step.wrong()))
        .reduce(|best, step| if step.moved > best.moved { step } else { best });
    let all = lowered(judged, from, least)
        .moved
        .saturating_add(sampled.moved);
    let advice = match advised {
        Some(step) => Advice::Lower(step),
        None if all < ADVICE_ANSWERS_MIN => Advice::Unknown { n: all },
        None => Advice::Stay { at: from, n: all },
    };
    (advice, shown)
}

/// Enough answers, of which surely no more than is tolerated are wrong.
fn is_safe(n: u64, wrong: Share) -> bool {
    n >= ADVICE_ANSWERS_MIN
        && wrong
            .interval()
            .is_some_and(|(_, high)| high <= WRONG_TOLERATED)
}

/// The lowest threshold at which the samples that are left are surely good enough.
fn raised(judged: &Judged, from: Score) -> Option<Move> {
    (1..=100)
        .map_while(|steps| Score::from_ppm(from.ppm().checked_add(steps * STEP_PPM)?))
        .find_map(|to| {
            let left = counted(judged, |row| {
                row.sampled && row.confidence.is_some_and(|score| score >= to)
            });
            let below = counted(judged, |row| {
                row.sampled && row.confidence.is_some_and(|score| score < to)
            });
            is_safe(left.moved, left.wrong()).then_some(Move { from, to, ..below })
        })
}

/// What would have gone out alone under a lower threshold: what only its score kept back.
fn lowered(judged: &Judged, from: Score, to: Score) -> Move {
    let moved = counted(judged, |row| {
        let spared = row.confidence.is_some_and(|score| score >= to);
        row.waits_for_score_alone && spared
    });
    Move { from, to, ..moved }
}

fn counted(judged: &Judged, of: impl Fn(&JudgedRow) -> bool) -> Move {
    let answers = |state: TicketState| {
        let all = judged.rows.iter().filter(|row| row.answer == state);
        let (mut all_n, mut of_n) = (0_u64, 0_u64);
        for row in all {
            all_n += 1;
            of_n += u64::from(of(row));
        }
        (all_n, of_n)
    };
    let (refusals, refused) = answers(TicketState::Rejected);
    let (_, edited) = answers(TicketState::EditedApproved);
    let (_, kept) = answers(TicketState::Approved);
    Move {
        from: Score::ZERO,
        to: Score::ZERO,
        moved: kept + edited + refused,
        refused,
        edited,
        refusals,
        days: judged.days(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timestamp, clock::Span, testing::window};

    fn row(percent: u32, answer: TicketState) -> JudgedRow {
        JudgedRow {
            at: Timestamp::from_micros(0),
            confidence: Some(Score::from_percent(percent)),
            answer,
            sampled: percent >= 90,
            waits_for_score_alone: percent < 90,
        }
    }

    fn judged(of: &[(usize, u32, TicketState)], days: u64) -> Judged {
        let each = of
            .iter()
            .flat_map(|(n, percent, answer)| std::iter::repeat_n(row(*percent, *answer), *n));
        let mut rows: Vec<JudgedRow> = each.collect();
        if let Some(first) = rows.first_mut() {
            first.at = Timestamp::from_micros(0).plus(Span::from_hours(24 * days));
        }
        Judged {
            rows,
            window: Some(window()),
            ..Judged::default()
        }
    }

    use TicketState::{Approved, EditedApproved, Expired, Rejected};

    // R63: an interval is that of Wilson, as a table has it; of nothing there is none.
    #[test]
    fn r63_a_share_says_how_little_it_knows() {
        let check = |part, n, told: &str| assert_eq!(Share { part, n }.to_string(), told);
        check(0, 0, "no data (n = 0)");
        check(0, 10, "0 % (0 of 10, 95 %: 0 to 28 %)");
        check(5, 10, "50 % (5 of 10, 95 %: 23 to 77 %)");
        check(10, 10, "100 % (10 of 10, 95 %: 72 to 100 %)");
        check(3, 200, "1 % (3 of 200, 95 %: 0 to 5 %)");
        let many = Share {
            part: 1,
            n: 1_000_000_000,
        };
        assert!(many.interval().is_some_and(|(low, high)| low <= high));
    }

    // R63, R187: a lower threshold is advised where there are enough answers and surely few of them wrong; the lowest such
    // one, with what it would have meant a day and what would have slipped.
    #[test]
    fn r187_a_threshold_is_advised_with_what_it_would_have_meant() {
        let answers = [
            (300, 87, Approved),
            (1, 87, Rejected),
            (3, 87, EditedApproved),
            (199, 72, Rejected),
            (40, 72, Approved),
            (9, 88, Expired),
        ];
        let (advice, shown) = advise(&judged(&answers, 10));
        let step = Move {
            from: Score::from_percent(90),
            to: Score::from_percent(87),
            moved: 304,
            refused: 1,
            edited: 3,
            refusals: 200,
            days: 10,
        };
        assert_eq!(advice, Advice::Lower(step));
        assert_eq!(
            advice.to_string(),
            "auto_approve could be lower, 0.90 to 0.87: 30.4 fewer reviews a day (n = 304); 1 of 200 refusals would have \
             slipped, and 3 texts that were edited"
        );
        let of: Vec<(Score, u64)> = shown.iter().map(|step| (step.to, step.moved)).collect();
        let at = Score::from_percent;
        assert_eq!(
            of,
            [
                (at(88), 0),
                (at(86), 304),
                (at(84), 304),
                (at(82), 304),
                (at(80), 304)
            ]
        );
    }

    // R63: with too few answers nothing is advised, however good they are; what waited for another reason counts for nothing;
    // where the machine alone is surely wrong too often, the threshold is to rise or that is said.
    #[test]
    fn r63_nothing_is_advised_by_little() {
        let of = |answers: &[(usize, u32, TicketState)]| advise(&judged(answers, 1)).0;
        assert_eq!(
            advise(&judged(&[], 1)),
            (Advice::Unknown { n: 0 }, vec![]),
            "no list of noughts"
        );
        assert_eq!(of(&[(49, 87, Approved)]), Advice::Unknown { n: 49 });
        // All right, and still one in twenty may be wrong.
        assert!(matches!(
            of(&[(60, 87, Approved)]),
            Advice::Stay { n: 60, .. }
        ));
        assert!(matches!(of(&[(80, 87, Approved)]), Advice::Lower(_)));
        assert!(matches!(
            of(&[(80, 87, Approved), (9, 87, Rejected)]),
            Advice::Stay { .. }
        ));
        let mut others = judged(&[(500, 87, Approved)], 1);
        for row in &mut others.rows {
            row.waits_for_score_alone = false;
        }
        assert_eq!(advise(&others).0, Advice::Unknown { n: 0 });
        let raise = of(&[(20, 91, Rejected), (5, 91, Approved), (90, 96, Approved)]);
        let Advice::Raise(step) = raise else {
            panic!("{raise:?}");
        };
        assert_eq!(
            (step.to, step.moved, step.refused),
            (Score::from_percent(92), 25, 20)
        );
        assert!(matches!(
            of(&[(30, 98, Rejected), (30, 98, Approved)]),
            Advice::TooOften(_)
        ));
        let mut nobody = judged(&[(80, 87, Approved)], 1);
        nobody.window = None;
        assert_eq!(advise(&nobody), (Advice::NoThreshold, vec![]));
    }
}
