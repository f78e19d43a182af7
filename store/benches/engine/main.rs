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

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use chimera_domain::{
    Ambient, Clock, IdSource, Outcome, Span, Timestamp,
    campaign::CampaignSpec,
    effect::{Receipt, Settlement},
    ids::TaskId,
    plan::{Node, TaskGraph},
    ports::{
        Acquired, BellStore, DeskStore, ExecutorStore, JudgeStore, PlanCaps, PlanDecision,
        PlannerStore, RuntimeStore, VerdictTimes, WorkerStore,
    },
    resource::{Poll, ResourceSpec},
    task::TaskKind,
    ticket::{Choice, Decide},
    verdict::Route,
};
use chimera_store::{
    Settings, SqliteStore,
    conformance::{Harness, fixtures},
};
use serde_json::json;
use uuid::Uuid;

/// How many runs go on at once, and how many are measured.
const LOADS: [(usize, usize); 3] = [(1, 300), (16, 1_500), (256, 3_000)];

struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp::from_micros(i64::try_from(since.unwrap().as_micros()).unwrap())
    }
}

struct Ids(AtomicU64);

impl IdSource for Ids {
    fn fresh(&self) -> Uuid {
        chimera_domain::testing::uuid_of(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
    fn pick(&self, below: u64) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) % below.max(1)
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for (c, runs) in LOADS {
        let directory = tempfile::tempdir().unwrap();
        let floor = floor::floor(&directory.path().join("floor.db"), c, runs);
        let engine = runtime.block_on(engine(&directory.path().join("engine.db"), c, runs));
        println!(
            "{}",
            json!({
                "workload": "campaign run", "synchronous": "FULL", "concurrent_runs": c, "runs": runs,
                "engine_runs_per_s": engine.per_second.round(), "floor_runs_per_s": floor.per_second.round(),
                "share_of_floor": (engine.per_second / floor.per_second * 1000.0).round() / 1000.0,
                "engine_commits_per_run": (engine.commits_per_run * 10.0).round() / 10.0,
                "floor_commits_per_run": (floor.commits_per_run * 10.0).round() / 10.0,
                "approve_to_published_p50_ms": engine.approve_p50.as_secs_f64() * 1000.0,
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
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn measured(runs: usize, took: Duration, commits: u64, times: Vec<Duration>) -> Measured {
    let runs = runs as f64;
    Measured {
        per_second: runs / took.as_secs_f64(),
        commits_per_run: commits as f64 / runs,
        approve_p50: median(times),
    }
}

// --- the engine

/// What every run of the engine shares.
struct Bench {
    store: Arc<SqliteStore>,
    fence: i64,
    lock: chimera_domain::persona::PersonaLock,
    ambient: Ambient,
    begun: AtomicUsize,
    ended: AtomicUsize,
    runs: usize,
    key: AtomicI64,
}

async fn engine(path: &Path, c: usize, runs: usize) -> Measured {
    let ambient = Ambient::new(Arc::new(Wall), Arc::new(Ids(AtomicU64::new(1))));
    let store = chimera_store::open(Settings::file(path), ambient.clone()).unwrap();
    let opened = store.clone();
    let harness = Harness::new(Arc::new(move |_| opened.clone()));
    let mut setup = harness.setup();
    // One resource a run in flight: a resource is polled by one at a time.
    setup.resources = (0..c)
        .map(|n| ResourceSpec {
            server: "feeds".into(),
            uri: format!("feed://{n}"),
            interval: Span::from_mins(5),
            age_max: None,
        })
        .collect();
    setup.campaigns = vec![CampaignSpec {
        budget_usd_max: chimera_domain::Usd::from_micros(1_000_000_000),
        ..setup.campaigns[0].clone()
    }];
    setup.policy.judge.undo_fuse = Span::ZERO;
    store.install(&setup).await.unwrap();
    let Acquired::Ours(lease) = store
        .acquire_lease(&chimera_domain::ports::LeaseRequest {
            holder: "bench".into(),
            host: "bench".into(),
            pid: 1,
            known_dead_pid: None,
            ttl: Span::from_hours(1),
        })
        .await
        .unwrap()
    else {
        unreachable!("the database is new")
    };
    let bench = Arc::new(Bench {
        store: store.clone(),
        fence: lease.fence,
        lock: setup.personas[0].lock(),
        ambient,
        begun: AtomicUsize::new(0),
        ended: AtomicUsize::new(0),
        runs,
        key: AtomicI64::new(0),
    });
    let resources = store.due_resources(u32::MAX).await.unwrap();
    let before = store.change_seq().await.unwrap();
    let begun = Instant::now();
    let tasks: Vec<_> = resources
        .into_iter()
        .map(|resource| tokio::spawn(bench.clone().drive(resource)))
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let took = begun.elapsed();
    let commits = store.change_seq().await.unwrap() - before;
    store.verify_audit(vec![]).await.unwrap();
    measured(runs, took, commits, times)
}

impl Bench {
    /// Works on whatever can be worked on, and begins a run when nothing can.
    async fn drive(
        self: Arc<Self>,
        mut resource: chimera_domain::resource::Resource,
    ) -> Vec<Duration> {
        let mut times = Vec::new();
        while self.ended.load(Ordering::Relaxed) < self.runs {
            let work = self
                .store
                .claim_task(self.fence, Span::from_mins(5))
                .await
                .unwrap();
            let Some(work) = work else {
                if self.begun.fetch_add(1, Ordering::Relaxed) < self.runs {
                    self.begin(&mut resource).await;
                } else {
                    tokio::task::yield_now().await;
                }
                continue;
            };
            let last = work.task.spec.kind == TaskKind::Publish;
            let call = last.then(|| fixtures::call(&format!("post {}", work.task.id)));
            let submission = fixtures::submission(call.clone());
            let submitted = self.store.submit_result(&work.claim, submission).await;
            let Outcome::Done(_, version) = submitted.unwrap() else {
                unreachable!("nobody else has this claim")
            };
            if let Some(call) = call {
                times.push(self.publish(work.task.id, version, &call).await);
                self.ended.fetch_add(1, Ordering::Relaxed);
            }
        }
        times
    }

    async fn begin(&self, resource: &mut chimera_domain::resource::Resource) {
        let n = self.key.fetch_add(1, Ordering::Relaxed);
        let poll = Poll::Read {
            items: vec![fixtures::item(&format!("item {n}"))],
            cursor: None,
            note: None,
            next_poll_at: self.ambient.now(),
        };
        let polled = self.store.commit_poll(resource, poll).await.unwrap();
        let Outcome::Done(_, version) = polled else {
            unreachable!("one run a resource")
        };
        resource.version = version;
        let signals = self.store.next_signals(64).await.unwrap();
        let pick = usize::try_from(n).unwrap_or(0) % signals.len().max(1);
        let Some((signal, _)) = signals.get(pick) else {
            self.begun.fetch_sub(1, Ordering::Relaxed);
            return;
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
        // Of two that saw the same signal one plans it; the other begins anew.
        let planned = self
            .store
            .commit_plan(signal, None, decision)
            .await
            .unwrap();
        if !planned.is_done() {
            self.begun.fetch_sub(1, Ordering::Relaxed);
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
            // Whoever comes first sends the oldest; each sends one.
            if let Some(order) = self.store.take_effect(self.fence).await.unwrap() {
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
                return decided.elapsed();
            }
        }
    }
}
