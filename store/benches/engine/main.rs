//! The workload *campaign run* through the ports of the store, beside the raw floor of this disk in the
//! same process: 1 signal, a plan of 4 nodes with bodies that do nothing, a verdict, a person's approval, a
//! publication; every transition durable (`synchronous=FULL`), its version checked.
//!
//! `make bench` prints one JSON value a line. The floor is bare rusqlite
//! with group commit, where transitions that belong together are one request (7 a run).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on should stop, prints, and reads the clock"
)]

mod floor;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::HashSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chimera_domain::{
    Ambient, Outcome, Span,
    effect::{Receipt, Settlement},
    ids::{SignalId, TaskId},
    plan::{Node, TaskGraph},
    ports::{
        BellStore, DeskStore, ExecutorStore, JudgeStore, PlanCaps, PlanDecision, PlannerStore,
        VerdictTimes, WorkerStore,
    },
    resource::{Poll, Resource},
    signal::Signal,
    task::TaskKind,
    ticket::{Choice, Decide},
    verdict::Route,
};
use chimera_store::{SqliteStore, conformance::fixtures};
use serde_json::json;

/// What is measured: each load once with an account for each run, and many runs of one account, whose posts
/// leave one after the other.
const LOADS: [Load; 4] = [
    Load::new(1, 1, 300),
    Load::new(16, 16, 1_500),
    Load::new(256, 256, 3_000),
    Load::new(256, 1, 1_000),
];

#[derive(Debug, Clone, Copy)]
struct Load {
    /// Runs that go on at once.
    at_once: usize,
    /// Campaigns, each with an account of its own.
    accounts: usize,
    /// Runs that are measured.
    runs: usize,
}

impl Load {
    const fn new(at_once: usize, accounts: usize, runs: usize) -> Self {
        Self {
            at_once,
            accounts,
            runs,
        }
    }

    /// As an argument: `16:1500` is 1,500 runs, 16 at once.
    fn parse(arg: &str) -> Option<Self> {
        let (c, runs) = arg.split_once(':')?;
        let at_once = c.parse().ok()?;
        Some(Self::new(at_once, at_once, runs.parse().ok()?))
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let asked: Vec<_> = std::env::args()
        .skip(1)
        .filter_map(|arg| Load::parse(&arg))
        .collect();
    let loads = if asked.is_empty() {
        LOADS.to_vec()
    } else {
        asked
    };
    for load in loads {
        let directory = tempfile::tempdir().unwrap();
        let floor = floor::floor(&directory.path().join("floor.db"), load.at_once, load.runs);
        let engine = runtime.block_on(engine(&directory.path().join("engine.db"), load));
        println!(
            "{}",
            json!({
                "workload": "campaign run", "synchronous": "FULL", "concurrent_runs": load.at_once,
                "accounts": load.accounts, "runs": load.runs,
                "engine_runs_per_s": engine.per_second.round(), "floor_runs_per_s": floor.per_second.round(),
                "share_of_floor": (engine.per_second / floor.per_second * 1000.0).round() / 1000.0,
                "engine_commits_per_run": (engine.commits_per_run * 10.0).round() / 10.0,
                "floor_commits_per_run": (floor.commits_per_run * 10.0).round() / 10.0,
                "approve_to_published_p50_ms": engine.approve_p50.as_secs_f64() * 1000.0,
                "engine_writer_cpu_us_per_run": engine.writer_cpu.map(|cpu| cpu.as_micros()),
                "floor_writer_cpu_us_per_run": floor.writer_cpu.map(|cpu| cpu.as_micros()),
                "engine_written_kib_per_run": engine.written_kib,
                "floor_written_kib_per_run": floor.written_kib,
                "floor_request_p50_ms": floor.approve_p50.as_secs_f64() * 1000.0,
            })
        );
    }
}

struct Measured {
    per_second: f64,
    commits_per_run: f64,
    /// Engine: from the decision to the confirmed effect. Floor: one request.
    approve_p50: Duration,
    /// What the writer's thread needed of a processor, per run.
    writer_cpu: Option<Duration>,
    /// What was handed to the system to be written, per run.
    written_kib: Option<u64>,
}

fn measured(runs: usize, took: Duration, commits: u64, mut times: Vec<Duration>) -> Measured {
    let runs = runs as f64;
    Measured {
        per_second: runs / took.as_secs_f64(),
        commits_per_run: commits as f64 / runs,
        approve_p50: support::quantile(&mut times, 500),
        writer_cpu: None,
        written_kib: None,
    }
}

// --- the engine

/// What every run of the engine shares.
struct Bench {
    store: Arc<SqliteStore>,
    fence: i64,
    /// Rung when an account is free to send again.
    sent: tokio::sync::Notify,
    lock: chimera_domain::persona::PersonaLock,
    ambient: Ambient,
    begun: AtomicUsize,
    ended: AtomicUsize,
    runs: usize,
    signals: tokio::sync::Mutex<Signals>,
}

/// Signals that wait to be planned, as the one planner of a swarm would hold them, and where they come from.
struct Signals {
    resource: Resource,
    polls: u64,
    waiting: Vec<Signal>,
    seen: HashSet<SignalId>,
}

async fn engine(path: &Path, load: Load) -> Measured {
    let ambient = support::ambient(1);
    let (store, fence, setup) = support::open(path, &ambient, load.accounts).await;
    let resource = store.due_resources(1).await.unwrap().remove(0);
    let runs = load.runs;
    let bench = Arc::new(Bench {
        store: store.clone(),
        fence,
        sent: tokio::sync::Notify::new(),
        lock: setup.personas[0].lock(),
        ambient,
        begun: AtomicUsize::new(0),
        ended: AtomicUsize::new(0),
        runs,
        signals: tokio::sync::Mutex::new(Signals {
            resource,
            polls: 0,
            waiting: Vec::new(),
            seen: HashSet::new(),
        }),
    });
    let before = store.change_seq().await.unwrap();
    let written = written();
    let begun = Instant::now();
    let tasks: Vec<_> = (0..load.at_once)
        .map(|_| tokio::spawn(bench.clone().drive()))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let took = begun.elapsed();
    let commits = store.change_seq().await.unwrap() - before;
    let writer = cpu_of("store-writer");
    let written = written_since(written, runs);
    store.integrity_check().await.unwrap();
    Measured {
        writer_cpu: writer.map(|cpu| cpu / u32::try_from(runs).unwrap()),
        written_kib: written,
        ..measured(runs, took, commits, times)
    }
}

/// The bytes this process has handed to the system to be written, where the system says so.
fn written() -> Option<u64> {
    let io = std::fs::read_to_string("/proc/self/io").ok()?;
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: "))?;
    line.trim().parse().ok()
}

fn written_since(before: Option<u64>, runs: usize) -> Option<u64> {
    let bytes = written()?.checked_sub(before?)?;
    Some(bytes / 1024 / u64::try_from(runs).ok()?)
}

/// How long the thread of this name has run on a processor, where the system says so.
fn cpu_of(name: &str) -> Option<Duration> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let thread = threads.flatten().find(|thread| {
        let comm = std::fs::read_to_string(thread.path().join("comm"));
        comm.is_ok_and(|comm| comm.trim() == name)
    })?;
    let schedstat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
    let nanos = schedstat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

impl Bench {
    /// Works on whatever can be worked on, and begins a run when nothing can.
    async fn drive(self: Arc<Self>) -> Vec<Duration> {
        let (mut times, lease) = (Vec::new(), Span::from_mins(5));
        let mut work = None;
        while self.ended.load(Ordering::Relaxed) < self.runs {
            let Some(claimed) = work.take() else {
                work = self.store.claim_task(self.fence, lease).await.unwrap();
                if work.is_some() {
                } else if self.begun.fetch_add(1, Ordering::Relaxed) < self.runs {
                    self.begin().await;
                } else {
                    tokio::task::yield_now().await;
                }
                continue;
            };
            let (id, claim) = (claimed.task.id, claimed.claim);
            let last = claimed.task.spec.kind == TaskKind::Publish;
            let call = last.then(|| {
                let mut call = fixtures::call(&format!("post {id}"));
                call.post.account.clone_from(&claimed.campaign.account);
                call
            });
            let submission = fixtures::submission(call.clone());
            let submitted = self.store.submit_and_claim(&claim, submission, lease).await;
            let (Outcome::Done(_, version), next) = submitted.unwrap() else {
                unreachable!("nobody else has this claim")
            };
            work = next;
            if let Some(call) = call {
                times.push(self.publish(id, version, &call).await);
                self.ended.fetch_add(1, Ordering::Relaxed);
            }
        }
        times
    }

    /// Plans the next signal; when none waits, a poll brings one item, which is a signal for each campaign.
    async fn begin(&self) {
        let signal = {
            let mut signals = self.signals.lock().await;
            loop {
                if let Some(signal) = signals.waiting.pop() {
                    break signal;
                }
                self.poll(&mut signals).await;
            }
        };
        let nodes = [
            self.node("research", None),
            self.node("text", Some("research")),
            self.node("image", Some("text")),
            self.node("publish", Some("image")),
        ];
        let graph = TaskGraph::new("run", nodes.to_vec()).unwrap();
        let decision = PlanDecision::Plan {
            graph,
            lock: self.lock.clone(),
            caps: PlanCaps {
                per_hour: u32::MAX / 2,
                per_day: u32::MAX / 2,
                queue_depth: u32::MAX,
                review_depth: u32::MAX,
            },
        };
        let planned = self.store.commit_plan(&signal, None, decision).await;
        assert!(planned.unwrap().is_done());
    }

    async fn poll(&self, signals: &mut Signals) {
        signals.polls += 1;
        let poll = Poll::Read {
            items: vec![fixtures::item(&format!("item {}", signals.polls))],
            cursor: None,
            note: None,
            next_poll_at: self.ambient.now(),
        };
        let polled = self.store.commit_poll(&signals.resource, poll).await;
        let Outcome::Done(_, version) = polled.unwrap() else {
            unreachable!("one poll at a time")
        };
        signals.resource.version = version;
        for (signal, _) in self.store.next_signals(500).await.unwrap() {
            if signals.seen.insert(signal.id) {
                signals.waiting.push(signal);
            }
        }
    }

    fn node(&self, name: &str, after: Option<&str>) -> Node {
        let mut spec = chimera_domain::testing::task_spec();
        if name == "publish" {
            spec.kind = TaskKind::Publish;
            spec.modality = None;
        }
        Node {
            id: TaskId::from_uuid(self.ambient.fresh()),
            name: name.into(),
            spec,
            after: after.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Verdict, approval, sending, confirmation; how long the last three took.
    async fn publish(
        &self,
        task: TaskId,
        version: chimera_domain::StateVersion,
        call: &chimera_domain::effect::OutgoingCall,
    ) -> Duration {
        let times = VerdictTimes {
            fuse: Span::ZERO,
            sla: Span::from_hours(2),
            sla_expire: Span::from_hours(4),
        };
        let verdict = fixtures::verdict(Route::HitlQueue, call.content_hash());
        let judged = self.store.commit_verdict(task, version, &verdict, times);
        let Outcome::Done(Some(ticket), _) = judged.await.unwrap() else {
            unreachable!("nobody else judges it")
        };
        let decided = Instant::now();
        let decide = Decide {
            ticket_id: ticket,
            version: chimera_domain::StateVersion::FIRST,
            content_hash: call.content_hash(),
            choice: Choice::Approve,
            actor: "bench".into(),
        };
        assert!(self.store.decide_ticket(&decide).await.unwrap().is_done());
        loop {
            let sent = self.sent.notified();
            // Whoever comes first sends the oldest; each sends one, and of one account one after the other.
            let Some(order) = self.store.take_effect(self.fence).await.unwrap() else {
                sent.await;
                continue;
            };
            let receipt = Receipt {
                external_id: order.effect_id.to_string(),
                url: String::new(),
                simulated: true,
                text_sha256: None,
                disclosure: None,
                cost_usd: None,
            };
            let settled = Settlement::Confirmed(receipt);
            let settled = self
                .store
                .settle_effect(order.effect_id, order.version, settled);
            assert!(settled.await.unwrap().is_done());
            self.sent.notify_one();
            return decided.elapsed();
        }
    }
}
