//! Single verbs through the ports of the store, beside a raw commit of this disk in the same process:
//! claim, hand in, decide (`synchronous=FULL`), with ten thousand and a million tasks in the file, alone
//! and with readers at work.
//!
//! `make bench` prints one JSON value a line, times in microseconds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on should stop, prints, and reads the clock"
)]

#[path = "../support/raw.rs"]
mod raw;
#[path = "../support/mod.rs"]
mod support;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chimera_domain::{
    Outcome, Span, StateVersion,
    ports::{DeskStore, JudgeStore, VerdictTimes, WorkerStore},
    task::TaskKind,
    ticket::{Choice, Decide},
    verdict::Route,
    views::PageRequest,
};
use chimera_store::{SqliteStore, conformance::fixtures};
use rusqlite::{Connection, params};
use serde_json::json;

/// How many tasks lie in the file.
const SIZES: [i64; 2] = [10_000, 1_000_000];
/// How often each verb is measured.
const ROUNDS: usize = 400;
/// How many readers page at once, as consoles do.
const READERS: usize = 4;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for tasks in SIZES {
        let directory = tempfile::tempdir().unwrap();
        let raw = raw::commits(&directory.path().join("raw.db"), ROUNDS);
        runtime.block_on(measure(directory.path(), tasks, raw));
    }
}

/// The times of one verb, or of one reader's page.
#[derive(Default)]
struct Times {
    claim: Vec<Duration>,
    submit: Vec<Duration>,
    decide: Vec<Duration>,
    read: Vec<Duration>,
}

async fn measure(directory: &Path, tasks: i64, mut raw: Vec<Duration>) {
    let path = directory.join("store.db");
    let ambient = support::ambient(1);
    let (store, fence, _) = support::open(&path, &ambient, 1).await;
    fill(&path, tasks, &ambient);
    for readers in [0, READERS] {
        let mut times = with_readers(&store, fence, readers).await;
        let mut line = json!({
            "workload": "verbs", "synchronous": "FULL", "tasks": tasks, "readers": readers, "rounds": ROUNDS,
            "raw_commit_p50_us": micros(&mut raw, 500), "raw_commit_p99_us": micros(&mut raw, 990),
        });
        for (name, times) in [
            ("claim", &mut times.claim),
            ("submit", &mut times.submit),
            ("decide", &mut times.decide),
            ("read", &mut times.read),
        ] {
            for (quantile, per_mille) in [("p50", 500), ("p99", 990)] {
                line[format!("{name}_{quantile}_us")] = if times.is_empty() {
                    json!(null)
                } else {
                    json!(micros(times, per_mille))
                };
            }
        }
        println!("{line}");
    }
}

fn micros(times: &mut [Duration], per_mille: usize) -> u128 {
    support::quantile(times, per_mille).as_micros()
}

async fn with_readers(store: &Arc<SqliteStore>, fence: i64, readers: usize) -> Times {
    let stop = Arc::new(AtomicBool::new(false));
    let reading: Vec<_> = (0..readers)
        .map(|_| {
            let (store, stop) = (store.clone(), stop.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    store.overview().await.unwrap();
                    store.review_queue(&PageRequest::first(50)).await.unwrap();
                    times.push(begun.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Times::default();
    for round in 0..ROUNDS {
        one(store, fence, round, &mut times).await;
    }
    stop.store(true, Ordering::Relaxed);
    for reader in reading {
        times.read.extend(reader.await.unwrap());
    }
    times
}

/// Claims the most urgent task, hands in a post, has it judged, approves it.
async fn one(store: &SqliteStore, fence: i64, round: usize, times: &mut Times) {
    let begun = Instant::now();
    let work = store.claim_task(fence, Span::from_mins(5)).await.unwrap();
    times.claim.push(begun.elapsed());
    let work = work.expect("there are more tasks than rounds");
    let call = fixtures::call(&format!("post {round} of {}", work.task.id));
    let begun = Instant::now();
    let submission = fixtures::submission(Some(call.clone()));
    let submitted = store.submit_result(&work.claim, submission).await.unwrap();
    times.submit.push(begun.elapsed());
    let Outcome::Done(_, version) = submitted else {
        unreachable!("nobody else has this claim")
    };
    let verdict = fixtures::verdict(Route::HitlQueue, call.content_hash());
    let when = VerdictTimes {
        fuse: Span::ZERO,
        sla: Span::from_hours(2),
        sla_expire: Span::from_hours(4),
    };
    let judged = store.commit_verdict(work.task.id, version, &verdict, when);
    let Outcome::Done(Some(ticket), _) = judged.await.unwrap() else {
        unreachable!("nobody else judges it")
    };
    let decide = Decide {
        ticket_id: ticket,
        version: StateVersion::FIRST,
        content_hash: call.content_hash(),
        choice: Choice::Approve,
        actor: "bench".into(),
    };
    let begun = Instant::now();
    assert!(store.decide_ticket(&decide).await.unwrap().is_done());
    times.decide.push(begun.elapsed());
}

/// Puts tasks into the file past the verbs, all of one plan and all ready.
fn fill(path: &Path, tasks: i64, ambient: &chimera_domain::Ambient) {
    let db = Connection::open(path).unwrap();
    let now = ambient.now().micros();
    let mut spec = chimera_domain::testing::task_spec();
    spec.kind = TaskKind::Publish;
    spec.modality = None;
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    db.execute(
        "INSERT INTO plans (trace_id, agent_id, nth, campaign_id, title, search, created_at, moved_at)
         SELECT x'00000000000000000000000000000001', agent_id, 1, campaign_id, '', '', ?1, ?1 FROM campaigns",
        [now],
    )
    .unwrap();
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO tasks (task_id, version, agent_id, campaign_id, epoch, trace_id, template, node, node_order,
           plan_attempt, attempt, kind, state, reason, why, waiting_on, claim_order, ready_at, issues,
           created_at, moved_at)
         SELECT randomblob(16), 1, c.agent_id, c.campaign_id, c.epoch, x'00000000000000000000000000000001', 'bench',
           'publish', n, 1, 0, 'publish', 'pending', 'ordinary', '', 0, ?2 + n, ?2, '[]', ?2, ?2
         FROM n, campaigns c",
        params![tasks, now],
    )
    .unwrap();
    db.execute(
        "INSERT INTO task_specs SELECT task_id, ?1 FROM tasks",
        [serde_json::to_string(&spec).unwrap()],
    )
    .unwrap();
    db.execute("INSERT INTO counts VALUES ('task', 'pending', ?1)", [tasks])
        .unwrap();
    db.execute_batch("COMMIT").unwrap();
}
