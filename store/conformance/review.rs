//! What the store promises a reviewer who neither approves nor refuses as it stands.

use chimera_domain::{
    Outcome, Span, StoreError,
    effect::EffectState,
    task::Reason,
    ticket::{Choice, Decided, LOOK, TicketState},
    verdict::Route,
    views::{PageRequest, TicketCard},
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, call, decide, verdict},
    lost,
};

fn edit(text: &str) -> Choice {
    Choice::Edit { text: text.into() }
}

fn changes(notes: &str) -> Choice {
    Choice::RequestChanges {
        notes: notes.into(),
    }
}

/// What the judge says of the case that waits; the ticket a refusal leads to.
async fn judged(h: &Harness, route: Route) -> Option<chimera_domain::ids::TicketId> {
    let case = h.store().next_case().await.unwrap().expect("a case");
    assert!(case.edited, "the judge knows that a person wrote it");
    h.judge(&case, route).await
}

async fn undo(h: &Harness, card: &TicketCard) -> Outcome<()> {
    let store = h.store();
    let undone = store.undo_decision(card.row.id, card.row.version, "ana");
    undone.await.unwrap()
}

/// What a person writes is judged, then held for the fuse, and leaves exactly as they wrote it.
/// Proves: R66, R2.
pub async fn r66_an_edit_is_judged_and_leaves_as_it_was_written(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let decided = done(h.decide(&card, edit("better"), "ana").await);
    assert_eq!(
        decided,
        Decided::Edited {
            content_hash: call("better").content_hash()
        }
    );
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(judged(&h, Route::Approve).await, None);
    let seen = h.card(card.row.id).await;
    assert_eq!(seen.row.state, TicketState::EditedApproved);
    assert_eq!(seen.effect, Some(EffectState::Held));
    assert_eq!(seen.text.as_str(), "x", "what was asked stays");
    assert_eq!(
        seen.post().unwrap().edited.clone().unwrap().as_str(),
        "better"
    );
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    assert_eq!(order.call.post.text, "better");
    assert_eq!(order.content_hash, call("better").content_hash());
}

/// What the judge stops, or cannot look at, is not out: the ticket asks again what it asked, and says why.
/// Proves: R66, R59.
pub async fn r66_an_edit_that_is_stopped_asks_again_as_before(h: Harness) {
    let fence = h.begin().await;
    for route in [Route::Reject, Route::HitlQueue] {
        let text = route.as_str();
        let card = h.ticketed(fence, text).await;
        done(h.decide(&card, edit("guaranteed returns"), "ana").await);
        assert_eq!(judged(&h, route).await, Some(card.row.id));
        let again = h.card(card.row.id).await;
        assert_eq!(again.row.state, TicketState::Open);
        assert_eq!(again.content_hash, card.content_hash);
        assert_eq!(
            again.post().unwrap().edited.clone().unwrap().as_str(),
            "guaranteed returns"
        );
        assert_eq!(h.state(card.post().unwrap().task_id).await, "ticketed");
        let again = h.card(card.row.id).await;
        done(h.decide(&again, Choice::Approve, "ana").await);
        h.clock.advance(TIMES.fuse);
        let order = take(&h, fence).await;
        assert_eq!(order.call.post.text, text);
        h.confirm(&order).await;
    }
}

/// An edit is taken back before the judge saw it, and while its fuse burns; the ticket asks what it asked.
/// Proves: R66, R183.
pub async fn r183_an_edit_can_be_undone(h: Harness) {
    let fence = h.begin().await;
    for seen in [false, true] {
        let card = h.ticketed(fence, if seen { "a" } else { "b" }).await;
        done(h.decide(&card, edit("better"), "ana").await);
        if seen {
            judged(&h, Route::Approve).await;
        }
        let decided = h.card(card.row.id).await;
        done(undo(&h, &decided).await);
        let open = h.card(card.row.id).await;
        assert_eq!(open.row.state, TicketState::Open);
        assert_eq!((open.decided, open.effect), (None, None));
        assert_eq!(h.state(card.post().unwrap().task_id).await, "ticketed");
        assert!(h.store().next_case().await.unwrap().is_none());
        h.clock.advance(TIMES.fuse);
        assert!(h.store().take_effect(fence).await.unwrap().is_none());
        let open = h.card(card.row.id).await;
        done(h.decide(&open, Choice::Approve, "ben").await);
        h.clock.advance(TIMES.fuse);
        let order = take(&h, fence).await;
        assert_eq!(order.content_hash, card.content_hash);
        h.confirm(&order).await;
    }
}

/// An edit whose campaign moves on before the judge comes to it lets nothing out: a person is asked anew.
/// Proves: R18, R70.
pub async fn r70_an_edit_of_an_older_epoch_lets_nothing_out(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, edit("better"), "ana").await);
    let mut setup = h.setup();
    setup.campaigns[0].goal = "something else".into();
    h.store().install(&setup).await.unwrap();
    let decided = h.card(card.row.id).await;
    assert_eq!(decided.row.state, TicketState::Superseded);
    let case = h.store().next_case().await.unwrap().expect("a case");
    assert!(!case.edited && case.was_asked);
    assert_eq!(case.post().text, "better");
    lost(undo(&h, &decided).await);
}

/// Nothing is an edit that changes nothing, and nothing is a request that says nothing.
pub async fn an_edit_changes_something_and_a_request_says_something(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    for choice in [edit("x"), changes(" ")] {
        let refused = h.store().decide_ticket(&decide(&card, choice, "ana")).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(h.card(card.row.id).await.row.version, card.row.version);
}

/// Asked changes reach the next attempt, once the time to undo is over.
/// Proves: R66, R62.
pub async fn r66_changes_are_what_the_next_attempt_gets(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let decided = done(h.decide(&card, changes("shorter"), "ana").await);
    let at = h.ambient.now().plus(TIMES.fuse);
    assert_eq!(decided, Decided::ChangesRequested { at });
    assert!(h.store().next_replan().await.unwrap().is_none());
    let seen = h.card(card.row.id).await;
    assert_eq!(seen.row.state, TicketState::Rejected);
    assert!(
        seen.decided
            .unwrap()
            .as_str()
            .starts_with("changes asked for by ana")
    );
    h.clock.set(at);
    let case = h.store().next_replan().await.unwrap().expect("an attempt");
    assert_eq!(case.task.id, card.post().unwrap().task_id);
    assert_eq!(case.task.reason, Reason::ChangesRequested);
    assert_eq!(case.issues, ["shorter"]);
}

/// A request for changes can be taken back until the next attempt begins.
/// Proves: R183.
pub async fn r183_a_request_for_changes_can_be_undone(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, changes("shorter"), "ana").await);
    let decided = h.card(card.row.id).await;
    done(undo(&h, &decided).await);
    let open = h.card(card.row.id).await;
    assert_eq!(open.row.state, TicketState::Open);
    assert_eq!(open.decided, None);
    h.clock.advance(TIMES.fuse);
    assert!(h.store().next_replan().await.unwrap().is_none());
    done(h.decide(&open, Choice::Approve, "ben").await);
}

/// A snoozed ticket stands behind the others and can be decided; when its time has come it is back. It never
/// sleeps past its deadline, and a decision on the version before is a conflict.
/// Proves: R66, R71.
pub async fn r66_a_snooze_ends_before_the_deadline(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "first").await;
    h.ticketed(fence, "second").await;
    let now = h.ambient.now();
    for wrong in [
        now,
        card.row.sla_at,
        card.row.sla_at.plus(Span::from_mins(1)),
    ] {
        let snooze = Choice::Snooze { until: wrong };
        let refused = h.store().decide_ticket(&decide(&card, snooze, "ana")).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{refused:?}"
        );
    }
    let until = now.plus(Span::from_mins(30));
    done(h.decide(&card, Choice::Snooze { until }, "ana").await);
    let order = || async {
        let page = h
            .store()
            .review_queue(&PageRequest::first(10))
            .await
            .unwrap();
        let texts: Vec<_> = page.rows.iter().map(|r| r.text.to_string()).collect();
        texts
    };
    assert_eq!(order().await, ["second", "first"]);
    lost(h.decide(&card, Choice::Approve, "ben").await);
    h.clock.set(until);
    h.store().sweep().await.unwrap();
    assert_eq!(order().await, ["first", "second"]);
    let back = h.card(card.row.id).await;
    assert_eq!(back.row.snoozed_until, None);
    done(h.decide(&back, Choice::Approve, "ben").await);
}

/// An escalated ticket stands before the others of its kind, raises an alert that names who did it, and can
/// be decided as any.
/// Proves: R66.
pub async fn r66_a_person_escalates(h: Harness) {
    let fence = h.begin().await;
    h.ticketed(fence, "first").await;
    let card = h.ticketed(fence, "second").await;
    let choice = Choice::Escalate {
        note: "is this ours?".into(),
    };
    let decided = done(h.decide(&card, choice.clone(), "ana").await);
    assert_eq!(decided, Decided::Escalated);
    let page = h
        .store()
        .review_queue(&PageRequest::first(10))
        .await
        .unwrap();
    assert_eq!(page.rows[0].text.as_str(), "second");
    assert_eq!(h.alerts("ticket_escalated").await.0, 1);
    let again = h.card(card.row.id).await;
    let twice = decide(&again, choice, "ben");
    assert!(h.store().decide_ticket(&twice).await.is_err());
    done(h.decide(&again, Choice::Approve, "ben").await);
    assert_eq!(h.alerts("ticket_escalated").await.0, 0);
}

/// Whose a ticket is says the queue, and its filter finds it.
/// Proves: R66, R72.
pub async fn r66_a_ticket_is_given_to_somebody(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    h.ticketed(fence, "y").await;
    let to = |to: &str| Choice::Assign { to: to.into() };
    let decided = done(h.decide(&card, to(" Sam "), "ana").await);
    assert_eq!(decided, Decided::Assigned);
    let mut wanted = PageRequest::first(10);
    wanted.filter = "sam".into();
    let page = h.store().review_queue(&wanted).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].assigned_to.as_str(), "Sam");
    let given = h.card(card.row.id).await;
    done(h.decide(&given, to(""), "ana").await);
    assert_eq!(h.store().review_queue(&wanted).await.unwrap().total, 0);
}

/// Others see who has a ticket before them, the first of several, for a while; it holds up nobody, and a ticket that
/// is decided is looked at by nobody.
/// Proves: R69.
pub async fn r69_others_see_who_looks_at_a_ticket(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let looks = || async {
        h.card(card.row.id)
            .await
            .looked_at_by
            .map(|by| by.to_string())
    };
    assert_eq!(looks().await, None);
    for by in ["ana", "ben", "ana"] {
        h.store().look_at_ticket(card.row.id, by).await.unwrap();
        assert_eq!(looks().await.as_deref(), Some("ana"));
    }
    h.clock.advance(LOOK);
    assert_eq!(looks().await, None);
    h.store().look_at_ticket(card.row.id, "ben").await.unwrap();
    assert_eq!(looks().await.as_deref(), Some("ben"));
    let unmoved = h.card(card.row.id).await;
    assert_eq!(unmoved.row.version, card.row.version);
    done(h.decide(&card, Choice::Approve, "ana").await);
}

/// Of several decisions at once each counts by itself: what moved meanwhile drops out and holds up no other.
/// Proves: R184, R74.
pub async fn r184_of_several_decisions_each_counts_by_itself(h: Harness) {
    let fence = h.begin().await;
    let mut cards = Vec::new();
    for text in ["a", "b", "c"] {
        cards.push(h.ticketed(fence, text).await);
    }
    done(h.decide(&cards[1], Choice::Approve, "ben").await);
    let all: Vec<_> = cards
        .iter()
        .map(|card| decide(card, Choice::Approve, "ana"))
        .collect();
    let outcomes = h.store().decide_tickets(&all).await.unwrap();
    let done: Vec<bool> = outcomes.iter().map(Outcome::is_done).collect();
    assert_eq!(done, [true, false, true]);
    assert_eq!(lost(outcomes[1].clone()).by.as_deref(), Some("ben"));
    for card in [&cards[0], &cards[2]] {
        let decided = h.card(card.row.id).await;
        assert_eq!(decided.effect, Some(EffectState::Held));
    }
    assert!(h.store().decide_tickets(&[]).await.unwrap().is_empty());
}

/// A verdict on other content than the one that was written is a conflict, as ever.
/// Proves: R2.
pub async fn r2_a_verdict_on_what_was_before_the_edit_loses(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, edit("better"), "ana").await);
    let case = h.store().next_case().await.unwrap().expect("a case");
    let old = verdict(Route::Approve, card.content_hash);
    let store = h.store();
    let judged = store.commit_verdict(case.task.id, case.task.version, &old, TIMES);
    lost(judged.await.unwrap());
    assert_eq!(h.state(card.post().unwrap().task_id).await, "review");
}
