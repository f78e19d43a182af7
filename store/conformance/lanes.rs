//! What the store promises to senders that work side by side.

use chimera_domain::{Span, effect::Settlement, verdict::Route};

use super::{
    Harness, done,
    executor::take,
    fixtures::TIMES,
    scopes::{begin_with_two, one_due_of_each},
};

/// Of one account nothing is taken while something of it is under way, whoever sent it; what ended or
/// is uncertain holds up nothing. So the order never changes.
/// Proves: R5, R43.
pub async fn r5_of_one_account_one_is_under_way_at_a_time(h: Harness) {
    let fence = h.begin().await;
    for text in ["first", "second", "third"] {
        let case = h.in_review(fence, text).await;
        h.judge(&case, Route::Approve).await;
        h.clock.advance(Span::from_secs(1));
    }
    h.clock.advance(TIMES.fuse);
    let first = take(&h, fence).await;
    assert_eq!(first.call.post.text, "first");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    // Its sender is gone: it is asked for first.
    h.clock.advance(Span::from_secs(31));
    let fence = h.lease(2).await.fence;
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    let silent = Settlement::Uncertain { why: "?".into() };
    let store = h.store();
    let settled = store.settle_effect(first.effect_id, first.version, silent);
    done(settled.await.unwrap());
    let second = take(&h, fence).await;
    assert_eq!(second.call.post.text, "second");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    h.confirm(&second).await;
    assert_eq!(take(&h, fence).await.call.post.text, "third");
}

/// What would go through a server that is full waits as it is; the next one through another is taken.
/// Proves: R43.
pub async fn r43_a_full_server_holds_up_no_other(h: Harness) {
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    let store = h.store();
    let full = ["bluesky".to_owned(), "twitter".to_owned()];
    let none = store.take_effect_beside(fence, &full).await.unwrap();
    assert!(none.is_none());
    let main = store.take_effect_beside(fence, &full[..1]).await.unwrap();
    assert_eq!(main.unwrap().call.post.text, "of main");
    assert_eq!(take(&h, fence).await.call.post.text, "of other");
}
