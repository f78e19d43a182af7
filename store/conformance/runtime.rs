//! What the runtime's store promises.

use chimera_domain::{
    Span, StoreError,
    halt::{Halt, Scope},
    ports::Acquired,
    ticket::{Choice, TicketState},
    views::{PageRequest, Severity},
};

use super::{
    Harness, done,
    fixtures::{LEASE, lease_request},
    lost,
};

/// A second swarm is refused and told who runs; it may go on when the first gave back, ran out, or
/// is known to be dead on this very host.
/// Proves: R27.
pub async fn r27_one_swarm_per_database(h: Harness) {
    let first = h.lease(1).await;
    let second = h.another();
    let refused = second.acquire_lease(&lease_request(2)).await.unwrap();
    let Acquired::Held(owner) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (owner.pid, owner.host.as_str(), owner.fence),
        (1, "host", first.fence)
    );
    assert_eq!(owner.holder.as_str(), "host:1 (chimera --daemon)");

    h.store().release_lease(&first).await.unwrap();
    h.store().release_lease(&first).await.unwrap();
    let next = h.lease(2).await;
    assert!(next.fence > first.fence);
    h.clock.advance(Span::from_secs(30));
    let third = h.lease(3).await;

    let mut request = lease_request(4);
    request.known_dead_pid = Some(99);
    assert!(matches!(
        second.acquire_lease(&request).await.unwrap(),
        Acquired::Held(_)
    ));
    request.known_dead_pid = Some(3);
    request.host = "elsewhere".into();
    assert!(matches!(
        second.acquire_lease(&request).await.unwrap(),
        Acquired::Held(_)
    ));
    request.host = "host".into();
    let Acquired::Ours(fourth) = second.acquire_lease(&request).await.unwrap() else {
        panic!("the dead one still holds")
    };
    assert!(fourth.fence > third.fence);
}

/// Whoever comes back with an older fence can neither renew, claim nor send.
/// Proves: R27, R14.
pub async fn r27_an_older_fence_is_told_so(h: Harness) {
    h.begin().await;
    let fenced =
        |r: Result<(), StoreError>| matches!(r, Err(StoreError::Fenced { held: 1, actual: 2 }));
    h.clock.advance(Span::from_secs(31));
    let old = chimera_domain::ports::Lease {
        fence: 1,
        until: h.ambient.now(),
    };
    let new = h.lease(2).await;
    let store = h.store();
    assert!(fenced(store.renew_lease(&old, LEASE).await.map(|_| ())));
    assert!(fenced(store.claim_task(1, LEASE).await.map(|_| ())));
    assert!(fenced(store.take_effect(1).await.map(|_| ())));
    assert!(fenced(store.recover(1).await.map(|_| ())));
    store.release_lease(&old).await.unwrap();
    let renewed = store.renew_lease(&new, Span::from_mins(5)).await.unwrap();
    assert_eq!(renewed.until, h.ambient.now().plus(Span::from_mins(5)));
}

/// After a restart under a new fence, what the dead holder had claimed is pending again at once.
/// Proves: R14.
pub async fn r14_what_a_dead_holder_worked_on_runs_again(h: Harness) {
    let fence = h.begin().await;
    h.ticketed(fence, "ticket").await;
    h.pending("a").await;
    let old = h.claim(fence).await.claim;
    h.reopen();
    h.clock.advance(Span::from_secs(31));
    let fence = h.lease(2).await.fence;
    let recovery = h.store().recover(fence).await.unwrap();
    assert_eq!((recovery.tasks_returned, recovery.tickets_waiting), (1, 1));
    assert_eq!(h.store().recover(fence).await.unwrap().tasks_returned, 0);
    lost(h.store().renew_claim(&old, LEASE).await.unwrap());
    assert_eq!(h.claim(fence).await.task.attempt, 2);
}

/// A claim that is held runs on; one that ran out goes back, and a task that ends every worker that
/// takes it is given up after the last attempt.
/// Proves: R14.
pub async fn r14_a_claim_that_ran_out_goes_back_with_its_attempts(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    let claim = h.claim(fence).await.claim;
    h.clock.advance(Span::from_secs(59));
    done(h.store().renew_claim(&claim, LEASE).await.unwrap());
    h.clock.advance(Span::from_secs(59));
    assert_eq!(h.store().sweep().await.unwrap().claims, 0);
    h.clock.advance(Span::from_secs(1));
    assert_eq!(h.store().sweep().await.unwrap().claims, 1);
    for _ in 2..=chimera_domain::task::ATTEMPTS_MAX {
        h.claim(fence).await;
        h.clock.advance(LEASE);
        h.store().sweep().await.unwrap();
    }
    assert_eq!(h.state(id).await, "dead");
}

/// A task that was under way at every death of its process is given up in the end, and told.
/// Proves: R14.
pub async fn r14_what_kills_the_process_is_given_up(h: Harness) {
    h.begin().await;
    let id = h.pending("a").await;
    for pid in 2..=chimera_domain::task::ATTEMPTS_MAX * 2 + 1 {
        h.clock.advance(Span::from_mins(10));
        let fence = h.lease(pid).await.fence;
        h.store().recover(fence).await.unwrap();
        assert_eq!(h.state(id).await, "pending");
        h.claim(fence).await;
    }
    h.clock.advance(Span::from_mins(10));
    let fence = h.lease(1).await.fence;
    h.store().recover(fence).await.unwrap();
    assert_eq!(h.state(id).await, "dead");
    assert_eq!(h.alerts("task_dead").await.0, 1);
}

/// What waits of a campaign that is no longer configured is kept and told, and goes on when it is back.
pub async fn what_waits_of_a_removed_campaign_is_kept_and_told(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    let mut setup = h.setup();
    setup.campaigns.clear();
    h.store().install(&setup).await.unwrap();
    assert_eq!(h.alerts("campaign_removed").await.0, 1);
    assert!(h.store().next_case().await.unwrap().is_none());
    h.store().install(&h.setup()).await.unwrap();
    assert_eq!(h.alerts("campaign_removed").await.0, 0);
    let case = h.store().next_case().await.unwrap().unwrap();
    assert_eq!(
        (case.task.id, case.was_asked),
        (card.post().unwrap().task_id, true)
    );
}

/// A ticket nobody decides escalates, then expires and goes back to the planner; it is never
/// approved, and deadlines hold over restarts and a clock that jumps.
/// Proves: R71.
pub async fn r71_time_escalates_and_expires_but_never_approves(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    h.clock.advance(Span::from_mins(119));
    assert_eq!(h.store().sweep().await.unwrap().escalated, 0);
    h.clock.set(h.ambient.now().minus(Span::from_hours(24)));
    assert_eq!(h.store().sweep().await.unwrap().escalated, 0);
    h.clock.set(card.row.sla_at);
    h.reopen();
    assert_eq!(h.store().sweep().await.unwrap().escalated, 1);
    assert_eq!(h.store().sweep().await.unwrap().escalated, 0);
    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Escalated);
    assert_eq!(h.alerts("ticket_escalated").await.0, 1);
    h.clock.advance(Span::from_hours(2));
    assert_eq!(h.store().sweep().await.unwrap().expired, 1);
    assert_eq!(h.state(card.post().unwrap().task_id).await, "replan");
    let late = lost(h.decide(&card, Choice::Approve, "ana").await);
    assert_eq!(
        (late.now.as_str(), late.by.as_deref()),
        ("expired", Some("sweep"))
    );
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
    assert!(
        !h.store()
            .next_replan()
            .await
            .unwrap()
            .unwrap()
            .issues
            .is_empty()
    );
}

/// A halt keeps its queues: tickets nobody may decide do not run out meanwhile.
/// Proves: R71, R148.
pub async fn r71_deadlines_wait_while_the_campaign_does(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(
        h.store()
            .halt(Scope::Fleet, Halt::Pause, "ana", "")
            .await
            .unwrap(),
    );
    h.clock.advance(Span::from_hours(24));
    assert_eq!(h.store().sweep().await.unwrap(), Default::default());
    assert_eq!(h.card(card.row.id).await.row.state, TicketState::Open);
}

/// The same configuration again rings no bell; a changed budget or goal moves version and epoch.
/// Proves: R16.
pub async fn r16_installing_again_changes_nothing_and_an_edit_moves_the_epoch(h: Harness) {
    h.begin().await;
    let seq = h.store().change_seq().await.unwrap();
    h.store().install(&h.setup()).await.unwrap();
    h.reopen();
    h.store().install(&h.setup()).await.unwrap();
    assert_eq!(h.store().change_seq().await.unwrap(), seq);
    let before = h.perceive(&["a"]).await.remove(0).1;
    let mut setup = h.setup();
    setup.campaigns[0].budget_usd_max = chimera_domain::Usd::from_micros(5);
    h.store().install(&setup).await.unwrap();
    let after = h.store().next_signals(1).await.unwrap().remove(0).1;
    assert_eq!((after.id, after.agent_id), (before.id, before.agent_id));
    assert_eq!(
        (after.version, after.epoch),
        (before.version.next(), before.epoch.next())
    );
    assert_eq!(after.spec.budget_usd_max.micros(), 5);
}

/// An alert that is open is counted up and not repeated; the worst come first.
pub async fn alerts_are_counted_up(h: Harness) {
    let store = h.store();
    store
        .raise_alert(Severity::Info, "small", "a", "look")
        .await
        .unwrap();
    for text in ["first", "second"] {
        store
            .raise_alert(Severity::Error, "big", "a", text)
            .await
            .unwrap();
    }
    store
        .raise_alert(Severity::Error, "big", "b", "other")
        .await
        .unwrap();
    let page = store.alerts(&PageRequest::first(10)).await.unwrap();
    let rows: Vec<_> = page
        .rows
        .iter()
        .map(|a| (a.code.as_str(), a.text.as_str(), a.count))
        .collect();
    assert_eq!(
        rows,
        [
            ("big", "other", 1),
            ("big", "second", 2),
            ("small", "look", 1)
        ]
    );
    assert_eq!(store.overview().await.unwrap().alerts_open, 3);
}

/// An acknowledged alert is gone from the list and stays so while it goes on; after an hour of quiet
/// it is news again.
pub async fn an_acknowledged_alert_comes_back_only_after_quiet(h: Harness) {
    let store = h.store();
    let raise = async || {
        store
            .raise_alert(Severity::Error, "big", "a", "look")
            .await
            .unwrap();
    };
    let listed = async || {
        let page = store.alerts(&PageRequest::first(10)).await.unwrap();
        let open = store.overview().await.unwrap().alerts_open;
        assert_eq!(open, page.total);
        page.rows
    };
    raise().await;
    let id = listed().await[0].id;
    for _ in 0..2 {
        assert!(store.acknowledge_alert(id, "ana").await.unwrap());
    }
    assert_eq!(listed().await, []);
    h.clock.advance(Span::from_mins(60));
    raise().await;
    assert_eq!(listed().await, [], "it goes on");
    h.clock.advance(Span::from_mins(61));
    raise().await;
    let again = listed().await;
    assert_eq!((again[0].id, again[0].count), (id, 3));
    let other = chimera_domain::ids::AlertId::from_uuid(chimera_domain::testing::uuid_of(9));
    assert!(!store.acknowledge_alert(other, "ana").await.unwrap());
}
