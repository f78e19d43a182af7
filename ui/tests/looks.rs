//! What the card says of how its pictures were made, and what they are held against.

use chimera_domain::{ContentHash, Safe, views::MediaRow};
use ratatui::layout::Size;

use super::Rig;
use crate::event::{Event, Request};

/// A card whose picture is not like enough to its reference, and says in which tier it was made.
fn doubtful() -> Rig {
    let mut rig = Rig::ready();
    let card = rig.card(0);
    let picture = crate::fake::post_of(card).media.remove(0);
    let reference = MediaRow {
        sha256: ContentHash::of_bytes(b"reference"),
        alt_text: Safe::line("Card with the title “Fae”."),
        ..picture.clone()
    };
    crate::fake::post_of(card).media = vec![MediaRow {
        likeness: Some((
            Safe::line("like the reference by 0.55 (palette/1), below 0.80"),
            true,
        )),
        reference: Some(Box::new(reference)),
        ..picture
    }];
    crate::fake::post_of(card).made = vec![Safe::line(
        "video tier daily: priority high; economy, as less than 0.20 is left of task: 1.70 of 2.00 USD used: nothing above daily",
    )];
    rig.reread();
    rig.event(Event::Resize(Size::new(120, 50)));
    rig.press("3");
    rig.paint();
    rig
}

// R46, R47: the card tells figure and method of a picture and the tier it was made in, with why; both pictures are opened from
// it, one after the other, and the reference says that it goes nowhere.
#[test]
fn r46_both_pictures_are_opened_from_the_card() {
    let mut rig = doubtful();
    assert!(rig.says("like the reference by 0.55 (palette/1), below 0.80; V shows both"));
    assert!(rig.says("video tier daily: priority high; economy, as less than 0.20 is left"));
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("120x50_card_with_likeness", rig.picture());
    });
    let mut shown = Vec::new();
    for _ in 0..3 {
        rig.press("V");
        let asked = rig.orders();
        let [Request::Picture(sha256, _)] = &asked[..] else {
            panic!("{asked:?}");
        };
        shown.push((*sha256, rig.says("it goes nowhere")));
    }
    let (picture, reference) = (
        ContentHash::of_bytes(b"png"),
        ContentHash::of_bytes(b"reference"),
    );
    assert_eq!(
        shown,
        [(picture, false), (reference, true), (picture, false)]
    );
}
