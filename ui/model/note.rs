//! The hand-over note on screen: what was made for it, and the lines a person adds.

use chimera_domain::{Safe, Timestamp};
use serde::{Deserialize, Serialize};

/// More lines are a letter.
const LINES_MAX: usize = 20;
/// A remembered note of more characters is not one of ours.
const CHARS_MAX: usize = 20_000;

/// A note.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Note {
    /// `None` while it is read.
    pub(crate) made: Option<Safe>,
    pub(crate) lines: Vec<Safe>,
    /// Who left it, where it was found at the start.
    pub(crate) from: Option<Safe>,
}

/// A note that was left for whoever comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Left {
    pub(crate) by: String,
    /// When, in microseconds.
    pub(crate) at: i64,
    pub(crate) text: String,
}

impl Note {
    /// Adds a line; `false` when there are as many as can be.
    pub(crate) fn add(&mut self, line: &str) -> bool {
        let room = self.lines.len() < LINES_MAX;
        if room {
            self.lines.push(Safe::line(line));
        }
        room
    }

    /// All of it, as it is copied, written and left.
    pub(crate) fn whole(&self, actor: &str) -> Safe {
        let mut text = self.made.as_ref().map_or_else(String::new, Safe::to_string);
        for (i, line) in self.lines.iter().enumerate() {
            let label = if i == 0 { "noted" } else { "" };
            text.push_str(&format!("\n{label:<10} {line}"));
        }
        if !self.lines.is_empty() {
            text.push_str(&format!("\n{:<10} {actor}", "by"));
        }
        Safe::block(&text)
    }
}

impl Left {
    pub(crate) fn new(by: &str, at: Timestamp, text: &Safe) -> Self {
        Self {
            by: by.to_owned(),
            at: at.micros(),
            text: text.to_string(),
        }
    }

    /// The note for this person: nothing where it is their own. What a file says is text from outside.
    pub(crate) fn for_person(&self, actor: &str) -> Option<Note> {
        let text: String = self.text.chars().take(CHARS_MAX).collect();
        (self.by != actor).then(|| Note {
            made: Some(Safe::block(&text)),
            lines: Vec::new(),
            from: Some(Safe::line(&self.by)),
        })
    }
}
