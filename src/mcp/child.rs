//! A child process that is a server: a group of its own, a small environment, its errors kept, and no orphan left.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chimera_domain::Safe;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessGroup};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{ChildStderr, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long a child may take to leave by itself, and again after it was asked to.
const LEAVE_FOR: Duration = Duration::from_secs(3);
/// How long those it leaves behind may take after they were asked to.
const FOLLOW_FOR: Duration = Duration::from_millis(200);
/// How long a killed child takes at most to be gone.
const REAP_FOR: Duration = Duration::from_secs(1);
const SIGTERM: i32 = 15;

/// How many of its last lines are kept, and how long one may be.
const LINES_MAX: usize = 200;
const LINE_BYTES_MAX: usize = 2_048;

/// What a child is started from, complete: nothing else reaches it.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) command: String,
    pub(crate) args: Vec<String>,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) cwd: Option<PathBuf>,
}

/// A running child and everything it starts. Dropped, the whole group is killed.
#[derive(Debug)]
pub(crate) struct Child {
    group: Box<dyn ChildWrapper>,
    gone: bool,
}

/// The three streams of a child.
pub(crate) struct Streams {
    pub(crate) input: ChildStdin,
    pub(crate) output: ChildStdout,
    pub(crate) errors: ChildStderr,
}

impl Recipe {
    /// Starts the child.
    pub(crate) fn start(&self) -> io::Result<(Child, Streams)> {
        let mut command = Command::new(&self.command);
        command
            .args(&self.args)
            .env_clear()
            .envs(&self.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        let mut command = CommandWrap::from(command);
        command.wrap(ProcessGroup::leader());
        let mut child = Child {
            group: command.spawn()?,
            gone: false,
        };
        let group = &mut child.group;
        let streams = (
            group.stdin().take(),
            group.stdout().take(),
            group.stderr().take(),
        );
        let (Some(input), Some(output), Some(errors)) = streams else {
            return Err(io::Error::other("a stream of the child is missing"));
        };
        let streams = Streams {
            input,
            output,
            errors,
        };
        Ok((child, streams))
    }
}

impl Child {
    /// Waits until the child itself is gone; says how it went. May be dropped and asked again.
    pub(crate) async fn left(&mut self) -> String {
        match self.group.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => format!("its exit status is lost: {error}"),
        }
    }

    /// Lets the child leave, whose input was closed; asks the group after 3 s and kills it after 6 s.
    pub(crate) async fn close(mut self) {
        let left = timeout(LEAVE_FOR, self.left()).await.is_ok();
        let anyone = self.group.signal(SIGTERM).is_ok();
        if !left {
            let _ = timeout(LEAVE_FOR, self.left()).await;
        } else if anyone {
            tokio::time::sleep(FOLLOW_FOR).await;
        }
        self.kill().await;
    }

    /// Kills the group at once.
    pub(crate) async fn kill(mut self) {
        // Fails when nobody is left, which is what is wanted.
        let _ = self.group.start_kill();
        let _ = timeout(REAP_FOR, self.left()).await;
        self.gone = true;
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.gone {
            let _ = self.group.start_kill();
        }
    }
}

/// The last lines of a child's standard error, safe to show. Clones share the lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ring(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    last: VecDeque<Safe>,
    pushed: usize,
}

impl Ring {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let line = Safe::line(&String::from_utf8_lossy(line));
        let mut lines = self.lines();
        lines.pushed += 1;
        if lines.last.len() == LINES_MAX {
            lines.last.pop_front();
        }
        lines.last.push_back(line);
    }

    /// How many lines were ever said; see [`Ring::last`].
    pub(crate) fn said(&self) -> usize {
        self.lines().pushed
    }

    /// At most the last `count` lines said after the first `before`, oldest first.
    pub(crate) fn last(&self, count: usize, before: usize) -> Vec<Safe> {
        let lines = self.lines();
        let fresh = lines.pushed.saturating_sub(before).min(count);
        let surplus = lines.last.len().saturating_sub(fresh);
        lines.last.iter().skip(surplus).cloned().collect()
    }

    /// Keeps the last lines of a stream, until it ends. A child whose errors nobody reads would stop.
    pub(crate) async fn drain(self, mut stream: impl AsyncRead + Unpin) {
        let mut chunk = vec![0; 8 * 1_024];
        let mut line = Vec::new();
        while let Ok(count @ 1..) = stream.read(&mut chunk).await {
            for byte in &chunk[..count] {
                if *byte == b'\n' {
                    self.push(&line);
                    line.clear();
                } else if line.len() < LINE_BYTES_MAX {
                    line.push(*byte);
                }
            }
        }
        if !line.is_empty() {
            self.push(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R41: of what a child complains about the end is kept, bounded in lines and length, and safe to show.
    #[tokio::test]
    async fn r41_the_end_of_the_errors_is_kept_bounded_and_safe() {
        let ring = Ring::default();
        let mut said: String = (0..500).map(|n| format!("line {n}\n")).collect();
        said.push_str("\u{1b}[2Jgone\n");
        said.push_str(&"x".repeat(10_000));
        ring.clone().drain(said.as_bytes()).await;
        let lines = ring.last(usize::MAX, 0);
        assert_eq!(lines.len(), LINES_MAX);
        assert_eq!(lines[0].as_str(), "line 302");
        assert_eq!(ring.last(2, 0)[0].as_str(), "␛[2Jgone");
        assert_eq!(ring.last(9, 501)[0].as_str().len(), LINE_BYTES_MAX);
    }
}
