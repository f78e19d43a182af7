//! What the store promises the screens: who does what, what a walk consists of, and pages that cost no more
//! than what they show.

use chimera_domain::{
    Span, StoreError, Timestamp,
    halt::{Halt, Scope},
    ids::TraceId,
    mode::Mode,
    resource::Poll,
    task::{Failure, Reason},
    ticket::Choice,
    verdict::Route,
    views::{
        AgentRow, AuditRow, By, Doing, LinkRow, Order, PageRequest, PublicationRow, SettingGroup,
        SignalRow, StepKind, StepRow, TaskRow, TicketRow, order,
    },
};

use super::{
    Harness, done,
    executor::take,
    fixtures::{TIMES, call, submission},
};

fn about(filter: &str) -> PageRequest {
    PageRequest {
        filter: filter.into(),
        ..PageRequest::first(200)
    }
}

async fn agent(h: &Harness) -> AgentRow {
    let page = h.store().fleet(&about("")).await.unwrap();
    assert_eq!(page.total, 1);
    page.rows.into_iter().next().unwrap()
}

async fn tasks(h: &Harness, filter: &str) -> Vec<TaskRow> {
    h.store().tasks(&about(filter)).await.unwrap().rows
}

/// An agent's state is what the rows of its work say, through a whole walk, and a halt is said before it.
/// Proves: R131.
pub async fn r131_the_fleet_says_what_each_agent_does(h: Harness) {
    let fence = h.begin().await;
    let asleep = agent(&h).await;
    assert_eq!((asleep.doing, asleep.moved_at), (Doing::Sleeping, None));
    assert_eq!(asleep.campaigns.len(), 1);
    assert_eq!(asleep.cap_day.unwrap().to_string(), "50.00");
    h.pending("a").await;
    assert_eq!(agent(&h).await.doing, Doing::Queued);
    assert_eq!(agent(&h).await.moved_at, Some(h.ambient.now()));
    let work = h.claim(fence).await;
    assert_eq!(agent(&h).await.doing, Doing::Working);
    let result = submission(Some(call("a")));
    done(h.store().submit_result(&work.claim, result).await.unwrap());
    assert_eq!(agent(&h).await.doing, Doing::Judging);
    let case = h.store().next_case().await.unwrap().unwrap();
    h.judge(&case, Route::HitlQueue).await.unwrap();
    let asks = agent(&h).await;
    assert_eq!((asks.doing, asks.work.tickets), (Doing::Asking, 1));
    let scope = Scope::Agent(asks.id);
    let halted = h.store().halt(scope, Halt::Kill, "ana", "storm").await;
    done(halted.unwrap());
    let killed = agent(&h).await;
    assert_eq!(killed.doing, Doing::Killed);
    assert_eq!(killed.halted.unwrap().why.as_str(), "storm");
    for (filter, found) in [("killed", 1), ("main FAE", 1), ("sleeping", 0)] {
        let page = h.store().fleet(&about(filter)).await.unwrap();
        assert_eq!(page.total, found, "{filter}");
    }
}

/// The last error of an agent is that of a task that failed, not of those that only wait for it; when the task
/// runs again there is none.
/// Proves: R131.
pub async fn r131_an_agent_tells_its_last_error(h: Harness) {
    let fence = h.begin().await;
    let id = h.pending("a").await;
    assert_eq!(agent(&h).await.last_error, None);
    let work = h.claim(fence).await;
    let dead = Failure::Dead {
        reason: Reason::ToolFailed,
        why: "the model is gone".into(),
    };
    done(h.store().fail_task(&work.claim, dead).await.unwrap());
    let (at, why) = agent(&h).await.last_error.unwrap();
    assert_eq!(at, h.ambient.now());
    assert!(why.as_str().ends_with("dead: the model is gone"), "{why}");
    let alerts = h.store().alerts(&about("task_dead")).await.unwrap();
    let row = tasks(&h, "dead").await.remove(0);
    assert_eq!((row.id, row.campaign.as_str()), (id, "main"));
    assert_eq!(alerts.rows[0].trace_id, Some(row.trace_id));
    done(h.store().replay_task(id, row.version, "op").await.unwrap());
    assert_eq!(agent(&h).await.last_error, None);
}

/// Tasks by themselves are listed the last planned first, and the same rows are found as by plan.
/// Proves: R131.
pub async fn r131_tasks_are_listed_newest_first(h: Harness) {
    let fence = h.begin().await;
    let first = h.pending("a").await;
    h.clock.advance(Span::from_secs(1));
    let second = h.pending("b").await;
    // Work on the older one moves its plan to the front of the other list, and nothing here.
    let _ = h.claim(fence).await;
    let ids = |rows: &[TaskRow]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let all = tasks(&h, "").await;
    let at = |id| all.iter().position(|row| row.id == id).unwrap();
    assert!(at(second) < at(first));
    let by_plan = h.store().task_list(&about(""), None).await.unwrap();
    assert_eq!(by_plan.rows.len(), all.len());
    let cut = PageRequest {
        offset: 1,
        ..PageRequest::first(1)
    };
    let cut = h.store().tasks(&cut).await.unwrap();
    assert_eq!(ids(&cut.rows), ids(&all[1..2]));
    assert_eq!(tasks(&h, "claimed").await.len(), 1);
}

/// Every order that is offered of a list gives all of it from both ends and holds; another one is refused with those
/// there are. Rows asked for by their ids are exactly these, whatever the order.
/// Proves: R134.
pub async fn r134_lists_come_in_the_order_asked_for(h: Harness) {
    let fence = h.begin().await;
    for name in ["linen", "wool", "silk"] {
        h.ticketed(fence, name).await;
        h.clock.advance(Span::from_mins(1));
    }
    h.due_effect(fence, "out").await;
    let order = take(&h, fence).await;
    h.confirm(&order).await;
    h.pending("left").await;
    macro_rules! every_order_of {
        ($($list:ident $orders:ident $id:expr, $key:expr;)+) => {$(
            let ids = async |by: Option<Order>, only: &[String]| {
                let page = PageRequest { order: by, only: only.to_vec(), ..PageRequest::first(200) };
                let page = h.store().$list(&page).await.unwrap();
                page.rows.iter().map(|row| $id(row).to_string()).collect::<Vec<String>>()
            };
            let own = ids(None, &[]).await;
            assert!(!own.is_empty(), stringify!($list));
            for by in order::$orders {
                let along = ids(Some(Order { by: *by, turned: false }), &[]).await;
                let mut same = along.clone();
                same.sort();
                let mut all = own.clone();
                all.sort();
                assert_eq!(same, all, "{by}");
                if *by == order::$orders[0] {
                    assert_eq!(along, own, "{by} is its own");
                }
                let page = PageRequest { order: Some(Order { by: *by, turned: false }), ..PageRequest::first(200) };
                let rows = h.store().$list(&page).await.unwrap().rows;
                assert!(rows.is_sorted_by_key(|row| $key(*by, row)), "{by}: {rows:#?}");
                let turned = Order { by: *by, turned: true };
                if by.ends().1.is_some() {
                    let mut back = ids(Some(turned), &[]).await;
                    back.reverse();
                    assert_eq!(back, along, "{by}");
                } else {
                    let page = PageRequest { order: Some(turned), ..PageRequest::first(1) };
                    assert!(matches!(h.store().$list(&page).await, Err(StoreError::Refused { .. })));
                }
            }
            let last = own.last().unwrap().clone();
            let strange = "tsk_00000000000000000000000000000000".to_owned();
            assert_eq!(ids(None, &[last.clone(), strange]).await, [last]);
            let other = By::ALL.iter().find(|by| !order::$orders.contains(by)).unwrap();
            let page = PageRequest { order: Some(Order { by: *other, turned: false }), ..PageRequest::first(1) };
            match h.store().$list(&page).await {
                Err(StoreError::Refused { what }) => {
                    assert!(what.contains(order::$orders[0].as_str()), "{what}");
                }
                other => panic!("{other:?}"),
            }
        )+};
    }
    let down_by = |value: Option<i64>| std::cmp::Reverse(value);
    let down = |at: Timestamp| down_by(Some(at.micros()));
    every_order_of! {
        signal_feed SIGNALS |row: &SignalRow| row.id, |by, row: &SignalRow| if by == By::Score {
            down_by(row.score.map(|score| i64::from(score.ppm())))
        } else {
            down(row.ingested_at)
        };
        tasks TASKS |row: &TaskRow| row.id, |by, row: &TaskRow| down(if by == By::Moved { row.moved_at } else { row.created_at });
        review_queue TICKETS |row: &TicketRow| row.id, |by, row: &TicketRow| if by == By::Asked { row.created_at } else { row.sla_at };
        publications PUBLICATIONS |row: &PublicationRow| row.id, |by, row: &PublicationRow| if by == By::Likes {
            down_by(row.last.as_ref().map(|sample| i64::try_from(sample.likes).unwrap()))
        } else {
            down(row.published_at)
        };
        audit AUDIT |row: &AuditRow| row.seq, |_, row: &AuditRow| std::cmp::Reverse(row.seq);
        fleet AGENTS |row: &AgentRow| row.id, |_, _: &AgentRow| 0;
    }
}

/// A hand-over note tells what waits, is stopped and is unknown now, and what was decided by whom since somebody else
/// decided last; another terminal of the same person is not somebody else, and a given moment is taken as it is.
/// Proves: R192.
pub async fn r192_a_note_tells_what_was_decided_since_somebody_else(h: Harness) {
    let fence = h.begin().await;
    let [first, second, third] = [
        h.ticketed(fence, "first").await,
        h.ticketed(fence, "second").await,
        h.ticketed(fence, "third").await,
    ];
    let reject = |note: &str| Choice::Reject {
        class: chimera_domain::ticket::RejectClass::Timing,
        note: note.into(),
    };
    let none = h.store().handover("leo@desk:1", None).await.unwrap();
    assert_eq!((none.before, none.decided.len()), (None, 0));
    assert_eq!(none.since, none.house.at.minus(Span::from_hours(24)));
    done(h.decide(&first, reject("no"), "ana@desk").await);
    let gone = h.ambient.now();
    h.clock.advance(Span::from_hours(1));
    done(h.decide(&second, Choice::Approve, "leo@desk:2").await);
    h.clock.advance(Span::from_mins(1));
    let store = h.store();
    let halted = store.halt(Scope::Publishing, Halt::Pause, "leo@desk:1", "lunch");
    done(halted.await.unwrap());
    let note = h.store().handover("leo@desk:1", None).await.unwrap();
    assert_eq!(note.since, gone);
    assert_eq!(note.before.as_ref().unwrap().as_str(), "ana@desk");
    let [only] = note.decided.as_slice() else {
        panic!("{:?}", note.decided)
    };
    assert_eq!(
        (only.by.as_str(), only.state.as_str(), only.n),
        ("leo@desk:2", "approved", 1)
    );
    assert_eq!(note.house.tickets_waiting, 1);
    assert_eq!(note.expiring.rows[0].id, third.row.id);
    let text = note.text("UTC").to_string();
    for said in [
        "ana@desk had decided last",
        "publishing paused by leo@desk:1",
        "1 for a person",
        "1 approved by leo@desk:2",
    ] {
        assert!(text.contains(said), "no `{said}` in:\n{text}");
    }
    let whole = h
        .store()
        .handover("leo@desk", Some(gone.minus(Span::from_secs(1))))
        .await
        .unwrap();
    assert_eq!(whole.decided.iter().map(|row| row.n).sum::<u64>(), 2);
    let mia = h.store().handover("mia@desk", None).await.unwrap();
    assert_eq!(mia.before.unwrap().as_str(), "leo@desk:2");
    assert_eq!(mia.decided, []);
}

async fn walk(h: &Harness, trace: TraceId, filter: &str) -> Vec<StepRow> {
    h.store().walk(trace, &about(filter)).await.unwrap().rows
}

/// A walk tells every step from perception to the post and its withdrawal, in order, each with its line of the
/// audit where there is one, and nothing of any other walk.
/// Proves: R132.
pub async fn r132_a_walk_leads_from_perception_to_publication(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ana").await);
    h.clock.advance(TIMES.fuse);
    let order = take(&h, fence).await;
    h.confirm(&order).await;
    let public = h.store().publications(&about("")).await.unwrap();
    let store = h.store();
    let down = store.withdrawn_by_hand(public.rows[0].id, "wrong", "ana");
    done(down.await.unwrap());
    h.ticketed(fence, "another").await;
    let steps = walk(&h, card.trace_id, "").await;
    assert!(steps.is_sorted_by_key(|step| step.at));
    let first = |kind| steps.iter().position(|step| step.kind == kind).unwrap();
    use StepKind::{Effect, Publication, Signal, Task, Ticket, Verdict};
    let kinds = [Signal, Task, Verdict, Ticket, Effect, Publication];
    assert!(kinds.map(first).is_sorted(), "{:?}", kinds.map(first));
    assert!(steps[0].what.as_str().starts_with("perceived: Title of x"));
    let told = |by: &str, words: &str| {
        let step = steps.iter().find(|s| {
            let line = s.line.as_ref();
            s.by.as_str() == by && line.is_some_and(|line| line.to.as_str() == words)
        });
        assert!(step.is_some(), "{by} {words}");
    };
    told("ana", "approved");
    told("ana", "withdrawn");
    for step in &steps {
        if let Some(line) = &step.line {
            assert!(line.trace_id.is_none_or(|trace| trace == card.trace_id));
        }
        assert!(!step.what.as_str().contains("another"));
    }
    let verdict = walk(&h, card.trace_id, "verdict because").await;
    assert_eq!(verdict.len(), 1);
    let nobody = TraceId::from_uuid(h.ambient.fresh());
    assert_eq!(walk(&h, nobody, "").await, []);
}

/// Lines of the audit come newest first from a known place, with both versions, note and hash; the filter looks
/// through who, what and why, and finds a walk by its id.
/// Proves: R132.
pub async fn r132_the_audit_is_read_from_its_end(h: Harness) {
    let fence = h.begin().await;
    let card = h.ticketed(fence, "x").await;
    done(h.decide(&card, Choice::Approve, "ana@desk").await);
    let all = h.store().audit(&about("")).await.unwrap();
    let seqs: Vec<i64> = all.rows.iter().map(|row| row.seq).collect();
    let last = i64::try_from(all.total).unwrap();
    assert_eq!(seqs, (1..=last).rev().collect::<Vec<_>>());
    let cut = PageRequest {
        offset: 2,
        ..PageRequest::first(3)
    };
    let cut = h.store().audit(&cut).await.unwrap();
    assert_eq!((cut.total, &cut.rows[..]), (all.total, &all.rows[2..5]));
    let decided = h.store().audit(&about("ANA@desk approved")).await.unwrap();
    let line = decided
        .rows
        .iter()
        .find(|row| row.verb.as_str() == "move_ticket");
    let line = line.unwrap();
    assert_eq!(line.subject.as_str(), card.row.id.to_string());
    assert_eq!((line.from.as_str(), line.versions), ("open", (1, 2)));
    assert_eq!(line.trace_id, Some(card.trace_id));
    let of_trace = h.store().audit(&about(&card.trace_id.to_string())).await;
    let of_trace = of_trace.unwrap();
    assert!(of_trace.total > 0);
    let ours = |trace| trace == Some(card.trace_id);
    assert!(of_trace.rows.iter().all(|row| ours(row.trace_id)));
}

/// Servers are known by what is read from them and published through them, and come before the resources in
/// one list.
/// Proves: R131.
pub async fn r131_servers_and_resources_are_one_list(h: Harness) {
    let fence = h.begin().await;
    let mut setup = h.setup();
    setup.simulated_servers = vec!["twitter".into()];
    h.store().install(&setup).await.unwrap();
    let resource = h.resource().await;
    let failed = Poll::Failed {
        why: "timed out".into(),
        next_poll_at: h.ambient.now(),
    };
    done(h.store().commit_poll(&resource, failed).await.unwrap());
    let page = h.store().links(&about("")).await.unwrap();
    let [
        LinkRow::Server(feeds),
        LinkRow::Server(twitter),
        LinkRow::Resource(feed),
    ] = page.rows.as_slice()
    else {
        panic!("{page:?}")
    };
    assert_eq!((feeds.name.as_str(), feeds.failing), ("feeds", 1));
    assert_eq!((feeds.answered_at, &feeds.mode), (None, &None));
    assert_eq!((twitter.name.as_str(), twitter.campaigns), ("twitter", 1));
    assert!(twitter.stand_in && !feeds.stand_in);
    assert_eq!(twitter.mode.as_ref().unwrap().mode, Mode::Live);
    assert_eq!((feed.server.as_str(), feed.failures), ("feeds", 1));
    let second = PageRequest {
        offset: 1,
        ..PageRequest::first(2)
    };
    let cut = h.store().links(&second).await.unwrap();
    assert_eq!((cut.total, &cut.rows[..]), (3, &page.rows[1..]));
    let last = PageRequest {
        offset: 2,
        ..PageRequest::first(2)
    };
    let cut = h.store().links(&last).await.unwrap();
    assert_eq!(&cut.rows[..], &page.rows[2..]);
    assert_eq!(h.store().links(&about("stand-in")).await.unwrap().total, 1);
    h.due_effect(fence, "x").await;
    let order = take(&h, fence).await;
    h.confirm(&order).await;
    let page = h.store().links(&about("twitter")).await.unwrap();
    let [LinkRow::Server(twitter)] = page.rows.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(twitter.answered_at, Some(h.ambient.now()));
}

/// What is installed is shown as it is: the version of the policy with its values, and each version of a
/// persona, the one in use first.
/// Proves: R131.
pub async fn r131_what_is_installed_is_shown(h: Harness) {
    let none = h.store().settings(&about("")).await.unwrap();
    assert_eq!(none.total, 0);
    h.begin().await;
    let mut setup = h.setup();
    setup.personas[0].hash = chimera_domain::ContentHash::of_bytes(b"second");
    setup.personas[0].directives = vec!["never shout".into()];
    h.clock.advance(Span::from_mins(1));
    h.store().install(&setup).await.unwrap();
    let settings = h.store().settings(&about("")).await.unwrap();
    let value = |name: &str| {
        let row = settings.rows.iter().find(|row| row.name.as_str() == name);
        row.map(|row| row.value.to_string())
    };
    assert_eq!(value("version"), Some(setup.policy.hash.short()));
    assert_eq!(value("agent_day_usd_max").as_deref(), Some("50.00"));
    let planner = h.store().settings(&about("planner")).await.unwrap();
    let of = |group| planner.rows.iter().filter(|row| row.group == group).count();
    assert!(of(SettingGroup::Planner) > 0 && of(SettingGroup::Budget) == 0);
    let personas = h.store().personas(&about("")).await.unwrap();
    let [new, old] = personas.rows.as_slice() else {
        panic!("{personas:?}")
    };
    assert_eq!(new.directives[0].as_str(), "never shout");
    assert_eq!(new.campaigns[0].as_str(), "main");
    assert_eq!(new.places[0].0.as_str(), "@fae");
    assert!(old.campaigns.is_empty() && old.installed_at < new.installed_at);
    assert_eq!(h.store().personas(&about("shout")).await.unwrap().total, 1);
}

/// A series has a number for every step, nothing where nothing happened, and counts each thing in the step it
/// belongs to.
/// Proves: R140.
pub async fn r140_a_series_counts_by_step(h: Harness) {
    let fence = h.begin().await;
    let since = h.ambient.now();
    let hour = Span::from_hours(1);
    h.clock.advance(Span::from_mins(90));
    h.ticketed(fence, "x").await;
    h.clock.advance(hour);
    let series = h.store().series(since, hour).await.unwrap();
    assert_eq!(series.tickets, [0, 1, 0]);
    assert_eq!(series.signals, [0, 1, 0]);
    assert_eq!((series.spent.len(), series.published), (3, vec![0, 0, 0]));
    let far = h.store().series(since, Span::from_micros(1)).await.unwrap();
    assert_eq!(far.tickets.len(), 200);
}
