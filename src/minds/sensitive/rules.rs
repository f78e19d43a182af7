//! Rules by hand: words and phrases that name a subject, each with a name that a person can look up.
//!
//! The list is `rules.txt` beside this file. Words of scripts with spaces are found through an index of their first
//! word, those of the others as they stand in the text, in one pass for all.

use std::{collections::HashMap, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use chimera_domain::verdict::SensitiveTopic;

use super::Finding;
use crate::{
    lexicon::{Phrase, Words},
    tokens::{Token, fold},
};

const LIST: &str = include_str!("rules.txt");
/// A word that makes a rule harmless does so within so many words.
const BESIDE: usize = 4;
/// Beginnings of words are found by so many of their characters.
const STEM: usize = 3;

/// One line of the list.
pub(super) struct Rule {
    pub(super) topic: SensitiveTopic,
    /// `topic/language/phrase`.
    pub(super) name: String,
    pub(super) phrase: String,
    /// The phrase, ready to be looked for through disguise.
    looks: Phrase,
    words: Vec<String>,
    /// The last word is the beginning of one.
    stem: bool,
    /// A plural with `s` is found by its singular.
    english: bool,
    not_beside: Vec<String>,
}

struct Rules {
    all: Vec<Rule>,
    by_first: HashMap<String, Vec<usize>>,
    /// Of one word, by its first characters.
    stems: HashMap<String, Vec<usize>>,
    written: Option<AhoCorasick>,
    written_rules: Vec<usize>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::of(LIST));

/// Every rule, in the order of the list.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.all.iter()
}

/// Which rules the text fires; `seen` are its words as they look, where they may be disguised.
pub(super) fn find(text: &str, tokens: &[Token], seen: Option<&Words<'_>>, out: &mut Vec<Finding>) {
    let rules = &*RULES;
    for at in 0..tokens.len() {
        rules.at(text, tokens, at, out);
    }
    if !text.is_ascii() {
        rules.as_written(text, out);
    }
    if let Some(words) = seen {
        rules.through_disguise(words, out);
    }
}

impl Rules {
    fn of(list: &str) -> Self {
        let mut rules = Self {
            all: Vec::new(),
            by_first: HashMap::new(),
            stems: HashMap::new(),
            written: None,
            written_rules: Vec::new(),
        };
        let (mut section, mut patterns) = (None, Vec::new());
        for line in list.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(named) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                section = named
                    .split_once('/')
                    .and_then(|(topic, lang)| Some((topic.parse::<SensitiveTopic>().ok()?, lang)));
                continue;
            }
            let Some((topic, lang)) = section else {
                continue;
            };
            rules.add(topic, lang, line, &mut patterns);
        }
        rules.written = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .ok();
        rules
    }

    fn add(&mut self, topic: SensitiveTopic, lang: &str, line: &str, patterns: &mut Vec<String>) {
        let (phrase, beside) = line.split_once(" !").unwrap_or((line, ""));
        let at = self.all.len();
        let words: Vec<String> = crate::tokens::tokens(phrase)
            .into_iter()
            .map(|token| token.word)
            .collect();
        let stem = phrase.ends_with('*');
        self.all.push(Rule {
            topic,
            name: format!("{topic}/{lang}/{phrase}"),
            looks: Phrase::of(phrase.trim_end_matches('*')),
            phrase: phrase.trim_end_matches('*').to_owned(),
            stem,
            english: lang == "en",
            not_beside: beside
                .split('!')
                .map(|word| fold(word.trim()))
                .filter(|word| !word.is_empty())
                .collect(),
            words,
        });
        if matches!(lang, "ru" | "zh" | "ja" | "ar") {
            patterns.push(phrase.to_owned());
            self.written_rules.push(at);
            return;
        }
        let Some(first) = self.all.get(at).and_then(|rule| rule.words.first()) else {
            return;
        };
        let alone = self.all.get(at).is_some_and(|rule| rule.words.len() == 1);
        if stem && alone {
            let key: String = first.chars().take(STEM).collect();
            self.stems.entry(key).or_default().push(at);
        } else {
            self.by_first.entry(first.clone()).or_default().push(at);
        }
    }

    fn at(&self, text: &str, tokens: &[Token], at: usize, out: &mut Vec<Finding>) {
        let Some(first) = tokens.get(at) else {
            return;
        };
        let [word, bare, single] = forms(&first.word);
        self.try_all(self.by_first.get(word), text, tokens, at, out);
        if bare != word {
            self.try_all(self.by_first.get(bare), text, tokens, at, out);
        }
        if single != bare {
            self.try_all(self.by_first.get(single), text, tokens, at, out);
        }
        let stem = first
            .word
            .char_indices()
            .nth(STEM)
            .map_or(first.word.as_str(), |(end, _)| &first.word[..end]);
        self.try_all(self.stems.get(stem), text, tokens, at, out);
    }

    fn try_all(
        &self,
        rules: Option<&Vec<usize>>,
        text: &str,
        tokens: &[Token],
        at: usize,
        out: &mut Vec<Finding>,
    ) {
        for rule in rules.into_iter().flatten().filter_map(|n| self.all.get(*n)) {
            if let Some(last) = rule.matches(tokens, at)
                && let (Some(from), Some(to)) = (tokens.get(at), tokens.get(last))
                && let Some(span) = text.get(from.start..to.end)
            {
                push(rule, span, out);
            }
        }
    }

    /// Scripts without spaces, and those whose words are found by how they begin.
    fn as_written(&self, text: &str, out: &mut Vec<Finding>) {
        let Some(written) = &self.written else {
            return;
        };
        let lowered = Lowered::of(text);
        for found in written.find_iter(&lowered.text) {
            let Some(rule) = self
                .written_rules
                .get(found.pattern().as_usize())
                .and_then(|n| self.all.get(*n))
            else {
                continue;
            };
            let before = lowered.text[..found.start()].chars().next_back();
            let spaced = rule.phrase.chars().next().is_some_and(is_spaced_script);
            // The article and the like are written at the word in Arabic.
            let begins = before.is_none_or(|c| !c.is_alphabetic() || is_arabic(c));
            if spaced && !begins {
                continue;
            }
            if let Some(span) = lowered.span(text, found.start(), found.end()) {
                push(rule, span, out);
            }
        }
    }

    /// One rule after the other through the text as its letters look. Slow, and only for what looks disguised.
    fn through_disguise(&self, words: &Words<'_>, out: &mut Vec<Finding>) {
        for rule in self.all.iter().filter(|rule| !rule.stem) {
            if rule.not_beside.iter().any(|word| words.has(word)) {
                continue;
            }
            if let Some(span) = words.find_phrase(&rule.looks) {
                push(rule, span, out);
            }
        }
    }
}

impl Rule {
    /// The last word of the phrase when it stands at this place, and nothing beside makes it harmless.
    fn matches(&self, tokens: &[Token], at: usize) -> Option<usize> {
        for (n, wanted) in self.words.iter().enumerate() {
            let word = &tokens.get(at + n)?.word;
            let last = n + 1 == self.words.len();
            let same = if last && self.stem {
                word.starts_with(wanted.as_str())
            } else {
                let forms = if self.english {
                    &forms(word)[..]
                } else {
                    &[word.as_str()]
                };
                forms.contains(&wanted.as_str())
            };
            if !same {
                return None;
            }
        }
        let end = at + self.words.len().saturating_sub(1);
        let around = tokens
            .iter()
            .take(end + BESIDE + 1)
            .skip(at.saturating_sub(BESIDE));
        let harmless = !self.not_beside.is_empty()
            && around
                .flat_map(|token| forms(&token.word))
                .any(|form| self.not_beside.iter().any(|word| word == form));
        (!harmless).then_some(end)
    }
}

/// A word, without what makes it possessive, and as the singular that it may be the plural of.
fn forms(word: &str) -> [&str; 3] {
    let bare = word.strip_suffix("'s").unwrap_or(word);
    let single = bare
        .strip_suffix('s')
        .filter(|single| single.len() > 2)
        .unwrap_or(bare);
    [word, bare, single]
}

fn push(rule: &Rule, span: &str, out: &mut Vec<Finding>) {
    let found = Finding {
        topic: rule.topic,
        rule: rule.name.clone(),
        span: span.to_owned(),
    };
    if !out.contains(&found) {
        out.push(found);
    }
}

const fn is_spaced_script(c: char) -> bool {
    matches!(c as u32, 0x400..=0x4ff | 0x600..=0x6ff)
}

const fn is_arabic(c: char) -> bool {
    matches!(c as u32, 0x600..=0x6ff)
}

/// A text in lower case, and where each of its bytes stood.
struct Lowered {
    text: String,
    /// Of each byte of the lowered text, where its character begins and ends in the other.
    places: Vec<(usize, usize)>,
}

impl Lowered {
    fn of(text: &str) -> Self {
        let mut lowered = Self {
            text: String::with_capacity(text.len()),
            places: Vec::with_capacity(text.len()),
        };
        for (at, c) in text.char_indices() {
            let before = lowered.text.len();
            lowered.text.extend(c.to_lowercase());
            let place = (at, at + c.len_utf8());
            lowered
                .places
                .extend(std::iter::repeat_n(place, lowered.text.len() - before));
        }
        lowered
    }

    fn span<'t>(&self, text: &'t str, from: usize, to: usize) -> Option<&'t str> {
        let start = self.places.get(from)?.0;
        let end = self.places.get(to.checked_sub(1)?)?.1;
        text.get(start..end)
    }
}
