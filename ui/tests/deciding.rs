//! Deciding: what a key does, when it does nothing, and what happens to those who lose a race.

use chimera_domain::{
    Conflict, Outcome, Safe, StateVersion,
    effect::EffectState,
    ids::EffectId,
    testing::uuid_of,
    ticket::{Choice, Decide, Decided, RejectClass, TicketState},
};

use super::Rig;
use crate::{
    event::{Done, Event, Request},
    fake::ticket,
    model::{Pane, overlay::Overlay},
};

pub(super) fn decide(rig: &mut Rig) -> Option<Decide> {
    let orders = rig.orders();
    orders.into_iter().find_map(|r| {
        let Request::Decide(decide) = r else {
            return None;
        };
        Some(decide)
    })
}

/// The store stores an approval, and the console hears of it.
pub(super) fn approved(rig: &mut Rig, decide: Decide, n: u128) {
    let version = decide.version.next();
    let card = rig.card(n);
    card.row.state = TicketState::Approved;
    card.row.version = version;
    card.effect = Some(EffectState::Held);
    card.decided = Some(Safe::line("approved by op@test:tty"));
    let held = Decided::Held {
        effect_id: EffectId::from_uuid(uuid_of(1)),
        until: rig.model.now.plus(chimera_domain::Span::from_secs(10)),
    };
    rig.event(Event::Done(Done::Decided(
        decide,
        Ok(Outcome::Done(held, version)),
    )));
    rig.serve();
}

// R181: a decision carries the id, version and content hash that were on screen, and who decided.
#[test]
fn r181_a_decision_is_bound_to_what_was_displayed() {
    let mut rig = Rig::ready();
    rig.press("a");
    let card = rig.card(0).clone();
    let sent = decide(&mut rig).unwrap();
    assert_eq!(
        sent,
        Decide {
            ticket_id: ticket(0),
            version: card.row.version,
            content_hash: card.content_hash,
            choice: Choice::Approve,
            actor: "op@test:tty".into(),
        }
    );
}

// R73: a key counts only when its card was painted and flushed for the guard time.
#[test]
fn r73_a_key_before_the_guard_time_is_dropped_with_a_message() {
    let mut rig = Rig::ready();
    for (painted, millis, counts) in [
        (false, 5_000, false), // never flushed
        (true, 0, false),
        (true, 249, false),
        (true, 250, true),
    ] {
        rig.press("j"); // another card
        rig.serve();
        if painted {
            rig.paint();
        }
        rig.wait(millis);
        rig.press("a");
        assert_eq!(decide(&mut rig).is_some(), counts, "{painted} {millis}");
        if !counts {
            assert!(rig.message().contains("ignored"), "{}", rig.message());
        }
    }
}

// R73: the guard cannot be switched off.
#[test]
fn r73_the_guard_has_a_floor() {
    let mut rig = Rig::ready();
    rig.model.settings.guard = chimera_domain::Span::ZERO;
    rig.press("j");
    rig.serve();
    rig.paint();
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
}

// R73: neither keys of one read nor a held key decide twice, and the window grows while it is held.
#[test]
fn r73_one_key_never_decides_two_tickets() {
    let mut rig = Rig::ready();
    rig.press("a");
    let first = decide(&mut rig).unwrap();
    approved(&mut rig, first, 0);
    rig.paint();
    assert_eq!(rig.model.queue.selected, Some(ticket(1)));
    for _ in 0..30 {
        rig.wait(300); // held down, longer than the guard
        rig.press("a");
        assert_eq!(decide(&mut rig), None);
    }
    rig.wait(1_000);
    rig.press("r");
    rig.press_in_same_read("a");
    assert_eq!(decide(&mut rig), None);
    rig.press("Esc");
    rig.paint();
    rig.wait(1_000);
    rig.press("a");
    assert_eq!(decide(&mut rig).unwrap().ticket_id, ticket(1));
}

// R73: while a decision is with the store, no other is made.
#[test]
fn r73_one_decision_at_a_time() {
    let mut rig = Rig::ready();
    rig.press("a");
    assert!(decide(&mut rig).is_some());
    rig.wait(5_000);
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    assert!(
        rig.message().contains("still with the store"),
        "{}",
        rig.message()
    );
}

// R73: when a decision is stored the card of the next ticket is asked for before everything that tells of this one.
#[test]
fn r73_the_next_card_is_asked_for_first() {
    let mut rig = Rig::ready();
    rig.press("a");
    let sent = decide(&mut rig).unwrap();
    rig.asked.clear();
    let held = Decided::Held {
        effect_id: EffectId::from_uuid(uuid_of(1)),
        until: rig.model.now.plus(chimera_domain::Span::from_secs(10)),
    };
    let done = Ok(Outcome::Done(held, sent.version.next()));
    rig.event(Event::Done(Done::Decided(sent, done)));
    let next = rig.model.queue.selected.unwrap();
    assert_ne!(next, ticket(0));
    assert_eq!(rig.asked[0], Request::Card(next));
}

// R73, R134: words typed for a filter go to the filter from the card too, and decide nothing.
#[test]
fn r73_a_filter_typed_from_the_card_decides_nothing() {
    let mut rig = Rig::ready();
    rig.press("l");
    rig.paint();
    rig.wait(2_000);
    for key in ["/", "l", "a"] {
        rig.wait(300);
        rig.press(key);
    }
    assert_eq!(decide(&mut rig), None);
    assert!(!rig.model.focus.detail, "the list that is filtered shows");
    rig.press("Enter");
    assert_eq!(rig.model.list(Pane::Review).filter(), "la");
}

// R73: a key that means nothing is said, and what is typed after it is no decision.
#[test]
fn r73_a_word_typed_blindly_decides_nothing() {
    for (gap, rest, counts) in [(0, 300, false), (300, 999, false), (300, 1_000, true)] {
        let mut rig = Rig::ready();
        rig.press("l");
        rig.paint();
        rig.wait(2_000);
        rig.press(";");
        assert_eq!(rig.message(), "info ; means nothing here; ? shows the keys");
        rig.wait(gap);
        rig.press("a");
        assert_eq!(decide(&mut rig), None, "{gap}");
        assert!(rig.message().contains("wait a second"), "{}", rig.message());
        rig.press("j");
        rig.wait(rest);
        rig.press("a");
        assert_eq!(decide(&mut rig).is_some(), counts, "{gap} {rest}");
    }
}

// R134: Esc ends a started sequence without a word; any other wrong key is named with it.
#[test]
fn r134_a_sequence_that_leads_nowhere_says_so() {
    let mut rig = Rig::ready();
    rig.press("g");
    rig.press("Esc");
    assert_eq!(rig.message(), "");
    rig.press("g");
    rig.press("v");
    assert_eq!(rig.orders(), []);
    assert_eq!(
        rig.message(),
        "info g v means nothing here; ? shows the keys"
    );
}

// R73: a paste is never keys, wherever the focus is.
#[test]
fn r73_a_paste_decides_nothing() {
    let mut rig = Rig::ready();
    rig.event(Event::Paste("array\r".into()));
    assert_eq!(decide(&mut rig), None);
    assert_eq!(rig.message(), "warning pasted text ignored (6 characters)");
}

// R73: modifiers match exactly, and decision keys work only in review.
#[test]
fn r73_only_the_plain_key_in_review_decides() {
    let mut rig = Rig::ready();
    rig.press("Ctrl-A");
    assert_eq!(decide(&mut rig), None);
    for pane in ["1", "2", "4"] {
        rig.press(pane);
        rig.paint();
        rig.wait(2_000);
        rig.press("a");
        assert_eq!(decide(&mut rig), None);
    }
}

/// A card that does not fit on the screen, painted from its start.
pub(super) fn with_a_long_card() -> Rig {
    let mut rig = Rig::ready();
    let long = "word ".repeat(600);
    rig.card(0).text = Safe::block(&long);
    rig.card(0).row.version = StateVersion::FIRST.next();
    rig.reread();
    rig.paint();
    rig
}

// R65, R73: approving needs all of what goes out to have been on screen; refusing does not.
#[test]
fn r65_text_that_was_not_on_screen_is_not_approved() {
    let mut rig = with_a_long_card();
    rig.wait(2_000);
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    assert!(rig.message().contains("J"), "{}", rig.message());
    // From the list, without losing its place.
    for _ in 0..20 {
        rig.press("J");
        rig.paint();
    }
    assert!(!rig.model.focus.detail);
    rig.wait(2_000);
    rig.press("a");
    assert!(decide(&mut rig).is_some());
}

// R65, R73: what was jumped over was not on screen, however the end of it came there.
#[test]
fn r65_text_that_was_jumped_over_is_not_approved() {
    let mut rig = with_a_long_card();
    rig.press("Enter");
    rig.press("G");
    rig.paint();
    rig.wait(2_000);
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    assert!(rig.message().contains("J"), "{}", rig.message());
}

// R73: a paste that the terminal did not mark as one is not a decision either.
#[test]
fn r73_keys_that_come_together_decide_nothing() {
    for crowd in [true, false] {
        let mut rig = Rig::ready();
        rig.reads += 1;
        rig.event(Event::Key {
            key: "a".parse().unwrap(),
            read: rig.reads,
            alone: !crowd,
            at: rig.mono,
        });
        assert_eq!(decide(&mut rig).is_some(), !crowd);
    }
}

// R181: a card that changed under the operator's eyes is guarded anew and says so.
#[test]
fn r181_a_changed_card_must_be_seen_again() {
    let mut rig = Rig::ready();
    rig.card(0).row.version = StateVersion::FIRST.next();
    rig.reread();
    assert!(
        rig.message().contains("changed while you looked"),
        "{}",
        rig.message()
    );
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    rig.paint();
    rig.wait(2_000);
    rig.press("a");
    assert_eq!(
        decide(&mut rig).unwrap().version,
        StateVersion::FIRST.next()
    );
}

// R181: the loser of a race is told in place who, what and when, and sees the card as it is now.
#[test]
fn r181_the_loser_of_a_race_is_told_in_place() {
    let mut rig = Rig::ready();
    rig.press("a");
    let lost = decide(&mut rig).unwrap();
    rig.card(0).row.state = TicketState::Rejected;
    rig.card(0).row.version = StateVersion::FIRST.next();
    let conflict = Conflict {
        actual: StateVersion::FIRST.next(),
        now: "rejected".into(),
        by: Some("mia@desk:pts/3\u{1b}[2J".into()),
        at: Some(rig.model.now),
    };
    rig.event(Event::Done(Done::Decided(
        lost,
        Ok(Outcome::Conflict(conflict)),
    )));
    rig.serve();
    let told = "already rejected by mia@desk:pts/3␛[2J at 12:00 (v2)";
    assert!(rig.says(&format!("Your decision did not count: {told}")));
    assert!(rig.message().contains(told), "{}", rig.message());
}

// R181: who only looked is told as well when somebody else decided, and the cursor stays.
#[test]
fn r181_a_decision_made_elsewhere_shows_in_place() {
    let mut rig = Rig::ready();
    rig.card(0).row.state = TicketState::Approved;
    rig.card(0).row.version = StateVersion::FIRST.next();
    rig.card(0).decided = Some(Safe::line("approved by mia@desk at 12:01"));
    rig.reread();
    assert_eq!(rig.model.queue.selected, Some(ticket(0)));
    assert_eq!(
        rig.message(),
        "warning decided elsewhere: approved by mia@desk at 12:01"
    );
    rig.paint();
    rig.wait(2_000);
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    assert!(rig.message().contains("nothing to decide: approved by mia"));
    rig.press("j");
    rig.reread();
    assert!(rig.model.queue.rows.iter().all(|r| r.id != ticket(0)));
}

// R67: a refusal carries the chosen reason and the note, and the letters are those of the domain.
#[test]
fn r67_reject_takes_a_reason_letter_and_a_note() {
    for class in RejectClass::ALL {
        let mut rig = Rig::ready();
        rig.press("r");
        rig.press(&class.key().to_string());
        rig.type_text("not us");
        rig.press("Enter");
        let note = "not us".to_owned();
        let choice = Choice::Reject {
            class: *class,
            note,
        };
        assert_eq!(decide(&mut rig).unwrap().choice, choice);
    }
    let mut rig = Rig::ready();
    rig.press("r");
    rig.press_in_same_read("o"); // as a paste without brackets would
    assert!(matches!(rig.model.overlay, Some(Overlay::Reason { .. })));
    rig.press("o");
    rig.press("Esc");
    rig.press("Enter");
    assert_eq!(decide(&mut rig), None);
}

// R73: what is sensitive needs the end of the ticket's id, typed, be it real or simulated; Enter alone cancels.
#[test]
fn r73_what_is_not_routine_needs_more_than_a_key() {
    for simulated in [true, false] {
        needs_more_than_a_key(simulated);
    }
}

fn needs_more_than_a_key(simulated: bool) {
    let mut rig = Rig::sensitive();
    rig.card(0).row.simulated = simulated;
    rig.card(0).row.version = StateVersion::FIRST.next();
    rig.reread();
    rig.paint();
    rig.wait(2_000);
    rig.press("a");
    assert!(matches!(rig.model.overlay, Some(Overlay::Confirm { .. })));
    assert_eq!(rig.says("1 post to @fae on twitter (SIMULATED)"), simulated);
    assert_eq!(rig.says("1 post to @fae on twitter, LIVE"), !simulated);
    rig.press("Enter");
    assert_eq!(
        (decide(&mut rig), rig.model.overlay.is_none()),
        (None, true)
    );
    rig.paint();
    rig.wait(2_000);
    rig.press("a");
    rig.type_text("nope");
    rig.press("Enter");
    assert_eq!(decide(&mut rig), None);
    let id = ticket(0).to_string();
    rig.type_text(&id[id.len() - 4..]);
    rig.press("Enter");
    assert_eq!(decide(&mut rig).unwrap().ticket_id, ticket(0));
}

// R185: before the key, the card says what the key would do and what it costs.
#[test]
fn r185_the_consequence_stands_below_the_card() {
    let mut rig = Rig::ready();
    assert!(rig.says(
        "Approve = 1 post to @fae on twitter (SIMULATED) in 10s, \
         sends cost at most 0.01 of 5.85 USD left today"
    ));
}

// R73: 20 routine tickets can be cleared with one key each, well within two minutes.
#[test]
fn r73_twenty_tickets_in_two_minutes() {
    let mut rig = Rig::ready();
    let template = rig.world.cards[1].clone();
    rig.world.cards = (0..20)
        .map(|n| {
            let mut card = template.clone();
            card.row.id = ticket(n);
            card
        })
        .collect();
    rig.press("R");
    rig.serve();
    let start = rig.mono;
    for _ in 0..20 {
        rig.paint();
        rig.wait(1_100);
        rig.press("a");
        let sent = decide(&mut rig).unwrap();
        let n = (0..20).find(|n| ticket(*n) == sent.ticket_id).unwrap();
        approved(&mut rig, sent, n);
    }
    assert!(rig.mono.secs() - start.secs() < 120);
    assert!(
        rig.world
            .cards
            .iter()
            .all(|c| c.row.state == TicketState::Approved)
    );
}
