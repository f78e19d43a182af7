//! `store:` of `chimera.yaml`: how long is kept what became nothing.

use chimera_domain::{Span, retention::Retention};

use super::{
    problem::{Log, Wrong},
    section::Section,
    values,
};

/// The shortest time: what is younger may still be looked for by whoever was away.
const KEEP_MIN: Span = Span::from_hours(24);

/// What a deployer says of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Storage {
    /// How long what became nothing is kept.
    pub keep: Retention,
}

pub(super) fn read(mut section: Section<'_>, log: &mut Log) -> Storage {
    let usual = Retention::default();
    let mut keep = |key, usual| section.value(key, log, kept_for).unwrap_or(usual);
    let storage = Storage {
        keep: Retention {
            signals: keep("keep_signals", usual.signals),
            media: keep("keep_media", usual.media),
            alerts: keep("keep_alerts", usual.alerts),
            samples: keep("keep_samples", usual.samples),
        },
    };
    section.finish(log);
    storage
}

/// A length of time of at least a day, or `forever`.
pub(super) fn kept_for(text: &str) -> Result<Option<Span>, Wrong> {
    if text == "forever" {
        Ok(None)
    } else {
        values::span_from(KEEP_MIN)(text).map(Some)
    }
}

/// A length of time as `--older-than` takes it; what is wrong with it, in a sentence.
///
/// # Errors
/// When it is no length of time, or shorter than a day.
pub fn older_than(text: &str) -> Result<Span, String> {
    values::span_from(KEEP_MIN)(text).map_err(|wrong| format!("{}; {}", wrong.message, wrong.hint))
}
