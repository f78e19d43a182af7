//! What the store promises where one person is not enough.

use chimera_domain::{
    Outcome, Span, Usd,
    effect::EffectState,
    mode::{Mode, ModeScope},
    policy::{Price, PriceUnit},
    publication::Sample,
    second::SecondApprover,
    spend::BudgetCategory,
    ticket::{Choice, Decided, RejectClass, TicketState},
    verdict::{Route, SensitiveSpan, SensitiveTopic},
    views::{PageRequest, TicketCard},
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, call, decide, verdict},
    lost,
};

const FIRST_POST: SecondApprover = SecondApprover {
    money_over: None,
    sensitive_audience_over: None,
    first_live_post: true,
};
const MONEY: SecondApprover = SecondApprover {
    money_over: Some(Usd::from_micros(10_000)),
    sensitive_audience_over: None,
    first_live_post: false,
};
const SENSITIVE: SecondApprover = SecondApprover {
    money_over: None,
    sensitive_audience_over: Some(100),
    first_live_post: false,
};

/// Begins under a rule, where sending costs so much, or nobody knows how much.
async fn begin(h: &Harness, rule: SecondApprover, price: Option<i64>) -> i64 {
    let mut setup = h.setup();
    setup.policy.judge.second_approver = rule;
    setup.policy.budget.prices = price
        .map(|micros| Price {
            server: "twitter".into(),
            tool: "post_content".into(),
            unit: PriceUnit::Call,
            usd: Usd::from_micros(micros),
            usd_out: None,
            units_max: 1,
            since: "2026-01-01".into(),
            category: BudgetCategory::Publishing,
            simulated: false,
        })
        .into_iter()
        .collect();
    h.store().install(&setup).await.unwrap();
    h.go_live().await;
    h.lease(1).await.fence
}

/// The ticket as it is now.
async fn again(h: &Harness, card: &TicketCard) -> TicketCard {
    h.card(card.row.id).await
}

/// Approves as the first of two; the ticket as it is then.
async fn first(h: &Harness, card: &TicketCard, actor: &str) -> TicketCard {
    let decided = done(h.decide(card, Choice::Approve, actor).await);
    assert_eq!(decided, Decided::FirstOfTwo);
    again(h, card).await
}

/// Approves, and something goes out because of it.
async fn lets_out(h: &Harness, card: &TicketCard, actor: &str) {
    let decided = done(h.decide(card, Choice::Approve, actor).await);
    assert!(matches!(decided, Decided::Held { .. }), "{decided:?}");
}

/// Who is shown as the first of two.
fn first_by(card: &TicketCard) -> Option<&str> {
    card.row.first.as_ref().map(|first| first.by.as_str())
}

/// Nothing can leave, now or when any fuse has burnt down.
async fn nothing_leaves(h: &Harness, fence: i64) {
    let open = h.store().open_effects(&PageRequest::first(10)).await;
    assert_eq!(open.unwrap().total, 0);
    h.clock.advance(TIMES.fuse);
    assert!(h.store().take_effect(fence).await.unwrap().is_none());
}

/// The verbs and notes of the audit that a word finds, oldest first.
async fn audited(h: &Harness, word: &str) -> Vec<(String, String, String)> {
    let mut asked = PageRequest::first(50);
    asked.filter = word.into();
    let page = h.store().audit(&asked).await.unwrap();
    let line = |row: &chimera_domain::views::AuditRow| {
        (
            row.verb.to_string(),
            row.actor.to_string(),
            row.note.to_string(),
        )
    };
    page.rows.iter().rev().map(line).collect()
}

/// The first of two people lets nothing out; the second, another person, does. Both are in the audit, by name.
/// Proves: R78, R76.
pub async fn r78_nothing_leaves_before_another_person_approves(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let why: Vec<&str> = card.two.iter().map(|why| why.as_str()).collect();
    assert_eq!(why, ["the first live post of this account"]);
    let waits = first(&h, &card, "ana@one").await;
    assert_eq!(waits.row.state, TicketState::Open);
    assert_eq!(first_by(&waits), Some("ana@one"));
    assert_eq!(
        waits.row.reasons[0].as_str(),
        "approved by ana@one, needs a second person"
    );
    assert_eq!((&waits.decided, waits.effect), (&None, None));
    assert_eq!(h.state(card.post().unwrap().task_id).await, "ticketed");
    nothing_leaves(&h, fence).await;
    h.reopen();
    lets_out(&h, &waits, "ben@one").await;
    let decided = again(&h, &card).await;
    assert_eq!(decided.effect, Some(EffectState::Held));
    let told = decided.decided.unwrap();
    assert!(
        told.as_str().starts_with("approved by ben@one at ")
            && told
                .as_str()
                .ends_with("as the second person, after ana@one"),
        "{told}"
    );
    let lines = audited(&h, "second").await;
    let lines: Vec<_> = lines
        .iter()
        .map(|(verb, by, _)| (verb.as_str(), by.as_str()))
        .collect();
    assert_eq!(
        lines,
        [("approve_first", "ana@one"), ("move_ticket", "ben@one")]
    );
    h.clock.advance(TIMES.fuse);
    assert_eq!(take(&h, fence).await.content_hash, card.content_hash);
}

/// Nobody is their own second person, at another machine neither; they are told their own name, and nothing moves.
/// Proves: R78.
pub async fn r78_nobody_is_their_own_second_person(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let waits = first(&h, &card, "ana@one").await;
    for same in ["ana@one", "ana@two"] {
        let told = lost(h.decide(&waits, Choice::Approve, same).await);
        assert_eq!(told.by.as_deref(), Some("ana@one"));
        assert_eq!(told.now, "approved, and the second person must be another");
    }
    assert_eq!(again(&h, &card).await, waits);
    nothing_leaves(&h, fence).await;
}

/// Of two people at once, each with the same card, one counts: as the first, and as the second.
/// Proves: R78, R69.
pub async fn r78_of_two_at_once_one_counts(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let (other, store) = (h.another(), h.store());
    let one = decide(&card, Choice::Approve, "ana");
    let two = decide(&card, Choice::Approve, "ben");
    let (one, two) = tokio::join!(store.decide_ticket(&one), other.decide_ticket(&two));
    let outcomes = [one.unwrap(), two.unwrap()];
    let firsts = outcomes.iter().filter(|o| o.is_done()).count();
    assert_eq!(firsts, 1, "{outcomes:?}");
    let waits = again(&h, &card).await;
    let who = first_by(&waits).unwrap().to_owned();
    assert!(waits.effect.is_none());
    let one = decide(&waits, Choice::Approve, "cem");
    let two = decide(&waits, Choice::Approve, "dan");
    let (one, two) = tokio::join!(store.decide_ticket(&one), other.decide_ticket(&two));
    let outcomes = [one.unwrap(), two.unwrap()];
    let held = outcomes
        .iter()
        .filter(|o| matches!(o, Outcome::Done(Decided::Held { .. }, _)));
    assert_eq!(held.count(), 1, "{outcomes:?}");
    let told = again(&h, &card).await.decided.unwrap();
    assert!(told.as_str().ends_with(&format!("after {who}")), "{told}");
    let open = h.store().open_effects(&PageRequest::first(10)).await;
    assert_eq!(open.unwrap().total, 1);
}

/// A first approval is of that campaign and content: when they move, it falls, and two people are asked anew.
/// Proves: R78, R70, R2.
pub async fn r78_what_moves_between_voids_the_first_approval(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let waits = first(&h, &card, "ana").await;
    let mut setup = h.setup();
    setup.policy.judge.second_approver = FIRST_POST;
    setup.campaigns[0].goal = "something else".into();
    h.store().install(&setup).await.unwrap();
    let moved = again(&h, &card).await;
    assert_eq!(moved.row.state, TicketState::Superseded);
    assert_eq!(first_by(&moved), None);
    lost(h.decide(&waits, Choice::Approve, "ben").await);
    let case = h.store().next_case().await.unwrap().expect("a case");
    let asked = h.judge(&case, Route::HitlQueue).await.expect("a ticket");
    let asked = h.card(asked).await;
    assert_eq!(first_by(&asked), None);
    first(&h, &asked, "ben").await;
    nothing_leaves(&h, fence).await;
}

/// What a person writes instead is the writer's approval of it, and nobody else's: another person approves that very
/// text, in a ticket of its own.
/// Proves: R78, R66.
pub async fn r78_what_one_person_wrote_another_must_approve(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let waits = first(&h, &card, "ana").await;
    let text = || Choice::Edit {
        text: "better".into(),
    };
    done(h.decide(&waits, text(), "ben").await);
    assert_eq!(first_by(&again(&h, &card).await), None);
    let case = h.store().next_case().await.unwrap().expect("a case");
    let asked = h.judge(&case, Route::Approve).await.expect("a ticket");
    assert_ne!(asked, card.row.id);
    assert_eq!(again(&h, &card).await.row.state, TicketState::Superseded);
    let asked = h.card(asked).await;
    assert_eq!(
        (asked.text.as_str(), first_by(&asked)),
        ("better", Some("ben"))
    );
    nothing_leaves(&h, fence).await;
    lost(h.decide(&asked, Choice::Approve, "ben").await);
    lets_out(&h, &asked, "ana").await;
    h.clock.advance(TIMES.fuse);
    assert_eq!(take(&h, fence).await.call.post.text, "better");
}

/// A reject and asked changes end it; taken back, the ticket asks two people anew.
/// Proves: R78.
pub async fn r78_an_answer_of_another_kind_voids_the_first_approval(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    for choice in [
        Choice::Reject {
            class: RejectClass::Timing,
            note: String::new(),
        },
        Choice::RequestChanges {
            notes: "shorter".into(),
        },
    ] {
        let card = h.ticketed(fence, &format!("{choice:?}")).await;
        let waits = first(&h, &card, "ana").await;
        done(h.decide(&waits, choice, "ben").await);
        let answered = again(&h, &card).await;
        assert_eq!(first_by(&answered), None);
        let store = h.store();
        done(
            store
                .undo_decision(card.row.id, answered.row.version, "ben")
                .await
                .unwrap(),
        );
        let open = again(&h, &card).await;
        assert_eq!(first_by(&open), None);
        first(&h, &open, "ben").await;
    }
    nothing_leaves(&h, fence).await;
}

/// The first approval can be taken back while nobody was second, and both with the second's while the fuse burns.
/// Proves: R78, R183.
pub async fn r78_first_and_second_can_be_taken_back(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let waits = first(&h, &card, "ana").await;
    let store = h.store();
    let undo = |version| store.undo_decision(card.row.id, version, "ana");
    lost(undo(card.row.version).await.unwrap());
    done(undo(waits.row.version).await.unwrap());
    let open = again(&h, &card).await;
    assert_eq!(first_by(&open), None);
    lost(undo(open.row.version).await.unwrap());
    lost(h.decide(&waits, Choice::Approve, "ben").await);
    let waits = first(&h, &open, "ben").await;
    lets_out(&h, &waits, "ana").await;
    let held = again(&h, &card).await;
    done(undo(held.row.version).await.unwrap());
    let open = again(&h, &card).await;
    assert_eq!((first_by(&open), &open.decided), (None, &None));
    let waits = first(&h, &open, "ana").await;
    lets_out(&h, &waits, "ben").await;
    let verbs: Vec<String> = audited(&h, "first")
        .await
        .into_iter()
        .map(|l| l.0)
        .collect();
    assert_eq!(
        verbs,
        [
            "approve_first",
            "undo_first_approval",
            "approve_first",
            "approve_first"
        ]
    );
}

/// A ticket that is given away, put off or escalated, by a person or by time, keeps the approval it has; every one of
/// these is a version that the second person must have seen.
/// Proves: R78, R71.
pub async fn r78_waiting_keeps_the_first_approval(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let card = h.ticketed(fence, "x").await;
    let mut waits = first(&h, &card, "ana").await;
    let until = h.ambient.now().plus(Span::from_mins(5));
    for choice in [
        Choice::Assign { to: "ben".into() },
        Choice::Snooze { until },
    ] {
        let before = waits;
        done(h.decide(&before, choice, "ana").await);
        lost(h.decide(&before, Choice::Approve, "ben").await);
        waits = again(&h, &card).await;
        assert_eq!(first_by(&waits), Some("ana"));
    }
    h.clock.set(card.row.sla_at);
    assert_eq!(h.store().sweep().await.unwrap().escalated, 1);
    let late = again(&h, &card).await;
    assert_eq!(late.row.state, TicketState::Escalated);
    assert_eq!(first_by(&late), Some("ana"));
    lets_out(&h, &late, "ben").await;
}

/// What sending costs decides whether a person and the judge may each let it out alone.
async fn money(h: &Harness, price: Option<i64>, two: bool) {
    let fence = begin(h, MONEY, price).await;
    let card = h.ticketed(fence, "asked").await;
    assert_eq!(!card.two.is_empty(), two);
    let decided = done(h.decide(&card, Choice::Approve, "ana").await);
    assert_eq!(decided == Decided::FirstOfTwo, two);
    let case = h.in_review(fence, "sure").await;
    let asked = h.judge(&case, Route::Approve).await;
    assert_eq!(asked.is_some(), two);
    let state = h.state(case.task.id).await;
    assert_eq!(state, if two { "ticketed" } else { "approved" });
}

/// Money up to the limit takes one person, or the judge where it is sure.
/// Proves: R78.
pub async fn r78_money_up_to_the_limit_takes_one(h: Harness) {
    money(&h, Some(10_000), false).await;
}

/// Money over the limit takes two people, and the judge does not let it out alone, however sure it is.
/// Proves: R78, R1.
pub async fn r78_money_over_the_limit_takes_two_whoever_is_sure(h: Harness) {
    money(&h, Some(10_001), true).await;
}

/// What nobody knows the cost of takes two people.
/// Proves: R78.
pub async fn r78_money_nobody_knows_takes_two(h: Harness) {
    money(&h, None, true).await;
}

/// Sensitive text takes two people where many see the account, or nobody knows how many; before few, one.
/// Proves: R78.
pub async fn r78_sensitive_text_takes_two_before_many(h: Harness) {
    let fence = begin(&h, SENSITIVE, None).await;
    for (n, (views, two)) in [(None, true), (Some(101), true), (Some(100), false)]
        .into_iter()
        .enumerate()
    {
        h.due_effect(fence, &format!("post {n}")).await;
        let order = take(&h, fence).await;
        h.confirm(&order).await;
        let sample = Sample {
            at: h.ambient.now(),
            likes: 1,
            shares: 0,
            comments: 0,
            views,
            simulated: false,
        };
        for due in h.store().due_publications(10).await.unwrap() {
            let later = h.ambient.now().plus(Span::from_mins(1));
            let store = h.store();
            let looked = store.commit_sample(due.id, due.version, Some(sample), later);
            done(looked.await.unwrap());
        }
        let case = h.in_review(fence, &format!("sensitive {n}")).await;
        let mut found = verdict(Route::HitlQueue, case.call.content_hash());
        found.sensitive = vec![SensitiveSpan {
            topic: SensitiveTopic::Health,
            span: "vaccine".into(),
            field: "text".into(),
            rule: "keyword".into(),
        }];
        let store = h.store();
        let judged = store.commit_verdict(case.task.id, case.task.version, &found, TIMES);
        let card = h.card(done(judged.await.unwrap()).expect("a ticket")).await;
        assert_eq!(!card.two.is_empty(), two, "{views:?}");
        let decided = done(h.decide(&card, Choice::Approve, "ana").await);
        assert_eq!(decided == Decided::FirstOfTwo, two, "{views:?}");
        h.clock.advance(Span::from_mins(1));
        // What is not sensitive one person lets out, whoever sees it.
        let card = h.ticketed(fence, &format!("harmless {n}")).await;
        let decided = done(h.decide(&card, Choice::Approve, "ana").await);
        assert!(matches!(decided, Decided::Held { .. }));
        let undone = again(&h, &card).await.row.version;
        done(
            h.store()
                .undo_decision(card.row.id, undone, "ana")
                .await
                .unwrap(),
        );
    }
}

/// After the first live post of an account one person is enough, and so it is for what reaches nobody.
/// Proves: R78, R8.
pub async fn r78_one_is_enough_after_the_first_post_and_where_nothing_is_live(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    h.set_mode(ModeScope::Server("twitter".into()), Mode::DryRun, "")
        .await
        .unwrap()
        .done();
    let card = h.ticketed(fence, "rehearsed").await;
    assert!(card.two.is_empty() && card.row.dry);
    lets_out(&h, &card, "ana").await;
    h.go_live().await;
    // It was approved for nowhere: now it is asked about anew, and takes two.
    let case = h.store().next_case().await.unwrap().expect("a case");
    let asked = h.judge(&case, Route::HitlQueue).await.expect("a ticket");
    let asked = h.card(asked).await;
    let waits = first(&h, &asked, "ana").await;
    lets_out(&h, &waits, "ben").await;
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    h.confirm(&order).await;
    let next = h.ticketed(fence, "the second post").await;
    assert!(next.two.is_empty());
    lets_out(&h, &next, "ana").await;
}

/// Where the rule asks for one person by now, whoever approved first may let it out.
/// Proves: R78.
pub async fn r78_a_rule_that_ceased_asks_nobody_twice(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let one = h.ticketed(fence, "one").await;
    let other = h.ticketed(fence, "other").await;
    let one = first(&h, &one, "ana").await;
    let other = first(&h, &other, "ana").await;
    lets_out(&h, &one, "ben").await;
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    h.confirm(&order).await;
    lets_out(&h, &again(&h, &other).await, "ana").await;
}

/// Of several at once none is one that two people approve, be it the first or the second approval.
/// Proves: R78, R74, R184.
pub async fn r78_several_at_once_leave_out_what_two_approve(h: Harness) {
    let fence = begin(&h, FIRST_POST, None).await;
    let one = h.ticketed(fence, "one").await;
    let waits = h.ticketed(fence, "two").await;
    let waits = first(&h, &waits, "ana").await;
    let all: Vec<_> = [&one, &waits]
        .iter()
        .map(|card| decide(card, Choice::Approve, "ben"))
        .collect();
    for outcome in h.store().decide_tickets(&all).await.unwrap() {
        let told = lost(outcome);
        assert!(told.now.contains("two people approve"), "{told}");
    }
    assert_eq!(again(&h, &waits).await, waits);
    assert_eq!(
        call("one").content_hash(),
        again(&h, &one).await.content_hash
    );
    nothing_leaves(&h, fence).await;
}
