//! Words of a text, and where phrases stand in it: shared by the scorer and the judge's checks.
//!
//! Matching is on whole words, without case, blind to accents of look-alike letters, digits used as
//! letters and a plural `s`; `bank` never matches inside `embankment`.

use unicode_segmentation::UnicodeSegmentation;

/// One word: its folded form and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    folded: String,
    start: usize,
    end: usize,
}

/// A text split into words once, to be searched many times.
#[derive(Debug, Clone)]
pub(crate) struct Words<'a> {
    text: &'a str,
    words: Vec<Word>,
}

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let words = text
            .unicode_word_indices()
            .map(|(start, word)| Word {
                folded: fold(word),
                start,
                end: start + word.len(),
            })
            .filter(|word| !word.folded.is_empty())
            .collect();
        Self { text, words }
    }

    /// The first place where the phrase stands, as it is written in the text.
    pub(crate) fn find(&self, phrase: &str) -> Option<&'a str> {
        let wanted: Vec<String> = phrase.unicode_words().map(fold).collect();
        if wanted.is_empty() {
            return None;
        }
        self.words
            .windows(wanted.len())
            .find(|run| {
                run.iter()
                    .zip(&wanted)
                    .all(|(word, want)| same_word(&word.folded, want))
            })
            .and_then(|run| Some(&self.text[run.first()?.start..run.last()?.end]))
    }

    /// Folded words that carry meaning: no function words, at least three letters.
    pub(crate) fn content(&self) -> Vec<&str> {
        self.words
            .iter()
            .map(|word| word.folded.as_str())
            .filter(|word| word.chars().count() >= 3 && !FUNCTION_WORDS.contains(word))
            .collect()
    }

    /// Whether the word stands in the text, in this form or its plural.
    pub(crate) fn has(&self, folded: &str) -> bool {
        self.words
            .iter()
            .any(|word| same_word(&word.folded, folded))
    }
}

fn same_word(a: &str, b: &str) -> bool {
    a == b || a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
}

/// Lower case, look-alikes as Latin letters, and, in words that mix letters and digits, digits as the
/// letters they stand for (`cr1s1s`). Pure numbers stay numbers.
fn fold(word: &str) -> String {
    let lower: String = word
        .chars()
        .flat_map(char::to_lowercase)
        .map(look_alike)
        .filter(|c| c.is_alphanumeric())
        .collect();
    let letters = lower.chars().filter(|c| c.is_alphabetic()).count();
    if letters >= 2 && lower.chars().any(|c| c.is_ascii_digit()) {
        lower.chars().map(digit_as_letter).collect()
    } else {
        lower
    }
}

const fn digit_as_letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

/// Cyrillic, Greek and full-width letters that look like Latin ones.
fn look_alike(c: char) -> char {
    match c {
        'а' | 'α' | 'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'е' | 'ε' | 'é' | 'è' | 'ê' | 'ë' => 'e',
        'о' | 'ο' | 'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'р' | 'ρ' => 'p',
        'с' | 'ç' => 'c',
        'х' | 'χ' => 'x',
        'у' | 'ý' => 'y',
        'і' | 'ι' | 'í' | 'ì' | 'î' | 'ï' => 'i',
        'к' | 'κ' => 'k',
        'т' | 'τ' => 't',
        'м' => 'm',
        'н' => 'h',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        '\u{ff41}'..='\u{ff5a}' => char::from_u32(c as u32 - 0xff41 + u32::from(b'a')).unwrap_or(c),
        other => other,
    }
}

const FUNCTION_WORDS: &[&str] = &[
    "about", "after", "all", "also", "and", "any", "are", "because", "been", "before", "being",
    "but", "can", "could", "did", "does", "for", "from", "had", "has", "have", "her", "here",
    "his", "how", "into", "its", "just", "like", "more", "most", "much", "new", "not", "now",
    "off", "one", "only", "other", "our", "out", "over", "she", "should", "some", "such", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "too",
    "under", "use", "very", "was", "way", "were", "what", "when", "where", "which", "while", "who",
    "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, phrase: &str, found: Option<&str>) {
        assert_eq!(Words::of(text).find(phrase), found, "{phrase} in {text}");
    }

    // R58: a phrase is found as whole words through case, plural, look-alikes and digits, and not inside other words.
    #[test]
    fn r58_phrases_are_found_as_whole_words_through_disguise() {
        check("The Open-Source drop", "open source", Some("Open-Source"));
        check("Bank failures", "bank", Some("Bank"));
        check("new vaccines", "vaccine", Some("vaccines"));
        check("a v4ccine trial", "vaccine", Some("v4ccine"));
        check("the vассine", "vaccine", Some("vассine"));
        check("the embankment", "bank", None);
        check("in 2026", "2o26", None);
        check("anything", "", None);
        check("", "x", None);
    }

    #[test]
    fn content_words_carry_meaning() {
        assert_eq!(
            Words::of("The new shoes are out of this world").content(),
            ["shoes", "world"]
        );
    }
}
