//! The console on a desk that is FAKE: made-up tickets, nothing stored, nothing sent.
//!
//! For looking at the screens and for the pty tests:
//! `console_fake [empty|normal|hostile] [attached|embedded] [ascii|mono|slow|light|blind ...] [home=DIR] [editor=COMMAND] [bell|desktop] [arrive] [wallets]`

#[path = "../tests/fake/data.rs"]
mod data;
#[path = "../tests/fake/desk.rs"]
mod desk;

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use chimera_domain::{Clock, Timestamp};
use chimera_ui::{Exit, Notify, Settings, run};

/// The wall clock; told to, it breaks after some looks, as a fault of the console itself would.
struct WallClock {
    looks_left: Option<AtomicU32>,
}

#[expect(clippy::disallowed_methods, reason = "an example is its own roof")]
impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let console = std::thread::current().name() == Some("main");
        if let Some(left) = self.looks_left.as_ref().filter(|_| console) {
            let before = left.fetch_sub(1, Ordering::SeqCst);
            assert!(before > 1, "the fake clock broke, as it was told to");
        }
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(0))
    }
}

/// How often a ticket more comes, where that is asked for.
const ARRIVES: Duration = Duration::from_secs(2);

const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}evil\u{200b}\u{fe0f}\r\n\t";

#[expect(clippy::disallowed_methods, reason = "an example is its own roof")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|w| w == word);
    let clock = Arc::new(WallClock {
        looks_left: has("panic").then(|| AtomicU32::new(60)),
    });
    let mut world = if has("empty") {
        data::empty(clock.now())
    } else {
        data::normal(clock.now(), has("hostile").then_some(EVIL))
    };
    if has("wallets") {
        world.headroom = data::wallets_of(clock.now(), 48_000_000);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let home = words.iter().find_map(|word| word.strip_prefix("home="));
    let home = home.map(std::path::PathBuf::from);
    let editor = words.iter().find_map(|word| word.strip_prefix("editor="));
    let settings = Settings {
        editor: editor.map(str::to_owned),
        scratch: std::env::temp_dir(),
        state_file: home.as_ref().map(|home| home.join("console.json")),
        exports_dir: home.map(|home| home.join("exports")),
        attached: has("attached"),
        ascii: has("ascii"),
        no_color: has("mono"),
        low_bandwidth: has("slow"),
        light: has("light"),
        colour_blind: has("blind"),
        notify: if has("bell") {
            Notify::Bell
        } else if has("desktop") {
            Notify::Desktop
        } else {
            Notify::Off
        },
        term: std::env::var("TERM").unwrap_or_default(),
        notice: (!has("quiet"))
            .then(|| "this desk is FAKE: nothing is stored and nothing is sent".into()),
        ..Settings::new("operator@fake:tty")
    };
    let desk = desk::FakeDesk::new(world, clock.clone());
    if has("arrive") {
        let desk = desk.clone();
        runtime.spawn(async move {
            for nth in 0.. {
                tokio::time::sleep(ARRIVES).await;
                desk.arrive(nth);
            }
        });
    }
    let ended = run(
        settings,
        desk.clone(),
        desk.clone(),
        desk,
        runtime.handle().clone(),
        clock,
    )?;
    if let Some(waits) = &ended.waits {
        writeln!(std::io::stderr(), "{waits}")?;
    }
    let word = match ended.exit {
        Exit::Quit => "quit",
        Exit::Hangup => "hangup",
        Exit::Terminated => "terminated",
    };
    // For the tests: where the console ended, in a file because the terminal may be gone.
    if let Ok(path) = std::env::var("CONSOLE_FAKE_EXIT") {
        std::fs::write(path, word)?;
    }
    Ok(())
}
