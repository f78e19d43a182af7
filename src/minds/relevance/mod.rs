//! How relevant a text is to a persona: a probability, explained, without a model.
//!
//! A persona's keywords are a [lexis](lexis): what stands in the text counts as it is, and words that are used
//! like them count by how close they are. What is about another common [subject](subjects) is less likely about
//! the persona's. What people kept and dropped before moves the odds of what is like it ([`learned`]).
//!
//! The score is the probability that a signal is for the persona where [`BASE_RATE_PERCENT`] of signals are:
//! feeds are chosen for a persona, so more of what they bring is for it than of all there is to read. Start with
//! [`Interest`].
#![expect(
    clippy::float_arithmetic,
    reason = "only sums, products, quotients and roots, in a fixed order: every machine rounds them alike"
)]

pub(crate) mod exact;
mod learned;
mod lexis;
mod memo;
pub(crate) mod reading;
mod subjects;
mod weights;

use std::borrow::Cow;

use chimera_domain::{Score, persona::Persona, persona::Topic, signal::Relevance};

pub use self::{
    learned::{DECISIONS_MAX, Decided, Learned},
    memo::{interest, learned},
    reading::Reading,
};
use self::{
    lexis::{EVIDENCE, Lexis},
    weights::CONTRAST,
};

/// Method and version, stored with every score.
pub const METHOD: &str = "lexical+glove/3";
/// By what a score is made: method and version, and how many decisions of people it was learned from.
#[must_use]
pub fn method(learned: Option<&Learned>) -> Cow<'static, str> {
    learned.map_or(METHOD.into(), |learned| {
        format!("{METHOD}{LEARNED}{}", learned.decisions()).into()
    })
}

/// Whether this build still makes scores so.
#[must_use]
pub fn has(method: &str) -> bool {
    method
        .strip_prefix(METHOD)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(LEARNED))
}

/// Between the version and the number of decisions.
const LEARNED: &str = " after decisions: ";
/// Of a hundred signals so many are for a persona, where a score is a probability.
pub const BASE_RATE_PERCENT: u32 = 8;
/// By so much the odds are raised for that: one in 29.9 of the lines the weights were fitted on is right, and
/// this is `ln((8 / 92) / (1 / 28.9))`.
const BASE_RATE: f64 = 0.9215;
/// Names in a reason.
const NAMED_MAX: usize = 4;

/// Why a text has no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unscorable {
    /// Nothing to read.
    #[error("the item has no word in its title or summary")]
    NoText,
    /// Nothing to compare with.
    #[error("persona `{0}` has no topics to compare with")]
    NoTopics(String),
}

/// What a persona cares about, made ready once.
#[derive(Debug)]
pub struct Interest {
    lexis: Lexis,
    /// How far each common subject is its own.
    own: Vec<f64>,
}

/// A score with what it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The score.
    pub score: Score,
    /// What the estimate was made from, for whoever fits the weights anew.
    pub evidence: [f64; EVIDENCE],
    /// The same of the contrast to other subjects.
    pub contrast: [f64; CONTRAST],
    /// By how much the odds were moved by what was learned, and the score without.
    learned: Option<(f64, Score)>,
}

impl Interest {
    /// From a persona's topics.
    ///
    /// # Errors
    /// When they hold no keyword: there is nothing to compare a text with.
    pub fn of(persona: &Persona) -> Result<Self, Unscorable> {
        if persona.topics.iter().all(|topic| topic.keywords.is_empty()) {
            return Err(Unscorable::NoTopics(persona.slug.clone()));
        }
        Ok(Self::of_topics(&persona.topics))
    }

    fn of_topics(topics: &[Topic]) -> Self {
        let lexis = Lexis::of(
            topics
                .iter()
                .map(|topic| topic.keywords.iter().map(String::as_str)),
        );
        let own = subjects::own(&lexis);
        Self { lexis, own }
    }

    /// Scores a text, as people's decisions move it where there are any.
    ///
    /// # Errors
    /// When there is no word in it; never a default number.
    pub fn score(
        &self,
        reading: &Reading,
        learned: Option<&Learned>,
    ) -> Result<Scored, Unscorable> {
        if reading.is_empty() {
            return Err(Unscorable::NoText);
        }
        let (evidence, contrast, odds) = self.estimate(reading);
        let moved = learned.map(|learned| learned.odds(reading));
        Ok(Scored {
            score: score_of(odds + moved.unwrap_or(0.0)),
            evidence,
            contrast,
            learned: moved.map(|moved| (moved, score_of(odds))),
        })
    }

    /// The logarithm of the odds by the persona file alone.
    fn odds(&self, reading: &Reading) -> f64 {
        self.estimate(reading).2
    }

    fn estimate(&self, reading: &Reading) -> ([f64; EVIDENCE], [f64; CONTRAST], f64) {
        let evidence = self.lexis.evidence(reading);
        let contrast = weights::contrast(weights::first(&evidence), reading, &self.own);
        (evidence, contrast, weights::second(&contrast, &evidence))
    }

    /// What carried a score, in words.
    #[must_use]
    pub fn reason(&self, reading: &Reading, scored: &Scored, learned: Option<&Learned>) -> String {
        let mut parts = Vec::new();
        let found = self.lexis.found(reading);
        let close = self.lexis.close(reading);
        if !found.is_empty() {
            parts.push(format!("names {}", quoted(&found)));
        }
        if !close.is_empty() {
            parts.push(format!("{} near its topics", quoted(&close)));
        }
        if parts.is_empty() {
            parts.push("no word of the persona's topics, nor near them".to_owned());
        }
        if let Some(other) = self.other_subject(reading) {
            parts.push(format!("rather about {other}"));
        }
        if let (Some((odds, without)), Some(learned)) = (scored.learned, learned)
            && let Some(by) = difference(without, scored.score)
        {
            parts.push(learned.reason(reading, odds, &by));
        }
        parts.join("; ")
    }

    /// The subject that is not the persona's own and more likely than it.
    fn other_subject(&self, reading: &Reading) -> Option<&'static str> {
        let own = weights::first(&self.lexis.evidence(reading));
        let others = reading.subjects.iter().zip(&self.own).zip(subjects::all());
        others
            .filter(|((odds, own_share), _)| **odds > own.max(LIKELY) && **own_share < 0.5)
            .max_by(|((a, _), _), ((b, _), _)| a.total_cmp(b))
            .map(|(_, subject)| subject.name)
    }
}

/// Odds from which on a subject is named in a reason: one in five.
const LIKELY: f64 = -1.4;

/// The probability that it is for the persona where as many are as [`BASE_RATE_PERCENT`] says.
fn score_of(odds: f64) -> Score {
    Score::from_ppm(exact::ppm(exact::logistic(odds + BASE_RATE))).unwrap_or(Score::ONE)
}

/// `+0.12`, as scores are shown; `None` where the difference is too small to be.
fn difference(from: Score, to: Score) -> Option<String> {
    let sign = if to > from { '+' } else { '-' };
    let hundredths = (from.ppm().abs_diff(to.ppm()) + 5_000) / 10_000;
    (hundredths > 0).then(|| format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100))
}

fn quoted(names: &[&str]) -> String {
    let names = names.get(..NAMED_MAX).unwrap_or(names);
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Scores one item for one persona.
///
/// # Errors
/// When there is nothing to score; never a default number.
pub fn relevance(
    title: &str,
    summary: &str,
    persona: &Persona,
    learned: Option<&Learned>,
) -> Result<Relevance, Unscorable> {
    let reading = Reading::of(title, summary);
    let interest = interest(persona)?;
    let scored = interest.score(&reading, learned)?;
    Ok(Relevance {
        score: scored.score,
        method: method(learned).into_owned(),
        reason: interest.reason(&reading, &scored, learned),
        basis: None,
    })
}

#[cfg(test)]
mod tests;
