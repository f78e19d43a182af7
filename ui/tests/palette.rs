//! Command line, palette and help: names run what keys run, and nothing that a key would not.

use super::{Rig, deciding::decide};
use crate::{
    key::Key,
    model::{
        Pane,
        list::AnyList,
        overlay::Overlay,
        palette::{Kind, Palette},
    },
};

fn typed(rig: &mut Rig) -> String {
    let typed = rig.model.overlay.as_mut().and_then(Overlay::typed);
    typed.map_or_else(String::new, |typed| typed.text().to_owned())
}

// R134: a name runs the action of its key; Tab completes it, and Up brings it back.
#[test]
fn r134_a_command_is_its_key() {
    let mut rig = Rig::ready();
    rig.press(":");
    assert_eq!(rig.model.mode(), "COMMAND");
    rig.type_text("go-l");
    rig.press("Tab");
    assert_eq!(typed(&mut rig), "go-ledger");
    rig.press("Enter");
    assert_eq!(
        (rig.model.focus.pane, &rig.model.overlay),
        (Pane::Ledger, &None)
    );
    rig.press(":");
    rig.type_text("filter state:posted");
    rig.press("Enter");
    assert_eq!(rig.model.ledger.filter(), "state:posted");
    rig.press(":");
    rig.press("Up");
    assert_eq!(typed(&mut rig), "filter state:posted");
    rig.press("Up");
    rig.press("Up");
    assert_eq!(typed(&mut rig), "go-ledger");
    rig.press("Down");
    rig.press("Down");
    assert_eq!(typed(&mut rig), "");
    rig.press("Enter");
    assert_eq!(rig.model.overlay, None, "an empty line runs nothing");
}

// R134: what is no command here is said, and the line stays to be mended.
#[test]
fn r134_an_unknown_command_is_said() {
    let mut rig = Rig::ready();
    for (line, told) in [
        (
            "go-nowhere",
            "there is no command `go-nowhere`; Tab completes",
        ),
        ("withdraw", "`withdraw` works in published, not here"),
        ("zoom twice", "`zoom` takes nothing after it"),
        (
            "suspend",
            "not now, not suspended: the swarm runs in this process",
        ),
    ] {
        rig.press(":");
        rig.type_text(line);
        rig.press("Enter");
        assert!(rig.message().contains(told), "{}", rig.message());
        assert_eq!(typed(&mut rig), line);
        rig.press("Esc");
    }
}

// R134: some letters find it; the sheet says key, help and the command that does the same.
#[test]
fn r134_letters_find_a_command() {
    let mut rig = Rig::ready();
    rig.press("Ctrl-P");
    rig.type_text("gled");
    let picture = rig.picture();
    assert!(
        picture.contains("4  g l") && picture.contains("chimera cfo view-ledger"),
        "{picture}"
    );
    rig.press("Enter");
    assert_eq!(rig.model.focus.pane, Pane::Ledger);
}

// R73, R134: a decision cannot be run by its name, because the sheet covers what it would be made on; and when
// the sheet is gone the card has to be seen again.
#[test]
fn r73_no_name_decides() {
    let mut rig = Rig::ready();
    for (open, line) in [
        (":", "approve"),
        ("Ctrl-P", "approve"),
        ("?", "approve exactly"),
        (":", "reject"),
    ] {
        rig.press(open);
        rig.type_text(line);
        rig.press("Enter");
        assert_eq!(decide(&mut rig), None);
        assert!(
            rig.message().contains("this sheet covers the card"),
            "{}",
            rig.message()
        );
        assert!(matches!(rig.model.overlay, Some(Overlay::Palette(_))));
        rig.paint();
        rig.press("Esc");
        rig.press("a");
        assert_eq!(decide(&mut rig), None);
        assert!(
            rig.message().contains("not on screen yet"),
            "{}",
            rig.message()
        );
        rig.paint();
        rig.wait(2_000);
    }
    rig.press("a");
    assert!(decide(&mut rig).is_some());
}

// R134: help is found by what is typed, and Enter does it; what works in sheets only is shown and not run.
#[test]
fn r134_help_is_filtered_and_runs_one() {
    let mut rig = Rig::ready();
    rig.press("?");
    rig.type_text("the word must be typed");
    let picture = rig.picture();
    assert!(
        picture.contains("emergency") && !picture.contains("go-ledger"),
        "{picture}"
    );
    rig.press("Enter");
    assert!(matches!(rig.model.overlay, Some(Overlay::Emergency { .. })));
    rig.press("Esc");
    rig.press("?");
    rig.type_text("delete-word");
    rig.press("Enter");
    assert!(
        rig.message().contains("works in typing only"),
        "{}",
        rig.message()
    );
}

// R134: in every screen, what is listed as possible is bound there, and each line can be reached and run.
#[test]
fn r134_every_line_of_every_screen_can_be_run() {
    for pane in Pane::ALL {
        let mut rig = Rig::ready();
        rig.press(":");
        rig.type_text(&format!("go-{}", pane.name()));
        rig.press("Enter");
        rig.serve();
        let sheet = Palette::new(Kind::Find);
        let entries = sheet.entries(&rig.model);
        assert!(entries.len() > 20, "{pane:?}");
        for entry in entries.iter().filter(|entry| entry.refused.is_none()) {
            let keys = entry.keys.split("  ").next().unwrap();
            // Some are found by their name alone.
            assert!(
                keys.is_empty() || keys.split(' ').all(|key| key.parse::<Key>().is_ok()),
                "{entry:?}"
            );
            rig.press("Ctrl-P");
            rig.type_text(&entry.name);
            let first = rig.model.overlay.clone();
            let Some(Overlay::Palette(first)) = first else {
                panic!("{first:?}")
            };
            let found = first.entries(&rig.model);
            assert_eq!(
                found.first().map(|e| e.name.clone()),
                Some(entry.name.clone())
            );
            rig.press("Esc");
        }
    }
}
