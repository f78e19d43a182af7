//! The one writer: a thread that owns the write connection and commits in groups.
//!
//! What waits in the channel is run in one transaction, each verb in its own savepoint, committed
//! once and then answered. There is no artificial delay: a batch is what arrived while the last
//! commit was on the disk, so one caller alone pays one commit and many share one.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    thread::JoinHandle,
    time::Duration,
};

use chimera_domain::{Ambient, StoreError};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    db::{Batch, Db, Fault, Verb, sort},
    deaths::Deaths,
};

/// How many verbs may wait. Callers beyond wait to hand theirs in.
const QUEUE_MAX: usize = 1_024;
/// How often a transaction is asked for again when another process keeps the file busy.
const BEGIN_TRIES: u32 = 2;
/// How long a checkpoint waits for readers in its way: verbs wait behind it, so it gives up soon. Readers
/// that follow each other without a gap are outwaited, else the log would never be cut beside them; one that
/// stays is asked again now and then.
const fn checkpoint_patience(failed: u32) -> Duration {
    Duration::from_millis(match failed {
        0 => 20,
        1 => 100,
        n if n == 2 || n.is_multiple_of(64) => 500,
        _ => 5,
    })
}
/// How many commits lie between two looks at the size of the log.
const COMMITS_PER_LOOK: u32 = 32;

/// A verb on its way to the writer.
pub(crate) trait Job: Send {
    /// What it tries to do, for messages.
    fn doing(&self) -> &'static str;
    /// Does it inside the transaction; whether it is to be kept.
    fn run(&mut self, db: &Db<'_>) -> Ran;
    /// Tells the caller: what the verb gave, or why the whole batch is gone.
    fn answer(self: Box<Self>, lost: Option<StoreError>);
}

/// How a verb ended, before its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    Keep,
    /// Kept, and nobody waits for it.
    Quiet,
    Undo,
}

struct Task<T, F> {
    doing: &'static str,
    rings: bool,
    verb: Option<F>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Db<'_>) -> Verb<T> + Send,
{
    fn doing(&self) -> &'static str {
        self.doing
    }

    fn run(&mut self, db: &Db<'_>) -> Ran {
        let Some(verb) = self.verb.take() else {
            return Ran::Undo;
        };
        // A verb that panics broke an invariant of ours; the writer must outlive it.
        let result = catch_unwind(AssertUnwindSafe(|| verb(db))).unwrap_or_else(|_| {
            Err(Fault::corrupt(format!(
                "a broken invariant while trying to {}",
                self.doing
            )))
        });
        let ran = match (&result, self.rings) {
            (Ok(_), true) => Ran::Keep,
            (Ok(_), false) => Ran::Quiet,
            (Err(_), _) => Ran::Undo,
        };
        self.result = Some(result.map_err(|fault| fault.into_store(self.doing)));
        ran
    }

    fn answer(self: Box<Self>, lost: Option<StoreError>) {
        let result = match (lost, self.result) {
            // A verb that failed by itself says so, whatever became of its neighbours.
            (_, Some(Err(own))) => Err(own),
            (Some(lost), _) => Err(lost),
            (None, Some(result)) => result,
            (None, None) => Err(gone(self.doing)),
        };
        // The caller may have stopped waiting; the verb counts all the same.
        let _ = self.reply.send(result);
    }
}

fn gone(doing: &'static str) -> StoreError {
    StoreError::Unavailable {
        doing,
        why: "the store is closing".to_owned(),
    }
}

/// The caller's end.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread needs besides its connection.
pub(crate) struct Duty {
    pub ambient: Ambient,
    pub batch_max: usize,
    pub bell: watch::Sender<u64>,
    /// The write-ahead log and its bound; `None` in memory.
    pub log: Option<(PathBuf, u64)>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(conn: Connection, duty: Duty) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || Thread::new(conn, duty).run(jobs))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs a verb; the answer comes after its commit. A caller that stops waiting stops nothing.
    /// Whether a change `rings`: a heartbeat wakes nobody.
    pub(crate) async fn run<T, F>(
        &self,
        doing: &'static str,
        rings: bool,
        verb: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task {
            doing,
            rings,
            verb: Some(verb),
            result: None,
            reply,
        });
        let queue = self.queue.as_ref().ok_or_else(|| gone(doing))?;
        queue.send(job).await.map_err(|_| gone(doing))?;
        answer.await.map_err(|_| gone(doing))?
    }
}

impl Drop for Writer {
    /// Finishes what waits and closes the file before the store is gone.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Why a whole batch is gone.
enum Lost {
    Sql(rusqlite::Error),
    Ended,
}

impl From<rusqlite::Error> for Lost {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Lost {
    fn told(&self, doing: &'static str) -> StoreError {
        match self {
            Self::Sql(error) => sort(error, doing),
            Self::Ended => StoreError::Unavailable {
                doing,
                why: "the disk was full or failed under another verb of the same commit".to_owned(),
            },
        }
    }
}

struct Thread {
    conn: Connection,
    duty: Duty,
    commits: u32,
    /// Checkpoints in a row that readers were in the way of.
    held: u32,
}

impl Thread {
    fn new(conn: Connection, duty: Duty) -> Self {
        Self {
            conn,
            duty,
            commits: 0,
            held: 0,
        }
    }

    fn run(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < self.duty.batch_max {
                match jobs.try_recv() {
                    Ok(job) => batch.push(job),
                    Err(_) => break,
                }
            }
            let outcome = self.commit(&mut batch);
            let lost = outcome.as_ref().err();
            if lost.is_some() {
                self.roll_back();
            }
            for job in batch {
                let doing = job.doing();
                job.answer(lost.map(|lost| lost.told(doing)));
            }
            if let Ok(Some(seq)) = outcome {
                self.duty.bell.send_if_modified(|last| {
                    let newer = seq > *last;
                    *last = seq.max(*last);
                    newer
                });
                self.tend_log();
            }
        }
    }

    /// Runs a batch; the number of the change when there was one.
    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<Option<u64>, Lost> {
        self.begin()?;
        let sums = Batch::default();
        let mut changed = false;
        // One verb alone needs no savepoint: undoing it is undoing everything.
        let alone = batch.len() == 1;
        let mut deaths = Deaths::default();
        for job in batch.iter_mut() {
            let (before, mark) = (self.conn.total_changes(), sums.mark());
            let conflicts = sums.conflicts();
            if !alone {
                self.statement("SAVEPOINT verb")?;
            }
            let db = Db {
                conn: &self.conn,
                ambient: &self.duty.ambient,
                now: self.duty.ambient.now(),
                batch: &sums,
            };
            let ran = job.run(&db);
            sums.lost_by(job.doing(), conflicts);
            if self.conn.is_autocommit() {
                // A full or failing disk made SQLite end the whole transaction, not only this verb.
                return Err(Lost::Ended);
            }
            match ran {
                Ran::Undo if alone => {
                    self.statement("ROLLBACK")?;
                    return Ok(None);
                }
                Ran::Undo => {
                    self.statement("ROLLBACK TO verb")?;
                    sums.undo(mark);
                }
                Ran::Keep => changed |= self.conn.total_changes() > before,
                Ran::Quiet => {}
            }
            if !alone {
                self.statement("RELEASE verb")?;
            }
            let wrote = ran != Ran::Undo && self.conn.total_changes() > before;
            deaths.note(job.doing(), wrote);
        }
        for (kind, name, by) in sums.counts() {
            self.count(kind, name, by)?;
        }
        let seq = if changed {
            u64::try_from(self.count("change", "seq", 1)?).ok()
        } else {
            None
        };
        deaths.pass("before-commit");
        self.statement("COMMIT")?;
        deaths.pass("after-commit");
        Ok(seq)
    }

    /// Adds to a count; what it is now.
    fn count(&self, kind: &str, name: &str, by: i64) -> rusqlite::Result<i64> {
        self.conn
            .prepare_cached(
                "INSERT INTO counts VALUES (?1, ?2, ?3)
                 ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n RETURNING n",
            )?
            .query_row((kind, name, by), |row| row.get(0))
    }

    /// Takes the write lock now and not at the first write: a batch that has begun can finish.
    fn begin(&self) -> rusqlite::Result<()> {
        let mut tried = 0;
        loop {
            match self.statement("BEGIN IMMEDIATE") {
                Err(error)
                    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                        && tried < BEGIN_TRIES =>
                {
                    tried += 1;
                }
                result => return result,
            }
        }
    }

    fn statement(&self, sql: &str) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// Leaves nothing half-done behind, so that the next batch begins afresh.
    fn roll_back(&self) {
        if !self.conn.is_autocommit()
            && let Err(error) = self.statement("ROLLBACK")
        {
            tracing::error!(%error, "the store could not roll back");
        }
    }

    /// Keeps the write-ahead log bounded: a reader that lingers keeps SQLite's own checkpoints from
    /// starting the log over, and such logs have been seen to grow to many gigabytes.
    fn tend_log(&mut self) {
        self.commits += 1;
        if self.commits < COMMITS_PER_LOOK {
            return;
        }
        self.commits = 0;
        let Some((log, bound)) = &self.duty.log else {
            return;
        };
        if std::fs::metadata(log).map_or(0, |m| m.len()) <= *bound {
            return;
        }
        match self.checkpoint(checkpoint_patience(self.held)) {
            Ok(true) => self.held = 0,
            Ok(false) => self.held = self.held.saturating_add(1),
            Err(error) => {
                tracing::warn!(%error, "the store could not fold its log back into the file");
            }
        }
    }

    /// Whether the log was cut; not while somebody reads from it.
    fn checkpoint(&self, patience: Duration) -> rusqlite::Result<bool> {
        let usual: i64 = self
            .conn
            .query_row("PRAGMA busy_timeout", [], |row| row.get(0))?;
        self.conn.busy_timeout(patience)?;
        let done = self
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, bool>(0).map(|busy| !busy)
            });
        self.conn
            .busy_timeout(Duration::from_millis(u64::try_from(usual).unwrap_or(5_000)))?;
        done
    }
}
