//! Keys that the operator changed: everything that was true of the usual ones is true of them.

use super::{
    Rig,
    deciding::{approved, decide, with_a_long_card},
};
use crate::{
    keymap::{KeyChange, Keymap},
    model::overlay::Overlay,
};

fn rebind(rig: &mut Rig, changes: &[(&str, &str, &[&str])]) {
    let changes: Vec<KeyChange> = changes
        .iter()
        .map(|(context, action, keys)| KeyChange {
            context: (*context).to_owned(),
            action: (*action).to_owned(),
            keys: keys.iter().map(|&key| key.to_owned()).collect(),
        })
        .collect();
    rig.model.settings.keys = Keymap::with(&changes).unwrap();
}

// R73, R134: the guard is on the action and not on a letter: painted first, long enough, once, alone.
#[test]
fn r73_the_guard_holds_for_a_decision_key_that_was_changed() {
    let mut rig = Rig::ready();
    rebind(
        &mut rig,
        &[
            ("review", "approve", &["Ctrl-Y"]),
            ("review", "reject", &["a"]),
        ],
    );
    rig.press("j");
    rig.serve();
    rig.press("Ctrl-Y");
    assert_eq!(decide(&mut rig), None);
    assert!(
        rig.message().contains("not on screen yet"),
        "{}",
        rig.message()
    );
    rig.paint();
    rig.wait(100);
    rig.press("Ctrl-Y");
    assert_eq!(decide(&mut rig), None, "held, and before the guard time");
    rig.wait(3_000);
    rig.press("Ctrl-Y");
    let first = decide(&mut rig).unwrap();
    approved(&mut rig, first, 1);
    rig.paint();
    rig.wait(800);
    rig.press("Ctrl-Y");
    assert_eq!(decide(&mut rig), None);
    assert!(
        rig.message().contains("a held key repeats"),
        "{}",
        rig.message()
    );
    rig.wait(3_000);
    rig.press("a");
    assert!(matches!(rig.model.overlay, Some(Overlay::Reason { .. })));
}

// R65, R134: nor does another key let out what was not read, and it says which key reads on now.
#[test]
fn r65_another_key_does_not_approve_what_was_not_read() {
    let mut rig = with_a_long_card();
    rebind(
        &mut rig,
        &[("review", "approve", &["Y"]), ("review", "read-on", &["#"])],
    );
    rig.wait(2_000);
    rig.press("Y");
    assert_eq!(decide(&mut rig), None);
    assert!(
        rig.message().contains("# first: not all"),
        "{}",
        rig.message()
    );
}

// R134: footer, help and messages name the keys that hold; what has none is reached by its name.
#[test]
fn r134_footer_help_and_messages_name_the_changed_keys() {
    let mut rig = Rig::ready();
    let changes: &[(&str, &str, &[&str])] = &[
        ("review", "approve", &["Y"]),
        ("review", "skip", &[]),
        ("everywhere", "help", &["K"]),
    ];
    rebind(&mut rig, changes);
    let picture = rig.picture();
    assert!(
        picture.contains("Y approve") && picture.contains("K keys"),
        "{picture}"
    );
    assert!(!picture.contains("s skip"));
    rig.press("s");
    assert!(
        rig.message().contains("K shows the keys"),
        "{}",
        rig.message()
    );
}

// R134: details, messages and empty lists name a key as it is bound, and what has none by its name.
#[test]
fn r134_a_changed_key_is_named_as_it_is() {
    let mut rig = Rig::ready();
    rebind(
        &mut rig,
        &[
            ("review", "undo", &["Ctrl-Y"]),
            ("everywhere", "go-alerts", &[]),
            ("everywhere", "go-trends", &["g 1"]),
        ],
    );
    assert!(rig.says("2 alerts (:go-alerts)"));
    rig.press("a");
    let card = decide(&mut rig).unwrap();
    approved(&mut rig, card, 1);
    assert!(
        rig.message().contains("Ctrl-Y takes it back"),
        "{}",
        rig.message()
    );
    rig.world.tasks.clear();
    rig.reread();
    rig.press("2");
    rig.serve();
    assert!(rig.says("becomes a plan (g1)"), "{}", rig.picture());
}
