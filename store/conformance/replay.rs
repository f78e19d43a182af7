//! What the store of the past promises.

use chimera_domain::{
    Timestamp, Usd,
    basis::{self, StoredDecision, StoredVerdict, Subject, VerdictBasis},
    halt::{Halt, Scope},
    ids::{IntentId, TaskId, VerdictId},
    policy::BudgetPolicy,
    ports::DecisionKind,
    spend::{BudgetCategory, Limit, Reservation, SpendRequest},
    ticket::{Choice, RejectClass, TicketState},
    verdict::{Case, Route, Verdict},
    views::LostTo,
};

use super::{
    Harness, done,
    fixtures::{TIMES, call, persona, policy, submission, verdict},
    lost,
};

/// A verdict that keeps what it was made from.
async fn judged(h: &Harness, case: &Case, route: Route) -> Verdict {
    let verdict = Verdict {
        basis: Some(VerdictBasis::of(case, Some(&persona()), &policy())),
        ..verdict(route, case.call.content_hash())
    };
    done(
        h.store()
            .commit_verdict(case.task.id, case.task.version, &verdict, TIMES)
            .await
            .unwrap(),
    );
    verdict
}

async fn behind(h: &Harness, subject: Subject) -> Vec<StoredDecision> {
    let found = h.store().decisions_behind(subject).await.unwrap();
    found.expect("the thing")
}

fn only_verdict(found: Vec<StoredDecision>) -> StoredVerdict {
    let mut verdicts = found.into_iter().filter_map(|decision| match decision {
        StoredDecision::Verdict(stored) => Some(*stored),
        StoredDecision::Relevance(_) | StoredDecision::Spend(_) => None,
    });
    let first = verdicts.next().expect("a verdict");
    assert!(verdicts.next().is_none());
    first
}

/// A verdict comes back with exactly the case it was made from, after an edit of the campaign, a halt
/// and a restart: what holds today is not taken instead.
/// Proves: R167.
pub async fn r167_a_verdict_brings_what_it_was_made_from(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "x").await;
    let made = judged(&h, &case, Route::HitlQueue).await;
    let mut setup = h.setup();
    setup.campaigns[0].goal = "be somebody else".into();
    setup.policy.hash = chimera_domain::ContentHash::of_bytes(b"another policy");
    setup.policy.judge.blocked_phrases = vec!["x".into()];
    h.store().install(&setup).await.unwrap();
    h.reopen();

    let stored = only_verdict(behind(&h, Subject::Task(case.task.id)).await);
    assert_eq!((&stored.verdict, stored.routed), (&made, Route::HitlQueue));
    let inputs = stored.inputs.expect("its inputs");
    assert_eq!(inputs.persona.as_ref(), Some(&persona()));
    assert_eq!(inputs.policy, policy());
    assert_eq!(
        (&inputs.case.call, &inputs.case.campaign),
        (&case.call, &case.campaign)
    );
    assert_eq!(inputs.case.artifacts, case.artifacts);
    let digest = basis::digest(&inputs.case, inputs.persona.as_ref(), &inputs.policy);
    assert_eq!(digest, made.basis.expect("a basis").digest);

    // What a new verdict would be made from is another thing.
    let now = h.store().present_case(case.task.id).await.unwrap();
    let now = now.expect("a case");
    assert_eq!(now.case.campaign.goal, "be somebody else");
    assert_eq!(now.policy.judge.blocked_phrases, ["x"]);
    assert_eq!(h.store().policy_in_force().await.unwrap(), Some(now.policy));
}

/// A ticket and an effect lead to the verdict that asked or approved; what is not there is `None`, and a
/// verdict without a basis says so.
/// Proves: R167.
pub async fn r167_tickets_and_effects_lead_to_their_verdict(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "asked").await;
    let asked = only_verdict(behind(&h, Subject::Ticket(card.row.id)).await);
    assert_eq!(asked.task, card.post().unwrap().task_id);
    assert!(asked.inputs.is_err());
    let refuse = Choice::Reject {
        class: RejectClass::Factual,
        note: String::new(),
    };
    done(h.decide(&card, refuse, "ana").await);
    let fate = only_verdict(behind(&h, Subject::Verdict(asked.id)).await).ticket;
    let fate = fate.expect("a ticket");
    assert_eq!(
        (fate.state, fate.by.as_deref(), fate.class),
        (
            TicketState::Rejected,
            Some("ana"),
            Some(RejectClass::Factual)
        )
    );

    h.due_effect(fence, "by itself").await;
    let order = h.store().take_effect(fence).await.unwrap();
    let order = order.expect("an effect");
    let approved = only_verdict(behind(&h, Subject::Effect(order.effect_id)).await);
    assert_eq!(
        (approved.task, approved.routed),
        (order.task_id, Route::Approve)
    );

    let nothing = VerdictId::from_uuid(h.ambient.fresh());
    let found = h.store().decisions_behind(Subject::Verdict(nothing)).await;
    assert_eq!(found.unwrap(), None);
}

/// Pages of every kind go on where the last one ended, and give each decision once, oldest first.
/// Proves: R167.
pub async fn r167_pages_give_each_decision_once(h: Harness) {
    let fence = h.begin().await;
    for text in ["a", "b", "c"] {
        // All in one moment: the id decides.
        let case = h.in_review(fence, text).await;
        judged(&h, &case, Route::HitlQueue).await;
    }
    for (kind, whole) in [
        (DecisionKind::Relevance, 3),
        (DecisionKind::Verdict, 3),
        (DecisionKind::Spend, 0),
    ] {
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let page = h
                .store()
                .decisions_since(kind, h.ambient.now(), after, 1)
                .await
                .unwrap();
            let Some(decision) = page.first() else { break };
            assert_eq!(page.len(), 1);
            names.push(decision.name());
            after = Some(decision.place());
        }
        let mut once = names.clone();
        once.sort();
        once.dedup();
        assert_eq!((names.len(), once), (whole, names));
        let later = Timestamp::from_micros(h.ambient.now().micros() + 1);
        let none = h.store().decisions_since(kind, later, None, 9).await;
        assert!(none.unwrap().is_empty());
    }
}

/// An intent keeps what it was held against, refused or not: the same comparison gives the same end.
/// Proves: R167.
pub async fn r167_an_intent_keeps_its_limits(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    let task = h.claim(fence).await.task;
    let day = Usd::from_micros(100);
    let budget = BudgetPolicy {
        agent_day_usd_max: day,
        ..policy().budget
    };
    for (key, micros) in [("fits", 60), ("does not", 60)] {
        let request = SpendRequest {
            intent_id: IntentId::from_uuid(h.ambient.fresh()),
            key: key.into(),
            agent_id: task.agent_id,
            campaign_id: task.campaign_id,
            task_id: task.id,
            trace_id: task.trace_id,
            category: BudgetCategory::MediaGeneration,
            memo: "a picture".into(),
            estimate: Usd::from_micros(micros),
            task_cap: Usd::from_micros(1_000),
            simulated: false,
        };
        let held = h.store().reserve(&request, &budget).await.unwrap();
        let found = behind(&h, Subject::Intent(request.intent_id)).await;
        let [StoredDecision::Spend(stored)] = found.as_slice() else {
            panic!("{found:?}");
        };
        let limits = stored.limits.as_ref().expect("its limits");
        let binding = Limit::binding(limits, stored.estimate);
        match held {
            Reservation::Reserved(_) => assert_eq!(binding, None),
            Reservation::Refused {
                limit, cap, used, ..
            } => {
                let binding = binding.expect("a limit");
                assert_eq!(
                    (&binding.limit, binding.cap, binding.used),
                    (&limit, cap, used)
                );
                assert_eq!(binding.refusal(stored.estimate), stored.why);
                assert_eq!((limit.as_str(), used), ("agent_day", Usd::from_micros(60)));
            }
            Reservation::Halted { why, .. } => panic!("nobody halted: {why}"),
        }
        assert_eq!(held_back(limits), day);
    }
}

fn held_back(limits: &[Limit]) -> Usd {
    let day = limits.iter().find(|limit| limit.limit == "agent_day");
    day.expect("the day").cap
}

/// The past of a task has every version once, and a result that came too late names who was faster.
/// Proves: R197.
pub async fn r197_a_task_tells_its_versions_and_to_whom_it_lost(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    let work = h.claim(fence).await;
    let paused = h.ambient.now();
    let scope = Scope::Campaign(h.store().overview().await.unwrap().campaigns[0].id);
    let store = h.store();
    done(
        store
            .halt(scope.clone(), Halt::Pause, "ana", "wrong tone")
            .await
            .unwrap(),
    );
    h.clock.advance(chimera_domain::Span::from_secs(1));
    done(store.resume(scope, "ben").await.unwrap());
    drop(store);
    let result = submission(Some(call("a")));
    lost(
        h.store()
            .submit_result(&work.claim, result.clone())
            .await
            .unwrap(),
    );
    let again = h.claim(fence).await;
    done(h.store().submit_result(&again.claim, result).await.unwrap());
    let case = h.store().next_case().await.unwrap().expect("a case");
    judged(&h, &case, Route::HitlQueue).await;
    h.reopen();

    let past = h.store().task_history(id).await.unwrap();
    let past = past.expect("a past");
    let steps: Vec<(i64, &str, &str)> = past
        .moves
        .iter()
        .map(|m| (m.version, m.to.as_str(), m.reason.as_str()))
        .collect();
    assert_eq!(
        steps,
        [
            (1, "pending", "ordinary"),
            (2, "claimed", "ordinary"),
            (3, "pending", "occ_stale"),
            (4, "claimed", "ordinary"),
            (5, "review", "ordinary"),
            (6, "ticketed", "ordinary"),
        ]
    );
    let losses: Vec<&LostTo> = past.moves.iter().filter_map(|m| m.lost.as_ref()).collect();
    let [loss] = losses.as_slice() else {
        panic!("{losses:?}");
    };
    assert_eq!((loss.by.as_str(), loss.at), ("ana", paused));
    assert!(loss.what.as_str().contains("wrong tone"), "{}", loss.what);
    assert!(loss.stale.is_some());
    let stored = only_verdict(behind(&h, Subject::Task(id)).await);
    assert_eq!(past.moves[5].verdict, Some(stored.id));
    let nobody = TaskId::from_uuid(h.ambient.fresh());
    assert_eq!(h.store().task_history(nobody).await.unwrap(), None);
}
