//! No room on the disk: what begins something stops, what must be written goes on.

use chimera_domain::{
    effect::{Receipt, Settlement},
    ports::{DeskStore, ExecutorStore, JudgeStore, PlannerStore, SpendStore, WorkerStore},
    ticket::Choice,
    verdict::Route,
};
use tempfile::TempDir;

use super::faults::on;
use crate::conformance::{call, done, submission};

// R152: held back, no role is given anything that would begin; verdicts, results, decisions, settlements and the audit go on; then all goes on.
#[tokio::test]
async fn r152_without_room_effects_and_new_work_stop_and_decisions_go_on() {
    let dir = TempDir::new().unwrap();
    let (h, slot) = on(dir.path().join("chimera.db"));
    let store = slot.lock().unwrap().take().unwrap();
    let fence = h.begin().await;
    // One of everything that could go on: under way, approved, asked, in review, with a worker, pending, new, to be planned again.
    h.due_effect(fence, "under way").await;
    let under_way = store.take_effect(fence).await.unwrap().unwrap();
    h.due_effect(fence, "approved").await;
    let card = h.ticketed(fence, "asked").await;
    let refused = h.in_review(fence, "refused").await;
    h.judge(&refused, Route::Reject).await;
    let case = h.in_review(fence, "in review").await;
    h.pending("with a worker").await;
    let work = h.claim(fence).await;
    h.pending("pending").await;
    h.perceive(&["new"]).await;
    let begins = async || {
        (
            store.due_resources(9).await.unwrap().len(),
            store.next_signals(9).await.unwrap().len(),
            store.next_replan().await.unwrap().is_some(),
            store
                .claim_task(fence, chimera_domain::Span::from_secs(9))
                .await
                .unwrap()
                .is_some(),
            store
                .take_effect(fence)
                .await
                .unwrap()
                .map(|order| order.call.post.text),
        )
    };
    store.hold_back(true);
    assert!(store.is_held_back());
    assert_eq!(begins().await, (0, 0, false, false, None));

    let audited = store.anchor().await.unwrap().audit_seq;
    h.judge(&case, Route::HitlQueue).await.expect("a ticket");
    done(h.decide(&card, Choice::Approve, "ana").await);
    let result = submission(Some(call("with a worker")));
    done(store.submit_result(&work.claim, result).await.unwrap());
    let receipt = Receipt {
        external_id: "1".into(),
        url: String::new(),
        simulated: true,
        text_sha256: None,
        disclosure: None,
        cost_usd: None,
    };
    let confirmed = Settlement::Confirmed(receipt);
    done(
        store
            .settle_effect(under_way.effect_id, under_way.version, confirmed)
            .await
            .unwrap(),
    );
    assert!(
        store.next_case().await.unwrap().is_some(),
        "the judge goes on"
    );
    assert!(store.anchor().await.unwrap().audit_seq >= audited + 5);
    store.verify_ledger().await.unwrap();
    assert!(store.overview().await.unwrap().tickets_waiting > 0);

    store.hold_back(false);
    let (polls, signals, replan, claim, effect) = begins().await;
    assert!(
        polls > 0 && signals > 0 && replan && claim,
        "{polls} {signals} {replan} {claim}"
    );
    assert_eq!(effect.as_deref(), Some("approved"));
}
