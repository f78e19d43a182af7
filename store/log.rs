//! The write-ahead log of a database: how long it is, who keeps it from being folded, and folding it.
//!
//! A reader sees the database as it was when its read began, so what was written since cannot leave the
//! log before the read ends. Our own reads end by themselves ([`Settings::read_max`]); another program's
//! need not.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use chimera_domain::Safe;
use rusqlite::{Connection, OpenFlags};

use crate::{OpenError, Settings};

/// Folding waits no longer for readers and writers: verbs wait behind it.
const BUSY: Duration = Duration::from_millis(20);
/// So often the kernel's list of locks is read for somebody who holds the log.
const LOOKS: u32 = 5;
/// The bytes of the shared index that whoever reads keeps locked (SQLite's WAL-index locks; 123 is a reader
/// of the file alone, into which nothing may be folded then).
const READER_BYTES: std::ops::RangeInclusive<u64> = 123..=127;

/// The log of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    database: PathBuf,
    /// Beyond this the writer folds it; see [`Settings::wal_bytes_max`].
    pub bytes_max: u64,
}

impl Log {
    /// The log of a database with the usual bound.
    #[must_use]
    pub fn of(database: &Path) -> Self {
        Self::with(database, Settings::file(database).wal_bytes_max)
    }

    pub(crate) fn with(database: &Path, bytes_max: u64) -> Self {
        Self {
            database: database.to_owned(),
            bytes_max,
        }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.database.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.beside("-wal")
    }

    /// How long it is now.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        fs::metadata(self.path()).map_or(0, |found| found.len())
    }

    /// Whether it is so long that somebody must be keeping it from being folded: twice its bound.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.bytes() > self.bytes_max.saturating_mul(2)
    }

    /// In words: how long it is, and who holds it when it is too long.
    #[must_use]
    pub fn told(&self) -> String {
        let (now, most) = (self.bytes() >> 20, self.bytes_max >> 20);
        if !self.is_held() {
            return format!("{now} MB, cut beyond {most} MB");
        }
        let readers = self.readers();
        let who = if readers.is_empty() {
            "somebody who cannot be named".to_owned()
        } else {
            readers.join(", ")
        };
        format!(
            "{now} MB and is meant to stay near {most} MB: a read that does not end keeps it from being cut, by {who}"
        )
    }

    /// Folds it into the database and cuts it, as far as readers let it; it is no error that they do not.
    ///
    /// # Errors
    /// By kind; see [`OpenError`].
    pub fn fold(&self) -> Result<(), OpenError> {
        let sql = |e: rusqlite::Error| OpenError::of_sql(&self.database.display().to_string(), &e);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&self.database, flags).map_err(sql)?;
        db.busy_timeout(BUSY).map_err(sql)?;
        // First what hinders nobody, so that the second, which keeps writers waiting, is short.
        for how in ["PASSIVE", "TRUNCATE"] {
            db.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))
                .map_err(sql)?;
        }
        Ok(())
    }

    /// The processes that read from it now, by name and number, as far as the machine tells; it may be
    /// this one.
    #[must_use]
    pub fn readers(&self) -> Vec<String> {
        let Ok(inode) = inode_of(&self.beside("-shm")) else {
            return Vec::new();
        };
        // The kernel tells its list in pieces, and a lock that moves from one piece to the other meanwhile is in neither.
        let mut pids = (0..LOOKS)
            .map(|_| fs::read_to_string("/proc/locks").unwrap_or_default())
            .map(|locks| readers_in(&locks, inode))
            .find(|pids| !pids.is_empty())
            .unwrap_or_default();
        pids.sort_unstable();
        pids.dedup();
        pids.into_iter()
            .map(|pid| {
                let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
                let name = Safe::line(name.trim());
                if pid == std::process::id() {
                    format!("this process ({name}, pid {pid})")
                } else {
                    format!("{name} (pid {pid})")
                }
            })
            .collect()
    }
}

#[cfg(unix)]
fn inode_of(path: &Path) -> io::Result<u64> {
    fs::metadata(path).map(|found| std::os::unix::fs::MetadataExt::ino(&found))
}

#[cfg(not(unix))]
fn inode_of(_: &Path) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Who has a reader's byte of this file locked, from the kernel's list of locks:
/// `7: POSIX  ADVISORY  READ 4242 fe:00:1234 124 124`.
fn readers_in(locks: &str, inode: u64) -> Vec<u32> {
    let of = |line: &str| -> Option<u32> {
        let mut words = line.split_whitespace().skip(1);
        let kind = words.next()?;
        let pid = words.nth(2)?.parse().ok()?;
        let file: u64 = words.next()?.rsplit(':').next()?.parse().ok()?;
        let first: u64 = words.next()?.parse().ok()?;
        (kind == "POSIX" && file == inode && READER_BYTES.contains(&first)).then_some(pid)
    };
    locks.lines().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Who reads is told from who only has the file open, who writes, and who locked another file.
    #[test]
    fn readers_are_told_from_the_kernels_list() {
        let locks = "1: POSIX  ADVISORY  READ 11 fe:00:77 124 124\n\
             2: POSIX  ADVISORY  READ 12 fe:00:77 128 128\n\
             3: POSIX  ADVISORY  WRITE 13 fe:00:77 120 120\n\
             4: POSIX  ADVISORY  READ 14 fe:00:78 124 124\n\
             5: FLOCK  ADVISORY  WRITE 15 fe:00:77 0 EOF\n\
             6: POSIX  ADVISORY  READ 16 fe:00:77 127 127\n\
             6: -> POSIX  ADVISORY  READ 17 fe:00:77 127 127\n\
             7: POSIX  ADVISORY  READ 18 fe:00:77 123 123\n\
             8: POSIX  ADVISORY  WRITE 19 fe:00:77 121 121\nnonsense\n\n";
        assert_eq!(readers_in(locks, 77), [11, 16, 18]);
        assert_eq!(readers_in("", 77), [0_u32; 0]);
    }
}
