//! What an agent may look at and what it never does: `allow:` and `deny:` of a SOUL.md. What is wrong with them is a
//! problem and no notice: a list that is read otherwise than it was meant lets through what it should not.

use chimera_domain::persona::{Listed, Lists};

use super::{
    draft::Line,
    keys::{Split, many},
};
use crate::config::{
    problem::{Log, Place, nearest, quote},
    raw::{Node, Value},
};

/// The most entries of one list.
const ENTRIES_MAX: usize = 200;
/// The longest entry.
const ENTRY_CHARS_MAX: usize = 120;
/// What can be listed.
const KINDS: [&str; 4] = ["sources", "authors", "topics", "keywords"];

pub(super) fn read(key: &str, node: &Node, listed: &mut Listed, log: &mut Log) {
    let Value::Map(entries) = &node.value else {
        log.problem(
            node.at,
            format!(
                "{} must be a group, this is {}",
                quote(key),
                node.value.kind()
            ),
            format!("write one or more of: {}", KINDS.join(", ")),
        );
        return;
    };
    for entry in entries {
        let kind = entry.key.trim().to_lowercase();
        let list = match kind.as_str() {
            "sources" => &mut listed.sources,
            "authors" => &mut listed.authors,
            "topics" => &mut listed.topics,
            "keywords" => &mut listed.keywords,
            _ => {
                let hint = nearest(&kind, KINDS.iter().copied()).map_or_else(
                    || format!("write one of: {}", KINDS.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                log.problem(
                    entry.at,
                    format!("{} is nothing that can be listed", quote(&entry.key)),
                    hint,
                );
                continue;
            }
        };
        let before = list.len();
        for line in many(&entry.key, &entry.value, Split::Commas, log) {
            add(&line, list, log);
        }
        if list.len() == before {
            log.problem(
                entry.at,
                format!("the list {} has nothing in it", quote(&entry.key)),
                "write an entry or remove the list: an empty one would allow nothing or deny nothing",
            );
        }
        if list.len() > ENTRIES_MAX {
            log.problem(
                entry.at,
                format!(
                    "the list {} has more than {ENTRIES_MAX} entries",
                    quote(&entry.key)
                ),
                "leave out what another entry covers",
            );
        }
    }
}

/// What is allowed and denied at once: neither can be meant.
pub(super) fn cross_check(lists: &Lists, log: &mut Log) {
    let (allow, deny) = (&lists.allow, &lists.deny);
    let both = [
        (&allow.sources, &deny.sources),
        (&allow.authors, &deny.authors),
        (&allow.topics, &deny.topics),
        (&allow.keywords, &deny.keywords),
    ];
    for (kind, (allowed, denied)) in KINDS.into_iter().zip(both) {
        for entry in allowed.iter().filter(|entry| denied.contains(entry)) {
            log.problem(
                Place::FILE,
                format!("{} is allowed and denied under {kind}", quote(entry)),
                "keep the one that holds",
            );
        }
    }
}

fn add(line: &Line, list: &mut Vec<String>, log: &mut Log) {
    let entry = line.text.trim().to_lowercase();
    if !entry.chars().any(char::is_alphanumeric) || entry.chars().count() > ENTRY_CHARS_MAX {
        log.problem(
            line.at,
            format!("{} cannot be listed", quote(&line.text)),
            format!("write at least one letter and at most {ENTRY_CHARS_MAX} characters"),
        );
    } else if list.contains(&entry) {
        log.problem(
            line.at,
            format!("{} is listed twice", quote(&line.text)),
            "write it once",
        );
    } else {
        list.push(entry);
    }
}
