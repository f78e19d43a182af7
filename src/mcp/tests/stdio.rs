//! A real child process: killed, flooding, leaving somebody behind, with a small environment.
//!
//! The child is this very test binary, run again with one test only: [`child`], which serves instead of testing when
//! a variable says so. So it is built whenever the tests are, and its harness prints a banner before the first message,
//! as many a real server does. Time is real here; everything waits for a fact, not for a while.

use std::{process::Stdio, time::Duration};

use chimera_domain::{ports::ToolCaller, testing};
use rmcp::ServiceExt;
use serde_json::{Value, json};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::{Instant, sleep},
};

use super::{
    life::Poster,
    peer::{call_of, call_post, class, health, hub},
};
use crate::{Hub, ServerSettings, Settings, State, Transport};

const ROLE: &str = "CHIMERA_MCP_TEST_CHILD";
const LIMIT: Duration = Duration::from_secs(20);

/// Not a test but the child of the others, when it is told to be one.
#[test]
#[allow(
    clippy::disallowed_methods,
    clippy::zombie_processes,
    reason = "it is a program of its own, and leaves processes behind on purpose"
)]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    if role == "broken" {
        eprintln!("cannot find \u{1b}[31mTOKEN");
        std::process::exit(3);
    }
    if role == "flood" {
        // Far more than a pipe holds: whoever does not read it stops us here.
        for n in 0..20_000 {
            eprintln!("line {n} {}", "x".repeat(80));
        }
    }
    if role == "parent" {
        std::process::Command::new("sleep")
            .arg("600")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
    }
    if role == "stubborn" {
        // A shell that minds neither the end of its input nor a polite signal.
        std::process::Command::new("sh")
            .args(["-c", "trap '' TERM; while :; do sleep 0.1; done"])
            .spawn()
            .unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let pipes = rmcp::transport::stdio_pipes();
        let mut polite = signal(SignalKind::terminate()).unwrap();
        let _ = Poster::new().serve(pipes).await.unwrap().waiting().await;
        if role == "deaf" {
            loop {
                polite.recv().await;
            }
        }
    });
    std::process::exit(0);
}

fn role(role: &str) -> Transport {
    Transport::Stdio {
        command: std::env::current_exe().unwrap().display().to_string(),
        args: ["--exact", "tests::stdio::child", "--nocapture", "--quiet"]
            .map(str::to_owned)
            .to_vec(),
        env: vec![(ROLE.to_owned(), role.to_owned())],
        env_from: vec![],
        cwd: None,
    }
}

/// Every process of this machine.
fn processes() -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Who lives in the process group of this leader. The dead that nobody buried do not count.
fn group_of(leader: u32) -> Vec<u32> {
    let lives =
        |pid: &u32| stat(*pid).is_some_and(|(state, group)| group == leader && state != "Z");
    processes().into_iter().filter(lives).collect()
}

/// The state and the process group of a process.
fn stat(pid: u32) -> Option<(String, u32)> {
    read_stat(&format!("/proc/{pid}/stat"))
}

/// The states of the threads of a process.
fn threads(pid: u32) -> impl Iterator<Item = String> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    threads
        .flatten()
        .filter_map(|thread| Some(read_stat(thread.path().join("stat").to_str()?)?.0))
}

fn read_stat(path: &str) -> Option<(String, u32)> {
    let stat = std::fs::read_to_string(path).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.to_owned();
    Some((state, fields.nth(1)?.parse().ok()?))
}

/// Our one child with this role.
fn leader(role: &str) -> u32 {
    let found = leaders(role);
    assert_eq!(found.len(), 1, "{role}: {found:?}");
    found[0]
}

/// Our children with this role: their environment tells.
fn leaders(role: &str) -> Vec<u32> {
    let wanted = format!("{ROLE}={role}");
    let has_role = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
            && stat(*pid).is_some_and(|(_, group)| group == *pid)
    };
    processes().into_iter().filter(has_role).collect()
}

async fn until(what: &str, mut true_now: impl FnMut() -> bool) {
    let start = Instant::now();
    while !true_now() {
        assert!(start.elapsed() < LIMIT, "{what}");
        sleep(Duration::from_millis(5)).await;
    }
}

fn kill(pid: u32) {
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
}

// T052, R41: a child killed under us is noticed, calls are not sent meanwhile, and it comes back by itself.
#[tokio::test]
async fn t052_a_killed_child_comes_back() {
    let hub = hub(role("killed"), |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    let first = leader("killed");
    kill(first);
    until("the death is seen", || {
        health(&hub).state == State::Backoff(1)
    })
    .await;
    let down = class(call_post(&hub).await);
    assert!(
        down.starts_with("not sent: it is started again in"),
        "{down}"
    );
    assert!(down.contains("signal: 9"), "{down}");
    until("it is back", || health(&hub).state == State::Ready).await;
    assert_eq!(class(call_post(&hub).await), "ok");
    assert_ne!(leader("killed"), first);
    assert_eq!(health(&hub).starts, 2);
    hub.shutdown().await;
}

async fn ends_without_a_trace(name: &str, at_least: usize) -> Duration {
    let hub = hub(role(name), |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    let leader = leader(name);
    assert!(group_of(leader).len() >= at_least);
    let start = Instant::now();
    hub.shutdown().await;
    let took = start.elapsed();
    until("the group is gone", || group_of(leader).is_empty()).await;
    took
}

// R41: a polite child leaves at once, and what it left running in its group goes with it.
#[tokio::test]
async fn r41_no_grandchild_survives_the_end() {
    let took = ends_without_a_trace("parent", 2).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

// R41: a grandchild that minds no polite signal is killed.
#[tokio::test]
async fn r41_a_stubborn_grandchild_is_killed() {
    let took = ends_without_a_trace("stubborn", 2).await;
    assert!(took < Duration::from_secs(3), "{took:?}");
}

// R41: a child that minds neither the end of its input nor a polite signal is killed after 6 s, and two of them take
// no longer than one.
#[tokio::test]
async fn r41_deaf_children_are_killed_side_by_side() {
    let settings = Settings {
        servers: ["a", "b"]
            .map(|name| ServerSettings::new(name, role("deaf")))
            .to_vec(),
        environment: vec![],
    };
    let hub = Hub::new(settings, testing::ambient(7).0).unwrap();
    for server in ["a", "b"] {
        assert_eq!(hub.list_tools(server).await.unwrap().len(), 1);
    }
    let leaders = leaders("deaf");
    assert_eq!(leaders.len(), 2);
    let start = Instant::now();
    hub.shutdown().await;
    let took = start.elapsed();
    assert!(
        (Duration::from_secs(6)..Duration::from_secs(9)).contains(&took),
        "{took:?}"
    );
    until("they are gone", || {
        leaders.iter().all(|leader| group_of(*leader).is_empty())
    })
    .await;
}

// R41: a hub that is dropped in the middle of everything leaves no process either.
#[tokio::test]
async fn r41_a_dropped_hub_leaves_no_process() {
    let hub = hub(role("dropped"), |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    let leader = leader("dropped");
    drop(hub);
    until("the group is gone", || group_of(leader).is_empty()).await;
}

// R41: the same when the whole runtime goes away under it.
#[test]
fn r41_a_dropped_runtime_leaves_no_process() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hub = hub(role("runtime"), |_| ());
    assert_eq!(class(runtime.block_on(call_post(&hub))), "ok");
    let leader = leader("runtime");
    drop(runtime);
    let start = std::time::Instant::now();
    while !group_of(leader).is_empty() {
        assert!(start.elapsed() < LIMIT);
        std::thread::yield_now();
    }
    drop(hub);
}

// R41: a child that floods its standard error is not stopped by it, and the last lines are shown.
#[tokio::test]
async fn r41_a_flood_of_errors_stops_nobody() {
    let hub = hub(role("flood"), |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    until("the last line is read", || {
        health(&hub)
            .stderr
            .last()
            .is_some_and(|line| line.as_str().starts_with("line 19999 "))
    })
    .await;
    assert_eq!(health(&hub).stderr.len(), 20);
    hub.shutdown().await;
}

// R41: a child that does not start says why in its own words, made safe; so does a program that does not exist.
#[tokio::test]
async fn r41_a_failed_start_says_why() {
    let hub = hub(role("broken"), |_| ());
    let why = class(call_post(&hub).await);
    assert!(
        why.contains("(exit status: 3); it said: cannot find ␛[31mTOKEN"),
        "{why}"
    );
    hub.shutdown().await;
    let nowhere = Transport::Stdio {
        command: "/nonexistent/mcp".into(),
        args: vec![],
        env: vec![],
        env_from: vec![],
        cwd: None,
    };
    let why = class(call_post(&super::peer::hub(nowhere, |_| ())).await);
    assert!(
        why.contains("it could not be started: No such file or directory"),
        "{why}"
    );
}

// R163, R159: a child sees what it is given, the usual four, and what was named for it; nothing else of ours.
#[tokio::test]
async fn r163_the_environment_of_a_child_is_small() {
    let mut transport = role("environment");
    if let Transport::Stdio { env_from, .. } = &mut transport {
        env_from.push("NAMED".into());
    }
    let hub: Hub = hub(transport, |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    let environment = std::fs::read(format!("/proc/{}/environ", leader("environment"))).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    let mut names: Vec<&str> = environment
        .split('\0')
        .filter_map(|variable| Some(variable.split_once('=')?.0))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [ROLE, "NAMED", "PATH"]);
    hub.shutdown().await;
}

// R41: a call that is in the air when its child dies is ambiguous, and never waits for the deadline.
#[tokio::test]
async fn t071_a_call_in_the_air_when_its_child_dies_is_ambiguous() {
    let hub = hub(role("air"), |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    let leader = leader("air");
    let stopped = std::process::Command::new("kill")
        .args(["-STOP", &leader.to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    until("every thread of it stands still", || {
        threads(leader).all(|state| state == "T")
    })
    .await;
    let arguments: Value = json!({"text": "x"});
    let call = hub.call(call_of("post", arguments));
    let (outcome, ()) = tokio::join!(call, async {
        // The runtime has one thread and writes what is ready before it looks at a timer.
        sleep(Duration::from_millis(50)).await;
        kill(leader);
    });
    assert_eq!(
        class(outcome),
        "ambiguous: the connection closed before an answer came"
    );
    hub.shutdown().await;
}
