//! Values that are given on the command line, read as the files read them.

use std::path::Path;

use chimera_domain::{Score, Span, policy::Policy};

use super::{
    budget,
    problem::{ConfigError, Log, Wrong},
    values, yaml,
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
