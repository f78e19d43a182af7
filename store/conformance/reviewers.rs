//! What the store tells of the people who review, and of a queue that floods.

use chimera_domain::{
    Score, Span, Timestamp,
    ticket::{Choice, RejectClass, TicketState},
    verdict::Route,
    views::{PageRequest, Quantiles, ReviewerRow, TicketCard, WentAlone},
};

use super::{Harness, done};

fn reject() -> Choice {
    Choice::Reject {
        class: RejectClass::Timing,
        note: "later".into(),
    }
}

async fn since(h: &Harness, at: Timestamp) -> Vec<ReviewerRow> {
    h.store().reviewers(at).await.unwrap()
}

/// The median and how many it is of.
fn median(times: Option<Quantiles>) -> Option<(u64, u64)> {
    times.map(|q| (q.n, q.p50_us))
}

/// What each person answered, how long they looked and what was taken back is told from rows that are kept; where nothing
/// is kept there is no number, and what is older than the window is not in it.
/// Proves: R79, R169.
pub async fn r79_what_reviewers_did_is_told_from_what_is_kept(h: Harness) {
    let fence = h.begin().await;
    let begun = h.ambient.now();
    assert_eq!(since(&h, begun).await, []);
    let mut cards: Vec<TicketCard> = Vec::new();
    for text in ["a", "b", "c"] {
        cards.push(h.ticketed(fence, text).await);
    }
    let look = |card: &TicketCard, by: &'static str| {
        let (store, ticket) = (h.store(), card.row.id);
        async move { store.look_at_ticket(ticket, by).await.unwrap() }
    };
    look(&cards[0], "ana@one").await;
    h.clock.advance(Span::from_secs(30));
    // Somebody else was there first: of a second look nothing is kept.
    look(&cards[0], "ben@one").await;
    look(&cards[0], "ana@one").await;
    h.clock.advance(Span::from_secs(10));
    done(h.decide(&cards[0], Choice::Approve, "ana@one").await);
    done(h.decide(&cards[1], reject(), "ana@two").await);
    done(h.decide(&cards[2], reject(), "ben@one").await);
    let undone = h.card(cards[2].row.id).await;
    let store = h.store();
    let undo = store.undo_decision(undone.row.id, undone.row.version, "ana@one");
    done(undo.await.unwrap());
    let again = h.card(cards[2].row.id).await;
    let to = Choice::Assign { to: "ben".into() };
    done(h.decide(&again, to, "ana@one").await);
    let rows = since(&h, begun).await;
    let told: Vec<_> = rows
        .iter()
        .map(|r| {
            (
                r.who.as_str(),
                r.approved,
                r.rejected,
                r.put_off,
                r.reversed,
                r.given,
            )
        })
        .collect();
    assert_eq!(told, [("ana", 1, 1, 1, 0, 0), ("ben", 0, 1, 0, 1, 1)]);
    let second = 1_000_000;
    assert_eq!(median(rows[0].looked), Some((1, 40 * second)));
    assert_eq!(median(rows[0].waited), Some((2, 40 * second)));
    assert_eq!((rows[1].looked, rows[1].waited), (None, None));
    h.clock.advance(Span::from_secs(1));
    let later = since(&h, h.ambient.now()).await;
    assert_eq!(later.len(), 1, "only whom a ticket is given to");
    assert_eq!((later[0].answers(), later[0].given), (0, 1));
    assert_eq!(later[0].approved_percent(), None);
}

/// What people answered is told with how sure the judge was, the newest first and no older than asked; what waits is no
/// answer.
/// Proves: R79.
pub async fn r79_answers_are_told_with_how_sure_the_judge_was(h: Harness) {
    let fence = h.begin().await;
    let old = h.ticketed(fence, "old").await;
    done(h.decide(&old, reject(), "ana").await);
    h.clock.advance(Span::from_secs(60));
    let begun = h.ambient.now();
    for (text, choice) in [
        ("a", Some(Choice::Approve)),
        ("b", Some(reject())),
        ("c", None),
    ] {
        let card = h.ticketed(fence, text).await;
        h.clock.advance(Span::from_secs(1));
        if let Some(choice) = choice {
            done(h.decide(&card, choice, "ana").await);
        }
    }
    let judged = h.store().judged(begun).await.unwrap();
    let told: Vec<_> = judged
        .rows
        .iter()
        .map(|row| (row.answer, row.confidence, row.sampled))
        .collect();
    let sure = Some(Score::from_percent(80));
    assert_eq!(
        told,
        [
            (TicketState::Rejected, sure, false),
            (TicketState::Approved, sure, false),
        ]
    );
    assert_eq!(judged.alone, WentAlone::default());
}

/// How long a decision was looked at stands in the audit beside it, where a screen said so; else nothing does.
/// Proves: R76.
pub async fn r76_how_long_it_was_looked_at_is_in_the_audit(h: Harness) {
    let fence = h.begin().await;
    for (text, looks) in [("a", true), ("b", false)] {
        let card = h.ticketed(fence, text).await;
        if looks {
            h.store().look_at_ticket(card.row.id, "ana").await.unwrap();
            h.clock.advance(Span::from_secs(34));
        }
        done(h.decide(&card, reject(), "ana").await);
    }
    let mut asked = PageRequest::first(10);
    asked.filter = "timing".into();
    let page = h.store().audit(&asked).await.unwrap();
    let notes: Vec<String> = page
        .rows
        .iter()
        .filter(|row| row.verb.as_str() == "move_ticket")
        .map(|row| row.note.to_string())
        .collect();
    assert_eq!(notes, ["timing: later", "timing: later; on screen for 34s"]);
}

/// The fiftieth ticket that waits raises one alert, in that very transaction, and the alert says which rule most of them
/// are asked for; it ends when the queue has become short.
/// Proves: R79, SC-003.
pub async fn r79_the_fiftieth_ticket_raises_an_alert_that_names_the_rule(h: Harness) {
    let fence = h.begin().await;
    let mut cards: Vec<TicketCard> = Vec::new();
    for n in 0..50 {
        assert_eq!(h.alerts("review_flooded").await.0, 0, "after {n}");
        let case = h.in_review(fence, &format!("text {n}")).await;
        let mut asked = super::fixtures::verdict(Route::HitlQueue, case.call.content_hash());
        if n % 5 != 0 {
            asked.reasons = vec!["the persona's first post on this platform".into()];
        }
        let store = h.store();
        let times = super::fixtures::TIMES;
        let judged = store.commit_verdict(case.task.id, case.task.version, &asked, times);
        let ticket = done(judged.await.unwrap()).expect("a ticket");
        cards.push(h.card(ticket).await);
    }
    assert_eq!(h.alerts("review_flooded").await, (1, 1));
    let alerts = h.store().alerts(&PageRequest::first(10)).await.unwrap();
    let text = alerts.rows[0].text.as_str();
    let cause = "40 of the newest 50 are asked for by: the persona's first post on this platform";
    assert!(
        text.starts_with("50 tickets wait; ") && text.contains(cause),
        "{text}"
    );
    h.ticketed(fence, "one more").await;
    assert_eq!(h.alerts("review_flooded").await, (1, 1));
    for card in &cards[..11] {
        assert_eq!(h.alerts("review_flooded").await.0, 1);
        done(h.decide(card, reject(), "ana").await);
        h.store().sweep().await.unwrap();
    }
    assert_eq!(h.alerts("review_flooded").await.0, 0);
}
