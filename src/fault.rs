//! How a command can end badly, and the exit code that says so to a script.

use chimera_domain::{Conflict, StoreError};

/// What is told to the person and, as an exit code, to the script.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Something outside failed: a file, a server, the network. Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// The command line or a configuration file is wrong. Exit code 2, as the argument parser's.
    #[error("{0}")]
    Usage(String),
    /// Somebody else was faster, or runs the swarm. Exit code 3.
    #[error("{0}")]
    Conflict(String),
    /// There is no such thing (any more). Exit code 4.
    #[error("{0}")]
    NotFound(String),
    /// A policy says no. Exit code 5.
    #[error("{0}")]
    Refused(String),
    /// The database cannot be used. Exit code 6.
    #[error("{0}")]
    Database(String),
    /// There is no terminal for the console. Exit code 7.
    #[error("{0}")]
    NoTerminal(String),
    /// A decision that was made again came out differently. Exit code 8.
    #[error("{0}")]
    Differs(String),
}

impl Fault {
    /// The exit code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Conflict(_) => 3,
            Self::NotFound(_) => 4,
            Self::Refused(_) => 5,
            Self::Database(_) => 6,
            Self::NoTerminal(_) => 7,
            Self::Differs(_) => 8,
        }
    }

    /// A failure with its whole chain of causes in one sentence.
    pub fn failed(doing: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Failed(format!("{doing}: {}", chain(error)))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable { .. } | StoreError::Corrupt { .. } => {
                Self::Database(chain(&error))
            }
            StoreError::Refused { .. } => Self::Refused(chain(&error)),
            StoreError::Fenced { .. } => Self::Conflict(chain(&error)),
        }
    }
}

impl From<Conflict> for Fault {
    fn from(conflict: Conflict) -> Self {
        Self::Conflict(conflict.to_string())
    }
}

/// An error and everything behind it, in one line.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
