//! The floor: one row, one commit, nothing else. What this disk asks for durability.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;

pub(crate) fn commits(path: &Path, rounds: usize) -> Vec<Duration> {
    let db = Connection::open(path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE rows (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;",
    )
    .unwrap();
    let doc = "x".repeat(400);
    let mut insert = db.prepare("INSERT INTO rows (doc) VALUES (?1)").unwrap();
    (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            insert.execute([&doc]).unwrap();
            begun.elapsed()
        })
        .collect()
}
