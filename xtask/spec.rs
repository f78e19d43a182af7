//! The lines of `specs/*.md`: `- **R5** (M) [open] text`.

use std::fmt;

use crate::id::{Id, Kind};

/// How far a line of the specs has come. Set by hand, held to the tests by [`crate::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Every clause holds and a test shows it.
    Done,
    /// Some clauses hold.
    Partial,
    /// Nothing is claimed.
    Open,
}

impl Mark {
    /// Best first.
    pub const ALL: [Self; 3] = [Self::Done, Self::Partial, Self::Open];

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.to_string() == word)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Open => "open",
        })
    }
}

/// One line of the specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub id: Id,
    /// `M`ust, `S`hould or `L`ater; requirements only.
    pub priority: Option<char>,
    /// How far it has come.
    pub mark: Mark,
    /// What it says.
    pub text: String,
    /// The requirements a task was carried into: what follows `→` in its text.
    pub via: Vec<Id>,
    /// `file:line`, for messages.
    pub place: String,
}

/// Reads one spec file. Lines that open like an item and are none are returned as problems.
#[must_use]
pub fn parse(file: &str, text: &str) -> (Vec<Item>, Vec<String>) {
    let mut items = Vec::new();
    let mut problems = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let Some(rest) = line.strip_prefix("- **").filter(|_| !fenced) else {
            continue;
        };
        let place = format!("{file}:{}", index + 1);
        match item(rest, &place) {
            Ok(item) => items.push(item),
            Err(why) => problems.push(format!("{place}: {why}")),
        }
    }
    (items, problems)
}

fn item(rest: &str, place: &str) -> Result<Item, String> {
    let (name, rest) = rest
        .split_once("** ")
        .ok_or("an item is written `- **R5** (M) [open] text`")?;
    let id =
        Id::parse(name).ok_or_else(|| format!("`{name}` is no id (R5, SC-004, OM-002, T086)"))?;
    let (priority, rest) = match rest
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") "))
    {
        Some(("M", rest)) => (Some('M'), rest),
        Some(("S", rest)) => (Some('S'), rest),
        Some(("L", rest)) => (Some('L'), rest),
        Some((other, _)) => {
            return Err(format!(
                "{id} has priority `({other})`; use (M), (S) or (L)"
            ));
        }
        None => (None, rest),
    };
    if priority.is_some() != (id.kind == Kind::Requirement) {
        return Err(format!(
            "{id}: requirements have a priority, other lines have none"
        ));
    }
    let (mark, text) = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "))
        .ok_or_else(|| format!("{id} has no mark; write [open], [partial] or [done]"))?;
    let mark = Mark::parse(mark)
        .ok_or_else(|| format!("{id} is marked `[{mark}]`; use [open], [partial] or [done]"))?;
    let via = text
        .split_once('→')
        .filter(|_| id.kind == Kind::Task)
        .map_or_else(Vec::new, |(_, carried)| Id::all_in(carried));
    Ok(Item {
        id,
        priority,
        mark,
        text: text.trim().to_owned(),
        via,
        place: place.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // A well-formed line gives its parts; prose and fenced examples give nothing.
    #[test]
    fn items_are_read_and_prose_is_not() {
        let text = "# Title\n\nProse about **R1**.\n- **R5** (M) [open] One thing.\n- a list\n```\n- **R6** (M) [open] example\n```\n- **SC-004** [done] Bands.\n- **T045** [partial] Poll. → R28, R41 · `src/mcp`\n";
        let (items, problems) = parse("specs/x.md", text);
        assert_eq!(problems, Vec::<String>::new());
        let told: Vec<String> = items
            .iter()
            .map(|i| {
                format!(
                    "{} {:?} {} {} {:?}",
                    i.id,
                    i.priority,
                    i.mark,
                    i.place,
                    i.via.len()
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "R5 Some('M') open specs/x.md:4 0",
                "SC-004 None done specs/x.md:9 0",
                "T045 None partial specs/x.md:10 2",
            ]
        );
    }

    // A line that means to be an item and is malformed is a problem, never skipped.
    #[test]
    fn malformed_items_are_problems() {
        let check = |line: &str, part: &str| {
            let (items, problems) = parse("s.md", line);
            assert_eq!(items, Vec::new(), "{line}");
            assert_eq!(problems.len(), 1, "{line}");
            assert!(problems[0].contains(part), "{}", problems[0]);
        };
        check("- **R5** (M) text", "no mark");
        check("- **R5** (M) [finished] text", "finished");
        check("- **R5** [open] text", "priority");
        check("- **T001** (M) [open] text", "priority");
        check("- **R5** (X) [open] text", "(X)");
        check("- **R05** (M) [open] text", "no id");
        check("- **Bold**: text", "written");
    }
}
