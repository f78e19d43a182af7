//! `chimera eval`: how good the built-in methods are on labelled lines of your own.
//!
//! It reads files, asks [`chimera_minds`], and prints; nothing is stored. `labelled.rs` reads the lines,
//! `table.rs` prints what every verb prints, and each verb has a file that says which columns it wants.

mod clusters;
mod confidence;
mod flags;
mod labelled;
mod relevance;
mod sensitive;
mod sentiment;
mod table;
mod writing;

use std::path::{Path, PathBuf};

use chimera_domain::persona::Persona;

use crate::{
    cli::EvalCommand,
    config::{ConfigError, Home, given},
    fault::{Fault, chain},
};

/// Where the personas of the project's own measurements are.
const PERSONAS: &str = "tests/evals/personas";

/// Measures.
///
/// # Errors
/// `Usage` for a file that cannot be read as described, with the line.
pub fn run(verb: &EvalCommand, home: Option<&Path>, json: bool) -> Result<(), Fault> {
    match verb {
        EvalCommand::Relevance(args) => relevance::run(args, home, json),
        EvalCommand::Sensitive(args) => sensitive::run(args, json),
        EvalCommand::Injection(args) => flags::run(&flags::INJECTION, args, json),
        EvalCommand::Disclosure(args) => flags::run(&flags::DISCLOSURE, args, json),
        EvalCommand::Confidence(args) => confidence::run(args, home, json),
        EvalCommand::Clusters(args) => clusters::run(args, json),
        EvalCommand::Sentiment(args) => sentiment::run(args, json),
        EvalCommand::Writing(args) => writing::run(args, home, json),
    }
}

/// The personas of a directory, and which one it is.
fn personas(given: Option<&Path>, home: Option<&Path>) -> Result<(PathBuf, Vec<Persona>), Fault> {
    let usage = |error: ConfigError| Fault::Usage(chain(&error));
    let own = Path::new(PERSONAS);
    let from = match given {
        Some(given) => given.to_owned(),
        None if own.is_dir() => own.to_owned(),
        None => Home::resolve(home).map_err(usage)?.personas_dir(),
    };
    let personas = given::personas(&from).map_err(usage)?;
    Ok((from, personas))
}

fn cannot_write(file: &str, error: &std::io::Error) -> Fault {
    Fault::failed(&format!("cannot write {file}"), error)
}
