//! What the executor's store promises.

use chimera_domain::{
    Outcome, Span, StoreError,
    artifact::Blob,
    effect::{EffectState, Receipt, Resolution, SendOrder, Settlement},
    halt::{Halt, Scope},
    verdict::Route,
    views::{PageRequest, READINGS},
};

use super::{
    Harness, done,
    fixtures::{TIMES, submission},
    lost,
};

pub(super) fn receipt() -> Receipt {
    Receipt {
        external_id: "1".into(),
        url: "https://example.org/1".into(),
        simulated: false,
        text_sha256: None,
        disclosure: None,
        cost_usd: None,
    }
}

pub(super) async fn take(h: &Harness, fence: i64) -> SendOrder {
    h.store()
        .take_effect(fence)
        .await
        .unwrap()
        .expect("an effect to send")
}

/// Taking an effect writes down that it is sent, together with its task, before anybody can call.
/// Proves: R5.
pub async fn r5_an_effect_is_written_down_before_it_is_sent(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    assert_eq!(order.content_hash, order.call.content_hash());
    assert_eq!(
        order.idempotency_key,
        order.call.idempotency_key(order.task_id)
    );
    assert_eq!(order.attempt, 0);
    h.reopen();
    assert_eq!(h.state(order.task_id).await, "publishing");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let settled = Settlement::Confirmed(receipt());
    let publication = done(
        h.store()
            .settle_effect(order.effect_id, order.version, settled)
            .await
            .unwrap(),
    );
    assert!(publication.is_some());
    assert_eq!(h.state(order.task_id).await, "published");
}

/// An effect whose sender died is found under the next fence, with the key to ask for, and is
/// never given out to be sent again.
/// Proves: R5.
pub async fn r5_a_crash_after_sending_leaves_it_to_be_asked_for(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    let hour = Span::from_hours(1);
    assert!(
        h.store()
            .unresolved_effects(fence, hour, 10)
            .await
            .unwrap()
            .is_empty()
    );
    h.reopen();
    h.clock.advance(Span::from_secs(31));
    let fence = h.lease(2).await.fence;
    let recovery = h.store().recover(fence).await.unwrap();
    assert_eq!(recovery.effects_unresolved, 1);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let found = h
        .store()
        .unresolved_effects(fence, hour, 10)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(found.idempotency_key, order.idempotency_key);
    assert_eq!(found.state, EffectState::Sent);
    // Also the living executor's own, when it has taken too long.
    h.clock.advance(hour);
    assert_eq!(
        h.store()
            .unresolved_effects(1, hour, 10)
            .await
            .unwrap()
            .len(),
        1
    );
    let settled = Settlement::Confirmed(receipt());
    done(
        h.store()
            .settle_effect(found.effect_id, found.version, settled)
            .await
            .unwrap(),
    );
}

/// Without an answer an effect is uncertain: not failed, not taken again, put before a person; a
/// read-back settles it.
/// Proves: R6.
pub async fn r6_no_answer_is_uncertain_and_never_taken_again(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    let silent = Settlement::Uncertain {
        why: "timeout".into(),
    };
    let outcome = h
        .store()
        .settle_effect(order.effect_id, order.version, silent)
        .await
        .unwrap();
    let Outcome::Done(None, version) = outcome else {
        panic!("{outcome:?}")
    };
    h.reopen();
    assert_eq!(h.state(order.task_id).await, "uncertain");
    assert_eq!(h.alerts("effect_uncertain").await, (1, 1));
    let told = h.store().alerts(&PageRequest::first(9)).await.unwrap();
    for reading in READINGS {
        let command = reading.command(order.effect_id);
        for words in [reading.seen, command.as_str(), reading.then] {
            let text = told.rows[0].text.as_str();
            assert!(text.contains(words), "{text}");
        }
    }
    h.clock.advance(Span::from_hours(48));
    h.store().sweep().await.unwrap();
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let found = h
        .store()
        .unresolved_effects(fence, Span::from_hours(1), 10)
        .await
        .unwrap();
    assert_eq!(
        (found[0].state, found[0].version),
        (EffectState::Uncertain, version)
    );
    let read_back = Settlement::Confirmed(receipt());
    done(
        h.store()
            .settle_effect(order.effect_id, version, read_back)
            .await
            .unwrap(),
    );
    assert_eq!(h.state(order.task_id).await, "published");
    assert_eq!(h.alerts("effect_uncertain").await.0, 0);
}

/// What provably was not sent waits until its time and is then sent under the same key.
/// Proves: R4.
pub async fn r4_what_was_not_sent_is_tried_again_under_the_same_key(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let first = take(&h, fence).await;
    let at = h.ambient.now().plus(Span::from_mins(5));
    let not_sent = Settlement::NotSent {
        why: "no route".into(),
        at,
    };
    done(
        h.store()
            .settle_effect(first.effect_id, first.version, not_sent)
            .await
            .unwrap(),
    );
    assert_eq!(h.state(first.task_id).await, "approved");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    h.clock.set(at);
    let second = take(&h, fence).await;
    assert_eq!(second.effect_id, first.effect_id);
    assert_eq!(second.idempotency_key, first.idempotency_key);
    assert_eq!(
        (second.attempt, second.content_hash),
        (1, first.content_hash)
    );
}

/// A settlement that is repeated finds the version moved; there is one publication.
/// Proves: R5.
pub async fn r5_a_settlement_counts_once(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    let settle = async || {
        let settled = Settlement::Confirmed(receipt());
        h.store()
            .settle_effect(order.effect_id, order.version, settled)
            .await
            .unwrap()
    };
    done(settle().await);
    assert_eq!(lost(settle().await).now, "confirmed");
    let wrong = Settlement::Failed { why: "late".into() };
    let version = order.version.next();
    let refused = h
        .store()
        .settle_effect(order.effect_id, version, wrong)
        .await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    let page = chimera_domain::views::PageRequest::first(10);
    assert_eq!(h.store().publications(&page).await.unwrap().total, 1);
    assert_eq!(h.state(order.task_id).await, "published");
}

/// What the platform refuses for good ends its task; a person may replay it, and the same content
/// may then be approved and sent once more, since it happened nowhere.
/// Proves: R6, R20.
pub async fn r6_a_refusal_ends_the_task_and_a_replay_may_send_again(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    let refused = Settlement::Failed {
        why: "too long".into(),
    };
    done(
        h.store()
            .settle_effect(order.effect_id, order.version, refused)
            .await
            .unwrap(),
    );
    assert_eq!(h.state(order.task_id).await, "dead");
    let version = h
        .store()
        .task_version(order.task_id)
        .await
        .unwrap()
        .unwrap();
    done(
        h.store()
            .replay_task(order.task_id, version, "operator")
            .await
            .unwrap(),
    );
    let work = h.claim(fence).await;
    let again = submission(Some(order.call.clone()));
    done(h.store().submit_result(&work.claim, again).await.unwrap());
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Approve).await;
    h.clock.advance(TIMES.fuse);
    let second = take(&h, fence).await;
    assert_ne!(second.effect_id, order.effect_id);
    assert_eq!(second.idempotency_key, order.idempotency_key);
}

/// A person who looked at the platform settles what nobody knew: it is out, it is sent again under
/// the same key, or it is given up; never what has moved on.
/// Proves: R6.
pub async fn r6_a_person_settles_what_nobody_knew(h: Harness) {
    let fence = h.begin().await;
    let store = h.store();
    let uncertain = async |text: &str| {
        h.due_effect(fence, text).await;
        let order = take(&h, fence).await;
        let why = "no answer".into();
        let lost = Settlement::Uncertain { why };
        done(
            store
                .settle_effect(order.effect_id, order.version, lost)
                .await
                .unwrap(),
        );
        let open = store.open_effects(&PageRequest::first(10)).await.unwrap();
        assert_eq!(
            (open.rows[0].id, open.rows[0].state),
            (order.effect_id, EffectState::Uncertain)
        );
        (order, open.rows[0].version)
    };
    let (order, version) = uncertain("one").await;
    let resolve = async |id, version, resolution| {
        store
            .resolve_effect(id, version, resolution, "ana")
            .await
            .unwrap()
    };
    let place = "https://example.org/77".to_owned();
    let out = Resolution::Published { place };
    lost(resolve(order.effect_id, order.version, out.clone()).await);
    done(resolve(order.effect_id, version, out.clone()).await);
    assert_eq!(h.state(order.task_id).await, "published");
    let public = store.publications(&PageRequest::first(10)).await.unwrap();
    assert_eq!(public.rows[0].url.as_str(), "https://example.org/77");
    lost(resolve(order.effect_id, version, Resolution::SendAgain).await);
    assert_eq!(h.alerts("effect_uncertain").await.0, 0);

    let (order, version) = uncertain("two").await;
    done(resolve(order.effect_id, version, Resolution::SendAgain).await);
    let again = take(&h, fence).await;
    assert_eq!(again.idempotency_key, order.idempotency_key);
    assert_eq!(again.attempt, 0, "with all its tries");
    let sent = Settlement::Confirmed(receipt());
    done(
        store
            .settle_effect(again.effect_id, again.version, sent)
            .await
            .unwrap(),
    );

    let (order, version) = uncertain("three").await;
    let why = "not worth it".to_owned();
    done(resolve(order.effect_id, version, Resolution::GiveUp { why }).await);
    assert_eq!(h.state(order.task_id).await, "dead");
    assert!(
        store
            .open_effects(&PageRequest::first(10))
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

/// A post that cannot be sent is not silent: after the second try an alert says so, until it is out
/// or will not go out.
pub async fn a_post_that_cannot_be_sent_raises_an_alert(h: Harness) {
    let fence = h.begin().await;
    let store = h.store();
    let try_once = async |settlement: Settlement| {
        let order = take(&h, fence).await;
        let settled = store.settle_effect(order.effect_id, order.version, settlement);
        done(settled.await.unwrap());
    };
    for (text, ends) in [("one", true), ("two", false)] {
        h.due_effect(fence, text).await;
        for alerts in [0, 1, 1] {
            let at = h.ambient.now();
            let why = "the server is dead".into();
            try_once(Settlement::NotSent { why, at }).await;
            assert_eq!(h.alerts("effect_waiting").await.0, alerts);
        }
        if ends {
            try_once(Settlement::Confirmed(receipt())).await;
        } else {
            let kill = store.halt(Scope::Fleet, Halt::Kill, "ana", "");
            done(kill.await.unwrap());
            done(store.resume(Scope::Fleet, "ana").await.unwrap());
        }
        assert_eq!(h.alerts("effect_waiting").await.0, 0);
    }
}

/// The oldest goes first, and none before its fuse has burnt down.
pub async fn nothing_is_taken_before_its_fuse_has_burnt_down(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "first").await;
    h.judge(&case, Route::Approve).await;
    h.clock.advance(Span::from_secs(9));
    let case = h.in_review(fence, "second").await;
    h.judge(&case, Route::Approve).await;
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    h.clock.advance(Span::from_secs(1));
    let first = take(&h, fence).await;
    assert_eq!(first.call.post.text, "first");
    h.confirm(&first).await;
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    h.clock.advance(Span::from_secs(9));
    assert_eq!(take(&h, fence).await.call.post.text, "second");
}

/// Bytes are kept under their own hash, once, and missing ones are `None`.
pub async fn blobs_are_stored_once_and_found_by_hash(h: Harness) {
    let fence = h.begin().await;
    let blob = Blob {
        bytes: vec![1, 2, 3],
        mime: "image/png".into(),
    };
    for key in ["a", "b"] {
        h.pending(key).await;
        let work = h.claim(fence).await;
        let mut result = submission(None);
        result.blobs = vec![blob.clone()];
        done(h.store().submit_result(&work.claim, result).await.unwrap());
    }
    assert_eq!(
        h.store().blob(blob.sha256()).await.unwrap(),
        Some(blob.clone())
    );
    assert_eq!(h.store().media(blob.sha256()).await.unwrap(), Some(blob));
    let other = chimera_domain::ContentHash::of_bytes(b"other");
    assert_eq!(h.store().blob(other).await.unwrap(), None);
}
