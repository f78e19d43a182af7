//! Two stores on one file, as two processes have: one bell, one lock, one bounded log.

use std::{fs, sync::Arc};

use chimera_domain::{
    Span, StoreError,
    ports::{BellStore, DeskStore, RuntimeStore},
    testing::ambient,
    views::Severity,
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::open_at;
use crate::{Settings, open};

// A commit of one process wakes who waits in another.
#[tokio::test]
async fn the_bell_rings_across_processes() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let (ambient, _) = ambient(1);
    let (one, two) = (open_at(&path, ambient.clone()), open_at(&path, ambient));
    let seq = one.change_seq().await.unwrap();
    let waiting = one.clone();
    let woken = tokio::spawn(async move { waiting.changed_since(seq, Span::from_secs(30)).await });
    tokio::task::yield_now().await;
    two.raise_alert(Severity::Info, "code", "subject", "text")
        .await
        .unwrap();
    assert_eq!(woken.await.unwrap().unwrap(), seq + 1);
    assert_eq!(one.overview().await.unwrap().alerts_open, 1);
}

// Verbs of two processes that write at once all commit, each counted once.
#[tokio::test]
async fn two_processes_write_at_once() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let (ambient, _) = ambient(1);
    let stores = [open_at(&path, ambient.clone()), open_at(&path, ambient)];
    let mut writing = Vec::new();
    for i in 0..100 {
        let store: Arc<_> = stores[i % 2].clone();
        writing.push(tokio::spawn(async move {
            store
                .raise_alert(Severity::Info, "code", "subject", "text")
                .await
        }));
    }
    for written in writing {
        written.await.unwrap().unwrap();
    }
    let page = chimera_domain::views::PageRequest::first(10);
    assert_eq!(stores[0].alerts(&page).await.unwrap().rows[0].count, 100);
    stores[1].integrity_check().await.unwrap();
}

// Many callers share a commit: a crowd of verbs costs far fewer changes, and disk waits, than it has verbs.
#[tokio::test]
async fn a_crowd_shares_commits() {
    let dir = TempDir::new().unwrap();
    let store = open_at(&dir.path().join("chimera.db"), ambient(1).0);
    let before = store.change_seq().await.unwrap();
    let mut crowd = Vec::new();
    for i in 0..400 {
        let store = store.clone();
        crowd.push(tokio::spawn(async move {
            let subject = format!("{i}");
            store
                .raise_alert(Severity::Info, "code", &subject, "text")
                .await
        }));
    }
    for one in crowd {
        one.await.unwrap().unwrap();
    }
    let commits = store.change_seq().await.unwrap() - before;
    assert!(commits <= 100, "{commits}");
    assert_eq!(store.overview().await.unwrap().alerts_open, 400);
}

// While another process keeps the file locked a verb is `Unavailable` after the stated wait, reads go on, and later verbs work.
#[tokio::test]
async fn a_locked_file_is_unavailable_until_it_is_free() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let mut settings = Settings::file(&path);
    settings.busy = Span::from_millis(20);
    let store = open(settings, ambient(1).0).unwrap();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store
        .raise_alert(Severity::Info, "code", "subject", "text")
        .await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable { .. })),
        "{refused:?}"
    );
    assert_eq!(store.overview().await.unwrap().alerts_open, 0);
    holder.execute_batch("ROLLBACK").unwrap();
    store
        .raise_alert(Severity::Info, "code", "subject", "text")
        .await
        .unwrap();
    assert_eq!(store.overview().await.unwrap().alerts_open, 1);
}

// The log stays near its bound; a reader that lingers lets it grow, and when it goes the log is cut again.
#[tokio::test]
async fn the_log_is_bounded() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let mut settings = Settings::file(&path);
    settings.wal_bytes_max = 128 * 1024;
    let store = open(settings, ambient(1).0).unwrap();
    let log = dir.path().join("chimera.db-wal");
    let text = "x".repeat(20_000);
    let write = async |commits: u32| {
        let mut longest = 0;
        for i in 0..commits {
            // Another text each time: pages that stay the same are not written again.
            let (subject, text) = (format!("{}", i % 8), format!("{i}{text}"));
            store
                .raise_alert(Severity::Info, "code", &subject, &text)
                .await
                .unwrap();
            longest = longest.max(fs::metadata(&log).map_or(0, |m| m.len()));
        }
        longest
    };
    let bound = 2 * 1024 * 1024;
    let longest = write(150).await;
    assert!(longest < bound, "{longest}");
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM alerts")
        .unwrap();
    let grown = write(300).await;
    assert!(grown > bound, "{grown}");
    reader.execute_batch("COMMIT").unwrap();
    write(64).await;
    let left = fs::metadata(&log).unwrap().len();
    assert!(left < bound, "{left}");
}

// What was written before a store is dropped is there when the file is opened again, in one piece and without a log to replay.
#[tokio::test]
async fn closing_folds_the_log_into_the_file() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let store = open_at(&path, ambient(1).0);
    store
        .raise_alert(Severity::Info, "code", "subject", "text")
        .await
        .unwrap();
    drop(store);
    let left = fs::metadata(dir.path().join("chimera.db-wal")).map_or(0, |m| m.len());
    assert_eq!(left, 0);
    let store = open_at(&path, ambient(2).0);
    assert_eq!(store.overview().await.unwrap().alerts_open, 1);
}
