//! The main job, as a person does it: the console in a terminal, a ticket, `a`, and the post is out.

use std::{
    io::{Read, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::deciders;
use crate::support::{Home, breathe, until};

/// A console in a pseudo terminal.
pub(crate) struct Console {
    screen: Arc<Mutex<vt100::Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    // Held: the terminal hangs up when its master is gone.
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Console {
    pub(crate) fn open(home: &Home, args: &[&str], rows: u16, cols: u16) -> Self {
        Self::open_as("tester", home, args, rows, cols)
    }

    /// The console of this user.
    pub(crate) fn open_as(user: &str, home: &Home, args: &[&str], rows: u16, cols: u16) -> Self {
        let pty = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_chimera"));
        command.args(args);
        command.arg("--home");
        command.arg(home.path());
        command.env_clear();
        command.env("PATH", "/usr/bin:/bin");
        command.env("USER", user);
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(
            rows.try_into().unwrap(),
            cols.try_into().unwrap(),
            0,
        )));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let shown = screen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                shown.lock().unwrap().process(&bytes[..n]);
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self {
            screen,
            keys,
            child,
            _master: pty.master,
        }
    }

    pub(crate) fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub(crate) fn shows(&self, words: &str) {
        let begun = std::time::Instant::now();
        while !self.text().contains(words) {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "no `{words}` on:\n{}",
                self.text()
            );
            breathe();
        }
    }

    /// Sends its process a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let name = format!("-{name}");
        let sent = std::process::Command::new("kill")
            .args([&name, &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    fn ended(&mut self) -> u32 {
        until("the console to end", || self.child.try_wait().unwrap()).exit_code()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// The main job (R65, R68, R73, R183): a ticket on screen, `a`, the fuse burns down, and exactly what was shown is published once.
#[test]
fn r68_approving_on_screen_publishes_exactly_what_was_shown() {
    let home = Home::new();
    let mut console = Console::open(&home, &[], 50, 160);
    console.shows("SIMULATED");
    let ticket = until("a ticket", || home.tickets().into_iter().next());
    let card = home
        .json(&["review", "show", ticket["ticket_id"].as_str().unwrap()])
        .remove(0);
    console.shows("Approve = 1 post");
    // A key that comes before the card was on screen for the guard time is dropped, and one that
    // follows it at once counts as its repeat: so it is pressed again only after a while.
    let decided = |home: &Home| {
        home.tickets()
            .iter()
            .all(|row| row["ticket_id"] != ticket["ticket_id"])
    };
    until("the decision to count", || {
        console.press("a");
        (0..75)
            .any(|_| {
                breathe();
                decided(&home)
            })
            .then_some(())
    });
    let same = |home: &Home| {
        home.journal()
            .into_iter()
            .filter(|post| post["text_content"] == card["text"])
            .count()
    };
    until("the post", || (same(&home) > 0).then_some(()));
    assert_eq!(same(&home), 1);
    console.press("q");
    // Another decision may still be held; then leaving asks.
    breathe();
    console.press("y");
    assert_eq!(console.ended(), 0);
    assert!(home.status()["swarm"].is_null());
}

// R133: a console beside a daemon attaches to it, and leaving it stops nothing.
#[test]
fn r133_a_console_beside_a_daemon_attaches_and_leaving_stops_nothing() {
    let home = Home::new();
    let daemon = home.daemon(&[]);
    until("the swarm to run", || {
        home.is_run_by(daemon.pid()).then_some(())
    });
    let mut console = Console::open(&home, &[], 24, 80);
    console.shows("attached");
    console.press("q");
    assert_eq!(console.ended(), 0);
    assert_eq!(home.status()["swarm"]["pid"], daemon.pid());
}

// Checklist 30, R133: a dropped line ends the console and not the swarm, which goes on headless.
#[test]
fn r133_a_dropped_line_ends_the_console_and_not_the_swarm() {
    let home = Home::new();
    let mut console = Console::open(&home, &[], 24, 80);
    console.shows("SIMULATED");
    let pid = u64::from(console.child.process_id().unwrap());
    // What the kernel sends when the line drops.
    console.signal("HUP");
    until("the hang-up to be handled", || {
        let log = std::fs::read_dir(home.path().join("logs"))
            .unwrap()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
            .collect::<String>();
        log.contains("the swarm goes on without it").then_some(())
    });
    assert_eq!(home.status()["swarm"]["pid"], pid);
    assert!(console.child.try_wait().unwrap().is_none());
}

// R36, R131: a person writes a goal in the console, looks at the tree, adds a post and launches it by the word that was asked
// for; the swarm works on exactly that, and its tickets come back to the same screen.
#[test]
fn r36_a_goal_written_on_screen_is_launched_and_comes_back_as_tickets() {
    let home = deciders::home(0);
    let mut console = Console::open(&home, &[], 40, 120);
    console.shows("SIMULATED");
    console.press("7");
    console.shows("7:CAMPAIGNS");
    console.shows("code");
    console.press("N");
    console.shows("GOAL");
    console.press("Explain the open source database: indexes; locks https://example.org/database");
    console.press("\u{4}");
    console.shows("2 posts, 8 tasks");
    assert!(
        home.json(&["worker", "check-queue"]).is_empty(),
        "nothing runs before it is launched"
    );
    console.press("a");
    console.shows("What the new post is about");
    console.press("Explain the open source database: vacuum\r");
    console.shows("3 posts, 12 tasks");
    // A key that comes before what it is about was on screen asks for nothing.
    until("the question", || {
        console.press("L");
        (0..25)
            .any(|_| {
                breathe();
                console.text().contains("Type `launch simulated` to launch")
            })
            .then_some(())
    });
    console.press("launch simulated\r");
    console.shows("launched: 12 tasks for 3 posts");
    let tickets = until("a ticket for each post", || {
        Some(home.tickets()).filter(|tickets| tickets.len() == 3)
    });
    console.press("3");
    let shown = until("a card", || deciders::on_screen(&console));
    assert!(
        tickets
            .iter()
            .any(|row| row["ticket_id"].as_str().unwrap().ends_with(&shown))
    );
    console.shows("Explain the open source");
}
