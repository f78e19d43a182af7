//! Which hashtags a text carries, and which of the persona's topics it names.

use super::phrase::{Phrase, tokens};
use super::source::Facts;
use crate::studio::brief::{TextArgs, Topic};
use crate::wire::{clean, words};

/// Longer ones are not read.
const TAG_MAX: usize = 30;

/// Distinct hashtags: of the persona's those that the trend speaks of first, then its others in their order, then those
/// of the subject that are asked for. What cannot be a hashtag (blank, only digits, with inner punctuation) is left out.
pub(super) fn choose(args: &TextArgs, facts: &Facts) -> Vec<String> {
    let constraints = &args.constraints;
    let count = |max: u32| usize::try_from(max).unwrap_or(usize::MAX);
    let max = constraints
        .hashtags_max
        .unwrap_or_else(|| usual(&constraints.platform));
    let mut usable: Vec<String> = Vec::new();
    for tag in &args.persona.hashtags {
        add(&mut usable, tag);
    }
    let text = format!("{} {}", facts.title.text, facts.summary);
    let text = tokens(&text);
    usable.sort_by_key(|tag| !Phrase::read(&parted(tag)).is_some_and(|words| words.is_in(&text)));
    usable.truncate(count(max));
    for tag in subject(args, facts)
        .into_iter()
        .take(count(constraints.subject_hashtags_max))
    {
        add(&mut usable, &tag);
    }
    usable
}

/// How many hashtags are usual on a platform.
fn usual(platform: &str) -> u32 {
    match platform {
        "instagram" => 8,
        "tiktok" => 5,
        "mastodon" => 4,
        "bluesky" => 3,
        "threads" => 1,
        "blog" => 0,
        _ => 2,
    }
}

fn add(usable: &mut Vec<String>, tag: &str) {
    let tag = clean::line(tag.trim().trim_start_matches('#'), 100);
    let valid = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
        && tag.chars().any(char::is_alphabetic)
        && clean::graphemes(&tag) <= TAG_MAX;
    let folded = tag.to_lowercase();
    if valid && !usable.iter().any(|known| known.to_lowercase() == folded) {
        usable.push(tag);
    }
}

/// `SlowFashion` as `slow fashion`.
fn parted(tag: &str) -> String {
    let mut words = String::new();
    let mut small = false;
    for c in tag.chars() {
        if c.is_uppercase() && small {
            words.push(' ');
        }
        small = c.is_lowercase();
        words.push(c);
    }
    words
}

/// Keywords of the persona's topics that stand in the text, as hashtags; then the names in the title.
fn subject(args: &TextArgs, facts: &Facts) -> Vec<String> {
    let text = tokens(&format!("{} {}", facts.title.text, facts.summary));
    let camel = |words: &str| -> String {
        words
            .split(|c: char| !c.is_alphanumeric())
            .map(super::title::capital)
            .collect()
    };
    let keywords = args
        .persona
        .topics
        .iter()
        .flat_map(|topic| &topic.keywords)
        .filter(|word| Phrase::read(word).is_some_and(|phrase| phrase.is_in(&text)))
        .map(|word| camel(word));
    // In a headline everything has a capital, so that a name is not told from a verb.
    let names = facts
        .title
        .text
        .split_whitespace()
        .skip(1)
        .filter(|_| !facts.title.headline)
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.starts_with(char::is_uppercase))
        .filter(|word| !words::topical(word).is_empty())
        .map(str::to_owned);
    keywords.chain(names).collect()
}

/// The first of the persona's topics that the text names, as it is called.
pub(super) fn topic(topics: &[Topic], facts: &Facts) -> String {
    let text = tokens(&format!("{} {}", facts.title.text, facts.summary));
    topics
        .iter()
        .find(|topic| {
            topic
                .keywords
                .iter()
                .chain([&topic.name])
                .any(|word| Phrase::read(word).is_some_and(|phrase| phrase.is_in(&text)))
        })
        .map_or_else(String::new, |topic| clean::line(&topic.name, 60))
}
