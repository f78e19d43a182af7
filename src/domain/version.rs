//! Optimistic concurrency: what a versioned write names, and the three ways it can end.

use crate::Timestamp;

/// The version of one row, 1 for a new one. Fits the column it is stored in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct StateVersion(i64);

impl StateVersion {
    /// The version of a row that has just been written for the first time.
    pub const FIRST: Self = Self(1);

    /// Reads a stored version. `None` below 1: such a row is corrupt.
    #[must_use]
    pub const fn new(version: i64) -> Option<Self> {
        if version >= 1 {
            Some(Self(version))
        } else {
            None
        }
    }

    /// The number as the store keeps it.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The version after one more write.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl std::fmt::Display for StateVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}", self.0)
    }
}

/// Why a versioned write did not happen, and who was faster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The version that stands now.
    pub actual: StateVersion,
    /// What stands now, in words an operator understands (`approved`, `paused (its campaign)`).
    pub now: String,
    /// Who made it so, where that is known.
    pub by: Option<String>,
    /// When, where that is known.
    pub at: Option<Timestamp>,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "already {}", self.now)?;
        if let Some(by) = &self.by {
            write!(f, " by {by}")?;
        }
        if let Some(at) = self.at {
            write!(f, " at {}", at.to_rfc3339_seconds())?;
        }
        write!(f, " ({})", self.actual)
    }
}

/// What became of a versioned write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a versioned write may have lost a race"]
pub enum Outcome<T> {
    /// Written; the row is now at this version.
    Done(T, StateVersion),
    /// Somebody else moved the row first. Nothing was written.
    Conflict(Conflict),
    /// There is no such row. Nothing was written.
    NotFound,
}

impl<T> Outcome<T> {
    /// The value of a write that happened.
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(value, _) => Some(value),
            Self::Conflict(_) | Self::NotFound => None,
        }
    }

    /// Whether the write happened.
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done(..))
    }

    /// Changes the value of a write that happened.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Done(value, version) => Outcome::Done(f(value), version),
            Self::Conflict(conflict) => Outcome::Conflict(conflict),
            Self::NotFound => Outcome::NotFound,
        }
    }
}
