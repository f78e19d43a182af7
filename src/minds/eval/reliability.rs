//! Whether a score is a probability: of the lines that got 0.7, are seven in ten right?

use super::{Line, Weights, times};

/// The lines whose scores fall in one range.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// The lowest score of the range.
    pub from: f64,
    /// How many lines.
    pub lines: u64,
    /// How many of them are right.
    pub right: u64,
    /// The sum of their scores.
    sum: f64,
}

impl Bin {
    /// What the method said, on average.
    #[must_use]
    pub fn said(&self) -> Option<f64> {
        (self.lines > 0).then(|| self.sum / self.lines as f64)
    }

    /// What share of them is right.
    #[must_use]
    pub fn was(&self) -> Option<f64> {
        (self.lines > 0).then(|| self.right as f64 / self.lines as f64)
    }
}

/// Ranges of scores from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// Ranges of equal width, the lowest first.
    pub bins: Vec<Bin>,
}

impl Reliability {
    /// The distance between what was said and what was, weighed by lines: the expected calibration error.
    #[must_use]
    pub fn error(&self) -> Option<f64> {
        self.error_of(|_| true)
    }

    /// The same over the ranges that begin at this score or above: where most lines are far below every
    /// threshold, they would hide how wrong the high scores are.
    #[must_use]
    pub fn error_from(&self, least: f64) -> Option<f64> {
        self.error_of(|bin| bin.from >= least)
    }

    fn error_of(&self, counts: impl Fn(&Bin) -> bool) -> Option<f64> {
        let (mut lines, mut error) = (0_u64, 0.0_f64);
        for bin in self.bins.iter().filter(|bin| counts(bin)) {
            if let (Some(said), Some(was)) = (bin.said(), bin.was()) {
                lines += bin.lines;
                error += (said - was).abs() * bin.lines as f64;
            }
        }
        (lines > 0).then(|| error / lines as f64)
    }
}

/// Sorts lines into bins.
pub(super) fn of(lines: &[Line], bins: usize, weights: Option<&Weights>) -> Reliability {
    let mut table: Vec<Bin> = (0..bins)
        .map(|at| Bin {
            from: at as f64 / bins as f64,
            ..Bin::default()
        })
        .collect();
    for line in lines {
        // The last range that begins at or below it; with few ranges a search is no slower than a division.
        let at = table.iter().rposition(|bin| bin.from <= line.score);
        if let Some(bin) = at.and_then(|at| table.get_mut(at)) {
            let times = times(weights, line);
            bin.lines += times;
            bin.right += if line.truth { times } else { 0 };
            bin.sum += line.score * times as f64;
        }
    }
    Reliability { bins: table }
}
