//! What the database needs beside the swarm: its ends written down outside every hour, what became
//! nothing ended after its time, a reserve of room on its disk (`room.rs`), a log that stays short, and its
//! pages looked through (`pages.rs`).
//!
//! Nothing here may stop the swarm: what fails is told in the log and tried again the next time.

mod pages;
mod room;

use std::{
    convert::Infallible,
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chimera_store::{LogWatch, Purged, SqliteStore};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::{info, warn};

pub(crate) use self::room::{Keeper, Probe, Room};
use crate::config::Storage;

/// How often the ends of audit and ledger are written down outside the database.
const ANCHOR_EVERY: Duration = Duration::from_hours(1);
/// How often what became nothing is looked for, and how long after the start for the first time.
const PURGE_EVERY: Duration = Duration::from_hours(1);
const PURGE_FIRST: Duration = Duration::from_mins(5);
/// How often the pages of the file are looked through; the first time when it has begun to serve.
const PAGES_EVERY: Duration = Duration::from_hours(24);
const PAGES_FIRST: Duration = Duration::from_secs(2);
/// How often the room on the disk and the log are looked at. A swarm writes a few megabytes in this time; the reserve is more.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The upkeep of one database.
pub(crate) struct Upkeep {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) storage: Storage,
    /// Where the ends of the chains are written down.
    pub(crate) anchors: PathBuf,
    /// How much room there is on the disk.
    pub(crate) probe: Probe,
}

impl Upkeep {
    /// Before the swarm begins: the ends of the chains, and whether there is room to begin anything.
    pub(crate) async fn begin(&self) {
        self.write_anchor().await;
        self.keeper().look().await;
    }

    /// Runs until it is dropped; dropped in the middle it has done less, and nothing by half.
    pub(crate) async fn run(&self) -> Infallible {
        tokio::select! {
            never = self.hourly() => never,
            never = self.watch() => never,
        }
    }

    fn keeper(&self) -> Keeper {
        Keeper {
            store: self.store.clone(),
            reserve_bytes: self.storage.reserve_bytes,
            probe: self.probe.clone(),
            told: None,
        }
    }

    async fn watch(&self) -> Infallible {
        let mut keeper = self.keeper();
        let mut log = LogWatch::new(self.store.clone());
        let mut every = tokio::time::interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            keeper.look().await;
            log.look().await;
        }
    }

    async fn hourly(&self) -> Infallible {
        let now = Instant::now();
        let mut anchor = interval_at(now + ANCHOR_EVERY, ANCHOR_EVERY);
        let mut purge = interval_at(now + PURGE_FIRST, PURGE_EVERY);
        let mut pages = interval_at(now + PAGES_FIRST, PAGES_EVERY);
        for every in [&mut anchor, &mut purge, &mut pages] {
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            tokio::select! {
                _ = anchor.tick() => self.write_anchor().await,
                _ = purge.tick() => self.purge().await,
                _ = pages.tick() => pages::look_through(&self.store).await,
            }
        }
    }

    async fn purge(&self) {
        match self.store.purge(self.storage.keep, "upkeep").await {
            Ok(purged) if purged == Purged::default() => {}
            Ok(purged) => {
                info!(purged = %serde_json::json!(purged), "what became nothing was purged")
            }
            Err(error) => warn!(%error, "purging stopped; it goes on in an hour"),
        }
    }

    /// Writes down outside the database where its chains end, so that a cut end or a chain that was written
    /// anew can be told.
    pub(crate) async fn write_anchor(&self) {
        let line = match self.store.anchor().await {
            Ok(anchor) => serde_json::json!(anchor).to_string(),
            Err(error) => return warn!(%error, "the ends of the chains could not be read"),
        };
        let path = self.anchors.clone();
        match tokio::task::spawn_blocking(move || append(&path, &line)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                warn!(%error, file = %self.anchors.display(), "an anchor could not be written");
            }
            Err(error) => warn!(%error, "an anchor could not be written"),
        }
    }
}

/// Adds a line, whole or not at all: half a line would make the next one unreadable too.
fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    let mut file = options.open(file)?;
    let before = file.metadata()?.len();
    let written = file.write_all(format!("{line}\n").as_bytes());
    if written.is_err() {
        file.set_len(before)?;
    }
    written
}
