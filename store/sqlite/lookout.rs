//! Looks for commits of other processes while somebody waits, on a thread and a connection of its own: a look that
//! finds nothing wakes nobody else.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::watch;

use super::db::count;

/// How the thread comes by its connection: only once somebody waits.
pub(crate) type Open = Box<dyn Fn() -> rusqlite::Result<Connection> + Send>;

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    over: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    moved: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned lock still holds a whole state: every change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody waits and it is time for a look; `false` when it is over.
    fn turn(&self, every: Duration) -> bool {
        let state = self
            .moved
            .wait_while(self.lock(), |s| s.waiting == 0 && !s.over)
            .unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .moved
            .wait_timeout_while(state, every, |s| !s.over)
            .unwrap_or_else(PoisonError::into_inner);
        !state.over
    }
}

/// The thread that looks.
#[derive(Debug)]
pub(crate) struct Lookout {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// As long as it lives, it is looked.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Shared);

impl Lookout {
    pub(crate) fn start(open: Open, every: Duration, bell: watch::Sender<u64>) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let far = shared.clone();
        let thread = std::thread::Builder::new()
            .name("store-lookout".to_owned())
            .spawn(move || {
                let mut seen = Seen::default();
                while far.turn(every) {
                    if let Err(error) = seen.look(&open, &bell) {
                        // Whoever waits asks for itself then, and is told why that fails.
                        tracing::debug!(%error, "a look for other processes' commits failed");
                        seen = Seen::default();
                        bell.send_modify(|_| ());
                    }
                }
            })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Looks until this is dropped.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        let mut state = self.shared.lock();
        state.waiting = state.waiting.saturating_add(1);
        drop(state);
        self.shared.moved.notify_all();
        Waiting(&self.shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.waiting = state.waiting.saturating_sub(1);
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.shared.lock().over = true;
        self.shared.moved.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The connection and what it saw last.
#[derive(Default)]
struct Seen {
    conn: Option<Connection>,
    version: Option<i64>,
}

impl Seen {
    fn look(&mut self, open: &Open, bell: &watch::Sender<u64>) -> rusqlite::Result<()> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => none.insert(open()?),
        };
        // It moves with every commit of another connection, heartbeats among them; what rings is the number.
        let version = conn
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        if self.version == Some(version) {
            return Ok(());
        }
        let now = conn
            .prepare_cached("SELECT n FROM counts WHERE kind = 'change' AND name = 'seq'")?
            .query_row([], |row| row.get(0))
            .map(count)?;
        self.version = Some(version);
        bell.send_if_modified(|last| {
            let newer = now > *last;
            *last = now.max(*last);
            newer
        });
        Ok(())
    }
}
