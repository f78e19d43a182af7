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
    /// The sums of the scores of the right and of the wrong ones.
    said_right: f64,
    said_wrong: f64,
}

impl Bin {
    /// What the method said, on average.
    #[must_use]
    pub fn said(&self) -> Option<f64> {
        (self.lines > 0).then(|| (self.said_right + self.said_wrong) / self.lines as f64)
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

    /// What share of each range would be right if of all lines `rate` were, and the error there: a wrong line
    /// counts for as many as it takes. `None` where all lines are right or all are wrong.
    #[must_use]
    pub fn where_right_is(&self, rate: f64) -> Option<(Vec<Option<f64>>, f64)> {
        let right: u64 = self.bins.iter().map(|bin| bin.right).sum();
        let wrong = self.bins.iter().map(|bin| bin.lines).sum::<u64>() - right;
        if right == 0 || wrong == 0 || rate <= 0.0 {
            return None;
        }
        let times = right as f64 * (1.0 - rate) / rate / wrong as f64;
        let (mut shares, mut lines, mut error) = (Vec::new(), 0.0_f64, 0.0_f64);
        for bin in &self.bins {
            let in_bin = bin.right as f64 + (bin.lines - bin.right) as f64 * times;
            let said = bin.said_right + bin.said_wrong * times;
            lines += in_bin;
            error += (said - bin.right as f64).abs();
            shares.push((bin.lines > 0).then(|| bin.right as f64 / in_bin));
        }
        Some((shares, error / lines))
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
            let said = if line.truth {
                &mut bin.said_right
            } else {
                &mut bin.said_wrong
            };
            *said += line.score * times as f64;
        }
    }
    Reliability { bins: table }
}
