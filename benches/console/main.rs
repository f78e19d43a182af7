//! The finished console from outside, in a pseudo terminal of 120x40, on a database of a large house: what
//! it sends, how long it takes and what it costs. One JSON value for each row of the console's bars.
//!
//! `make bench-console` builds the program, makes the database and runs this. This process stands in
//! for the daemon: it holds the lease and brings what is new.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::float_arithmetic,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on should stop, prints, and reads the clock"
)]

mod process;
mod pty;
mod reviewer;
mod robust;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use chimera_domain::{
    Span,
    ports::{Acquired, DeskStore, LeaseRequest, PlannerStore, RuntimeStore},
    resource::{FeedItem, Poll},
};
use chimera_store::SqliteStore;
use pty::{Console, PATIENCE, Start};
use serde_json::{Value, json};

/// What is on screen when a ticket can be decided.
const CARD: &str = "Approve = 1 post";
const IDLE: Duration = Duration::from_secs(20);
const KEYS: usize = 60;
const BURST: usize = 100;
const TRENDS: u32 = 15;

fn main() {
    let mut args = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"));
    let program = PathBuf::from(args.next().expect("the program to be measured"));
    let home = args.next().expect("the home with the generated database");
    // The console starts in another folder than this process.
    let home = std::fs::canonicalize(home).expect("the home with the generated database");
    let home = home.to_str().expect("a path in UTF-8").to_owned();
    if std::env::args().any(|arg| arg == "--hold") {
        return robust::hold(&program, &home, CARD);
    }
    let only: Vec<String> = args.collect();
    let wanted = |row: &str| only.is_empty() || only.iter().any(|o| o == row);
    let bench = Bench {
        program: &program,
        home: &home,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let daemon = Daemon::start(&runtime, Path::new(&home));
    println!("{}", runtime.block_on(daemon.house()));
    if wanted("first_frame") {
        println!("{}", bench.first_frame());
    }
    if wanted("idle") {
        println!("{}", bench.idle());
    }
    if wanted("key") {
        // The lists of the home screen, and the next ticket with its whole card.
        println!("{}", bench.keys("key_in_list", "1", ("j", "k")));
        println!("{}", bench.keys("key_in_ledger", "4", ("j", "k")));
        println!("{}", bench.keys("next_ticket", "3", ("n", "p")));
    }
    if wanted("burst") {
        println!("{}", bench.burst("burst_in_list", "1"));
        println!("{}", bench.burst("burst_in_review", "3"));
    }
    if wanted("trend") {
        println!("{}", bench.trends(&runtime, &daemon));
    }
    if wanted("robust") {
        let robust = robust::Bench {
            program: &program,
            home: &home,
            card: CARD,
        };
        let checks = robust.all();
        let passed = checks.iter().filter(|(_, check)| check.is_ok()).count();
        let told: serde_json::Map<String, Value> = checks
            .iter()
            .map(|(name, check)| {
                let told = check.as_ref().err().map_or("pass", String::as_str);
                ((*name).to_owned(), json!(told))
            })
            .collect();
        println!(
            "{}",
            json!({"row": "robustness", "passed": passed, "of": checks.len(), "checks": told, "met": passed == checks.len()})
        );
    }
    if wanted("reviewer") {
        println!("{}", reviewer::clear_tickets(&program, &home));
    }
    runtime.block_on(daemon.end());
}

struct Bench<'a> {
    program: &'a Path,
    home: &'a str,
}

fn ms(span: Duration) -> f64 {
    span.as_micros() as f64 / 1_000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Bench<'_> {
    fn open(&self) -> Console {
        Console::open(&Start {
            program: self.program,
            args: &["--attach", "--home", self.home],
            env: &[],
            columns: 120,
            rows: 40,
            tape: false,
        })
    }

    fn ready(&self) -> Console {
        let console = self.open();
        console.shows(CARD).expect("a card");
        console.settle(Duration::from_millis(700));
        console
    }

    /// From the start of the process to a card that can be decided: a frame without one is of no use.
    fn first_frame(&self) -> Value {
        let (mut wall, mut cpu, mut first, mut bytes) = (vec![], vec![], vec![], 0);
        for _ in 0..7 {
            let console = self.open();
            let any = console.when(PATIENCE, |seen| seen.bytes > 100).unwrap();
            let useful = console.shows(CARD).expect("a card");
            cpu.push(ms(process::cpu(console.pid())));
            first.push(ms(any - console.begun));
            wall.push(ms(useful - console.begun));
            bytes = console.bytes();
        }
        let (wall, cpu) = (median(wall), median(cpu));
        json!({"row": "first_useful_frame", "wall_ms": wall, "cpu_ms": cpu, "first_bytes_ms": median(first), "bytes": bytes,
            "bar": "<= 300 ms wall, <= 60 ms CPU", "met": wall <= 300.0 && cpu <= 60.0})
    }

    fn idle(&self) -> Value {
        let console = self.ready();
        console.settle(Duration::from_secs(2));
        within_a_minute(IDLE);
        let pid = console.pid();
        let (bytes, wakeups, cpu) = (console.bytes(), process::wakeups(pid), process::cpu(pid));
        let threads = process::wakeups_by_thread(pid);
        std::thread::sleep(IDLE);
        let secs = IDLE.as_secs_f64();
        let bytes = (console.bytes() - bytes) as f64 / secs;
        let wakeups = (process::wakeups(pid) - wakeups) as f64 / secs;
        let after = process::wakeups_by_thread(pid);
        let by: serde_json::Map<String, Value> = threads
            .iter()
            .zip(&after)
            .filter(|(before, after)| before.0 == after.0 && after.1 > before.1)
            .map(|(before, after)| (after.0.clone(), json!((after.1 - before.1) as f64 / secs)))
            .collect();
        let pss = process::pss_kib(pid).map(|kib| kib as f64 / 1_024.0);
        println!(
            "{}",
            json!({"row": "memory", "pss_mib": pss, "bar": "<= 40 MiB", "met": pss.is_some_and(|mib| mib <= 40.0)})
        );
        json!({"row": "idle", "bytes_per_s": bytes, "wakeups_per_s": wakeups, "by_thread": by,
            "cpu_percent": (process::cpu(pid) - cpu).as_secs_f64() / secs * 100.0, "bar": "0 B/s, <= 5 wake-ups/s",
            "met": bytes == 0.0 && wakeups <= 5.0})
    }

    /// One key after the other, each answered before the next.
    fn keys(&self, row: &str, pane: &str, (there, back): (&str, &str)) -> Value {
        let mut console = self.ready();
        console.press(pane);
        console.settle(Duration::from_millis(700));
        within_a_minute(Duration::from_secs(20));
        let (before, cpu) = (console.bytes(), process::cpu(console.pid()));
        let mut answers = Vec::new();
        for n in 0..KEYS {
            let bytes = console.bytes();
            let pressed = Instant::now();
            // Down and up again, so that no edge is met.
            console.press(if n % 10 < 5 { there } else { back });
            let answer = console.when(PATIENCE, |seen| seen.bytes > bytes).unwrap();
            answers.push(ms(answer.saturating_duration_since(pressed)));
            console.settle(Duration::from_millis(120));
        }
        let bytes = (console.bytes() - before) as f64 / KEYS as f64;
        let cpu = ms(process::cpu(console.pid()) - cpu) / KEYS as f64;
        answers.sort_by(f64::total_cmp);
        let p95 = answers[KEYS * 95 / 100];
        json!({"row": row, "bytes": bytes, "cpu_ms": cpu, "answer_ms_p50": answers[KEYS / 2], "answer_ms_p95": p95,
            "bar": "<= 400 B, <= 2 ms CPU, p95 <= 10 ms", "met": bytes <= 400.0 && cpu <= 2.0 && p95 <= 10.0})
    }

    /// A hundred keys in one write, as a held key on a slow line arrives.
    fn burst(&self, row: &str, pane: &str) -> Value {
        let mut console = self.ready();
        console.press(pane);
        console.settle(Duration::from_millis(700));
        within_a_minute(Duration::from_secs(5));
        let (mut sizes, mut times) = (vec![], vec![]);
        for round in 0..5 {
            let before = console.bytes();
            let pressed = Instant::now();
            console.press(&if round % 2 == 0 { "j" } else { "k" }.repeat(BURST));
            console.when(PATIENCE, |seen| seen.bytes > before).unwrap();
            console.settle(Duration::from_millis(400));
            let seen = console.seen.0.lock().unwrap();
            sizes.push((seen.bytes - before) as f64 / BURST as f64);
            times.push(ms(seen.last - pressed));
        }
        let (bytes, took) = (median(sizes), median(times));
        json!({"row": row, "bytes_per_key": bytes, "ms": took, "bar": "<= 60 B/key, <= 50 ms",
            "met": bytes <= 60.0 && took <= 50.0})
    }

    /// One item a second, which is a signal to every agent.
    fn trends(&self, runtime: &tokio::runtime::Runtime, daemon: &Daemon) -> Value {
        let console = self.ready();
        within_a_minute(Duration::from_secs(u64::from(TRENDS)));
        let (bytes, cpu) = (console.bytes(), process::cpu(console.pid()));
        let begun = Instant::now();
        for n in 0..TRENDS {
            runtime.block_on(daemon.bring(n));
            let due = begun + Duration::from_secs(u64::from(n) + 1);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        let secs = begun.elapsed().as_secs_f64();
        let bytes = (console.bytes() - bytes) as f64 / secs;
        let cpu = (process::cpu(console.pid()) - cpu).as_secs_f64() / secs * 100.0;
        json!({"row": "one_trend_a_second", "bytes_per_s": bytes, "cpu_percent": cpu, "bar": "<= 400 B/s", "met": bytes <= 400.0})
    }
}

/// Waits until so much is left of the minute: ages on screen change with it.
fn within_a_minute(room: Duration) {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let left = Duration::from_secs(60)
        - Duration::from_millis(u64::try_from(since.as_millis() % 60_000).unwrap());
    if left < room {
        std::thread::sleep(left + Duration::from_millis(700));
    }
}

/// What holds the lease.
struct Daemon {
    store: Arc<SqliteStore>,
    renewing: tokio::task::JoinHandle<()>,
    lease: chimera_domain::ports::Lease,
}

impl Daemon {
    fn start(runtime: &tokio::runtime::Runtime, home: &Path) -> Self {
        let settings = chimera_store::Settings::file(home.join("chimera.db"));
        let store = chimera_store::open(settings, chimera::clock::system()).unwrap();
        let ttl = Span::from_secs(30);
        let request = LeaseRequest {
            holder: "bench".into(),
            host: "bench".into(),
            pid: std::process::id(),
            known_dead_pid: None,
            ttl,
        };
        let acquired = runtime.block_on(store.acquire_lease(&request)).unwrap();
        let Acquired::Ours(lease) = acquired else {
            unreachable!("a swarm runs on this database")
        };
        let (far, mut held) = (store.clone(), lease.clone());
        let renewing = runtime.spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(10)).await;
                held = far.renew_lease(&held, ttl).await.unwrap();
            }
        });
        Self {
            store,
            renewing,
            lease,
        }
    }

    async fn house(&self) -> Value {
        let overview = self.store.overview().await.unwrap();
        let sum = |counts: Vec<u64>| counts.into_iter().sum::<u64>();
        json!({"row": "house", "agents": overview.campaigns.len(), "tasks": sum(overview.tasks.iter().map(|t| t.1).collect()),
            "signals": sum(overview.signals.iter().map(|s| s.1).collect()), "tickets_waiting": overview.tickets_waiting})
    }

    async fn bring(&self, n: u32) {
        let resource = self.store.due_resources(1).await.unwrap().remove(0);
        let seq = self.store.overview().await.unwrap().at.micros();
        let poll = Poll::Read {
            items: vec![FeedItem {
                key: format!("bench {seq} {n}"),
                title: format!("News of second {n} at the bench"),
                summary: String::new(),
                link: "https://example.org".into(),
                published_at: None,
                source: "Bench".into(),
                authors: Vec::new(),
                recorded: true,
            }],
            cursor: None,
            note: None,
            next_poll_at: resource.next_poll_at,
        };
        assert!(
            self.store
                .commit_poll(&resource, poll)
                .await
                .unwrap()
                .is_done()
        );
    }

    async fn end(self) {
        self.renewing.abort();
        self.store.release_lease(&self.lease).await.unwrap();
    }
}
