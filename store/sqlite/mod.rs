//! SQLite behind the ports: one file per port, named after its caller.
//!
//! Does not decide; each verb checks what it was told against what stands, and writes or refuses.
//! `writer.rs` and `readers.rs` own the connections, `db.rs` is what a verb sees of one, `rows.rs`
//! turns rows into domain values, `alerts.rs`, `heads.rs`, `moves.rs` and `effects.rs` hold what several ports share.

/// So many at the front of a queue are looked at before every campaign or account is asked for its own.
macro_rules! soon {
    () => {
        "16"
    };
}

/// The columns of a task `t` with its `task_specs x`, a signal `s`, an artifact `a` and a campaign, in the order
/// `rows.rs` takes them: by place, because a search for each name costs more than the row.
macro_rules! task_row {
    () => {
        "t.task_id, t.version, t.agent_id, t.campaign_id, t.epoch, t.signal_id, t.trace_id, t.plan_attempt, t.attempt, t.state, t.reason, t.created_at, x.spec"
    };
}
macro_rules! signal_row {
    () => {
        "s.signal_id, s.version, s.campaign_id, s.trace_id, s.item, s.ingested_at, s.stale, s.near_duplicate_of, s.said"
    };
}
macro_rules! artifact_row {
    () => {
        "a.artifact_id, a.task_id, a.body, a.confidence, a.provenance, a.created_at"
    };
}
macro_rules! campaign_row {
    () => {
        "campaign_id, agent_id, version, epoch, state, spec, created_at"
    };
}

// After the macros, which several of them use.
mod alerts;
mod bell;
mod books;
mod chains;
mod db;
mod deaths;
mod desk;
mod effects;
mod egress;
mod engagement;
mod executor;
mod flood;
mod gate;
mod goals;
mod halts;
mod heads;
mod held;
mod judge;
mod lessons;
pub(crate) mod lookout;
mod memory;
mod modes;
mod moves;
mod nearing;
mod payments;
mod planner;
mod publications;
mod purge;

mod readers;
mod replay;
mod resolve;
mod restore;
mod room;
mod rows;
mod runtime;
mod spend;
mod trends;
mod two;
mod withdraw;
mod worker;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
};

use chimera_domain::{Ambient, StoreError};
use rusqlite::Connection;
use tokio::sync::watch;

pub use self::{
    chains::Anchor,
    held::LogWatch,
    purge::{Fill, Part, Purged},
};
use self::{
    db::{Db, Fault, Verb},
    lookout::Lookout,
    readers::{Patience, Readers},
    writer::{Duty, Writer},
};
use crate::{Log, Place, Settings};

/// Every port over one SQLite database.
#[derive(Debug)]
pub struct SqliteStore {
    // The readers go first: the writer's is the last connection, and folds the log when it closes.
    readers: Readers,
    /// None in memory: nobody else is there.
    lookout: Option<Lookout>,
    writer: Writer,
    ring: watch::Sender<u64>,
    /// Its write-ahead log; none in memory.
    log: Option<Log>,
    /// Whether nothing new is begun; see `room.rs`.
    held_back: AtomicBool,
}

impl SqliteStore {
    pub(crate) fn start(
        settings: Settings,
        ambient: Ambient,
        writer: Connection,
        readers: Vec<Connection>,
        lookout: Option<lookout::Open>,
    ) -> io::Result<Arc<Self>> {
        let (ring, _) = watch::channel(0);
        let log = match settings.place {
            Place::File(path) => Some(Log::with(&path, settings.wal_bytes_max)),
            Place::Memory => None,
        };
        let every = settings.poll.to_std();
        let lookout = lookout
            .map(|open| Lookout::start(open, every, ring.clone()))
            .transpose()?;
        let readers = Readers::start(readers, &ambient, settings.read_max.to_std())?;
        let duty = Duty {
            ambient,
            batch_max: settings.batch_max.max(1),
            bell: ring.clone(),
            log: log.as_ref().map(|log| (log.path(), log.bytes_max)),
        };
        Ok(Arc::new(Self {
            readers,
            lookout,
            writer: Writer::start(writer, duty)?,
            ring,
            log,
            held_back: AtomicBool::new(false),
        }))
    }

    /// A verb that writes.
    pub(crate) async fn write<T, F>(&self, doing: &'static str, verb: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        self.writer.run(doing, true, verb).await
    }

    /// A heartbeat: a verb that writes what nobody waits for.
    pub(crate) async fn beat<T, F>(&self, doing: &'static str, verb: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        self.writer.run(doing, false, verb).await
    }

    /// A verb that only reads.
    pub(crate) async fn read<T, F>(&self, doing: &'static str, verb: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        if self.readers.any() {
            self.readers.run(doing, Patience::Usual, verb).await
        } else {
            self.writer.run(doing, false, verb).await
        }
    }

    /// A verb that reads all there is, as long as it takes. Only for a database that nobody writes to
    /// meanwhile: beside a busy writer it would keep the log from being cut.
    pub(crate) async fn read_at_length<T, F>(
        &self,
        doing: &'static str,
        verb: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        if self.readers.any() {
            self.readers.run(doing, Patience::Endless, verb).await
        } else {
            self.writer.run(doing, false, verb).await
        }
    }

    /// The write-ahead log; none in memory.
    #[must_use]
    pub const fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// Looks through every page of the file while it is used; not at what the rows say. A file too large for
    /// one bounded read is `Unavailable`.
    ///
    /// # Errors
    /// `Corrupt`, naming the first thing that is wrong.
    pub async fn look_through(&self) -> Result<(), StoreError> {
        self.read("look through the database", |db| {
            let found = db.one("PRAGMA quick_check(1)", [], |row| {
                Ok(row.get::<_, String>(0)?)
            })?;
            match found.as_deref() {
                Some("ok") => Ok(()),
                other => Err(Fault::corrupt(other.unwrap_or_default())),
            }
        })
        .await
    }

    /// Checks every page of the file, every foreign key, the census and the audit chain. Takes as long as it takes:
    /// beside a busy writer check a copy.
    ///
    /// # Errors
    /// `Corrupt`, naming the first thing that does not hold.
    pub async fn integrity_check(&self) -> Result<(), StoreError> {
        self.read_at_length("check the database", |db| {
            let pages = db.one("PRAGMA integrity_check(1)", [], |row| {
                Ok(row.get::<_, String>(0)?)
            })?;
            if pages.as_deref() != Some("ok") {
                return Err(Fault::corrupt(pages.unwrap_or_default()));
            }
            let dangling = db.one("PRAGMA foreign_key_check", [], |row| {
                Ok(row.get::<_, String>(0)?)
            })?;
            if let Some(table) = dangling {
                return Err(Fault::corrupt(format!(
                    "a row of {table} refers to nothing"
                )));
            }
            census(db)?;
            chains::walk(db).map(|_| ())
        })
        .await
    }
}

/// Counts again what the census says.
fn census(db: &Db<'_>) -> Verb<()> {
    let wrong = db.one(
        "WITH real AS (SELECT 'task' AS kind, state, count(*) AS n FROM tasks GROUP BY state
           UNION ALL SELECT 'signal', state, count(*) FROM trend_signals GROUP BY state
           UNION ALL SELECT 'ticket', state, count(*) FROM tickets GROUP BY state)
         SELECT kind, state FROM (SELECT kind, state, n FROM real UNION ALL SELECT kind, name, -n FROM counts
             WHERE kind IN ('task', 'signal', 'ticket'))
         GROUP BY kind, state HAVING sum(n) <> 0 LIMIT 1",
        [],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    )?;
    match wrong {
        Some((kind, state)) => Err(Fault::corrupt(format!(
            "the census of {kind}s that are {state} is wrong"
        ))),
        None => Ok(()),
    }
}
