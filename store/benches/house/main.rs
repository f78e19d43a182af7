//! The finished daemon on a house with ten thousand open tickets: how long it takes to serve, how much
//! memory it holds at rest, how often it wakes.
//!
//! `make bench-house` builds the program and prints one JSON value. Serving is: it holds the lease.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on should stop, prints, and reads the clock"
)]

#[path = "../support/wall.rs"]
mod wall;

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use chimera_domain::{
    Ambient, Outcome, Span,
    ids::TaskId,
    plan::{Node, TaskGraph},
    ports::{
        Acquired, DeskStore, JudgeStore, LeaseRequest, PlanCaps, PlanDecision, PlannerStore,
        RuntimeStore, VerdictTimes, WorkerStore,
    },
    resource::Poll,
    task::TaskKind,
    verdict::Route,
};
use chimera_store::{Settings, SqliteStore, conformance::fixtures};
use futures::{StreamExt, stream};
use rusqlite::Connection;
use serde_json::json;

/// How many tickets wait.
const TICKETS: u64 = 10_000;
/// How many are made at once.
const AT_ONCE: usize = 128;
/// How long the daemon is left alone before it is looked at, and how long it is looked at.
const SETTLE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(10);

fn main() {
    let program = std::env::args()
        .skip(1)
        .find(|arg| !arg.starts_with("--"))
        .expect("the program to be measured, as an argument");
    let home = tempfile::tempdir().unwrap();
    // The first start makes the house: configuration, personas, database.
    let first = serve(&program, home.path());
    stop(first.0);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tickets = runtime.block_on(fill(&home.path().join("chimera.db")));
    let (daemon, started) = serve(&program, home.path());
    std::thread::sleep(SETTLE);
    let woken = wakeups(daemon.id());
    std::thread::sleep(LOOK);
    let woken = wakeups(daemon.id()) - woken;
    println!(
        "{}",
        json!({
            "workload": "house", "open_tickets": tickets,
            "cold_start_ms": started.as_millis(),
            "first_start_ms": first.1.as_millis(),
            "rss_kib": memory(daemon.id(), "VmRSS:"), "rss_peak_kib": memory(daemon.id(), "VmHWM:"),
            "rss_anonymous_kib": memory(daemon.id(), "RssAnon:"),
            "wakeups_per_s": woken / LOOK.as_secs(),
        })
    );
    stop(daemon);
}

/// Starts the daemon; how long it took until it held the lease.
fn serve(program: &str, home: &Path) -> (Child, Duration) {
    let begun = Instant::now();
    let mut daemon = Command::new(program)
        .args(["--daemon", "--home"])
        .arg(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    loop {
        assert!(daemon.try_wait().unwrap().is_none(), "it ended at once");
        assert!(begun.elapsed() < Duration::from_secs(30), "it serves not");
        if holder(&home.join("chimera.db")) == Some(daemon.id()) {
            return (daemon, begun.elapsed());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn holder(database: &Path) -> Option<u32> {
    if !database.exists() {
        return None;
    }
    let db = Connection::open(database).ok()?;
    let held = "SELECT pid FROM leases WHERE holder IS NOT NULL";
    db.query_row(held, [], |row| row.get(0)).ok()
}

fn stop(mut daemon: Child) {
    let pid = daemon.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    daemon.wait().unwrap();
}

/// A line of the process's status, in KiB.
fn memory(pid: u32, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let found = status.lines().find_map(|l| l.strip_prefix(line))?;
    found.split_whitespace().next()?.parse().ok()
}

/// How often any of its threads has given the processor away by itself.
fn wakeups(pid: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of_thread = |task: std::fs::DirEntry| -> Option<u64> {
        let status = std::fs::read_to_string(task.path().join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|l| l.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse().ok()
    };
    tasks.flatten().filter_map(of_thread).sum()
}

/// Brings so many posts before a person, through the verbs a swarm uses.
async fn fill(database: &Path) -> u64 {
    let ambient = wall::ambient(1 << 40);
    let store = chimera_store::open(Settings::file(database), ambient.clone()).unwrap();
    let request = LeaseRequest {
        holder: "bench".into(),
        host: "bench".into(),
        pid: 1,
        known_dead_pid: None,
        ttl: Span::from_hours(1),
    };
    let Acquired::Ours(lease) = store.acquire_lease(&request).await.unwrap() else {
        unreachable!("nobody runs it")
    };
    let overview = store.overview().await.unwrap();
    let campaigns = u64::try_from(overview.campaigns.len()).unwrap();
    perceive(&store, TICKETS / campaigns.max(1) + 1).await;
    while store.overview().await.unwrap().tickets_waiting < TICKETS {
        let signals = store.next_signals(500).await.unwrap();
        assert!(!signals.is_empty(), "there are enough signals");
        stream::iter(signals)
            .for_each_concurrent(AT_ONCE, |(signal, _)| {
                let (store, ambient) = (store.clone(), ambient.clone());
                async move {
                    let decision = plan(&ambient, &signal);
                    let planned = store.commit_plan(&signal, None, decision).await;
                    if planned.unwrap().is_done() {
                        one(&store, lease.fence).await;
                    }
                }
            })
            .await;
    }
    let waiting = store.overview().await.unwrap().tickets_waiting;
    store.release_lease(&lease).await.unwrap();
    waiting
}

async fn perceive(store: &SqliteStore, items: u64) {
    // Whatever the resource is: the items come as if it had them.
    let resource = store.due_resources(1).await.unwrap().remove(0);
    let poll = Poll::Read {
        items: (0..items)
            .map(|n| fixtures::item(&format!("item {n}")))
            .collect(),
        cursor: None,
        note: None,
        next_poll_at: resource.next_poll_at.plus(Span::from_hours(24)),
    };
    assert!(store.commit_poll(&resource, poll).await.unwrap().is_done());
}

fn plan(ambient: &Ambient, signal: &chimera_domain::signal::Signal) -> PlanDecision {
    let mut spec = chimera_domain::testing::task_spec();
    spec.kind = TaskKind::Publish;
    spec.modality = None;
    let lock = spec.persona_lock.clone();
    let node = Node {
        id: TaskId::from_uuid(ambient.fresh()),
        name: "publish".into(),
        spec,
        after: vec![],
    };
    PlanDecision::Plan {
        graph: TaskGraph::new(format!("bench {}", signal.id), vec![node]).unwrap(),
        lock,
        caps: PlanCaps {
            per_hour: u32::MAX / 2,
            per_day: u32::MAX / 2,
            queue_depth: u32::MAX,
            review_depth: u32::MAX,
        },
    }
}

/// Works on one task, hands in a post, has it sent to a person.
async fn one(store: &Arc<SqliteStore>, fence: i64) {
    let claimed = store.claim_task(fence, Span::from_mins(5)).await.unwrap();
    let work = claimed.expect("one was just planned");
    let mut call = fixtures::call(&format!("post of {}", work.task.id));
    call.server = work.campaign.publish_server.clone();
    call.post.account = work.campaign.account.clone();
    call.post.channel = work.campaign.channel;
    call.post.media.clear();
    let submission = fixtures::submission(Some(call.clone()));
    let submitted = store.submit_result(&work.claim, submission).await.unwrap();
    let Outcome::Done(_, version) = submitted else {
        unreachable!("nobody else has this claim")
    };
    let verdict = fixtures::verdict(Route::HitlQueue, call.content_hash());
    let when = VerdictTimes {
        fuse: Span::from_secs(10),
        sla: Span::from_hours(20),
        sla_expire: Span::from_hours(40),
    };
    let judged = store.commit_verdict(work.task.id, version, &verdict, when);
    assert!(judged.await.unwrap().is_done());
}
