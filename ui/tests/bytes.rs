//! What a key may cost: budgets in bytes on the line and in work beside a peer's, on lists that are longer than the screen.

use std::time::{Duration, Instant};

use chimera_domain::{
    Clock,
    ids::{IntentId, SignalId},
    testing::{ManualClock, uuid_of},
};

use super::Rig;
use crate::{
    event::{Event, Request, Size},
    fake,
    settings::Settings,
    terminal::{self, Painter},
    view,
};

/// One key in a list.
const KEY_BYTES_MAX: usize = 400;
/// Each of a hundred keys that came in one write.
const BURST_BYTES_MAX: usize = 60;
/// The next ticket: its whole card is another one.
const TICKET_BYTES_MAX: usize = 1_050;
/// One new row a second in every list that nobody works in.
const TREND_BYTES_MAX: usize = 400;
/// What a key may take to be taken in and drawn, in times of what the drawing library alone needs for a screen of text.
const KEY_WORK_MAX: u32 = 2;
/// The same for the next ticket, whose card is laid out anew.
const TICKET_WORK_MAX: u32 = 4;

/// A console on long lists, with a terminal that has seen the first frame.
struct Line {
    rig: Rig,
    painter: Painter,
}

impl Line {
    fn new() -> Self {
        let now = ManualClock::new().now();
        let mut world = fake::normal(now, None);
        let (trend, entry) = (world.trends[0].clone(), world.ledger[0].clone());
        world.trends = (0..200_u128)
            .map(|n| {
                let mut row = trend.clone();
                row.id = SignalId::from_uuid(uuid_of(0xbb00 + n));
                row
            })
            .collect();
        world.ledger = (0..200_u128)
            .map(|n| {
                let mut row = entry.clone();
                row.intent_id = IntentId::from_uuid(uuid_of(0xbe00 + n));
                row
            })
            .collect();
        let rig = Rig::new(120, 40, world);
        let painter = Painter::new(Size::new(120, 40), true).unwrap();
        let mut line = Self { rig, painter };
        line.frame();
        line.rig.wait(10_000); // the first messages have gone
        line.frame();
        line
    }

    /// How many bytes the next frame has.
    fn frame(&mut self) -> usize {
        let title = self.rig.model.title();
        let model = &self.rig.model;
        let frame = self.painter.paint(&title, &[], |f| view::draw(model, f));
        self.rig.model.dirty = false;
        frame.unwrap().len()
    }
}

// R193, checklist 21: one key in a list is some hundred bytes, not a screen.
#[test]
fn r193_a_key_in_a_list_costs_little() {
    for pane in ["1", "4"] {
        let mut line = Line::new();
        line.rig.press(pane);
        line.rig.serve();
        line.frame();
        for key in ["j", "j", "k", "j", "k"] {
            line.rig.press(key);
            line.rig.serve();
            let bytes = line.frame();
            assert!(bytes <= KEY_BYTES_MAX, "{bytes} bytes for {key} in {pane}");
        }
    }
}

// R193: the next ticket is its card, its row and the row before, not the screen.
#[test]
fn r193_the_next_ticket_costs_its_card() {
    let mut line = Line::new();
    let first = line.rig.model.queue.selected;
    for _ in 0..4 {
        let before = line.rig.model.queue.selected;
        line.rig.press("n");
        line.rig.serve();
        assert_ne!(line.rig.model.queue.selected, before);
        let bytes = line.frame();
        assert!(
            bytes <= TICKET_BYTES_MAX,
            "{bytes} bytes for the next ticket"
        );
    }
    assert_ne!(line.rig.model.queue.selected, first);
}

// R193, checklist 19: a hundred keys that waited are one frame.
#[test]
fn r193_a_burst_of_keys_is_one_frame() {
    for pane in ["1", "4"] {
        let mut line = Line::new();
        line.rig.press(pane);
        line.rig.serve();
        line.frame();
        for _ in 0..100 {
            line.rig.press("j");
        }
        line.rig.serve();
        let bytes = line.frame();
        assert!(bytes <= BURST_BYTES_MAX * 100, "{bytes} bytes in {pane}");
    }
}

// R193, checklist 18: nothing new is no byte, whatever woke the console; a second that passes is none either.
#[test]
fn r193_an_idle_console_sends_nothing() {
    let mut line = Line::new();
    for _ in 0..20 {
        line.rig.wait(1_000);
        line.rig.reread();
        assert_eq!(line.frame(), 0);
    }
}

// R193: the first card is on screen before anything else is read, and all else is read then, or when that takes its time.
#[test]
fn r193_the_first_card_waits_for_nothing_else() {
    let world = || fake::normal(ManualClock::new().now(), None);
    let started = || Rig::started(120, 40, world(), Settings::new("op@test:tty"));
    let asks_all = |rig: &Rig| rig.asked.contains(&Request::Overview);
    let mut rig = started();
    rig.serve();
    assert!(rig.model.review.card.is_some() && rig.model.overview.is_none());
    let (frame, at) = (0, rig.mono);
    rig.event(Event::Flushed { frame, at });
    assert!(!asks_all(&rig), "that was the frame before the card");
    rig.first_on_screen();
    assert!(asks_all(&rig));
    let mut slow = started();
    slow.asked.clear();
    slow.wait(149);
    assert!(!asks_all(&slow));
    slow.wait(1);
    assert!(asks_all(&slow));
}

// R193: a new trend is its line, not the screen.
#[test]
fn r193_a_new_trend_costs_little() {
    let mut line = Line::new();
    for n in 0..5_u128 {
        let mut row = line.rig.world.trends[0].clone();
        row.id = SignalId::from_uuid(uuid_of(0xcc00 + n));
        line.rig.world.trends.insert(0, row);
        line.rig.reread();
        let bytes = line.frame();
        assert!(bytes <= TREND_BYTES_MAX, "{bytes} bytes for a new trend");
    }
}

/// The middle one of so many runs: what a busy machine does to some of them does not count.
fn usual(mut work: impl FnMut() -> Duration) -> Duration {
    let mut took: Vec<Duration> = (0..61).map(|_| work()).collect();
    took.sort();
    took[took.len() / 2]
}

/// What ratatui itself takes to lay out a screen of text and to find what changed in it.
fn peer() -> Duration {
    let backend = ratatui::backend::TestBackend::new(120, 40);
    let mut terminal = ratatui::Terminal::new(backend).unwrap();
    let mut n = 0_u32;
    usual(|| {
        n += 1;
        let text = format!("{n} the quick brown fox jumps over the lazy dog ").repeat(100);
        let begun = Instant::now();
        let text =
            ratatui::widgets::Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true });
        terminal.draw(|f| f.render_widget(text, f.area())).unwrap();
        begun.elapsed()
    })
}

// R193: a key is taken in and drawn in a few times what the drawing library needs for a screen of plain text, measured
// beside it in the same run.
#[test]
fn r193_a_key_costs_little_work() {
    for (pane, keys, most) in [
        ("1", ["j", "k"], KEY_WORK_MAX),
        ("4", ["j", "k"], KEY_WORK_MAX),
        ("3", ["n", "p"], TICKET_WORK_MAX),
    ] {
        let mut line = Line::new();
        line.rig.press(pane);
        line.rig.serve();
        line.frame();
        let mut turn = keys.iter().cycle();
        let (mut ours, mut theirs) = (Duration::MAX, Duration::ZERO);
        // Once more where the machine was busy with something else meanwhile.
        for _ in 0..3 {
            theirs = peer();
            ours = usual(|| {
                let key = turn.next().unwrap();
                let begun = Instant::now();
                line.rig.press(key);
                line.rig.serve();
                line.frame();
                begun.elapsed()
            });
            if ours <= theirs * most {
                break;
            }
        }
        eprintln!("{keys:?} in {pane}: {ours:?}, a screen of text {theirs:?}");
        assert!(
            ours <= theirs * most,
            "{ours:?} against {theirs:?} for {keys:?} in {pane}"
        );
    }
}

// R193, checklist 39: cards that the cursor only passed are not read.
#[test]
fn r193_a_held_key_reads_one_card() {
    let mut line = Line::new();
    line.rig.asked.clear();
    for _ in 0..4 {
        line.rig.press("n");
    }
    let cards = |rig: &Rig| {
        let asked = rig.asked.iter();
        asked.filter(|r| matches!(r, Request::Card(_))).count()
    };
    // The first is under way when the next key comes; those between are never asked for.
    assert_eq!(cards(&line.rig), 1);
    line.rig.serve();
    assert_eq!(
        line.rig.model.review.card.as_ref().map(|c| c.row.id),
        line.rig.model.queue.selected
    );
    assert!(line.rig.model.review.wanted.is_empty());
}

// R75, R138: a notice is one sequence that the terminal ends, whatever stands in it; what a multiplexer would swallow is
// a bell.
#[test]
fn r75_a_notice_is_one_closed_sequence() {
    let text = chimera_domain::Safe::line("3 wait\u{1b}]0;owned\u{7}\u{9c};for you");
    for (term, begins) in [
        ("xterm-256color", "\u{1b}]9;chimera: 3 wait"),
        ("foot", "\u{1b}]777;notify;chimera;3 wait"),
        ("rxvt-unicode", "\u{1b}]777;notify;chimera;3 wait"),
    ] {
        let bytes = terminal::notice_bytes(term, &text);
        let sent = String::from_utf8(bytes).unwrap();
        assert!(sent.starts_with(begins), "{sent:?}");
        let inside = sent
            .strip_prefix('\u{1b}')
            .unwrap()
            .strip_suffix("\u{1b}\\")
            .unwrap();
        assert!(!inside.contains(char::is_control), "{sent:?}");
    }
    for term in ["tmux-256color", "screen.xterm"] {
        assert_eq!(terminal::notice_bytes(term, &text), terminal::BELL);
    }
}
