//! The one thread that writes to the terminal, behind a mailbox for one frame.
//!
//! A stalled line blocks this thread and nothing else: the model draws again only after the frame
//! before was taken by the line, so what is drawn is always the newest state.

use std::{
    fs::File,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, poll};

use crate::{
    app::Stopwatch,
    event::{Event, Signal},
    inbox::Inbox,
};

/// Writes everything, also to a terminal that some other program left non-blocking.
fn write_all(out: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let mut fds = [PollFd::new(&*out, PollFlags::OUT)];
                poll(&mut fds, None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Slot {
    frame: Option<(u64, Vec<u8>)>,
    writing: bool,
    closed: bool,
}

/// The near end of the mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    shared: Arc<(Mutex<Slot>, Condvar)>,
}

impl Writer {
    /// Starts the thread. It says `Flushed` after every frame and `Hangup` when the line is gone.
    pub(crate) fn start(
        mut out: File,
        inbox: Arc<Inbox>,
        watch: Stopwatch,
    ) -> std::io::Result<Self> {
        let shared = Arc::new((Mutex::new(Slot::default()), Condvar::new()));
        let writer = Self { shared };
        let far = writer.clone();
        thread::Builder::new()
            .name("console-writer".into())
            .spawn(move || {
                while let Some((frame, bytes)) = far.take() {
                    let written = write_all(&mut out, &bytes);
                    far.written();
                    let event = match written {
                        Ok(()) => Event::Flushed {
                            frame,
                            at: watch.now(),
                        },
                        Err(_) => Event::Signal(Signal::Hangup),
                    };
                    inbox.push(event);
                }
            })?;
        Ok(writer)
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<(u64, Vec<u8>)> {
        let mut slot = self
            .shared
            .1
            .wait_while(self.slot(), |s| s.frame.is_none() && !s.closed)
            .unwrap_or_else(PoisonError::into_inner);
        slot.writing = slot.frame.is_some();
        slot.frame.take()
    }

    fn written(&self) {
        self.slot().writing = false;
        self.shared.1.notify_all();
    }

    /// Whether the line has taken everything.
    pub(crate) fn is_idle(&self) -> bool {
        let slot = self.slot();
        slot.frame.is_none() && !slot.writing
    }

    /// Hands over a frame. Only when idle, so that none is lost.
    pub(crate) fn send(&self, frame: u64, bytes: Vec<u8>) {
        self.slot().frame = Some((frame, bytes));
        self.shared.1.notify_all();
    }

    /// Waits until the line has taken everything, but not longer than `patience`.
    pub(crate) fn wait_idle(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let mut slot = self.slot();
        while slot.frame.is_some() || slot.writing {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            slot = self
                .shared
                .1
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    /// Lets the thread end after the frame it has.
    pub(crate) fn close(&self) {
        self.slot().closed = true;
        self.shared.1.notify_all();
    }
}
