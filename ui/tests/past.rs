//! The past of a task, version by version: what is kept, whom it lost to, and what is not kept.

use chimera_domain::Safe;
use ratatui::layout::Size;

use super::Rig;
use crate::{
    event::{Event, Loaded, Request},
    model::overlay::Overlay,
};

/// The past of the task under the cursor is open, as it was read.
fn opened(screen: &str) -> Rig {
    let mut rig = Rig::ready();
    rig.event(Event::Resize(Size::new(80, 24)));
    rig.press(screen);
    rig.serve();
    rig.press("S");
    rig.serve();
    rig
}

fn at(rig: &Rig) -> Option<i64> {
    match &rig.model.overlay {
        Some(Overlay::Past(past)) => past.versions().get(past.at).map(|version| version.version),
        _ => None,
    }
}

// R197, R13: a task is scrubbed through by version, with `,` and `.` or arrows and no farther than it goes; each says what
// changed, when and by whom, and one that lost says to whom.
#[test]
fn r197_versions_are_scrubbed_and_say_whom_they_lost_to() {
    let mut rig = opened("9");
    assert_eq!(at(&rig), Some(6), "where it stands");
    let shown = rig.picture();
    let footer = shown.lines().last().unwrap();
    assert!(footer.contains(", older  . newer  Esc close"), "{footer}");
    rig.press(".");
    assert_eq!(at(&rig), Some(6));
    for (key, wanted) in [
        (",", 5),
        ("Up", 4),
        ("Down", 5),
        (".", 6),
        (",", 5),
        (",", 4),
    ] {
        rig.press(key);
        assert_eq!(at(&rig), Some(wanted), "{key}");
    }
    for said in [
        "v4: claimed to pending",
        "to ana@desk at ",
        "pause: the campaign is paused",
        "kept unused",
        "not kept: its other fields",
    ] {
        assert!(rig.says(said), "no `{said}`");
    }
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("80x24_versions_lost", rig.picture());
    });
    for _ in 0..9 {
        rig.press(",");
    }
    assert_eq!(at(&rig), Some(1));
    assert!(rig.says("v1: begins as draft") && rig.says("no reason is kept with it"));
    rig.press("Esc");
    assert_eq!(rig.model.overlay, None);
}

// R197: the same in the graph; what cannot be read, is gone or was never written down says so and shows no version.
#[test]
fn r197_what_is_not_kept_is_said() {
    let mut rig = opened("2");
    let task = match &rig.model.overlay {
        Some(Overlay::Past(past)) => past.task,
        _ => panic!("the graph opens it, too"),
    };
    let answers = [
        (
            Err(Safe::line("the disk does not answer")),
            "Could not be read: the disk does not answer",
        ),
        (Ok(None), "there is no such task any more"),
    ];
    for (answer, said) in answers {
        rig.event(Event::Loaded(Loaded::Past(task, answer)));
        assert_eq!(at(&rig), None);
        assert!(rig.says(said), "no `{said}`");
    }
    let mut empty = crate::fake::past(&rig.world, task);
    empty.moves.clear();
    rig.event(Event::Loaded(Loaded::Past(task, Ok(Some(empty)))));
    assert!(rig.says("Nothing of it is kept in the audit."));
    rig.press("Esc");
    // An answer that comes after it was closed opens nothing.
    let late = crate::fake::past(&rig.world, task);
    rig.event(Event::Loaded(Loaded::Past(task, Ok(Some(late)))));
    assert_eq!(rig.model.overlay, None);
}

// R197, R132: from a walk, a step about a task has versions, and any other says that it has none.
#[test]
fn r197_a_step_of_a_walk_has_the_versions_of_its_task() {
    let mut rig = Rig::ready();
    rig.press("9");
    rig.serve();
    rig.press("t");
    rig.serve();
    rig.press("S");
    assert!(
        rig.message().contains("this step is about no task"),
        "{}",
        rig.message()
    );
    let steps = rig.world.steps.clone();
    let place = steps
        .iter()
        .position(|step| step.subject.as_str().starts_with("tsk_"));
    for _ in 0..place.unwrap() {
        rig.press("j");
    }
    rig.press("S");
    let asked = rig.model.overlay.clone();
    assert!(matches!(asked, Some(Overlay::Past(_))), "{asked:?}");
    let task = steps[place.unwrap()].subject.as_str().parse().unwrap();
    assert!(rig.asked.contains(&Request::Past(task)));
}
