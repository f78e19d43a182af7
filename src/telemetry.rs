//! Logs: JSON lines in a daily file, and for the daemon on standard output too. Never on the screen.

use std::{io, path::Path};

use tracing_appender::{non_blocking::WorkerGuard, rolling};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Logging;

/// Where logs go besides the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// Nowhere: the terminal belongs to the console.
    None,
    /// Standard output.
    Stdout,
}

/// Flushes what is buffered when it is dropped.
#[must_use = "logging ends when this is dropped"]
#[derive(Debug)]
pub struct Flush(#[allow(dead_code, reason = "held, not read")] [Option<WorkerGuard>; 2]);

/// Starts logging.
///
/// # Errors
/// When the directory cannot be written.
pub fn start(directory: &Path, logging: Logging, echo: Echo) -> io::Result<Flush> {
    std::fs::create_dir_all(directory)?;
    let file = rolling::Builder::new()
        .rotation(rolling::Rotation::DAILY)
        .filename_prefix("chimera")
        .filename_suffix("log")
        .max_log_files(usize::try_from(logging.files_max).unwrap_or(usize::MAX))
        .build(directory)
        .map_err(io::Error::other)?;
    let (writer, file_guard) = tracing_appender::non_blocking(file);
    // A reader of standard output that stops must not stop the swarm: lines are dropped instead.
    let (stdout, stdout_guard) = match echo {
        Echo::None => (None, None),
        Echo::Stdout => {
            let (writer, guard) = tracing_appender::non_blocking(io::stdout());
            (Some(writer), Some(guard))
        }
    };
    let filter = || EnvFilter::new(logging.level.as_str());
    let to_file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(writer)
        .with_filter(filter());
    let to_stdout = stdout.map(|writer| {
        tracing_subscriber::fmt::layer()
            .json()
            .with_writer(writer)
            .with_filter(filter())
    });
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(to_file)
        .with(to_stdout)
        .try_init();
    Ok(Flush([Some(file_guard), stdout_guard]))
}
