//! What a halt of each scope promises: what it stops, what goes on, what brings it back.

use chimera_domain::{
    Outcome, Usd,
    effect::Settlement,
    halt::{Halt, Scope, ScopeKind, Stage},
    ids::{AgentId, CampaignId},
    policy::{Price, PriceUnit},
    ports::{PlanDecision, Replan},
    spend::{BudgetCategory, Reservation},
    task::{ATTEMPTS_MAX, Failure, Reason, Task},
    ticket::Choice,
    verdict::Route,
    views::{CampaignRow, HaltReport, InFlightKind},
};

use super::{
    Harness, done,
    executor::{receipt, take},
    fixtures::{CAPS, LEASE, TIMES, call, campaign, persona, submission, verdict},
    lost,
    spend::{budget, request},
};

pub(super) async fn halt(h: &Harness, scope: &Scope, how: Halt) -> u64 {
    let store = h.store();
    done(
        store
            .halt(scope.clone(), how, "ana", "smoke")
            .await
            .unwrap(),
    )
}

async fn resume(h: &Harness, scope: &Scope) -> u64 {
    done(h.store().resume(scope.clone(), "ana").await.unwrap())
}

async fn stage(h: &Harness, stage: Stage) -> u64 {
    done(h.store().resume_stage(stage, "ana").await.unwrap())
}

pub(super) async fn house(h: &Harness, name: &str) -> CampaignRow {
    let campaigns = h.store().overview().await.unwrap().campaigns;
    let mut found = campaigns.into_iter().filter(|c| c.name.as_str() == name);
    found.next().unwrap()
}

/// The words of the live halts, widest first.
async fn live(h: &Harness) -> Vec<String> {
    let halts = h.store().overview().await.unwrap().halts;
    let words = halts.iter();
    words
        .map(|halt| format!("{} {}", halt.what, halt.level.participle()))
        .collect()
}

async fn takes_nothing(h: &Harness, fence: i64) -> bool {
    h.store().take_effect(fence).await.unwrap().is_none()
}

async fn reserve(h: &Harness, task: &Task, key: &str) -> Reservation {
    let wish = request(h, task, key, 10);
    let reserved = h.store().reserve(&wish, &budget(1_000)).await;
    reserved.unwrap()
}

/// Where these promises look at two: `main` of `fae` on `twitter`, `other` of `leo` on `bluesky`, where
/// sending costs.
pub async fn begin_with_two(h: &Harness) -> i64 {
    let mut setup = h.setup();
    let mut leo = persona();
    leo.slug = "leo".into();
    setup.personas.push(leo);
    let mut other = campaign("other");
    other.persona = "leo".into();
    other.publish_server = "bluesky".into();
    setup.campaigns.push(other);
    setup.policy.budget.prices = vec![Price {
        server: "bluesky".into(),
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

/// One due effect of each of the two campaigns; `other`'s first.
pub async fn one_due_of_each(h: &Harness, fence: i64) {
    for (signal, _) in h.perceive(&["x"]).await {
        h.plan(&signal, h.short_plan()).await;
    }
    let other = house(h, "other").await.id;
    for _ in 0..2 {
        let work = h.claim(fence).await;
        let (text, server) = if work.task.campaign_id == other {
            ("of other", "bluesky")
        } else {
            ("of main", "twitter")
        };
        let mut call = call(text);
        call.server = server.into();
        let result = submission(Some(call));
        done(h.store().submit_result(&work.claim, result).await.unwrap());
        let case = h.store().next_case().await.unwrap().unwrap();
        h.judge(&case, Route::Approve).await;
    }
    h.clock.advance(TIMES.fuse);
}

async fn text_taken(h: &Harness, fence: i64) -> Option<String> {
    let order = h.store().take_effect(fence).await.unwrap();
    order.map(|order| order.call.post.text)
}

/// Paused publishing keeps what is approved, over a restart too, while work, judging and deciding go on;
/// after the resume it leaves as it was approved.
/// Proves: R148, R18.
pub async fn r148_paused_publishing_keeps_what_is_approved_and_work_goes_on(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "approved before").await;
    assert_eq!(halt(&h, &Scope::Publishing, Halt::Pause).await, 0);
    h.reopen();
    assert!(takes_nothing(&h, fence).await);
    let card = h.ticketed(fence, "decided during").await;
    done(h.decide(&card, Choice::Approve, "ben").await);
    h.clock.advance(TIMES.fuse);
    assert!(takes_nothing(&h, fence).await);
    let shown = h.store().overview().await.unwrap().halts;
    assert_eq!((shown.len(), shown[0].keeps), (1, 2));
    assert_eq!(
        (shown[0].by.by.as_str(), shown[0].by.why.as_str()),
        ("ana", "smoke")
    );
    let next = h.store().leaving(10).await.unwrap();
    let next: Vec<_> = next.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(next, ["approved before", "decided during"]);
    assert_eq!(
        resume(&h, &Scope::Publishing).await,
        0,
        "nothing is judged again"
    );
    for text in next {
        let order = take(&h, fence).await;
        assert_eq!(order.call.post.text, text);
        h.confirm(&order).await;
    }
}

/// What was approved before publishing was killed is judged again; what was approved since leaves. A pause
/// that becomes a kill voids as a kill does, and no pause softens it.
/// Proves: R18, R148.
pub async fn r18_killed_publishing_voids_what_was_approved(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "before").await;
    halt(&h, &Scope::Publishing, Halt::Pause).await;
    halt(&h, &Scope::Publishing, Halt::Kill).await;
    halt(&h, &Scope::Publishing, Halt::Pause).await;
    assert_eq!(live(&h).await, ["publishing killed"]);
    h.due_effect(fence, "since").await;
    assert!(takes_nothing(&h, fence).await);
    assert_eq!(resume(&h, &Scope::Publishing).await, 1);
    assert_eq!(take(&h, fence).await.call.post.text, "since");
    assert!(takes_nothing(&h, fence).await);
    let case = h.store().next_case().await.unwrap().unwrap();
    assert_eq!(case.post().text, "before");
}

/// A ticket that a killed publishing left behind is not ended by time: nobody can decide it meanwhile.
/// Proves: R71, R148.
pub async fn r71_deadlines_wait_while_killed_publishing_keeps_a_ticket(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    halt(&h, &Scope::Publishing, Halt::Kill).await;
    lost(h.decide(&card, Choice::Approve, "ben").await);
    h.clock.advance(TIMES.sla_expire);
    let swept = h.store().sweep().await.unwrap();
    assert_eq!((swept.escalated, swept.expired), (0, 0));
    assert_eq!(resume(&h, &Scope::Publishing).await, 1);
}

/// A halted agent starts nothing, decides nothing and sends nothing; the others go on, and after the
/// resume what it had approved is judged again.
/// Proves: R148, R18.
pub async fn r148_a_halted_agent_stops_alone(h: Harness) {
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    for (signal, _) in h.perceive(&["y"]).await {
        h.plan(&signal, h.short_plan()).await;
    }
    let leo = house(&h, "other").await;
    let scope = Scope::Agent(leo.agent_id);
    for how in [Halt::Pause, Halt::Kill] {
        halt(&h, &scope, how).await;
    }
    h.reopen();
    assert_eq!(live(&h).await, ["agent leo killed"]);
    assert_eq!(text_taken(&h, fence).await.as_deref(), Some("of main"));
    assert!(takes_nothing(&h, fence).await);
    let work = h.claim(fence).await;
    assert_ne!(work.task.campaign_id, leo.id);
    assert!(h.store().claim_task(fence, LEASE).await.unwrap().is_none());
    let waiting = h.perceive(&["z"]).await;
    assert_eq!(waiting.len(), 1);
    assert_ne!(waiting[0].0.campaign_id, leo.id);
    assert_eq!(resume(&h, &scope).await, 1);
    h.claim(fence).await;
    let case = h.store().next_case().await.unwrap().unwrap();
    assert_eq!(case.post().text, "of other");
    assert_eq!(h.store().next_signals(10).await.unwrap().len(), 2);
}

/// What a halted agent has waiting is not planned, not planned again, not judged and not decided, and who
/// stopped it is told; all of it is there afterwards.
/// Proves: R148.
pub async fn r148_what_a_halted_agent_has_waiting_stays_as_it_is(h: Harness) {
    let fence = h.begin().await;
    let refused = h.in_review(fence, "refused").await;
    h.judge(&refused, Route::Reject).await;
    let card = h.ticketed(fence, "ticket").await;
    let case = h.in_review(fence, "review").await;
    let (signal, _) = h.perceive(&["signal"]).await.remove(0);
    let agent = house(&h, "main").await.agent_id;
    halt(&h, &Scope::Agent(agent), Halt::Pause).await;
    let store = h.store();
    assert!(store.next_case().await.unwrap().is_none());
    assert!(store.next_replan().await.unwrap().is_none());
    assert!(store.next_signals(10).await.unwrap().is_empty());
    let conflict = lost(h.decide(&card, Choice::Approve, "ben").await);
    assert_eq!(
        (conflict.now.as_str(), conflict.by.as_deref()),
        ("paused (its agent)", Some("ana"))
    );
    let good = verdict(Route::Approve, case.call.content_hash());
    let late = store.commit_verdict(case.task.id, case.task.version, &good, TIMES);
    lost(late.await.unwrap());
    let graph = h.short_plan();
    let plan = PlanDecision::Plan {
        lock: graph.nodes()[0].spec.persona_lock.clone(),
        graph,
        caps: CAPS,
    };
    lost(store.commit_plan(&signal, None, plan).await.unwrap());
    let give_up = Replan::GiveUp { why: "late".into() };
    let again = store.commit_replan(refused.task.id, refused.task.version.next(), give_up);
    let told = lost(again.await.unwrap());
    assert_eq!(told.now, "paused (its agent)");
    h.clock.advance(TIMES.sla_expire);
    assert_eq!(store.sweep().await.unwrap().expired, 0, "deadlines wait");
    assert_eq!(resume(&h, &Scope::Agent(agent)).await, 1);
    assert!(store.next_replan().await.unwrap().is_some());
    assert_eq!(store.next_signals(10).await.unwrap().len(), 1);
    let case = store.next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Approve).await;
    assert!(store.next_case().await.unwrap().is_some());
}

/// Work of a halted agent that was under way cannot set money aside; nothing of it is lost.
/// Proves: R148.
pub async fn r148_a_halted_agent_spends_nothing_for_work_under_way(h: Harness) {
    let fence = h.begin().await;
    h.pending("x").await;
    let work = h.claim(fence).await;
    let before = reserve(&h, &work.task, "before").await;
    for scope in [
        Scope::Agent(work.task.agent_id),
        Scope::Campaign(work.task.campaign_id),
        Scope::Fleet,
    ] {
        halt(&h, &scope, Halt::Pause).await;
        let Reservation::Halted { scope: kind, why } = reserve(&h, &work.task, "during").await
        else {
            panic!("money was set aside under {scope:?}");
        };
        assert_eq!(kind, scope.kind());
        assert!(
            why.starts_with("paused (") && why.contains("by ana"),
            "{why}"
        );
        let again = reserve(&h, &work.task, "before").await;
        assert_eq!(again, before, "what was set aside stays");
        resume(&h, &scope).await;
    }
    assert!(matches!(
        reserve(&h, &work.task, "during").await,
        Reservation::Reserved(_)
    ));
}

/// A halt that breaks the last try of a task does not end it.
/// Proves: R148.
pub async fn r148_a_halt_uses_up_no_last_try(h: Harness) {
    let fence = h.begin().await;
    let task = h.pending("x").await;
    let again = || Failure::Retry {
        why: "no route".into(),
        at: h.ambient.now(),
    };
    for _ in 1..ATTEMPTS_MAX {
        let work = h.claim(fence).await;
        done(h.store().fail_task(&work.claim, again()).await.unwrap());
    }
    let work = h.claim(fence).await;
    let scope = Scope::Agent(work.task.agent_id);
    halt(&h, &scope, Halt::Pause).await;
    done(h.store().fail_task(&work.claim, again()).await.unwrap());
    resume(&h, &scope).await;
    let work = h.claim(fence).await;
    done(h.store().fail_task(&work.claim, again()).await.unwrap());
    assert_eq!(h.state(task).await, "dead");
}

/// A halted platform sends nothing; the others do, and a paused one goes on with what was approved.
/// Proves: R148.
pub async fn r148_a_halted_platform_stops_alone(h: Harness) {
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    let scope = Scope::Platform("bluesky".into());
    halt(&h, &scope, Halt::Pause).await;
    h.reopen();
    assert_eq!(live(&h).await, ["platform bluesky paused"]);
    assert_eq!(text_taken(&h, fence).await.as_deref(), Some("of main"));
    assert!(takes_nothing(&h, fence).await);
    assert_eq!(resume(&h, &scope).await, 0);
    assert_eq!(text_taken(&h, fence).await.as_deref(), Some("of other"));
}

/// A killed platform voids what was approved for it, and for no other.
/// Proves: R18.
pub async fn r18_a_killed_platform_voids_what_was_approved_for_it(h: Harness) {
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    let scope = Scope::Platform("bluesky".into());
    halt(&h, &scope, Halt::Kill).await;
    assert_eq!(resume(&h, &scope).await, 1);
    assert_eq!(text_taken(&h, fence).await.as_deref(), Some("of main"));
    assert!(takes_nothing(&h, fence).await);
}

/// Frozen money: nothing is set aside, what was under way is still booked, free work goes on, what costs
/// to send waits while what is free leaves; what was refused runs again after the resume and not before.
/// Proves: R148, R93.
pub async fn r148_frozen_spending_stops_what_costs_and_nothing_else(h: Harness) {
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    for (signal, _) in h.perceive(&["y"]).await {
        h.plan(&signal, h.short_plan()).await;
    }
    let work = h.claim(fence).await;
    let Reservation::Reserved(intent) = reserve(&h, &work.task, "before").await else {
        panic!("nothing stands in the way yet");
    };
    assert_eq!(
        halt(&h, &Scope::Spending, Halt::Pause).await,
        1,
        "one call is being paid"
    );
    h.reopen();
    let refused = reserve(&h, &work.task, "during").await;
    let Reservation::Halted {
        scope: ScopeKind::Spending,
        ..
    } = refused
    else {
        panic!("{refused:?}");
    };
    let store = h.store();
    store.settle(intent, Usd::from_micros(9)).await.unwrap();
    let blocked = Failure::Blocked {
        reason: Reason::BudgetBlocked,
        why: "paused (all spending)".into(),
        until: Some(h.ambient.now().plus(TIMES.fuse)),
    };
    done(store.fail_task(&work.claim, blocked).await.unwrap());
    assert_eq!(text_taken(&h, fence).await.as_deref(), Some("of main"));
    assert!(takes_nothing(&h, fence).await);
    h.claim(fence).await;
    h.clock.advance(TIMES.sla);
    store.sweep().await.unwrap();
    assert_eq!(h.state(work.task.id).await, "blocked");
    resume(&h, &Scope::Spending).await;
    assert_eq!(h.state(work.task.id).await, "pending");
    assert_eq!(text_taken(&h, fence).await.as_deref(), Some("of other"));
    assert!(matches!(
        reserve(&h, &work.task, "during").await,
        Reservation::Reserved(_)
    ));
}

/// Whatever one live halt stops is stopped; each ends alone, and what waits for the judge goes there when
/// the last one that holds it has ended.
/// Proves: R148, R18.
pub async fn r148_several_halts_hold_together(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    let row = house(&h, "main").await;
    let scopes = [
        Scope::Fleet,
        Scope::Publishing,
        Scope::Spending,
        Scope::Agent(row.agent_id),
        Scope::Campaign(row.id),
        Scope::Platform("twitter".into()),
    ];
    for scope in scopes.iter().rev() {
        halt(&h, scope, Halt::Pause).await;
    }
    assert_eq!(
        live(&h).await,
        [
            "everything paused",
            "publishing paused",
            "spending paused",
            "agent fae paused",
            "campaign main paused",
            "platform twitter paused"
        ]
    );
    for (scope, returned) in scopes.iter().zip([0, 0, 0, 0, 1, 0]) {
        assert!(takes_nothing(&h, fence).await, "{scope:?} is live");
        assert_eq!(resume(&h, scope).await, returned, "{scope:?}");
        assert_eq!(resume(&h, scope).await, 0, "a resume is repeatable");
    }
    assert!(live(&h).await.is_empty());
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Approve).await;
    h.clock.advance(TIMES.fuse);
    let _ = take(&h, fence).await;
}

/// A halted fleet goes on in stages: work first, and what would leave is shown before it may.
/// Proves: R148.
pub async fn r148_a_fleet_goes_on_in_stages(h: Harness) {
    let fence = h.begin().await;
    h.due_effect(fence, "x").await;
    halt(&h, &Scope::Fleet, Halt::Kill).await;
    assert_eq!(stage(&h, Stage::Work).await, 1);
    assert_eq!(live(&h).await, ["publishing paused", "spending paused"]);
    assert_eq!(stage(&h, Stage::Work).await, 0, "a stage is repeatable");
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::Approve).await;
    h.clock.advance(TIMES.fuse);
    assert!(takes_nothing(&h, fence).await);
    let work = h.pending("y").await;
    let work = Some(work).zip(h.store().claim_task(fence, LEASE).await.unwrap());
    let task = work.expect("work goes on").1.task;
    assert!(matches!(
        reserve(&h, &task, "k").await,
        Reservation::Halted { .. }
    ));
    assert_eq!(h.store().leaving(10).await.unwrap().len(), 1);
    stage(&h, Stage::Spend).await;
    assert_eq!(live(&h).await, ["publishing paused"]);
    assert!(takes_nothing(&h, fence).await);
    stage(&h, Stage::Publish).await;
    assert!(live(&h).await.is_empty());
    let _ = take(&h, fence).await;
    halt(&h, &Scope::Fleet, Halt::Pause).await;
    stage(&h, Stage::Spend).await;
    assert_eq!(live(&h).await, ["publishing paused"]);
}

async fn proof(h: &Harness) -> HaltReport {
    let mut reports = h.store().halt_reports().await.unwrap();
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

/// A halt knows what was in flight when it was made: what still is, when the last effect ended, and what
/// was published after all. A restart keeps that.
/// Proves: R190.
pub async fn r190_a_halt_tells_what_was_in_flight_and_what_slipped_past(h: Harness) {
    let fence = begin_with_two(&h).await;
    one_due_of_each(&h, fence).await;
    let (order, other) = (take(&h, fence).await, take(&h, fence).await);
    h.pending("y").await;
    let work = h.claim(fence).await;
    let _ = reserve(&h, &work.task, "k").await;
    assert_eq!(halt(&h, &Scope::Fleet, Halt::Kill).await, 2);
    let kinds = |report: &HaltReport, kind| {
        let of = report.in_flight.iter();
        of.filter(|f| f.kind == kind).count()
    };
    let at_once = proof(&h).await;
    assert_eq!(kinds(&at_once, InFlightKind::Effect), 2);
    assert_eq!(kinds(&at_once, InFlightKind::Claim), 1);
    assert_eq!(kinds(&at_once, InFlightKind::Reservation), 1);
    assert_eq!(
        (
            at_once.halt.proof.under_way,
            at_once.halt.proof.last_effect_ended
        ),
        (4, None)
    );

    h.clock.advance(TIMES.fuse);
    let store = h.store();
    let settled = Settlement::Confirmed(receipt());
    let settle = store.settle_effect(order.effect_id, order.version, settled);
    done(settle.await.unwrap());
    let half = proof(&h).await;
    assert_eq!(
        (half.halt.proof.under_way, half.halt.proof.last_effect_ended),
        (3, None)
    );
    h.clock.advance(TIMES.fuse);
    let last = h.ambient.now();
    let why = "no route".into();
    let not_sent = Settlement::NotSent { why, at: last };
    let settle = store.settle_effect(other.effect_id, other.version, not_sent);
    done(settle.await.unwrap());
    let retry = Failure::Retry {
        why: "halted".into(),
        at: last,
    };
    done(store.fail_task(&work.claim, retry).await.unwrap());
    h.clock.advance(TIMES.fuse);
    assert!(takes_nothing(&h, fence).await);
    h.reopen();
    let over = proof(&h).await;
    assert_eq!(over.halt.proof.last_effect_ended, Some(last));
    let slipped = over.in_flight.iter().filter(|f| f.slipped);
    let slipped: Vec<_> = slipped.map(|f| f.label.as_str()).collect();
    assert_eq!(
        (slipped, over.began_after),
        (vec![order.call.post.text.as_str()], 0)
    );
    // Nobody knows what became of the money: that is not the same as over.
    assert_eq!(over.halt.proof.under_way, 1);
    resume(&h, &Scope::Fleet).await;
    assert!(h.store().halt_reports().await.unwrap().is_empty());
}

/// What nobody knows cannot be halted, and where a kill would say nothing more than a pause it is refused.
/// Proves: R148.
pub async fn r148_what_is_not_there_cannot_be_halted(h: Harness) {
    h.begin().await;
    let id = h.ambient.fresh();
    for scope in [
        Scope::Agent(AgentId::from_uuid(id)),
        Scope::Campaign(CampaignId::from_uuid(id)),
        Scope::Platform("nowhere".into()),
    ] {
        let halted = h.store().halt(scope.clone(), Halt::Pause, "ana", "").await;
        assert_eq!(halted.unwrap(), Outcome::NotFound, "{scope:?}");
        let resumed = h.store().resume(scope.clone(), "ana").await;
        assert_eq!(resumed.unwrap(), Outcome::NotFound, "{scope:?}");
    }
    let row = house(&h, "main").await;
    for scope in [Scope::Spending, Scope::Campaign(row.id)] {
        let killed = h.store().halt(scope.clone(), Halt::Kill, "ana", "").await;
        assert!(killed.is_err(), "{scope:?}");
    }
    assert!(live(&h).await.is_empty());
}
