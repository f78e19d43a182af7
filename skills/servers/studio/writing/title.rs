//! A title made fit to stand in a sentence: without what sites and submitters add to it, and without shouting.

use unicode_segmentation::UnicodeSegmentation;

use super::book::Book;
use super::phrase::{is_year, tokens};
use crate::wire::clean;

/// A cleaned title and what was taken off it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Title {
    /// Without a full stop; a question mark stays.
    pub(super) text: String,
    /// `show hn` and the like, in lower case.
    pub(super) prefix: String,
    /// A year in brackets: when it was written.
    pub(super) year: String,
    /// What it is when it is not a page: a video, a PDF.
    pub(super) medium: String,
    /// The halves of "Name: what it is".
    pub(super) halves: Option<(String, String)>,
    /// What follows "How to".
    pub(super) task: String,
    /// It speaks in the first person, so that it can only be quoted.
    pub(super) told: bool,
    /// Most of its words have a capital.
    pub(super) headline: bool,
    /// It broke off, or names were lost when its capitals were made small.
    pub(super) unsure: bool,
}

const FIRST_PERSON: [&str; 14] = [
    "i", "i'm", "i've", "i'd", "i'll", "my", "me", "mine", "we", "we're", "we've", "our", "ours",
    "we'll",
];
/// Small words that begin a sentence and lose their capital inside one.
const SMALL: [&str; 22] = [
    "a", "an", "the", "how", "why", "what", "when", "where", "who", "in", "on", "at", "for",
    "from", "after", "before", "is", "are", "do", "does", "should", "can",
];

impl Title {
    pub(super) fn read(raw: &str, source: &str, link: &str, book: &Book) -> Self {
        let mut title = Self::default();
        let mut text = without_markup(&clean::line(raw, 2_000));
        title.take_prefix(&mut text, book);
        while title.take_brackets(&mut text, book) {}
        text = without_site(&text, source, link);
        while title.take_brackets(&mut text, book) {}
        title.unsure |= lower_shouting(&mut text);
        text = plain_signs(&text);
        title.unsure |= text.ends_with('…');
        text = balanced(&text);
        if begins_small(&text) {
            text = capital(&text);
        }
        title.told = is_told(&text);
        title.headline = is_headline(&text);
        title.halves = halves(&text).filter(|_| !title.told);
        if let Some(task) = text
            .strip_prefix("How to ")
            .or(text.strip_prefix("How To "))
        {
            // A headline's capitals would stand inside a sentence.
            if !title.headline && !title.told && !text.ends_with('?') {
                title.task = task.to_owned();
            }
        }
        title.text = text;
        title
    }

    /// The title as it stands in a post: what is told in the first person is quoted.
    pub(super) fn said(&self) -> String {
        if self.told {
            quoted(&self.text)
        } else {
            self.text.clone()
        }
    }

    /// The same after a colon.
    pub(super) fn after_colon(&self) -> String {
        let said = self.said();
        match said.split_once(' ') {
            Some((first, rest))
                if !self.headline && SMALL.contains(&first.to_lowercase().as_str()) =>
            {
                format!("{} {rest}", first.to_lowercase())
            }
            Some(_) | None => said,
        }
    }

    fn take_prefix(&mut self, text: &mut String, book: &Book) {
        for _ in 0..3 {
            let folded = text.to_lowercase();
            let noise = book
                .shouts
                .iter()
                .find(|shout| {
                    folded
                        .strip_prefix(shout.as_str())
                        .is_some_and(|rest| shout.ends_with(':') || rest.starts_with([' ', ':']))
                })
                .map(String::len);
            let named = book.prefixes.iter().find(|prefix| {
                folded
                    .strip_prefix(prefix.as_str())
                    .is_some_and(|rest| rest.trim_start().starts_with([':', '–', '—']))
            });
            let taken = match (noise, named) {
                (Some(length), _) => length,
                (None, Some(prefix)) => {
                    prefix.clone_into(&mut self.prefix);
                    prefix.len()
                }
                (None, None) => return,
            };
            let rest = text.get(taken..).unwrap_or_default();
            let rest = rest.trim_start_matches([' ', ':', '–', '—', '-']);
            if rest.unicode_words().next().is_none() {
                return;
            }
            *text = capital(rest);
        }
    }

    /// Takes one mark in brackets off either end; whether there was one.
    fn take_brackets(&mut self, text: &mut String, book: &Book) -> bool {
        let at_end = text
            .strip_suffix([')', ']'])
            .and_then(|head| head.rsplit_once(['(', '[']))
            .map(|(head, mark)| (head.trim().to_owned(), mark.trim().to_owned()));
        let at_start = text
            .strip_prefix(['(', '['])
            .and_then(|tail| tail.split_once([')', ']']))
            .map(|(mark, tail)| (tail.trim().to_owned(), mark.trim().to_owned()));
        for (rest, mark) in [at_end, at_start].into_iter().flatten() {
            let folded = mark.to_lowercase();
            let word = folded.split_whitespace().next_back().unwrap_or_default();
            if rest.unicode_words().next().is_none() {
                continue;
            }
            if is_year(&mark) {
                self.year = mark;
            } else if book.mediums.iter().any(|medium| medium == word) {
                word.clone_into(&mut self.medium);
            } else if !book.noise.contains(&folded) {
                continue;
            }
            *text = rest;
            return true;
        }
        false
    }
}

/// In typographic quotes; those inside become single ones.
pub(super) fn quoted(text: &str) -> String {
    let mut open = false;
    let inner: String = text
        .chars()
        .map(|c| match c {
            '“' => '‘',
            '”' => '’',
            '"' => {
                open = !open;
                if open { '‘' } else { '’' }
            }
            c => c,
        })
        .collect();
    format!("“{inner}”")
}

/// The text with its first letter large.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// Whether the words outside quotes speak in the first person.
pub(super) fn is_told(text: &str) -> bool {
    let mut inside = false;
    let outside: String = text
        .chars()
        .map(|c| {
            match c {
                '“' => inside = true,
                '”' => inside = false,
                '"' => inside = !inside,
                _ => {}
            }
            if inside { ' ' } else { c }
        })
        .collect();
    tokens(&outside)
        .iter()
        .any(|word| FIRST_PERSON.contains(&word.as_str()))
}

fn without_markup(text: &str) -> String {
    let mut text = text.to_owned();
    for tag in ["b", "i", "em", "strong", "u"] {
        text = text
            .replace(&format!("<{tag}>"), "")
            .replace(&format!("</{tag}>"), "");
    }
    text
}

/// Without the name of the site at the end.
fn without_site(text: &str, source: &str, link: &str) -> String {
    let squeeze = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let host = link
        .split("//")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    for bar in [" | ", " – ", " — ", " - ", " :: "] {
        let Some((head, tail)) = text.rsplit_once(bar) else {
            continue;
        };
        let name = squeeze(tail);
        let known = name.len() >= 3
            && (squeeze(host).contains(&name) || squeeze(source) == name || name == "youtube");
        // Only sites write a bar, and only behind what can stand alone.
        let site = bar == " | " && head.split_whitespace().count() >= 4;
        if (known || site) && head.unicode_words().next().is_some() {
            return head.trim().to_owned();
        }
    }
    if !text.contains(" | ") {
        return text.to_owned();
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, ':' | '.' | ',' | ';' | '-' | '–' | '|');
    text.split(" | ")
        .map(|part| part.trim_matches(ends))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(": ")
}

/// Makes three or more words in capitals small; whether it did.
fn lower_shouting(text: &mut String) -> bool {
    let shouted =
        |word: &str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
    let words: Vec<&str> = text.split(' ').collect();
    let long = words
        .iter()
        .filter(|word| shouted(word) && word.chars().filter(|c| c.is_alphabetic()).count() >= 4)
        .count();
    if long < 2 {
        return false;
    }
    let mut run = 0;
    let runs: Vec<usize> = words
        .iter()
        .map(|word| {
            run = if shouted(word) { run + 1 } else { 0 };
            run
        })
        .collect();
    let lower: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let end = runs
                .iter()
                .skip(at)
                .take_while(|length| **length > 0)
                .max()
                .copied()
                .unwrap_or(0);
            let small = shouted(word) && end >= 3 && *word != "I" && !word.starts_with("I'");
            if small {
                word.to_lowercase()
            } else {
                (*word).to_owned()
            }
        })
        .collect();
    let changed = lower.iter().zip(&words).any(|(new, old)| new != old);
    *text = capital(&lower.join(" "));
    changed
}

/// One sign where several shout, no asterisks, no smileys, no full stop.
fn plain_signs(text: &str) -> String {
    let text: Vec<&str> = text
        .split(' ')
        .map(|word| word.trim_matches('*'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut plain = String::new();
    for c in text.join(" ").chars() {
        match (plain.chars().next_back(), c) {
            (Some('!' | '?'), '!') | (Some('?'), '?') | (Some('…'), '.') => {}
            (Some('!'), '?') => {
                plain.pop();
                plain.push('?');
            }
            (Some('.'), '.') => {
                plain.pop();
                plain.push('…');
            }
            (_, c) => plain.push(c),
        }
    }
    let mut text = plain.trim();
    for smiley in [":)", ":-)", ":D", ";)", ":(", "<3", "xD", "=)"] {
        text = text.trim_end().strip_suffix(smiley).unwrap_or(text);
    }
    let text = text
        .trim_start_matches(|c: char| {
            !c.is_alphanumeric()
                && !matches!(
                    c,
                    '“' | '"' | '‘' | '\'' | '(' | '[' | '#' | '@' | '.' | '…' | '<'
                )
                && !matches!(
                    c,
                    '$' | '£' | '€' | '¥' | '¿' | '¡' | '«' | '„' | '「' | '『'
                )
                && (c.is_ascii() || c == '–' || c == '—' || c == '•' || c == '▶')
        })
        .trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, '!' | '.' | ',' | ':' | ';' | '-' | '–' | '—' | '|')
        });
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without a quote or bracket that never closes or never opened.
pub(super) fn balanced(text: &str) -> String {
    let count = |sign: char| text.matches(sign).count();
    let mut drop: Vec<char> = Vec::new();
    for (open, close) in [('“', '”'), ('(', ')'), ('[', ']'), ('«', '»')] {
        if count(open) != count(close) {
            drop.extend([open, close]);
        }
    }
    if count('"') % 2 == 1 {
        drop.push('"');
    }
    if drop.is_empty() {
        return text.to_owned();
    }
    // A space, so that what stood on both sides does not become one word.
    let open: String = text
        .chars()
        .map(|c| if drop.contains(&c) { ' ' } else { c })
        .collect();
    let mut text = open.split_whitespace().collect::<Vec<_>>().join(" ");
    for sign in [".", ",", "?", "!", ":", "…"] {
        text = text.replace(&format!(" {sign}"), sign);
    }
    text
}

/// Whether the title is a sentence that begins with a small letter. A name like `curl 8.0` or `p5.js` is none.
fn begins_small(text: &str) -> bool {
    let mut words = text.split(' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let plain = first.chars().all(char::is_lowercase) && first.chars().count() > 1 || first == "a";
    let named = second.is_none_or(|word| {
        word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '–' | '-' | '—' | 'v'))
    });
    plain && !named
}

fn is_headline(text: &str) -> bool {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 4)
        .collect();
    let large = words
        .iter()
        .filter(|word| {
            word.chars()
                .find(|c| c.is_alphabetic())
                .is_some_and(char::is_uppercase)
        })
        .count();
    large * 4 > words.len() * 3
}

fn halves(text: &str) -> Option<(String, String)> {
    let (name, what) = [" – ", " — ", ": ", " - "]
        .iter()
        .filter_map(|bar| text.split_once(bar))
        .min_by_key(|(name, _)| name.len())?;
    let count = |text: &str| text.split_whitespace().count();
    let small = |word: &str| SMALL.contains(&word.to_lowercase().as_str());
    let named = (1..=4).contains(&count(name))
        && !name.split(' ').next().is_some_and(small)
        && !name.contains(['?', '“', '"', ',']);
    (named && count(what) >= 3 && !what.ends_with('?')).then(|| (name.to_owned(), what.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use crate::studio::writing::book::book;

    /// What sites and submitters add comes off, what the author wrote stays.
    #[test]
    fn titles_are_cleaned() {
        for (raw, text) in [
            (
                "Show HN: Selvedge – a ledger for mills",
                "Selvedge – a ledger for mills",
            ),
            (
                "Lions Commentary on Unix (1977) [pdf]",
                "Lions Commentary on Unix",
            ),
            ("[video] The Ultimate Loom Talk", "The Ultimate Loom Talk"),
            (
                "See the light like a pro | Weave World",
                "See the light like a pro",
            ),
            ("Passenger | Simple Song", "Passenger: Simple Song"),
            ("Madder prices rise – The Loom Post", "Madder prices rise"),
            (
                "WE WANT TO TALK ABOUT OUR MILL",
                "We want to talk about our mill",
            ),
            ("NASA and IBM publish a map", "NASA and IBM publish a map"),
            ("It is *really* warm!!!", "It is really warm"),
            ("What?!?!", "What?"),
            ("til that wool is warm", "Wool is warm"),
            ("looking for a new loom :)", "Looking for a new loom"),
            ("curl 8.0", "curl 8.0"),
            ("A \"quote that never ends", "A quote that never ends"),
            ("The <b>Slack</b> market", "The Slack market"),
            ("iPhone – review", "iPhone – review"),
        ] {
            let title = Title::read(
                raw,
                "The Loom Post",
                "https://loompost.example/1",
                book().unwrap(),
            );
            assert_eq!(title.text, text, "{raw}");
        }
    }

    /// What was taken off is kept where it says something.
    #[test]
    fn what_a_title_says_beside_its_words_is_kept() {
        let read = |raw: &str| Title::read(raw, "", "", book().unwrap());
        assert_eq!(read("Ask HN: Why wool?").prefix, "ask hn");
        let talk = read("The Loom Talk (1984) [video]");
        assert_eq!(
            (talk.year.as_str(), talk.medium.as_str()),
            ("1984", "video")
        );
        assert!(read("I mended my coat").told && !read("“I mend,” she says").told);
        assert!(read("Browns qu...").unsure && read("GOING VERY WRONG TODAY").unsure);
        assert_eq!(read("How to darn a heel").task, "darn a heel");
        assert_eq!(read("How to Darn Any Heel Quickly").task, "");
    }
}
