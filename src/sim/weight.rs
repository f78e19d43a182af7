//! What a long simulation weighs on a real disk: the process, the database and its log.

use std::{fs, path::Path, time::Duration};

use chimera_domain::Span;

/// How often it is weighed, in simulated time.
pub(super) const EVERY: Duration = Duration::from_hours(2);

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Weight {
    /// Simulated minutes since the beginning.
    pub minute: u64,
    /// Memory of the whole process in KiB, the simulated world included; none where the system does not say.
    pub rss_kib: Option<u64>,
    /// The database, in bytes.
    pub database_bytes: u64,
    /// Its write-ahead log as it lies on the disk, in bytes: it does not shrink by itself between two cuts, so
    /// nothing between two looks is missed that was not cut again.
    pub log_bytes: u64,
}

pub(super) fn now(database: &Path, elapsed: Span) -> Weight {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    let bytes = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
    Weight {
        minute: elapsed.micros() / Span::from_mins(1).micros(),
        rss_kib: resident(),
        database_bytes: bytes(database),
        log_bytes: bytes(Path::new(&log)),
    }
}

fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
