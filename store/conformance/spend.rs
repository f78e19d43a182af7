//! What the store of money promises.

use chimera_domain::{
    Span, StoreError, Timestamp, Usd,
    ids::IntentId,
    policy::BudgetPolicy,
    spend::{BudgetCategory, IntentState, Reservation, SpendRequest},
    task::Task,
    views::{PageRequest, Reality},
};

use super::{Harness, fixtures::policy};

async fn task(h: &Harness) -> Task {
    let fence = h.begin().await;
    h.pending("a").await;
    h.claim(fence).await.task
}

pub(super) fn request(h: &Harness, task: &Task, key: &str, estimate: i64) -> SpendRequest {
    SpendRequest {
        intent_id: IntentId::from_uuid(h.ambient.fresh()),
        key: key.into(),
        agent_id: task.agent_id,
        campaign_id: task.campaign_id,
        task_id: task.id,
        trace_id: task.trace_id,
        category: BudgetCategory::MediaGeneration,
        memo: "a picture".into(),
        estimate: Usd::from_micros(estimate),
        task_cap: Usd::from_micros(1_000_000_000),
        simulated: false,
    }
}

pub(super) fn budget(day: i64) -> BudgetPolicy {
    BudgetPolicy {
        agent_day_usd_max: Usd::from_micros(day),
        ..policy().budget
    }
}

fn reserved(reservation: Reservation) -> IntentId {
    match reservation {
        Reservation::Reserved(intent) => intent,
        refused @ (Reservation::Refused { .. } | Reservation::Halted { .. }) => {
            panic!("{refused:?}")
        }
    }
}

fn refused(reservation: Reservation) -> (String, i64, Option<Timestamp>) {
    match reservation {
        Reservation::Refused {
            limit,
            used,
            frees_at,
            ..
        } => (limit, used.micros(), frees_at),
        other @ (Reservation::Reserved(_) | Reservation::Halted { .. }) => panic!("{other:?}"),
    }
}

/// What counts against the caps, from the ledger as people see it.
async fn counted(h: &Harness) -> i64 {
    let page = h.store().ledger(&PageRequest::first(200)).await.unwrap();
    let sum = page.rows.iter().map(|row| match row.state {
        IntentState::Posted => row.actual.unwrap().micros(),
        IntentState::Pending | IntentState::Uncertain => row.estimate.micros(),
        IntentState::Refused | IntentState::Voided => 0,
    });
    sum.sum()
}

/// However many ask at once, and through however many stores, what is reserved never exceeds the cap.
/// Proves: R93.
pub async fn r93_concurrent_reservations_never_exceed_a_cap(h: Harness) {
    let task = task(&h).await;
    let mut racing = Vec::new();
    for i in 0..60 {
        let store = if i % 2 == 0 { h.store() } else { h.another() };
        let request = request(&h, &task, &format!("k{i}"), 3);
        racing.push(tokio::spawn(async move {
            store.reserve(&request, &budget(100)).await.unwrap()
        }));
    }
    let mut granted = 0;
    for reservation in racing {
        granted += i64::from(matches!(
            reservation.await.unwrap(),
            Reservation::Reserved(_)
        ));
    }
    assert_eq!(granted, 33, "three micros each of a hundred");
    assert_eq!(counted(&h).await, 99);
    assert_eq!(h.store().verify_ledger().await.unwrap(), 33);
}

/// What is left is told as a reservation is held against it: the task's own cap, the campaign's and the agent's day, what
/// is only set aside counted in.
/// Proves: R47.
pub async fn r47_what_is_left_is_what_a_reservation_is_held_against(h: Harness) {
    let task = task(&h).await;
    let funds = || async {
        let funds = h.store().funds(&task, &budget(100)).await.unwrap();
        let used: Vec<i64> = funds.iter().map(|limit| limit.used.micros()).collect();
        let names: Vec<String> = funds.into_iter().map(|limit| limit.limit).collect();
        assert_eq!(names, ["task", "campaign_total", "agent_day"]);
        used
    };
    assert_eq!(funds().await, [0, 0, 0]);
    let kept = reserved(
        h.store()
            .reserve(&request(&h, &task, "a", 30), &budget(100))
            .await
            .unwrap(),
    );
    assert_eq!(funds().await, [30, 30, 30]);
    h.store().settle(kept, Usd::from_micros(20)).await.unwrap();
    assert_eq!(funds().await, [20, 20, 20]);
    let caps = h.store().funds(&task, &budget(100)).await.unwrap();
    assert_eq!(caps[0].cap, task.spec.budget_usd_max);
    assert_eq!(caps[2].cap, Usd::from_micros(100));
}

/// In random walks of reserving, settling within the estimate, releasing, doubting and restarting,
/// what counts stays within the cap and the ledger holds after every step.
/// Proves: R93, R100.
pub async fn r93_random_walks_never_exceed_a_cap_and_the_ledger_holds(h: Harness) {
    const CAP: i64 = 500;
    let task = task(&h).await;
    let mut open: Vec<(IntentId, i64)> = Vec::new();
    let pick = |below: u64| {
        i64::try_from(h.ambient.jitter(Span::from_micros(below - 1)).micros()).unwrap()
    };
    for step in 0..160 {
        let store = h.store();
        match pick(10) {
            0..=4 => {
                let estimate = pick(80);
                let request = request(&h, &task, &format!("k{}", pick(60)), estimate);
                if let Reservation::Reserved(id) =
                    store.reserve(&request, &budget(CAP)).await.unwrap()
                    && id == request.intent_id
                {
                    open.push((id, estimate));
                }
            }
            9 => h.reopen(),
            action if !open.is_empty() => {
                let at = usize::try_from(pick(u64::try_from(open.len()).unwrap())).unwrap();
                let (id, estimate) = open[at];
                let actual = Usd::from_micros(pick(u64::try_from(estimate).unwrap() + 1));
                match action {
                    5 => store.doubt(id, "no answer").await.unwrap(),
                    6 => {
                        store.void(id, "not made").await.unwrap();
                        open.swap_remove(at);
                    }
                    _ => {
                        store.settle(id, actual).await.unwrap();
                        open.swap_remove(at);
                    }
                }
            }
            _ => {}
        }
        assert!(counted(&h).await <= CAP, "step {step}");
        h.store().verify_ledger().await.unwrap();
    }
    assert!(counted(&h).await > 0);
}

/// The same key gives the same intent and reserves nothing more, before and after it is settled; a
/// released key may be reserved afresh.
/// Proves: R93, R4.
pub async fn r93_a_key_is_reserved_once(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    let first = reserved(
        store
            .reserve(&request(&h, &task, "k", 10), &budget(100))
            .await
            .unwrap(),
    );
    h.reopen();
    let store = h.store();
    for _ in 0..2 {
        let again = store
            .reserve(&request(&h, &task, "k", 10), &budget(100))
            .await
            .unwrap();
        assert_eq!(reserved(again), first);
        store.settle(first, Usd::from_micros(4)).await.unwrap();
    }
    assert_eq!(counted(&h).await, 4);
    let repeated = request(&h, &task, "other", 10);
    let other = reserved(store.reserve(&repeated, &budget(100)).await.unwrap());
    store.void(other, "not made").await.unwrap();
    let fresh = reserved(store.reserve(&repeated, &budget(100)).await.unwrap());
    assert_ne!(fresh, other);
    assert_eq!(counted(&h).await, 14);
    store.verify_ledger().await.unwrap();
}

/// Task, campaign and agent caps each refuse by name, with what is used; a refusal is recorded,
/// reserves nothing and tells a person.
/// Proves: R93.
pub async fn r93_each_limit_binds_by_its_name(h: Harness) {
    let mut setup = h.setup();
    setup.campaigns[0].budget_usd_max = Usd::from_micros(50);
    h.store().install(&setup).await.unwrap();
    let fence = h.lease(1).await.fence;
    h.pending("a").await;
    let task = h.claim(fence).await.task;
    let store = h.store();
    reserved(
        store
            .reserve(&request(&h, &task, "k", 10), &budget(100))
            .await
            .unwrap(),
    );
    let mut small = request(&h, &task, "small", 10);
    small.task_cap = Usd::from_micros(19);
    let task_refusal = refused(store.reserve(&small, &budget(100)).await.unwrap());
    assert_eq!(task_refusal, ("task".into(), 10, None));
    let big = request(&h, &task, "big", 41);
    let campaign_refusal = refused(store.reserve(&big, &budget(100)).await.unwrap());
    assert_eq!(campaign_refusal, ("campaign_total".into(), 10, None));
    let day = refused(
        store
            .reserve(&request(&h, &task, "day", 10), &budget(19))
            .await
            .unwrap(),
    );
    assert_eq!((day.0.as_str(), day.1), ("agent_day", 10));
    assert_eq!(h.alerts("spend_refused").await.0, 3);
    let page = store
        .ledger(&PageRequest {
            filter: "refused".into(),
            ..PageRequest::first(10)
        })
        .await
        .unwrap();
    assert_eq!(page.total, 3);
    assert!(
        page.rows
            .iter()
            .all(|row| row.entries.is_empty() && !row.why.is_empty())
    );
    assert_eq!(store.verify_ledger().await.unwrap(), 1);
}

/// Below the estimate the rest is released, above it the over-run is posted too and told; nothing
/// is posted for nothing, settling twice changes nothing, and another amount is refused.
/// Proves: R92, R100.
pub async fn r92_settling_posts_exactly_what_it_cost(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    let shape = async |key: &str, estimate: i64, actual: i64| {
        let request = request(&h, &task, key, estimate);
        let id = reserved(store.reserve(&request, &budget(1_000)).await.unwrap());
        store.settle(id, Usd::from_micros(actual)).await.unwrap();
        store.settle(id, Usd::from_micros(actual)).await.unwrap();
        let other = store.settle(id, Usd::from_micros(actual + 1)).await;
        assert!(other.is_err(), "it is settled at another amount already");
        let page = store.ledger(&PageRequest::first(200)).await.unwrap();
        let row = page
            .rows
            .into_iter()
            .find(|row| row.intent_id == id)
            .unwrap();
        assert_eq!(row.actual, Some(Usd::from_micros(actual)));
        row.entries
            .iter()
            .map(|e| format!("{}<{} {}", e.debit, e.credit, e.amount.micros()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shape("exact", 10, 10).await,
        ["reserved<budget 10", "expense<reserved 10"]
    );
    assert_eq!(
        shape("less", 10, 4).await,
        [
            "reserved<budget 10",
            "expense<reserved 4",
            "budget<reserved 6"
        ]
    );
    assert_eq!(
        shape("more", 10, 13).await,
        [
            "reserved<budget 10",
            "expense<reserved 10",
            "expense<budget 3"
        ]
    );
    assert_eq!(shape("free", 0, 0).await, [""; 0]);
    assert_eq!(
        shape("nothing", 10, 0).await,
        ["reserved<budget 10", "budget<reserved 10"]
    );
    assert_eq!(h.alerts("spend_overrun").await, (1, 1));
    assert_eq!(counted(&h).await, 27);
    store.verify_ledger().await.unwrap();
    let overview = store.overview().await.unwrap();
    assert_eq!(
        (overview.spent_day.micros(), overview.reserved),
        (27, Usd::ZERO)
    );
}

/// What may or may not have been spent counts like money spent until somebody knows.
/// Proves: R93.
pub async fn r93_doubt_goes_on_counting(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    let id = reserved(
        store
            .reserve(&request(&h, &task, "k", 60), &budget(100))
            .await
            .unwrap(),
    );
    store.doubt(id, "timeout").await.unwrap();
    store.doubt(id, "timeout").await.unwrap();
    assert_eq!(h.alerts("spend_uncertain").await, (1, 1));
    let overview = store.overview().await.unwrap();
    let (spent, doubt) = (overview.spent_day, overview.uncertain_day);
    assert_eq!(
        (spent, doubt),
        (Usd::ZERO, Usd::from_micros(60)),
        "told apart"
    );
    let next = store
        .reserve(&request(&h, &task, "next", 41), &budget(100))
        .await
        .unwrap();
    assert_eq!(refused(next).1, 60);
    store.void(id, "the provider says no").await.unwrap();
    store.void(id, "the provider says no").await.unwrap();
    assert_eq!(h.alerts("spend_uncertain").await.0, 0);
    reserved(
        store
            .reserve(&request(&h, &task, "later", 100), &budget(100))
            .await
            .unwrap(),
    );
    store.verify_ledger().await.unwrap();
}

/// The day's money says how much of it is simulated, whatever its campaign publishes through now, and
/// what was spent today was spent also when its campaign is gone.
/// Proves: R7.
pub async fn r7_sums_say_how_much_of_them_is_real(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    let spend = async |key: &str, amount: i64, simulated: bool| {
        let request = SpendRequest {
            simulated,
            ..request(&h, &task, key, amount)
        };
        let id = reserved(store.reserve(&request, &budget(1_000)).await.unwrap());
        store.settle(id, Usd::from_micros(amount)).await.unwrap();
    };
    spend("real", 30, false).await;
    assert_eq!(store.overview().await.unwrap().money(), Reality::Real);
    spend("sim", 12, true).await;
    let mut setup = h.setup();
    setup.simulated_servers = vec!["twitter".into()];
    store.install(&setup).await.unwrap();
    let mixed = Reality::Mixed(Usd::from_micros(12));
    let house = store.overview().await.unwrap();
    assert_eq!((house.spent_day.micros(), house.money()), (42, mixed));
    let campaign = &house.campaigns[0];
    assert_eq!(Reality::of(campaign.spent, campaign.spent_simulated), mixed);
    setup.campaigns.clear();
    store.install(&setup).await.unwrap();
    let house = store.overview().await.unwrap();
    assert_eq!((house.spent_day.micros(), house.money()), (42, mixed));
}

/// What is reserved for work that nobody does any more is uncertain after a while, never for ever.
pub async fn a_reservation_nobody_books_becomes_uncertain(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    // By somebody who was away while its claim ran out.
    h.clock.advance(Span::from_mins(5));
    store.sweep().await.unwrap();
    reserved(
        store
            .reserve(&request(&h, &task, "k", 60), &budget(100))
            .await
            .unwrap(),
    );
    h.clock.advance(Span::from_mins(14));
    store.sweep().await.unwrap();
    assert_eq!(h.alerts("spend_uncertain").await.0, 0);
    h.clock.advance(Span::from_mins(1));
    store.sweep().await.unwrap();
    assert_eq!(h.alerts("spend_uncertain").await.0, 1);
    assert_eq!(store.overview().await.unwrap().reserved, Usd::ZERO);
}

/// The rolling day and the calendar day both bind, and the refusal says when enough frees: then,
/// and not a moment before, it does.
/// Proves: R93, R153.
pub async fn r93_the_day_frees_when_it_says(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    let mut berlin = budget(100);
    berlin.zone = "Europe/Berlin".into();
    // 23:30 in Berlin: midnight does not free what the rolling day still holds.
    h.clock
        .set(Timestamp::parse_rfc3339("2026-11-21T22:30:00Z").unwrap());
    let id = reserved(
        store
            .reserve(&request(&h, &task, "k", 60), &berlin)
            .await
            .unwrap(),
    );
    store.settle(id, Usd::from_micros(60)).await.unwrap();
    h.clock.advance(Span::from_hours(1));
    let (limit, used, frees_at) = refused(
        store
            .reserve(&request(&h, &task, "a", 41), &berlin)
            .await
            .unwrap(),
    );
    assert_eq!((limit.as_str(), used), ("agent_day", 60));
    let frees_at = frees_at.unwrap();
    assert_eq!(frees_at.to_rfc3339_seconds(), "2026-11-22T22:30:00Z");
    h.clock.set(frees_at.minus(Span::from_micros(1)));
    refused(
        store
            .reserve(&request(&h, &task, "b", 41), &berlin)
            .await
            .unwrap(),
    );
    h.clock.set(frees_at);
    reserved(
        store
            .reserve(&request(&h, &task, "c", 41), &berlin)
            .await
            .unwrap(),
    );
    // More than the whole day never frees.
    let (_, _, never) = refused(
        store
            .reserve(&request(&h, &task, "d", 101), &berlin)
            .await
            .unwrap(),
    );
    assert_eq!(never, None);
    berlin.zone = "Mars/Olympus".into();
    let unknown = store.reserve(&request(&h, &task, "e", 1), &berlin).await;
    assert!(matches!(unknown, Err(StoreError::Refused { .. })));
}

/// Money that was released cannot be spent, money that was spent cannot be released, and amounts
/// below nothing are no amounts.
/// Proves: R100, R11.
pub async fn r100_moves_of_money_that_make_no_sense_are_refused(h: Harness) {
    let task = task(&h).await;
    let store = h.store();
    let no = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::Refused { .. })),
            "{result:?}"
        )
    };
    let one = reserved(
        store
            .reserve(&request(&h, &task, "one", 5), &budget(100))
            .await
            .unwrap(),
    );
    store.settle(one, Usd::from_micros(5)).await.unwrap();
    no(store.void(one, "late").await);
    // Who lost its answer may come after a person has settled it: what is known is not doubted again.
    store.doubt(one, "late").await.unwrap();
    assert_eq!(counted(&h).await, 5);
    let two = reserved(
        store
            .reserve(&request(&h, &task, "two", 5), &budget(100))
            .await
            .unwrap(),
    );
    no(store.settle(two, Usd::from_micros(-1)).await);
    store.void(two, "not made").await.unwrap();
    no(store.settle(two, Usd::from_micros(5)).await);
    store.doubt(two, "late").await.unwrap();
    no(store
        .settle(IntentId::from_uuid(h.ambient.fresh()), Usd::ZERO)
        .await);
    no(store
        .reserve(&request(&h, &task, "neg", -1), &budget(100))
        .await
        .map(|_| ()));
    assert_eq!(counted(&h).await, 5);
    store.verify_ledger().await.unwrap();
}

/// What was reserved before a restart still counts after it.
/// Proves: R93.
pub async fn r93_reservations_survive_a_restart(h: Harness) {
    let task = task(&h).await;
    for i in 0..10 {
        let ask = request(&h, &task, &format!("k{i}"), 10);
        reserved(h.store().reserve(&ask, &budget(100)).await.unwrap());
        h.reopen();
    }
    let last = h
        .store()
        .reserve(&request(&h, &task, "last", 1), &budget(100))
        .await
        .unwrap();
    assert_eq!(refused(last).1, 100);
    assert_eq!(h.store().verify_ledger().await.unwrap(), 10);
}
