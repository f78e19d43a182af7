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
    /// Memory the process took for itself in KiB, the simulated world included: about 2 KiB for each post it
    /// remembers. None where the system does not say.
    pub own_kib: Option<u64>,
    /// Pages of files that are mapped in, in KiB: the program and the database. The system takes them back
    /// when it needs them.
    pub mapped_kib: Option<u64>,
    /// The database, in bytes.
    pub database_bytes: u64,
    /// Its write-ahead log as it lies on the disk, in bytes. It grows in place and is cut back only after it
    /// passed its bound, so what is seen at a look stands for the time since the last cut.
    pub log_bytes: u64,
}

pub(super) fn now(database: &Path, elapsed: Span) -> Weight {
    Weight {
        minute: elapsed.micros() / Span::from_mins(1).micros(),
        own_kib: resident("RssAnon:"),
        mapped_kib: resident("RssFile:"),
        database_bytes: fs::metadata(database).map_or(0, |found| found.len()),
        log_bytes: chimera_store::Log::of(database).bytes(),
    }
}

/// One line of what the system says of this process.
fn resident(part: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix(part))?;
    line.split_whitespace().next()?.parse().ok()
}
