//! Logs: JSON lines in a daily file, and for the daemon on standard output too. Never on the screen.

use std::{io, path::Path};

use tracing_appender::{non_blocking::WorkerGuard, rolling};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Days of logs that are kept.
const FILES_MAX: usize = 14;

/// Where logs go besides the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// Nowhere: the terminal belongs to the console.
    None,
    /// Standard output.
    Stdout,
}

/// Starts logging. The guard flushes what is buffered when it is dropped.
///
/// # Errors
/// When the directory cannot be written.
pub fn start(directory: &Path, filter: &str, echo: Echo) -> io::Result<WorkerGuard> {
    std::fs::create_dir_all(directory)?;
    let file = rolling::Builder::new()
        .rotation(rolling::Rotation::DAILY)
        .filename_prefix("chimera")
        .filename_suffix("log")
        .max_log_files(FILES_MAX)
        .build(directory)
        .map_err(io::Error::other)?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = || EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let to_file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(writer)
        .with_filter(filter());
    let to_stdout = (echo == Echo::Stdout).then(|| {
        tracing_subscriber::fmt::layer()
            .json()
            .with_writer(io::stdout)
            .with_filter(filter())
    });
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(to_file)
        .with(to_stdout)
        .try_init();
    Ok(guard)
}
