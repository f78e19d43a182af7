//! Random events through `update` and the painter: nothing panics at any size, nothing hostile reaches the
//! line, and no decision leaves that was not on screen for the guard time.
//!
//! `make fuzz-console EVENTS=1000000` runs it long; a seed that fails is run again with `SEED=…`.

use std::collections::HashMap;

use chimera_domain::{
    Clock, Conflict, Outcome, Safe, Span, StateVersion,
    ids::EffectId,
    testing::{ManualClock, uuid_of},
    ticket::{Choice, Decide, Decided},
};

use super::{
    Rig,
    hostile::{EVIL, check_frame},
};
use crate::{
    event::{Done, Event, Request, Said, Signal, Size},
    fake,
    key::{Code, Key},
    settings::Settings,
    terminal::Painter,
    view,
};

/// Seeded numbers (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.below(u64::try_from(of.len()).unwrap());
        of[usize::try_from(at).unwrap()]
    }

    fn is_one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

const CODES: [Code; 15] = [
    Code::Enter,
    Code::Esc,
    Code::Tab,
    Code::BackTab,
    Code::Backspace,
    Code::Delete,
    Code::Left,
    Code::Right,
    Code::Up,
    Code::Down,
    Code::Home,
    Code::End,
    Code::PageUp,
    Code::PageDown,
    Code::Char(' '),
];

fn key(chance: &mut Chance) -> Key {
    match chance.below(20) {
        0..5 => Key::plain(chance.one(&CODES)),
        5 => Key::ctrl(char::from(b'a' + u8::try_from(chance.below(26)).unwrap())),
        6 => Key::plain(Code::Char(
            chance.one(&['é', '日', '\u{202e}', '👩', '\u{301}']),
        )),
        // Keys that decide, move, or open something, more often than they are typed.
        7..13 => Key::plain(Code::Char(chance.one(&[
            'a', 'a', 'a', 'r', 'o', 's', 'n', 'p', 'u', 'j', 'k', 'g', '!', '?', '/', ':', 'z',
        ]))),
        _ => Key::plain(Code::Char(char::from(
            b'!' + u8::try_from(chance.below(94)).unwrap(),
        ))),
    }
}

/// One console with a terminal that may be slow, under a stream of events.
struct Fuzz {
    chance: Chance,
    rig: Rig,
    painter: Painter,
    /// A frame the line has not taken yet.
    on_the_line: Option<u64>,
    /// Since when each exact card has been on the terminal, as the terminal tells it.
    flushed: HashMap<String, Span>,
    decisions: u64,
}

impl Fuzz {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let now = ManualClock::new().now();
        let world = match chance.below(8) {
            0 => fake::empty(now),
            1..4 => fake::normal(now, None),
            _ => fake::normal(now, Some(chance.one(EVIL))),
        };
        let settings = Settings {
            ascii: chance.is_one_in(4),
            no_color: chance.is_one_in(4),
            low_bandwidth: chance.is_one_in(4),
            light: chance.is_one_in(2),
            colour_blind: chance.is_one_in(4),
            over_ssh: chance.is_one_in(2),
            ..Settings::new("op@test:tty")
        };
        let mut rig = Rig::with(120, 40, world, settings);
        rig.asked.clear();
        Self {
            painter: Painter::new(rig.model.size, true).unwrap(),
            chance,
            rig,
            on_the_line: None,
            flushed: HashMap::new(),
            decisions: 0,
        }
    }

    /// One event, what is asked because of it, and the frame after it.
    fn step(&mut self) {
        self.pass();
        if self.chance.is_one_in(40) {
            return self.read_and_decide();
        }
        if self.chance.is_one_in(60) {
            return self.plan_a_goal();
        }
        let event = self.event();
        if let Some(event) = event {
            self.rig.event(event);
        }
        self.look_at_orders();
        if self.chance.is_one_in(3) {
            self.rig.serve();
        }
        self.draw();
    }

    /// What random keys rarely do: somebody waits until all is drawn, reads, and decides.
    fn read_and_decide(&mut self) {
        let mut keys = vec!["Esc", "Esc", "3"];
        keys.extend(self.chance.one(&[
            &["a"][..],
            &["r", "o", "Enter"],
            &["Enter", "PgDn", "PgDn", "a"],
            &["n", "a"],
            &["a", "u"],
        ]));
        for name in keys {
            self.rig.serve();
            for _ in 0..2 {
                self.on_the_line = None;
                self.rig.model.dirty = true;
                self.draw();
                if let Some(frame) = self.on_the_line.take() {
                    let at = self.rig.mono;
                    self.rig.event(Event::Flushed { frame, at });
                }
            }
            self.rig.mono = Span::from_micros(self.rig.mono.micros() + 3_000_000);
            self.rig.press(name);
            self.look_at_orders();
        }
    }

    fn pass(&mut self) {
        let micros = match self.chance.below(6) {
            0 => 0,
            1 => self.chance.below(2_000),
            2 => self.chance.below(120_000_000),
            _ => self.chance.below(700_000),
        };
        self.rig.mono = Span::from_micros(self.rig.mono.micros() + micros);
    }

    fn event(&mut self) -> Option<Event> {
        let c = &mut self.chance;
        Some(match c.below(32) {
            0..18 => {
                if !c.is_one_in(6) {
                    self.rig.reads += 1;
                }
                Event::Key {
                    key: key(c),
                    read: self.rig.reads,
                    alone: !c.is_one_in(8),
                    at: self.rig.mono,
                }
            }
            18 => Event::Paste(format!("{}array\n", c.one(EVIL))),
            19 => Event::Focus(c.is_one_in(2)),
            20 | 21 => {
                let most = if c.is_one_in(4) {
                    (300, 100)
                } else {
                    (130, 45)
                };
                let side = |c: &mut Chance, most| u16::try_from(1 + c.below(most)).unwrap();
                Event::Resize(Size::new(side(c, most.0), side(c, most.1)))
            }
            22 => Event::Changed,
            23 => Event::BellLost(Safe::line(c.one(EVIL))),
            24 => Event::Signal(Signal::Resized),
            25 => Event::Panicked(Safe::line(c.one(EVIL))),
            26 => {
                self.change_the_world();
                Event::Changed
            }
            27..29 => {
                let frame = self.on_the_line.take()?;
                let at = self.rig.mono;
                Event::Flushed { frame, at }
            }
            _ => Event::Deadline,
        })
    }

    /// Somebody else decides, and tickets come and go.
    fn change_the_world(&mut self) {
        let world = &mut self.rig.world;
        let Ok(len @ 1..) = u64::try_from(world.cards.len()) else {
            return;
        };
        let at = usize::try_from(self.chance.below(len)).unwrap();
        match self.chance.below(4) {
            0 => world.cards.rotate_left(at),
            1 => {
                let card = &mut world.cards[at];
                card.row.version = card.row.version.next();
                card.decided = None;
            }
            2 => {
                let card = &mut world.cards[at];
                card.row.version = card.row.version.next();
                card.row.state = chimera_domain::ticket::TicketState::Rejected;
                card.decided = Some(Safe::line("rejected by ann"));
            }
            _ => {
                let card = &mut world.cards[at];
                card.row.state = chimera_domain::ticket::TicketState::Open;
                card.row.simulated = self.chance.is_one_in(2);
            }
        }
    }

    /// The store answers decisions and orders, in every way it can.
    fn look_at_orders(&mut self) {
        let orders = std::mem::take(&mut self.rig.asked);
        for request in orders {
            if let Request::Decide(decide) = request {
                self.was_shown(&decide);
                self.decisions += 1;
                let answer = self.answer(|rig| match &decide.choice {
                    Choice::Approve => Decided::Held {
                        effect_id: EffectId::from_uuid(uuid_of(1)),
                        until: rig.model.now.plus(Span::from_secs(10)),
                    },
                    Choice::Edit { .. } => Decided::Edited {
                        content_hash: decide.content_hash,
                    },
                    Choice::Reject { .. }
                    | Choice::RequestChanges { .. }
                    | Choice::Escalate { .. }
                    | Choice::Snooze { .. }
                    | Choice::Assign { .. } => Decided::Rejected,
                });
                self.rig.event(Event::Done(Done::Decided(decide, answer)));
            } else if let Request::Undo(ticket, _) = request {
                let answer = self.answer(|_| ());
                self.rig.event(Event::Done(Done::Undone(ticket, answer)));
            } else if let Request::Halt(scope, halt, _) = request {
                let result = self.answer(|_| 3);
                let took = Span::from_millis(12);
                self.rig.event(Event::Done(Done::Halted {
                    scope,
                    halt,
                    took,
                    result,
                }));
            } else if matches!(request, Request::Resume(_) | Request::Stage(_)) {
                let answer = self.answer(|_| 2);
                self.rig.event(Event::Done(Done::Resumed(answer)));
            } else if let Request::Wish(wish) = request {
                let said = match self.chance.below(4) {
                    0 => Said::Done(()),
                    1 => Said::NotFound,
                    2 => Said::Refused(Safe::line(self.chance.one(EVIL))),
                    _ => Said::Unclear(Safe::line("the disk")),
                };
                self.rig.event(Event::Done(Done::Typed(wish, said)));
            } else if let Request::Propose(wish) = request {
                let said = match self.chance.below(8) {
                    0 => Said::NotFound,
                    1 => Said::Refused(Safe::line(self.chance.one(EVIL))),
                    2 => Said::Unclear(Safe::line("the disk")),
                    3 => Said::Conflict(Conflict {
                        actual: StateVersion::FIRST,
                        now: "revised".into(),
                        by: Some(self.chance.one(EVIL).to_owned()),
                        at: Some(self.rig.model.now),
                    }),
                    // Else as a store does that others use, too.
                    _ => self.rig.propose(&wish),
                };
                self.rig.event(Event::Done(Done::Proposed(wish, said)));
            } else {
                self.rig.asked.push(request);
            }
        }
    }

    /// Somebody proposals by keys, and random keys go on from there.
    fn plan_a_goal(&mut self) {
        for name in ["Esc", "Esc", "Esc", "7", "N"] {
            self.rig.press(name);
            self.rig.serve();
        }
        let words = self.chance.one(EVIL);
        self.rig
            .event(Event::Paste(format!("{words}: one; two https://a.b")));
        self.rig.press("Ctrl-D");
        self.look_at_orders();
        for _ in 0..self.chance.below(40) {
            let key = self.chance.one(&[
                "j", "j", "k", "e", "a", "A", "D", "J", "K", "w", "p", "c", "b", "d", "i", "o",
                "u", "L", "X", "?", "Enter", "Enter", "Enter", "1", "Esc", "g", "G", "h",
            ]);
            self.rig.press(key);
            self.look_at_orders();
            self.rig.serve();
            if self.chance.is_one_in(6) {
                let side = |c: &mut Chance, most| u16::try_from(1 + c.below(most)).unwrap();
                let size = Size::new(side(&mut self.chance, 170), side(&mut self.chance, 50));
                self.rig.event(Event::Resize(size));
            }
            if self.chance.is_one_in(8) {
                self.rig.someone_revises();
            }
            self.draw();
        }
    }

    fn answer<T>(&mut self, value: impl FnOnce(&Rig) -> T) -> Result<Outcome<T>, Safe> {
        match self.chance.below(6) {
            0 => Err(Safe::line(self.chance.one(EVIL))),
            1 => Ok(Outcome::NotFound),
            2 => Ok(Outcome::Conflict(Conflict {
                actual: StateVersion::FIRST,
                now: "rejected".into(),
                by: Some(self.chance.one(EVIL).to_owned()),
                at: Some(self.rig.model.now),
            })),
            _ => Ok(Outcome::Done(value(&self.rig), StateVersion::FIRST)),
        }
    }

    /// The oracle: exactly this was on the terminal for the guard time before it was decided on.
    fn was_shown(&self, decide: &Decide) {
        let exactly = of(decide.ticket_id, decide.version, decide.content_hash);
        let since = self.flushed.get(&exactly);
        let guard = self.rig.model.settings.guard_applied();
        let long = since.is_some_and(|at| self.rig.mono.micros() >= at.micros() + guard.micros());
        assert!(long, "decided on what was not on screen: {exactly}");
    }

    /// As the loop does: when something changed and the line is free.
    fn draw(&mut self) {
        if self.rig.model.exit.take().is_some() {
            self.rig.model.overlay = None;
        }
        if self.on_the_line.is_some() && !self.chance.is_one_in(4) {
            return;
        }
        if let Some(frame) = self.on_the_line.take() {
            let at = self.rig.mono;
            self.rig.event(Event::Flushed { frame, at });
        }
        if !(self.rig.model.dirty || self.rig.model.redraw) {
            return;
        }
        if std::mem::take(&mut self.rig.model.redraw) {
            self.painter.reset(self.rig.model.size).unwrap();
        }
        self.rig.model.dirty = false;
        let model = &self.rig.model;
        let title = model.title();
        let bytes = self.painter.paint(&title, &[], |f| view::draw(model, f));
        check_frame(&bytes.unwrap());
        let painted = view::painted(&self.rig.model);
        self.rig.frames += 1;
        self.rig
            .model
            .review
            .guard
            .painted(self.rig.frames, painted);
        self.on_the_line = Some(self.rig.frames);
        if let Some(painted) = painted {
            // The terminal cannot have it earlier than this, whatever the line does.
            let key = painted.key;
            let mono = self.rig.mono;
            let exactly = of(key.ticket, key.version, key.hash);
            self.flushed.entry(exactly).or_insert(mono);
        }
    }
}

fn of(
    ticket: chimera_domain::ids::TicketId,
    version: StateVersion,
    hash: chimera_domain::ContentHash,
) -> String {
    format!("{ticket} {version} {hash}")
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test may take is asked by whoever runs it; the program does not read this"
)]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

// R136, R138, R181, checklist 22: random keys, pastes, resizes from 1x1 to 300x100, answers and signals.
#[test]
fn r136_no_stream_of_events_panics_or_decides_unseen() {
    let events = asked("EVENTS").unwrap_or(1_000);
    let first = asked("SEED").unwrap_or(1);
    // A console of its own for a few hundred, so that every kind of world and setting is met.
    let seeds = events.div_ceil(250);
    let mut decisions = 0;
    for seed in first..first + seeds {
        let mut fuzz = Fuzz::new(seed);
        for n in 0..250.min(events) {
            let step = std::panic::AssertUnwindSafe(|| fuzz.step());
            if let Err(panic) = std::panic::catch_unwind(step) {
                eprintln!("SEED={seed} EVENTS=250 fails at event {n}");
                std::panic::resume_unwind(panic);
            }
        }
        decisions += fuzz.decisions;
    }
    assert!(
        events < 1_000 || decisions > 0,
        "nothing was ever decided: the stream proves nothing"
    );
}
