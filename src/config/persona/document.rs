//! A SOUL.md in parts: the YAML, wherever it stands, and the prose with its line numbers.

use crate::config::{
    problem::{Log, Place},
    raw::{self, Node, Value},
};

/// A split file.
pub(super) struct Document<'t> {
    /// The YAML, if there is any that groups keys.
    pub(super) matter: Option<Node>,
    /// Every other line with its number.
    pub(super) body: Vec<(usize, &'t str)>,
}

impl Document<'_> {
    /// Whether there is nothing to read in it.
    pub(super) fn is_blank(&self) -> bool {
        self.matter.is_none() && self.body.iter().all(|(_, line)| line.trim().is_empty())
    }

    /// The prose as one text with `\n` line ends.
    pub(super) fn body_text(&self) -> String {
        let lines: Vec<&str> = self.body.iter().map(|(_, line)| line.trim_end()).collect();
        lines.join("\n").trim().to_owned()
    }
}

/// Splits the text; `None` when its YAML is broken, with a problem in the log.
pub(super) fn split<'t>(text: &'t str, log: &mut Log) -> Option<Document<'t>> {
    let lines: Vec<&str> = text.lines().collect();
    let span = match front_matter(&lines) {
        Front::Between(from, to) => Some((from, to)),
        Front::Unclosed(at) => {
            log.problem(
                Place {
                    line: at + 1,
                    column: 1,
                },
                "the front matter begins here and never ends",
                "write a line `---` after its last key",
            );
            return None;
        }
        Front::None => fenced(&lines),
    };
    let numbered = || {
        lines
            .iter()
            .enumerate()
            .map(|(index, line)| (index + 1, *line))
    };
    let Some((from, to)) = span else {
        return Some(Document {
            matter: None,
            body: numbered().collect(),
        });
    };
    match yaml(&lines, from, to) {
        Ok(matter) => {
            let outside = |number: &usize| *number <= from || *number > to + 1;
            let matter = matter.filter(|node| matches!(node.value, Value::Map(_)));
            let body = if matter.is_some() {
                numbered().filter(|(number, _)| outside(number)).collect()
            } else {
                numbered().collect()
            };
            Some(Document { matter, body })
        }
        Err(fault) => {
            log.problem(fault.at, fault.message, fault.hint);
            None
        }
    }
}

/// Parses the lines strictly between two indices. The lines before are blanked, so that places are right.
fn yaml(lines: &[&str], from: usize, to: usize) -> Result<Option<Node>, raw::Fault> {
    let mut source = "\n".repeat(from + 1);
    for line in lines.get(from + 1..to).unwrap_or_default() {
        source.push_str(line);
        source.push('\n');
    }
    raw::parse(&source)
}

enum Front {
    /// Between these two line indices.
    Between(usize, usize),
    /// Opened at this index and never closed.
    Unclosed(usize),
    None,
}

/// Front matter opens with the first line that is not blank. A rule above prose looks alike, so what
/// follows must look like a key.
fn front_matter(lines: &[&str]) -> Front {
    let Some(open) = lines.iter().position(|line| !line.trim().is_empty()) else {
        return Front::None;
    };
    if lines.get(open).is_none_or(|line| line.trim_end() != "---")
        || !begins_with_key(lines, open + 1)
    {
        return Front::None;
    }
    let close = lines
        .iter()
        .enumerate()
        .skip(open + 1)
        .find(|(_, line)| matches!(line.trim_end(), "---" | "..."));
    match close {
        Some((close, _)) => Front::Between(open, close),
        None => Front::Unclosed(open),
    }
}

/// The first fenced block of YAML that begins like a persona.
fn fenced(lines: &[&str]) -> Option<(usize, usize)> {
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        if let Some(info) = fence(line) {
            let close = lines
                .iter()
                .enumerate()
                .skip(index + 1)
                .find(|(_, line)| fence(line) == Some(""))
                .map(|(at, _)| at)?;
            let marked = matches!(info.to_lowercase().as_str(), "yaml" | "yml");
            let opened = lines
                .get(index + 1)
                .is_some_and(|line| line.trim() == "---");
            if (marked || (info.is_empty() && opened))
                && speaks_of_a_persona(lines.get(index + 1..close).unwrap_or_default())
            {
                return Some((index, close));
            }
            index = close;
        }
        index += 1;
    }
    None
}

/// What stands behind the marks of a fence.
pub(super) fn fence(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line
        .strip_prefix("```")
        .or_else(|| line.strip_prefix("~~~"))?;
    Some(rest.trim_matches(['`', '~', ' ']))
}

fn speaks_of_a_persona(lines: &[&str]) -> bool {
    const SIGNS: [&str; 6] = [
        "id",
        "agent_id",
        "name",
        "persona",
        "voice_traits",
        "directives",
    ];
    lines.iter().any(|line| {
        line.split_once(':')
            .is_some_and(|(key, _)| SIGNS.contains(&key.trim_end()))
    })
}

fn begins_with_key(lines: &[&str], from: usize) -> bool {
    let first = lines
        .iter()
        .skip(from)
        .map(|line| line.trim())
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let Some((key, value)) = first.and_then(|line| line.split_once(':')) else {
        return false;
    };
    let key = key.trim_matches(['"', '\'', ' ']);
    let named = !key.is_empty()
        && key.chars().count() <= 40
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    named && (value.is_empty() || value.starts_with([' ', '\t']))
}
