//! What two people must approve: what the card says to the first, to the same person again and to the second.

use chimera_domain::{
    Outcome, Safe, StateVersion,
    ticket::{Choice, Decide, Decided},
    views::FirstApproval,
};
use ratatui::layout::Size;

use super::{Rig, deciding::decide};
use crate::event::{Done, Event, Request};

/// The ticket on screen is real, and one that two people approve; who was first, where somebody was.
fn two(by: Option<&str>) -> Rig {
    let mut rig = Rig::ready();
    let at = rig.model.now.minus(chimera_domain::Span::from_mins(4));
    let card = rig.card(0);
    card.row.simulated = false;
    crate::fake::post_of(card).sensitive.clear();
    card.row.reasons = vec![Safe::line("confidence 0.82 is below 0.90")];
    card.two = vec![Safe::line("the first live post of this account")];
    card.row.first = by.map(|by| FirstApproval {
        by: Safe::line(by),
        at,
    });
    if let Some(by) = by {
        let line = format!("approved by {by}, needs a second person");
        card.row.reasons.insert(0, Safe::line(&line));
    }
    seen(&mut rig);
    rig
}

/// The console read what changed, and it was on screen long enough.
fn seen(rig: &mut Rig) {
    rig.reread();
    rig.paint();
    rig.wait(2_000);
}

fn snapshot(name: &str, mut rig: Rig) {
    rig.event(Event::Resize(Size::new(80, 24)));
    rig.press("3");
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, rig.picture());
    });
}

/// The store took the first approval.
fn stored(rig: &mut Rig, decide: Decide) {
    let at = rig.model.now;
    let card = rig.card(0);
    card.row.version = decide.version.next();
    card.row.first = Some(FirstApproval {
        by: Safe::line(&decide.actor),
        at,
    });
    let version = card.row.version;
    rig.event(Event::Done(Done::Decided(
        decide,
        Ok(Outcome::Done(Decided::FirstOfTwo, version)),
    )));
    seen(rig);
}

// R78: before anything counts the card says that approving is the first of two, and why.
#[test]
fn r78_the_card_says_that_two_people_are_needed() {
    let mut rig = two(None);
    assert!(rig.says("Approve = first of two; nothing goes out before another person"));
    assert!(rig.says("the first live post of this account"));
    snapshot("80x24_first_of_two", rig);
}

// R78: the first of two is told that nothing goes out; the ticket waits on, is no next one for the same person, and
// their second approval is refused with why, before the store is asked.
#[test]
fn r78_the_first_person_is_told_and_cannot_be_the_second() {
    let mut rig = two(None);
    rig.press("a");
    let sent = decide(&mut rig).unwrap();
    assert_eq!(sent.choice, Choice::Approve);
    stored(&mut rig, sent);
    assert!(
        rig.message()
            .contains("another person must approve it, too"),
        "{}",
        rig.message()
    );
    let mine = crate::fake::ticket(0);
    assert_ne!(rig.model.queue.selected, Some(mine));
    for _ in 0..6 {
        rig.press("s");
        assert_ne!(rig.model.queue.selected, Some(mine), "it waits for others");
    }
    rig.model.queue.select(mine);
    seen(&mut rig);
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    assert!(
        rig.message().contains("the second person must be another"),
        "{}",
        rig.message()
    );
    assert!(rig.says("You approved it at "));
    snapshot("80x24_first_was_you", rig);
}

// R78, R183: the first takes it back with the key that takes decisions back, by the version on screen.
#[test]
fn r78_the_first_takes_it_back() {
    let mut rig = two(Some("op@elsewhere"));
    rig.press("u");
    let undo = Request::Undo(crate::fake::ticket(0), StateVersion::FIRST);
    assert!(rig.orders().contains(&undo));
}

// R78: the second person sees who was first, and what goes out with their approval.
#[test]
fn r78_the_second_person_sees_who_was_first() {
    let mut rig = two(Some("sam@desk"));
    assert!(rig.says("Approve = second of two, after sam@desk = 1 post to @fae on twitter"));
    rig.press("a");
    assert!(decide(&mut rig).is_some());
    snapshot("80x24_second_of_two", two(Some("sam@desk")));
}

// R78, R184: what two people approve is never one of several.
#[test]
fn r78_two_people_approve_it_alone() {
    let mut rig = two(None);
    rig.press("b");
    assert_eq!(rig.model.overlay, None);
    assert!(
        rig.message().contains("two people must approve it"),
        "{}",
        rig.message()
    );
}
