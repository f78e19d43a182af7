//! A text read once, for all personas.

use std::{borrow::Cow, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use super::subjects;
use crate::{
    quick::{Filter, key},
    vectors::{self, Direction, Sum},
};

/// Words of a title that are read; a longer one says the same thing again.
const TITLE_WORDS_MAX: usize = 60;
/// Words of a summary that are read.
const SUMMARY_WORDS_MAX: usize = 24;
/// A word of the summary counts half: it is further from what the item is about.
const SUMMARY_SHARE: f64 = 0.5;

/// A word of a text.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Folded, without a plural `s`.
    pub(super) stem: String,
    /// Its key, for filters.
    pub(super) key: u64,
    /// What it says, 0 to 1; nothing when it stood before, or only holds the sentence together.
    pub(super) weight: f64,
    /// Where it stands among words, with one by its length; `None` also when it says nothing.
    pub(super) place: Option<(Direction, f64)>,
}

/// A text that was read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its words in order, the summary behind the title.
    pub(super) tokens: Vec<Token>,
    /// From here on they are the summary's.
    summary_from: usize,
    /// Where the whole text stands.
    pub(super) whole: Option<Whole>,
    /// What all its words say together.
    pub(super) weight: f64,
    /// The logarithm of the odds that it is about each subject.
    pub(super) subjects: Vec<f64>,
    /// The odds themselves.
    pub(super) likely: Vec<f64>,
}

/// Where a text stands, as a sum of its words.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub(super) sum: Sum,
    pub(super) direction: Direction,
    pub(super) per_length: f64,
}

impl Reading {
    /// Reads a title and a summary, either of which may be empty.
    #[must_use]
    pub fn of(title: &str, summary: &str) -> Self {
        let mut reading = Self::words_of(title, summary);
        (reading.subjects, reading.likely) = subjects::odds(&reading);
        reading
    }

    /// Without the subjects, which are told from what this reads.
    fn words_of(title: &str, summary: &str) -> Self {
        let known = vectors::english();
        let (mut tokens, mut sum, mut total) = (Vec::new(), Sum::default(), 0.0);
        // At most as many as are read: looking through them costs less than a set that nobody can make collide.
        let mut seen: Vec<(u64, String)> = Vec::new();
        let mut summary_from = 0;
        for (text, share, max) in [
            (title, 1.0, TITLE_WORDS_MAX),
            (summary, SUMMARY_SHARE, SUMMARY_WORDS_MAX),
        ] {
            summary_from = tokens.len();
            for word in words(text).into_iter().take(max) {
                let stem = stem(&word).to_owned();
                let mut token = Token {
                    key: key(&stem),
                    stem,
                    weight: 0.0,
                    place: None,
                };
                let own = key(&word);
                let stood = || {
                    seen.iter()
                        .any(|(key, before)| *key == own && *before == word)
                };
                if !says_nothing(&word) && !stood() {
                    let place = known.find(&word);
                    token.weight = share * place.map_or(1.0, |place| known.weight(place));
                    token.place = place.map(|place| {
                        let direction = known.direction(place);
                        let per_length = direction.per_length();
                        sum.add(&direction, token.weight);
                        (direction, per_length)
                    });
                    total += token.weight;
                    seen.push((own, word));
                }
                tokens.push(token);
            }
        }
        let whole = sum.unit().and_then(|sum| {
            let direction = sum.direction()?;
            let per_length = direction.per_length();
            Some(Whole {
                sum,
                direction,
                per_length,
            })
        });
        Self {
            tokens,
            summary_from,
            whole,
            weight: total,
            subjects: Vec::new(),
            likely: Vec::new(),
        }
    }

    /// Whether these stems stand here one after the other.
    pub(super) fn follows(&self, from: usize, phrase: &[String]) -> bool {
        self.tokens
            .get(from..from + phrase.len())
            .is_some_and(|tokens| {
                tokens
                    .iter()
                    .zip(phrase)
                    .all(|(token, stem)| token.stem == *stem)
            })
    }

    /// What a place in the text counts: half in the summary.
    pub(super) const fn share(&self, at: usize) -> f64 {
        if at < self.summary_from {
            1.0
        } else {
            SUMMARY_SHARE
        }
    }

    /// Whether there is a word in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

/// The words of a text in lower case, without accents, possessives and marks; `c++` and `c#` keep theirs.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text: Cow<'_, str> = if text.is_ascii() {
        text.into()
    } else {
        text.nfkd()
            .filter(|c| !is_combining_mark(*c))
            .map(|c| if c == '’' { '\'' } else { c })
            .collect::<String>()
            .into()
    };
    let mut out = Vec::new();
    for (at, word) in text.unicode_word_indices() {
        // The segmenter keeps `3.5` and `node.js` together; for us a dot ends a word.
        let mut from = at;
        for part in word.split(['.', ':', '_', ',', '·']) {
            let end = from + part.len();
            let mark = text.get(end..).and_then(|rest| {
                let marks = rest
                    .bytes()
                    .take_while(|b| matches!(b, b'+' | b'#'))
                    .count();
                rest.get(..marks)
            });
            from = end + 1;
            let plain = part
                .strip_suffix("'s")
                .or_else(|| part.strip_suffix("'S"))
                .unwrap_or(part);
            if !plain.is_empty() {
                let mut word = plain.to_lowercase();
                word.push_str(mark.unwrap_or_default());
                out.push(word);
            }
        }
    }
    out
}

/// Without a plural `s`, so that `dogs` and `dog` are one word.
pub(crate) fn stem(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(short) if short.len() >= 3 && !short.ends_with('s') => short,
        Some(_) | None => word,
    }
}

/// Words that say nothing about a subject: those that hold a sentence together, and bare numbers.
pub(crate) fn says_nothing(word: &str) -> bool {
    is_function_word(word) || !word.contains(char::is_alphabetic)
}

fn is_function_word(word: &str) -> bool {
    const LONGEST: usize = 8;
    word.len() <= LONGEST
        && FUNCTION_WORD.may_have(key(word))
        && FUNCTION_WORDS.binary_search(&word).is_ok()
}

/// Which words may be one of them.
static FUNCTION_WORD: LazyLock<Filter> = LazyLock::new(|| {
    let mut filter = Filter::default();
    for word in FUNCTION_WORDS {
        filter.add(key(word));
    }
    filter
});

/// In order, so that one is found by halving.
const FUNCTION_WORDS: &[&str] = &[
    "a", "about", "after", "again", "all", "also", "am", "an", "and", "any", "are", "as", "at",
    "be", "because", "been", "before", "being", "both", "but", "by", "can", "can't", "couldn't",
    "d", "did", "didn't", "do", "does", "doesn't", "don't", "down", "each", "few", "for", "from",
    "get", "got", "had", "has", "have", "he", "he's", "her", "here", "him", "his", "how", "i",
    "i'd", "i'll", "i'm", "i've", "if", "in", "into", "is", "isn't", "it", "it's", "its", "just",
    "let's", "ll", "m", "me", "more", "most", "my", "no", "not", "now", "of", "off", "on", "once",
    "one", "only", "or", "other", "our", "out", "over", "own", "re", "s", "same", "she", "she's",
    "so", "some", "such", "t", "than", "that's", "the", "their", "them", "then", "there",
    "there's", "these", "they", "they're", "this", "those", "to", "too", "until", "up", "us", "ve",
    "very", "was", "we", "we're", "were", "what", "what's", "when", "where", "which", "while",
    "who", "why", "will", "with", "won't", "would", "you", "you're", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text), expected, "{text}");
    }

    // Words are what a person would call one: lower case, no accents, no possessive, `c++` whole.
    #[test]
    fn words_are_what_a_person_would_call_one() {
        check(
            "The dog’s Bowl, 3.5 stars!",
            &["the", "dog", "bowl", "3", "5", "stars"],
        );
        check("C++ vs. C# and Café", &["c++", "vs", "c#", "and", "cafe"]);
        check("don't re-do ＰＳ3", &["don't", "re", "do", "ps3"]);
        check("日本", &["日", "本"]);
        check("  …", &[]);
        assert_eq!(
            (stem("dogs"), stem("bus"), stem("glass")),
            ("dog", "bus", "glass")
        );
    }

    // The list is in order, or halving would miss words of it.
    #[test]
    fn function_words_are_in_order_and_found() {
        assert!(FUNCTION_WORDS.is_sorted());
        assert!(FUNCTION_WORDS.iter().all(|word| is_function_word(word)));
        assert!(!is_function_word("dog"));
    }

    // R30: a text is read up to a limit, however long it is.
    #[test]
    fn r30_a_long_text_is_read_to_its_limit() {
        let long: String = (0..5_000).map(|n| format!("word{n} ")).collect();
        let reading = Reading::of(&long, &long.replace("word", "other"));
        assert_eq!(reading.tokens.len(), TITLE_WORDS_MAX + SUMMARY_WORDS_MAX);
        assert!(Reading::of("", " ").is_empty());
    }
}
