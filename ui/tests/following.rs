//! After deciding: the fuse, taking back, and following a ticket to its end.

use chimera_domain::{
    Outcome, Safe, StateVersion,
    effect::EffectState,
    ticket::{Decided, TicketState},
};

use super::{
    Rig,
    deciding::{approved, decide},
};
use crate::{
    event::{Done, Event, Request},
    fake::ticket,
    model::overlay::Overlay,
};

// R183: an approval shows its fuse, `u` takes it back, and the operator is brought back to the card.
#[test]
fn r183_undo_while_the_fuse_burns() {
    let mut rig = Rig::ready();
    rig.press("a");
    let sent = decide(&mut rig).unwrap();
    approved(&mut rig, sent, 0);
    assert!(
        rig.picture().contains("held 10s u undo"),
        "{}",
        rig.picture()
    );
    rig.press("u");
    let version = StateVersion::FIRST.next();
    assert_eq!(rig.orders(), [Request::Undo(ticket(0), version)]);
    rig.card(0).row.state = TicketState::Open;
    rig.card(0).row.version = version.next();
    let done = Ok(Outcome::Done((), version.next()));
    rig.event(Event::Done(Done::Undone(ticket(0), done)));
    rig.serve();
    assert_eq!(rig.model.queue.selected, Some(ticket(0)));
    rig.press("u");
    assert!(rig.message().contains("no fuse burns"), "{}", rig.message());
}

// R183: a reject that follows an approval taken back can be taken back like any other.
#[test]
fn r183_a_reject_after_an_undo_can_be_undone() {
    let mut rig = Rig::ready();
    rig.press("a");
    let sent = decide(&mut rig).unwrap();
    approved(&mut rig, sent, 0);
    rig.press("u");
    rig.orders();
    let open = StateVersion::FIRST.next().next();
    rig.card(0).row.state = TicketState::Open;
    rig.card(0).row.version = open;
    rig.card(0).effect = None;
    rig.card(0).decided = None;
    let done = Ok(Outcome::Done((), open));
    rig.event(Event::Done(Done::Undone(ticket(0), done)));
    rig.serve();
    rig.paint();
    rig.wait(2_000);
    rig.press("r");
    rig.wait(300);
    rig.press("o");
    rig.wait(300);
    rig.press("Enter");
    let sent = decide(&mut rig).unwrap();
    rig.card(0).row.state = TicketState::Rejected;
    rig.card(0).row.version = open.next();
    let done = Ok(Outcome::Done(Decided::Rejected, open.next()));
    rig.event(Event::Done(Done::Decided(sent, done)));
    rig.serve();
    rig.reread();
    rig.press("u");
    assert_eq!(rig.orders(), [Request::Undo(ticket(0), open.next())]);
}

// R183: after the fuse has burnt down nothing can be taken back, and with several `u` asks which.
#[test]
fn r183_undo_asks_which_and_is_never_late() {
    let mut rig = Rig::ready();
    for n in [0, 1] {
        rig.paint();
        rig.wait(2_000);
        rig.press("a");
        let sent = decide(&mut rig).unwrap();
        approved(&mut rig, sent, n);
    }
    rig.press("u");
    assert!(matches!(&rig.model.overlay, Some(Overlay::Undo { items, .. }) if items.len() == 2));
    rig.wait(60_000);
    rig.press("Enter");
    assert_eq!(rig.orders(), []);
    assert!(rig.message().contains("too late"), "{}", rig.message());
}

// R65, R183: a decided ticket stays in sight until it is out, with its address, or has failed.
#[test]
fn r65_a_decided_ticket_is_followed_to_its_end() {
    let mut rig = Rig::ready();
    rig.press("a");
    let sent = decide(&mut rig).unwrap();
    approved(&mut rig, sent, 0);
    assert!(rig.model.queue.rows.iter().any(|r| r.id == ticket(0)));
    rig.card(0).effect = Some(EffectState::Confirmed);
    rig.card(0).published = Some(Safe::line("https://fake.invalid/1"));
    rig.reread();
    assert!(
        rig.message().contains("published (SIMULATED)"),
        "{}",
        rig.message()
    );
    rig.press("p");
    rig.serve();
    assert!(rig.says("PUBLISHED (SIMULATED) https://fake.invalid/1"));
}

// R7, R8: while its campaign is dry a card says that Approve sends nothing, and what was rehearsed never shows as published.
#[test]
fn r7_a_dry_run_never_shows_as_published() {
    let mut rig = Rig::ready();
    rig.card(0).row.dry = true;
    rig.press("R");
    rig.reread();
    assert!(rig.says("Approve = rehearsed in 10s and NOT sent (DRY RUN)"));
    assert!(rig.says(" DRY"));
    rig.press("a");
    let sent = decide(&mut rig).unwrap();
    approved(&mut rig, sent, 0);
    rig.card(0).effect = Some(EffectState::Confirmed);
    rig.reread();
    assert!(
        rig.message()
            .contains("rehearsed (DRY RUN), nothing was sent"),
        "{}",
        rig.message()
    );
    rig.press("p");
    rig.serve();
    assert!(rig.says("REHEARSED (DRY RUN), nothing was sent"));
    assert!(!rig.says("PUBLISHED"));
}
