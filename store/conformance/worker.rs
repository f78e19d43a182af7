//! What the worker's store promises.

use std::collections::HashSet;

use chimera_domain::{
    Outcome, Span, StoreError,
    ports::PlanDecision,
    task::{ATTEMPTS_MAX, Failure, Priority, Reason, retry_delay},
    views::PageRequest,
};

use super::{
    Harness, done,
    fixtures::{CAPS, LEASE, call, submission},
    lost,
};

/// However many ask at once, each task is given to one worker.
/// Proves: R14.
pub async fn r14_two_workers_never_hold_one_task(h: Harness) {
    let fence = h.begin().await;
    for key in ["a", "b", "c"] {
        h.pending(key).await;
    }
    let mut racing = Vec::new();
    for _ in 0..12 {
        let store = h.store();
        racing.push(tokio::spawn(async move {
            store.claim_task(fence, LEASE).await.unwrap()
        }));
    }
    let mut held = Vec::new();
    for claimed in racing {
        held.extend(claimed.await.unwrap().map(|work| work.task.id));
    }
    assert_eq!(held.len(), 3);
    assert_eq!(held.iter().collect::<HashSet<_>>().len(), 3);
}

/// Who lost its claim can neither hold, hand in nor give back, and is told so; the new holder can.
/// Proves: R14.
pub async fn r14_a_lost_claim_cannot_write(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    let old = h.claim(fence).await.claim;
    let renewed = done(h.store().renew_claim(&old, LEASE).await.unwrap());
    h.clock.advance(LEASE);
    assert_eq!(h.store().sweep().await.unwrap().claims, 1);
    let new = h.claim(fence).await.claim;
    assert_ne!(new.id, renewed.id);
    lost(h.store().renew_claim(&old, LEASE).await.unwrap());
    lost(
        h.store()
            .submit_result(&old, submission(None))
            .await
            .unwrap(),
    );
    let why = Failure::Dead {
        reason: Reason::ToolFailed,
        why: "x".into(),
    };
    lost(h.store().fail_task(&old, why).await.unwrap());
    done(
        h.store()
            .submit_result(&new, submission(None))
            .await
            .unwrap(),
    );
}

/// A result and the next claim are one commit: both happen or neither, and the answers are those of the
/// two verbs one after the other.
/// Proves: R14, R16.
pub async fn r14_a_result_and_the_next_claim_are_one_commit(h: Harness) {
    let fence = h.begin().await;
    for key in ["a", "b"] {
        h.pending(key).await;
    }
    let (first, fused) = (h.claim(fence).await.claim, submission(None));
    let before = h.store().change_seq().await.unwrap();
    let (handed, next) = h
        .store()
        .submit_and_claim(&first, fused.clone(), LEASE)
        .await
        .unwrap();
    done(handed);
    let next = next.unwrap();
    assert_ne!(next.task.id, first.task_id);
    assert_eq!(h.store().change_seq().await.unwrap(), before + 1);
    // The same result again loses nothing and counts once; there is nothing more to claim.
    let (handed, none) = h
        .store()
        .submit_and_claim(&first, fused, LEASE)
        .await
        .unwrap();
    done(handed);
    assert!(none.is_none());
    // A swarm that was overtaken claims nothing, and what it did with it is undone as well.
    h.clock.advance(Span::from_secs(60));
    h.lease(2).await;
    let fenced = h
        .store()
        .submit_and_claim(&next.claim, submission(None), LEASE)
        .await;
    assert!(matches!(fenced, Err(StoreError::Fenced { .. })));
    assert_eq!(h.state(next.task.id).await, "claimed");
}

/// How often a task was started is not forgotten by a restart.
/// Proves: R14.
pub async fn r14_attempts_survive_a_restart(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    for attempt in 1..=3 {
        assert_eq!(h.claim(fence).await.task.attempt, attempt);
        h.clock.advance(LEASE);
        h.store().sweep().await.unwrap();
        h.reopen();
    }
}

/// The more urgent of two that became ready together goes first, and one that has waited long enough
/// goes before a more urgent one that has just come.
/// Proves: R15.
pub async fn r15_urgent_work_goes_first_and_waiting_work_is_not_starved(h: Harness) {
    let fence = h.begin().await;
    let add = async |key: &str, priority: Priority| {
        let signals = h.perceive(&[key]).await;
        let (signal, _) = signals.iter().find(|(s, _)| s.item.key == key).unwrap();
        let mut node = h.node("publish", &[]);
        node.spec.priority = priority;
        let id = node.id;
        let graph = chimera_domain::plan::TaskGraph::new("p", vec![node]).unwrap();
        let lock = graph.nodes()[0].spec.persona_lock.clone();
        let decision = PlanDecision::Plan {
            graph,
            lock,
            caps: CAPS,
        };
        done(h.store().commit_plan(signal, None, decision).await.unwrap());
        id
    };
    let low = add("low", Priority::Low).await;
    let old_medium = add("medium", Priority::Medium).await;
    let high = add("high", Priority::High).await;
    assert_eq!(h.claim(fence).await.task.id, high);
    h.clock.advance(Span::from_mins(30));
    let late_high = add("late", Priority::High).await;
    assert_eq!(h.claim(fence).await.task.id, old_medium);
    assert_eq!(h.claim(fence).await.task.id, low);
    assert_eq!(h.claim(fence).await.task.id, late_high);
}

/// A result handed in twice under one claim is one result, with one answer, also after a restart.
/// Proves: R16, R4.
pub async fn r16_handing_in_twice_counts_once(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    let claim = h.claim(fence).await.claim;
    let first = h
        .store()
        .submit_result(&claim, submission(Some(call("a"))))
        .await
        .unwrap();
    h.reopen();
    let second = h
        .store()
        .submit_result(&claim, submission(Some(call("b"))))
        .await
        .unwrap();
    assert_eq!(first, second);
    let case = h.store().next_case().await.unwrap().unwrap();
    assert_eq!((case.post().text.as_str(), case.artifacts.len()), ("a", 1));
}

/// Fifty results of one campaign that come at the same time all commit: they share no version.
/// Proves: R17.
pub async fn r17_fifty_parallel_results_of_one_campaign_all_commit(h: Harness) {
    let fence = h.begin().await;
    let keys: Vec<String> = (0..50).map(|i| format!("k{i}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for (signal, _) in h.perceive(&keys).await {
        h.plan(&signal, h.short_plan()).await;
    }
    let mut claims = Vec::new();
    for _ in 0..50 {
        claims.push(h.claim(fence).await.claim);
    }
    let mut racing = Vec::new();
    for (i, claim) in claims.into_iter().enumerate() {
        let store = h.store();
        racing.push(tokio::spawn(async move {
            let result = submission(Some(call(&format!("reply {i}"))));
            store.submit_result(&claim, result).await.unwrap()
        }));
    }
    for result in racing {
        assert!(result.await.unwrap().is_done());
    }
    assert_eq!(h.store().overview().await.unwrap().conflicts, 0);
}

/// A passing failure waits until its time; the last allowed one ends the task, and a person is told.
/// Proves: R20.
pub async fn r20_a_retry_waits_for_its_time_and_ends_after_five(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    for attempt in 1..=ATTEMPTS_MAX {
        let work = h.claim(fence).await;
        assert_eq!(work.task.attempt, attempt);
        let delay = retry_delay(attempt);
        let retry = Failure::Retry {
            why: "no route".into(),
            at: h.ambient.now().plus(delay),
        };
        done(h.store().fail_task(&work.claim, retry).await.unwrap());
        assert!(h.store().claim_task(fence, LEASE).await.unwrap().is_none());
        h.clock.advance(delay);
    }
    assert_eq!(h.state(id).await, "dead");
    let row = h
        .store()
        .task_list(&PageRequest::first(1), None)
        .await
        .unwrap()
        .rows
        .remove(0);
    assert_eq!(
        (row.why.as_str(), row.reason),
        ("no route", Reason::DeadLetter)
    );
    assert_eq!(h.alerts("task_dead").await, (1, 1));
}

/// What waits for a task that died is blocked and says for whom; a replay makes it wait again.
/// Proves: R13.
pub async fn r13_children_of_a_dead_task_are_blocked_until_it_is_replayed(h: Harness) {
    let fence = h.begin().await;
    let (signal, _) = h.perceive(&["a"]).await.remove(0);
    let nodes = vec![h.node("text", &[]), h.node("publish", &["text"])];
    let ids: Vec<_> = nodes.iter().map(|n| n.id).collect();
    h.plan(
        &signal,
        chimera_domain::plan::TaskGraph::new("p", nodes).unwrap(),
    )
    .await;
    let work = h.claim(fence).await;
    let dead = Failure::Dead {
        reason: Reason::ToolFailed,
        why: "broken".into(),
    };
    let Outcome::Done((), version) = h.store().fail_task(&work.claim, dead).await.unwrap() else {
        panic!("not given back")
    };
    assert_eq!(
        (h.state(ids[0]).await, h.state(ids[1]).await),
        ("dead".into(), "blocked".into())
    );
    done(
        h.store()
            .replay_task(ids[0], version, "operator")
            .await
            .unwrap(),
    );
    assert_eq!(
        (h.state(ids[0]).await, h.state(ids[1]).await),
        ("pending".into(), "pending".into())
    );
    let work = h.claim(fence).await;
    assert_eq!((work.task.id, work.task.attempt), (ids[0], 1));
    done(
        h.store()
            .submit_result(&work.claim, submission(None))
            .await
            .unwrap(),
    );
    assert_eq!(h.claim(fence).await.task.id, ids[1]);
    let refused = h.store().claim_task(fence + 1, LEASE).await;
    assert!(matches!(refused, Err(StoreError::Fenced { .. })));
}

/// What turns out to be for somebody else is called off with what waits for it, without an alert, and stays so; what is done
/// and what belongs to others is left as it is.
/// Proves: R25, R30.
pub async fn r30_what_is_for_somebody_else_is_called_off_with_what_waits(h: Harness) {
    let fence = h.begin().await;
    let other = h.pending("other").await;
    let first = h.claim(fence).await;
    let signals = h.perceive(&["irrelevant"]).await;
    let (signal, _) = signals
        .iter()
        .find(|(s, _)| s.item.key == "irrelevant")
        .unwrap();
    let nodes = vec![
        h.node("research", &[]),
        h.node("text", &["research"]),
        h.node("publish", &["text"]),
    ];
    let ids: Vec<_> = nodes.iter().map(|node| node.id).collect();
    let graph = chimera_domain::plan::TaskGraph::new("chain", nodes).unwrap();
    h.plan(signal, graph).await;
    let work = h.claim(fence).await;
    let off = Failure::Irrelevant {
        why: "it is about tanks".into(),
    };
    done(h.store().fail_task(&work.claim, off.clone()).await.unwrap());
    lost(h.store().fail_task(&work.claim, off).await.unwrap());
    h.reopen();
    for id in ids {
        assert_eq!(h.state(id).await, "cancelled");
    }
    assert_eq!(
        (
            h.alerts("task_dead").await.0,
            h.alerts("task_blocked").await.0
        ),
        (0, 0)
    );
    assert_eq!(h.state(other).await, "claimed");
    assert_eq!(first.task.id, other);
    assert!(h.store().claim_task(fence, LEASE).await.unwrap().is_none());
}

/// What money stood in the way of runs again when time has freed the cap, or when the policy has
/// changed; what no time frees waits for a person.
/// Proves: R93.
pub async fn r93_what_a_cap_blocked_runs_when_there_is_room(h: Harness) {
    let fence = h.begin().await;
    let store = h.store();
    let block = async |until: Option<Span>| {
        let work = h.claim(fence).await;
        let failure = Failure::Blocked {
            reason: Reason::BudgetBlocked,
            why: "the day is spent".into(),
            until: until.map(|span| h.ambient.now().plus(span)),
        };
        done(store.fail_task(&work.claim, failure).await.unwrap());
        assert_eq!(h.state(work.task.id).await, "blocked");
    };
    let id = h.pending("a").await;
    block(Some(Span::from_hours(1))).await;
    h.clock.advance(Span::from_mins(59));
    store.sweep().await.unwrap();
    assert_eq!(h.state(id).await, "blocked");
    h.clock.advance(Span::from_mins(1));
    store.sweep().await.unwrap();
    assert_eq!(
        (h.state(id).await, h.alerts("task_blocked").await.0),
        ("pending".into(), 0)
    );
    block(None).await;
    h.clock.advance(Span::from_hours(48));
    store.sweep().await.unwrap();
    assert_eq!(h.state(id).await, "blocked");
    let mut setup = h.setup();
    setup.policy.hash = chimera_domain::ContentHash::of_bytes(b"more");
    store.install(&setup).await.unwrap();
    assert_eq!(h.state(id).await, "pending");
}
