//! `store:` of `chimera.yaml`: the room that is kept in reserve, and how long is kept what became nothing.

use chimera_domain::{Span, retention::Retention};

use super::{
    problem::{Log, Wrong},
    section::Section,
    values,
};

/// The shortest time: what is younger may still be looked for by whoever was away.
const KEEP_MIN: Span = Span::from_hours(24);
/// Beyond any disk.
const RESERVE_MB_MAX: u32 = 1_000_000_000;

/// What a deployer says of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storage {
    /// With less room on the disk nothing new is begun or sent.
    pub reserve_bytes: u64,
    /// How long what became nothing is kept.
    pub keep: Retention,
}

impl Default for Storage {
    /// Four logs at their bound: enough for every decision and settlement of what is under way.
    fn default() -> Self {
        Self {
            reserve_bytes: 64 << 20,
            keep: Retention::default(),
        }
    }
}

pub(super) fn read(mut section: Section<'_>, log: &mut Log) -> Storage {
    let Storage {
        reserve_bytes,
        keep: usual,
    } = Storage::default();
    let reserve_bytes = section
        .value("reserve_mb", log, values::whole(0, RESERVE_MB_MAX))
        .map_or(reserve_bytes, |mb| u64::from(mb) << 20);
    let mut keep = |key, usual| section.value(key, log, kept_for).unwrap_or(usual);
    let storage = Storage {
        reserve_bytes,
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
