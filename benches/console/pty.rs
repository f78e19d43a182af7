//! The console in a pseudo terminal: keys in, bytes and screen out, with the moment of each.

use std::{
    io::{Read, Write},
    num::NonZero,
    path::Path,
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Nothing that is measured takes longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What came from the console so far.
pub(crate) struct Seen {
    pub(crate) screen: vt100::Parser,
    pub(crate) bytes: usize,
    /// When bytes came last.
    pub(crate) last: Instant,
    /// The line dropped, or the console closed it.
    pub(crate) closed: bool,
    /// Everything that came, where somebody wants to see it again.
    pub(crate) tape: Option<Vec<(Instant, Vec<u8>)>>,
}

/// A console in a terminal of its own.
pub(crate) struct Console {
    pub(crate) seen: Arc<(Mutex<Seen>, Condvar)>,
    keys: Box<dyn Write + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    pub(crate) begun: Instant,
}

/// How it is started.
pub(crate) struct Start<'a> {
    pub(crate) program: &'a Path,
    pub(crate) args: &'a [&'a str],
    pub(crate) env: &'a [(&'a str, &'a str)],
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    pub(crate) tape: bool,
}

pub(crate) fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn screen(columns: u16, rows: u16) -> vt100::Parser {
    let of = |cells: u16| NonZero::new(cells).unwrap();
    vt100::Parser::new(of(rows), of(columns), 0)
}

impl Console {
    pub(crate) fn open(start: &Start<'_>) -> Self {
        let pty = native_pty_system()
            .openpty(size(start.columns, start.rows))
            .unwrap();
        let mut command = CommandBuilder::new(start.program);
        command.args(start.args);
        command.env_clear();
        for (name, value) in [
            ("PATH", "/usr/bin:/bin"),
            ("USER", "bench"),
            ("TERM", "xterm-256color"),
        ]
        .iter()
        .chain(start.env)
        {
            command.env(name, value);
        }
        let begun = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let seen = Arc::new((
            Mutex::new(Seen {
                screen: screen(start.columns, start.rows),
                bytes: 0,
                last: begun,
                closed: false,
                tape: start.tape.then(Vec::new),
            }),
            Condvar::new(),
        ));
        let mut from = pty.master.try_clone_reader().unwrap();
        let far = seen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            loop {
                let read = from.read(&mut bytes);
                let mut seen = far.0.lock().unwrap();
                match read {
                    Ok(n @ 1..) => {
                        seen.screen.process(&bytes[..n]);
                        seen.bytes += n;
                        seen.last = Instant::now();
                        let at = seen.last;
                        if let Some(tape) = &mut seen.tape {
                            tape.push((at, bytes[..n].to_vec()));
                        }
                    }
                    Ok(0) | Err(_) => seen.closed = true,
                }
                let closed = seen.closed;
                drop(seen);
                far.1.notify_all();
                if closed {
                    return;
                }
            }
        });
        Self {
            seen,
            keys: pty.master.take_writer().unwrap(),
            child,
            master: pty.master,
            begun,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        // A console that has ended takes no keys; whoever waits for its answer will see that.
        let _ended = self
            .keys
            .write_all(keys.as_bytes())
            .and_then(|()| self.keys.flush());
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.master.resize(size(columns, rows)).unwrap();
        let mut seen = self.seen.0.lock().unwrap();
        let of = |cells: u16| NonZero::new(cells).unwrap();
        seen.screen.screen_mut().set_size(of(rows), of(columns));
    }

    pub(crate) fn text(&self) -> String {
        self.seen.0.lock().unwrap().screen.screen().contents()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.seen.0.lock().unwrap().bytes
    }

    /// When this first holds of what was seen, or `None` after `patience`.
    pub(crate) fn when(
        &self,
        patience: Duration,
        holds: impl Fn(&Seen) -> bool,
    ) -> Option<Instant> {
        let (seen, timed_out) = self
            .seen
            .1
            .wait_timeout_while(self.seen.0.lock().unwrap(), patience, |s| !holds(s))
            .unwrap();
        (!timed_out.timed_out()).then_some(seen.last)
    }

    /// When these words are first on screen.
    /// What is there instead is printed: a wait that ends in vain tells nothing else.
    pub(crate) fn shows(&self, words: &str) -> Option<Instant> {
        let shown = self.when(PATIENCE, |seen| {
            seen.screen.screen().contents().contains(words)
        });
        if shown.is_none() {
            eprintln!("{words:?} never came; on screen:\n{}", self.text());
        }
        shown
    }

    /// Waits until no byte has come for so long; whether that happened within the patience of everything.
    pub(crate) fn settle(&self, quiet: Duration) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let before = self.bytes();
            if self.when(quiet, |seen| seen.bytes != before).is_none() {
                return true;
            }
        }
        false
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = std::process::Command::new("kill")
            .args([name, &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// How it ended, and how long that took; `None` if it goes on.
    pub(crate) fn ended(&mut self, patience: Duration) -> Option<(u32, Duration)> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some((status.exit_code(), begun.elapsed()));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    /// Main screen, visible cursor, no paste mode, and the line discipline of a fresh terminal.
    pub(crate) fn is_restored(&self) -> bool {
        let modes = self.when(Duration::from_secs(2), |seen| {
            let screen = seen.screen.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        let fresh = native_pty_system().openpty(size(80, 24)).unwrap();
        let flags = |master: &dyn MasterPty| {
            let set = master.get_termios().unwrap();
            (set.local_flags, set.input_flags, set.output_flags)
        };
        modes.is_some() && flags(&*self.master) == flags(&*fresh.master)
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}
