//! Hostile text: whatever comes from outside, only our own sequences reach the terminal.

use std::path::Path;

use chimera_domain::{Clock, testing::ManualClock};

use super::{Rig, keys_to};
use crate::{event::Size, fake, model::Pane, terminal::Painter, view};

/// One of each kind of trouble.
pub(super) const EVIL: &[&str] = &[
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]52;c;cm0gLXJm\u{7}",
    "\u{9b}31m\u{90}q\u{9c}\u{85}",
    "\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{202a}\u{202b}\u{202c}\u{202d}\u{61c}\u{200e}\u{200f}",
    "\u{200b}\u{feff}\u{ad}\u{2060}\u{e0041}",
    "I \u{2764}\u{fe0f} this \u{2708}\u{fe0f} \u{1f469}\u{200d}\u{1f4bb}",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}",
    "日本語テキスト한국어ﷺ𒐫",
    "\r\n\t\u{b}\u{c}\u{2028}\u{2029}\u{7f}\u{8}\u{0}",
];

/// Takes our own sequences out of a frame; what is left must be ordinary text.
fn without_sequences(frame: &str) -> String {
    let mut out = String::new();
    let mut chars = frame.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => {
                let end = chars.find(|c| ('@'..='~').contains(c));
                assert!(end.is_some_and(|c| "HhlmJKXABCDG".contains(c)), "{end:?}");
            }
            Some(']') => {
                let title: String = chars.by_ref().take_while(|c| *c != '\u{7}').collect();
                assert!(title.starts_with("0;") && title.ends_with("chimera"));
            }
            other => panic!("not a sequence of ours: ESC {other:?}"),
        }
    }
    out
}

pub(super) fn check_frame(bytes: &[u8]) {
    let frame = std::str::from_utf8(bytes).unwrap();
    for c in without_sequences(frame).chars() {
        let code = u32::from(c);
        assert!(!c.is_control(), "control U+{code:04X}");
        let bidi = matches!(code, 0x61c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069);
        assert!(!bidi, "bidirectional control U+{code:04X}");
        assert_ne!(code, 0xfe0f, "U+FE0F");
        assert!(!matches!(code, 0x200b | 0xfeff), "invisible U+{code:04X}");
    }
}

/// Draws every pane and sheet of a hostile world as the bytes of a real terminal.
fn check_everywhere(evil: &str) {
    let scenes = [
        "",
        "3 Enter",
        "!",
        "?",
        "? x",
        ": g",
        "Ctrl-P",
        "f",
        "1 f",
        "4 f",
        "g",
        "r",
        "Ctrl-E",
        "/ x",
        "e",
        "d",
        "m",
        "w",
        "1 t",
        "1 t Enter",
        "9 A",
        "2 L",
    ];
    let sizes = [(200, 50), (80, 24), (40, 12), (20, 6), (7, 2)];
    check_on(evil, &sizes, &scenes);
    // Every screen there is, with its list beside or above a detail.
    let screens = Pane::ALL.map(|pane| format!("{} j j", keys_to(pane)));
    let screens: Vec<&str> = screens.iter().map(String::as_str).collect();
    check_on(evil, &sizes[..2], &screens);
}

fn check_on(evil: &str, sizes: &[(u16, u16)], scenes: &[&str]) {
    let now = ManualClock::new().now();
    for (columns, rows) in sizes.iter().copied() {
        let mut rig = Rig::new(columns, rows, fake::normal(now, Some(evil)));
        let mut painter = Painter::new(Size::new(columns, rows), true).unwrap();
        for keys in scenes {
            // Long enough on screen for the sheets of a decision to open.
            rig.paint();
            rig.wait(2_000);
            for key in keys.split(' ').filter(|k| !k.is_empty()) {
                rig.press(key);
            }
            rig.serve();
            rig.event(crate::event::Event::Panicked(chimera_domain::Safe::line(
                evil,
            )));
            let title = rig.model.title();
            let frame = painter.paint(&title, &[], |f| view::draw(&rig.model, f));
            check_frame(&frame.unwrap());
            rig.press("Esc");
        }
    }
}

// R138: no pane and no sheet lets a control, a bidirectional override or an invisible sign through.
#[test]
fn r138_own_corpus_of_hostile_text() {
    for evil in EVIL {
        check_everywhere(evil);
    }
}

// R138: nor with the collected corpora, where they are at hand.
#[test]
fn r138_collected_corpora_of_hostile_text() {
    let folder = Path::new("../../shared/data/hostile");
    if !folder.is_dir() {
        return; // the corpora are not part of this repository
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let mut strings: Vec<String> = serde_json::from_str(&read("blns.json")).unwrap_or_default();
    for (file, field) in [
        ("terminal_escapes.jsonl", "in_escaped"),
        ("trojan_source_lines.jsonl", "text"),
        ("unicode_tweets.jsonl", "text"),
    ] {
        let lines = read(file);
        let texts = lines.lines().step_by(11).filter_map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).ok()?;
            row.get(field)?.as_str().map(str::to_owned)
        });
        strings.extend(texts);
    }
    assert!(!strings.is_empty());
    // Many short ones at a time, one on each text of the world.
    for (several, pane) in strings.chunks(60).zip(Pane::ALL.into_iter().cycle()) {
        let evil: String = several
            .iter()
            .map(|s| s.chars().take(24).collect::<String>())
            .collect();
        // Each on home and on one of the screens, so that all screens see some.
        let screen = format!("{} j", keys_to(pane));
        let scenes = ["", "1", "2 Enter", "4 Enter", &screen];
        check_on(&evil, &[(120, 40)], &scenes);
    }
}
