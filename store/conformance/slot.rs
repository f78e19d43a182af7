//! What the store promises about the moment an approved effect may leave.

use chimera_domain::{
    Usd,
    effect::{EffectState, Settlement},
    policy::{Price, PriceUnit},
    spend::{BudgetCategory, Reservation},
    ticket::{Choice, TicketState},
    verdict::Route,
    views::PageRequest,
};

use super::{
    Harness, done,
    executor::take,
    fixtures::TIMES,
    spend::{budget, request},
};

/// A house where a post costs 10 and a day 100.
async fn begin_with_a_price(h: &Harness) -> i64 {
    let mut setup = h.setup();
    setup.policy.budget.agent_day_usd_max = Usd::from_micros(100);
    setup.policy.budget.prices = vec![Price {
        server: "twitter".into(),
        tool: "post_content".into(),
        unit: PriceUnit::Call,
        usd: Usd::from_micros(10),
        usd_out: None,
        units_max: 1,
        since: "2026-01-01".into(),
        category: BudgetCategory::Publishing,
        simulated: false,
    }];
    h.store().install(&setup).await.unwrap();
    h.go_live().await;
    h.lease(1).await.fence
}

/// When the slot comes and the budget has no room any more, what a person approved goes back to a person with
/// that line, and its approval is void; what nobody was asked about waits for room. With room again it leaves.
/// Proves: R195.
pub async fn r195_a_slot_without_budget_goes_back_to_who_approved(h: Harness) {
    let fence = begin_with_a_price(&h).await;
    let card = h.ticketed(fence, "asked").await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    let case = h.in_review(fence, "not asked").await;
    h.judge(&case, Route::Approve).await;
    h.pending("spender").await;
    let task = h.claim(fence).await.task;
    let wish = request(&h, &task, "k", 95);
    let reserved = h.store().reserve(&wish, &budget(100)).await.unwrap();
    let Reservation::Reserved(intent) = reserved else {
        panic!("{reserved:?}")
    };
    h.clock.advance(TIMES.fuse);
    let other = take(&h, fence).await;
    assert_eq!(other.call.post.text, "not asked");
    h.confirm(&other).await;

    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Superseded);
    let case = h.store().next_case().await.unwrap().unwrap();
    let line = "budget: agent_day: 0.000095 of 0.0001 used, 0.00001 asked for USD";
    assert_eq!(
        (case.task.id, case.moved.as_deref()),
        (card.post().unwrap().task_id, Some(line))
    );
    assert!(case.was_asked);
    let again = h.judge(&case, Route::HitlQueue).await.expect("a ticket");
    h.store().void(intent, "not needed").await.unwrap();
    let again = h.card(again).await;
    done(h.decide(&again, Choice::Approve, "ana").await);
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    assert_eq!(
        (order.task_id, order.content_hash),
        (card.post().unwrap().task_id, card.content_hash)
    );
}

/// What turns out to have moved after it was taken, and before anything was called, goes back the same way; the
/// same content may be approved again under the same key.
/// Proves: R195, R4.
pub async fn r195_what_moved_after_it_was_taken_goes_back(h: Harness) {
    let fence = begin_with_a_price(&h).await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    h.pending("spender").await;
    let mut wish = request(&h, &h.claim(fence).await.task, "k", 10);
    (wish.task_id, wish.trace_id) = (order.task_id, order.trace_id);
    wish.category = BudgetCategory::Publishing;
    let _ = h.store().reserve(&wish, &budget(100)).await.unwrap();
    let line = "words: `x` is a blocked phrase now";
    let moved = Settlement::Moved { why: line.into() };
    let store = h.store();
    let settled = store.settle_effect(order.effect_id, order.version, moved);
    assert!(done(settled.await.unwrap()).is_none());
    let reserved = h.store().overview().await.unwrap().reserved;
    assert_eq!(reserved, Usd::ZERO);
    let page = PageRequest::first(9);
    assert_eq!(h.store().open_effects(&page).await.unwrap().total, 0);
    let case = h.store().next_case().await.unwrap().unwrap();
    assert_eq!(
        (case.task.id, case.moved.as_deref()),
        (order.task_id, Some(line))
    );
    h.judge(&case, Route::Approve).await;
    h.clock.advance(TIMES.fuse);
    let again = take(&h, fence).await;
    assert_ne!(again.effect_id, order.effect_id);
    assert_eq!(again.idempotency_key, order.idempotency_key);
    let open = h.store().open_effects(&page).await.unwrap().rows;
    assert_eq!(open[0].state, EffectState::Sent);
}
