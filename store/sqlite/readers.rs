//! The readers: a few threads with read-only connections, each read in one short snapshot.
//!
//! In memory there is only one connection, so reads go to the writer's thread instead.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use chimera_domain::{Ambient, StoreError};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::db::{Batch, Db, Fault, Verb};

/// How many reads may wait. Callers beyond wait to hand theirs in.
const QUEUE_MAX: usize = 256;

type Read = Box<dyn FnOnce(&Connection, &Ambient) + Send>;
type Queue = Arc<Mutex<mpsc::Receiver<Read>>>;

/// The callers' end.
#[derive(Debug)]
pub(crate) struct Readers {
    queue: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts one thread per connection.
    pub(crate) fn start(conns: Vec<Connection>, ambient: &Ambient) -> io::Result<Self> {
        let (queue, reads) = mpsc::channel(QUEUE_MAX);
        let reads: Queue = Arc::new(Mutex::new(reads));
        let mut threads = Vec::new();
        for conn in conns {
            let (reads, ambient) = (reads.clone(), ambient.clone());
            threads.push(
                std::thread::Builder::new()
                    .name("store-reader".to_owned())
                    .spawn(move || serve(&conn, &reads, &ambient))?,
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
    pub(crate) async fn run<T, F>(&self, doing: &'static str, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Db<'_>) -> Verb<T> + Send + 'static,
    {
        let gone = || StoreError::Unavailable {
            doing,
            why: "the store is closing".to_owned(),
        };
        let (reply, answer) = oneshot::channel();
        let job: Read = Box::new(move |conn, ambient| {
            let result = catch_unwind(AssertUnwindSafe(|| in_snapshot(conn, ambient, read)))
                .unwrap_or_else(|_| {
                    Err(Fault::corrupt(format!(
                        "a broken invariant while trying to {doing}"
                    )))
                });
            let _ = reply.send(result.map_err(|fault| fault.into_store(doing)));
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

fn serve(conn: &Connection, reads: &Queue, ambient: &Ambient) {
    loop {
        // One thread waits for the next read, the others for their turn to wait.
        let next = reads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        match next {
            Some(read) => read(conn, ambient),
            None => return,
        }
    }
}

fn in_snapshot<T>(
    conn: &Connection,
    ambient: &Ambient,
    read: impl FnOnce(&Db<'_>) -> Verb<T>,
) -> Verb<T> {
    let snapshot = conn.unchecked_transaction()?;
    let result = read(&Db {
        conn: &snapshot,
        ambient,
        now: ambient.now(),
        batch: &Batch::default(),
    });
    snapshot.finish()?;
    result
}
