//! What can be used of a trend: its cleaned title, the sentences of its summary that can stand alone, its link.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::book::Book;
use super::phrase::{is_figure, tokens};
use super::title::{self, Title};
use crate::studio::brief::TrendBrief;
use crate::wire::{Refusal, clean, words};

/// The longest sentence worth quoting, in graphemes.
const SENTENCE_MAX: usize = 240;
/// A sentence that adds less than this to the title is no reason to read on.
const NEW_WORDS_LEAST: usize = 5;
/// The longest summary that may end without a full stop and still be taken for whole.
const OPEN_END_MAX: usize = 200;
/// Words after which a full stop ends no sentence.
const ABBREVIATED: [&str; 38] = [
    "mr.", "mrs.", "ms.", "dr.", "rep.", "sen.", "gov.", "gen.", "st.", "jr.", "sr.", "vs.", "no.",
    "inc.", "co.", "ltd.", "e.g.", "i.e.", "u.s.", "u.k.", "prof.", "approx.", "fig.", "ca.",
    "op.", "al.", "jan.", "feb.", "mar.", "apr.", "jun.", "jul.", "aug.", "sep.", "sept.", "oct.",
    "nov.", "dec.",
];
/// Words that point back to what stood before.
const POINTING: [&str; 24] = [
    "he",
    "she",
    "it",
    "they",
    "this",
    "that",
    "these",
    "those",
    "his",
    "her",
    "their",
    "its",
    "but",
    "and",
    "so",
    "however",
    "then",
    "also",
    "such",
    "meanwhile",
    "instead",
    "it's",
    "he's",
    "or",
];
/// Words that English cannot do without.
const ENGLISH: [&str; 34] = [
    "the", "a", "an", "of", "to", "in", "on", "for", "is", "are", "and", "with", "by", "at",
    "from", "as", "it", "its", "how", "why", "what", "you", "your", "this", "that", "not", "be",
    "or", "was", "has", "have", "i", "my", "we",
];
/// Fewer words than this tell no language.
const LANGUAGE_WORDS: usize = 6;

/// The usable parts of a trend.
pub(super) struct Facts {
    pub(super) title: Title,
    pub(super) title_words: BTreeSet<String>,
    pub(super) summary: String,
    /// The best sentence first; each adds at least [`NEW_WORDS_LEAST`] topic words to the title.
    pub(super) sentences: Vec<Sentence>,
    /// Every usable sentence as it comes.
    pub(super) whole: Vec<Sentence>,
    /// The first sentence, whether it adds much or little.
    pub(super) lead: Option<Sentence>,
    /// A figure of the title as it is written there.
    pub(super) figure: String,
    /// Empty when there is none that leads to a web page.
    pub(super) link: String,
    pub(super) source: String,
    /// All topic words of title and summary.
    pub(super) all_words: BTreeSet<String>,
    /// The text is long enough to tell its language, and it is not English.
    pub(super) foreign: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) text: String,
    /// Topic words that the title does not have.
    pub(super) new_words: usize,
    pub(super) figure: bool,
    /// It holds a quotation.
    pub(super) said: bool,
    /// Where it stands in the summary.
    at: usize,
    /// It points back to what stood before.
    pointing: bool,
}

impl Sentence {
    /// Whether it is understood here: what points back needs the title before it, and nothing in between.
    pub(super) fn stands(&self, told_title: bool) -> bool {
        !self.pointing || (told_title && self.at == 0)
    }

    /// Whether it is understood behind the sentence that was told last; behind the title when there was none.
    pub(super) fn follows(&self, last: Option<&Self>) -> bool {
        !self.pointing || last.map_or(self.at == 0, |last| last.at + 1 == self.at)
    }
}

impl Facts {
    /// Reads a trend; refuses one whose title has no word at all.
    pub(super) fn of(trend: &TrendBrief, book: &Book) -> Result<Self, Refusal> {
        let link = clean::line(&trend.link, 2_048);
        let web = link.starts_with("https://") || link.starts_with("http://");
        let source = clean::line(&trend.source, 200);
        let title = Title::read(&trend.title, &source, &link, book);
        if title.text.unicode_words().next().is_none() {
            return Err(Refusal::new(
                "too_thin",
                "the trend's title holds no word; there is nothing to write about",
            ));
        }
        let summary = clean::line(&trend.summary, 10_000);
        let title_words = words::topical(&title.text);
        let mut all_words = words::topical(&summary);
        all_words.extend(title_words.iter().cloned());
        let whole = sentences(&summary, &title.text, &title_words, book);
        let mut best: Vec<Sentence> = whole
            .iter()
            .filter(|sentence| sentence.new_words >= NEW_WORDS_LEAST)
            .cloned()
            .collect();
        // Stable: of equally rich sentences the earlier one leads, as newspapers are written.
        best.sort_by_key(|sentence| std::cmp::Reverse(sentence.new_words.min(10)));
        best.truncate(4);
        Ok(Self {
            lead: whole.first().filter(|first| first.at == 0).cloned(),
            figure: figure(&title.text),
            foreign: is_foreign(&format!("{} {summary}", title.text)),
            link: if web && !link.contains(' ') {
                link
            } else {
                String::new()
            },
            sentences: best,
            whole,
            source,
            title,
            title_words,
            summary,
            all_words,
        })
    }

    /// The sentence that follows this one in the summary.
    pub(super) fn after(&self, sentence: &Sentence) -> Option<&Sentence> {
        self.whole.iter().find(|next| next.at == sentence.at + 1)
    }
}

impl Title {
    /// Whether somebody's words of some length stand in it.
    pub(super) fn quotes(&self) -> bool {
        longest_quote(&self.text) >= 4
    }
}

/// The words of the longest quotation, in double quotes or in single ones around whole words.
fn longest_quote(text: &str) -> usize {
    let text = text.replace(['“', '”'], "\"");
    let double = text.split('"').skip(1).step_by(2);
    let double = double.map(|quote| quote.split_whitespace().count()).max();
    let (mut open, mut single) = (None, 0);
    for (at, word) in text.split_whitespace().enumerate() {
        if open.is_none() && word.starts_with(['\'', '‘']) {
            open = Some(at);
        }
        let closes = word
            .trim_end_matches(['.', ',', '!', '?', ':'])
            .ends_with(['\'', '’']);
        if let Some(begun) = open.filter(|_| closes) {
            single = single.max(at + 1 - begun);
            open = None;
        }
    }
    double.unwrap_or(0).max(single)
}

/// The first figure of a title, as it is written there.
pub(super) fn figure(title: &str) -> String {
    title
        .split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| matches!(c, ',' | '.' | '(' | ')' | ':' | '“' | '”'))
        })
        .find(|word| is_figure(&word.to_lowercase()))
        .map_or_else(String::new, str::to_owned)
}

fn is_foreign(text: &str) -> bool {
    let words = tokens(text);
    let english = |word: &String| ENGLISH.contains(&word.as_str());
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    let other = text
        .chars()
        .filter(|c| c.is_alphabetic() && u32::from(*c) > 0x24f)
        .count();
    other * 2 > letters(text)
        || (words.len() >= LANGUAGE_WORDS
            && words.iter().filter(|word| english(word)).count() * 12 < words.len())
}

/// The sentences that are whole, the author's, and more than the title again.
fn sentences(
    summary: &str,
    title: &str,
    title_words: &BTreeSet<String>,
    book: &Book,
) -> Vec<Sentence> {
    let folded_title = title.to_lowercase();
    let open_end = clean::graphemes(summary) <= OPEN_END_MAX;
    let split = split(summary);
    let last = split.len().saturating_sub(1);
    split
        .iter()
        .enumerate()
        .filter_map(|(at, text)| {
            let whole = text.ends_with(['.', '?', '!', '”', '"', '。', '！', '？', '؟', '।', ')']);
            // A sentence that breaks off says something other than its author did.
            let broken = text.ends_with(['…', ':', ',', ';', '-', '–', '—', '(', '&', '/'])
                || text.ends_with("...");
            let ended = whole || (at == last && open_end);
            if broken || !ended {
                return None;
            }
            let text = text.trim_start_matches([' ', '-', '–', '—', '•', '·', '*', '|']);
            let dangling = title::balanced(text) != *text || text.contains("://");
            if dangling
                || clean::graphemes(text) > SENTENCE_MAX
                || text.unicode_words().next().is_none()
                || folded_title.contains(text.trim_end_matches('.').to_lowercase().as_str())
                || book.is_boilerplate(text)
            {
                return None;
            }
            let words = tokens(text);
            let ended = if whole {
                text.to_owned()
            } else {
                format!("{text}.")
            };
            Some(Sentence {
                new_words: words::topical(text).difference(title_words).count(),
                figure: words.iter().any(|word| is_figure(word)),
                said: longest_quote(text) >= 4,
                pointing: words
                    .first()
                    .is_some_and(|word| POINTING.contains(&word.as_str())),
                at,
                text: if title::is_told(text) {
                    title::quoted(&ended)
                } else {
                    ended
                },
            })
        })
        .collect()
}

/// The sentences of a text. What follows an abbreviation or an initial belongs to the sentence before.
fn split(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in text.unicode_sentences() {
        let open = found.last().is_some_and(|before| {
            let word = before.split_whitespace().next_back().unwrap_or_default();
            let word = word.trim_start_matches(['(', '“', '"']);
            let initial = word.len() == 2 && word.starts_with(char::is_uppercase);
            ABBREVIATED.contains(&word.to_lowercase().as_str()) || (initial && word.ends_with('.'))
        });
        match found.last_mut().filter(|_| open) {
            Some(before) => before.push_str(piece),
            None => found.push(piece.to_owned()),
        }
    }
    found
        .into_iter()
        .map(|sentence| sentence.trim().to_owned())
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::studio::writing::book::book;

    fn facts(title: &str, summary: &str) -> Facts {
        let trend = TrendBrief {
            title: title.into(),
            summary: summary.into(),
            link: "javascript:alert(1)".into(),
            source: String::new(),
        };
        Facts::of(&trend, book().unwrap()).unwrap()
    }

    fn texts(facts: &Facts) -> Vec<&str> {
        facts
            .sentences
            .iter()
            .map(|sentence| sentence.text.as_str())
            .collect()
    }

    /// The sentence that adds most is used; echoes of the title and broken-off sentences never are.
    #[test]
    fn the_richest_whole_sentence_leads() {
        let facts = facts(
            "Bridge closed",
            "Bridge closed. Engineers found cracks in three steel girders on Monday. It is sad. The repair will take…",
        );
        assert_eq!(
            texts(&facts),
            ["Engineers found cracks in three steel girders on Monday."]
        );
        assert_eq!(facts.link, "");
    }

    /// What the site says of itself, what is cut at a name, and half a quotation are not the author's sentences.
    #[test]
    fn only_whole_sentences_of_the_author_are_used() {
        let of = |summary: &str| {
            texts(&facts("Hemp", summary))
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("“I've never seen mills so angry,\" Rep. Ann Weaver said on Monday."),
            Vec::<String>::new()
        );
        assert_eq!(
            of("Mills in the valley told Rep. Weaver about the dye tax."),
            ["Mills in the valley told Rep. Weaver about the dye tax."]
        );
        assert_eq!(
            of("The post Hemp appeared first on Loom Weekly. Read more about hemp here."),
            Vec::<String>::new()
        );
        assert_eq!(
            of("Rents went up 4 percent while wages declined 1%"),
            ["Rents went up 4 percent while wages declined 1%."]
        );
    }

    /// A language is told from its small words, and not from a title of three words.
    #[test]
    fn another_language_is_noticed() {
        for (title, summary, foreign) in [
            ("Rust is out", "", false),
            ("Walkman Archive", "", false),
            (
                "Digitalministerium: Neue Glasfaserförderung mit Schnellkasse",
                "Ab April soll es wieder Förderung für den Ausbau von Glasfaser geben.",
                true,
            ),
            ("日本語のニュース", "", true),
            (
                "Mills dye with madder",
                "Ten mills in the valley now dye with madder and weld instead of azo colours.",
                false,
            ),
        ] {
            assert_eq!(facts(title, summary).foreign, foreign, "{title}");
        }
    }
}
