//! Logs: JSON lines in a daily file, and for the daemon on standard output too. Never on the screen.

use std::{
    io::{self, Write},
    path::Path,
};

use chimera_domain::text;
use tracing_appender::{
    non_blocking::{NonBlockingBuilder, WorkerGuard},
    rolling,
};
use tracing_subscriber::{
    EnvFilter, Layer, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::Logging;

/// So many lines may wait for the disk. Room for all of them is made when the program starts, before its first frame.
const LINES_MAX: usize = 16_384;

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
    let (writer, file_guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(LINES_MAX)
        .finish(file);
    // A reader of standard output that stops must not stop the swarm: lines are dropped instead.
    let (stdout, stdout_guard) = match echo {
        Echo::None => (None, None),
        Echo::Stdout => {
            let (writer, guard) = NonBlockingBuilder::default()
                .buffered_lines_limit(LINES_MAX)
                .finish(io::stdout());
            (Some(writer), Some(guard))
        }
    };
    let filter = || EnvFilter::new(logging.level.as_str());
    let to_file = tracing_subscriber::fmt::layer()
        .json()
        .with_writer(Shown(writer))
        .with_filter(filter());
    let to_stdout = stdout.map(|writer| {
        tracing_subscriber::fmt::layer()
            .json()
            .with_writer(Shown(writer))
            .with_filter(filter())
    });
    // A second start in one process (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(to_file)
        .with(to_stdout)
        .try_init();
    Ok(Flush([Some(file_guard), stdout_guard]))
}

/// Takes whole lines of JSON and lets nothing in them steer the terminal of whoever reads the log.
struct Shown<W>(W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Shown<M> {
    type Writer = Shown<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Shown(self.0.make_writer())
    }
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let shown = text::json(&String::from_utf8_lossy(line));
        self.0.write_all(shown.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Keeps what is written, for the test to read.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // R138: a log line is one line of JSON with the exact words in it, and nothing in it for a terminal to obey.
    #[test]
    fn r138_a_log_line_steers_no_terminal() {
        let evil = "\u{1b}]0;owned\u{7}\u{9b}2J\u{7f}\u{202e}\r\nb\u{2028}";
        let kept = Kept::default();
        let own = kept.clone();
        let writer = Shown(move || own.clone());
        let layer = tracing_subscriber::fmt::layer().json().with_writer(writer);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(error = evil, "it said {evil}");
        });
        let written = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let line = written.strip_suffix('\n').unwrap();
        let steers =
            line.contains(|c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{2028}'));
        assert!(!steers, "{line:?}");
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["fields"]["error"], evil);
    }
}
