//! The raw floor: what this disk gives bare rusqlite for the same transitions.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc,
    },
    time::Instant,
};

use rusqlite::Connection;

use super::{Measured, cpu_of, measured, written, written_since};

/// One request of the raw program: which run, which of its seven steps.
struct Request {
    run: i64,
    step: usize,
    done: mpsc::Sender<()>,
}

/// Bare rusqlite: the same tables in small, seven requests a run, one writer thread, group commit.
pub(super) fn floor(path: &Path, c: usize, runs: usize) -> Measured {
    let db = Connection::open(path).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
         CREATE TABLE signals (run INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;
         CREATE TABLE tasks (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, node INTEGER NOT NULL, state TEXT NOT NULL,
           version INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;
         CREATE INDEX tasks_run ON tasks (run, node);
         CREATE TABLE effects (run INTEGER PRIMARY KEY, state TEXT NOT NULL, doc TEXT NOT NULL) STRICT;
         CREATE TABLE audit (seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, doc TEXT NOT NULL) STRICT;",
    )
    .unwrap();
    let (requests, queue) = mpsc::channel::<Request>();
    let commits = Arc::new(AtomicU64::new(0));
    let counted = commits.clone();
    let writer = std::thread::Builder::new().name("floor-writer".into());
    let writer = writer.spawn(move || {
        while let Ok(first) = queue.recv() {
            let mut batch = vec![first];
            batch.extend(queue.try_iter().take(255));
            db.execute_batch("BEGIN IMMEDIATE").unwrap();
            for request in &batch {
                step(&db, request.run, request.step);
            }
            db.execute_batch("COMMIT").unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            for request in batch {
                let _ = request.done.send(());
            }
        }
    });
    let next = Arc::new(AtomicUsize::new(0));
    let before = written();
    let begun = Instant::now();
    let threads: Vec<_> = (0..c)
        .map(|_| {
            let (requests, next) = (requests.clone(), next.clone());
            std::thread::spawn(move || {
                let mut times = Vec::new();
                loop {
                    let run = next.fetch_add(1, Ordering::Relaxed);
                    if run >= runs {
                        return times;
                    }
                    for step in 0..7 {
                        let (done, answer) = mpsc::channel();
                        let asked = Instant::now();
                        let run = i64::try_from(run).unwrap();
                        requests.send(Request { run, step, done }).unwrap();
                        answer.recv().unwrap();
                        times.push(asked.elapsed());
                    }
                }
            })
        })
        .collect();
    let times: Vec<_> = threads
        .into_iter()
        .flat_map(|t| t.join().unwrap())
        .collect();
    let took = begun.elapsed();
    let writer_cpu = cpu_of("floor-writer").map(|cpu| cpu / u32::try_from(runs).unwrap());
    let written_kib = written_since(before, runs);
    drop(requests);
    writer.unwrap().join().unwrap();
    Measured {
        writer_cpu,
        written_kib,
        ..measured(runs, took, commits.load(Ordering::Relaxed), times)
    }
}

fn step(db: &Connection, run: i64, step: usize) {
    let doc = "x".repeat(400);
    let mut audit = db
        .prepare_cached("INSERT INTO audit (run, doc) VALUES (?1, ?2)")
        .unwrap();
    audit.execute((run, &doc)).unwrap();
    let mut moved = db
        .prepare_cached(
            "UPDATE tasks SET state = ?3, version = version + 1 WHERE run = ?1 AND node = ?2",
        )
        .unwrap();
    match step {
        0 => {
            db.prepare_cached("INSERT INTO signals VALUES (?1, ?2)")
                .unwrap()
                .execute((run, &doc))
                .unwrap();
            let mut task = db
                .prepare_cached("INSERT INTO tasks (run, node, state, version, doc) VALUES (?1, ?2, 'pending', 1, ?3)")
                .unwrap();
            for node in 0..4 {
                task.execute((run, node, &doc)).unwrap();
            }
            moved.execute((run, 0, "claimed")).unwrap();
        }
        1..=3 => {
            let node = i64::try_from(step).unwrap();
            moved.execute((run, node - 1, "done")).unwrap();
            moved.execute((run, node, "claimed")).unwrap();
        }
        4 => {
            moved.execute((run, 3, "review")).unwrap();
        }
        5 => {
            moved.execute((run, 3, "approved")).unwrap();
            db.prepare_cached("INSERT INTO effects VALUES (?1, 'prepared', ?2)")
                .unwrap()
                .execute((run, &doc))
                .unwrap();
        }
        _ => {
            moved.execute((run, 3, "published")).unwrap();
            db.prepare_cached("UPDATE effects SET state = 'confirmed' WHERE run = ?1")
                .unwrap()
                .execute([run])
                .unwrap();
        }
    }
}
