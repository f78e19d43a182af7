//! Why a database could not be opened: what may stand in the way, by kind.

use std::io;

use rusqlite::ErrorCode;

/// Why a database could not be opened. Each kind asks something else of the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not a database of this program, or one whose pages are damaged.
    #[error("{file} is not a sound Chimera database: {why}")]
    NotADatabase {
        /// The file.
        file: String,
        /// What was found.
        why: String,
    },
    /// Written by a newer program.
    #[error(
        "{file} has schema {found}, and this program knows schemas up to {known}: use a newer program"
    )]
    NewerSchema {
        /// The file.
        file: String,
        /// The schema in the file.
        found: u32,
        /// The newest schema this program knows.
        known: u32,
    },
    /// Another process keeps it locked.
    #[error("{file} is locked by another process: {why}")]
    Locked {
        /// The file.
        file: String,
        /// What was tried.
        why: String,
    },
    /// The disk is full.
    #[error("no space left to open {file}: {why}")]
    NoSpace {
        /// The file.
        file: String,
        /// What was tried.
        why: String,
    },
    /// It may not be read or written.
    #[error("no permission to read and write {file}: {why}")]
    Permission {
        /// The file.
        file: String,
        /// What was refused.
        why: String,
    },
    /// Something else of the machine.
    #[error("{file} cannot be opened: {why}")]
    Io {
        /// The file.
        file: String,
        /// What was refused.
        why: String,
    },
}

impl OpenError {
    pub(crate) fn of_sql(file: &str, error: &rusqlite::Error) -> Self {
        let (file, why) = (file.to_owned(), error.to_string());
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::NotADatabase { file, why }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { file, why },
            Some(ErrorCode::DiskFull) => Self::NoSpace { file, why },
            Some(
                ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::AuthorizationForStatementDenied,
            ) => Self::Permission { file, why },
            _ => Self::Io { file, why },
        }
    }

    pub(crate) fn of_io(file: &str, error: &io::Error) -> Self {
        let (file, why) = (file.to_owned(), error.to_string());
        if error.kind() == io::ErrorKind::PermissionDenied {
            Self::Permission { file, why }
        } else if error.kind() == io::ErrorKind::StorageFull {
            Self::NoSpace { file, why }
        } else {
            Self::Io { file, why }
        }
    }
}
