//! Before a schema is brought up to date: a copy as the way back, and a rehearsal of the whole on a copy.
//!
//! Nothing goes backwards inside a database. The way back is the copy and the program that knows its schema.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use chimera_domain::Ambient;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::{
    OpenError, Settings, SqliteStore, back_up,
    migrate::{self, Migration},
    open::{Before, open_with},
};

/// The schema of a database, and what this program would make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What it has.
    pub has: u32,
    /// What it lacks, by number and name.
    pub missing: Vec<(u32, &'static str)>,
}

/// A migration that was rehearsed on a copy.
#[derive(Debug)]
pub struct Rehearsal {
    /// The schema before, and the steps that were made.
    pub schema: Schema,
    /// How long the steps took.
    pub took: Duration,
    /// The migrated copy, open.
    pub store: Arc<SqliteStore>,
}

/// The schema of the database at `path`, which is only read.
///
/// # Errors
/// By kind; see [`OpenError`].
pub fn schema(path: &Path) -> Result<Schema, OpenError> {
    let sql = |e: rusqlite::Error| OpenError::of_sql(&path.display().to_string(), &e);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(sql)?;
    describe(&db, migrate::ALL).map_err(sql)
}

fn describe(db: &Connection, all: &[Migration]) -> rusqlite::Result<Schema> {
    let (has, missing) = migrate::missing(db, all)?;
    Ok(Schema {
        has,
        missing: missing
            .iter()
            .map(|step| (step.number, step.name))
            .collect(),
    })
}

/// Copies the database at `path` to `copy`, which must not exist, and migrates the copy. The database
/// itself is only read.
///
/// # Errors
/// What would stand in the way of the real migration; see [`OpenError`].
pub fn rehearse(path: &Path, copy: &Path, ambient: Ambient) -> Result<Rehearsal, OpenError> {
    rehearse_with(path, copy, ambient, migrate::ALL)
}

pub(crate) fn rehearse_with(
    path: &Path,
    copy: &Path,
    ambient: Ambient,
    all: &[Migration],
) -> Result<Rehearsal, OpenError> {
    back_up(path, copy)?;
    let sql = |e: rusqlite::Error| OpenError::of_sql(&copy.display().to_string(), &e);
    let schema = Connection::open(copy)
        .and_then(|db| describe(&db, all))
        .map_err(sql)?;
    let begun = Instant::now();
    let store = open_with(Settings::file(copy), ambient, all, Before::Nothing)?;
    Ok(Rehearsal {
        schema,
        took: begun.elapsed(),
        store,
    })
}

/// Copies a database that is about to be migrated, and checks the copy: that is the way back. Refused while a
/// swarm runs on it: an older program would go on with a schema it does not know.
pub(crate) fn prepare(
    db: &Connection,
    path: &Path,
    all: &[Migration],
    ambient: &Ambient,
) -> Result<Option<PathBuf>, OpenError> {
    let file = path.display().to_string();
    let sql = |e: rusqlite::Error| OpenError::of_sql(&file, &e);
    let (has, missing) = migrate::missing(db, all).map_err(sql)?;
    let Some(newest) = missing.last().filter(|_| has > 0) else {
        return Ok(None);
    };
    let runs: Option<String> = db
        .query_row(
            "SELECT holder FROM leases WHERE holder IS NOT NULL AND until > ?1",
            [ambient.now().micros()],
            |row| row.get(0),
        )
        .optional()
        .map_err(sql)?;
    if let Some(holder) = runs {
        return Err(OpenError::Locked {
            file,
            why: format!(
                "it has schema {has}, and {holder} runs on it; stop that before a newer program migrates it"
            ),
        });
    }
    let copy = way_back(path, has, ambient);
    back_up(path, &copy)?;
    let found: String = Connection::open(&copy)
        .and_then(|db| db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))
        .map_err(|e| OpenError::of_sql(&copy.display().to_string(), &e))?;
    if found != "ok" {
        // Not the way back to anything.
        let _ = fs::remove_file(&copy);
        return Err(OpenError::NotADatabase { file, why: found });
    }
    tracing::info!(from = has, to = newest.number, copy = %copy.display(), "the schema is brought up to date; a copy was made before");
    Ok(Some(copy))
}

/// Where the copy of an older schema is kept: beside the database, never in the place of another one.
fn way_back(path: &Path, has: u32, ambient: &Ambient) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".schema-{has}-{}", ambient.now().micros()));
    PathBuf::from(name)
}
