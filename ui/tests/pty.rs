//! The console from outside: a real pseudo terminal, real signals, and a screen model that watches.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test may fail loudly as the test itself"
)]

use std::{
    io::{Read, Write},
    num::NonZero,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Condvar, LazyLock, Mutex},
    thread,
    time::{Duration, Instant, SystemTime},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(20);

/// The example that is watched. Only a run of all targets builds it beside this one, so one that is older than any of its
/// sources is built anew: what passes here has passed on the console as it is.
static CONSOLE_FAKE: LazyLock<PathBuf> = LazyLock::new(|| {
    let here = std::env::current_exe().unwrap();
    let profile = here.ancestors().nth(2).unwrap();
    let program = profile.join("examples/console_fake");
    if !is_fresh(&program) {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--example", "console_fake"])
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
        assert!(is_fresh(&program), "{} is stale", program.display());
    }
    program
});

/// Whether it was built from this checkout, after the last change of any of the files that cargo says are in it.
fn is_fresh(program: &Path) -> bool {
    let changed = |path: &Path| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    let Some(built) = changed(program) else {
        return false;
    };
    let told = std::fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let sources = told.split_once(": ").map_or("", |(_, sources)| sources);
    // Blanks in a path are escaped.
    let sources = sources.trim().replace("\\ ", "\0");
    let sources: Vec<PathBuf> = sources
        .split(' ')
        .map(|path| PathBuf::from(path.replace('\0', " ")))
        .collect();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/console_fake.rs");
    let fresh = |path: &PathBuf| changed(path).is_some_and(|at| at <= built);
    sources.contains(&own) && sources.iter().all(fresh)
}

struct Seen {
    screen: vt100::Parser,
    bytes: usize,
    /// All of them, for what no screen shows.
    raw: Vec<u8>,
}

/// `console_fake` in a terminal of its own.
struct Console {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    exit_file: PathBuf,
}

fn of(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Console {
    fn start(name: &str, args: &[&str], columns: u16, rows: u16) -> Self {
        let here = std::env::current_exe().unwrap();
        let target = here.ancestors().nth(2).unwrap();
        let exit_file = target.join(format!("console_fake.{name}.exit"));
        let _absent = std::fs::remove_file(&exit_file);
        let pty = native_pty_system().openpty(size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(CONSOLE_FAKE.as_path());
        command.args(args);
        let dumb = args.contains(&"dumb");
        command.env("TERM", if dumb { "dumb" } else { "xterm-256color" });
        command.env("CONSOLE_FAKE_EXIT", &exit_file);
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let seen = Arc::new((
            Mutex::new(Seen {
                screen: vt100::Parser::new(of(rows), of(columns), 0),
                bytes: 0,
                raw: Vec::new(),
            }),
            Condvar::new(),
        ));
        let mut from = pty.master.try_clone_reader().unwrap();
        let far = seen.clone();
        thread::spawn(move || {
            let mut bytes = [0; 65536];
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                let mut seen = far.0.lock().unwrap();
                seen.screen.process(&bytes[..n]);
                seen.bytes += n;
                seen.raw.extend_from_slice(&bytes[..n]);
                far.1.notify_all();
            }
        });
        Self {
            seen,
            keys: pty.master.take_writer().unwrap(),
            child,
            master: pty.master,
            exit_file,
        }
    }

    fn press(&mut self, bytes: &str) {
        self.keys.write_all(bytes.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn wait_for(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let (guard, timed_out) = self
            .seen
            .1
            .wait_timeout_while(self.seen.0.lock().unwrap(), PATIENCE, |s| {
                !holds(s.screen.screen())
            })
            .unwrap();
        let text = guard.screen.screen().contents();
        drop(guard);
        assert!(!timed_out.timed_out(), "no {what} on:\n{text}");
    }

    fn wait_for_text(&self, text: &str) {
        self.wait_for(text, |s| s.contents().contains(text));
    }

    /// Whether these bytes came, or come while one waits.
    fn hears(&self, bytes: &[u8], patience: Duration) -> bool {
        let came = |seen: &mut Seen| seen.raw.windows(bytes.len()).any(|some| some == bytes);
        let seen = self.seen.0.lock().unwrap();
        let waited = self.seen.1.wait_timeout_while(seen, patience, |s| !came(s));
        !waited.unwrap().1.timed_out()
    }

    /// Whether no byte comes for so long.
    fn quiet_for(&self, window: Duration) -> bool {
        let seen = self.seen.0.lock().unwrap();
        let before = seen.bytes;
        self.seen
            .1
            .wait_timeout_while(seen, window, |s| s.bytes == before)
            .unwrap()
            .1
            .timed_out()
    }

    /// Until the card has been on screen for the guard time and nothing more is drawn.
    fn settle(&self) {
        while !self.quiet_for(Duration::from_millis(400)) {}
    }

    fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; the word the console ended with.
    fn end(&mut self) -> String {
        let began = Instant::now();
        loop {
            if self.child.try_wait().unwrap().is_some() {
                return std::fs::read_to_string(&self.exit_file).unwrap();
            }
            assert!(began.elapsed() < PATIENCE, "still running");
            thread::yield_now();
        }
    }

    /// Alternate screen, cursor, paste and title are as before, and so is the line discipline.
    fn check_restored(&self) {
        self.wait_for("restored terminal", |s| {
            !s.alternate_screen() && !s.hide_cursor() && !s.bracketed_paste()
        });
        let settings = self.master.get_termios().unwrap();
        let fresh = native_pty_system().openpty(size(80, 24)).unwrap();
        let expected = fresh.master.get_termios().unwrap();
        assert_eq!(settings.local_flags, expected.local_flags);
        assert_eq!(settings.input_flags, expected.input_flags);
        assert_eq!(settings.output_flags, expected.output_flags);
    }
}

// R131, R136, R183: keys decide and take back, a resize is followed, and leaving restores all modes.
#[test]
fn r133_keys_resize_and_quit() {
    let mut console = Console::start("quit", &[], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.settle();
    console.press("a");
    // The topic is sensitive: its word approves it.
    console.wait_for_text("Type 7100 to approve");
    console.press("7100");
    console.wait_for_text("> 7100");
    console.press("\r");
    console.wait_for_text("s u undo");
    console.press("u");
    console.wait_for_text("taken back");
    console.master.resize(size(120, 40)).unwrap();
    console
        .seen
        .0
        .lock()
        .unwrap()
        .screen
        .screen_mut()
        .set_size(of(40), of(120));
    console.wait_for_text("LEDGER");
    console.press("\x1b[200~q\x1b[201~");
    console.wait_for_text("pasted text ignored");
    console.press("\x1b");
    console.settle();
    console.press("q");
    assert_eq!(console.end(), "quit");
    console.check_restored();
}

// R133: being asked to end restores the terminal.
#[test]
fn r133_sigterm_restores() {
    let mut console = Console::start("term", &[], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.signal("-TERM");
    assert_eq!(console.end(), "terminated");
    console.check_restored();
}

// R133: a hang-up ends the console soon, and only the console: it returns and says so.
#[test]
fn r133_sighup_returns() {
    let mut console = Console::start("hup", &["attached"], 80, 24);
    console.wait_for_text("Approve = 1 post");
    let began = Instant::now();
    console.signal("-HUP");
    assert_eq!(console.end(), "hangup");
    // 200 ms is the promise; the rest is starting `kill` and a busy test machine.
    assert!(began.elapsed() < Duration::from_secs(2));
}

// R133: a panic gives the terminal back first, so that its words can be read.
#[test]
fn r133_a_panic_restores() {
    let mut console = Console::start("panic", &["panic", "quiet"], 80, 24);
    console.wait_for_text("Approve = 1 post");
    while console
        .seen
        .0
        .lock()
        .unwrap()
        .screen
        .screen()
        .alternate_screen()
    {
        console.press("j");
        console.quiet_for(Duration::from_millis(30));
    }
    console.wait_for_text("the fake clock broke");
    console.check_restored();
}

// R193: an idle console writes nothing. A minute that changes an age may fall into one window.
#[test]
fn r193_idle_writes_zero_bytes() {
    let mut console = Console::start("idle", &["quiet"], 120, 40);
    console.wait_for_text("Approve = 1 post");
    console.settle();
    let second = Duration::from_secs(1);
    assert!((0..3).any(|_| console.quiet_for(second)), "never quiet");
    console.press("q");
    assert_eq!(console.end(), "quit");
}

// R133: without a terminal there is one clear sentence and no escape sequence.
#[test]
fn r133_no_terminal_is_refused_in_words() {
    let out = Command::new(CONSOLE_FAKE.as_path()).output().unwrap();
    assert!(!out.status.success());
    assert!(out.stdout.is_empty());
    let words = String::from_utf8(out.stderr).unwrap();
    assert!(
        words.contains("NoTerminal") && !words.contains('\u{1b}'),
        "{words}"
    );
    let console = Console::start("dumb", &["dumb"], 80, 24);
    console.wait_for_text("TERM=dumb cannot move the cursor");
    console.wait_for("main screen", |s| !s.alternate_screen());
}

// R134: an export is a private file of all rows, and a console that is started again begins where it was left.
#[test]
fn r134_export_and_place_outlive_the_console() {
    let folder = tempfile::tempdir().unwrap();
    let home = format!("home={}", folder.path().display());
    let mut console = Console::start("place", &[&home], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.press("1");
    console.wait_for_text("1:TRENDS");
    console.settle();
    console.press("E");
    console.wait_for_text("JSON Lines");
    console.settle();
    console.press("\r");
    console.wait_for_text(" rows in ");
    console.press("q");
    assert_eq!(console.end(), "quit");
    let exports: Vec<_> = std::fs::read_dir(folder.path().join("exports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let [file] = exports.as_slice() else {
        panic!("{exports:?}")
    };
    let text = std::fs::read_to_string(file).unwrap();
    assert!(
        text.starts_with("signal_id,") && text.lines().count() > 2,
        "{text}"
    );
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let mut again = Console::start("place-again", &[&home], 80, 24);
    again.wait_for_text("1:TRENDS");
    again.settle();
    again.press("q");
    assert_eq!(again.end(), "quit");
}

// R134: the mouse is asked for by a key and given back with the terminal.
#[test]
fn r134_the_mouse_is_given_back() {
    let mut console = Console::start("mouse", &[], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.press("M");
    console.wait_for("mouse", |s| {
        s.mouse_protocol_mode() == vt100::MouseProtocolMode::PressRelease
    });
    console.press("\x1b[<0;5;5M");
    console.settle();
    console.press("q");
    assert_eq!(console.end(), "quit");
    console.wait_for("no mouse", |s| {
        s.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    console.check_restored();
}

// R133: an interrupt that is meant for the operator's editor ends neither the console nor what was being written.
#[test]
fn r133_an_interrupt_in_the_editor_is_not_the_consoles() {
    let editor = "editor=kill -INT $PPID; true";
    let mut console = Console::start("editor", &[editor], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.settle();
    console.press("e");
    console.wait_for_text("EDIT");
    console.press("\u{f}");
    console.settle();
    console.press("\u{1b}");
    console.wait_for_text("NORMAL");
    console.settle();
    console.press("q");
    assert_eq!(console.end(), "quit");
    console.check_restored();
}

// R75: the console that is left says, in the terminal as it was, how many wait and for how long the oldest has.
#[test]
fn r75_leaving_says_what_waits() {
    let mut console = Console::start("waits", &["desktop"], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.settle();
    console.press("q");
    assert_eq!(console.end(), "quit");
    console.wait_for_text("5 wait for a person, the oldest for 41m");
    console.check_restored();
}

// R75: a ticket that comes while the terminal says that somebody looks elsewhere is told by a notice; one that comes
// while they look is not.
#[test]
fn r75_those_who_look_elsewhere_are_told() {
    let notice = b" wait for a person, the oldest for ";
    let begins = b"\x1b]9;chimera: ";
    let mut console = Console::start("away", &["desktop", "arrive"], 80, 24);
    console.wait_for_text("Approve = 1 post");
    console.press("\x1b[O");
    assert!(console.hears(begins, PATIENCE));
    assert!(console.hears(notice, PATIENCE));
    console.press("q");
    assert_eq!(console.end(), "quit");
    let mut console = Console::start("here", &["desktop", "arrive"], 80, 24);
    console.wait_for("a ticket that came", |s| {
        (1..9).any(|n| s.contents().contains(&format!("+{n} new")))
    });
    assert!(!console.hears(begins, Duration::ZERO));
    console.press("q");
    assert_eq!(console.end(), "quit");
}
