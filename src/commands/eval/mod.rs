//! `chimera eval`: how good the built-in methods are on labelled lines of your own.
//!
//! It reads files, asks [`chimera_minds`], and prints; nothing is stored. `labelled.rs` reads the lines,
//! `table.rs` prints what every verb prints, and each verb has a file that says which columns it wants.

mod injection;
mod labelled;
mod relevance;
mod sensitive;
mod table;

use std::path::Path;

use crate::{cli::EvalCommand, fault::Fault};

/// Measures.
///
/// # Errors
/// `Usage` for a file that cannot be read as described, with the line.
pub fn run(verb: &EvalCommand, home: Option<&Path>, json: bool) -> Result<(), Fault> {
    match verb {
        EvalCommand::Relevance(args) => relevance::run(args, home, json),
        EvalCommand::Sensitive(args) => sensitive::run(args, json),
        EvalCommand::Injection(args) => injection::run(args, json),
    }
}
