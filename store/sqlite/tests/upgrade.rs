//! A program with a newer schema, and the way back from it.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use chimera_domain::{
    Span,
    ports::{DeskStore, LeaseRequest, RuntimeStore},
    testing::ambient,
    views::{PageRequest, Severity},
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    OpenError, Settings, SqliteStore,
    migrate::{ALL, Migration, NEWEST},
    open::{Before, open_with},
    upgrade::rehearse_with,
};

const SECOND: Migration = Migration {
    number: NEWEST + 1,
    name: "second",
    sql: "ALTER TABLE alerts ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'; CREATE TABLE second (a INTEGER) STRICT;",
};
const THIRD: Migration = Migration {
    number: NEWEST + 2,
    name: "third",
    sql: "CREATE TABLE third (a INTEGER) STRICT; INSERT INTO third SELECT count(*) FROM alerts;",
};
const FAILS: Migration = Migration {
    number: NEWEST + 2,
    name: "fails",
    sql: "CREATE TABLE third (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);",
};
const DANGLES: Migration = Migration {
    number: NEWEST + 2,
    name: "dangles",
    sql: "CREATE TABLE third (a BLOB REFERENCES campaigns (campaign_id) DEFERRABLE INITIALLY DEFERRED) STRICT;
          INSERT INTO third VALUES (x'00');",
};

/// The steps a program knows: those of this one, and these.
fn knows(more: impl IntoIterator<Item = Migration>) -> Vec<Migration> {
    let all = ALL.iter().map(|step| Migration { ..*step });
    all.chain(more).collect()
}

/// Opens it as a program that knows these steps; each time is another moment, with other ids.
fn open(path: &Path, all: &[Migration]) -> Result<Arc<SqliteStore>, OpenError> {
    static TIMES: AtomicU32 = AtomicU32::new(1);
    let time = TIMES.fetch_add(1, Ordering::Relaxed);
    let (ambient, clock) = ambient(time);
    clock.advance(Span::from_secs(time.into()));
    open_with(Settings::file(path), ambient, all, Before::Copy)
}

/// A database of the older program, with something in it.
async fn older(path: &Path) {
    let store = open(path, ALL).unwrap();
    let alert = store.raise_alert(Severity::Info, "code", "subject", "kept");
    alert.await.unwrap();
}

async fn alerts(store: &SqliteStore) -> u64 {
    store.alerts(&PageRequest::first(9)).await.unwrap().total
}

fn schema_of(path: &Path) -> u32 {
    Connection::open(path)
        .unwrap()
        .query_row("SELECT max(number) FROM migrations", [], |row| row.get(0))
        .unwrap()
}

/// The copies that lie beside a database.
fn copies(path: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|entry| entry.to_string_lossy().contains(".schema-"))
        .collect();
    found.sort();
    found
}

// R152, T208: a newer program copies first, then migrates and keeps the data; the next start copies nothing.
#[tokio::test]
async fn r152_t208_a_migration_is_made_after_a_copy() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    older(&path).await;
    assert!(copies(&path).is_empty(), "a new database has no way back");
    let newer = knows([SECOND, THIRD]);
    for _ in 0..2 {
        let store = open(&path, &newer).unwrap();
        assert_eq!(alerts(&store).await, 1);
        store.integrity_check().await.unwrap();
        drop(store);
        assert_eq!(schema_of(&path), NEWEST + 2);
        assert_eq!(copies(&path).len(), 1);
    }
}

// R152, T211: the way back is the copy: put in the place of the migrated file, the older program opens it with its own schema and finds what was there.
#[tokio::test]
async fn r152_t211_the_way_back_is_the_copy() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    older(&path).await;
    let store = open(&path, &knows([SECOND])).unwrap();
    let alert = store.raise_alert(Severity::Info, "code", "another", "made by the newer one");
    alert.await.unwrap();
    drop(store);
    let refused = open(&path, ALL).unwrap_err();
    assert!(
        matches!(
            refused,
            OpenError::NewerSchema { found, known, .. } if (found, known) == (NEWEST + 1, NEWEST)
        ),
        "{refused}"
    );
    let copy = copies(&path).remove(0);
    assert_eq!(schema_of(&copy), NEWEST);
    fs::rename(&copy, &path).unwrap();
    let back = open(&path, ALL).unwrap();
    assert_eq!(alerts(&back).await, 1);
    back.integrity_check().await.unwrap();
    let alert = back.raise_alert(Severity::Info, "code", "later", "it works");
    alert.await.unwrap();
    drop(back);
    assert_eq!(schema_of(&path), NEWEST);
    // And forward once more.
    assert_eq!(alerts(&open(&path, &knows([SECOND])).unwrap()).await, 2);
}

// R152, T211: a step that fails, or leaves a row that refers to nothing, leaves the old schema whole, whatever the steps before it did.
#[tokio::test]
async fn r152_t211_a_step_that_fails_leaves_the_old_schema() {
    for broken in [FAILS, DANGLES] {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("chimera.db");
        older(&path).await;
        let name = broken.name;
        assert!(open(&path, &knows([SECOND, broken])).is_err(), "{name}");
        assert_eq!(schema_of(&path), NEWEST, "{name}");
        let store = open(&path, ALL).unwrap();
        assert_eq!(alerts(&store).await, 1);
        store.integrity_check().await.unwrap();
        drop(store);
        let store = open(&path, &knows([SECOND, THIRD])).unwrap();
        assert_eq!(alerts(&store).await, 1, "{name}: it can be tried again");
    }
}

// R152, T211: a process that dies between two steps leaves the old schema: what it wrote was one transaction.
#[tokio::test]
async fn r152_t211_a_death_between_steps_leaves_the_old_schema() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    older(&path).await;
    let dead = dir.path().join("dead.db");
    {
        let mut db = Connection::open(&path).unwrap();
        // So little memory that what is not committed stands in the log already.
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; PRAGMA cache_spill = 1",
        )
        .unwrap();
        let tx = db.transaction().unwrap();
        tx.execute_batch(SECOND.sql).unwrap();
        let fill =
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
            INSERT INTO second SELECT i FROM n";
        tx.execute(fill, []).unwrap();
        let log = fs::read(dir.path().join("chimera.db-wal")).unwrap();
        assert!(log.len() > 100_000, "{} bytes reached the log", log.len());
        fs::copy(&path, &dead).unwrap();
        fs::write(dir.path().join("dead.db-wal"), log).unwrap();
    }
    let store = open(&dead, ALL).unwrap();
    assert_eq!(alerts(&store).await, 1);
    store.integrity_check().await.unwrap();
    drop(store);
    assert_eq!(schema_of(&dead), NEWEST);
    drop(open(&dead, &knows([SECOND, THIRD])).unwrap());
    assert_eq!(schema_of(&dead), NEWEST + 2);
}

// R152: a rehearsal says what would be done, does it on a copy that is whole, and leaves the file byte for byte; what would fail fails there.
#[tokio::test]
async fn r152_a_rehearsal_touches_nothing() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    older(&path).await;
    let before = fs::read(&path).unwrap();
    let copy = dir.path().join("rehearsal.db");
    let newer = knows([SECOND, THIRD]);
    let rehearsal = rehearse_with(&path, &copy, ambient(1).0, &newer).unwrap();
    assert_eq!(rehearsal.schema.has, NEWEST);
    assert_eq!(
        rehearsal.schema.missing,
        [(NEWEST + 1, "second"), (NEWEST + 2, "third")]
    );
    rehearsal.store.integrity_check().await.unwrap();
    assert_eq!(alerts(&rehearsal.store).await, 1);
    drop(rehearsal);
    assert_eq!(schema_of(&copy), NEWEST + 2);
    let failing = knows([SECOND, FAILS]);
    let other = dir.path().join("other.db");
    assert!(rehearse_with(&path, &other, ambient(1).0, &failing).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(copies(&path).is_empty() && copies(&copy).is_empty());
}

// R152: a newer program does not migrate under the feet of a swarm that runs; when its lease is over it does.
#[tokio::test]
async fn r152_no_migration_under_a_running_swarm() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let (ambient, clock) = ambient(1);
    let at =
        |all: &[Migration]| open_with(Settings::file(&path), ambient.clone(), all, Before::Copy);
    let running = at(ALL).unwrap();
    let request = LeaseRequest {
        holder: "the older one".into(),
        host: "host".into(),
        pid: 1,
        known_dead_pid: None,
        ttl: Span::from_secs(30),
    };
    running.acquire_lease(&request).await.unwrap();
    let newer = knows([SECOND]);
    let refused = at(&newer).unwrap_err();
    assert!(refused.to_string().contains("runs on it"), "{refused}");
    assert!(copies(&path).is_empty());
    assert_eq!(schema_of(&path), NEWEST);
    drop(running);
    clock.advance(Span::from_mins(5));
    drop(at(&newer).unwrap());
    assert_eq!(schema_of(&path), NEWEST + 1);
}
