//! What the planner's store promises.

use chimera_domain::{
    Outcome, Span,
    ports::{PlanCaps, PlanDecision, Planned, Replan},
    resource::Poll,
    verdict::Route,
    views::PageRequest,
};

use super::{
    Harness, done,
    fixtures::{CAPS, TIMES, call, campaign, item, relevance, submission, verdict},
    lost,
};

/// The same items polled again, or the same poll repeated, keep nothing twice; the cursor moves once.
/// Proves: R22.
pub async fn r22_a_poll_keeps_nothing_twice(h: Harness) {
    h.begin().await;
    let resource = h.resource().await;
    let poll = |cursor: &str| Poll::Read {
        note: None,
        items: vec![item("a"), item("b"), item("a")],
        cursor: Some(cursor.into()),
        next_poll_at: h.ambient.now(),
    };
    let report = done(h.store().commit_poll(&resource, poll("1")).await.unwrap());
    assert_eq!((report.seen, report.kept, report.duplicate), (3, 2, 1));
    // The same poll again, as after an unclear failure.
    lost(h.store().commit_poll(&resource, poll("1")).await.unwrap());
    h.reopen();
    let resource = h.resource().await;
    assert_eq!(resource.cursor.as_deref(), Some("1"));
    let report = done(h.store().commit_poll(&resource, poll("2")).await.unwrap());
    assert_eq!((report.kept, report.duplicate), (0, 3));
    assert_eq!(h.store().next_signals(10).await.unwrap().len(), 2);
}

/// What was odd about a document is told until one says otherwise; an unchanged one says nothing.
pub async fn a_note_on_a_resource_stays_while_it_is_unchanged(h: Harness) {
    h.begin().await;
    let told = async |note: Option<&str>, items: usize| {
        let poll = Poll::Read {
            items: vec![item("a"); items],
            cursor: None,
            note: note.map(str::to_owned),
            next_poll_at: h.ambient.now(),
        };
        done(
            h.store()
                .commit_poll(&h.resource().await, poll)
                .await
                .unwrap(),
        );
        let page = PageRequest::first(10);
        let mut health = h.store().resource_health(&page).await.unwrap();
        health.rows.remove(0).note.map(|note| note.to_string())
    };
    assert_eq!(told(Some("cut"), 1).await.as_deref(), Some("cut"));
    assert_eq!(told(None, 0).await.as_deref(), Some("cut"));
    assert_eq!(told(None, 1).await, None);
}

/// A resource that was due longer ago than it is polled is stale, in its own row and in the overview, whatever its last poll
/// said; one that is polled in time is not, and a late one of a moment is not yet.
/// Proves: R28.
pub async fn r28_a_feed_nobody_polls_is_stale(h: Harness) {
    h.begin().await;
    h.perceive(&["a"]).await;
    let looked = || async {
        let health = h.store().resource_health(&PageRequest::first(10)).await;
        let row = health.unwrap().rows.remove(0);
        let overview = h.store().overview().await.unwrap();
        let named = overview.resources_stale.contains(&row.uri);
        assert_eq!(row.is_stale(overview.at), named);
        (row, named)
    };
    let (row, stale) = looked().await;
    assert!(!stale && row.age_max.is_some());
    h.clock.set(row.next_poll_at.plus(row.interval));
    assert!(!looked().await.1);
    h.clock.advance(Span::from_millis(1));
    assert!(looked().await.1);
    h.perceive(&["b"]).await;
    assert!(!looked().await.1);
}

/// A signal becomes tasks once: the second planner is told what became of it.
/// Proves: R22.
pub async fn r22_a_signal_is_planned_once(h: Harness) {
    h.begin().await;
    let (signal, _) = h.perceive(&["a"]).await.remove(0);
    assert_eq!(
        h.plan(&signal, h.short_plan()).await,
        Planned::Made { tasks: 1 }
    );
    h.reopen();
    let again = PlanDecision::Plan {
        graph: h.short_plan(),
        lock: chimera_domain::testing::task_spec().persona_lock,
        caps: CAPS,
    };
    let conflict = lost(h.store().commit_plan(&signal, None, again).await.unwrap());
    assert_eq!(conflict.now, "planned");
    assert!(h.store().next_signals(10).await.unwrap().is_empty());
    let tasks = h
        .store()
        .task_list(&PageRequest::first(10), None)
        .await
        .unwrap();
    assert_eq!(tasks.total, 1);
}

/// Of planners that race, only as many plans are made as the cap allows.
/// Proves: R35.
pub async fn r35_racing_planners_cannot_exceed_a_cap(h: Harness) {
    h.begin().await;
    let keys: Vec<String> = (0..20).map(|i| format!("k{i}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let caps = PlanCaps {
        per_hour: 7,
        ..CAPS
    };
    let mut racing = Vec::new();
    for (signal, _) in h.perceive(&keys).await {
        let (store, graph) = (h.store(), h.short_plan());
        racing.push(tokio::spawn(async move {
            let lock = graph.nodes()[0].spec.persona_lock.clone();
            let decision = PlanDecision::Plan { graph, lock, caps };
            done(
                store
                    .commit_plan(&signal, Some(relevance()), decision)
                    .await
                    .unwrap(),
            )
        }));
    }
    let mut made = 0;
    for planned in racing {
        match planned.await.unwrap() {
            Planned::Made { .. } => made += 1,
            Planned::Held { cap, .. } => assert_eq!(cap, "plans_per_hour"),
            Planned::Left => panic!("nothing was to be left"),
        }
    }
    assert_eq!(made, 7);
}

/// A held signal says which cap binds and when it frees; then, and not before, it may be planned.
/// Proves: R35.
pub async fn r35_a_cap_says_when_it_frees(h: Harness) {
    h.begin().await;
    let signals = h.perceive(&["a", "b"]).await;
    let caps = PlanCaps {
        per_hour: 1,
        ..CAPS
    };
    let begun = h.ambient.now();
    let decision = |h: &Harness| {
        let graph = h.short_plan();
        let lock = graph.nodes()[0].spec.persona_lock.clone();
        PlanDecision::Plan { graph, lock, caps }
    };
    let commit = async |i: usize| {
        let (signal, _) = &signals[i];
        done(
            h.store()
                .commit_plan(signal, None, decision(&h))
                .await
                .unwrap(),
        )
    };
    assert_eq!(commit(0).await, Planned::Made { tasks: 1 });
    h.clock.advance(Span::from_mins(20));
    let until = begun.plus(Span::from_hours(1));
    let held = Planned::Held {
        cap: "plans_per_hour".into(),
        until,
    };
    assert_eq!(commit(1).await, held);
    assert!(h.store().next_signals(10).await.unwrap().is_empty());
    assert_eq!(h.alerts("governor_binds").await, (1, 1));
    h.clock.set(until);
    let (signal, _) = h.store().next_signals(10).await.unwrap().remove(0);
    let planned = done(
        h.store()
            .commit_plan(&signal, None, decision(&h))
            .await
            .unwrap(),
    );
    assert_eq!(planned, Planned::Made { tasks: 1 });
    assert_eq!(h.alerts("governor_binds").await.0, 0, "it binds no more");
}

/// New plans wait while too many tasks are unfinished or too many tickets open.
/// Proves: R35.
pub async fn r35_full_queues_hold_new_plans(h: Harness) {
    let fence = h.begin().await;
    h.ticketed(fence, "ticket").await;
    h.pending("task").await;
    let (signal, _) = h.perceive(&["new"]).await.remove(0);
    let mut signal = signal;
    for (caps, name) in [
        (
            PlanCaps {
                queue_depth: 1,
                ..CAPS
            },
            "queue_depth",
        ),
        (
            PlanCaps {
                review_depth: 1,
                ..CAPS
            },
            "review_depth",
        ),
    ] {
        let graph = h.short_plan();
        let lock = graph.nodes()[0].spec.persona_lock.clone();
        let decision = PlanDecision::Plan { graph, lock, caps };
        let outcome = h
            .store()
            .commit_plan(&signal, None, decision)
            .await
            .unwrap();
        let Outcome::Done(Planned::Held { cap, .. }, version) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(cap, name);
        signal.version = version;
    }
}

/// A resource that fails keeps its cursor, is counted, and from the third time on a person is told
/// once; one success ends all that.
pub async fn three_failures_in_a_row_raise_one_alert_and_success_closes_it(h: Harness) {
    h.begin().await;
    h.perceive(&["a"]).await;
    for failures in 1..=4_u32 {
        let resource = h.resource().await;
        let poll = Poll::Failed {
            why: "no route".into(),
            next_poll_at: h.ambient.now(),
        };
        done(h.store().commit_poll(&resource, poll).await.unwrap());
        let resource = h.resource().await;
        assert_eq!(
            (resource.failures, resource.cursor.as_deref()),
            (failures, Some("1"))
        );
        let open = h.alerts("resource_failing").await.0;
        assert_eq!(open, usize::from(failures >= 3));
    }
    let health = h
        .store()
        .resource_health(&PageRequest::first(10))
        .await
        .unwrap();
    assert_eq!(
        health.rows[0].last_error.as_ref().unwrap().as_str(),
        "no route"
    );
    h.perceive(&["a", "b"]).await;
    assert_eq!(h.alerts("resource_failing").await.0, 0);
    let health = h
        .store()
        .resource_health(&PageRequest::first(10))
        .await
        .unwrap();
    let row = &health.rows[0];
    assert_eq!(
        (row.failures, row.seen, row.kept, row.last_error.clone()),
        (0, 3, 2, None)
    );
}

/// An item older than its resource allows is stale; one with a title seen within a day is a near
/// duplicate of the earlier one, however it is written.
pub async fn old_and_repeated_items_are_marked(h: Harness) {
    h.begin().await;
    let resource = h.resource().await;
    let now = h.ambient.now();
    let mut old = item("old");
    old.published_at = Some(now.minus(Span::from_hours(25)));
    let mut alike = item("alike");
    alike.title = "  TITLE of — old! ".into();
    let poll = Poll::Read {
        note: None,
        items: vec![old, alike],
        cursor: None,
        next_poll_at: now,
    };
    done(h.store().commit_poll(&resource, poll).await.unwrap());
    let signals = h.store().next_signals(10).await.unwrap();
    let by = |key: &str| {
        signals
            .iter()
            .find(|(s, _)| s.item.key == key)
            .unwrap()
            .0
            .clone()
    };
    assert!(by("old").stale && !by("alike").stale);
    assert_eq!(by("old").near_duplicate_of, None);
    assert_eq!(by("alike").near_duplicate_of, Some(by("old").id));
    h.clock.advance(Span::from_hours(25));
    let mut late = item("late");
    late.title = "title of OLD".into();
    let poll = Poll::Read {
        note: None,
        items: vec![late],
        cursor: None,
        next_poll_at: now,
    };
    let resource = h.resource().await;
    done(h.store().commit_poll(&resource, poll).await.unwrap());
    let signals = h.store().next_signals(10).await.unwrap();
    let late = signals.iter().find(|(s, _)| s.item.key == "late").unwrap();
    assert_eq!(late.0.near_duplicate_of, None);
}

/// A child is ready only when all its parents are done, and gets their results, parents last.
/// Proves: R13.
pub async fn r13_a_child_waits_for_its_parents(h: Harness) {
    let fence = h.begin().await;
    let (signal, _) = h.perceive(&["a"]).await.remove(0);
    let graph = chimera_domain::plan::TaskGraph::new(
        "post",
        vec![
            h.node("research", &[]),
            h.node("text", &["research"]),
            h.node("image", &["research"]),
            h.node("publish", &["text", "image"]),
        ],
    )
    .unwrap();
    let ids: Vec<_> = graph.nodes().iter().map(|n| n.id).collect();
    h.plan(&signal, graph).await;
    let store = h.store();
    let mut order = Vec::new();
    while let Some(work) = store.claim_task(fence, Span::from_secs(60)).await.unwrap() {
        order.push(work.task.id);
        let inputs: Vec<_> = work.inputs.iter().map(|a| a.task_id).collect();
        if work.task.id == ids[3] {
            assert_eq!(inputs, [ids[0], ids[1], ids[2]]);
            // A worker that hands in while its parents are known: the last node proposes the post.
            done(
                store
                    .submit_result(&work.claim, submission(Some(call("x"))))
                    .await
                    .unwrap(),
            );
            break;
        }
        // Only the root is ready at first, then exactly its two children.
        let ready = store.claim_task(fence, Span::from_secs(60)).await.unwrap();
        assert_eq!(ready.is_some(), order.len() == 2);
        if let Some(other) = ready {
            order.push(other.task.id);
            done(
                store
                    .submit_result(&other.claim, submission(None))
                    .await
                    .unwrap(),
            );
        }
        done(
            store
                .submit_result(&work.claim, submission(None))
                .await
                .unwrap(),
        );
    }
    assert_eq!(order, ids);
    let rows = store
        .task_list(&PageRequest::first(10), None)
        .await
        .unwrap()
        .rows;
    assert_eq!(rows[3].after, [ids[1], ids[2]]);
}

/// A refused result comes back with what was wrong; the new attempt replaces it, or it is given up.
pub async fn a_refused_result_is_planned_again_with_its_issues(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "x").await;
    let mut refused = verdict(Route::Reject, case.call.content_hash());
    refused.reasons = vec!["too loud".into()];
    let (id, version) = (case.task.id, case.task.version);
    done(
        h.store()
            .commit_verdict(id, version, &refused, TIMES)
            .await
            .unwrap(),
    );
    let again = h.store().next_replan().await.unwrap().unwrap();
    assert_eq!(
        (again.task.id, again.issues.as_slice()),
        (id, &["too loud".to_owned()][..])
    );
    assert_eq!(again.relevance, Some(relevance()));
    let graph = h.short_plan();
    let (new, lock) = (
        graph.nodes()[0].id,
        graph.nodes()[0].spec.persona_lock.clone(),
    );
    let replan = Replan::Again { graph, lock };
    let version = again.task.version;
    done(
        h.store()
            .commit_replan(id, version, replan.clone())
            .await
            .unwrap(),
    );
    lost(h.store().commit_replan(id, version, replan).await.unwrap());
    assert_eq!(h.state(id).await, "rejected");
    let work = h.claim(fence).await;
    assert_eq!((work.task.id, work.task.plan_attempt), (new, 2));
    assert_eq!(work.task.trace_id, again.task.trace_id);

    done(
        h.store()
            .submit_result(&work.claim, submission(Some(call("y"))))
            .await
            .unwrap(),
    );
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Reject).await;
    let again = h.store().next_replan().await.unwrap().unwrap();
    let give_up = Replan::GiveUp {
        why: "twice is enough".into(),
    };
    done(
        h.store()
            .commit_replan(new, again.task.version, give_up)
            .await
            .unwrap(),
    );
    assert_eq!(h.state(new).await, "dead");
    assert!(h.store().next_replan().await.unwrap().is_none());
}

/// One item is one signal per campaign, each with its own trace; a campaign that is no longer
/// configured listens no more.
/// Proves: R22.
pub async fn r22_every_listening_campaign_gets_its_own_signal(h: Harness) {
    let mut setup = h.setup();
    setup.campaigns.push(campaign("second"));
    h.store().install(&setup).await.unwrap();
    let signals = h.perceive(&["a"]).await;
    assert_eq!(signals.len(), 2);
    assert_ne!(signals[0].0.trace_id, signals[1].0.trace_id);
    setup.campaigns.pop();
    h.store().install(&setup).await.unwrap();
    assert_eq!(
        h.perceive(&["b"]).await.len(),
        2,
        "a and b of the campaign that is left"
    );
}
