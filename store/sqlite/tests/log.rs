//! The write-ahead log beside readers: those that page, one that lingers, one of ours that takes too long.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use chimera_domain::{
    Span, StoreError,
    ports::{DeskStore, RuntimeStore},
    testing::ambient,
    views::{PageRequest, Severity},
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::open_at;
use crate::{Log, LogWatch, Settings, SqliteStore, back_up, open};

const BOUND: u64 = 256 * 1024;
/// Twice what 32 commits of these tests come to, and less than the 4 MB at which SQLite folds by itself.
const SLACK: u64 = 64 * 40 * 1024;

fn bounded(path: &Path) -> Arc<SqliteStore> {
    let mut settings = Settings::file(path);
    settings.wal_bytes_max = BOUND;
    settings.read_max = Span::from_millis(100);
    open(settings, ambient(1).0).unwrap()
}

/// Writes as a busy swarm does; how long the log was at its longest.
async fn write(store: &SqliteStore, commits: u32) -> u64 {
    let text = "x".repeat(20_000);
    let mut longest = 0;
    for i in 0..commits {
        // Another text each time: pages that stay the same are not written again.
        let (subject, text) = (format!("{}", i % 8), format!("{i}{text}"));
        store
            .raise_alert(Severity::Info, "code", &subject, &text)
            .await
            .unwrap();
        longest = longest.max(store.log().unwrap().bytes());
    }
    longest
}

// R152: a console that pages without a pause, as one does for hours, does not let the log of a busy writer grow beyond its bound.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r152_the_log_stays_bounded_beside_a_console_that_pages() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let store = bounded(&path);
    let console = bounded(&path);
    let (over, pages) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let mut paging = Vec::new();
    for _ in 0..3 {
        let (console, over, pages) = (console.clone(), over.clone(), pages.clone());
        paging.push(tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                console.overview().await.unwrap();
                console
                    .task_list(&PageRequest::first(50), None)
                    .await
                    .unwrap();
                pages.fetch_add(2, Ordering::Relaxed);
            }
        }));
    }
    let mut longest = write(&store, 400).await;
    while pages.load(Ordering::Relaxed) < 200 {
        longest = longest.max(write(&store, 100).await);
    }
    over.store(true, Ordering::Relaxed);
    for reader in paging {
        reader.await.unwrap();
    }
    assert!(longest <= BOUND + SLACK, "{longest} bytes");
    // How long it grows depends on the machine: SQLite folds at half the bound by itself when no reader is in the way.
    assert!(
        longest > BOUND / 4,
        "nothing was put to the test: {longest}"
    );
}

// R152: while somebody holds on to an old state the log grows, and who it is can be told; when they are gone folding cuts it, also when nobody writes.
#[tokio::test]
async fn r152_a_held_log_is_seen_named_and_cut_when_the_reader_is_gone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let store = bounded(&path);
    let log = store.log().unwrap();
    // Not a multiple of 32: the writer itself must not be folding just now.
    write(&store, 70).await;
    log.fold().unwrap();
    assert!(!log.is_held() && log.bytes() == 0);
    assert_eq!(log.readers(), [""; 0]);
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM alerts")
        .unwrap();
    let grown = write(&store, 200).await;
    assert!(grown > 2 * BOUND && log.is_held(), "{grown}");
    log.fold().unwrap();
    assert!(log.is_held(), "folding does not take a reader's state away");
    if Path::new("/proc/locks").exists() {
        let readers = log.readers();
        assert_eq!(readers.len(), 1, "{readers:?}");
        let own = format!("pid {}", std::process::id());
        assert!(readers[0].contains(&own), "{readers:?}");
    }
    reader.execute_batch("COMMIT").unwrap();
    log.fold().unwrap();
    assert_eq!(log.bytes(), 0);
    assert!(!log.is_held());
}

// R152: who holds the log is an alert that names them; when they are gone it is cut and the alert is over, without anybody writing.
#[tokio::test]
async fn r152_who_holds_the_log_is_told_until_they_are_gone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let store = bounded(&path);
    let mut watch = LogWatch::new(store.clone());
    let told = async || {
        let alerts = store.alerts(&PageRequest::first(50)).await.unwrap();
        let held = alerts
            .rows
            .into_iter()
            .find(|a| a.code.as_str() == "log_held");
        held.map(|alert| (alert.count, alert.text.as_str().to_owned()))
    };
    watch.look().await;
    assert_eq!(told().await, None);
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM alerts")
        .unwrap();
    write(&store, 200).await;
    watch.look().await;
    watch.look().await;
    let (count, text) = told().await.expect("an alert");
    assert_eq!(count, 1, "told once");
    if Path::new("/proc/locks").exists() {
        assert!(
            text.contains(&format!("pid {}", std::process::id())),
            "{text}"
        );
    }
    reader.execute_batch("COMMIT").unwrap();
    watch.look().await;
    assert_eq!(told().await, None);
    assert!(store.log().unwrap().bytes() < BOUND);
}

// R152: a read of ours that takes too long is ended and says so, lets go of its state, and the next one works.
#[tokio::test]
async fn r152_a_read_that_takes_too_long_is_ended() {
    let dir = TempDir::new().unwrap();
    let store = bounded(&dir.path().join("chimera.db"));
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let ended = store
        .read("count for ever", move |db| db.number(endless, []))
        .await;
    let Err(StoreError::Unavailable { doing, why }) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(doing, "count for ever");
    assert!(why.contains("longer than 100ms"), "{why}");
    assert_eq!(store.overview().await.unwrap().alerts_open, 0);
    write(&store, 40).await;
    store.log().unwrap().fold().unwrap();
    assert_eq!(store.log().unwrap().bytes(), 0, "nothing is held");
    // What is meant to take long may.
    let long = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n";
    let begun = std::time::Instant::now();
    let counted = store
        .read_at_length("count", move |db| db.number(long, []))
        .await;
    assert_eq!(counted.unwrap(), 3_000_000);
    assert!(begun.elapsed() > std::time::Duration::from_millis(100));
}

// R152: a copy of a large file ends beside a writer that never rests, and is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r152_a_copy_ends_beside_a_busy_writer() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let store = open_at(&path, ambient(1).0);
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
        INSERT INTO blobs SELECT randomblob(32), 'image/png', zeroblob(1000000), i FROM n";
    store
        .write("fill", move |db| db.exec(fill, []))
        .await
        .unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let (writer, stop) = (store.clone(), over.clone());
    let writing = tokio::spawn(async move {
        let mut commits = 0_u32;
        while !stop.load(Ordering::Relaxed) {
            assert!(commits < 3_000, "the copy begins anew with every commit");
            let subject = format!("{}", commits % 50);
            writer
                .raise_alert(Severity::Info, "code", &subject, "text")
                .await
                .unwrap();
            commits += 1;
        }
        commits
    });
    let copy = dir.path().join("copy.db");
    let (from, to) = (path.clone(), copy.clone());
    let copied = tokio::task::spawn_blocking(move || back_up(&from, &to))
        .await
        .unwrap();
    over.store(true, Ordering::Relaxed);
    assert!(writing.await.unwrap() > 0, "nobody wrote");
    assert!(copied.unwrap() > 40_000_000);
    open_at(&copy, ambient(2).0)
        .integrity_check()
        .await
        .unwrap();
    assert_eq!(Log::of(&copy).bytes(), 0);
}
