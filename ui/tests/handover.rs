//! The hand-over note: made from the store, added to, taken along, and found by whoever comes next.

use chimera_domain::Safe;

use super::{Rig, pictures::check};
use crate::{
    event::{Done, Event, Loaded, Request, Size},
    fake,
    model::{Model, overlay::Overlay},
    remember,
};

fn with_note(columns: u16, rows: u16) -> Rig {
    let mut rig = Rig::ready();
    rig.event(Event::Resize(Size::new(columns, rows)));
    rig.model.settings.exports_dir = Some("made-up/exports".into());
    rig.press("H");
    rig.serve();
    rig
}

fn note(rig: &Rig) -> String {
    match &rig.model.overlay {
        Some(Overlay::Handover { note, .. }) => note.whole("op@test:tty").to_string(),
        other => panic!("no note but {other:?}"),
    }
}

// R192: the note says what waits, what burns, what is stopped or unknown, what it cost and who decided what, in words.
#[test]
fn r192_the_note_says_what_the_next_one_must_know() {
    let rig = with_note(120, 40);
    let note = note(&rig);
    for said in [
        "when ana@desk had decided last",
        "5 for a person, the oldest for 41m",
        "due in 1h 19m: @fae",
        "nothing is published for real (SIMULATED)",
        "12 approved by op@fake",
        "42.90",
    ] {
        assert!(note.contains(said), "no `{said}` in:\n{note}");
    }
    for (columns, rows) in [(80, 24), (120, 40)] {
        let mut rig = with_note(columns, rows);
        rig.wait(10_000);
        check(&format!("{columns}x{rows}_handover"), &rig);
    }
}

// R192: a person adds lines; a line that is given up leaves the note as it was.
#[test]
fn r192_lines_are_added() {
    let mut rig = with_note(120, 40);
    rig.press("a");
    rig.type_text("ask mia, not the press");
    rig.press("Enter");
    rig.press("a");
    rig.type_text("never mind");
    rig.press("Esc");
    let text = note(&rig);
    assert!(
        text.contains("noted      ask mia, not the press\nby         op@test:tty"),
        "{text}"
    );
    assert!(!text.contains("never mind"), "{text}");
    assert!(rig.picture().contains("ask mia"), "{}", rig.picture());
}

// R192: it is copied and written whole; keys that decide mean nothing over it.
#[test]
fn r192_the_note_is_taken_along() {
    let mut rig = with_note(120, 40);
    rig.press("y");
    assert_eq!(
        rig.model.copy.take().map(|text| text.to_string()),
        Some(note(&rig))
    );
    assert!(
        rig.message().contains("the note sent to your terminal"),
        "{}",
        rig.message()
    );
    rig.press("E");
    let orders = rig.orders();
    let [Request::Note(file, text)] = orders.as_slice() else {
        panic!("{orders:?}")
    };
    assert!(
        file.to_str()
            .unwrap()
            .starts_with("made-up/exports/handover-2"),
        "{file:?}"
    );
    assert_eq!(text, &format!("{}\n", note(&rig)));
    rig.event(Event::Done(Done::Noted(Err(Safe::line("disk full")))));
    assert_eq!(rig.message(), "error the note was not written: disk full");
    for key in ["r", "x", "b"] {
        rig.press(key);
    }
    assert_eq!(rig.orders(), []);
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);
}

// R192: nothing is taken along before it was made, and an answer that comes late opens nothing.
#[test]
fn r192_a_note_that_is_not_made_is_not_taken() {
    let mut rig = Rig::ready();
    rig.press("H");
    for key in ["y", "E", "a"] {
        rig.press(key);
        assert!(
            rig.message().contains("still being made"),
            "{}",
            rig.message()
        );
    }
    rig.press("Esc");
    rig.serve();
    assert_eq!(rig.model.overlay, None);
    rig.press("H");
    rig.asked.clear();
    let failed = Err(Safe::line("the disk is gone"));
    rig.event(Event::Loaded(Loaded::Handover(failed)));
    assert_eq!(rig.model.overlay, None);
    assert_eq!(rig.message(), "error no note: the disk is gone");
}

// R192: what was left is what the console of another person opens on, until they take it over; never one's own.
#[test]
fn r192_the_next_start_opens_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = with_note(120, 40);
    rig.model.settings.state_file = Some(folder.path().join("console.json"));
    rig.press("a");
    rig.type_text("keep an eye on leo");
    rig.press("Enter");
    let text = note(&rig);
    rig.press("Enter");
    assert!(rig.message().contains("opens on it"), "{}", rig.message());
    let (path, state) = remember::due(&mut rig.model, true).unwrap();
    remember::write(&path, &state).unwrap();
    let start = |actor: &str| {
        let mut settings = rig.model.settings.clone();
        settings.actor = actor.into();
        let mut next = Model::new(settings, Size::new(120, 40), rig.start);
        remember::read(&path).unwrap().unwrap().restore(&mut next);
        next
    };
    assert_eq!(start("op@test:tty").overlay, None);
    let next = start("mia@desk");
    let Some(Overlay::Handover { note, .. }) = &next.overlay else {
        panic!("{:?}", next.overlay)
    };
    assert_eq!(note.from.as_ref().unwrap().as_str(), "op@test:tty");
    assert_eq!(note.made.as_ref().unwrap().as_str(), text);
    let mut mia = Rig::with(
        120,
        40,
        fake::normal(rig.start, None),
        next.settings.clone(),
    );
    mia.model.left.clone_from(&next.left);
    mia.model.overlay.clone_from(&next.overlay);
    check("120x40_handover_left", &mia);
    mia.press("Esc");
    assert!(mia.model.left.is_some(), "it was closed and not taken over");
    mia.model.overlay.clone_from(&next.overlay);
    mia.press("Enter");
    assert_eq!(
        (mia.model.left.is_none(), mia.message().as_str()),
        (true, "info taken over")
    );
}

// R138: what a file of ours says is outside text by the time it is read again.
#[test]
fn r138_a_note_that_was_left_is_made_safe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("console.json");
    let evil =
        r#"{"version":1,"left":{"by":"\u001b]0;x\u0007","at":1,"text":"\u001b[2J\u202eevil"}}"#;
    std::fs::write(&path, evil).unwrap();
    let rig = Rig::ready();
    let mut next = Model::new(rig.model.settings.clone(), Size::new(120, 40), rig.start);
    remember::read(&path).unwrap().unwrap().restore(&mut next);
    let Some(Overlay::Handover { note, .. }) = &next.overlay else {
        panic!("{:?}", next.overlay)
    };
    let text = format!(
        "{}{}",
        note.from.as_ref().unwrap(),
        note.made.as_ref().unwrap()
    );
    assert!(
        !text.contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{text:?}"
    );
}
