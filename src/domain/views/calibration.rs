//! Whether the judge is as sure as it should be: what people answered, by how sure it was.
//!
//! Pure: rows in, counts out. What nobody answered is no number.

use std::{collections::BTreeMap, fmt};

use super::{
    Quantiles,
    advice::{Advice, Move, Share, advise},
    objectives::time,
    reviewers::percent,
};
use crate::{Safe, Score, Timestamp, policy::ConfidenceWindow, ticket::TicketState};

const DAY_MICROS: u64 = 86_400_000_000;

/// One answer of a person to what the judge was so sure of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedRow {
    /// When it was answered.
    pub at: Timestamp,
    /// How sure; `None` for what could not be scored.
    pub confidence: Option<Score>,
    /// What the ticket became.
    pub answer: TicketState,
    /// Whether it could have gone out alone and was shown to a person as a sample.
    pub sampled: bool,
    /// Whether nothing but its score kept it from going out alone.
    pub waits_for_score_alone: bool,
}

/// What went out without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WentAlone {
    /// Posts.
    pub published: u64,
    /// Of these, those that a person took down since.
    pub taken_down: u64,
}

/// What somebody did with a probe. It is in no other figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// The person.
    pub by: Safe,
    /// Whether it was not let out.
    pub caught: bool,
    /// How long it was on screen before, in microseconds; `None` where no screen showed it.
    pub looked_us: Option<u64>,
}

/// What one person did with probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeTally {
    /// The person.
    pub who: Safe,
    /// Of all they were shown, those they did not let out.
    pub caught: Share,
    /// How long one was on screen.
    pub looked: Option<Quantiles>,
}

impl fmt::Display for ProbeTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: caught {}", self.who, self.caught)?;
        match self.looked {
            Some(q) => write!(f, ", on screen median {} (n = {})", time(q.p50_us), q.n),
            None => f.write_str(", on screen no times kept (n = 0)"),
        }
    }
}

/// A store's answers about probes, person by person, in order of name.
fn tallied(answers: &[ProbeAnswer]) -> Vec<ProbeTally> {
    let mut people: BTreeMap<&str, Vec<&ProbeAnswer>> = BTreeMap::new();
    for answer in answers {
        people.entry(answer.by.as_str()).or_default().push(answer);
    }
    let n = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let tally = |(who, all): (&str, Vec<&ProbeAnswer>)| ProbeTally {
        who: Safe::line(who),
        caught: Share {
            part: n(all.iter().filter(|answer| answer.caught).count()),
            n: n(all.len()),
        },
        looked: Quantiles::of(all.iter().filter_map(|answer| answer.looked_us).collect()),
    };
    people.into_iter().map(tally).collect()
}

/// What a store knows of the answers since a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// The answers of people.
    pub rows: Vec<JudgedRow>,
    /// What nobody was asked about.
    pub alone: WentAlone,
    /// Answers that were taken back.
    pub reversed: u64,
    /// The thresholds of the installed policy; `None` where there is none.
    pub window: Option<ConfidenceWindow>,
    /// What was done with probes, which are none of the answers above.
    pub probes: Vec<ProbeAnswer>,
}

impl Judged {
    /// How many days the answers are from, at least one.
    pub(super) fn days(&self) -> u64 {
        let at = || self.rows.iter().map(|row| row.at);
        let (Some(first), Some(last)) = (at().min(), at().max()) else {
            return 1;
        };
        last.since(first).micros().div_ceil(DAY_MICROS).max(1)
    }
}

/// How many were let out as they were, with another text, and not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Let out as they were.
    pub kept: u64,
    /// Let out with another text.
    pub edited: u64,
    /// Refused.
    pub refused: u64,
}

impl Tally {
    /// All of them.
    #[must_use]
    pub const fn n(&self) -> u64 {
        self.kept + self.edited + self.refused
    }

    /// The share that was let out as it was, in percent; `None` of nothing.
    #[must_use]
    pub fn kept_percent(&self) -> Option<u64> {
        percent(self.kept, self.n())
    }

    /// The share that was let out as it was.
    #[must_use]
    pub const fn kept_share(&self) -> Share {
        Share {
            part: self.kept,
            n: self.n(),
        }
    }

    /// The share that was not.
    #[must_use]
    pub const fn not_kept_share(&self) -> Share {
        Share {
            part: self.edited + self.refused,
            n: self.n(),
        }
    }

    fn count(&mut self, answer: TicketState) {
        match answer {
            TicketState::Approved => self.kept += 1,
            TicketState::EditedApproved => self.edited += 1,
            TicketState::Rejected => self.refused += 1,
            // Nobody answered.
            TicketState::Open
            | TicketState::Escalated
            | TicketState::Expired
            | TicketState::Superseded => {}
        }
    }
}

/// The answers to everything that was about as sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// At least so sure.
    pub from: Score,
    /// Less than that, or the very top.
    pub to: Score,
    /// The answers.
    pub tally: Tally,
}

/// What people answered, by how sure the judge was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calibration {
    /// By confidence, the lowest first; all of them, also those without an answer.
    pub buckets: Vec<Bucket>,
    /// What could not be scored.
    pub unscored: Tally,
    /// Of what could have gone out alone, what a person saw as a sample: the share that is not kept is how often the
    /// machine alone is wrong.
    pub sampled: Tally,
    /// What did go out alone.
    pub alone: WentAlone,
    /// Of all answers, those that were taken back.
    pub reversed: Share,
    /// The thresholds the swarm decides by now.
    pub window: Option<ConfidenceWindow>,
    /// What the answers advise.
    pub advice: Advice,
    /// What lower thresholds would have meant.
    pub tried: Vec<Move>,
    /// What each reviewer did with probes.
    pub probes: Vec<ProbeTally>,
}

impl WentAlone {
    /// The share that was taken down since.
    #[must_use]
    pub const fn down_share(&self) -> Share {
        Share {
            part: self.taken_down,
            n: self.published,
        }
    }
}

/// The lower ends of the buckets, in percent.
const FROM: [u32; 8] = [0, 50, 60, 70, 75, 80, 85, 90];

/// Counts answers into buckets.
#[must_use]
pub fn calibration(judged: &Judged) -> Calibration {
    let ends = FROM.iter().skip(1).copied().chain([100]);
    let mut buckets: Vec<Bucket> = FROM
        .iter()
        .zip(ends)
        .map(|(from, to)| Bucket {
            from: Score::from_percent(*from),
            to: Score::from_percent(to),
            tally: Tally::default(),
        })
        .collect();
    let (mut unscored, mut sampled) = (Tally::default(), Tally::default());
    for row in &judged.rows {
        if row.sampled {
            sampled.count(row.answer);
        }
        let bucket = row.confidence.and_then(|confidence| {
            buckets
                .iter_mut()
                .rev()
                .find(|bucket| confidence >= bucket.from)
        });
        match bucket {
            Some(bucket) => bucket.tally.count(row.answer),
            None => unscored.count(row.answer),
        }
    }
    let answers: u64 = buckets.iter().map(|bucket| bucket.tally.n()).sum();
    let n = answers + unscored.n() + judged.reversed;
    let (advice, tried) = advise(judged);
    Calibration {
        buckets,
        unscored,
        sampled,
        alone: judged.alone,
        // What was taken back is no answer any more, and was one.
        reversed: Share {
            part: judged.reversed,
            n,
        },
        window: judged.window,
        advice,
        tried,
        probes: tallied(&judged.probes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R191: probes are counted by person, with how long they were on screen, and are in no other figure.
    #[test]
    fn r191_probes_are_counted_by_person_and_nowhere_else() {
        let answer = |by: &str, caught, looked_us| ProbeAnswer {
            by: Safe::line(by),
            caught,
            looked_us,
        };
        let judged = Judged {
            probes: vec![
                answer("ben", false, None),
                answer("ana", true, Some(8_000_000)),
                answer("ana", false, Some(2_000_000)),
            ],
            ..Judged::default()
        };
        let found = calibration(&judged);
        let told: Vec<String> = found.probes.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "ana: caught 50 % (1 of 2, 95 %: 9 to 91 %), on screen median 2000 ms (n = 2)",
                "ben: caught 0 % (0 of 1, 95 %: 0 to 80 %), on screen no times kept (n = 0)",
            ]
        );
        let without = calibration(&Judged::default());
        assert_eq!(
            Calibration {
                probes: vec![],
                ..found
            },
            without
        );
    }

    // R71, R79: answers are counted where the judge was that sure, at the very edges too; what nobody answered counts
    // nowhere, and a share of nothing is none.
    #[test]
    fn r79_answers_are_counted_by_how_sure_the_judge_was() {
        let row = |ppm: u32, answer| JudgedRow {
            at: Timestamp::from_micros(0),
            waits_for_score_alone: false,
            confidence: Score::from_ppm(ppm),
            answer,
            sampled: ppm >= 900_000,
        };
        let unscored = JudgedRow {
            at: Timestamp::from_micros(0),
            waits_for_score_alone: false,
            confidence: None,
            answer: TicketState::Approved,
            sampled: false,
        };
        let rows = vec![
            row(0, TicketState::Rejected),
            row(749_999, TicketState::Approved),
            row(750_000, TicketState::EditedApproved),
            row(900_000, TicketState::Approved),
            row(1_000_000, TicketState::Rejected),
            row(1_000_000, TicketState::Expired),
            unscored,
        ];
        let found = calibration(&Judged {
            rows,
            reversed: 2,
            ..Judged::default()
        });
        let told: Vec<(u32, Tally)> = found
            .buckets
            .iter()
            .filter(|bucket| bucket.tally.n() > 0)
            .map(|bucket| (bucket.from.ppm() / 10_000, bucket.tally))
            .collect();
        let tally = |kept, edited, refused| Tally {
            kept,
            edited,
            refused,
        };
        assert_eq!(
            told,
            [
                (0, tally(0, 0, 1)),
                (70, tally(1, 0, 0)),
                (75, tally(0, 1, 0)),
                (90, tally(1, 0, 1)),
            ]
        );
        assert_eq!(
            (found.unscored, found.sampled),
            (tally(1, 0, 0), tally(1, 0, 1))
        );
        assert_eq!(found.sampled.not_kept_share().percent(), Some(50));
        // Six answers stand, two more did.
        assert_eq!(found.reversed, Share { part: 2, n: 8 });
        assert_eq!(Tally::default().kept_percent(), None);
    }
}
