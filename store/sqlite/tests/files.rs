//! What may stand in a file's way, and how the operator is told.

use std::{fs, path::Path};

use chimera_domain::{Span, testing::ambient};
use rusqlite::Connection;
use tempfile::TempDir;

use super::open_at;
use crate::{OpenError, Settings, migrate::NEWEST, open};

fn refusal(path: &Path) -> OpenError {
    let mut settings = Settings::file(path);
    settings.busy = Span::from_millis(20);
    let error = open(settings, ambient(1).0).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()), "{text}");
    error
}

// R152: what is no database, a database of another program, and damaged pages are refused by name, and left as they are.
#[test]
fn r152_what_is_not_ours_or_not_sound_is_refused() {
    let dir = TempDir::new().unwrap();
    let text = dir.path().join("notes.txt");
    fs::write(&text, "just some text, longer than a header".repeat(40)).unwrap();
    let before = fs::read(&text).unwrap();
    assert!(matches!(refusal(&text), OpenError::NotADatabase { .. }));
    assert_eq!(fs::read(&text).unwrap(), before);

    let other = dir.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (a)")
        .unwrap();
    let before = fs::read(&other).unwrap();
    assert!(matches!(refusal(&other), OpenError::NotADatabase { .. }));
    assert_eq!(fs::read(&other).unwrap(), before);

    let damaged = dir.path().join("damaged.db");
    drop(open_at(&damaged, ambient(1).0));
    let mut bytes = fs::read(&damaged).unwrap();
    for byte in &mut bytes[4_096 * 3..4_096 * 9] {
        *byte = 0xa5;
    }
    fs::write(&damaged, bytes).unwrap();
    assert!(matches!(refusal(&damaged), OpenError::NotADatabase { .. }));
}

// R152: an empty file is not a new database: ours have their schema before their name. And no draft stays.
#[test]
fn r152_an_emptied_file_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    drop(open_at(&path, ambient(1).0));
    let names = || fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(names(), 1);
    fs::write(&path, "").unwrap();
    let error = refusal(&path);
    assert!(error.to_string().contains("it is empty"), "{error}");
    assert_eq!(fs::metadata(&path).unwrap().len(), 0, "left as it was");
}

// R152: a database of a newer program is refused with both schema numbers, and left as it is.
#[test]
fn r152_a_newer_schema_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    drop(open_at(&path, ambient(1).0));
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "INSERT INTO migrations VALUES (99, 'later', zeroblob(32), 0); PRAGMA user_version = 99",
        )
        .unwrap();
    let error = refusal(&path);
    assert!(
        matches!(
            error,
            OpenError::NewerSchema {
                found: 99,
                known: NEWEST,
                ..
            }
        ),
        "{error}"
    );
}

// R152: a file another process keeps locked, and a place that cannot be a file, are told apart.
#[test]
fn r152_locked_and_impossible_files_are_told_apart() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    drop(open_at(&path, ambient(1).0));
    let holder = Connection::open(&path).unwrap();
    holder
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
        .unwrap();
    assert!(matches!(refusal(&path), OpenError::Locked { .. }));
    drop(holder);
    assert!(matches!(refusal(dir.path()), OpenError::Io { .. }));
    let nowhere = dir.path().join("no/such/folder.db");
    assert!(matches!(refusal(&nowhere), OpenError::Io { .. }));
}

// The database and its side files are for their owner only, and their pages are sound.
#[cfg(unix)]
#[tokio::test]
async fn files_are_private_and_sound() {
    use std::os::unix::fs::PermissionsExt;

    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let store = open_at(&path, ambient(1).0);
    store.integrity_check().await.unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

// R152: a large file is looked through at the start for as long as was said: long enough finds what is damaged, too short or no time stops no start, and a check on demand finds it.
#[tokio::test]
async fn r152_a_large_file_is_checked_within_its_time() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
        INSERT INTO alerts SELECT randomblob(16), 'info', 'code', i, hex(zeroblob(200)), 1, i, NULL, NULL FROM n";
    let store = open_at(&path, ambient(1).0);
    store
        .write("fill", move |db| db.exec(fill, []))
        .await
        .unwrap();
    drop(store);
    let opened = |check_max| {
        let mut settings = Settings::file(&path);
        settings.check_max = check_max;
        open(settings, ambient(2).0)
    };
    let mut bytes = fs::read(&path).unwrap();
    assert!(bytes.len() > 8 * 1024 * 1024, "{}", bytes.len());
    drop(opened(Span::from_mins(1)).unwrap());
    // The last tenth, which no opening reads by the way.
    let from = bytes.len() / 10 * 9 / 4_096 * 4_096;
    for byte in &mut bytes[from..from + 64 * 4_096] {
        *byte = 0xa5;
    }
    fs::write(&path, bytes).unwrap();
    let found = opened(Span::from_mins(1)).unwrap_err();
    assert!(matches!(found, OpenError::NotADatabase { .. }), "{found}");
    drop(opened(Span::from_micros(1)).unwrap());
    let store = opened(Span::ZERO).unwrap();
    store.integrity_check().await.unwrap_err();
}
