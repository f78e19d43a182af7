//! The room that is left on the disk of the database, and the reserve that is kept for what must be written.

use std::{io, path::Path, sync::Arc};

use chimera_domain::{StoreError, ports::RuntimeStore, views::Severity};
use chimera_store::SqliteStore;
use tracing::{info, warn};

/// The alert of a disk that is nearly full.
pub(crate) const DISK_LOW: &str = "disk_low";
const SUBJECT: &str = "database";

/// How many bytes may still be written beside the database. In tests turned by hand.
pub(crate) type Probe = Arc<dyn Fn() -> io::Result<u64> + Send + Sync>;

/// What is free, and what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) free_bytes: u64,
    pub(crate) reserve_bytes: u64,
}

impl Room {
    /// The room on the disk that holds `path`.
    pub(crate) fn at(path: &Path, reserve_bytes: u64) -> io::Result<Self> {
        let disk = rustix::fs::statvfs(path)?;
        Ok(Self {
            // What this user may use: the rest is kept for the superuser.
            free_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
            reserve_bytes,
        })
    }

    /// Whether the reserve is touched.
    pub(crate) const fn is_short(self) -> bool {
        self.free_bytes < self.reserve_bytes
    }

    /// Whether there is so much room again that it will last: not the first byte above the reserve.
    const fn is_ample(self) -> bool {
        self.free_bytes >= self.reserve_bytes.saturating_add(self.reserve_bytes / 4)
    }

    /// In words, in whole megabytes.
    pub(crate) fn told(self) -> String {
        let (free, reserve) = (self.free_bytes >> 20, self.reserve_bytes >> 20);
        if self.is_short() {
            format!(
                "{free} MB free, below the reserve of {reserve} MB: nothing new is begun or sent, decisions are still written; free some space and it goes on by itself"
            )
        } else {
            format!("{free} MB free, {reserve} MB of it kept in reserve")
        }
    }
}

/// Holds the swarm back while the reserve is touched, and says so.
pub(crate) struct Keeper {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) reserve_bytes: u64,
    pub(crate) probe: Probe,
    /// What was told last; `None` until something could be told.
    pub(crate) told: Option<bool>,
}

impl Keeper {
    /// Looks once. Where nobody knows how much is free, what held before holds.
    pub(crate) async fn look(&mut self) {
        let probe = self.probe.clone();
        let free_bytes = match tokio::task::spawn_blocking(move || probe()).await {
            Ok(Ok(free)) => free,
            Ok(Err(error)) => return warn!(%error, "nobody knows how full the disk is"),
            Err(error) => return warn!(%error, "nobody knows how full the disk is"),
        };
        let room = Room {
            free_bytes,
            reserve_bytes: self.reserve_bytes,
        };
        let was = self.store.is_held_back();
        let short = room.is_short() || (was && !room.is_ample());
        self.store.hold_back(short);
        if self.told == Some(short) {
            return;
        }
        match self.tell(short, room).await {
            Ok(()) => self.told = Some(short),
            // The gate is shut all the same; `chimera status` looks for itself.
            Err(error) => warn!(%error, short, "an alert about the disk could not be kept"),
        }
    }

    async fn tell(&self, short: bool, room: Room) -> Result<(), StoreError> {
        if short {
            warn!(
                room.free_bytes,
                room.reserve_bytes, "the disk is nearly full: nothing new is begun or sent"
            );
            let text = format!("the disk of the database has {}", room.told());
            self.store
                .raise_alert(Severity::Error, DISK_LOW, SUBJECT, &text)
                .await
        } else {
            if self.told == Some(true) {
                info!(room.free_bytes, "there is room on the disk again");
            }
            self.store.close_alert(DISK_LOW, SUBJECT).await
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use chimera_domain::{ports::DeskStore, views::PageRequest};

    use super::*;
    use crate::{clock, compose};

    // R152: below the reserve the swarm is held back and a person is told once; with room to spare it goes on by itself.
    #[tokio::test]
    async fn r152_below_the_reserve_all_is_held_back_and_goes_on_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let store = compose::open_store(&dir.path().join("chimera.db"), clock::system()).unwrap();
        let free = Arc::new(AtomicU64::new(0));
        let seen = free.clone();
        let mut keeper = Keeper {
            store: store.clone(),
            reserve_bytes: 64 << 20,
            probe: Arc::new(move || match seen.load(Ordering::SeqCst) {
                u64::MAX => Err(io::Error::other("no answer")),
                free => Ok(free),
            }),
            told: None,
        };
        for (now, short, alerts) in [
            (65 << 20, false, 0),
            (64 << 20, false, 0),
            ((64 << 20) - 1, true, 1),
            (0, true, 1),
            (u64::MAX, true, 1),
            // At the edge nothing flaps.
            (65 << 20, true, 1),
            (80 << 20, false, 0),
            (u64::MAX, false, 0),
            (1, true, 1),
        ] {
            free.store(now, Ordering::SeqCst);
            keeper.look().await;
            assert_eq!(store.is_held_back(), short, "{now}");
            let open = store.alerts(&PageRequest::first(9)).await.unwrap();
            assert_eq!(open.total, alerts, "{now}");
            if let Some(alert) = open.rows.first() {
                assert_eq!((alert.code.as_str(), alert.count), (DISK_LOW, 1));
            }
        }
        // The real disk has an answer.
        assert!(Room::at(dir.path(), 0).unwrap().free_bytes > 0);
    }
}
