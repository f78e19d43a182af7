//! How glad or gloomy a text is, by a small list of English words of our own: `words.txt`.
//!
//! A ratio of two counts, and nothing where none of the words stands: what was not measured has no number. It
//! knows neither irony nor whom something is good for; docs/evals.md says how often it is right.

use std::sync::LazyLock;

use chimera_domain::trend::Sentiment;

use crate::{quick::WordMap, tokens::tokens};

/// Method and version.
pub const METHOD: &str = "words/1";

const LIST: &str = include_str!("words.txt");
/// Words before one that may turn it round.
const REACH: usize = 2;

static MOODS: LazyLock<Moods> = LazyLock::new(|| Moods::of(LIST));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Glad,
    Gloomy,
    /// Turns round what comes after it.
    Turns,
}

#[derive(Debug, Default)]
struct Moods {
    words: WordMap<&'static str, Mood>,
    beginnings: WordMap<&'static str, Mood>,
    /// The longest beginning.
    longest: usize,
}

impl Moods {
    fn of(list: &'static str) -> Self {
        let mut moods = Self::default();
        for line in list.lines() {
            let Some((sign, words)) = line.split_once(' ') else {
                continue;
            };
            let mood = match sign {
                "+" => Mood::Glad,
                "-" => Mood::Gloomy,
                "!" => Mood::Turns,
                _ => continue,
            };
            for word in words.split(' ') {
                if let Some(beginning) = word.strip_suffix('*') {
                    moods.longest = moods.longest.max(beginning.len());
                    moods.beginnings.insert(beginning, mood);
                } else {
                    moods.words.insert(word, mood);
                }
            }
        }
        moods
    }

    /// The word itself goes before its beginning, a longer beginning before a shorter one.
    fn find(&self, word: &str) -> Option<Mood> {
        if let Some(mood) = self.words.get(word) {
            return Some(*mood);
        }
        (2..=word.len().min(self.longest))
            .rev()
            .filter_map(|end| self.beginnings.get(word.get(..end)?))
            .copied()
            .next()
    }
}

/// How glad or gloomy a text is; `None` where no word of the list stands in it.
#[must_use]
pub fn sentiment(text: &str) -> Option<Sentiment> {
    let words = tokens(text);
    let moods: Vec<Option<Mood>> = words
        .iter()
        .map(|token| {
            let word = token.word.strip_suffix("'s").unwrap_or(&token.word);
            MOODS.find(word)
        })
        .collect();
    let (mut glad, mut gloomy) = (0, 0);
    for (at, mood) in moods.iter().enumerate() {
        let before = moods.get(at.saturating_sub(REACH)..at).unwrap_or_default();
        let turned = before.contains(&Some(Mood::Turns));
        match (mood, turned) {
            (Some(Mood::Glad), false) | (Some(Mood::Gloomy), true) => glad += 1,
            (Some(Mood::Gloomy), false) | (Some(Mood::Glad), true) => gloomy += 1,
            (Some(Mood::Turns) | None, _) => {}
        }
    }
    Sentiment::of(glad, gloomy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i16>) {
        let got = sentiment(text).map(Sentiment::thousandths);
        assert_eq!(got, expected, "{text}");
    }

    // R32: a mood is counted from words of the list, is turned round by a denial, and is not made up where none stands.
    #[test]
    fn r32_a_mood_is_counted_and_never_made_up() {
        check("Cinderella story: the underdogs win", Some(1_000));
        check("Three dead after a bridge collapsed", Some(-1_000));
        check("A great win after a crash", Some(333));
        check("Nobody was hurt and the cat is not happy", Some(0));
        check("They didn’t win", Some(-1_000));
        check("Rust 1.95 is out", None);
        check("", None);
    }

    // R32: no word of the list stands for two moods, and none is covered by its own beginning.
    #[test]
    fn r32_no_word_of_the_list_stands_twice() {
        let words: Vec<&str> = LIST
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| line.split(' ').skip(1))
            .collect();
        let distinct: std::collections::BTreeSet<&str> = words
            .iter()
            .map(|word| word.trim_end_matches('*'))
            .collect();
        assert_eq!(distinct.len(), words.len());
        assert_eq!(MOODS.words.len() + MOODS.beginnings.len(), words.len());
        for word in distinct {
            let exact = MOODS.find(word);
            let shorter = (2..word.len())
                .rev()
                .find_map(|end| MOODS.beginnings.get(word.get(..end)?));
            assert!(shorter.is_none() || shorter.copied() != exact, "{word}");
        }
    }
}
