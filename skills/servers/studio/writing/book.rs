//! The book of patterns: `patterns.txt`, read once. What kinds of news there are and how each may be told is data;
//! this file knows only the form it is written in.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::phrase::{Phrase, tokens};
use super::shape::Structure;
use super::source::Facts;
use crate::wire::{Refusal, words};

const TEXT: &str = include_str!("patterns.txt");
/// The section whose structures every pattern has after its own; they have no word of their own.
pub(super) const ANY: &str = "any";
/// What answers somebody, and what says that there is no answer.
pub(super) const REPLY: &str = "reply";
pub(super) const REPLY_UNKNOWN: &str = "reply-unknown";

/// Everything the file says.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) patterns: Vec<Pattern>,
    /// Sections that are no kind of news.
    apart: Vec<Pattern>,
    pub(super) mediums: Vec<String>,
    pub(super) noise: Vec<String>,
    pub(super) shouts: Vec<String>,
    pub(super) prefixes: Vec<String>,
    boilerplate: Vec<String>,
    cues: Vec<Cue>,
    voices: Vec<(String, Vec<Phrase>)>,
    neutral: BTreeSet<String>,
}

/// One kind of news.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    pub(super) name: String,
    pub(super) sober: bool,
    apart: bool,
    /// In percent.
    pub(super) sure: u8,
    needs: Vec<Need>,
    prefixes: Vec<String>,
    starts: Vec<Phrase>,
    title: Vec<Phrase>,
    summary: Vec<Phrase>,
    unless: Vec<Phrase>,
    pub(super) structures: Vec<Structure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Question,
    Quotation,
    Split,
    Old,
    Told,
    Summary,
    Bare,
}

/// A persona's phrases with one of these words are for these patterns only.
#[derive(Debug)]
struct Cue {
    words: Vec<Phrase>,
    patterns: Vec<String>,
}

/// The book; a file that is not in its form is a fault of this program, told as a refusal.
pub(super) fn book() -> Result<&'static Book, Refusal> {
    static BOOK: OnceLock<Result<Book, String>> = OnceLock::new();
    BOOK.get_or_init(|| Book::read(TEXT))
        .as_ref()
        .map_err(|why| Refusal::new("internal", format!("the book of patterns: {why}")))
}

impl Book {
    /// Reads the file's text.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut book = Self::default();
        let mut at: Option<Pattern> = None;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            let wrong = |what: &str| format!("line {}: {what}: {line}", number + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(header) = line.strip_prefix('[') {
                let (name, tone) = header.split_once(']').ok_or_else(|| wrong("no `]`"))?;
                book.take(at.take());
                at = Some(Pattern {
                    name: name.to_owned(),
                    sober: tone.trim() == "sober",
                    apart: tone.trim() == "apart",
                    sure: 100,
                    ..Pattern::default()
                });
            } else if let Some(structure) = line.strip_prefix("- ") {
                let pattern = at
                    .as_mut()
                    .ok_or_else(|| wrong("a structure of no pattern"))?;
                let before = book
                    .patterns
                    .iter()
                    .filter(|known| known.name == pattern.name)
                    .map(|known| known.structures.len())
                    .sum::<usize>();
                let number = before + pattern.structures.len() + 1;
                let id = format!("{}-{number}", pattern.name);
                pattern
                    .structures
                    .push(Structure::read(id, structure).map_err(|why| wrong(&why))?);
            } else {
                let (key, value) = line.split_once(": ").ok_or_else(|| wrong("no `:`"))?;
                book.field(at.as_mut(), key, value)
                    .ok_or_else(|| wrong("unknown"))?;
            }
        }
        book.take(at);
        book.check()
    }

    fn field(&mut self, at: Option<&mut Pattern>, key: &str, value: &str) -> Option<()> {
        if key == "neutral" {
            self.neutral
                .extend(value.split_whitespace().map(str::to_lowercase));
            return Some(());
        }
        if let Some(pattern) = at {
            return pattern.field(key, value);
        }
        let list = || listed(value).map(str::to_lowercase).collect();
        match key.split_once(' ') {
            Some(("phrase", words)) => self.cues.push(Cue {
                words: phrases(words)?,
                patterns: value.split_whitespace().map(str::to_owned).collect(),
            }),
            Some(("voice", name)) => self.voices.push((name.to_owned(), phrases(value)?)),
            Some(_) => return None,
            None => match key {
                "medium" => self.mediums = list(),
                "noise" => self.noise = list(),
                "shout" => self.shouts = list(),
                "boilerplate" => self.boilerplate = list(),
                _ => return None,
            },
        }
        Some(())
    }

    fn take(&mut self, pattern: Option<Pattern>) {
        let Some(pattern) = pattern else { return };
        if pattern.apart {
            self.apart.push(pattern);
            return;
        }
        self.prefixes.extend(pattern.prefixes.iter().cloned());
        // The longest first, so that `show hn` is not taken for `show`.
        self.prefixes
            .sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        self.patterns.push(pattern);
    }

    /// Every structure adds only neutral words; every name that is used is there.
    fn check(self) -> Result<Self, String> {
        let sections = self.patterns.iter().chain(&self.apart);
        for structure in sections.flat_map(|section| &section.structures) {
            let strange: Vec<String> = words::topical(&structure.words())
                .into_iter()
                .filter(|word| !self.neutral.contains(word))
                .collect();
            if !strange.is_empty() {
                return Err(format!("{} adds {}", structure.id, strange.join(", ")));
            }
        }
        let named = |name: &String| self.patterns.iter().any(|pattern| pattern.name == *name);
        if let Some(strange) = self
            .cues
            .iter()
            .flat_map(|cue| &cue.patterns)
            .find(|name| !named(name))
        {
            return Err(format!("there is no pattern {strange}"));
        }
        if let Some(missing) = [ANY, REPLY, REPLY_UNKNOWN]
            .iter()
            .find(|name| self.apart(name).is_empty())
        {
            return Err(format!("there is no section [{missing}]"));
        }
        Ok(self)
    }

    /// The structures of a section that is no kind of news.
    pub(super) fn apart(&self, name: &str) -> &[Structure] {
        self.apart
            .iter()
            .find(|section| section.name == name)
            .map_or(&[], |section| section.structures.as_slice())
    }

    /// The first pattern that fits; the last one when none does.
    pub(super) fn recognise(&self, facts: &Facts) -> Option<&Pattern> {
        let title = tokens(&facts.title.text);
        let summary = tokens(&facts.summary);
        self.patterns
            .iter()
            .find(|pattern| pattern.fits(facts, &title, &summary))
            .or_else(|| self.patterns.last())
    }

    /// Whether a phrase of the persona may stand over this kind of news.
    pub(super) fn suits(&self, phrase: &str, pattern: &Pattern) -> bool {
        let words = tokens(phrase);
        self.cues
            .iter()
            .filter(|cue| cue.words.iter().any(|word| word.is_in(&words)))
            .all(|cue| cue.patterns.contains(&pattern.name))
    }

    /// The voices that the persona's traits speak of.
    pub(super) fn voices(&self, traits: &[String]) -> Vec<&str> {
        let traits: Vec<Vec<String>> = traits.iter().map(|text| tokens(text)).collect();
        self.voices
            .iter()
            .filter(|(_, signs)| {
                traits
                    .iter()
                    .any(|words| signs.iter().any(|sign| sign.is_in(words)))
            })
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Whether a word is one that structures may add.
    pub(super) fn is_neutral(&self, word: &str) -> bool {
        self.neutral.contains(word)
    }

    /// Whether a sentence is the site's and says nothing of the matter.
    pub(super) fn is_boilerplate(&self, sentence: &str) -> bool {
        let folded = sentence.to_lowercase();
        self.boilerplate.iter().any(|sign| folded.contains(sign))
    }
}

impl Pattern {
    fn field(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "sure" => self.sure = value.parse().ok().filter(|sure| *sure <= 100)?,
            "needs" => {
                for word in listed(value) {
                    self.needs.push(match word {
                        "question" => Need::Question,
                        "quotation" => Need::Quotation,
                        "split" => Need::Split,
                        "old" => Need::Old,
                        "told" => Need::Told,
                        "summary" => Need::Summary,
                        "bare" => Need::Bare,
                        _ => return None,
                    });
                }
            }
            "prefix" => self.prefixes.extend(listed(value).map(str::to_lowercase)),
            "starts" => self.starts.extend(phrases(value)?),
            "title" => self.title.extend(phrases(value)?),
            "summary" => self.summary.extend(phrases(value)?),
            "unless" => self.unless.extend(phrases(value)?),
            _ => return None,
        }
        Some(())
    }

    fn fits(&self, facts: &Facts, title: &[String], summary: &[String]) -> bool {
        let needs = self.needs.iter().all(|need| match need {
            Need::Question => facts.title.text.ends_with('?'),
            Need::Quotation => facts.title.quotes(),
            Need::Split => facts.title.halves.is_some(),
            Need::Old => !facts.title.year.is_empty(),
            Need::Told => facts.title.told,
            Need::Summary => !facts.sentences.is_empty(),
            Need::Bare => facts.sentences.is_empty(),
        });
        let rules = [&self.starts, &self.title, &self.summary];
        let none = self.prefixes.is_empty() && rules.iter().all(|rules| rules.is_empty());
        let told = self.prefixes.contains(&facts.title.prefix)
            || self.starts.iter().any(|phrase| phrase.begins(title))
            || self.title.iter().any(|phrase| phrase.is_in(title))
            || self.summary.iter().any(|phrase| phrase.is_in(summary));
        needs && (none || told) && !self.unless.iter().any(|phrase| phrase.is_in(title))
    }
}

fn listed(value: &str) -> impl Iterator<Item = &str> {
    value
        .split('|')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

fn phrases(value: &str) -> Option<Vec<Phrase>> {
    listed(value).map(Phrase::read).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::studio::brief::TrendBrief;

    /// The shipped book is in its form: every pattern has several structures, and each adds neutral words only.
    #[test]
    fn the_book_is_in_its_form() {
        let book = Book::read(TEXT).unwrap();
        for pattern in &book.patterns {
            let least = if pattern.sober { 4 } else { 8 };
            assert!(pattern.structures.len() >= least, "{}", pattern.name);
        }
        let ids: BTreeSet<&str> = book
            .patterns
            .iter()
            .flat_map(|pattern| &pattern.structures)
            .map(|structure| structure.id.as_str())
            .collect();
        let all: usize = book.patterns.iter().map(|p| p.structures.len()).sum();
        assert_eq!(ids.len(), all);
    }

    /// What is not in the form is refused with its line: a word that claims something, a slot or a key that nobody knows.
    #[test]
    fn what_is_not_in_its_form_is_refused() {
        for (text, why) in [
            ("[any] apart\n- A sensation: {title}.\n", "sensation"),
            ("[any] apart\n- {headline}.\n", "line 2"),
            ("[any] apart\ncolour: red\n- {title}.\n", "line 2"),
            ("- {title}.\n", "no pattern"),
            (
                "phrase new: show\n[any] apart\n- {title}.\n",
                "no pattern show",
            ),
            ("[plain]\n- {title}.\n", "[any]"),
        ] {
            let told = Book::read(text).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }

    fn recognised(title: &str, summary: &str) -> String {
        let trend = TrendBrief {
            title: title.into(),
            summary: summary.into(),
            link: String::new(),
            source: String::new(),
        };
        let book = book().unwrap();
        let facts = Facts::of(&trend, book).unwrap();
        book.recognise(&facts).unwrap().name.clone()
    }

    /// Each pattern is told by title and summary, and what only looks like it is not.
    #[test]
    fn kinds_of_news_are_told_apart() {
        let summary =
            "Ten mills in the valley now dye with madder and weld instead of azo colours.";
        for (title, expected) in [
            ("Ruth Asawa, weaver of wire, dies at 87", "obituary"),
            ("Two killed in mill fire", "grave"),
            ("A killer feature for looms", "plain"),
            ("Ask HN: Do you still darn your socks?", "ask"),
            ("Show HN: Selvedge – a ledger for small mills", "show"),
            ("Dye house shut down after data breach", "failure"),
            ("How to darn a heel", "howto"),
            ("A Detailed Guide to Felting", "howto"),
            ("11 ways to fold a shirt", "list"),
            ("Handloom weaving in Assam (2009)", "history"),
            ("The story of the first jacquard loom", "history"),
            ("Washing causes 35% of all fibre loss", "finding"),
            ("Weft 2.1 released", "release"),
            ("Introducing the spring capsule", "release"),
            ("Warp: an open-source pattern editor", "project"),
            (
                "“Nobody needs a third coat this winter,” a tailor says",
                "quote",
            ),
            ("The case for wool", "opinion"),
            ("Why don't mills dye at night?", "question"),
            ("Natural Dye Conference in Lyon", "event"),
            ("Mill announces a take-back", "announcement"),
            ("I mended my first jumper", "told"),
            ("Madder and weld in the valley", "plain"),
        ] {
            assert_eq!(recognised(title, summary), expected, "{title}");
        }
        assert_eq!(recognised("Shellac", ""), "bare");
    }
}
