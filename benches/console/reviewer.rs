//! A reviewer at the other end of a slow line, as a script: reads the card, presses the key, waits for what
//! comes back, reads on where there is more, types the word that a sheet asks for. The delay is put into the
//! script, half of it on the way out and half on the way back, and the guard on deciding is the one of an SSH
//! session.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::pty::{Console, Start};

const WAY: Duration = Duration::from_millis(75);
/// A key that was dropped is pressed again after this; a faster one would be taken for a held key.
const AGAIN: Duration = Duration::from_millis(1_100);
/// How long a card is looked at: a little over the guard of an SSH session.
const READING: Duration = Duration::from_millis(600);
const TICKETS: usize = 20;
/// What the console says where a card is longer than the screen.
const UNREAD: &str = "not all that goes out was on screen";

/// What the reviewer sees: the screen as it was half a round trip ago.
struct Late {
    screen: vt100::Parser,
    played: usize,
}

impl Late {
    fn catch_up(&mut self, console: &Console) {
        let now = Instant::now();
        let seen = console.seen.0.lock().unwrap();
        let tape = seen.tape.as_ref().unwrap();
        while let Some((at, bytes)) = tape.get(self.played) {
            if *at + WAY > now {
                break;
            }
            self.screen.process(bytes);
            self.played += 1;
        }
    }

    fn text(&mut self, console: &Console) -> String {
        self.catch_up(console);
        self.screen.screen().contents()
    }
}

/// The short id of the ticket whose card is on this screen.
fn card(text: &str) -> Option<String> {
    let (_, card) = text.split_once("TICKET  ")?;
    let (short, _) = card.split_once(" v")?;
    Some(short.trim().to_owned())
}

/// The word that a sheet asks for.
fn asked(text: &str) -> Option<String> {
    let (_, sheet) = text.split_once("Type ")?;
    let (word, _) = sheet.split_once(" to approve")?;
    Some(word.to_owned())
}

/// What a look at the screen says to do next.
#[derive(PartialEq, Eq)]
enum Step {
    Decide,
    /// The console said that there is more to be read.
    ReadOn,
    /// One key is not enough.
    Confirm(String),
}

fn step_of(text: &str) -> Step {
    match asked(text) {
        Some(word) => Step::Confirm(word),
        None if text.contains(UNREAD) => Step::ReadOn,
        None => Step::Decide,
    }
}

/// A console over a slow line, and how the work goes.
struct Desk {
    console: Console,
    late: Late,
    shares: Vec<Duration>,
    keys: u32,
    confirmed: u32,
    read_on: u32,
    again: u32,
}

impl Desk {
    /// Clears so many of the tickets for which the filter holds; whether that was done by `end`.
    fn clear(&mut self, filter: &str, tickets: usize, end: Instant) -> usize {
        // The console may have been left in another pane, and with another filter.
        for keys in ["3", "\x1b", "/", filter, "\r"] {
            self.send(keys);
            std::thread::sleep(WAY * 2);
        }
        self.console.settle(Duration::from_millis(300));
        let mut decided: Vec<String> = Vec::new();
        while decided.len() < tickets && Instant::now() < end {
            let text = self.late.text(&self.console);
            let Some(short) = card(&text).filter(|short| !decided.contains(short)) else {
                std::thread::sleep(Duration::from_millis(2));
                continue;
            };
            let step = step_of(&text);
            match &step {
                Step::Confirm(word) => {
                    self.confirmed += 1;
                    self.send(word);
                    std::thread::sleep(WAY);
                    self.decides("\r", &short);
                }
                Step::ReadOn => {
                    self.read_on += 1;
                    self.send("J");
                    std::thread::sleep(WAY * 2);
                    self.decides("a", &short);
                }
                Step::Decide => {
                    // Nobody reads a card faster than the guard lets a key through.
                    std::thread::sleep(READING);
                    self.decides("a", &short);
                }
            }
            // What became of it, as the reviewer sees it.
            let patience = Instant::now() + AGAIN;
            loop {
                let text = self.late.text(&self.console);
                if card(&text).is_some_and(|now| now != short) {
                    decided.push(short);
                    break;
                }
                if Instant::now() > patience {
                    self.again += 1;
                    break;
                }
                // What the line still shows of before is no answer.
                if step_of(&text) != step && step_of(&text) != Step::Decide {
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        decided.len()
    }

    /// A key travels; meanwhile what was on its way to the reviewer arrives.
    fn send(&mut self, keys: &str) {
        std::thread::sleep(WAY);
        self.keys += 1;
        self.console.press(keys);
    }

    /// A key that decides. The console's own share is the time until its own screen shows another ticket.
    fn decides(&mut self, key: &str, short: &str) {
        std::thread::sleep(WAY);
        self.keys += 1;
        let before = step_of(&self.console.text());
        let arrived = Instant::now();
        self.console.press(key);
        let answered = self.console.when(AGAIN, |seen| {
            let text = seen.screen.screen().contents();
            let other = card(&text).is_some_and(|now| now != short);
            // A sheet, or that there is more to be read: no decision yet.
            other || (step_of(&text) != before && step_of(&text) != Step::Decide)
        });
        let other = card(&self.console.text()).is_some_and(|now| now != short);
        if let Some(at) = answered.filter(|_| other) {
            self.shares.push(at.saturating_duration_since(arrived));
        }
    }
}

/// Half of them routine, half on sensitive topics, each of which asks for its word.
pub(crate) fn clear_tickets(program: &Path, home: &str) -> Value {
    let console = Console::open(&Start {
        program,
        args: &["--attach", "--home", home],
        env: &[("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")],
        columns: 120,
        rows: 40,
        tape: true,
    });
    let late = Late {
        screen: vt100::Parser::new(40.try_into().unwrap(), 120.try_into().unwrap(), 0),
        played: 0,
    };
    let mut desk = Desk {
        console,
        late,
        shares: Vec::new(),
        keys: 0,
        confirmed: 0,
        read_on: 0,
        again: 0,
    };
    desk.console.shows("TICKET  ").expect("a card");
    let began = Instant::now();
    let end = began + Duration::from_secs(240);
    let decided = desk.clear("-reason:sensitive", TICKETS / 2, end)
        + desk.clear("reason:sensitive", TICKETS / 2, end);
    let took = began.elapsed();
    if decided < TICKETS {
        eprintln!("the reviewer got stuck here:\n{}", desk.console.text());
    }
    desk.shares.sort_unstable();
    let ms = |d: Option<&Duration>| d.map(|d| d.as_micros() as f64 / 1_000.0);
    let (p50, max) = (desk.shares.get(desk.shares.len() / 2), desk.shares.last());
    json!({"row": "reviewer_20_tickets", "round_trip_ms": 150, "guard": "ssh", "tickets": decided, "keys": desk.keys,
        "simulated": true, "sheets": desk.confirmed, "read_on": desk.read_on, "pressed_again": desk.again, "s": took.as_secs_f64(),
        "own_shares": desk.shares.len(), "own_share_ms_p50": ms(p50), "own_share_ms_max": ms(max), "bar": "<= 120 s, own share <= 50 ms",
        "met": decided == TICKETS && took <= Duration::from_secs(120)
            && desk.shares.len() * 2 >= TICKETS
            && max.is_some_and(|max| *max <= Duration::from_millis(50))})
}
