//! What is promised to work that comes too late: it is done again, but not for ever.

use chimera_domain::{
    Span,
    campaign::Channel,
    ids::TaskId,
    task::{CONFLICTS_MAX, Reason},
    verdict::{Case, Route},
    views::{PageRequest, TaskRow},
};

use super::{
    Harness, done,
    fixtures::{LEASE, TIMES, call, submission, verdict},
    lost,
};

/// The campaign is edited, so that everything begun before is late.
async fn edit(h: &Harness, n: u32) {
    let mut setup = h.setup();
    setup.campaigns[0].goal = format!("goal {n}");
    h.store().install(&setup).await.unwrap();
}

/// Does the work on the next task, which comes too late.
async fn work_late(h: &Harness, fence: i64, n: u32) -> TaskId {
    let work = h.claim(fence).await;
    edit(h, n).await;
    let result = submission(Some(call("late")));
    let submitted = h.store().submit_result(&work.claim, result).await.unwrap();
    lost(submitted);
    work.task.id
}

async fn row(h: &Harness, id: TaskId) -> TaskRow {
    let page = h
        .store()
        .task_list(&PageRequest::first(200), None)
        .await
        .unwrap();
    page.rows.into_iter().find(|row| row.id == id).unwrap()
}

/// The alert that puts tasks before an operator, in words.
async fn told(h: &Harness) -> Vec<String> {
    let page = h.store().alerts(&PageRequest::first(10)).await.unwrap();
    page.rows
        .into_iter()
        .filter(|alert| alert.code.as_str() == "task_blocked")
        .map(|alert| alert.text.as_str().to_owned())
        .collect()
}

/// Work that comes too late is done again, over restarts too; the fifth time in a row the task waits for
/// an operator with the reason in the list, in its past and in an alert that says what to do. What waits
/// for it waits with it. Run again by a person, it has all its tries once more.
/// Proves: R19.
pub async fn r19_a_result_that_comes_too_late_five_times_in_a_row_goes_before_an_operator(
    h: Harness,
) {
    let fence = h.begin().await;
    let (signal, _) = h.perceive(&["a"]).await.remove(0);
    let nodes = vec![h.node("text", &[]), h.node("publish", &["text"])];
    let (id, child) = (nodes[0].id, nodes[1].id);
    let graph = chimera_domain::plan::TaskGraph::new("p", nodes).unwrap();
    h.plan(&signal, graph).await;
    for n in 1..CONFLICTS_MAX {
        assert_eq!(work_late(&h, fence, n).await, id);
        let row = row(&h, id).await;
        assert_eq!(
            (row.state.as_str(), row.reason, row.conflicts),
            ("pending", Reason::OccStale, n)
        );
        assert!(told(&h).await.is_empty());
        h.reopen();
    }
    work_late(&h, fence, CONFLICTS_MAX).await;
    let blocked = row(&h, id).await;
    assert_eq!(
        (blocked.state.as_str(), blocked.reason, blocked.conflicts),
        ("blocked", Reason::OccStale, CONFLICTS_MAX)
    );
    assert!(blocked.why.as_str().contains("5 times in a row"));
    assert_eq!(h.state(child).await, "blocked");
    let told_now = told(&h).await;
    let remedy = format!("retry-failed {id}");
    assert!(
        told_now.len() == 1 && told_now[0].contains(&remedy),
        "{told_now:?}"
    );
    let past = h.store().task_history(id).await.unwrap().unwrap();
    let last = past.moves.last().unwrap();
    assert_eq!(
        (last.to.as_str(), last.reason.as_str(), last.lost.is_some()),
        ("blocked", "occ_stale", true)
    );
    assert!(h.store().claim_task(fence, LEASE).await.unwrap().is_none());
    // Time alone does not take it out of the way.
    h.clock.advance(Span::from_hours(48));
    h.store().sweep().await.unwrap();
    assert_eq!(h.state(id).await, "blocked");

    let replayed = h.store().replay_task(id, blocked.version, "ana").await;
    done(replayed.unwrap());
    assert!(told(&h).await.is_empty());
    assert_eq!(work_late(&h, fence, 100).await, id);
    let again = row(&h, id).await;
    assert_eq!((again.state.as_str(), again.conflicts), ("pending", 1));
}

/// Only what is lost in a row counts: a task that got through in between begins anew.
/// Proves: R19.
pub async fn r19_what_got_through_is_counted_anew(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    for n in 1..CONFLICTS_MAX {
        work_late(&h, fence, n).await;
    }
    let work = h.claim(fence).await;
    let result = submission(Some(call("in time")));
    done(h.store().submit_result(&work.claim, result).await.unwrap());
    // Handed in is not through: the judge may come too late as well.
    assert_eq!(row(&h, id).await.conflicts, CONFLICTS_MAX - 1);
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::HitlQueue).await;
    assert_eq!(row(&h, id).await.conflicts, 0);
    // It is composed anew for another account, and loses again.
    let mut setup = h.setup();
    setup.campaigns[0].channel = Channel::Mastodon;
    h.store().install(&setup).await.unwrap();
    for n in 1..CONFLICTS_MAX {
        work_late(&h, fence, n).await;
        assert_eq!(
            (h.state(id).await.as_str(), row(&h, id).await.conflicts),
            ("pending", n)
        );
    }
}

async fn judge_late(h: &Harness, case: &Case) {
    let verdict = verdict(Route::HitlQueue, case.call.content_hash());
    let store = h.store();
    let judged = store.commit_verdict(case.task.id, case.task.version, &verdict, TIMES);
    lost(judged.await.unwrap());
}

/// A post whose campaign moves on each time it is judged goes before an operator as well.
/// Proves: R19.
pub async fn r19_a_verdict_that_is_overtaken_five_times_in_a_row_goes_before_an_operator(
    h: Harness,
) {
    let fence = h.begin().await;
    let mut case = h.in_review(fence, "x").await;
    let id = case.task.id;
    for n in 1..=CONFLICTS_MAX {
        edit(&h, n).await;
        judge_late(&h, &case).await;
        assert_eq!(row(&h, id).await.conflicts, n);
        if n < CONFLICTS_MAX {
            assert_eq!(h.state(id).await, "review");
            case = h
                .store()
                .next_case()
                .await
                .unwrap()
                .expect("it is judged again");
        }
    }
    let blocked = row(&h, id).await;
    assert_eq!(
        (blocked.state.as_str(), blocked.reason),
        ("blocked", Reason::OccStale)
    );
    assert_eq!(told(&h).await.len(), 1);
    assert!(h.store().next_case().await.unwrap().is_none());
    let replayed = h.store().replay_task(id, blocked.version, "ana").await;
    done(replayed.unwrap());
    assert_eq!(h.claim(fence).await.task.id, id);
}

/// A verdict that is recorded a second time, because the answer to the first was lost, is told that it was
/// and costs the task nothing.
/// Proves: R19, R16.
pub async fn r19_a_verdict_that_is_repeated_loses_nothing(h: Harness) {
    let fence = h.begin().await;
    let case = h.in_review(fence, "x").await;
    h.judge(&case, Route::HitlQueue).await;
    for _ in 0..=CONFLICTS_MAX {
        judge_late(&h, &case).await;
    }
    let row = row(&h, case.task.id).await;
    assert_eq!((row.state.as_str(), row.conflicts), ("ticketed", 0));
}

/// How many conflicts there were is told by what was to be done, and the sum is that of all.
/// Proves: R19, R16.
pub async fn conflicts_are_counted_by_what_lost(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    work_late(&h, fence, 1).await;
    work_late(&h, fence, 2).await;
    let work = h.claim(fence).await;
    let result = submission(Some(call("x")));
    done(h.store().submit_result(&work.claim, result).await.unwrap());
    let case = h.store().next_case().await.unwrap().unwrap();
    edit(&h, 3).await;
    judge_late(&h, &case).await;
    h.reopen();
    let house = h.store().overview().await.unwrap();
    let by: Vec<(&str, u64)> = house
        .conflicts_by
        .iter()
        .map(|(verb, n)| (verb.as_str(), *n))
        .collect();
    assert_eq!(by, [("submit a result", 2), ("record a verdict", 1)]);
    assert_eq!(house.conflicts, 3);
    assert!(matches!(
        h.store().task_version(case.task.id).await.unwrap(),
        Some(version) if version > case.task.version
    ));
}
