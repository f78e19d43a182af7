//! A process that dies while it brings an older database up to date.

use std::{path::Path, process::Command};

use chimera_domain::{Span, death, ports::DeskStore, testing::ambient};
use rusqlite::Connection;
use tempfile::TempDir;

use super::open_at;
use crate::{
    OpenError, Settings,
    migrate::{self, Migration},
    open,
};

/// Where the child of a test finds the database, and where it dies.
const FILE: &str = "UPGRADE_FILE";
const POINT: &str = "UPGRADE_POINT";

/// Two steps after all there are; both write to what is there.
fn newer() -> Vec<Migration> {
    let mut steps: Vec<Migration> = migrate::ALL
        .iter()
        .map(|step| Migration { ..*step })
        .collect();
    let step = |nth, name, sql| Migration {
        number: migrate::NEWEST + nth,
        name,
        sql,
    };
    steps.extend([
        step(
            1,
            "more",
            "CREATE TABLE more (a INTEGER) STRICT; INSERT INTO more VALUES (1); UPDATE counts SET n = n + 1000 WHERE name = 'seq';",
        ),
        step(
            2,
            "most",
            "ALTER TABLE more ADD COLUMN b INTEGER; UPDATE more SET b = 2;",
        ),
    ]);
    steps
}

fn upgrade(path: &Path) -> Result<(), OpenError> {
    let mut db = Connection::open(path).unwrap();
    migrate::run(&mut db, &newer(), &ambient(3).0, "x.db")
}

/// The process that dies: this test by itself in a process of its own, told by its parent where.
#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "how a test speaks to the process it started"
)]
fn the_one_that_dies() {
    let (Ok(file), Ok(point)) = (std::env::var(FILE), std::env::var(POINT)) else {
        return;
    };
    death::arm(point.parse().unwrap(), |_| std::process::abort());
    upgrade(Path::new(&file)).unwrap();
}

// R152, R172: a process that dies between two steps of the schema, or before their commit, leaves the old database as it
// was, usable by the old program; after the commit the new one is whole. Going on from either ends at the same.
#[tokio::test]
async fn r172_a_death_in_a_migration_leaves_the_old_or_the_new() {
    for (point, done) in [
        ("migrate:after-step:1", false),
        ("migrate:after-step:2", false),
        ("migrate:before-commit:1", false),
        ("migrate:after-commit:1", true),
    ] {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("chimera.db");
        drop(open_at(&path, ambient(1).0));
        let dead = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sqlite::tests::migrating::the_one_that_dies"])
            .env(FILE, &path)
            .env(POINT, point)
            .output()
            .unwrap();
        assert_eq!(
            dead.status.code(),
            None,
            "{point} was not reached: {dead:?}"
        );
        if !done {
            let old = open_at(&path, ambient(2).0);
            old.integrity_check().await.unwrap();
            assert!(old.overview().await.is_ok(), "{point}");
        }
        upgrade(&path).unwrap();
        let db = Connection::open(&path).unwrap();
        let got: (i64, i64, i64) = db
            .query_row(
                "SELECT a, b, (SELECT n >= 1000 AND n < 2000 FROM counts WHERE name = 'seq') FROM more",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!(got, (1, 2, 1), "{point}: each step was taken once");
    }
}

// R152: what lacks nothing is opened while somebody else writes; what another program brought up to date is looked at first.
#[tokio::test]
async fn r152_a_start_waits_for_no_writer_unless_it_has_to_write() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    drop(open_at(&path, ambient(1).0));
    let at_once = || {
        let mut settings = Settings::file(&path);
        settings.busy = Span::from_millis(20);
        open(settings, ambient(2).0)
    };

    let busy = Connection::open(&path).unwrap();
    busy.execute_batch("BEGIN IMMEDIATE").unwrap();
    let beside = at_once().unwrap();
    assert!(beside.overview().await.is_ok());
    drop(beside);
    busy.execute_batch("ROLLBACK; PRAGMA user_version = 0; BEGIN IMMEDIATE")
        .unwrap();
    assert!(at_once().is_err(), "it has to write what it is missing");
    busy.execute_batch("ROLLBACK").unwrap();
    assert!(at_once().is_ok());

    upgrade(&path).unwrap();
    assert!(matches!(at_once(), Err(OpenError::NewerSchema { .. })));
}
