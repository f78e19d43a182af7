//! What commands print: the one place that writes to standard output and error.
//!
//! Text from outside has been made safe before it comes here; errors are made safe here.

use std::{
    io::{self, ErrorKind, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use chimera_domain::{Safe, text};

use crate::fault::Fault;

/// Whether something that was printed did not arrive.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints a line. A reader that went away (`| head`) is no failure; a full disk is, see [`lost`].
pub fn line(text: impl AsRef<str>) {
    note_loss(writeln!(io::stdout().lock(), "{}", text.as_ref()));
}

fn note_loss(written: io::Result<()>) {
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether anything printed so far could not be written: the command must not end as if it had been.
pub fn lost() -> bool {
    note_loss(io::stdout().flush());
    LOST.load(Ordering::Relaxed)
}

/// Prints a value as one line of JSON: exactly it, in characters that no terminal obeys.
pub fn json(value: &serde_json::Value) {
    line(text::json(&value.to_string()));
}

/// Prints to standard error, for what a person should know but a script should not read.
pub fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", Safe::block(text.as_ref()));
}

/// Says why a command failed.
pub fn complain(fault: &Fault) {
    note(format!("chimera: {fault}"));
}

/// Says why the program broke. The words of a panic may hold what came from outside.
pub fn panicked(info: &std::panic::PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed").to_owned();
    note(format!("thread '{name}' {info}"));
    let trace = std::backtrace::Backtrace::capture();
    if trace.status() == std::backtrace::BacktraceStatus::Captured {
        note(trace.to_string());
    }
}

/// Prints raw bytes, for completions.
pub fn raw(bytes: &[u8]) {
    note_loss(io::stdout().lock().write_all(bytes));
}
