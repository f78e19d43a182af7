//! How good a method is, measured on labelled lines: what every `chimera eval` prints.
//!
//! A [`Line`] is one judgement: the score it got, and whether it should have got a high one. [`Ranked`]
//! holds them in order of score, and every measure is taken from it: [`Ranked::at`] for a threshold,
//! [`Ranked::auc`] and [`Ranked::average_precision`] over all of them, [`Ranked::reliability`] for whether a
//! score is a probability. A measure that cannot be taken (no line that should be found, say) is `None`,
//! never a number that looks like one. [`interval`] draws the lines again, unit by unit.
#![expect(
    clippy::float_arithmetic,
    reason = "measures are reported, and nothing is decided by them"
)]

mod chance;
mod reliability;

pub use self::{
    chance::Chance,
    reliability::{Bin, Reliability},
};

/// One judgement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// What the method said, 0 to 1.
    pub score: f64,
    /// What is right.
    pub truth: bool,
    /// The text it was about: lines of one text are drawn together.
    pub unit: usize,
}

/// How often each unit counts: once, or as often as it was drawn.
pub type Weights = [u32];

/// Judgements in order of score, the highest first.
#[derive(Debug, Clone, Default)]
pub struct Ranked(Vec<Line>);

/// What a threshold lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Right ones that passed.
    pub hits: u64,
    /// Wrong ones that passed.
    pub false_alarms: u64,
    /// Right ones that did not.
    pub misses: u64,
    /// Wrong ones that did not.
    pub rejections: u64,
}

impl Counts {
    /// The share of what passed that is right.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.hits, self.hits + self.false_alarms)
    }

    /// The share of what is right that passed.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.hits, self.hits + self.misses)
    }

    /// The share of what is wrong that passed.
    #[must_use]
    pub fn false_alarm_rate(&self) -> Option<f64> {
        share(self.false_alarms, self.false_alarms + self.rejections)
    }

    /// The harmonic mean of precision and recall; 0 when nothing right passed.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(
            2 * self.hits,
            2 * self.hits + self.false_alarms + self.misses,
        )
    }

    /// Both together, for a figure over several methods or personas.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            false_alarms: self.false_alarms + other.false_alarms,
            misses: self.misses + other.misses,
            rejections: self.rejections + other.rejections,
        }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Ranked {
    /// Puts judgements in order.
    #[must_use]
    pub fn of(lines: impl IntoIterator<Item = Line>) -> Self {
        let mut lines: Vec<Line> = lines.into_iter().collect();
        lines.sort_by(|a, b| b.score.total_cmp(&a.score));
        Self(lines)
    }

    /// In order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a threshold lets through, itself included.
    #[must_use]
    pub fn at(&self, least: f64, weights: Option<&Weights>) -> Counts {
        let mut counts = Counts::default();
        for line in &self.0 {
            let times = times(weights, line);
            match (line.score >= least, line.truth) {
                (true, true) => counts.hits += times,
                (true, false) => counts.false_alarms += times,
                (false, true) => counts.misses += times,
                (false, false) => counts.rejections += times,
            }
        }
        counts
    }

    /// How often a right line is ranked above a wrong one, a tie counting half: the area under the ROC curve.
    #[must_use]
    pub fn auc(&self, weights: Option<&Weights>) -> Option<f64> {
        let (mut right, mut wrong, mut above) = (0_u64, 0_u64, 0.0_f64);
        for tie in self.ties() {
            let (hits, alarms) = weigh(tie, weights);
            above += (alarms as f64) * (right as f64 + hits as f64 / 2.0);
            right += hits;
            wrong += alarms;
        }
        (right > 0 && wrong > 0).then(|| above / (right as f64 * wrong as f64))
    }

    /// The mean of the precision at each right line: the area under the precision-recall curve.
    #[must_use]
    pub fn average_precision(&self, weights: Option<&Weights>) -> Option<f64> {
        let (mut right, mut passed, mut sum) = (0_u64, 0_u64, 0.0_f64);
        for tie in self.ties() {
            let (hits, alarms) = weigh(tie, weights);
            right += hits;
            passed += hits + alarms;
            if hits > 0 {
                sum += hits as f64 * (right as f64 / passed as f64);
            }
        }
        (right > 0).then(|| sum / right as f64)
    }

    /// The lowest threshold whose precision is still at least so much, and the recall there.
    #[must_use]
    pub fn at_precision(&self, least: f64) -> Option<(f64, Counts)> {
        let (mut right, mut passed, mut found) = (0_u64, 0_u64, None);
        for tie in self.ties() {
            let (hits, alarms) = weigh(tie, None);
            right += hits;
            passed += hits + alarms;
            if share(right, passed).is_some_and(|precision| precision >= least) {
                found = tie.first().map(|line| line.score);
            }
        }
        found.map(|score| (score, self.at(score, None)))
    }

    /// Whether a score is a probability, in so many bins of equal width.
    #[must_use]
    pub fn reliability(&self, bins: usize, weights: Option<&Weights>) -> Reliability {
        reliability::of(&self.0, bins, weights)
    }

    fn ties(&self) -> impl Iterator<Item = &[Line]> {
        self.0.chunk_by(|a, b| a.score.total_cmp(&b.score).is_eq())
    }
}

fn weigh(tie: &[Line], weights: Option<&Weights>) -> (u64, u64) {
    tie.iter().fold((0, 0), |(hits, alarms), line| {
        let times = times(weights, line);
        if line.truth {
            (hits + times, alarms)
        } else {
            (hits, alarms + times)
        }
    })
}

fn times(weights: Option<&Weights>, line: &Line) -> u64 {
    weights.map_or(1, |weights| {
        weights.get(line.unit).copied().map_or(0, u64::from)
    })
}

/// The mean of several measures; `None` when there is none.
#[must_use]
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.into_iter().collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Where a measure lies in 95 of 100 draws of the same size: units are drawn with replacement, the same
/// ones for every measure taken in `measure`. `None` when fewer than half the draws could be measured.
#[must_use]
pub fn interval(
    units: usize,
    draws: usize,
    seed: u64,
    mut measure: impl FnMut(&Weights) -> Option<f64>,
) -> Option<(f64, f64)> {
    let mut chance = Chance::new(seed);
    let mut found: Vec<f64> = Vec::with_capacity(draws);
    let mut weights = vec![0_u32; units];
    for _ in 0..draws {
        weights.fill(0);
        for _ in 0..units {
            if let Some(times) = weights.get_mut(chance.index(units)) {
                *times += 1;
            }
        }
        found.extend(measure(&weights));
    }
    if found.is_empty() || found.len() * 2 < draws {
        return None;
    }
    found.sort_by(f64::total_cmp);
    let last = found.len() - 1;
    let low = *found.get(last * 25 / 1_000)?;
    let high = *found.get(last - last * 25 / 1_000)?;
    Some((low, high))
}

#[cfg(test)]
mod tests;
