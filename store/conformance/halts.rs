//! What a halt promises, over every port at once.

use chimera_domain::{
    Outcome,
    campaign::FleetState,
    effect::Settlement,
    halt::{Halt, Scope},
    ids::CampaignId,
    ports::PlanDecision,
    ticket::{Choice, TicketState},
    verdict::Route,
    views::PageRequest,
};

use super::{
    Harness, done,
    executor::{receipt, take},
    fixtures::{CAPS, LEASE, TIMES, call, campaign, submission, verdict},
    lost,
};

async fn halt(h: &Harness, scope: &Scope, how: Halt) -> u64 {
    done(
        h.store()
            .halt(scope.clone(), how, "ana", "smoke")
            .await
            .unwrap(),
    )
}

async fn resume(h: &Harness, scope: &Scope) -> u64 {
    done(h.store().resume(scope.clone(), "ana").await.unwrap())
}

async fn main_campaign(h: &Harness) -> CampaignId {
    h.store().overview().await.unwrap().campaigns[0].id
}

/// While the fleet is halted nothing is planned, claimed, judged, decided or sent, and who stopped
/// it, when and why is told; every queue is there again afterwards.
/// Proves: R148.
pub async fn r148_a_halted_fleet_starts_and_sends_nothing_and_keeps_its_queues(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "effect").await;
    let card = h.ticketed(fence, "ticket").await;
    let case = h.in_review(fence, "review").await;
    let pending = h.pending("pending").await;
    let (signal, _) = h.perceive(&["signal"]).await.remove(0);
    assert_eq!(halt(&h, &Scope::Fleet, Halt::Pause).await, 0);
    let store = h.store();
    assert!(store.next_signals(10).await.unwrap().is_empty());
    assert!(store.claim_task(fence, LEASE).await.unwrap().is_none());
    assert!(store.next_case().await.unwrap().is_none());
    assert!(store.take_effect(fence).await.unwrap().is_none());
    let conflict = lost(h.decide(&card, Choice::Approve, "ben").await);
    assert_eq!(
        (conflict.now.as_str(), conflict.by.as_deref()),
        ("paused (the whole fleet)", Some("ana"))
    );
    let good = verdict(Route::Approve, case.call.content_hash());
    lost(
        store
            .commit_verdict(case.task.id, case.task.version, &good, TIMES)
            .await
            .unwrap(),
    );
    let graph = h.short_plan();
    let lock = graph.nodes()[0].spec.persona_lock.clone();
    let plan = PlanDecision::Plan {
        graph,
        lock,
        caps: CAPS,
    };
    lost(store.commit_plan(&signal, None, plan).await.unwrap());
    let halted = store.overview().await.unwrap().halted.unwrap();
    assert_eq!((halted.by.as_str(), halted.why.as_str()), ("ana", "smoke"));

    // The approved effect and the ticket go back to the judge, the rest goes on where it was.
    assert_eq!(resume(&h, &Scope::Fleet).await, 2);
    assert_eq!(h.state(card.post().unwrap().task_id).await, "review");
    assert_eq!(h.claim(fence).await.task.id, pending);
    assert_eq!(h.store().next_signals(10).await.unwrap().len(), 1);
    for _ in 0..3 {
        let case = h.store().next_case().await.unwrap().expect("a case");
        h.judge(&case, Route::Approve).await;
    }
    h.clock.advance(TIMES.fuse);
    let mut sent = Vec::new();
    while let Some(order) = h.store().take_effect(fence).await.unwrap() {
        sent.push(order.call.post.text.clone());
        h.confirm(&order).await;
    }
    sent.sort();
    assert_eq!(sent, ["effect", "review", "ticket"]);
}

/// A kill is still there after a restart, a later pause does not soften it, and halting again is safe.
/// Proves: R148.
pub async fn r148_a_kill_survives_a_restart_and_no_pause_softens_it(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    halt(&h, &Scope::Fleet, Halt::Kill).await;
    halt(&h, &Scope::Fleet, Halt::Pause).await;
    halt(&h, &Scope::Fleet, Halt::Kill).await;
    h.reopen();
    assert_eq!(
        h.store().overview().await.unwrap().fleet,
        FleetState::Killed
    );
    assert!(h.store().claim_task(fence, LEASE).await.unwrap().is_none());
    resume(&h, &Scope::Fleet).await;
    assert_eq!(
        h.store().overview().await.unwrap().fleet,
        FleetState::Running
    );
    h.claim(fence).await;
}

/// An approved effect of a paused campaign does not leave, then or after the resume: it is judged again.
/// Proves: R18.
pub async fn r18_what_was_approved_before_a_pause_is_judged_again(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    let scope = Scope::Campaign(main_campaign(&h).await);
    halt(&h, &scope, Halt::Pause).await;
    let shown = h.store().overview().await.unwrap().campaigns;
    let by = shown.iter().find_map(|c| c.halted.as_ref()).unwrap();
    assert_eq!(by.at, h.ambient.now());
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(resume(&h, &scope).await, 1);
    let shown = h.store().overview().await.unwrap().campaigns;
    assert!(shown.iter().all(|c| c.halted.is_none()));
    assert_eq!(resume(&h, &scope).await, 0);
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Superseded);
    let case = h.store().next_case().await.unwrap().unwrap();
    assert_eq!(case.task.id, card.post().unwrap().task_id);
    h.judge(&case, Route::Approve).await;
    h.clock.advance(TIMES.fuse);
    let _ = take(&h, fence).await;
}

/// A halt says how many effects were on their way; they are settled as if nothing had happened.
/// Proves: R18.
pub async fn r18_what_could_not_be_stopped_is_counted(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    assert_eq!(halt(&h, &Scope::Fleet, Halt::Pause).await, 1);
    let settled = Settlement::Confirmed(receipt());
    done(
        h.store()
            .settle_effect(order.effect_id, order.version, settled)
            .await
            .unwrap(),
    );
    assert_eq!(halt(&h, &Scope::Fleet, Halt::Pause).await, 0);
    assert_eq!(h.state(order.task_id).await, "published");
}

/// What a worker began before a pause is kept but does not count; the task runs again.
/// Proves: R18, R16.
pub async fn r18_work_begun_before_a_pause_cannot_hand_in(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    let work = h.claim(fence).await;
    let scope = Scope::Campaign(main_campaign(&h).await);
    halt(&h, &scope, Halt::Pause).await;
    resume(&h, &scope).await;
    for _ in 0..2 {
        lost(
            h.store()
                .submit_result(&work.claim, submission(Some(call("a"))))
                .await
                .unwrap(),
        );
        assert_eq!(h.state(id).await, "pending");
    }
    assert!(h.store().next_case().await.unwrap().is_none());
    let again = h.claim(fence).await;
    assert!(again.task.epoch > work.task.epoch);
    done(
        h.store()
            .submit_result(&again.claim, submission(Some(call("a"))))
            .await
            .unwrap(),
    );
}

/// A verdict that was thought of before a pause and written after the resume is a conflict.
/// Proves: R18, R16.
pub async fn r18_a_verdict_under_way_during_a_pause_is_void(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "x").await;
    let scope = Scope::Campaign(main_campaign(&h).await);
    halt(&h, &scope, Halt::Pause).await;
    assert_eq!(resume(&h, &scope).await, 0, "it was not approved yet");
    let good = verdict(Route::Approve, case.call.content_hash());
    lost(
        h.store()
            .commit_verdict(case.task.id, case.task.version, &good, TIMES)
            .await
            .unwrap(),
    );
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Approve).await;
}

/// An effect that turns out not to have been sent, after its campaign moved on, is judged again.
/// Proves: R18.
pub async fn r18_not_sent_after_the_campaign_moved_on_goes_to_the_judge(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    halt(&h, &Scope::Fleet, Halt::Pause).await;
    resume(&h, &Scope::Fleet).await;
    let not_sent = Settlement::NotSent {
        why: "no route".into(),
        at: h.ambient.now(),
    };
    done(
        h.store()
            .settle_effect(order.effect_id, order.version, not_sent)
            .await
            .unwrap(),
    );
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert_eq!(h.state(order.task_id).await, "review");
}

/// Pausing one campaign touches no other, and a campaign that is not there cannot be halted.
/// Proves: R17.
pub async fn r17_a_pause_of_one_campaign_leaves_the_others_alone(h: Harness) {
    let mut setup = h.setup();
    setup.campaigns.push(campaign("other"));
    h.store().install(&setup).await.unwrap();
    let fence = h.lease(1).await.fence;
    for (signal, _) in h.perceive(&["a"]).await {
        h.plan(&signal, h.short_plan()).await;
    }
    let paused = main_campaign(&h).await;
    halt(&h, &Scope::Campaign(paused), Halt::Pause).await;
    let work = h.claim(fence).await;
    assert_ne!(work.task.campaign_id, paused);
    assert!(h.store().claim_task(fence, LEASE).await.unwrap().is_none());
    done(
        h.store()
            .submit_result(&work.claim, submission(Some(call("a"))))
            .await
            .unwrap(),
    );
    let nobody = Scope::Campaign(CampaignId::from_uuid(h.ambient.fresh()));
    let nothing = h
        .store()
        .halt(nobody, Halt::Pause, "ana", "")
        .await
        .unwrap();
    assert_eq!(nothing, Outcome::NotFound);
    assert!(
        h.store()
            .halt(Scope::Campaign(paused), Halt::Kill, "ana", "")
            .await
            .is_err()
    );
    let page = PageRequest::first(10);
    assert_eq!(h.store().task_list(&page, None).await.unwrap().total, 2);
}
