//! Opening a database: what it is held against, and the pragmas every connection has.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use chimera_domain::{Ambient, Span, death};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::{
    OpenError, migrate,
    sqlite::{SqliteStore, lookout},
    upgrade,
};

/// Marks a file as ours (`Chim`), so that another program's database is never taken for one.
const APPLICATION_ID: i32 = 0x4368_696d;
/// Files up to this size are checked page by page when they are opened; larger ones as far as the settings'
/// time reaches, and in full on demand ([`SqliteStore::integrity_check`]).
const CHECK_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// After how many steps of SQLite's machine a check looks at the clock.
const STEPS_PER_LOOK: i32 = 100;

/// A page of the file, as SQLite makes it.
const PAGE_BYTES: u64 = 4_096;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file on a local disk.
    File(PathBuf),
    /// In memory, for tests: gone with the store.
    Memory,
}

/// How the store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where the database is.
    pub place: Place,
    /// How many connections read. In memory the writer reads too.
    pub readers: usize,
    /// How long a write waits for another process before it is `Unavailable`.
    pub busy: Span,
    /// The most verbs one commit carries.
    pub batch_max: usize,
    /// Beyond this the write-ahead log is folded back into the file and cut, at the latest 128 commits later
    /// however many short reads follow each other; a read that goes on keeps it from being cut.
    pub wal_bytes_max: u64,
    /// A read that takes longer is ended and `Unavailable`: as long as it goes on the log cannot be cut.
    pub read_max: Span,
    /// How long a file beyond 8 MiB is checked when it is opened; one that is not through by then is taken for
    /// sound. `ZERO` leaves it to a check on demand.
    pub check_max: Span,
    /// How often other processes' changes are looked for while somebody waits.
    pub poll: Span,
    /// How much of the file each connection may map, and how much it may keep of it besides.
    pub memory: Memory,
}

/// What a connection may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Bytes of the file that are mapped.
    pub mapped: u64,
    /// KiB of pages that are kept.
    pub kept_kib: u32,
}

impl Memory {
    /// For a process that does all the work.
    pub const WORKS: Self = Self {
        mapped: 256 * 1024 * 1024,
        kept_kib: 16 * 1024,
    };
    /// For one that looks on: what another process has read is in the system's cache already.
    pub const LOOKS_ON: Self = Self {
        mapped: 0,
        kept_kib: 2 * 1024,
    };
    /// For one row.
    const ONE_ROW: Self = Self {
        mapped: 0,
        kept_kib: 64,
    };
}

impl Settings {
    /// A database in a file, with the limits that were measured to serve well.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            place: Place::File(path.into()),
            readers: 2,
            busy: Span::from_secs(5),
            batch_max: 256,
            wal_bytes_max: 16 * 1024 * 1024,
            read_max: Span::from_secs(10),
            check_max: Span::ZERO,
            poll: Span::from_millis(400),
            memory: Memory::WORKS,
        }
    }

    /// A database in memory, for tests.
    #[must_use]
    pub fn memory() -> Self {
        Self {
            place: Place::Memory,
            ..Self::file("")
        }
    }
}

/// Opens the database, brings its schema up to date and starts its threads.
///
/// # Errors
/// By kind; see [`OpenError`]. Nothing is changed in a file that is refused.
pub fn open(settings: Settings, ambient: Ambient) -> Result<Arc<SqliteStore>, OpenError> {
    open_with(settings, ambient, migrate::ALL, Before::Copy)
}

/// What happens before a schema is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// The database is copied: that is the way back.
    Copy,
    /// Nothing: it is a copy itself.
    Nothing,
}

/// As [`open`], by a program that knows these steps.
pub(crate) fn open_with(
    settings: Settings,
    ambient: Ambient,
    all: &[migrate::Migration],
    before: Before,
) -> Result<Arc<SqliteStore>, OpenError> {
    let mut writer = match &settings.place {
        Place::File(path) => open_file(path, &settings, &ambient, all)?,
        Place::Memory => {
            Connection::open_in_memory().map_err(|e| OpenError::of_sql(":memory:", &e))?
        }
    };
    let file = name_of(&settings.place);
    let sql = |e: rusqlite::Error| OpenError::of_sql(&file, &e);
    if is_ready(&writer, all).map_err(sql)? {
        set_up(&writer, &settings).map_err(sql)?;
    } else {
        check_owner(&writer, &file)?;
        set_up(&writer, &settings).map_err(sql)?;
        if let (Place::File(path), Before::Copy) = (&settings.place, before) {
            upgrade::prepare(&writer, path, all, &ambient)?;
        }
        migrate::run(&mut writer, all, &ambient, &file)?;
        // Only when it is new: on a full disk a database can still be read.
        if application_id(&writer).map_err(sql)? != APPLICATION_ID {
            writer
                .pragma_update(None, "application_id", APPLICATION_ID)
                .map_err(sql)?;
        }
    }

    let mut readers = Vec::new();
    let mut lookout: Option<lookout::Open> = None;
    if let Place::File(path) = &settings.place {
        for _ in 0..settings.readers.max(1) {
            readers.push(open_reader(path, &settings).map_err(sql)?);
        }
        let path = path.clone();
        let settings = Settings {
            memory: Memory::ONE_ROW,
            ..settings.clone()
        };
        lookout = Some(Box::new(move || open_reader(&path, &settings)));
    }
    SqliteStore::start(settings, ambient, writer, readers, lookout)
        .map_err(|e| OpenError::of_io(&file, &e))
}

/// One more connection to a database that is set up; it writes nothing.
fn open_reader(path: &Path, settings: &Settings) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    set_up(&reader, settings)?;
    reader.pragma_update(None, "query_only", true)?;
    Ok(reader)
}

fn name_of(place: &Place) -> String {
    match place {
        Place::File(path) => path.display().to_string(),
        Place::Memory => ":memory:".to_owned(),
    }
}

fn open_file(
    path: &Path,
    settings: &Settings,
    ambient: &Ambient,
    all: &[migrate::Migration],
) -> Result<Connection, OpenError> {
    let file = path.display().to_string();
    let io = |e: io::Error| OpenError::of_io(&file, &e);
    refuse_orphan_log(path)?;
    if !path.try_exists().map_err(io)? {
        create(path, settings, ambient, all)?;
    }
    let found = std::fs::metadata(path).map_err(io)?;
    if !found.is_file() {
        return Err(io(io::Error::other("it is not a file")));
    }
    let size = found.len();
    if size == 0 {
        // Never made by us: a new one has its schema before it has its name.
        let why =
            "it is empty, something cut it; put a copy back, or remove it to start anew".into();
        return Err(OpenError::NotADatabase { file, why });
    }
    let mut db = connect(path, settings, &file)?;
    let ends = if size <= CHECK_BYTES_MAX {
        None
    } else if settings.check_max == Span::ZERO {
        return Ok(db);
    } else {
        Instant::now().checked_add(settings.check_max.to_std())
    };
    match quick_check(&mut db, ends).map_err(|e| OpenError::of_sql(&file, &e))? {
        Some(found) if found != "ok" => Err(OpenError::NotADatabase { file, why: found }),
        Some(_) => Ok(db),
        None => {
            tracing::info!(
                file,
                size,
                "too large to be checked at the start; `chimera store verify` checks all of it"
            );
            Ok(db)
        }
    }
}

/// What is first found wrong, or `ok`; nothing when the time came before either.
fn quick_check(db: &mut Connection, ends: Option<Instant>) -> rusqlite::Result<Option<String>> {
    if let Some(ends) = ends {
        db.progress_handler(STEPS_PER_LOOK, Some(move || Instant::now() >= ends))?;
    }
    let found = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    db.progress_handler(0, None::<fn() -> bool>)?;
    match found {
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(None),
        found => found.map(Some),
    }
}

fn connect(path: &Path, settings: &Settings, file: &str) -> Result<Connection, OpenError> {
    let sql = |e: rusqlite::Error| OpenError::of_sql(file, &e);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(sql)?;
    db.busy_timeout(settings.busy.to_std()).map_err(sql)?;
    // The first real read: this is where a file of something else shows itself.
    db.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0))
        .map_err(sql)?;
    Ok(db)
}

/// Makes a database under another name and gives it its own when it is whole: a crash leaves either
/// nothing or all of it. Of two processes that make it at once one wins, and both use that one.
fn create(
    path: &Path,
    settings: &Settings,
    ambient: &Ambient,
    all: &[migrate::Migration],
) -> Result<(), OpenError> {
    let file = path.display().to_string();
    let io = |e: io::Error| OpenError::of_io(&file, &e);
    let draft = draft_of(path);
    create_private(&draft).map_err(io)?;
    let made = connect(&draft, settings, &file).and_then(|mut db| {
        migrate::run(&mut db, all, ambient, &file)?;
        drop(db);
        death::at("create", "before-name");
        give_name(&draft, path).map(drop).map_err(io)?;
        death::at("create", "after-name");
        Ok(())
    });
    // Nothing depends on the draft; that it could not be removed changes nothing about what is told.
    let _ = discard(&draft);
    made
}

/// Where a file is made before it has its name.
pub(crate) fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

/// Gives a whole file its name, unless something has it; whether it got it. Never replaces anything.
pub(crate) fn give_name(draft: &Path, path: &Path) -> io::Result<bool> {
    match std::fs::hard_link(draft, path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
        linked => linked?,
    }
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(true)
}

/// Removes a database that nobody uses, and the logs beside it: SQLite would replay a log that was left behind
/// into whatever gets the name next. That there is none is fine.
///
/// # Errors
/// When something is there and cannot be removed.
pub fn discard(path: &Path) -> io::Result<()> {
    // The file last: a log without its file is the worse thing to leave behind when this is cut short.
    for ending in ["-shm", "-wal", "-journal", ""] {
        match std::fs::remove_file(beside(path, ending)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// A log at a place where there is no database: whatever is put there would be mixed with what the log holds.
pub(crate) fn refuse_orphan_log(path: &Path) -> Result<(), OpenError> {
    let file = path.display().to_string();
    for ending in ["-wal", "-journal"] {
        let log = beside(path, ending);
        // The log first: another process that makes the database makes its log after it.
        let orphan = log
            .try_exists()
            .and_then(|log| Ok(log && !path.try_exists()?))
            .map_err(|e| OpenError::of_io(&file, &e))?;
        if orphan {
            let why = format!(
                "it is gone, but its log {} is there: put the database back beside its log, or remove the log too",
                log.display()
            );
            return Err(OpenError::NotADatabase { file, why });
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Other accounts of the machine have no business in it: it holds drafts, decisions and money.
/// SQLite gives its side files the mode of the main one.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    // A dead process may have left one under this name that is another name of a whole database by now: it is
    // never written to, only its name is taken.
    discard(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn application_id(db: &Connection) -> rusqlite::Result<i32> {
    db.query_row("PRAGMA application_id", [], |row| row.get(0))
}

/// Whether its header says that it is ours and lacks nothing: then a start need not wait for whoever writes to it.
fn is_ready(db: &Connection, all: &[migrate::Migration]) -> rusqlite::Result<bool> {
    Ok(application_id(db)? == APPLICATION_ID && migrate::mark(db)? == migrate::mark_of(all))
}

fn check_owner(db: &Connection, file: &str) -> Result<(), OpenError> {
    let sql = |e: rusqlite::Error| OpenError::of_sql(file, &e);
    let id = application_id(db).map_err(sql)?;
    let tables: i64 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sql)?;
    let ours: bool = tables == 0
        || id == APPLICATION_ID
        || db
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migrations')",
                [],
                |row| row.get(0),
            )
            .map_err(sql)?;
    if ours {
        Ok(())
    } else {
        Err(OpenError::NotADatabase {
            file: file.to_owned(),
            why: "it is a SQLite database of another program".to_owned(),
        })
    }
}

fn set_up(db: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::from_micros(settings.busy.micros()))?;
    if matches!(settings.place, Place::File(_)) {
        // FULL and not NORMAL: a decision or a reservation that was answered survives a power cut.
        db.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        let mapped = i64::try_from(settings.memory.mapped).unwrap_or(0);
        db.pragma_update(None, "mmap_size", mapped)?;
        // Folding the log back costs two syncs; half its bound is often enough.
        let pages = settings.wal_bytes_max / PAGE_BYTES / 2;
        db.pragma_update(
            None,
            "wal_autocheckpoint",
            i64::try_from(pages).unwrap_or(1_000),
        )?;
        let limit = i64::try_from(settings.wal_bytes_max).unwrap_or(i64::MAX);
        db.query_row(&format!("PRAGMA journal_size_limit = {limit}"), [], |_| {
            Ok(())
        })?;
    }
    // Plans do not depend on bound values: otherwise SQLite compiles a statement anew at every new value.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    // Without it INSERT OR REPLACE walks past the delete triggers of append-only tables.
    db.pragma_update(None, "recursive_triggers", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -i64::from(settings.memory.kept_kib))?;
    db.set_prepared_statement_cache_capacity(512);
    Ok(())
}
