//! Lessons: what people's decisions say of a signal's relevance. What is like it is scored accordingly.

use serde_json::json;

use crate::{
    ContentHash,
    ids::{AgentId, SignalId},
    signal::Said,
};

/// What was said of one signal, with the words it is told by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// The signal.
    pub signal: SignalId,
    /// Whether it was for the agent.
    pub said: Said,
    /// Its title.
    pub title: String,
    /// Its summary.
    pub summary: String,
}

/// The lessons of one agent as they stood at one moment, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lessons {
    agent: AgentId,
    upto: i64,
    lines: Vec<Lesson>,
    digest: ContentHash,
}

impl Lessons {
    /// So many of the latest lines are read. Of each signal the last one counts.
    pub const LINES_MAX: u32 = 200;

    /// Those of an agent up to a line.
    #[must_use]
    pub fn new(agent: AgentId, upto: i64, lines: Vec<Lesson>) -> Self {
        let told: Vec<_> = lines
            .iter()
            .map(|line| json!([line.signal, line.said, line.title, line.summary]))
            .collect();
        Self {
            agent,
            upto,
            lines,
            digest: ContentHash::of_json(&json!(told)),
        }
    }

    /// The lessons themselves.
    #[must_use]
    pub fn lines(&self) -> &[Lesson] {
        &self.lines
    }

    /// The last line that was read; a later one is news.
    #[must_use]
    pub const fn upto(&self) -> i64 {
        self.upto
    }

    /// The hash of all that is learned from.
    #[must_use]
    pub const fn digest(&self) -> ContentHash {
        self.digest
    }

    /// How a score that was learned from these names them; `None` where there is nothing to learn from.
    #[must_use]
    pub fn named(&self) -> Option<LessonsBasis> {
        (!self.lines.is_empty()).then_some(LessonsBasis {
            agent: self.agent,
            upto: self.upto,
            digest: self.digest,
        })
    }
}

/// Which lessons a score was learned from: lines are never changed, so that agent and last line say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LessonsBasis {
    /// Whose.
    pub agent: AgentId,
    /// The last line that was read.
    pub upto: i64,
    /// The hash of what was learned from.
    pub digest: ContentHash,
}
