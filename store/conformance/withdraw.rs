//! What the store promises about taking down what is public.

use chimera_domain::{
    Outcome, Span, StoreError,
    effect::{EffectKind, EffectState, SendOrder, Settlement},
    halt::{Halt, Scope},
    ids::PublicationId,
    mode::Mode,
    ticket::Choice,
    views::{PageRequest, PublicationRow},
};

use super::{Harness, done, executor::take, fixtures::TIMES, harness::scopes_of, lost};

/// One publication, and the order that made it.
async fn published(h: &Harness, fence: i64) -> (PublicationRow, SendOrder) {
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    h.clock.advance(TIMES.fuse);
    let order = take(h, fence).await;
    h.confirm(&order).await;
    (row(h).await, order)
}

async fn row(h: &Harness) -> PublicationRow {
    let page = PageRequest::first(9);
    h.store().publications(&page).await.unwrap().rows.remove(0)
}

async fn withdraw(h: &Harness, id: PublicationId) -> Outcome<chimera_domain::ids::EffectId> {
    h.store()
        .withdraw(id, "wrong picture", "ana")
        .await
        .unwrap()
}

/// A withdrawal is an effect of its own: ordered once, kept over a restart, stopped by a halt, written down as
/// sent before the call, under its own key; confirmed, the publication and its task are withdrawn, with the
/// reason, and nobody looks at its numbers any more.
/// Proves: R9, R5.
pub async fn r9_a_withdrawal_goes_through_the_outbox_and_ends_withdrawn(h: Harness) {
    let fence = h.begin().await;
    let (public, made) = published(&h, fence).await;
    let effect = done(withdraw(&h, public.id).await);
    assert_eq!(done(withdraw(&h, public.id).await), effect, "once");
    h.reopen();
    let halted = h
        .store()
        .halt(Scope::Publishing, Halt::Pause, "ana", "")
        .await;
    done(halted.unwrap());
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    done(h.store().resume(Scope::Publishing, "ana").await.unwrap());
    let open = h
        .store()
        .open_effects(&PageRequest::first(9))
        .await
        .unwrap();
    assert_eq!((open.total, open.rows[0].kind), (1, EffectKind::Withdraw));

    let order = take(&h, fence).await;
    let withdraws = order.withdraws.clone().expect("a withdrawal");
    assert_eq!(
        (withdraws.external_id.as_str(), withdraws.why.as_str()),
        ("1", "wrong picture")
    );
    assert_eq!(
        (
            order.effect_id,
            order.call.tool.as_str(),
            order.content_hash
        ),
        (effect, "delete_post", order.call.content_hash())
    );
    assert_ne!(order.idempotency_key, made.idempotency_key);
    assert_eq!(
        h.state(order.task_id).await,
        "published",
        "until it is down"
    );
    h.confirm(&order).await;
    h.reopen();
    assert_eq!(h.state(order.task_id).await, "withdrawn");
    let (at, why) = row(&h).await.withdrawn.unwrap();
    assert_eq!((at, why.as_str()), (h.ambient.now(), "wrong picture"));
    assert!(h.store().due_publications(9).await.unwrap().is_empty());
    assert_eq!(lost(withdraw(&h, public.id).await).now, "withdrawn already");
    let nobody = PublicationId::from_uuid(h.ambient.fresh());
    assert!(matches!(withdraw(&h, nobody).await, Outcome::NotFound));
}

/// What the platform refuses, or what got no answer, leaves the publication as it is and tells a person what to do
/// by hand; an answer to the question for the post settles a doubt, and so does a person; a refused one may be
/// ordered again.
/// Proves: R9, R6.
pub async fn r9_a_withdrawal_that_failed_or_is_uncertain_is_told(h: Harness) {
    let fence = h.begin().await;
    let (public, made) = published(&h, fence).await;
    let settle = async |order: &SendOrder, settlement| {
        let store = h.store();
        let settled = store.settle_effect(order.effect_id, order.version, settlement);
        let Outcome::Done(None, version) = settled.await.unwrap() else {
            panic!("no publication comes of it")
        };
        version
    };
    done(withdraw(&h, public.id).await);
    let order = take(&h, fence).await;
    let no_tool = || Settlement::Failed {
        why: "there is no tool `delete_post`".into(),
    };
    settle(&order, no_tool()).await;
    assert_eq!(h.state(made.task_id).await, "published");
    assert!(row(&h).await.withdrawn.is_none());
    let alert = h
        .store()
        .alerts(&PageRequest::first(9))
        .await
        .unwrap()
        .rows
        .remove(0);
    assert!(
        alert
            .text
            .as_str()
            .contains("by hand at https://example.org/1"),
        "{}",
        alert.text
    );

    done(withdraw(&h, public.id).await);
    let order = take(&h, fence).await;
    let why = "timeout".to_owned();
    let version = settle(&order, Settlement::Uncertain { why }).await;
    let open = h
        .store()
        .open_effects(&PageRequest::first(9))
        .await
        .unwrap();
    assert_eq!(open.rows[0].state, EffectState::Uncertain);
    let store = h.store();
    let hour = Span::from_hours(1);
    let found = store
        .unresolved_effects(fence, hour, 9)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (found.version, found.withdraws),
        (version, order.withdraws.clone())
    );
    let said = chimera_domain::effect::Resolution::SendAgain;
    let refused = store
        .resolve_effect(found.effect_id, version, said, "ana")
        .await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    // The platform says that it stands: once more. Then a person takes it down.
    let why = "the platform says that it stands".to_owned();
    let at = h.ambient.now();
    let stands = Settlement::NotSent { why, at };
    done(
        store
            .settle_effect(found.effect_id, version, stands)
            .await
            .unwrap(),
    );
    assert_eq!(take(&h, fence).await.idempotency_key, order.idempotency_key);
    lost(
        store
            .withdrawn_by_hand(public.id, "by hand", "ana")
            .await
            .unwrap(),
    );
    let sent = h
        .store()
        .open_effects(&PageRequest::first(9))
        .await
        .unwrap()
        .rows
        .remove(0);
    let silent = Settlement::Uncertain {
        why: "timeout".into(),
    };
    done(
        store
            .settle_effect(sent.id, sent.version, silent)
            .await
            .unwrap(),
    );
    done(
        store
            .withdrawn_by_hand(public.id, "by hand", "ana")
            .await
            .unwrap(),
    );
    assert_eq!(row(&h).await.withdrawn.unwrap().1.as_str(), "by hand");
    assert_eq!(h.state(made.task_id).await, "withdrawn");
    assert_eq!(
        h.store()
            .open_effects(&PageRequest::first(9))
            .await
            .unwrap()
            .total,
        0
    );
    assert_eq!(h.alerts("not_withdrawn").await.0, 0);
}

/// A withdrawal reaches the post it was ordered for or nothing: while it is dry it is refused, with what to do by
/// hand, and one that was ordered before ends without a call, and a person is told.
/// Proves: R8, R9.
pub async fn r8_a_withdrawal_is_no_way_around_a_dry_run(h: Harness) {
    let fence = h.begin().await;
    let (public, _) = published(&h, fence).await;
    done(withdraw(&h, public.id).await);
    let [server, ..] = scopes_of(&h.store().overview().await.unwrap().campaigns[0]);
    done(h.set_mode(server, Mode::DryRun, "").await.unwrap());
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(h.alerts("not_withdrawn").await.0, 1);
    let refused = h.store().withdraw(public.id, "why", "ana").await;
    let Err(StoreError::Refused { what }) = refused else {
        panic!("{refused:?}")
    };
    assert!(what.contains("--by-hand"), "{what}");
    // A stand-in of the same name is not where it went.
    let mut setup = h.setup();
    setup.simulated_servers = vec!["twitter".into()];
    h.store().install(&setup).await.unwrap();
    let refused = h.store().withdraw(public.id, "why", "ana").await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    h.store().install(&h.setup()).await.unwrap();
    h.go_live().await;
    done(withdraw(&h, public.id).await);
    h.confirm(&take(&h, fence).await).await;
    assert!(row(&h).await.withdrawn.is_some());
}
