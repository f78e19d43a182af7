//! Directives that cannot both be followed, and topics that are wanted and forbidden.
//!
//! Two directives contradict each other when they say the same words and one of them says not to. That
//! finds the plain cases and never two rules that only sound alike.

use std::collections::BTreeSet;

use chimera_domain::persona::Persona;

use super::draft::{Draft, Line};
use crate::config::problem::{Log, quote};

/// Notes every contradiction at the later of its two lines.
pub(super) fn report(persona: &Persona, draft: &Draft, log: &mut Log) {
    let rules: Vec<(&Line, Rule)> = draft
        .directives
        .iter()
        .flat_map(|line| clauses(&line.text).map(move |clause| (line, Rule::of(clause))))
        .filter(|(_, rule)| !rule.words.is_empty())
        .collect();
    let mut told = BTreeSet::new();
    for (index, (later, rule)) in rules.iter().enumerate() {
        let earlier = rules
            .iter()
            .take(index)
            .find(|(_, other)| other.forbids != rule.forbids && other.words == rule.words);
        if let Some((earlier, _)) = earlier
            && told.insert((earlier.at, later.at))
        {
            log.notice(
                later.at,
                format!(
                    "the directive {} contradicts {} on line {}",
                    quote(&later.text),
                    quote(&earlier.text),
                    earlier.at.line
                ),
                "keep the one that holds",
            );
        }
    }
    for topic in &draft.topics {
        let name = topic.name.text.to_lowercase();
        if persona.banned_topics.contains(&name) {
            log.notice(
                topic.name.at,
                format!(
                    "the topic {} is wanted and forbidden",
                    quote(&topic.name.text)
                ),
                "remove it from topics or from banned_topics; forbidden wins",
            );
        }
    }
}

struct Rule {
    forbids: bool,
    words: BTreeSet<String>,
}

fn clauses(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', ';', '!'])
        .map(str::trim)
        .filter(|clause| !clause.is_empty())
}

impl Rule {
    fn of(clause: &str) -> Self {
        const FORBID: [&str; 10] = [
            "never", "not", "dont", "no", "avoid", "without", "cannot", "cant", "refuse", "stop",
        ];
        const EMPTY: [&str; 26] = [
            "always", "must", "do", "does", "should", "shall", "will", "be", "is", "are", "a",
            "an", "the", "to", "of", "and", "or", "in", "on", "with", "you", "your", "every",
            "any", "ever", "please",
        ];
        let lower = clause.to_lowercase().replace(['\'', '’'], "");
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let forbids = words.iter().filter(|word| FORBID.contains(word)).count() % 2 == 1;
        let words = words
            .iter()
            .filter(|word| !FORBID.contains(word) && !EMPTY.contains(word))
            .map(|word| stem(word))
            .collect();
        Self { forbids, words }
    }
}

/// Without a plural `s` or an `ing`, so that `use hashtags` and `using a hashtag` meet.
fn stem(word: &str) -> String {
    let long = word.chars().count() > 4;
    let cut = word
        .strip_suffix("ing")
        .filter(|_| long)
        .or_else(|| word.strip_suffix('s').filter(|_| long))
        .unwrap_or(word);
    cut.strip_suffix('e')
        .filter(|_| long)
        .unwrap_or(cut)
        .to_owned()
}
