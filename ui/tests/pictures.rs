//! Pictures of panes and sheets, as text; those of every size and look are in `styled.rs`.

use chimera_domain::{
    Clock, Safe,
    campaign::Channel,
    halt::{Halt, Scope},
    testing::ManualClock,
    views::HaltedBy,
};
use ratatui::{Terminal, backend::TestBackend, style::Color};

use super::Rig;
use crate::{event::Size, fake, settings::Settings, view};

const EVIL: &str = "\u{1b}[2J\u{202e}\u{200b}\u{fe0f}日\r\n";

pub(super) fn check(name: &str, rig: &Rig) {
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

// R131: every pane with its detail on a small terminal, and the sheets.
#[test]
fn r131_panes_and_sheets() {
    for (name, keys) in [
        ("trends", "1"),
        ("dag", "2 j j"),
        ("dag_critical", "2 j j j j j P"),
        ("ledger", "4 j"),
        ("card_scrolled", "Enter Ctrl-D"),
        ("reject", "r"),
        ("note", "r o x"),
        ("edit", "e Ctrl-W n e w"),
        ("edit_ready", "e Ctrl-W n e w Ctrl-D"),
        ("changes", "c s h o r t e r"),
        ("snooze", "w j"),
        ("before", "d"),
        ("emergency", "! j"),
        ("kill", "! j j Enter k"),
        ("continuations", "g"),
        ("alerts", "g a"),
        ("outbox", "5"),
        ("outbox_send_again", "5 S a g"),
        ("published", "6 j"),
        ("published_withdraw", "6 W"),
        ("campaigns", "7"),
        ("campaigns_modes", "7 L j"),
        ("fleet", "8"),
        ("fleet_halted", "8 j j"),
        ("tasks", "9"),
        ("tasks_again", "9 j A a g"),
        ("audit", "g u j"),
        ("trace_none", "g w"),
        ("trace", "1 t"),
        ("trace_verdict", "1 t j j"),
        ("servers", "g m"),
        ("servers_stale", "g m G k"),
        ("servers_standin", "g m j j"),
        ("measures", "g o j"),
        ("personas", "g s"),
        ("presence", "g b"),
        ("config", "g x j j"),
        ("grouped", "1 L"),
        ("grouped_snoozed", "g n j j"),
        ("grouped_mute", "g n m m u t e"),
        ("mutes", "g z j"),
        ("help", "?"),
        ("help_filtered", "? r e j"),
        ("filters", "1 f j"),
        ("command", ": g o -"),
        ("find", "Ctrl-P t a k e"),
        ("filter", "/ f a e"),
        ("filter_begun", "/"),
    ] {
        let mut rig = Rig::new(80, 24, fake::normal(ManualClock::new().now(), None));
        rig.paint();
        rig.wait(2_000);
        for key in keys.split(' ') {
            rig.press(key);
            rig.serve();
        }
        check(&format!("80x24_{name}"), &rig);
    }
}

// R32: trends and mutes on a large window, in ASCII, and where there are none.
#[test]
fn r32_trends_and_mutes() {
    let now = ManualClock::new().now();
    let ascii = Settings {
        ascii: true,
        ..Settings::new("op@test:tty")
    };
    for (name, columns, rows, world, settings) in [
        (
            "200x50_",
            200,
            50,
            fake::normal(now, None),
            Settings::new("op@test:tty"),
        ),
        ("80x24_ascii_", 80, 24, fake::normal(now, None), ascii),
        (
            "80x24_no_",
            80,
            24,
            fake::empty(now),
            Settings::new("op@test:tty"),
        ),
    ] {
        for (screen, keys) in [("grouped", ["g", "n"]), ("mutes", ["g", "z"])] {
            let mut rig = Rig::with(columns, rows, world.clone(), settings.clone());
            for key in keys {
                rig.press(key);
                rig.serve();
            }
            check(&format!("{name}{screen}"), &rig);
        }
    }
}

// R8: what must be typed before a campaign goes live.
#[test]
fn r8_going_live() {
    let mut world = fake::normal(ManualClock::new().now(), None);
    world.overview.campaigns[0].server = Safe::line("mine");
    world.overview.campaigns[0].channel = Channel::Mastodon;
    world.overview.campaigns[0].dry = true;
    let mut rig = Rig::new(80, 24, world);
    for key in ["7", "L", "j", "j", "Enter", "@"] {
        rig.press(key);
        rig.serve();
    }
    check("80x24_campaigns_live", &rig);
}

// R135, R136: the same without anything but ASCII of our own, halted.
#[test]
fn r136_ascii_and_halted() {
    let now = ManualClock::new().now();
    let mut world = fake::normal(now, None);
    let by = HaltedBy {
        by: Safe::line("mia@desk"),
        at: now,
        why: Safe::line("storm"),
    };
    world.halt(Scope::Fleet, Halt::Pause, by);
    let settings = Settings {
        low_bandwidth: true,
        ..Settings::new("op@test:tty")
    };
    for (columns, rows) in [(120, 40), (80, 24)] {
        let rig = Rig::with(columns, rows, world.clone(), settings.clone());
        check(&format!("{columns}x{rows}_ascii_paused"), &rig);
        let own = Rig::with(columns, rows, fake::empty(now), settings.clone()).picture();
        let foreign = own.chars().find(|c| !c.is_ascii());
        assert_eq!(foreign, None, "a sign of ours is not ASCII");
    }
}

// R19: lost conflicts are counted over the graph, and at the task that goes on losing.
#[test]
fn r19_lost_conflicts() {
    let mut world = fake::normal(ManualClock::new().now(), None);
    world.overview.conflicts = 9;
    world.tasks[0].conflicts = 3;
    let mut rig = Rig::new(80, 24, world);
    rig.press("2");
    rig.serve();
    check("80x24_dag_conflicts", &rig);
}

// R148: several halts on a small terminal: the first line, the banner, the card and the sheet.
#[test]
fn r148_several_halts() {
    let now = ManualClock::new().now();
    let mut world = fake::normal(now, None);
    let by = HaltedBy {
        by: Safe::line("mia@desk"),
        at: now,
        why: Safe::line("storm"),
    };
    let agent = world.overview.campaigns[0].agent_id;
    for scope in [Scope::Publishing, Scope::Spending, Scope::Agent(agent)] {
        world.halt(scope, Halt::Pause, by.clone());
    }
    let mut rig = Rig::new(80, 24, world);
    check("80x24_halts", &rig);
    rig.press("!");
    for _ in 0..3 {
        rig.press("j");
    }
    check("80x24_halts_sheet", &rig);
}

// R136: without colours no cell has one, and every state still reads as a word.
#[test]
fn r136_no_color_has_no_colours_and_loses_nothing() {
    let now = ManualClock::new().now();
    let settings = Settings {
        no_color: true,
        ..Settings::new("op@test:tty")
    };
    let rig = Rig::with(200, 50, fake::normal(now, None), settings);
    let mut terminal = Terminal::new(TestBackend::new(200, 50)).unwrap();
    terminal.draw(|f| view::draw(&rig.model, f)).unwrap();
    for cell in terminal.backend().buffer().content() {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
    let colourful = Rig::new(200, 50, fake::normal(now, None));
    assert_eq!(rig.picture(), colourful.picture());
}

// R136: no size makes drawing or scrolling panic, whatever is open.
#[test]
fn r136_no_size_panics() {
    let now = ManualClock::new().now();
    let mut rig = Rig::new(120, 40, fake::normal(now, Some(EVIL)));
    for keys in [
        "", "1", "2 Enter", "4 Enter", "3 Enter", "!", "?", ":", "Ctrl-P", "g",
    ] {
        for key in keys.split(' ').filter(|k| !k.is_empty()) {
            rig.press(key);
        }
        rig.serve();
        // All sizes for the panes; for what lies over them the border cases.
        let step = if keys.is_empty() { 1 } else { 13 };
        for columns in (1..=130).step_by(step) {
            for rows in (1..=45).step_by(step) {
                rig.event(crate::event::Event::Resize(Size::new(columns, rows)));
                let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
                terminal.draw(|f| view::draw(&rig.model, f)).unwrap();
            }
        }
        rig.event(crate::event::Event::Resize(Size::new(120, 40)));
        rig.press("Esc");
    }
}

// R193: an unchanged drawing is no bytes, and a moved cursor is few.
#[test]
fn r193_nothing_new_is_nothing_sent() {
    let mut rig = Rig::ready();
    let mut painter = crate::terminal::Painter::new(Size::new(120, 40), true).unwrap();
    let mut paint = |rig: &Rig| {
        let title = rig.model.title();
        let bytes = painter.paint(&title, &[], |f| view::draw(&rig.model, f));
        bytes.unwrap()
    };
    let first = paint(&rig);
    assert!(first.starts_with(b"\x1b[?2026h") && first.ends_with(b"\x1b[?2026l"));
    assert_eq!(paint(&rig), b"");
    rig.press("1");
    paint(&rig);
    rig.press("j");
    let moved = paint(&rig).len();
    assert!(moved < 900, "{moved} bytes for one key");
}
