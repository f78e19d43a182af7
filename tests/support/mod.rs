//! The program as a stranger meets it: a home of its own, the real binary, and what it printed.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chimera_domain::chain::EvmAddress;
use serde_json::Value;

/// How long anything may take before a test gives up. Not a pace: everything is waited for, not slept through.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A home in a temporary directory.
pub(crate) struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Keeps the directory for whoever looks into what went wrong in it.
    #[cfg(debug_assertions)]
    pub(crate) fn keep(self) -> PathBuf {
        self.directory.keep()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The binary on this home, with nothing of this process's environment that could steer it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimera"));
        command.args(args).arg("--home").arg(self.path());
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("USER", "tester")
            .env("TERM", "xterm-256color");
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Starts the daemon; it is killed when the guard is dropped.
    pub(crate) fn daemon(&self, args: &[&str]) -> Daemon {
        let args: Vec<&str> = std::iter::once("--daemon")
            .chain(args.iter().copied())
            .collect();
        let child = self
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Daemon { child }
    }

    /// One value a line, from a command that must succeed.
    pub(crate) fn json(&self, args: &[&str]) -> Vec<Value> {
        let ran = self.run(&[args, &["--json"]].concat());
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
        ran.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) fn status(&self) -> Value {
        self.json(&["status"]).remove(0)
    }

    /// Tickets that wait; none as long as there is no database.
    pub(crate) fn tickets(&self) -> Vec<Value> {
        let ran = self.run(&["review", "list", "--limit", "200", "--json"]);
        assert!(ran.code == 0 || ran.code == 4, "{}", ran.stderr);
        ran.stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Whether the swarm of this home is run by this process.
    pub(crate) fn is_run_by(&self, pid: u32) -> bool {
        let ran = self.run(&["status", "--json"]);
        ran.code == 0 && ran.stdout.contains(&format!("\"pid\":{pid}"))
    }

    /// What the stand-in platform has in its journal, one value a line.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let path = walk(self.path()).into_iter().find(|path| {
            path.file_name()
                .is_some_and(|name| name == "platform.jsonl")
        });
        let Some(path) = path else { return Vec::new() };
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|line| line["kind"] == "posted")
            .map(|mut line| line["post"].take())
            .collect()
    }
}

pub(crate) fn walk(directory: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(walk(&path))
        } else {
            out.push(path)
        }
    }
    out
}

/// How a command ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A running daemon.
pub(crate) struct Daemon {
    child: Child,
}

impl Daemon {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.pid().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }

    /// Dies without a chance to clean up.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// How it ended and what it said, if it did.
    pub(crate) fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().unwrap()?;
        let mut said = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        }
        Some(format!("{status}: {said}"))
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Held by tests that measure time or load the machine, so that they do not measure each other.
pub(crate) fn quiet() -> MutexGuard<'static, ()> {
    static QUIET: Mutex<()> = Mutex::new(());
    QUIET.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks until there is something to see. A look that costs is followed by a wait as long: it often is a whole
/// process, and must leave the machine to the one it looks at.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        let looking = Instant::now();
        if let Some(seen) = look() {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        pause(looking.elapsed().max(BREATH));
    }
}

const BREATH: Duration = Duration::from_millis(20);

/// A short wait between two looks at another process, which has no bell for us.
pub(crate) fn breathe() {
    pause(BREATH);
}

#[allow(
    clippy::disallowed_methods,
    reason = "another process cannot be waited for in any other way"
)]
fn pause(span: Duration) {
    std::thread::sleep(span);
}

/// A folder of the real data beside the repository; says so when it is not there.
pub(crate) fn shared_data(folder: &str) -> Option<PathBuf> {
    let path = xtask::walk::root()
        .unwrap()
        .join("../shared/data")
        .join(folder);
    if path.is_dir() {
        return Some(path.canonicalize().unwrap());
    }
    eprintln!(
        "skipped: the real data are not beside the repository ({})",
        path.display()
    );
    None
}

/// `payments:` of a budget.yaml for one wallet on a local chain, with caps that do not bind.
pub(crate) struct Payments<'a> {
    pub(crate) token: EvmAddress,
    /// How the token moves, with what that needs.
    pub(crate) rail: &'a str,
    pub(crate) wallet: EvmAddress,
    pub(crate) to: EvmAddress,
    /// What is paid in.
    pub(crate) asset: &'a str,
    /// After so many blocks one stays.
    pub(crate) blocks: u32,
}

impl fmt::Display for Payments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            token,
            rail,
            wallet,
            to,
            asset,
            blocks,
        } = self;
        write!(
            f,
            r#"
payments:
  chains:
    local: {{chain_id: 31337, final: {blocks}, fee_gwei: 20, tip_gwei: 2}}
  assets:
    USDC: {{chain: local, address: "{token}", decimals: 6, rail: {rail}, usd: 1.00, until: 2099-01-01}}
    ETH: {{chain: local, rail: native, decimals: 18, usd: 3000.00, until: 2099-01-01}}
  caps: {{payment_usd: 20.00, hour_usd: 5000.00, day_usd: 5000.00, lifetime_usd: 5000.00, payments_per_hour: 1000, fee_usd: 10.00}}
  house: {{hour_usd: 5000.00, day_usd: 5000.00, in_flight: 1000}}
  risk: {{refuse_above: 0.7, review_above: 0.7}}
  review: {{new_counterparty: allow, one_above_usd: 100.00, two_above_usd: 100.00, ttl: 30m}}
  sources: {{manual: allow, planner: review}}
  agents:
    leo: {{address: "{wallet}", assets: [{asset}]}}
  counterparties:
    images: {{chain: local, address: "{to}", assets: [{asset}]}}
"#
        )
    }
}
