//! Topics in the YAML of a SOUL.md, in each shape seen in the wild.

use super::{
    draft::{Draft, DraftTopic, Line},
    keys::{Split, item_line, many, one},
};
use crate::config::{
    problem::{Log, Place, quote},
    raw::{Entry, Node, Value},
    section::items,
};

/// Topics come as names, as `{name, keywords}`, as `name: [keywords]`, or sorted into primary, secondary and excluded.
pub(super) fn read(key: &str, node: &Node, draft: &mut Draft, log: &mut Log) {
    match &node.value {
        Value::Nothing => {}
        Value::Text(_) => {
            for line in many(key, node, Split::Commas, log) {
                push(line, Vec::new(), draft);
            }
        }
        Value::List(nodes) => {
            for item in nodes {
                match &item.value {
                    Value::Map(entries) => topic_group(key, entries, item.at, draft, log),
                    Value::Nothing | Value::Text(_) | Value::List(_) => {
                        if let Some(line) = item_line(key, item, log) {
                            push(line, Vec::new(), draft);
                        }
                    }
                }
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                match entry.key.to_lowercase().as_str() {
                    "primary" | "secondary" => read(&entry.key, &entry.value, draft, log),
                    "excluded" | "banned" | "no_go" => draft.banned_topics.extend(many(
                        &entry.key,
                        &entry.value,
                        Split::Commas,
                        log,
                    )),
                    _ => named_topic(entry, draft, log),
                }
            }
        }
    }
}

/// `{name: …, keywords: […]}`, or `- fashion: [linen, …]`.
fn topic_group(key: &str, entries: &[Entry], at: Place, draft: &mut Draft, log: &mut Log) {
    let get = |wanted: &str| {
        entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(wanted))
    };
    match get("name") {
        Some(name) => {
            let keywords = get("keywords")
                .map(|entry| words(&entry.value, log))
                .unwrap_or_default();
            if let Some(line) = one("name", &name.value, log) {
                push(line, keywords, draft);
            }
            for entry in entries.iter().filter(|entry| {
                !["name", "keywords"]
                    .iter()
                    .any(|known| entry.key.eq_ignore_ascii_case(known))
            }) {
                log.notice(
                    entry.at,
                    format!(
                        "the key {} of a topic is kept and changes nothing",
                        quote(&entry.key)
                    ),
                    "",
                );
            }
        }
        None if entries.len() == 1 => {
            for entry in entries {
                named_topic(entry, draft, log);
            }
        }
        None => log.problem(
            at,
            format!("an item of {} has no name", quote(key)),
            "write `- name: …` and `keywords: […]` below it",
        ),
    }
}

/// `fashion: [linen, …]`, `fashion: linen, …` or `fashion: {keywords: […]}`.
fn named_topic(entry: &Entry, draft: &mut Draft, log: &mut Log) {
    let keywords = match &entry.value.value {
        Value::Map(inner) => inner
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case("keywords"))
            .map(|entry| words(&entry.value, log))
            .unwrap_or_default(),
        Value::Nothing | Value::Text(_) | Value::List(_) => words(&entry.value, log),
    };
    if let Some(line) = Line::new(&entry.key, entry.at, log) {
        push(line, keywords, draft);
    }
}

fn words(node: &Node, log: &mut Log) -> Vec<String> {
    match &node.value {
        Value::List(_) => items(node, "keywords", log)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item_line("keywords", item, log))
            .map(|line| line.text)
            .collect(),
        Value::Nothing | Value::Text(_) | Value::Map(_) => {
            many("keywords", node, Split::Commas, log)
                .into_iter()
                .map(|line| line.text)
                .collect()
        }
    }
}

/// A topic without keywords is shown by its own name.
pub(super) fn push(name: Line, mut keywords: Vec<String>, draft: &mut Draft) {
    if keywords.is_empty() {
        keywords.push(name.text.clone());
    }
    draft.topics.push(DraftTopic { name, keywords });
}
