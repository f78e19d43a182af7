//! Writing: the fullest template that fits, in the persona's phrases, with the trend's own words.
//!
//! A text is built from pieces: opener, title, sentence, closer, link, hashtags, disclosure. Title, link and disclosure
//! are always there. The others are left out, never cut, until the text fits.

use unicode_segmentation::UnicodeSegmentation;

use super::brief::{TextArgs, TextCitation, TextUsage, WrittenText};
use super::source::{Facts, Sentence};
use super::{confidence, tags};
use crate::wire::{Refusal, clean, digest};

/// A choice of optional pieces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    pub(super) opener: bool,
    pub(super) sentence: bool,
    pub(super) closer: bool,
}

/// From the fullest to the barest.
const TEMPLATES: [Template; 8] = {
    const fn template(opener: bool, sentence: bool, closer: bool) -> Template {
        Template {
            opener,
            sentence,
            closer,
        }
    }
    [
        template(true, true, true),
        template(true, true, false),
        template(false, true, true),
        template(false, true, false),
        template(true, false, true),
        template(true, false, false),
        template(false, false, true),
        template(false, false, false),
    ]
};

/// The pieces of a text as they were used; empty when left out.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) opener: String,
    pub(super) sentence: Option<Sentence>,
    pub(super) closer: String,
    pub(super) hashtags: Vec<String>,
}

impl Draft {
    /// Opener, title, sentence and closer: what the reader reads first.
    pub(super) fn body(&self, facts: &Facts) -> String {
        let first = if self.opener.is_empty() {
            facts.title.clone()
        } else if self.opener.ends_with(char::is_alphanumeric) {
            format!("{}: {}", self.opener, facts.title)
        } else {
            format!("{} {}", self.opener, facts.title)
        };
        let sentence = self
            .sentence
            .as_ref()
            .map(|sentence| sentence.text.as_str())
            .unwrap_or_default();
        join(&[&first, sentence, &self.closer], "\n")
    }

    fn text(&self, facts: &Facts, disclosure: &str) -> String {
        let tags = self
            .hashtags
            .iter()
            .map(|tag| format!("#{tag}"))
            .collect::<Vec<_>>()
            .join(" ");
        let foot = join(&[&facts.link, &tags, disclosure], "\n");
        join(&[&self.body(facts), &foot], "\n\n")
    }
}

fn join(parts: &[&str], by: &str) -> String {
    parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(by)
}

/// Writes the text or refuses.
pub(super) fn write(args: &TextArgs) -> Result<WrittenText, Refusal> {
    args.check()?;
    let facts = Facts::of(&args.trend)?;
    let disclosure = args.constraints.disclosure.trim();
    let max = usize::try_from(args.constraints.graphemes_max).unwrap_or(usize::MAX);

    let mut shortest = usize::MAX;
    for draft in drafts(args, &facts) {
        let text = draft.text(&facts, disclosure);
        let length = clean::graphemes(&text);
        shortest = shortest.min(length);
        if length <= max {
            return Ok(finish(args, &facts, draft, text));
        }
    }
    Err(Refusal::new(
        "over_limit",
        format!(
            "the shortest text with title, link and disclosure has {shortest} characters, allowed are {max}"
        ),
    ))
}

/// Every draft worth trying, the best first.
fn drafts(args: &TextArgs, facts: &Facts) -> Vec<Draft> {
    // Each issue of an earlier attempt moves on to the next phrases.
    let turn = usize::try_from(args.variant)
        .unwrap_or(0)
        .wrapping_add(args.notes.len());
    let noted = |words: &[&str]| {
        args.notes
            .iter()
            .map(|note| note.to_lowercase())
            .any(|note| words.iter().any(|word| note.contains(word)))
    };
    let terse = args
        .persona
        .voice_traits
        .iter()
        .map(|voice| voice.to_lowercase())
        .any(|voice| {
            ["concise", "terse", "laconic", "dry"]
                .iter()
                .any(|word| voice.contains(word))
        });
    let skip = if noted(&["long", "length", "limit", "short"]) {
        3
    } else {
        usize::from(terse)
    };
    let opener = pick(&args.persona.openers, turn);
    let closer = pick(&args.persona.closers, turn.wrapping_add(1));
    let mut tags = tags::choose(&args.persona.hashtags, facts, args.constraints.hashtags_max);
    if noted(&["hashtag"]) {
        tags.truncate(tags.len() / 2);
    }
    let mut drafts = Vec::new();
    for template in TEMPLATES.iter().skip(skip) {
        let sentences: Vec<Option<&Sentence>> = if !template.sentence {
            vec![None]
        } else if facts.sentences.is_empty() {
            continue;
        } else {
            (0..facts.sentences.len())
                .map(|at| facts.sentences.get((at + turn) % facts.sentences.len()))
                .collect()
        };
        for sentence in sentences {
            for count in (0..=tags.len()).rev() {
                drafts.push(Draft {
                    opener: if template.opener {
                        opener.clone()
                    } else {
                        String::new()
                    },
                    sentence: sentence.cloned(),
                    closer: if template.closer {
                        closer.clone()
                    } else {
                        String::new()
                    },
                    hashtags: tags.iter().take(count).cloned().collect(),
                });
            }
        }
    }
    drafts
}

fn pick(phrases: &[String], turn: usize) -> String {
    let usable: Vec<String> = phrases
        .iter()
        .map(|phrase| clean::line(phrase, 500))
        .filter(|phrase| !phrase.is_empty())
        .collect();
    usable
        .get(turn.checked_rem(usable.len()).unwrap_or(0))
        .cloned()
        .unwrap_or_default()
}

fn finish(args: &TextArgs, facts: &Facts, draft: Draft, text: String) -> WrittenText {
    let (confidence, confidence_parts) = confidence::of(facts, &draft);
    let words = |text: &str| u32::try_from(text.unicode_words().count()).unwrap_or(u32::MAX);
    let brief = [
        &args.trend.title,
        &args.trend.summary,
        &args.trend.source,
        &args.constraints.disclosure,
    ];
    let citation = TextCitation {
        url: facts.link.clone(),
        title: facts.title.clone(),
    };
    WrittenText {
        citations: if facts.link.is_empty() {
            Vec::new()
        } else {
            vec![citation]
        },
        confidence,
        confidence_parts,
        usage: TextUsage {
            tokens_in: brief
                .into_iter()
                .map(|part| words(part))
                .fold(0, u32::saturating_add),
            tokens_out: words(&text),
        },
        model: "chimera-template/1".to_owned(),
        seed: format!(
            "{:016x}",
            digest::seed(&format!(
                "{}\n{}\n{}",
                args.persona.name, facts.title, args.variant
            ))
        ),
        billing: "simulated".to_owned(),
        hashtags: draft.hashtags,
        text,
    }
}
