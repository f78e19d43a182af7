//! Known-bad texts among the tickets: shown as one, never anything more, and told to whoever decided.

use chimera_domain::{
    IdSource, Outcome, Score, Span,
    probe::{BAD, Flaw},
    testing::SeededIds,
    ticket::{Choice, Decided, RejectClass},
    verdict::Route,
    views::{PageRequest, ProbeAnswer, TicketCard, TicketRow},
};

use super::{
    Harness, done,
    fixtures::{TIMES, verdict},
};

/// A house in which every ticket is followed by a probe.
async fn begin(h: &Harness) -> i64 {
    let mut setup = h.setup();
    setup.policy.judge.probes = Some(Score::ONE);
    setup.policy.hash = chimera_domain::ContentHash::of_bytes(b"with probes");
    h.store().install(&setup).await.unwrap();
    h.go_live().await;
    h.lease(1).await.fence
}

/// An ordinary ticket.
async fn asked(h: &Harness, fence: i64, text: &str) -> TicketCard {
    let case = h.in_review(fence, text).await;
    let mut found = verdict(Route::HitlQueue, case.call.content_hash());
    found.reasons = vec!["confidence 0.80 is between 0.70 and 0.90".into()];
    let store = h.store();
    let judged = store.commit_verdict(case.task.id, case.task.version, &found, TIMES);
    h.card(done(judged.await.unwrap()).expect("a ticket")).await
}

async fn queue(h: &Harness, page: &PageRequest) -> Vec<TicketRow> {
    h.store().review_queue(page).await.unwrap().rows
}

fn is_bad(text: &str) -> bool {
    BAD.iter().any(|bad| text.starts_with(bad.text))
}

/// The probe that waits, if one does.
async fn probe(h: &Harness) -> Option<TicketCard> {
    let rows = queue(h, &PageRequest::first(200)).await;
    for row in rows {
        let card = h.card(row.id).await;
        if is_bad(card.text.as_str()) {
            return Some(card);
        }
    }
    None
}

fn reject() -> Choice {
    Choice::Reject {
        class: RejectClass::Factual,
        note: "no".into(),
    }
}

fn choices() -> [Choice; 5] {
    [
        Choice::Approve,
        reject(),
        Choice::Edit {
            text: "another text".into(),
        },
        Choice::RequestChanges {
            notes: "mend it".into(),
        },
        Choice::Escalate {
            note: "look".into(),
        },
    ]
}

/// A probe is listed, counted and shown like a ticket. Every decision on it is told what was wrong, in the same answer, and
/// stands: it cannot be taken back or made twice. It is counted for its reviewer, with how long it was looked at, and in no
/// other figure; nothing is learned from it, nothing spent on it, and no task, effect or publication comes of it.
/// Proves: R191.
pub async fn r191_a_probe_is_shown_as_a_ticket_and_counts_nowhere_else(h: Harness) {
    let fence = begin(&h).await;
    let begun = h.ambient.now();
    for (n, choice) in choices().into_iter().enumerate() {
        let host = asked(&h, fence, &format!("text {n}")).await;
        let card = probe(&h).await.expect("a probe beside it");
        let all = queue(&h, &PageRequest::first(200)).await;
        let overview = h.store().overview().await.unwrap();
        assert_eq!(overview.tickets_waiting, u64::try_from(all.len()).unwrap());
        assert_eq!(all.iter().filter(|row| row.id == card.row.id).count(), 1);
        // What there is to see of a ticket is there, and like that of the one it is beside.
        assert_eq!(
            (card.row.account.clone(), card.row.channel.clone()),
            (host.row.account.clone(), host.row.channel.clone())
        );
        assert_eq!(
            (&card.row.reasons, card.row.confidence),
            (&host.row.reasons, host.row.confidence)
        );
        assert_eq!(
            (card.row.state, card.row.sla_at),
            (host.row.state, host.row.sla_at)
        );
        assert_eq!(
            (
                &card.post().unwrap().persona,
                &card.post().unwrap().tool,
                card.post().unwrap().send_cost
            ),
            (
                &host.post().unwrap().persona,
                &host.post().unwrap().tool,
                host.post().unwrap().send_cost
            )
        );
        assert!(
            card.text
                .as_str()
                .ends_with(super::fixtures::persona().disclosure.as_str()),
            "{}",
            card.text
        );
        assert!(
            card.content_hash != host.content_hash
                && card.post().unwrap().trend != host.post().unwrap().trend
                && card.decided.is_none()
        );

        let store = h.store();
        let figures = || async {
            let first = PageRequest::first(200);
            (
                store.measures(begun).await.unwrap(),
                store.series(begun, Span::from_hours(1)).await.unwrap(),
                store.reviewers(begun).await.unwrap(),
                store.judged(begun).await.unwrap().rows,
                store.task_list(&first, None).await.unwrap().total,
                store.open_effects(&first).await.unwrap().total,
                store.ledger(&first).await.unwrap().total,
                store.signal_feed(&first).await.unwrap(),
            )
        };
        let before = figures().await;
        h.store()
            .look_at_ticket(card.row.id, "ana@desk")
            .await
            .unwrap();
        h.clock.advance(Span::from_secs(3));
        let wrong = h
            .decide(
                &TicketCard {
                    content_hash: host.content_hash,
                    ..card.clone()
                },
                choice.clone(),
                "ana@desk",
            )
            .await;
        assert!(matches!(wrong, Outcome::Conflict(_)), "{wrong:?}");
        let caught = choice != Choice::Approve;
        let Decided::Probe { flaw, caught: told } =
            done(h.decide(&card, choice.clone(), "ana@desk").await)
        else {
            panic!("it must be told what it was");
        };
        assert_eq!(told, caught);
        assert!(
            BAD.iter()
                .any(|bad| bad.flaw == flaw && card.text.as_str().starts_with(bad.text))
        );
        let mut after = figures().await;
        // Time went on, and with it nothing but the clock of the series.
        after.1 = before.1.clone();
        assert_eq!(after, before);
        assert!(probe(&h).await.is_none());

        let shown = h.card(card.row.id).await;
        let words = shown.decided.unwrap();
        let word = if caught {
            "caught by ana@desk"
        } else {
            "missed by ana@desk"
        };
        assert!(
            words.as_str().contains(word) && words.as_str().contains(flaw.told()),
            "{words}"
        );
        for again in [
            h.decide(&card, reject(), "ben").await.map_done(),
            h.store()
                .undo_decision(card.row.id, shown.row.version, "ana@desk")
                .await
                .unwrap()
                .map_done(),
        ] {
            assert!(!again, "it is decided once");
        }
        done(h.decide(&host, reject(), "ben").await);
    }
    let answers = h.store().judged(begun).await.unwrap().probes;
    let told: Vec<(&str, bool, Option<u64>)> = answers
        .iter()
        .map(
            |ProbeAnswer {
                 by,
                 caught,
                 looked_us,
             }| (by.as_str(), *caught, *looked_us),
        )
        .collect();
    let looked = Some(3_000_000);
    let mut wanted = vec![("ana", true, looked); 5];
    wanted[4] = ("ana", false, looked);
    assert_eq!(told, wanted);
    let mut page = PageRequest::first(200);
    page.filter = "verb:decide_probe".into();
    let lines = h.store().audit(&page).await.unwrap().rows;
    assert_eq!(lines.len(), 5);
    assert!(lines.iter().all(|line| {
        Flaw::ALL
            .iter()
            .any(|flaw| line.note.as_str() == flaw.told())
    }));
}

/// Whether a verb was done.
trait MapDone {
    fn map_done(self) -> bool;
}

impl<T> MapDone for Outcome<T> {
    fn map_done(self) -> bool {
        matches!(self, Self::Done(..))
    }
}

/// Whatever reviewers do with tickets and probes in any order, with time going on and everything due sent: what is taken to be
/// sent is what was approved of real tickets, and never a probe.
/// Proves: R191, R173.
pub async fn r191_a_probe_never_leaves_whatever_people_do(h: Harness) {
    let fence = begin(&h).await;
    let dice = SeededIds::new(191);
    let (mut approved, mut sent, mut probes) = (0, 0, 0);
    for n in 0..60 {
        let host = asked(&h, fence, &format!("walk {n}")).await;
        let choice = choices()[usize::try_from(dice.pick(5)).unwrap()].clone();
        if let Some(card) = probe(&h).await {
            probes += 1;
            if dice.pick(3) > 0 {
                let decides =
                    [&card, &host].map(|card| super::fixtures::decide(card, choice.clone(), "ana"));
                let one = h
                    .store()
                    .decide_tickets(&decides[..1])
                    .await
                    .unwrap()
                    .remove(0);
                let version = h.card(card.row.id).await.row.version;
                let undone = h
                    .store()
                    .undo_decision(card.row.id, version, "ana")
                    .await
                    .unwrap();
                assert!(one.map_done() && !undone.map_done());
            }
        }
        let let_out = dice.pick(2) == 0;
        if let_out {
            approved += 1;
        }
        done(
            h.decide(
                &host,
                if let_out { Choice::Approve } else { reject() },
                "ben",
            )
            .await,
        );
        h.clock.advance(TIMES.fuse);
        h.store().sweep().await.unwrap();
        while let Some(order) = h.store().take_effect(fence).await.unwrap() {
            assert!(!is_bad(&order.call.post.text), "{}", order.call.post.text);
            h.confirm(&order).await;
            sent += 1;
        }
    }
    assert!(
        probes > 30 && approved > 10,
        "{probes} probes, {approved} approved"
    );
    assert_eq!(sent, approved);
}

/// A probe is put off, given to somebody, found by what it says and paged like a ticket; no second one comes while it waits,
/// and when its time is over it is gone and counts as nothing. Without the setting there is none.
/// Proves: R191.
pub async fn r191_a_probe_waits_like_a_ticket(h: Harness) {
    let fence = begin(&h).await;
    asked(&h, fence, "one").await;
    let card = probe(&h).await.expect("a probe");
    for text in ["two", "three"] {
        asked(&h, fence, text).await;
    }
    let all = queue(&h, &PageRequest::first(200)).await;
    assert_eq!(all.len(), 4, "one probe among three tickets");
    let mut paged = Vec::new();
    for offset in 0..4 {
        let mut page = PageRequest::first(1);
        page.offset = offset;
        paged.extend(queue(&h, &page).await.into_iter().map(|row| row.id));
    }
    assert_eq!(paged, all.iter().map(|row| row.id).collect::<Vec<_>>());
    let mut page = PageRequest::first(10);
    page.only = vec![card.row.id.to_string()];
    assert_eq!(queue(&h, &page).await.len(), 1);
    page.only.clear();
    page.filter = card.text.as_str().split(' ').next().unwrap().to_owned();
    assert!(
        queue(&h, &page)
            .await
            .iter()
            .any(|row| row.id == card.row.id)
    );
    page.filter = "surelynothinghasthisword".into();
    assert_eq!(queue(&h, &page).await.len(), 0);

    let until = h.ambient.now().plus(Span::from_secs(60));
    assert_eq!(
        done(h.decide(&card, Choice::Snooze { until }, "ana").await),
        Decided::Snoozed { until }
    );
    let card = h.card(card.row.id).await;
    assert_eq!(card.row.snoozed_until, Some(until));
    assert_eq!(
        done(
            h.decide(&card, Choice::Assign { to: "ben".into() }, "ana")
                .await
        ),
        Decided::Assigned
    );
    h.clock.advance(Span::from_secs(61));
    let card = h.card(card.row.id).await;
    assert_eq!(
        (card.row.assigned_to.as_str(), card.row.snoozed_until),
        ("ben", None)
    );
    h.clock.advance(TIMES.sla_expire);
    assert!(probe(&h).await.is_none());
    assert!(!h.decide(&card, Choice::Approve, "ana").await.map_done());
    assert_eq!(
        h.store()
            .judged(chimera_domain::Timestamp::from_micros(0))
            .await
            .unwrap()
            .probes,
        []
    );
}
