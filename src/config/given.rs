//! Values that are given on the command line, read as the files read them.

use std::path::Path;

use chimera_domain::{Score, Span, persona::Persona, policy::Policy};

use super::{
    budget,
    problem::{ConfigError, Log, Wrong},
    read_personas, values, yaml,
};

/// A length of time, as `30m`, `24h` or `30d`.
///
/// # Errors
/// In words, with what to write instead.
pub fn span(text: &str) -> Result<Span, String> {
    values::span(text).map_err(|wrong| said(&wrong))
}

/// A score from 0 to 1.
///
/// # Errors
/// In words, with what to write instead.
pub fn score(text: &str) -> Result<Score, String> {
    values::score(text).map_err(|wrong| said(&wrong))
}

fn said(wrong: &Wrong) -> String {
    format!("{}: {}", wrong.message, wrong.hint)
}

/// Every persona of a folder of `<slug>/SOUL.md`, in order of slug.
///
/// # Errors
/// All that is wrong with any of them, with lines.
pub fn personas(directory: &Path) -> Result<Vec<Persona>, ConfigError> {
    let mut logs = Vec::new();
    let voices = read_personas(directory, |_| true, &mut logs);
    let problems: Vec<_> = logs
        .into_iter()
        .flat_map(|log| log.sorted().problems)
        .collect();
    if problems.is_empty() {
        Ok(voices.personas)
    } else {
        Err(ConfigError { problems })
    }
}

/// The policy of a file in the form of `budget.yaml`, with every price it lists.
///
/// # Errors
/// All that is wrong with it, with lines.
pub fn policy(file: &Path) -> Result<Policy, ConfigError> {
    let mut log = Log::new(file);
    let budget =
        yaml(file, &mut log).and_then(|(node, bytes)| budget::read(&node, &bytes, &mut log));
    match budget {
        Some(budget) if log.problems.is_empty() => Ok(budget.policy),
        Some(_) | None => Err(ConfigError {
            problems: log.sorted().problems,
        }),
    }
}
