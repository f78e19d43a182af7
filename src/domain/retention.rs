//! Retention: how long what is no longer needed is kept.
//!
//! Only what became nothing ever ends. Audit, ledger, verdicts, decisions, publications and whatever is
//! open have no time here, and so can not be given one.

use crate::clock::Span;

/// How long each kind is kept; `None` keeps it for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Signals that were looked at and left. That they were seen is remembered for ever.
    pub signals: Option<Span>,
    /// The bytes of pictures that no publication and no open plan uses, since the plan's last move: as
    /// long, the decision on it can be looked at in full. Their hashes stay.
    pub media: Option<Span>,
    /// Alerts that are over.
    pub alerts: Option<Span>,
    /// Engagement samples one by one; beyond it the last one of each UTC day stays.
    pub samples: Option<Span>,
}

impl Retention {
    /// Everything for the same time.
    #[must_use]
    pub const fn all(span: Span) -> Self {
        Self {
            signals: Some(span),
            media: Some(span),
            alerts: Some(span),
            samples: Some(span),
        }
    }
}

impl Default for Retention {
    /// A month of what came to nothing, a quarter of what a person may want to look at again.
    fn default() -> Self {
        let days = |days: u64| Some(Span::from_hours(24 * days));
        Self {
            signals: days(30),
            media: days(90),
            alerts: days(90),
            samples: days(30),
        }
    }
}
