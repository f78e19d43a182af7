//! What a dead process leaves beside a database: drafts and logs that must not meet what comes after.

use std::{fs, path::Path};

use chimera_domain::{
    ports::{DeskStore, RuntimeStore},
    testing::ambient,
    views::{PageRequest, Severity},
};
use tempfile::TempDir;

use super::open_at;
use crate::{OpenError, Settings, back_up, open, open::draft_of};

async fn with_alert(path: &Path, subject: &str) {
    let store = open_at(path, ambient(1).0);
    store
        .raise_alert(Severity::Info, subject, "subject", "text")
        .await
        .unwrap();
}

async fn subjects(path: &Path) -> Vec<String> {
    let store = open_at(path, ambient(2).0);
    store.integrity_check().await.unwrap();
    let rows = store.alerts(&PageRequest::first(10)).await.unwrap().rows;
    rows.iter().map(|row| row.code.to_string()).collect()
}

// R152, R172: a draft whose maker died after it had been given its name is another name of a whole copy; the next
// process of the same id makes its own and writes nothing into that copy.
#[tokio::test]
async fn r152_the_draft_of_the_dead_is_not_written_to() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    with_alert(&path("one.db"), "one").await;
    with_alert(&path("two.db"), "two").await;
    back_up(&path("one.db"), &path("copy.db")).unwrap();
    // As its maker left it, and as an operator goes on: the copy is put away, the name is used again.
    fs::hard_link(path("copy.db"), draft_of(&path("copy.db"))).unwrap();
    fs::rename(path("copy.db"), path("monday.db")).unwrap();
    back_up(&path("two.db"), &path("copy.db")).unwrap();
    assert_eq!(subjects(&path("monday.db")).await, ["one"]);
    assert_eq!(subjects(&path("copy.db")).await, ["two"]);
    assert!(!draft_of(&path("copy.db")).exists());
}

// R152: a log whose database was removed is not replayed into whatever is made in its place, by a start or by a backup.
#[tokio::test]
async fn r152_a_log_without_its_database_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    with_alert(&path("one.db"), "one").await;
    let store = open_at(&path("chimera.db"), ambient(1).0);
    store
        .raise_alert(Severity::Info, "code", "gone", "text")
        .await
        .unwrap();
    let log = fs::read(path("chimera.db-wal")).unwrap();
    drop(store);
    fs::remove_file(path("chimera.db")).unwrap();
    fs::write(path("chimera.db-wal"), &log).unwrap();
    let database = path("chimera.db");
    for refused in [
        open(Settings::file(&database), ambient(1).0).map(drop),
        back_up(&path("one.db"), &database).map(drop),
    ] {
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, OpenError::NotADatabase { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("chimera.db-wal"), "{refused}");
    }
    assert!(!database.exists());
    assert_eq!(fs::read(path("chimera.db-wal")).unwrap(), log);
    fs::remove_file(path("chimera.db-wal")).unwrap();
    back_up(&path("one.db"), &database).unwrap();
    assert_eq!(subjects(&database).await, ["one"]);
}
