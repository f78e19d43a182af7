//! What else a text could be about: common subjects, each with words that show it. What is about another
//! subject is less likely about the persona's, and what is about one close to it more.

use std::sync::LazyLock;

use super::{exact::logistic, lexis::Lexis, reading::Reading, weights};
use crate::quick::WordMap;

static TEXT: &str = include_str!("subjects.txt");
static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    TEXT.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, words)| Subject {
            name,
            lexis: Lexis::of([words.split(',').map(str::trim)]),
        })
        .collect()
});

/// Which subjects know a stem, a bit each: most know none of a text, and need not look.
static KNOWN_BY: LazyLock<WordMap<&'static str, u128>> = LazyLock::new(|| {
    let mut known: WordMap<&str, u128> = WordMap::default();
    for (at, subject) in all().iter().enumerate() {
        for stem in subject.lexis.stems() {
            *known.entry(stem).or_insert(0) |= 1 << at;
        }
    }
    known
});

/// From this cosine on a subject counts as the persona's own rather than as another.
const OWN: f64 = 0.62;
/// How sharp that border is.
const SHARP: f64 = 20.0;

/// A common subject.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) lexis: Lexis,
}

/// All of them, in the order of the file.
pub(super) fn all() -> &'static [Subject] {
    &SUBJECTS
}

/// The logarithm of the odds that a text is about each subject.
pub(super) fn odds(reading: &Reading) -> Vec<f64> {
    let known: Vec<u128> = reading
        .tokens
        .iter()
        .map(|token| KNOWN_BY.get(token.stem.as_str()).copied().unwrap_or(0))
        .collect();
    let knows = |subject: usize, at: usize| known.get(at).is_some_and(|by| by >> subject & 1 == 1);
    all()
        .iter()
        .enumerate()
        .map(|(n, subject)| weights::first(&subject.lexis.evidence(reading, |at| knows(n, at))))
        .collect()
}

/// How far each subject is a persona's own, 0 to 1.
pub(super) fn own(lexis: &Lexis) -> Vec<f64> {
    all()
        .iter()
        .map(|subject| logistic((lexis.cosine(&subject.lexis) - OWN) * SHARP))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Every line is a subject with words, and no two have one name.
    #[test]
    fn every_line_is_a_subject() {
        assert_eq!(all().len(), TEXT.lines().count());
        assert!(all().len() <= 128, "one bit each");
        let mut names: Vec<&str> = all().iter().map(|subject| subject.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
        // Each is closest to itself.
        for (at, subject) in all().iter().enumerate() {
            let own = own(&subject.lexis);
            assert!(own[at] > 0.999, "{}", subject.name);
        }
    }
}
