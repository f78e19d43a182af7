//! The readers: a few threads with read-only connections, each read in one short snapshot.
//!
//! A snapshot keeps the write-ahead log from being cut, so a read that takes too long is ended.
//! In memory there is only one connection, so reads go to the writer's thread instead.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use chimera_domain::{Ambient, StoreError};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::db::{Batch, Db, Fault, Verb};

/// How many reads may wait. Callers beyond wait to hand theirs in.
const QUEUE_MAX: usize = 256;

/// After how many steps of SQLite's machine a read looks at the clock: far below a millisecond.
const STEPS_PER_LOOK: i32 = 10_000;

type Read = Box<dyn FnOnce(&Reader<'_>) + Send>;
type Queue = Arc<Mutex<mpsc::Receiver<Read>>>;

/// How long a read may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as the settings say.
    Usual,
    /// As long as it takes.
    Endless,
}

/// What a thread reads with.
struct Reader<'a> {
    conn: &'a Connection,
    ambient: &'a Ambient,
    /// When the read under way is ended; `None` leaves it to itself.
    ends: &'a Mutex<Option<Instant>>,
    usual: Duration,
}

impl Reader<'_> {
    fn begin(&self, patience: Patience) {
        let ends = match patience {
            Patience::Usual => Instant::now().checked_add(self.usual),
            Patience::Endless => None,
        };
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = ends;
    }

    /// Whether the time of the read under way has come.
    fn is_over(&self) -> bool {
        has_come(self.ends)
    }
}

fn has_come(ends: &Mutex<Option<Instant>>) -> bool {
    ends.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .is_some_and(|ends| Instant::now() >= ends)
}

/// The callers' end.
#[derive(Debug)]
pub(crate) struct Readers {
    queue: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts one thread per connection.
    pub(crate) fn start(
        conns: Vec<Connection>,
        ambient: &Ambient,
        usual: Duration,
    ) -> io::Result<Self> {
        let (queue, reads) = mpsc::channel(QUEUE_MAX);
        let reads: Queue = Arc::new(Mutex::new(reads));
        let mut threads = Vec::new();
        for mut conn in conns {
            let ends = Arc::new(Mutex::new(None));
            let look = ends.clone();
            conn.progress_handler(STEPS_PER_LOOK, Some(move || has_come(&look)))
                .map_err(io::Error::other)?;
            let (reads, ambient) = (reads.clone(), ambient.clone());
            threads.push(
                std::thread::Builder::new()
                    .name("store-reader".to_owned())
                    .spawn(move || {
                        let reader = Reader {
                            conn: &conn,
                            ambient: &ambient,
                            ends: &ends,
                            usual,
                        };
                        serve(&reader, &reads);
                    })?,
            );
        }
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        !self.threads.is_empty()
    }

    /// Reads in one snapshot.
    pub(crate) async fn run<T, F>(
        &self,
        doing: &'static str,
        patience: Patience,
        read: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        let gone = || StoreError::Unavailable {
            doing,
            why: "the store is closing".to_owned(),
        };
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |reader| {
            reader.begin(patience);
            let result = catch_unwind(AssertUnwindSafe(|| in_snapshot(reader, read)))
                .unwrap_or_else(|_| {
                    Err(Fault::corrupt(format!(
                        "a broken invariant while trying to {doing}"
                    )))
                });
            let result = match result {
                Err(Fault::Sql(_)) if reader.is_over() => Err(StoreError::Unavailable {
                    doing,
                    why: format!("it took longer than {:?} and was ended", reader.usual),
                }),
                other => other.map_err(|fault| fault.into_store(doing)),
            };
            let _ = reply.send(result);
        });
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn serve(reader: &Reader<'_>, reads: &Queue) {
    loop {
        // One thread waits for the next read, the others for their turn to wait.
        let next = reads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        match next {
            Some(read) => read(reader),
            None => return,
        }
    }
}

fn in_snapshot<T>(reader: &Reader<'_>, read: impl FnOnce(&Db<'_>) -> Verb<T>) -> Verb<T> {
    let snapshot = Snapshot::begin(reader.conn)?;
    let result = read(&Db {
        conn: snapshot.0,
        ambient: reader.ambient,
        now: reader.ambient.now(),
        batch: &Batch::default(),
    });
    snapshot.end()?;
    result
}

/// One snapshot, which also ends when the read in it panics. As `rusqlite`'s own, but its two statements are not
/// compiled anew for each read.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(conn: &'a Connection) -> rusqlite::Result<Self> {
        conn.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(conn))
    }

    fn end(self) -> rusqlite::Result<()> {
        if self.0.is_autocommit() {
            return Ok(());
        }
        self.0.prepare_cached("COMMIT")?.execute([]).map(|_| ())
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a read could not end its snapshot");
        }
    }
}
