//! What can be used of a trend: its title, the one sentence of its summary that says most, its link.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

use super::brief::TrendBrief;
use crate::wire::{Refusal, clean, words};

/// The longest sentence worth quoting, in graphemes.
const SENTENCE_MAX: usize = 240;

/// The usable parts of a trend.
pub(super) struct Facts {
    pub(super) title: String,
    pub(super) title_words: BTreeSet<String>,
    /// The best sentence first; each adds at least two topic words to the title.
    pub(super) sentences: Vec<Sentence>,
    /// Empty when there is none that leads to a web page.
    pub(super) link: String,
    pub(super) source: String,
    /// All topic words of title and summary.
    pub(super) all_words: BTreeSet<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub(super) text: String,
    /// Topic words that the title does not have.
    pub(super) new_words: usize,
}

impl Facts {
    /// Reads a trend; refuses one whose title has no word at all.
    pub(super) fn of(trend: &TrendBrief) -> Result<Self, Refusal> {
        let title = clean::line(&trend.title, 2_000);
        if title.unicode_words().next().is_none() {
            return Err(Refusal::new(
                "too_thin",
                "the trend's title holds no word; there is nothing to write about",
            ));
        }
        let summary = clean::line(&trend.summary, 10_000);
        let title_words = words::topical(&title);
        let mut all_words = words::topical(&summary);
        all_words.extend(title_words.iter().cloned());
        let link = clean::line(&trend.link, 2_048);
        let web = link.starts_with("https://") || link.starts_with("http://");
        Ok(Self {
            sentences: sentences(&summary, &title, &title_words),
            link: if web && !link.contains(' ') {
                link
            } else {
                String::new()
            },
            source: clean::line(&trend.source, 200),
            title,
            title_words,
            all_words,
        })
    }
}

fn sentences(summary: &str, title: &str, title_words: &BTreeSet<String>) -> Vec<Sentence> {
    let folded_title = title.to_lowercase();
    let mut found: Vec<Sentence> = summary
        .unicode_sentences()
        .map(str::trim)
        // A sentence that breaks off says something other than its author did.
        .filter(|text| !text.ends_with('…') && !text.ends_with("..."))
        .filter(|text| clean::graphemes(text) <= SENTENCE_MAX)
        .filter(|text| !folded_title.contains(&text.to_lowercase()))
        .map(|text| Sentence {
            new_words: words::topical(text).difference(title_words).count(),
            text: text.to_owned(),
        })
        .filter(|sentence| sentence.new_words >= 2)
        .collect();
    // Stable: of equally rich sentences the earlier one leads, as newspapers are written.
    found.sort_by_key(|sentence| std::cmp::Reverse(sentence.new_words.min(10)));
    found.truncate(4);
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn facts(title: &str, summary: &str) -> Facts {
        let trend = TrendBrief {
            title: title.into(),
            summary: summary.into(),
            link: "javascript:alert(1)".into(),
            source: String::new(),
        };
        Facts::of(&trend).unwrap()
    }

    /// The sentence that adds most is used; echoes of the title and broken-off sentences never are.
    #[test]
    fn the_richest_whole_sentence_leads() {
        let facts = facts(
            "Bridge closed",
            "Bridge closed. Engineers found cracks in three steel girders on Monday. It is sad. The repair will take…",
        );
        let texts: Vec<&str> = facts
            .sentences
            .iter()
            .map(|sentence| sentence.text.as_str())
            .collect();
        assert_eq!(
            texts,
            ["Engineers found cracks in three steel girders on Monday."]
        );
        assert_eq!(facts.link, "");
    }
}
