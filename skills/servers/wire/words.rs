//! Words that carry a topic, and the few that carry a mood.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

/// English function words plus what headlines are full of. Other languages rely on the length rule.
const COMMON: &[&str] = &[
    "about", "after", "again", "against", "all", "also", "amid", "among", "and", "any", "are",
    "around", "because", "been", "before", "being", "between", "both", "but", "can", "could",
    "did", "does", "doing", "down", "during", "each", "every", "few", "first", "for", "from",
    "get", "gets", "has", "have", "her", "here", "his", "how", "into", "its", "just", "last",
    "like", "make", "makes", "many", "may", "more", "most", "much", "must", "new", "not", "now",
    "off", "one", "only", "other", "our", "out", "over", "own", "says", "she", "should", "show",
    "some", "still", "such", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "through", "today", "too", "two", "under", "until", "use", "using",
    "very", "via", "was", "way", "were", "what", "when", "where", "which", "while", "who", "why",
    "will", "with", "would", "year", "years", "you", "your",
];

const GLAD: &[&str] = &[
    "achievement",
    "advance",
    "amazing",
    "award",
    "beautiful",
    "best",
    "better",
    "boost",
    "breakthrough",
    "celebrate",
    "celebrates",
    "delight",
    "delightful",
    "excellent",
    "gain",
    "gains",
    "good",
    "great",
    "growth",
    "happy",
    "heal",
    "hero",
    "hope",
    "hopeful",
    "improve",
    "improved",
    "improves",
    "joy",
    "launch",
    "love",
    "loved",
    "peace",
    "praise",
    "progress",
    "record",
    "recovery",
    "rescue",
    "rescued",
    "safe",
    "safer",
    "solved",
    "success",
    "successful",
    "support",
    "thrilled",
    "triumph",
    "welcome",
    "win",
    "winner",
    "wins",
    "won",
    "wonderful",
];

const GLOOMY: &[&str] = &[
    "abuse",
    "accident",
    "angry",
    "attack",
    "attacks",
    "awful",
    "bad",
    "ban",
    "bankrupt",
    "banned",
    "breach",
    "broken",
    "bug",
    "collapse",
    "crash",
    "crime",
    "crisis",
    "damage",
    "danger",
    "dead",
    "death",
    "deaths",
    "decline",
    "defeat",
    "die",
    "died",
    "dies",
    "disaster",
    "fail",
    "failed",
    "fails",
    "failure",
    "fear",
    "fears",
    "fire",
    "fraud",
    "guilty",
    "hack",
    "hacked",
    "hate",
    "hurt",
    "injured",
    "kill",
    "killed",
    "lawsuit",
    "layoffs",
    "leak",
    "loss",
    "lost",
    "murder",
    "outage",
    "outrage",
    "panic",
    "poor",
    "problem",
    "recession",
    "sad",
    "scam",
    "scandal",
    "shooting",
    "shutdown",
    "sick",
    "slump",
    "terrible",
    "terror",
    "threat",
    "tragedy",
    "victim",
    "violence",
    "vulnerability",
    "war",
    "warning",
    "worse",
    "worst",
    "wrong",
];

/// The distinct lower-case topic words of `text`: at least three letters (two outside ASCII) and not a common word.
pub(crate) fn topical(text: &str) -> BTreeSet<String> {
    text.unicode_words()
        .map(str::to_lowercase)
        .filter(|word| {
            let letters = word.chars().count();
            let enough = if word.is_ascii() {
                letters >= 3
            } else {
                letters >= 2
            };
            enough
                && !word.chars().all(char::is_numeric)
                && COMMON.binary_search(&word.as_str()).is_err()
        })
        .collect()
}

/// Mood of `text` from -1 to 1: (glad - gloomy) / (glad + gloomy) words of a small English list.
/// `None` when none of the listed words occurs, because then nothing was measured.
#[expect(clippy::float_arithmetic, reason = "a ratio of two counts")]
pub(crate) fn mood(text: &str) -> Option<f64> {
    let (mut glad, mut gloomy) = (0_u32, 0_u32);
    for word in text.unicode_words().map(str::to_lowercase) {
        if GLAD.binary_search(&word.as_str()).is_ok() {
            glad = glad.saturating_add(1);
        } else if GLOOMY.binary_search(&word.as_str()).is_ok() {
            gloomy = gloomy.saturating_add(1);
        }
    }
    let all = f64::from(glad) + f64::from(gloomy);
    (all > 0.0).then(|| (f64::from(glad) - f64::from(gloomy)) / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lists are searched by halving, so they must be sorted.
    #[test]
    fn word_lists_are_sorted() {
        for list in [COMMON, GLAD, GLOOMY] {
            assert!(
                list.is_sorted(),
                "{:?}",
                list.windows(2).find(|pair| pair[0] > pair[1])
            );
        }
    }

    /// Mood is a measurement or nothing; it is never invented.
    #[test]
    fn mood_is_null_when_no_word_carries_one() {
        assert_eq!(mood("Rust 1.95 is out"), None);
        assert_eq!(mood("a great win after a crash"), Some(1.0 / 3.0));
    }
}
