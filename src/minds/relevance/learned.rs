//! What people kept and dropped, and how that moves the score of what is like it.
//!
//! A logistic regression on top of what the persona file says: where a text stands, which subjects it is
//! about and which words stand in it may each move the odds a little. It is fitted in its dual form, one number
//! a decision, so that its cost is bounded by [`DECISIONS_MAX`] whatever the words are.

use std::collections::HashMap;

use super::{Interest, exact, reading::Reading};
use crate::vectors::DIMENSIONS;

/// The decisions that are learned from, the latest ones where there are more.
pub const DECISIONS_MAX: usize = 200;
/// How reluctantly the odds are moved: chosen so that they are worth as much as those of the persona file.
const RIDGE: f64 = 1.0;
/// Steps of the fit; it has settled long before.
const STEPS: usize = 25;
/// What no subject says.
const NO_SUBJECT: f64 = 0.3;

/// A person's word on a text.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'r> {
    /// The text.
    pub reading: &'r Reading,
    /// Whether it was kept.
    pub kept: bool,
}

/// What was learned for one persona.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// How many were kept and dropped.
    kept: usize,
    dropped: usize,
    place: [f64; DIMENSIONS],
    subjects: Vec<f64>,
    words: HashMap<String, f64>,
}

/// A text as it is compared with others.
struct Features<'r> {
    place: Option<&'r [f64; DIMENSIONS]>,
    subjects: Vec<f64>,
    words: Vec<(&'r str, f64)>,
}

impl<'r> Features<'r> {
    fn of(reading: &'r Reading) -> Self {
        let likely = &reading.likely;
        let all = likely.iter().sum::<f64>() + NO_SUBJECT;
        let mut words: Vec<(&str, f64)> = reading
            .tokens
            .iter()
            .filter(|token| token.weight > 0.0)
            .map(|token| (token.stem.as_str(), token.weight))
            .collect();
        // `dog` and `dogs` are one word here.
        words.sort_by(|a, b| a.0.cmp(b.0).then(b.1.total_cmp(&a.1)));
        words.dedup_by(|a, b| a.0 == b.0);
        Self {
            place: reading.whole.as_ref().map(|whole| whole.sum.components()),
            subjects: likely.iter().map(|likely| (likely / all).sqrt()).collect(),
            words,
        }
    }

    fn alike(&self, other: &Self) -> f64 {
        let place = match (self.place, other.place) {
            (Some(a), Some(b)) => dot(a, b),
            (Some(_) | None, None) | (None, Some(_)) => 0.0,
        };
        let words = self.words.iter().filter_map(|(word, weight)| {
            let at = other.words.binary_search_by(|(other, _)| other.cmp(word));
            other.words.get(at.ok()?).map(|(_, other)| weight * other)
        });
        place + dot(&self.subjects, &other.subjects) + words.sum::<f64>()
    }
}

impl Learned {
    /// Learns from decisions, the oldest first; `None` where there are none.
    #[must_use]
    pub fn of(interest: &Interest, decided: &[Decided<'_>]) -> Option<Self> {
        let from = decided.len().saturating_sub(DECISIONS_MAX);
        let decided = decided.get(from..).filter(|decided| !decided.is_empty())?;
        let features: Vec<Features<'_>> = decided
            .iter()
            .map(|one| Features::of(one.reading))
            .collect();
        let kept = decided.iter().filter(|one| one.kept).count();
        let dropped = decided.len() - kept;
        // The odds of the persona file are where each decision starts: one that was expected moves nothing.
        let before: Vec<f64> = decided
            .iter()
            .map(|one| interest.odds(one.reading))
            .collect();
        let kernel: Vec<Vec<f64>> = features
            .iter()
            .map(|a| features.iter().map(|b| a.alike(b) / RIDGE).collect())
            .collect();
        let kept_or_not: Vec<f64> = decided
            .iter()
            .map(|one| if one.kept { 1.0 } else { 0.0 })
            .collect();
        let duals = fit(&kernel, &before, &kept_or_not);
        let mut learned = Self {
            kept,
            dropped,
            place: [0.0; DIMENSIONS],
            subjects: vec![0.0; features.first().map_or(0, |one| one.subjects.len())],
            words: HashMap::new(),
        };
        for (one, dual) in features.iter().zip(duals) {
            learned.add(one, dual / RIDGE);
        }
        Some(learned)
    }

    /// From how many decisions it was learned.
    #[must_use]
    pub const fn decisions(&self) -> usize {
        self.kept + self.dropped
    }

    fn add(&mut self, features: &Features<'_>, times: f64) {
        for (sum, x) in self
            .place
            .iter_mut()
            .zip(features.place.into_iter().flatten())
        {
            *sum += x * times;
        }
        for (sum, x) in self.subjects.iter_mut().zip(&features.subjects) {
            *sum += x * times;
        }
        for (word, weight) in &features.words {
            *self.words.entry((*word).to_owned()).or_insert(0.0) += weight * times;
        }
    }

    /// How the odds of a text are moved.
    pub(super) fn odds(&self, reading: &Reading) -> f64 {
        let features = Features::of(reading);
        let words = features
            .words
            .iter()
            .filter_map(|(word, weight)| self.words.get(*word).map(|own| own * weight));
        let place = features.place.map_or(0.0, |place| dot(place, &self.place));
        place + dot(&features.subjects, &self.subjects) + words.sum::<f64>()
    }

    /// By how much a score was moved, the words of the text that moved it most that way, and the numbers of
    /// decisions, for the reason.
    pub(super) fn reason(&self, reading: &Reading, odds: f64, by: &str) -> String {
        let mut words: Vec<(f64, &str)> = reading
            .tokens
            .iter()
            .filter_map(|token| {
                let own = self.words.get(&token.stem)? * token.weight * odds.signum();
                (own > 0.05).then_some((own, token.stem.as_str()))
            })
            .collect();
        words.sort_by(|a, b| b.0.total_cmp(&a.0));
        let words: Vec<&str> = words.into_iter().take(3).map(|(_, word)| word).collect();
        let like = if odds < 0.0 {
            "more like what was dropped"
        } else {
            "more like what was kept"
        };
        let carried = if words.is_empty() {
            String::new()
        } else {
            format!(" by `{}`", words.join("`, `"))
        };
        let decisions = match self.decisions() {
            1 => "1 decision".to_owned(),
            n => format!("{n} decisions"),
        };
        format!(
            "{by} by {decisions} ({} kept, {} dropped), {like}{carried}",
            self.kept, self.dropped
        )
    }
}

/// The dual numbers of a logistic regression whose odds start at `before`: Newton's steps, each a system of
/// as many equations as there are decisions, and each cut until it leads down.
fn fit(kernel: &[Vec<f64>], before: &[f64], kept: &[f64]) -> Vec<f64> {
    const SETTLED: f64 = 1e-9;
    const CUTS: usize = 20;
    let moved = |duals: &[f64]| -> Vec<f64> { kernel.iter().map(|row| dot(row, duals)).collect() };
    let cost = |duals: &[f64], moved: &[f64]| -> f64 {
        let lines = moved.iter().zip(before).zip(kept);
        let wrong = lines.map(|((moved, before), kept)| {
            let odds = before + moved;
            exact::ln(1.0 + exact::exp(if *kept > 0.5 { -odds } else { odds }))
        });
        wrong.sum::<f64>() + dot(duals, moved) / 2.0
    };
    let mut duals = vec![0.0; before.len()];
    let mut at = moved(&duals);
    let mut worth = cost(&duals, &at);
    for _ in 0..STEPS {
        let mut wanted = Vec::with_capacity(before.len());
        let mut system: Vec<Vec<f64>> = kernel.to_vec();
        let lines = before.iter().zip(kept).zip(&at).enumerate();
        for ((line, ((before, kept), moved)), row) in lines.zip(&mut system) {
            let likely = exact::logistic(before + moved);
            let curve = (likely * (1.0 - likely)).max(1e-6);
            wanted.push(moved + (kept - likely) / curve);
            if let Some(diagonal) = row.get_mut(line) {
                *diagonal += 1.0 / curve;
            }
        }
        let mut step: Vec<f64> = solve(system, wanted)
            .iter()
            .zip(&duals)
            .map(|(to, from)| to - from)
            .collect();
        let mut better = None;
        for _ in 0..CUTS {
            let next: Vec<f64> = duals.iter().zip(&step).map(|(a, b)| a + b).collect();
            let there = moved(&next);
            let then = cost(&next, &there);
            if then < worth {
                better = Some((next, there, then));
                break;
            }
            step.iter_mut().for_each(|part| *part /= 2.0);
        }
        let Some((next, there, then)) = better else {
            break;
        };
        let gained = worth - then;
        (duals, at, worth) = (next, there, then);
        if gained < SETTLED {
            break;
        }
    }
    duals
}

/// Solves a symmetric, positive system by Cholesky's factors.
fn solve(mut rows: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for at in 0..n {
        let (above, below) = rows.split_at_mut(at);
        let Some(row) = below.first_mut() else { break };
        for column in 0..at {
            let other = &above[column];
            let known: f64 = dot(&row[..column], &other[..column]);
            row[column] = (row[column] - known) / other[column];
        }
        let known: f64 = row[..at].iter().map(|x| x * x).sum();
        row[at] = (row[at] - known).max(1e-12).sqrt();
        let known: f64 = dot(&row[..at], &right[..at]);
        right[at] = (right[at] - known) / row[at];
    }
    for at in (0..n).rev() {
        let known: f64 = (at + 1..n)
            .map(|below| rows[below][at] * right[below])
            .sum();
        right[at] = (right[at] - known) / rows[at][at];
    }
    right
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    // A system is solved: three equations with a known answer.
    #[test]
    fn a_system_is_solved() {
        let rows = vec![
            vec![4.0, 1.0, 0.0],
            vec![1.0, 3.0, 1.0],
            vec![0.0, 1.0, 2.0],
        ];
        let answer = solve(rows, vec![6.0, 10.0, 8.0]);
        for (got, wanted) in answer.iter().zip([1.0, 2.0, 3.0]) {
            assert!((got - wanted).abs() < 1e-12, "{answer:?}");
        }
    }
}
