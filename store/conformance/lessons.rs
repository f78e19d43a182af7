//! What the store promises of what people's decisions teach.

use chimera_domain::{
    Outcome, Span, StoreError,
    basis::{RelevanceBasis, StoredDecision, Subject},
    ids::{AgentId, SignalId},
    lesson::Lessons,
    ports::PlanDecision,
    signal::{Relevance, Said, Signal, SignalState},
    ticket::{Choice, RejectClass},
    views::{PageRequest, SignalRow},
};

use super::{
    Harness, done,
    fixtures::{item, persona, policy, relevance},
    lost,
};

async fn agent(h: &Harness) -> AgentId {
    h.store().overview().await.unwrap().campaigns[0].agent_id
}

/// What is taught now, as titles and words.
async fn taught(h: &Harness) -> Vec<(String, Said)> {
    let lessons = h.store().lessons(agent(h).await, 0).await.unwrap();
    let lines = lessons.iter().flat_map(Lessons::lines);
    lines.map(|line| (line.title.clone(), line.said)).collect()
}

async fn row(h: &Harness, signal: SignalId) -> SignalRow {
    let page = PageRequest {
        only: vec![signal.to_string()],
        ..PageRequest::first(1)
    };
    let rows = h.store().signal_feed(&page).await.unwrap().rows;
    rows.into_iter()
        .find(|row| row.id == signal)
        .expect("the signal")
}

async fn say(h: &Harness, signal: SignalId, said: Said) -> Outcome<()> {
    let version = row(h, signal).await.version;
    let store = h.store();
    store
        .say_of_signal(signal, version, said, "ana")
        .await
        .unwrap()
}

async fn leave(h: &Harness, signal: &Signal) {
    let why = "too little".to_owned();
    let decision = PlanDecision::Ignore { why };
    let store = h.store();
    done(
        store
            .commit_plan(signal, Some(relevance()), decision)
            .await
            .unwrap(),
    );
}

fn reject(class: RejectClass) -> Choice {
    Choice::Reject {
        class,
        note: String::new(),
    }
}

/// An approval keeps, a refusal as off topic drops, and any other answer teaches nothing; what is taken back is
/// untaught, and of each signal the last word counts.
/// Proves: R30.
pub async fn r30_decisions_on_tickets_teach_what_they_say_of_relevance(h: Harness) {
    let fence = h.begin().await;
    assert_eq!(h.store().lessons(agent(&h).await, 0).await.unwrap(), None);
    let kept = h.ticketed(fence, "kept").await;
    done(h.decide(&kept, Choice::Approve, "ana").await);
    let dropped = h.ticketed(fence, "dropped").await;
    done(
        h.decide(&dropped, reject(RejectClass::OffTopic), "ana")
            .await,
    );
    let (kept_title, dropped_title) = (item("kept").title, item("dropped").title);
    let both = [
        (kept_title.clone(), Said::Kept),
        (dropped_title.clone(), Said::Dropped),
    ];
    assert_eq!(taught(&h).await, both);
    for class in RejectClass::ALL {
        if *class != RejectClass::OffTopic {
            let card = h.ticketed(fence, class.as_str()).await;
            done(h.decide(&card, reject(*class), "ana").await);
        }
    }
    let notes = "shorter".into();
    let card = h.ticketed(fence, "changes").await;
    done(
        h.decide(&card, Choice::RequestChanges { notes }, "ana")
            .await,
    );
    assert_eq!(taught(&h).await, both, "a style says nothing of a subject");

    let again = h.card(dropped.row.id).await;
    let store = h.store();
    let undone = store.undo_decision(again.row.id, again.row.version, "ana");
    done(undone.await.unwrap());
    drop(store);
    assert_eq!(taught(&h).await, both[..1]);
    let again = h.card(dropped.row.id).await;
    done(h.decide(&again, Choice::Approve, "ana").await);
    h.reopen();
    assert_eq!(
        taught(&h).await,
        [(kept_title, Said::Kept), (dropped_title, Said::Kept)]
    );
}

/// What a person keeps is looked at again as kept, what they drop as dropped; of what is left already a drop is a
/// lesson alone. What became tasks or moved meanwhile is a conflict, and each word is a line of the audit.
/// Proves: R30, R32.
pub async fn r32_a_word_on_a_signal_is_a_lesson_and_has_it_looked_at_again(h: Harness) {
    h.begin().await;
    let signals = h.perceive(&["left", "new", "planned"]).await;
    let of = |key: &str| {
        let found = signals.iter().find(|(s, _)| s.item.key == key);
        found.expect("the signal").0.clone()
    };
    let (left, new, planned) = (of("left"), of("new"), of("planned"));
    leave(&h, &left).await;
    h.plan(&planned, h.short_plan()).await;
    let conflict = lost(say(&h, planned.id, Said::Dropped).await);
    assert!(conflict.now.contains("decide its ticket"), "{conflict:?}");

    done(say(&h, left.id, Said::Dropped).await);
    let seen = row(&h, left.id).await;
    assert_eq!((seen.state, seen.said), (SignalState::Ignored, None));
    let store = h.store();
    let stale = store.say_of_signal(left.id, left.version, Said::Kept, "ben");
    lost(stale.await.unwrap());
    drop(store);
    done(say(&h, left.id, Said::Kept).await);
    done(say(&h, new.id, Said::Dropped).await);
    h.reopen();
    let waits = h.store().next_signals(10).await.unwrap();
    let waits: Vec<_> = waits.iter().map(|(s, _)| (s.id, s.said)).collect();
    assert_eq!(waits.len(), 2);
    assert!(waits.contains(&(left.id, Some(Said::Kept))), "{waits:?}");
    assert!(waits.contains(&(new.id, Some(Said::Dropped))), "{waits:?}");
    let expected = [
        (left.item.title, Said::Kept),
        (new.item.title, Said::Dropped),
    ];
    assert_eq!(taught(&h).await, expected);
    let page = PageRequest {
        filter: "say_of_signal".into(),
        ..PageRequest::first(10)
    };
    let said = h.store().audit(&page).await.unwrap();
    assert_eq!(said.total, 3);
    assert!(said.rows.iter().all(|row| row.actor.as_str() == "ana"));
    let nobody = SignalId::from_uuid(h.ambient.fresh());
    let store = h.store();
    let nothing = store.say_of_signal(nobody, new.version, Said::Kept, "ana");
    assert!(matches!(nothing.await.unwrap(), Outcome::NotFound));
}

/// What cannot be scored is like nothing, so that nobody can say anything of it.
/// Proves: R30.
pub async fn r30_what_is_unscored_teaches_nothing(h: Harness) {
    h.begin().await;
    let (signal, _) = h.perceive(&["a"]).await.remove(0);
    let why = "no words".to_owned();
    let decision = PlanDecision::Unscored { why };
    done(
        h.store()
            .commit_plan(&signal, None, decision)
            .await
            .unwrap(),
    );
    let version = row(&h, signal.id).await.version;
    let store = h.store();
    let said = store.say_of_signal(signal.id, version, Said::Kept, "ana");
    assert!(matches!(said.await, Err(StoreError::Refused { .. })));
    assert!(taught(&h).await.is_empty());
}

/// Only the latest lines are read, news are told from what is known, and a score finds the very lessons it was learned
/// from again, whatever was said since.
/// Proves: R30, R167.
pub async fn r167_lessons_are_bounded_and_found_again_as_they_were(h: Harness) {
    h.begin().await;
    let many = usize::try_from(Lessons::LINES_MAX).unwrap() + 3;
    let keys: Vec<String> = (0..many).map(|n| format!("n{n:03}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut signals: Vec<Signal> = Vec::new();
    for (signal, _) in h.perceive(&keys).await {
        signals.push(signal);
    }
    signals.sort_by(|a, b| a.item.key.cmp(&b.item.key));
    let agent = agent(&h).await;
    let first = signals[0].clone();
    for signal in &signals[1..many - 1] {
        done(say(&h, signal.id, Said::Dropped).await);
    }
    let known = h.store().lessons(agent, 0).await.unwrap().expect("lessons");
    assert_eq!(known.upto(), i64::try_from(many - 2).unwrap());
    assert_eq!(known.lines().len(), 200);
    assert_eq!(known.lines()[0].signal, signals[2].id, "the oldest is out");
    assert_eq!(h.store().lessons(agent, known.upto()).await.unwrap(), None);

    let scored = Relevance {
        basis: Some(RelevanceBasis {
            persona: persona().hash,
            policy: policy().hash,
            screen: None,
            lessons: known.named(),
            mutes: vec![],
        }),
        ..relevance()
    };
    let why = "too little".to_owned();
    let decision = PlanDecision::Ignore { why };
    let store = h.store();
    done(
        store
            .commit_plan(&first, Some(scored), decision)
            .await
            .unwrap(),
    );
    drop(store);
    h.clock.advance(Span::from_secs(1));
    // Turned round, and said of another: news, and nothing of what was.
    done(say(&h, signals[5].id, Said::Kept).await);
    done(say(&h, signals[many - 1].id, Said::Dropped).await);
    let news = h.store().lessons(agent, known.upto()).await.unwrap();
    let news = news.expect("news");
    assert_ne!(news.digest(), known.digest());
    let turned = news.lines().iter().find(|l| l.signal == signals[5].id);
    assert_eq!(turned.expect("said again").said, Said::Kept);
    h.reopen();
    let store = h.store();
    let behind = store.decisions_behind(Subject::Signal(first.id));
    let behind = behind.await.unwrap().expect("a signal");
    let [StoredDecision::Relevance(stored)] = behind.as_slice() else {
        panic!("{behind:?}");
    };
    assert_eq!(stored.lessons.as_ref(), Some(&known));
}
