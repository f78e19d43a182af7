//! The headings and lines of a SOUL.md, read by loose names.
//!
//! Prose is forgiving: what does not read as anything is left to the body, and a value that makes no
//! sense is noted instead of refused. Where the YAML speaks too, it wins; rules and forbidden topics add up.

use chimera_domain::persona::Motif;

use super::{
    document::{Document, fence},
    draft::{Draft, Line, colour, language},
    keys::{Field, field},
    topics,
};
use crate::config::problem::{Log, Place, quote};

/// A heading, a list item or a paragraph, joined to one line and without its marks.
struct Block {
    kind: Kind,
    text: String,
    at: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Heading(usize),
    Item,
    Paragraph,
}

/// Reads the prose into the draft.
pub(super) fn read(document: &Document<'_>, draft: &mut Draft, log: &mut Log) {
    let mut said = Draft::default();
    let mut section: Option<Field> = None;
    let mut level = 0;
    for block in blocks(document) {
        match block.kind {
            Kind::Heading(depth) => {
                if depth == 1 && said.name.is_none() {
                    said.name = title(&block.text).and_then(|name| Line::new(name, block.at, log));
                }
                let named = section_of(&block.text);
                if let (None, Some(Field::Topics)) = (named, section.filter(|_| depth > level)) {
                    topic(&block, &mut said, log);
                } else if named.is_some() || depth <= level {
                    section = named;
                    level = depth;
                }
            }
            Kind::Item | Kind::Paragraph => {
                let key =
                    key_line(&block.text).and_then(|(key, value)| Some((field(&key)?, value)));
                match key {
                    Some((field, "")) => section = Some(field),
                    Some((field, value)) => set(
                        field,
                        &unmarked(value),
                        block.at,
                        block.kind,
                        &mut said,
                        log,
                    ),
                    None => {
                        if let Some(field) = section {
                            set(
                                field,
                                &unmarked(&block.text),
                                block.at,
                                block.kind,
                                &mut said,
                                log,
                            );
                        }
                    }
                }
            }
        }
    }
    merge(draft, said);
}

fn merge(draft: &mut Draft, said: Draft) {
    fn keep<T>(mine: &mut Option<T>, other: Option<T>) {
        if mine.is_none() {
            *mine = other;
        }
    }
    fn fill<T>(mine: &mut Vec<T>, other: Vec<T>) {
        if mine.is_empty() {
            *mine = other;
        }
    }
    keep(&mut draft.id, said.id);
    keep(&mut draft.name, said.name);
    keep(&mut draft.language, said.language);
    keep(&mut draft.disclosure, said.disclosure);
    keep(&mut draft.character, said.character);
    keep(&mut draft.motif, said.motif);
    fill(&mut draft.voice_traits, said.voice_traits);
    fill(&mut draft.topics, said.topics);
    fill(&mut draft.openers, said.openers);
    fill(&mut draft.closers, said.closers);
    fill(&mut draft.hashtags, said.hashtags);
    fill(&mut draft.palette, said.palette);
    draft.directives.extend(said.directives);
    draft.banned_topics.extend(said.banned_topics);
}

/// Which field the lines below a heading belong to.
fn section_of(heading: &str) -> Option<Field> {
    // In this order: "no-go topics" are not topics, and a "voice of the brand" is a voice.
    const NAMES: [(Field, &[&str]); 11] = [
        (
            Field::Banned,
            &[
                "no-go",
                "no go",
                "excluded topic",
                "banned topic",
                "forbidden topic",
                "off-limits",
                "off limits",
                "topics to avoid",
            ],
        ),
        (Field::ForbiddenTones, &["forbidden tone"]),
        (Field::Openers, &["opener", "how i open", "greeting"]),
        (
            Field::Closers,
            &["closer", "sign-off", "sign off", "how i close"],
        ),
        (Field::Hashtags, &["hashtag"]),
        (Field::Disclosure, &["disclosure"]),
        (Field::Language, &["language"]),
        (Field::Palette, &["palette", "visual", "colour", "color"]),
        (
            Field::Directives,
            &[
                "core truth",
                "boundar",
                "directive",
                "hard rule",
                "guardrail",
                "non-negotiable",
                "principle",
                "rules",
            ],
        ),
        (
            Field::Voice,
            &["vibe", "voice", "tone", "personality", "style"],
        ),
        (
            Field::Topics,
            &["topic", "pillar", "niche", "interest", "what i talk about"],
        ),
    ];
    let heading = heading.to_lowercase();
    NAMES
        .iter()
        .find(|(_, names)| names.iter().any(|name| heading.contains(name)))
        .map(|(field, _)| *field)
}

/// A person's name in the first heading, if there is one.
fn title(heading: &str) -> Option<&str> {
    let mut parts = heading
        .split([':', '—', '–', '|'])
        .flat_map(|part| part.split(" - "))
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()));
    parts.find(|part| {
        let lower = part.to_lowercase();
        !part.is_empty()
            && part.chars().count() <= 40
            && !lower.contains("soul")
            && !lower.contains("who you are")
            && !lower.contains("persona")
    })
}

/// Takes one value for a field.
fn set(field: Field, text: &str, at: Place, kind: Kind, said: &mut Draft, log: &mut Log) {
    match field {
        Field::Id => said.id = Line::new(text, at, log),
        Field::Name => said.name = Line::new(text, at, log),
        Field::Character => said.character = Line::new(text, at, log),
        Field::Disclosure => {
            if said.disclosure.is_none() {
                said.disclosure = Line::new(text, at, log);
            }
        }
        Field::Voice if kind == Kind::Paragraph => {
            let sentences = text.split_inclusive(['.', '!', '?']).map(str::trim);
            said.voice_traits.extend(
                sentences.filter_map(|sentence| Line::new(sentence.trim_end_matches('.'), at, log)),
            );
        }
        Field::Voice => said.voice_traits.extend(Line::new(text, at, log)),
        Field::Directives => said.directives.extend(Line::new(text, at, log)),
        Field::ForbiddenTones => said.directives.extend(Line::new(
            &format!("Never sound {}.", text.trim_end_matches('.')),
            at,
            log,
        )),
        Field::Openers => said.openers.extend(Line::new(text, at, log)),
        Field::Closers => said.closers.extend(Line::new(text, at, log)),
        Field::Banned => said
            .banned_topics
            .extend(parts(text).filter_map(|part| Line::new(part, at, log))),
        Field::Hashtags => said.hashtags.extend(
            text.split([',', ' '])
                .filter(|tag| !tag.is_empty())
                .filter_map(|tag| Line::new(tag, at, log)),
        ),
        Field::Language => match parts(text).next().map(|first| (first, language(first))) {
            Some((_, Some(tag))) => said.language = Some(Line { text: tag, at }),
            Some((first, None)) => log.notice(
                at,
                format!("{} is not a language that is understood", quote(first)),
                "write a tag as in en, de or pt-BR",
            ),
            None => {}
        },
        Field::Topics => topic(
            &Block {
                kind,
                text: text.to_owned(),
                at,
            },
            said,
            log,
        ),
        // Of which kind an entry is only the groups say.
        Field::Allow | Field::Deny => log.notice(
            at,
            format!("{} is prose and lists nothing", quote(text)),
            "write `allow:` and `deny:` in the YAML above, with sources, authors, topics or keywords",
        ),
        Field::Visual | Field::Palette => {
            said.palette.extend(
                text.split(|c: char| c.is_whitespace() || c == ',')
                    .filter(|word| colour(word).is_some())
                    .filter_map(|word| Line::new(word, at, log)),
            );
        }
        Field::Motif => {
            if text.to_lowercase().parse::<Motif>().is_ok() {
                said.motif = Line::new(text, at, log);
            }
        }
        Field::Group | Field::Unused => {}
    }
}

/// `Fashion: linen, cotton`, `Fashion — linen, cotton`, or a name alone.
fn topic(block: &Block, said: &mut Draft, log: &mut Log) {
    let split = block
        .text
        .split_once([':', '—', '–'])
        .or_else(|| block.text.split_once(" - "));
    let (name, keywords) = split.unwrap_or((&block.text, ""));
    let keywords: Vec<String> = parts(keywords)
        .filter_map(|word| Line::new(word.trim_end_matches('.'), block.at, log))
        .map(|line| line.text)
        .collect();
    // A name is short; a sentence about topics is prose.
    if block.kind == Kind::Paragraph && split.is_none() {
        return;
    }
    if let Some(line) = Line::new(name.trim().trim_end_matches('.'), block.at, log)
        .filter(|line| line.text.chars().count() <= 60)
    {
        topics::push(line, keywords, said);
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// `Key: value` whose key was bold. The marks were turned into [`BOLD`] by [`plain_marks`].
fn key_line(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix(BOLD)?;
    let (key, value) = rest.split_once(BOLD)?;
    let (key, value) = match key.trim_end().strip_suffix(':') {
        Some(key) => (key, value),
        None => (key, value.trim_start().strip_prefix(':')?),
    };
    (key.chars().count() <= 40).then(|| (key.trim().to_owned(), value.trim()))
}

/// Stands for `**` while lines are read; a unit separator is in no text that a person writes.
const BOLD: char = '\u{1f}';

fn plain_marks(text: &str) -> String {
    text.replace("**", "\u{1f}")
        .replace("__", "\u{1f}")
        .replace(['*', '`'], "")
}

fn unmarked(text: &str) -> String {
    text.replace(BOLD, "")
}

/// The blocks of the prose; code, comments, tables and rules are left out.
fn blocks(document: &Document<'_>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let mut code = false;
    for (number, line) in &document.body {
        let trimmed = line.trim().trim_start_matches('>').trim();
        if fence(trimmed).is_some() {
            code = !code;
            open = false;
            continue;
        }
        if code {
            continue;
        }
        let rule =
            trimmed.len() >= 3 && trimmed.chars().all(|c| matches!(c, '-' | '*' | '_' | ' '));
        if trimmed.is_empty() || rule || trimmed.starts_with('|') || trimmed.starts_with("<!--") {
            open = false;
            continue;
        }
        let at = Place::line(*number);
        if let Some((depth, text)) = heading(trimmed) {
            blocks.push(Block {
                kind: Kind::Heading(depth),
                text: unmarked(&plain_marks(text)),
                at,
            });
            open = false;
        } else if let Some(text) = item(trimmed) {
            blocks.push(Block {
                kind: Kind::Item,
                text: plain_marks(text),
                at,
            });
            open = true;
        } else if let Some(last) = blocks
            .last_mut()
            .filter(|_| open && !trimmed.starts_with("**"))
        {
            last.text.push(' ');
            last.text.push_str(&plain_marks(trimmed));
        } else {
            blocks.push(Block {
                kind: Kind::Paragraph,
                text: plain_marks(trimmed),
                at,
            });
            open = true;
        }
    }
    blocks
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let depth = line.bytes().take_while(|b| *b == b'#').count();
    let text = line.get(depth..)?;
    ((1..=6).contains(&depth) && text.starts_with([' ', '\t']))
        .then(|| (depth, text.trim().trim_end_matches('#').trim_end()))
}

fn item(line: &str) -> Option<&str> {
    if let Some(text) = ["- ", "* ", "+ ", "• "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
    {
        return Some(text.trim());
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..)?;
    let text = rest
        .strip_prefix(". ")
        .or_else(|| rest.strip_prefix(") "))?;
    (1..=3).contains(&digits).then(|| text.trim())
}
