//! What the card says of the attempts before this one.

use chimera_domain::{Safe, views::AttemptRow};
use ratatui::layout::Size;

use super::Rig;
use crate::event::Event;

// R62: the card tells which attempt it is, after how many it is given up, and what was wrong with each before; what changed
// from one to the next is a sheet, each with its reason; a first attempt says nothing of the kind.
#[test]
fn r62_attempts_and_what_changed_are_on_the_card() {
    let attempt = |attempt, text, issues: &[&str]| AttemptRow {
        attempt,
        text: Safe::block(text),
        issues: issues.iter().map(|issue| Safe::line(issue)).collect(),
    };
    let mut rig = Rig::ready();
    let card = rig.card(0);
    card.text = Safe::block("Linen is back in three colours.");
    crate::fake::post_of(card).attempt = (3, Some(3));
    crate::fake::post_of(card).attempts = vec![
        attempt(
            2,
            "Linen is back, cheap.",
            &["say how many colours", "no prices"],
        ),
        attempt(1, "Linen is cheap.", &[]),
    ];
    rig.reread();
    rig.event(Event::Resize(Size::new(120, 90)));
    rig.press("3");
    rig.paint();
    assert!(rig.says("3 of 3, then it is given up; d shows what changed"));
    assert!(rig.says("2 was refused: say how many colours; no prices"));
    assert!(rig.says("1 was refused: nobody said what was wrong"));
    rig.press("d");
    rig.event(Event::Resize(Size::new(80, 24)));
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("80x24_attempts", rig.picture());
    });
    rig.press("Esc");
    crate::fake::post_of(rig.card(0)).attempts.clear();
    rig.reread();
    assert!(!rig.says("was refused:"));
    rig.press("d");
    assert!(rig.message().contains("this is the first attempt"));
}
