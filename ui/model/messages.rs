//! Messages: one line at a time, and a list so that no error is overwritten.

use std::collections::VecDeque;

use chimera_domain::{Safe, Span, Timestamp, views::Severity};

/// How long good news stays.
const INFO_STAYS: Span = Span::from_secs(6);
/// How many are kept.
const KEPT_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) severity: Severity,
    pub(crate) text: Safe,
    pub(crate) at: Timestamp,
    since: Span,
    seen: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Messages {
    kept: VecDeque<Message>,
}

impl Messages {
    pub(crate) fn push(&mut self, severity: Severity, text: &str, at: Timestamp, since: Span) {
        self.kept.push_front(Message {
            severity,
            text: Safe::line(text),
            at,
            since,
            seen: false,
        });
        self.kept.truncate(KEPT_MAX);
    }

    /// Newest first.
    pub(crate) fn all(&self) -> impl ExactSizeIterator<Item = &Message> {
        self.kept.iter()
    }

    /// What the status line shows: the newest that still stands, an error only behind newer ones.
    pub(crate) fn current(&self) -> Option<&Message> {
        self.kept.iter().find(|m| !m.seen)
    }

    pub(crate) fn errors_unseen(&self) -> usize {
        self.kept
            .iter()
            .filter(|m| !m.seen && m.severity == Severity::Error)
            .count()
    }

    /// When the next one goes by itself.
    pub(crate) fn deadline(&self) -> Option<Span> {
        self.kept
            .iter()
            .filter(|m| !m.seen && m.severity == Severity::Info)
            .map(|m| add(m.since, INFO_STAYS))
            .min()
    }

    pub(crate) fn expire(&mut self, now: Span) {
        for m in &mut self.kept {
            m.seen |= m.severity == Severity::Info && now >= add(m.since, INFO_STAYS);
        }
    }

    /// A key was pressed: warnings have been read.
    pub(crate) fn key_pressed(&mut self) {
        for m in &mut self.kept {
            m.seen |= m.severity == Severity::Warning;
        }
    }

    /// The operator dismissed what stands, or opened the list.
    pub(crate) fn see_all(&mut self) {
        for m in &mut self.kept {
            m.seen = true;
        }
    }
}

pub(crate) const fn add(a: Span, b: Span) -> Span {
    Span::from_micros(a.micros().saturating_add(b.micros()))
}
