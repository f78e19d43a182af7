//! The YAML of a SOUL.md: known keys under any of their names, the rest noted.

use chimera_domain::persona::Motif;

use super::{
    draft::{Draft, Line, colour, language},
    lists, topics,
};
use crate::config::{
    problem::{Log, quote},
    raw::{Entry, Node, Value},
};

/// What a key means to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Name,
    Voice,
    Directives,
    Topics,
    Banned,
    /// What it may look at.
    Allow,
    /// What it never does.
    Deny,
    ForbiddenTones,
    Openers,
    Closers,
    Hashtags,
    Language,
    Disclosure,
    Character,
    Visual,
    Palette,
    Motif,
    /// A group whose keys stand for themselves.
    Group,
    /// Known from SOUL.md files in the wild; it changes nothing here.
    Unused,
}

/// The field a key names, whatever its case, spaces and dashes.
pub(super) fn field(key: &str) -> Option<Field> {
    let key: String = key
        .trim()
        .chars()
        .map(|c| if matches!(c, ' ' | '-') { '_' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    Some(match key.as_str() {
        "id" | "agent_id" | "slug" | "persona_id" => Field::Id,
        "name" | "display_name" => Field::Name,
        "voice_traits" | "voice" | "traits" | "tone" | "tones" | "vibe" | "style" => Field::Voice,
        "directives" | "hard_directives" | "hard_rules" | "rules" | "boundaries"
        | "core_truths" => Field::Directives,
        "topics" | "pillars" | "content_pillars" | "interests" | "niche" | "primary_topics"
        | "secondary_topics" => Field::Topics,
        "banned_topics" | "no_go_topics" | "excluded_topics" | "forbidden_topics"
        | "off_limits" => Field::Banned,
        "allow" | "allow_list" | "allow_lists" => Field::Allow,
        "deny" | "deny_list" | "deny_lists" => Field::Deny,
        "forbidden_tones" => Field::ForbiddenTones,
        "openers" | "greetings" => Field::Openers,
        "closers" | "sign_offs" => Field::Closers,
        "hashtags" => Field::Hashtags,
        "language" | "languages" => Field::Language,
        "disclosure" | "disclosure_policy" | "disclosure_label" => Field::Disclosure,
        "character_reference_id" | "character_reference" => Field::Character,
        "visual" | "visual_identity" => Field::Visual,
        "palette" | "colors" | "colours" => Field::Palette,
        "motif" => Field::Motif,
        "persona" | "policy" | "identity" => Field::Group,
        "version" | "platforms" | "audience" | "cadence" | "limits" | "financial_limits"
        | "goals" | "backstory" | "beliefs" | "role" | "creature" | "emoji" | "avatar" => {
            Field::Unused
        }
        _ => return None,
    })
}

/// Reads the YAML of a file.
pub(super) fn read(matter: &Node, draft: &mut Draft, log: &mut Log) {
    if let Value::Map(entries) = &matter.value {
        group(entries, draft, log);
    }
}

fn group(entries: &[Entry], draft: &mut Draft, log: &mut Log) {
    for entry in entries {
        if entry.value.value == Value::Nothing {
            log.notice(
                entry.at,
                format!("the key {} has no value", quote(&entry.key)),
                "write a value or remove the key",
            );
            continue;
        }
        match field(&entry.key) {
            Some(field) => set(field, &entry.key, &entry.value, draft, log),
            None => log.notice(
                entry.at,
                format!("the key {} is kept and changes nothing", quote(&entry.key)),
                "",
            ),
        }
    }
}

/// Sets one field from a YAML value.
pub(super) fn set(field: Field, key: &str, node: &Node, draft: &mut Draft, log: &mut Log) {
    match field {
        Field::Id => draft.id = one(key, node, log),
        Field::Name => draft.name = one(key, node, log),
        Field::Character => draft.character = one(key, node, log),
        Field::Disclosure => draft.disclosure = one(key, node, log),
        Field::Language => {
            for line in many(key, node, Split::Commas, log) {
                match language(&line.text) {
                    Some(tag) if draft.language.is_none() => {
                        draft.language = Some(Line {
                            text: tag,
                            at: line.at,
                        })
                    }
                    Some(_) => {}
                    None => log.problem(
                        line.at,
                        format!("{} is not a language", quote(&line.text)),
                        "write a tag as in en, de or pt-BR",
                    ),
                }
            }
        }
        Field::Voice => draft
            .voice_traits
            .extend(many(key, node, Split::Lines, log)),
        Field::Directives => draft.directives.extend(many(key, node, Split::Lines, log)),
        Field::Openers => draft.openers.extend(many(key, node, Split::Lines, log)),
        Field::Closers => draft.closers.extend(many(key, node, Split::Lines, log)),
        Field::Banned => draft
            .banned_topics
            .extend(many(key, node, Split::Commas, log)),
        Field::Allow => lists::read(key, node, &mut draft.lists.allow, log),
        Field::Deny => lists::read(key, node, &mut draft.lists.deny, log),
        Field::Hashtags => draft.hashtags.extend(many(key, node, Split::Commas, log)),
        Field::ForbiddenTones => {
            let tones = many(key, node, Split::Commas, log);
            draft.directives.extend(tones.into_iter().map(|line| Line {
                text: format!("Never sound {}.", line.text.trim_end_matches('.')),
                at: line.at,
            }));
        }
        Field::Topics => topics::read(key, node, draft, log),
        Field::Palette => {
            for line in many(key, node, Split::Commas, log) {
                if colour(&line.text).is_some() {
                    draft.palette.push(line);
                } else {
                    log.problem(
                        line.at,
                        format!("{} is not a colour", quote(&line.text)),
                        "write \"#rrggbb\" in quotes, since # begins a comment",
                    );
                }
            }
        }
        Field::Motif => {
            draft.motif = one(key, node, log).filter(|line| {
                let known = line.text.to_lowercase().parse::<Motif>().is_ok();
                if !known {
                    let all: Vec<&str> = Motif::ALL.iter().map(|motif| motif.as_str()).collect();
                    log.problem(
                        line.at,
                        format!("{} is not a motif", quote(&line.text)),
                        format!("write one of: {}", all.join(", ")),
                    );
                }
                known
            });
        }
        Field::Visual | Field::Group => match &node.value {
            Value::Map(entries) => group(entries, draft, log),
            Value::Nothing | Value::Text(_) | Value::List(_) => {
                log.notice(
                    node.at,
                    format!(
                        "{} is kept and changes nothing: it is no group of keys",
                        quote(key)
                    ),
                    "",
                );
            }
        },
        Field::Unused => {}
    }
}

/// One text.
pub(super) fn one(key: &str, node: &Node, log: &mut Log) -> Option<Line> {
    match &node.value {
        Value::Text(text) => Line::new(text, node.at, log),
        Value::Nothing => None,
        Value::List(_) | Value::Map(_) => {
            log.problem(
                node.at,
                format!(
                    "{} must be a single value, this is {}",
                    quote(key),
                    node.value.kind()
                ),
                "write the value on the line of its key",
            );
            None
        }
    }
}

/// How one text may hold several items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Split {
    /// One per line.
    Lines,
    /// Between commas too.
    Commas,
}

/// Several texts: a list, the lines of a block, or one text. A `key: value` among them is read as the text it was meant to be.
pub(super) fn many(key: &str, node: &Node, split: Split, log: &mut Log) -> Vec<Line> {
    match &node.value {
        Value::Nothing => Vec::new(),
        Value::Text(text) => cut(text, split)
            .filter_map(|part| Line::new(part, node.at, log))
            .collect(),
        Value::List(nodes) => nodes
            .iter()
            .filter_map(|item| item_line(key, item, log))
            .collect(),
        Value::Map(entries) => entries
            .iter()
            .filter_map(|entry| entry_line(key, entry, log))
            .collect(),
    }
}

pub(super) fn item_line(key: &str, item: &Node, log: &mut Log) -> Option<Line> {
    match &item.value {
        Value::Text(text) => Line::new(text, item.at, log),
        Value::Map(entries) if entries.len() == 1 => entries
            .first()
            .and_then(|entry| entry_line(key, entry, log)),
        Value::Nothing => None,
        Value::List(_) | Value::Map(_) => {
            log.problem(
                item.at,
                format!(
                    "an item of {} must be a text, this is {}",
                    quote(key),
                    item.value.kind()
                ),
                "write one text per `- `; quote it when it holds `: `",
            );
            None
        }
    }
}

fn entry_line(key: &str, entry: &Entry, log: &mut Log) -> Option<Line> {
    match &entry.value.value {
        Value::Text(text) => Line::new(&format!("{}: {text}", entry.key), entry.at, log),
        Value::Nothing => Line::new(&entry.key, entry.at, log),
        Value::List(_) | Value::Map(_) => {
            log.problem(
                entry.value.at,
                format!(
                    "{} under {} must be a text, this is {}",
                    quote(&entry.key),
                    quote(key),
                    entry.value.value.kind()
                ),
                "write a list of texts, one per `- `",
            );
            None
        }
    }
}

fn cut(text: &str, split: Split) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(move |line| line.split(move |c| split == Split::Commas && matches!(c, ',' | ';')))
        .map(|part| part.trim().trim_start_matches(['-', '*', '•']).trim())
        .filter(|part| !part.is_empty())
}
