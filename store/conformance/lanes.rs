//! What the store promises to senders that work side by side.

use chimera_domain::{
    Span,
    effect::Settlement,
    halt::{Halt, Scope},
    ids::CampaignId,
    verdict::Route,
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, call, submission},
    scopes::{begin_with_two, halt, house, one_due_of_each},
};

/// More than a look at the front of a queue sees.
const CROWD: usize = 80;

/// Plans one thing for the campaigns that are not this one.
async fn plan_for_others(h: &Harness, key: &str, not: CampaignId) {
    for (signal, campaign) in h.perceive(&[key]).await {
        if campaign.id != not && signal.item.key == key {
            h.plan(&signal, h.short_plan()).await;
        }
    }
}

/// However much an account has waiting in front, another one goes on beside it.
/// Proves: R43, R5.
pub async fn r43_a_crowd_of_one_account_holds_up_no_other(h: Harness) {
    let fence = begin_with_two(&h).await;
    let other = house(&h, "other").await.id;
    for n in 0..CROWD {
        plan_for_others(&h, &format!("crowd {n}"), other).await;
        let work = h.claim(fence).await;
        let result = submission(Some(call(&format!("crowd {n}"))));
        done(h.store().submit_result(&work.claim, result).await.unwrap());
        let case = h.store().next_case().await.unwrap().unwrap();
        h.judge(&case, Route::Approve).await;
    }
    h.clock.advance(TIMES.fuse);
    one_due_of_each(&h, fence).await;
    assert_eq!(take(&h, fence).await.call.post.text, "crowd 0");
    assert_eq!(take(&h, fence).await.call.post.text, "of other");
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
}

/// However much a paused campaign has queued in front, the work of another one is found.
/// Proves: R15, R17.
pub async fn r15_a_crowd_of_a_paused_campaign_holds_up_no_other(h: Harness) {
    let fence = begin_with_two(&h).await;
    let other = house(&h, "other").await.id;
    for n in 0..CROWD {
        plan_for_others(&h, &format!("crowd {n}"), other).await;
    }
    for (signal, campaign) in h.perceive(&["last"]).await {
        if campaign.id == other && signal.item.key == "last" {
            h.plan(&signal, h.short_plan()).await;
        }
    }
    let overview = h.store().overview().await.unwrap();
    let crowded = overview.campaigns.iter().find(|row| row.id != other);
    halt(&h, &Scope::Campaign(crowded.unwrap().id), Halt::Pause).await;
    assert_eq!(h.claim(fence).await.task.campaign_id, other);
    let none = h.store().claim_task(fence, super::fixtures::LEASE).await;
    assert!(none.unwrap().is_none());
}

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
