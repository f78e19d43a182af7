//! Writing: what kind of news it is, and one of the ways to tell it, in the persona's phrases and the source's words.
//!
//! [`book`] holds the patterns and their structures as data, [`title`] and [`source`] what a trend offers, [`shape`]
//! fills a structure. Title, link and disclosure are always there; the rest is left out, never cut, until a text fits.

mod book;
mod confidence;
mod phrase;
mod reply;
mod shape;
mod source;
mod tags;
mod thread;
mod title;

use unicode_segmentation::UnicodeSegmentation;

use super::brief::{Alternative, Form, TextArgs, TextCitation, TextUsage, WrittenText};
use crate::wire::{Refusal, clean, digest};
use book::{Book, Pattern};
use shape::{Body, Phrases, Structure};
use source::Facts;

/// What a card shows of a title.
pub(super) struct Headline {
    /// Cleaned; in quotes when it speaks in the first person.
    pub(super) text: String,
    /// Somebody's words of some length stand in it.
    pub(super) quotation: bool,
    /// A percentage, money or millions in it; empty when there is none.
    pub(super) figure: String,
}

/// The most texts that are handed out side by side.
const VARIANTS_MAX: u32 = 5;
/// After a refusal so many ways to tell it are turned through, where there are as many.
const POOL_LEAST: usize = 4;
/// An issue with one of these words asks for a shorter text.
const TOO_LONG: [&str; 4] = ["long", "length", "limit", "short"];

/// A text that fits, and what it is made of.
#[derive(Debug, Clone)]
struct Draft {
    body: Body,
    hashtags: Vec<String>,
    text: String,
    structure: String,
    /// How much of what there is to say it leaves out; less is better.
    tier: u8,
}

/// Everything a structure is chosen by.
struct Desk<'a> {
    args: &'a TextArgs,
    facts: &'a Facts,
    book: &'a Book,
    pattern: &'a Pattern,
    phrases: Phrases,
    tags: Vec<String>,
}

/// Writes the text, and others beside it when they are asked for, or refuses.
pub(super) fn write(args: &TextArgs) -> Result<WrittenText, Refusal> {
    args.check()?;
    if args.variants > VARIANTS_MAX {
        return Err(Refusal::new(
            "over_limit",
            format!("at most {VARIANTS_MAX} variants are written"),
        ));
    }
    let book = book::book()?;
    let facts = Facts::of(&args.trend, book)?;
    let pattern = book
        .recognise(&facts)
        .ok_or_else(|| Refusal::new("internal", "the book of patterns is empty"))?;
    let desk = Desk::of(args, &facts, pattern, book);
    match args.form {
        Form::Post => post(&desk),
        Form::Thread => thread::write(&desk),
        Form::Reply => reply::write(&desk),
    }
}

/// Reads a title for a card as it is read for a post.
pub(super) fn headline(title: &str) -> Result<Headline, Refusal> {
    let title = title::Title::read(title, "", "", book::book()?);
    Ok(Headline {
        quotation: title.told || title.quotes(),
        figure: source::figure(&title.text),
        text: title.said(),
    })
}

fn post(desk: &Desk<'_>) -> Result<WrittenText, Refusal> {
    let args = desk.args;
    let mut drafts = desk.drafts()?;
    let best = drafts.first().map_or(0, |draft| draft.tier);
    let mut pool = drafts.iter().take_while(|draft| draft.tier == best).count();
    if !args.notes.is_empty() {
        pool = pool.max(POOL_LEAST.min(drafts.len()));
    }
    let at = desk.turn().checked_rem(pool).unwrap_or(0);
    if let Some(best) = drafts.get_mut(..pool) {
        best.rotate_left(at);
    }
    let others = usize::try_from(args.variants.saturating_sub(1)).unwrap_or(0);
    let mut written = drafts.into_iter();
    let first = written
        .next()
        .ok_or_else(|| Refusal::new("internal", "no draft was kept"))?;
    let alternatives = written
        .take(others)
        .map(|draft| desk.alternative(draft))
        .collect();
    Ok(desk.finish(first, alternatives, Vec::new()))
}

impl<'a> Desk<'a> {
    fn of(args: &'a TextArgs, facts: &'a Facts, pattern: &'a Pattern, book: &'a Book) -> Self {
        let mut desk = Self {
            args,
            facts,
            book,
            pattern,
            phrases: Phrases::default(),
            tags: Vec::new(),
        };
        // Over a death nobody hears a catchphrase, and no hashtag is sold with it.
        if pattern.sober {
            return desk;
        }
        let suits = |phrase: &&String| book.suits(phrase, pattern);
        let asks = |phrase: &&String| phrase.trim_end().ends_with('?');
        let closers = || args.persona.closers.iter().filter(suits);
        desk.phrases = Phrases {
            opener: desk.pick(args.persona.openers.iter().filter(suits), "opener"),
            closer: desk.pick(closers(), "closer"),
            ask: desk.pick(closers().filter(asks), "ask"),
            say: desk.pick(closers().filter(|phrase| !asks(phrase)), "say"),
            topic: tags::topic(&args.persona.topics, facts),
        };
        desk.tags = tags::choose(args, facts);
        if desk.noted(&["hashtag"]) {
            desk.tags.truncate(desk.tags.len() / 2);
        }
        desk
    }

    /// Whether an issue of an earlier attempt holds one of the words.
    fn noted(&self, words: &[&str]) -> bool {
        self.args
            .notes
            .iter()
            .map(|note| note.to_lowercase())
            .any(|note| words.iter().any(|word| note.contains(word)))
    }

    /// Each issue of an earlier attempt moves on, as another variant does.
    fn turn(&self) -> usize {
        usize::try_from(self.args.variant)
            .unwrap_or(0)
            .wrapping_add(self.args.notes.len())
    }

    /// A number that follows from persona, title and what is drawn.
    fn draw(&self, what: &str) -> u64 {
        digest::seed(&format!(
            "{}\n{}\n{what}",
            self.args.persona.name, self.facts.title.text
        ))
    }

    fn pick<'p>(&self, phrases: impl Iterator<Item = &'p String>, what: &str) -> String {
        let usable: Vec<String> = phrases
            .map(|phrase| clean::line(phrase, 500))
            .filter(|phrase| !phrase.is_empty())
            .collect();
        let count = u64::try_from(usable.len().max(1)).unwrap_or(1);
        let turn = u64::try_from(self.turn()).unwrap_or(0);
        let at = self.draw(what).wrapping_add(turn).checked_rem(count);
        at.and_then(|at| usize::try_from(at).ok())
            .and_then(|at| usable.get(at).cloned())
            .unwrap_or_default()
    }

    /// The structures in the order in which they are drawn: those the voice likes come earlier, as a rule.
    fn structures(&self) -> Vec<&'a Structure> {
        if !self.speaks_english() {
            return Vec::new();
        }
        let voices = self.book.voices(&self.args.persona.voice_traits);
        let mut own: Vec<(u64, &Structure)> = self
            .pattern
            .structures
            .iter()
            .map(|structure| {
                let mut drawn = self.draw(&structure.id);
                let likes = |voice: &String| voices.contains(&voice.as_str());
                if structure.voices.iter().any(likes) {
                    drawn = drawn.min(self.draw(&format!("{} once more", structure.id)));
                }
                (drawn, structure)
            })
            .collect();
        own.sort_by_key(|(drawn, _)| *drawn);
        own.into_iter().map(|(_, structure)| structure).collect()
    }

    /// The book's own words are English; they do not stand beside phrases or a source of another language.
    fn speaks_english(&self) -> bool {
        let language = self.args.persona.language.trim().to_lowercase();
        let english = language.is_empty() || language == "en" || language.starts_with("en-");
        english && !self.facts.foreign
    }

    /// Every draft that fits, each of another structure: those that say most first, used ones only when all are used.
    fn drafts(&self) -> Result<Vec<Draft>, Refusal> {
        let max = usize::try_from(self.args.constraints.graphemes_max).unwrap_or(usize::MAX);
        let mut shortest = usize::MAX;
        let mut drafts: Vec<Draft> = Vec::new();
        let own = self.structures().into_iter().map(|own| (own, false));
        for (structure, plain) in
            own.chain(self.book.apart(book::ANY).iter().map(|any| (any, true)))
        {
            if let Some(draft) = self.fit(structure, plain, max, &mut shortest)
                && !drafts.iter().any(|known| known.text == draft.text)
            {
                drafts.push(draft);
            }
        }
        if drafts.is_empty() {
            return Err(Refusal::new(
                "over_limit",
                format!(
                    "the shortest text with title, link and disclosure has {shortest} characters, allowed are {max}"
                ),
            ));
        }
        let used = |draft: &Draft| self.args.avoid.contains(&draft.structure);
        if !drafts.iter().all(used) {
            drafts.retain(|draft| !used(draft));
        }
        if self.noted(&TOO_LONG) {
            drafts.sort_by_key(|draft| clean::graphemes(&draft.text));
        } else {
            drafts.sort_by_key(|draft| draft.tier);
        }
        Ok(drafts)
    }

    /// The structure with the best sentence and the most hashtags that there is room for.
    fn fit(
        &self,
        structure: &Structure,
        plain: bool,
        max: usize,
        shortest: &mut usize,
    ) -> Option<Draft> {
        let facts = self.facts;
        let sentences = facts.sentences.iter().map(Some).chain([None]);
        let ways = sentences.flat_map(|sentence| [(sentence, true), (sentence, false)]);
        let lengths = (0..=self.tags.len()).rev();
        for (sentence, full) in ways {
            let Some(body) = structure.fill(facts, &self.phrases, sentence, full) else {
                continue;
            };
            for count in lengths.clone() {
                let hashtags: Vec<String> = self.tags.iter().take(count).cloned().collect();
                let text = self.whole(&body.text, &hashtags);
                let length = clean::graphemes(&text);
                *shortest = length.min(*shortest);
                if length <= max {
                    let silent = body.sentences == 0 && !facts.sentences.is_empty();
                    return Some(Draft {
                        tier: u8::from(silent) * 2 + u8::from(plain),
                        structure: structure.id.clone(),
                        body,
                        hashtags,
                        text,
                    });
                }
            }
        }
        None
    }

    /// Body, link, hashtags and label as they go out.
    fn whole(&self, body: &str, hashtags: &[String]) -> String {
        let tags = hashtags
            .iter()
            .map(|tag| format!("#{tag}"))
            .collect::<Vec<_>>()
            .join(" ");
        let disclosure = self.args.constraints.disclosure.trim();
        let foot = join(&[&self.facts.link, &tags, disclosure], "\n");
        join(&[body, &foot], "\n\n")
    }

    fn alternative(&self, draft: Draft) -> Alternative {
        let (confidence, confidence_parts) = match self.args.form {
            Form::Post | Form::Thread => confidence::of(self, &draft),
            Form::Reply => confidence::of_reply(self, &draft),
        };
        Alternative {
            text: draft.text,
            hashtags: draft.hashtags,
            structure: draft.structure,
            confidence,
            confidence_parts,
        }
    }

    fn finish(
        &self,
        draft: Draft,
        alternatives: Vec<Alternative>,
        parts: Vec<String>,
    ) -> WrittenText {
        let args = self.args;
        let words = |text: &str| u32::try_from(text.unicode_words().count()).unwrap_or(u32::MAX);
        let brief = [
            &args.trend.title,
            &args.trend.summary,
            &args.trend.source,
            &args.constraints.disclosure,
        ];
        let citation = TextCitation {
            url: self.facts.link.clone(),
            title: clean::line(&args.trend.title, 2_000),
        };
        let chosen = self.alternative(draft);
        WrittenText {
            citations: if self.facts.link.is_empty() {
                Vec::new()
            } else {
                vec![citation]
            },
            usage: TextUsage {
                tokens_in: brief
                    .into_iter()
                    .map(|part| words(part))
                    .fold(0, u32::saturating_add),
                tokens_out: words(&parts.concat()).max(words(&chosen.text)),
            },
            model: "chimera-template/2".to_owned(),
            seed: format!("{:016x}", self.draw(&args.variant.to_string())),
            billing: "simulated".to_owned(),
            pattern: self.pattern.name.clone(),
            structure: chosen.structure,
            text: chosen.text,
            hashtags: chosen.hashtags,
            confidence: chosen.confidence,
            confidence_parts: chosen.confidence_parts,
            alternatives,
            parts,
        }
    }
}

/// Whether the book may add a word of its own accord.
#[cfg(test)]
pub(super) fn is_neutral(word: &str) -> bool {
    book::book().is_ok_and(|book| book.is_neutral(word))
}

fn join(parts: &[&str], by: &str) -> String {
    parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(by)
}
