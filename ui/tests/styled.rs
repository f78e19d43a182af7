//! Pictures with their styles, as a terminal shows them: what every look makes of the same screen, and that none of them
//! says anything by colour alone.

use std::collections::{BTreeMap, HashMap};

use chimera_domain::{
    Clock, effect::EffectState, signal::SignalState, spend::IntentState, task::TaskState,
    testing::ManualClock, ticket::TicketState,
};

use super::{Rig, keys_to, seen::Seen};
use crate::{
    event::Size,
    fake::{self, World},
    model::Pane,
    settings::Settings,
};

const SIZES: [(u16, u16); 5] = [(200, 50), (120, 40), (80, 24), (40, 12), (20, 6)];
const EVIL: &str = "\u{1b}[2J\u{202e}\u{200b}\u{fe0f}日\r\n";
/// Letters of two columns, of none, joined ones, and those that are read from right to left.
const WIDE: &[&str] = &[
    "日本語テキスト",
    "한국어 문장",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{1f1e9}\u{1f1ea}",
    "e\u{301}\u{302}o\u{308}",
    "مرحبا ",
    "שלום ",
    "हिन्दी ",
    "ไทยน้ำ",
];

/// Every look there is. The colours of all are the sixteen that any terminal has, so there is no other form of them.
fn looks() -> [(&'static str, Settings); 5] {
    let plain = || Settings::new("op@test:tty");
    let light = |colour_blind| Settings {
        light: true,
        colour_blind,
        ..plain()
    };
    [
        ("dark", plain()),
        ("light", light(false)),
        (
            "colour-blind",
            Settings {
                colour_blind: true,
                ..plain()
            },
        ),
        ("colour-blind-light", light(true)),
        (
            "none",
            Settings {
                no_color: true,
                ..plain()
            },
        ),
    ]
}

const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "grey",
    "light red",
    "light green",
    "light yellow",
    "light blue",
    "light magenta",
    "light cyan",
    "light white",
];

/// How a cell looks, in words; nothing for plain letters and plain paper.
fn style(cell: &vt100::Cell) -> String {
    let colour = |colour| match colour {
        vt100::Color::Default => None,
        vt100::Color::Idx(n) => Some(NAMES[usize::from(n)]),
        vt100::Color::Rgb(..) => panic!("a colour that not every terminal has"),
    };
    let is_blank = matches!(cell.contents(), "" | " ");
    let mut words = Vec::new();
    words.extend(colour(cell.fgcolor()).filter(|_| !is_blank));
    words.extend(Some("bold").filter(|_| cell.bold() && !is_blank));
    words.extend(Some("dim").filter(|_| cell.dim() && !is_blank));
    words.extend(Some("italic").filter(|_| cell.italic() && !is_blank));
    words.extend(Some("underlined").filter(|_| cell.underline()));
    words.extend(Some("reversed").filter(|_| cell.inverse()));
    let mut words = words.join(" ");
    if let Some(paper) = colour(cell.bgcolor()) {
        words += &format!(" on {paper}");
    }
    words
}

/// A screen, below each of its rows a letter for how every sign of it looks, and what the letters are in every look.
fn picture(columns: u16, rows: u16, world: &World) -> String {
    let looks = looks().map(|(name, settings)| {
        let no_color = settings.no_color;
        let rig = Rig::with(columns, rows, world.clone(), settings);
        let mut seen = Seen::new(Size::new(columns, rows), !no_color);
        seen.paint(&rig, &[]);
        seen.check(&rig);
        (name, seen)
    });
    let mut letters = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    let mut legend = Vec::<([String; 5], char)>::new();
    let mut out = String::new();
    for y in 0..rows {
        let mut text = String::new();
        let mut below = String::new();
        for x in 0..columns {
            let cell = |seen: &Seen, x| seen.screen().cell(y, x).unwrap().clone();
            let cells = looks.each_ref().map(|(_, seen)| cell(seen, x));
            let hidden = cells[0].is_wide_continuation();
            for (cell, (look, _)) in cells.iter().zip(&looks) {
                let said = [cell, &cells[0]].map(|cell| match cell.contents() {
                    "" => " ",
                    sign => sign,
                });
                assert_eq!(said[0], said[1], "{look} says something else at {x},{y}");
            }
            if !hidden {
                let sign = cells[0].contents();
                text += if sign.is_empty() { " " } else { sign };
            }
            // The second column of a sign looks as the first.
            let x = x - u16::from(hidden);
            let styles = looks.each_ref().map(|(_, seen)| style(&cell(seen, x)));
            let plain = styles.iter().all(String::is_empty);
            let known = legend.iter().find(|(known, _)| *known == styles);
            below.push(match known {
                _ if plain => ' ',
                Some((_, letter)) => *letter,
                None => {
                    let letter = letters.next().unwrap();
                    legend.push((styles, letter));
                    letter
                }
            });
        }
        out += &format!("|{}\n", text.trim_end());
        if !below.trim_end().is_empty() {
            out += &format!(":{}\n", below.trim_end());
        }
    }
    for (styles, letter) in legend {
        out += &format!("\n{letter}");
        let mut same = BTreeMap::<&str, Vec<&str>>::new();
        for ((look, _), style) in looks.iter().zip(&styles) {
            same.entry(style).or_default().push(look);
        }
        for (look, style) in looks.iter().map(|(look, _)| *look).zip(&styles) {
            // Looks that agree are named once, at the first of them.
            let agree = &same[style.as_str()];
            if agree[0] == look {
                let style = if style.is_empty() { "plain" } else { style };
                out += &format!("  {}: {style}", agree.join(", "));
            }
        }
    }
    out
}

// R131, R136: what every size shows of nothing, of an ordinary evening, of hostile and of wide text, in every look.
#[test]
fn r136_every_size() {
    let now = ManualClock::new().now();
    for (columns, rows) in SIZES {
        let worlds = [
            ("empty", fake::empty(now)),
            ("normal", fake::normal(now, None)),
            ("hostile", fake::normal(now, Some(EVIL))),
            ("wide", fake::full_of(now, WIDE)),
        ];
        for (name, world) in worlds {
            insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
                insta::assert_snapshot!(format!("{columns}x{rows}_{name}"), picture(columns, rows, &world));
            });
        }
    }
}

// R136: whatever is open, every look says the same in the same places; only colours and weights differ.
#[test]
fn r136_every_look_says_the_same() {
    let world = fake::normal(ManualClock::new().now(), None);
    let scenes = [
        "Enter", "!", "?", "b", "f", "r", "e x", "w", "Ctrl-P", "/ x", "9 S", "2 L", "2 P", "g",
        "H",
    ];
    let scenes = scenes.map(str::to_owned);
    let scenes: Vec<String> = Pane::ALL.map(keys_to).into_iter().chain(scenes).collect();
    let mut rigs = looks().map(|(name, settings)| {
        let mut rig = Rig::with(120, 40, world.clone(), settings);
        rig.paint();
        rig.wait(2_000);
        (name, rig)
    });
    for scene in scenes {
        let [(_, first), others @ ..] = rigs.each_mut().map(|(name, rig)| {
            for key in scene.split(' ').filter(|key| !key.is_empty()) {
                rig.press(key);
                rig.serve();
            }
            let shown = rig.picture();
            rig.press("Esc");
            rig.press("Esc");
            (*name, shown)
        });
        for (look, shown) in others {
            assert_eq!(shown, first, "{look} after {scene}");
        }
    }
}

/// The rows of a list without colours, all of them in this state.
fn rows_of(pane: Pane, columns: u16, rows: u16, world: World) -> String {
    let settings = Settings {
        no_color: true,
        ..Settings::new("op@test:tty")
    };
    let mut rig = Rig::with(columns, rows, world, settings);
    for key in keys_to(pane).split(' ') {
        rig.press(key);
        rig.serve();
    }
    let shown = rig.picture();
    let selected = shown.lines().filter(|line| !line.contains('›'));
    selected.collect::<Vec<_>>().join("\n")
}

/// No two states look the same where there is no colour.
fn check_told_apart<S: Copy + std::fmt::Debug>(
    pane: Pane,
    states: &[S],
    set: impl Fn(&mut World, S),
) {
    // A list alone, with much and with little room.
    for (columns, rows) in [(79, 23), (40, 12)] {
        let mut shown = HashMap::<String, S>::new();
        for state in states {
            let mut world = fake::normal(ManualClock::new().now(), None);
            set(&mut world, *state);
            let rows = rows_of(pane, columns, rows, world);
            if let Some(other) = shown.insert(rows.clone(), *state) {
                panic!("{other:?} and {state:?} look the same without colours:\n{rows}");
            }
        }
    }
}

// R136: a state is a word or a sign in the row itself: without colours no two states of a list look the same.
#[test]
fn r136_no_state_is_told_by_colour_alone() {
    check_told_apart(Pane::Trends, SignalState::ALL, |world, state| {
        world.trends.iter_mut().for_each(|row| row.state = state);
    });
    for pane in [Pane::Dag, Pane::Tasks] {
        check_told_apart(pane, TaskState::ALL, |world, state| {
            world.tasks.iter_mut().for_each(|row| row.state = state);
            world.all_tasks.iter_mut().for_each(|row| row.state = state);
        });
    }
    check_told_apart(Pane::Ledger, IntentState::ALL, |world, state| {
        world.ledger.iter_mut().for_each(|row| row.state = state);
    });
    check_told_apart(Pane::Outbox, EffectState::ALL, |world, state| {
        world.effects.iter_mut().for_each(|row| row.state = state);
    });
    let waiting = [TicketState::Open, TicketState::Escalated];
    check_told_apart(Pane::Review, &waiting, |world, state| {
        world
            .cards
            .iter_mut()
            .for_each(|card| card.row.state = state);
    });
}
