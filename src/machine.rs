//! What this process is and where it runs: user, host, terminal, and the lock that says it is alive.

use std::{
    fs::{self, File, TryLockError},
    io::{self, IsTerminal},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Who this process acts for: `user@host`.
#[must_use]
pub fn actor() -> String {
    format!(
        "{}@{}",
        variable("USER")
            .or_else(|| variable("LOGNAME"))
            .unwrap_or_else(|| "someone".to_owned()),
        host()
    )
}

/// The name of this machine.
#[must_use]
pub fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| fs::read_to_string("/etc/hostname"));
    name.ok()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| variable("HOSTNAME"))
        .unwrap_or_else(|| "localhost".to_owned())
}

/// Whether a process of this machine is known to be gone. Where the kernel lists no processes nobody knows.
#[must_use]
pub fn is_gone(host_name: &str, pid: u32) -> bool {
    host_name == host()
        && Path::new("/proc/self").exists()
        && !Path::new(&format!("/proc/{pid}")).exists()
}

/// Whether the terminal is at the other end of an SSH connection.
#[must_use]
pub fn over_ssh() -> bool {
    variable("SSH_CONNECTION").is_some() || variable("SSH_TTY").is_some()
}

/// Whether colours are not wanted (<https://no-color.org>).
#[must_use]
pub fn no_color() -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The editor of whoever is at the terminal.
#[must_use]
pub fn editor() -> Option<String> {
    let set = |name| variable(name).filter(|value| !value.trim().is_empty());
    set("VISUAL").or_else(|| set("EDITOR"))
}

/// Whether whoever sits here asks for lines instead of a screen.
#[must_use]
pub fn accessible() -> bool {
    variable("ACCESSIBLE").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The value of `TERM`, empty when it is not set.
#[must_use]
pub fn term() -> String {
    variable("TERM").unwrap_or_default()
}

/// Whether there is a terminal that a full-screen program can use.
#[must_use]
pub fn has_terminal() -> bool {
    io::stdin().is_terminal()
        && io::stdout().is_terminal()
        && variable("TERM").is_none_or(|term| term != "dumb")
}

#[allow(
    clippy::disallowed_methods,
    reason = "facts of the session, not settings: settings are read in `config`"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The lock a swarm holds on its database as long as its process lives. The kernel gives it back
/// when the process dies, however it dies.
#[derive(Debug)]
pub struct AliveLock(#[allow(dead_code, reason = "held, not read")] File);

impl AliveLock {
    /// Takes the lock; `None` when a living process has it.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn try_take(path: &Path) -> io::Result<Option<Self>> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
