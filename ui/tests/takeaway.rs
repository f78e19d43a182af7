//! What leaves a list, and what is remembered of it: copies, exports, saved filters, the place.

use std::path::PathBuf;

use chimera_domain::{Clock, Safe, testing::ManualClock};

use super::Rig;
use crate::{
    event::{Done, Event, Request, Size},
    export::{Exported, Format},
    fake,
    model::{
        Model, Pane,
        list::{AnyList, Merge},
        overlay::Overlay,
    },
    remember,
    settings::Settings,
};

fn with_files(folder: &str) -> Rig {
    let settings = Settings {
        state_file: Some(PathBuf::from(folder).join("console.json")),
        exports_dir: Some(PathBuf::from(folder).join("exports")),
        ..Settings::new("op@test:tty")
    };
    let world = fake::normal(ManualClock::new().now(), None);
    let mut rig = Rig::with(120, 40, world, settings);
    rig.wait(10_000);
    rig.orders();
    rig
}

fn copied(rig: &mut Rig, keys: &str) -> Option<String> {
    for key in keys.split(' ') {
        rig.press(key);
    }
    rig.model.copy.take().map(|text| text.to_string())
}

// R134: id, text, address and JSON of a row go to the terminal, a ticket's text as it goes out; the message claims
// no more than that.
#[test]
fn r134_parts_of_a_row_are_copied() {
    let mut rig = Rig::ready();
    let card = rig.card(0).clone();
    assert_eq!(copied(&mut rig, "y i"), Some(card.row.id.to_string()));
    assert_eq!(copied(&mut rig, "y t"), Some(card.text.to_string()));
    assert_eq!(rig.message(), "info text sent to your terminal");
    assert_eq!(copied(&mut rig, "y u"), None);
    assert_eq!(rig.message(), "info this row has no URL");
    let json = copied(&mut rig, "y j").unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["ticket_id"], card.row.id.to_string());
    assert_eq!(json["mark"], "SIMULATED", "what is not real says so");
    let link = rig.world.trends[0].link.to_string();
    assert_eq!(copied(&mut rig, "1 y u"), Some(link));
}

// R134: what a terminal would not take is cut, at a character, and said; in tmux it is said what it needs.
#[test]
fn r134_a_long_copy_is_cut_and_said() {
    let mut rig = Rig::ready();
    rig.model.settings.term = "tmux-256color".into();
    let long = "é".repeat(60_000);
    rig.model.review.card.as_mut().unwrap().text = Safe::block(&long);
    let text = copied(&mut rig, "y t").unwrap();
    assert_eq!(text.len(), 74_994);
    let told = rig.message();
    assert!(told.contains("cut to 74994 of 120000 bytes"), "{told}");
    assert!(told.contains("set-clipboard on"), "{told}");
}

// R134: an export asks for exactly what is filtered, one at a time, and says its file or why there is none.
#[test]
fn r134_an_export_is_of_what_is_filtered() {
    let mut rig = Rig::ready();
    rig.press("E");
    assert!(rig.message().contains("no folder for exports"));
    let mut rig = with_files("made-up");
    for key in ["1", "/"] {
        rig.press(key);
    }
    rig.type_text("state:new");
    rig.press("Enter");
    for key in ["E", "j", "Enter"] {
        rig.press(key);
    }
    let wanted = rig.orders().into_iter().find_map(|request| {
        let Request::Export(wanted) = request else {
            return None;
        };
        Some(wanted)
    });
    let wanted = wanted.unwrap();
    assert_eq!(
        (wanted.pane, wanted.format),
        (Pane::Trends, Format::JsonLines)
    );
    assert_eq!(wanted.filter, "state:new");
    rig.press("E");
    assert!(
        rig.message()
            .contains("the export before is still being written")
    );
    rig.event(Event::Done(Done::Exported(Ok(Exported {
        file: "made-up/exports/trends.jsonl".into(),
        rows: 3,
        cut: true,
    }))));
    assert!(
        rig.message()
            .contains("3 rows in made-up/exports/trends.jsonl; there are more")
    );
    rig.event(Event::Done(Done::Exported(Err(Safe::line("disk full")))));
    assert_eq!(rig.message(), "error not exported: disk full");
}

// R72, R134: rows are narrowed by what they have; a filter gets a name, is taken again by it, and is forgotten.
#[test]
fn r134_filters_are_offered_named_and_forgotten() {
    let mut rig = with_files("made-up");
    rig.press("f");
    let picture = rig.picture();
    assert!(
        picture.contains("account:@fae") && picture.contains("state:open"),
        "{picture}"
    );
    rig.press("Enter");
    rig.serve();
    let first = rig.model.queue.filter().to_owned();
    assert!(first.contains(':'), "{first}");
    rig.press("f");
    for _ in 0..2 {
        let Some(Overlay::Pick { items, cursor, .. }) = &rig.model.overlay else {
            panic!("{:?}", rig.model.overlay)
        };
        if items[*cursor].label.as_str().starts_with("save") {
            break;
        }
        rig.press("j");
    }
    rig.press("Enter");
    rig.type_text("mine");
    rig.press("Enter");
    assert!(rig.message().contains("saved as mine"), "{}", rig.message());
    rig.press("Esc");
    rig.serve();
    assert_eq!(rig.model.queue.filter(), "");
    rig.press("f");
    rig.press("Enter");
    assert_eq!(
        rig.model.queue.filter(),
        first,
        "the saved one stands first"
    );
    rig.press("f");
    rig.press("End");
    for _ in 0..30 {
        rig.press("j");
    }
    rig.press("Enter");
    assert!(
        rig.message().contains("the filter mine is forgotten"),
        "{}",
        rig.message()
    );
    assert!(rig.model.saved[&Pane::Review].is_empty());
}

// R134: the place is written down some seconds after it changed, once, and never when nothing changed; a console
// that reads it begins there.
#[test]
fn r134_the_place_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut rig = with_files(folder.path().to_str().unwrap());
    rig.wait(60_000);
    assert_eq!(rig.orders(), []);
    for key in ["1", "j", "j", "Enter"] {
        rig.press(key);
        rig.serve();
    }
    rig.press("h");
    rig.press(":");
    rig.type_text("filter state:new");
    rig.press("Enter");
    rig.wait(2_000);
    assert_eq!(rig.orders(), []);
    rig.wait(2_000);
    let orders = rig.orders();
    let [Request::Remember(path, text)] = orders.as_slice() else {
        panic!("{orders:?}")
    };
    remember::write(path, text).unwrap();
    rig.wait(60_000);
    assert_eq!(rig.orders(), []);

    let mut next = Model::new(rig.model.settings.clone(), Size::new(120, 40), rig.start);
    let remembered = remember::read(path).unwrap().unwrap();
    remembered.restore(&mut next);
    assert_eq!(next.focus, rig.model.focus);
    assert_eq!(next.zoom, rig.model.zoom);
    assert_eq!(next.trends.filter(), "state:new");
    let asked = next.trends.request();
    let rows = super::page(&rig.world.trends);
    next.trends.take(&asked, Ok(rows), Merge::Store, true);
    assert_eq!(next.trends.selected, rig.model.trends.selected);
    assert_eq!(next.history, ["filter state:new"]);
    remember::note(&mut next);
    assert_eq!(
        next.remember_at, None,
        "what was just read is not written again"
    );
}

// R134: a file that is broken, or of a newer program, is set aside with a word, and another is written in its place.
#[test]
fn r134_a_broken_memory_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("console.json");
    assert_eq!(remember::read(&path), Ok(None));
    for (text, told) in [
        ("{\"version\": 1, \"scr", "EOF while parsing"),
        ("{\"version\": 99}", "a newer program wrote it"),
        ("{\"version\": 1, \"history\": 3}", "invalid type"),
        ("\u{0}\u{0}", "expected value"),
    ] {
        std::fs::write(&path, text).unwrap();
        let why = remember::read(&path).unwrap_err();
        assert!(
            why.contains(told) && why.contains("console.json.aside"),
            "{why}"
        );
        assert_eq!(remember::read(&path), Ok(None), "{text}");
    }
}
