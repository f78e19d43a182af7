//! A reviewer at the other end of a slow line, as a script: reads the card, presses the key, waits for what
//! comes back. The delay is put into the script, half of it on the way out and half on the way back, and the
//! guard on deciding is the one of an SSH session.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::pty::{Console, PATIENCE, Start};

const WAY: Duration = Duration::from_millis(75);
/// A key that was dropped is pressed again after this; a faster one would be taken for a held key.
const AGAIN: Duration = Duration::from_millis(1_100);
const TICKETS: usize = 20;

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

/// The short id of the ticket whose card is open on this screen.
fn card(text: &str) -> Option<String> {
    let (_, card) = text.split_once("TICKET  ")?;
    let (short, _) = card.split_once(" v")?;
    let open = text.contains("Approve = 1 post");
    open.then(|| short.trim().to_owned())
}

pub(crate) fn clear_tickets(program: &Path, home: &str) -> Value {
    let mut console = Console::open(&Start {
        program,
        args: &["--attach", "--home", home],
        env: &[("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")],
        columns: 120,
        rows: 40,
        tape: true,
    });
    let mut late = Late {
        screen: vt100::Parser::new(40.try_into().unwrap(), 120.try_into().unwrap(), 0),
        played: 0,
    };
    let began = Instant::now();
    let (mut decided, mut keys, mut dropped) = (Vec::new(), 0_u32, 0_u32);
    let mut shares: Vec<Duration> = Vec::new();
    while decided.len() < TICKETS && began.elapsed() < Duration::from_secs(240) {
        let Some(short) = card(&late.text(&console)).filter(|short| !decided.contains(short))
        else {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        };
        // The key travels; meanwhile what was on its way to the reviewer arrives.
        std::thread::sleep(WAY);
        let arrived = Instant::now();
        console.press("a");
        keys += 1;
        // The console's own share: until its own screen shows another ticket, or says why not.
        let answered = console.when(PATIENCE, |seen| {
            let text = seen.screen.screen().contents();
            card(&text).as_ref().is_some_and(|now| *now != short) || text.contains("ignored:")
        });
        let share = answered.map(|at| at.saturating_duration_since(arrived));
        let again = Instant::now() + AGAIN;
        // What became of it, as the reviewer sees it.
        loop {
            let text = late.text(&console);
            if card(&text).is_some_and(|now| now != short) {
                decided.push(short);
                shares.extend(share);
                break;
            }
            if Instant::now() > again {
                dropped += 1;
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    let took = began.elapsed();
    shares.sort_unstable();
    let ms = |d: Option<&Duration>| d.map(|d| d.as_micros() as f64 / 1_000.0);
    json!({"row": "reviewer_20_tickets", "round_trip_ms": 150, "guard": "ssh", "tickets": decided.len(), "keys": keys,
        "keys_dropped": dropped, "s": took.as_secs_f64(), "own_share_ms_p50": ms(shares.get(shares.len() / 2)),
        "own_share_ms_max": ms(shares.last()), "bar": "<= 120 s, own share <= 50 ms",
        "met": decided.len() == TICKETS && took <= Duration::from_secs(120)
            && shares.last().is_some_and(|max| *max <= Duration::from_millis(50))})
}
