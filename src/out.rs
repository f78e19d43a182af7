//! What commands print: the one place that writes to standard output and error.
//!
//! Text from outside has been made safe before it comes here; errors are made safe here.

use std::io::{self, Write};

use chimera_domain::Safe;

use crate::fault::Fault;

/// Prints a line. A reader that went away (`| head`) is no failure.
pub fn line(text: impl AsRef<str>) {
    let _ = writeln!(io::stdout().lock(), "{}", text.as_ref());
}

/// Prints a value as one line of JSON.
pub fn json(value: &serde_json::Value) {
    line(value.to_string());
}

/// Prints to standard error, for what a person should know but a script should not read.
pub fn note(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr().lock(), "{}", Safe::block(text.as_ref()));
}

/// Says why a command failed.
pub fn complain(fault: &Fault) {
    note(format!("chimera: {fault}"));
}

/// Prints raw bytes, for completions.
pub fn raw(bytes: &[u8]) {
    let _ = io::stdout().lock().write_all(bytes);
}
