//! What is wrong in a configuration file, where, and what to do about it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use chimera_domain::Safe;

/// A quotation from a file is shown up to this many columns.
const QUOTE_COLUMNS: usize = 60;

/// One thing in one file that is wrong, or that the operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, or `environment`.
    pub file: PathBuf,
    /// Line, from 1; 0 when it is about the whole file.
    pub line: usize,
    /// Column in characters, from 1; 0 when it is about the whole line or file.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl fmt::Display for Problem {
    /// `budget.yaml:7:18: message` and the hint on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for part in [self.line, self.column] {
            if part > 0 {
                write!(f, ":{part}")?;
            }
        }
        write!(f, ": {}", self.message)?;
        if self.hint.is_empty() {
            Ok(())
        } else {
            write!(f, "\n  help: {}", self.hint)
        }
    }
}

/// The configuration cannot be used; the one before stays in force. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Everything that is wrong, file by file in the order of lines.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    pub(super) fn one(
        file: impl Into<PathBuf>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            problems: vec![Problem {
                file: file.into(),
                line: 0,
                column: 0,
                message: message.into(),
                hint: hint.into(),
            }],
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// A place in a file, both counted from 1; zeros mean the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Place {
    /// The whole file.
    pub(super) const FILE: Self = Self { line: 0, column: 0 };

    /// A whole line.
    pub(super) const fn line(line: usize) -> Self {
        Self { line, column: 0 }
    }
}

/// Collects what is found in one file, so that all of it is told at once.
#[derive(Debug)]
pub(super) struct Log {
    file: PathBuf,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Problem>,
}

impl Log {
    pub(super) fn new(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            problems: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Something that makes the file unusable.
    pub(super) fn problem(
        &mut self,
        at: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let problem = self.entry(at, message.into(), hint.into());
        self.problems.push(problem);
    }

    /// Something worth knowing that stops nothing.
    pub(super) fn notice(
        &mut self,
        at: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let notice = self.entry(at, message.into(), hint.into());
        self.notices.push(notice);
    }

    fn entry(&self, at: Place, message: String, hint: String) -> Problem {
        Problem {
            file: self.file.clone(),
            line: at.line,
            column: at.column,
            message,
            hint,
        }
    }

    /// Both lists in the order of lines.
    pub(super) fn sorted(mut self) -> Self {
        self.problems.sort_by_key(|p| (p.line, p.column));
        self.notices.sort_by_key(|p| (p.line, p.column));
        self
    }
}

/// Text from a file as it may stand in a message: on one line, short, and unable to steer a terminal.
pub(super) fn quote(text: &str) -> String {
    format!("`{}`", Safe::line(text).cut(QUOTE_COLUMNS))
}

/// What went wrong with a value, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) hint: String,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// The known word a person most likely meant, if one is near.
pub(super) fn nearest<'w>(
    given: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let given = given.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .map(|word| (distance(&given, word), word))
        .filter(|(far, word)| *far <= 1 + word.chars().count() / 5)
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein distance; long words are far from everything.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(65).collect(), b.chars().collect());
    if a.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(usize::MAX);
            let cost = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(above.saturating_add(1));
            diagonal = above;
            if let Some(slot) = row.get_mut(j) {
                *slot = left;
            }
            left = cost;
        }
        if let Some(slot) = row.last_mut() {
            *slot = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R151: a slip of the finger is answered with the word that was meant, anything else with nothing.
    #[test]
    fn r151_the_nearest_word_is_found_only_when_near() {
        let known = ["agent_day_usd", "campaign_usd", "sla"];
        assert_eq!(nearest("agent_day_us", known), Some("agent_day_usd"));
        assert_eq!(nearest("agent-day-usd", known), Some("agent_day_usd"));
        assert_eq!(nearest("als", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(
            (
                distance("kitten", "sitting"),
                distance("", "abc"),
                distance("abc", "")
            ),
            (3, 3, 3)
        );
    }

    // R138: what a file says cannot steer the terminal through a message about it.
    #[test]
    fn r138_quotations_are_safe_and_short() {
        assert_eq!(quote("a\u{1b}[31m\nb"), "`a␛[31m⏎b`");
        assert!(quote(&"x".repeat(1_000)).chars().count() <= QUOTE_COLUMNS + 2);
    }
}
