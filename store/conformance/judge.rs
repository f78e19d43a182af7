//! What the judge's store promises.

use chimera_domain::{
    ContentHash, Score, Span,
    ports::Replan,
    ticket::Choice,
    verdict::{Check, CheckResult, Route},
    views::PageRequest,
};

use super::{
    Harness, done,
    fixtures::{TIMES, call, submission, verdict},
    lost,
};

/// A verdict holds for the version and the content it names, and for nothing else.
/// Proves: R16.
pub async fn r16_a_verdict_on_an_old_version_or_other_content_is_a_conflict(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "x").await;
    let (id, version, hash) = (case.task.id, case.task.version, case.call.content_hash());
    let other = verdict(Route::Approve, ContentHash::of_bytes(b"other"));
    let conflict = lost(
        h.store()
            .commit_verdict(id, version, &other, TIMES)
            .await
            .unwrap(),
    );
    assert_eq!(conflict.now, "other content is proposed");
    let good = verdict(Route::Approve, hash);
    done(
        h.store()
            .commit_verdict(id, version, &good, TIMES)
            .await
            .unwrap(),
    );
    let conflict = lost(
        h.store()
            .commit_verdict(id, version, &good, TIMES)
            .await
            .unwrap(),
    );
    assert_eq!(
        (conflict.now.as_str(), conflict.actual),
        ("approved", version.next())
    );
    let nobody = chimera_domain::ids::TaskId::from_uuid(h.ambient.fresh());
    let nothing = h
        .store()
        .commit_verdict(nobody, version, &good, TIMES)
        .await
        .unwrap();
    assert_eq!(nothing, chimera_domain::Outcome::NotFound);
}

/// Approve makes an effect that waits for its fuse, a person makes a ticket with both deadlines,
/// reject goes back to the planner with every finding.
/// Proves: R11.
pub async fn r11_each_route_leads_where_it_should(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "a").await;
    assert_eq!(h.judge(&case, Route::Approve).await, None);
    assert_eq!(h.state(case.task.id).await, "approved");
    let fuses = h.store().overview().await.unwrap().fuses;
    assert_eq!(
        (fuses.len(), fuses[0].until),
        (1, h.ambient.now().plus(TIMES.fuse))
    );

    let card = h.ticketed(fence, "b").await;
    assert_eq!(h.state(card.post().unwrap().task_id).await, "ticketed");
    assert_eq!(card.row.sla_at, h.ambient.now().plus(TIMES.sla));

    let case = h.in_review(fence, "c").await;
    let mut refused = verdict(Route::Reject, case.call.content_hash());
    refused.checks = vec![CheckResult {
        check: Check::Persona,
        score: Ok(Score::from_percent(20)),
        findings: vec!["too loud".into(), "too long".into()],
        hard_block: false,
    }];
    let (id, version) = (case.task.id, case.task.version);
    done(
        h.store()
            .commit_verdict(id, version, &refused, TIMES)
            .await
            .unwrap(),
    );
    assert_eq!(h.state(id).await, "replan");
    let again = h.store().next_replan().await.unwrap().unwrap();
    assert_eq!(again.issues, ["too loud", "too long"]);
    let routes = h.store().measures(h.ambient.now()).await.unwrap().routes;
    assert_eq!(routes, (1, 1, 1));
}

/// A case brings every result of its plan, the post last, and says whether it would be the first
/// one of the persona on the platform.
pub async fn a_case_brings_the_whole_plan_with_the_post_last(h: Harness) {
    let fence = h.begin().await;
    let (signal, _) = h.perceive(&["a"]).await.remove(0);
    let nodes = vec![h.node("text", &[]), h.node("publish", &["text"])];
    h.plan(
        &signal,
        chimera_domain::plan::TaskGraph::new("p", nodes).unwrap(),
    )
    .await;
    for proposes in [None, Some(call("x"))] {
        let work = h.claim(fence).await;
        done(
            h.store()
                .submit_result(&work.claim, submission(proposes))
                .await
                .unwrap(),
        );
    }
    let case = h.store().next_case().await.unwrap().unwrap();
    let kinds: Vec<_> = case.artifacts.iter().map(|a| &a.body).collect();
    assert!(matches!(
        kinds[..],
        [
            chimera_domain::artifact::Body::Text(_),
            chimera_domain::artifact::Body::Post(_)
        ]
    ));
    assert_eq!(case.signal.as_ref().map(|s| s.id), Some(signal.id));
    assert!(case.first_post);
}

/// What a person was asked about stays a person's, also when its deadline passed and it was planned
/// again: time approves nothing, not even through a new attempt.
/// Proves: R71, R18.
pub async fn r71_a_new_attempt_of_what_waited_goes_to_a_person(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    h.clock.set(card.row.sla_at);
    h.store().sweep().await.unwrap();
    h.clock.advance(Span::from_hours(2));
    assert_eq!(h.store().sweep().await.unwrap().expired, 1);
    let again = h.store().next_replan().await.unwrap().unwrap();
    let graph = h.short_plan();
    let lock = graph.nodes()[0].spec.persona_lock.clone();
    let replan = Replan::Again { graph, lock };
    let store = h.store();
    let planned = store.commit_replan(again.task.id, again.task.version, replan);
    done(planned.await.unwrap());
    let work = h.claim(fence).await;
    assert_ne!(work.task.id, card.post().unwrap().task_id);
    let result = submission(Some(call("another")));
    done(h.store().submit_result(&work.claim, result).await.unwrap());
    assert!(h.store().next_case().await.unwrap().unwrap().was_asked);
}

/// A card tells which attempt it is, and of each before it what it would have posted and what was wrong, word for word what the
/// next attempt was told.
/// Proves: R62.
pub async fn r62_a_card_tells_the_attempts_before_and_what_was_wrong(h: Harness) {
    let fence = h.begin().await;
    let mut card = h.ticketed(fence, "first").await;
    assert_eq!(
        (
            card.post().unwrap().attempt,
            card.post().unwrap().attempts.len()
        ),
        ((1, Some(2)), 0)
    );
    let mut told = Vec::new();
    for (nth, text) in [(2, "second"), (3, "third")] {
        let notes = format!("say it {nth} times");
        let choice = Choice::RequestChanges {
            notes: notes.clone(),
        };
        done(h.decide(&card, choice, "ana").await);
        told.insert(0, (nth - 1, notes));
        h.clock.advance(Span::from_hours(1));
        let again = h.store().next_replan().await.unwrap().unwrap();
        assert_eq!(again.issues, [told[0].1.clone()]);
        let graph = h.short_plan();
        let lock = graph.nodes()[0].spec.persona_lock.clone();
        let replan = Replan::Again { graph, lock };
        let store = h.store();
        let planned = store.commit_replan(again.task.id, again.task.version, replan);
        done(planned.await.unwrap());
        let work = h.claim(fence).await;
        let result = submission(Some(call(text)));
        done(h.store().submit_result(&work.claim, result).await.unwrap());
        let case = h.store().next_case().await.unwrap().unwrap();
        let ticket = h.judge(&case, Route::HitlQueue).await.unwrap();
        card = h.card(ticket).await;
        assert_eq!(card.post().unwrap().attempt.0, nth);
        let shown: Vec<(u32, String)> = card
            .post()
            .unwrap()
            .attempts
            .iter()
            .map(|older| (older.attempt, older.told()))
            .collect();
        assert_eq!(shown, told);
    }
    let texts: Vec<&str> = card
        .post()
        .unwrap()
        .attempts
        .iter()
        .map(|older| older.text.as_str())
        .collect();
    assert_eq!(texts, ["second", "first"]);
}

/// When a campaign publishes elsewhere, what waits is composed anew from the same results, costs no
/// attempt, and goes to the same person.
/// Proves: R18.
pub async fn r18_what_waits_is_composed_anew_for_another_account(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    for account in ["@a", "@b", "@c", "@d"] {
        let mut setup = h.setup();
        setup.campaigns[0].account = account.into();
        h.store().install(&setup).await.unwrap();
        assert_eq!(h.state(card.post().unwrap().task_id).await, "pending");
        let work = h.claim(fence).await;
        assert_eq!(
            (work.task.id, work.task.attempt),
            (card.post().unwrap().task_id, 1)
        );
        assert_eq!(work.campaign.account, account);
        let mut again = call("x");
        again.post.account = account.into();
        let result = submission(Some(again));
        done(h.store().submit_result(&work.claim, result).await.unwrap());
        let case = h.store().next_case().await.unwrap().unwrap();
        assert!(case.was_asked);
        h.judge(&case, Route::HitlQueue).await.unwrap();
    }
    let queue = h
        .store()
        .review_queue(&PageRequest::first(10))
        .await
        .unwrap();
    assert_eq!((queue.total, queue.rows[0].account.as_str()), (1, "@d"));
}
