//! What the kernel says of a process.

use std::{fs, time::Duration};

/// The time its threads have run on a processor.
pub(crate) fn cpu(pid: u32) -> Duration {
    let of_thread = |task: fs::DirEntry| -> Option<u64> {
        let line = fs::read_to_string(task.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse().ok()
    };
    Duration::from_nanos(threads(pid).filter_map(of_thread).sum())
}

/// How often its threads have gone to sleep by themselves, and so were woken.
pub(crate) fn wakeups(pid: u32) -> u64 {
    let of_thread = |task: fs::DirEntry| -> Option<u64> {
        let status = fs::read_to_string(task.path().join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse().ok()
    };
    threads(pid).filter_map(of_thread).sum()
}

/// The same, thread by thread.
pub(crate) fn wakeups_by_thread(pid: u32) -> Vec<(String, u64)> {
    let of_thread = |task: fs::DirEntry| -> Option<(String, u64)> {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let status = fs::read_to_string(task.path().join("status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        Some((name.trim().to_owned(), line.trim().parse().ok()?))
    };
    threads(pid).filter_map(of_thread).collect()
}

/// Its share of memory, in KiB.
pub(crate) fn pss_kib(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `T` for stopped, `S` for asleep, and so on.
pub(crate) fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn threads(pid: u32) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
}
