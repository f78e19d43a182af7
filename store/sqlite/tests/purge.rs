//! What may end, what may not, and that nobody's answer changes by it.

use std::sync::Arc;

use chimera_domain::{
    Score, Span,
    artifact::{Blob, Body, Media},
    effect::{Receipt, Settlement},
    ids::TaskId,
    look::Likeness,
    plan::TaskGraph,
    ports::{
        DeskStore, EngagementStore, ExecutorStore, JudgeStore, PlanDecision, PlannerStore,
        RuntimeStore, SpendStore, WorkerStore,
    },
    publication::Sample,
    resource::Poll,
    retention::Retention,
    ticket::{Choice, RejectClass},
    verdict::Route,
    views::{PageRequest, Severity},
};
use tempfile::TempDir;

use super::faults::{check_invariants, on, walk};
use crate::{
    Part, Purged, SqliteStore,
    conformance::{Harness, call, done, fixtures::item, submission},
};

fn keep(days: u64) -> Retention {
    Retention::all(Span::from_hours(24 * days))
}

fn days(days: u64) -> Span {
    Span::from_hours(24 * days)
}

struct House {
    h: Harness,
    store: Arc<SqliteStore>,
    fence: i64,
    _dir: TempDir,
}

impl House {
    async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let (h, slot) = on(dir.path().join("chimera.db"));
        let store = slot.lock().unwrap().take().unwrap();
        let fence = h.begin().await;
        Self {
            h,
            store,
            fence,
            _dir: dir,
        }
    }

    /// Reads these items; how many were new.
    async fn poll(&self, keys: &[&str]) -> u32 {
        let resource = self.h.resource().await;
        let poll = Poll::Read {
            note: None,
            items: keys.iter().map(|key| item(key)).collect(),
            cursor: None,
            next_poll_at: self.h.ambient.now(),
        };
        done(self.store.commit_poll(&resource, poll).await.unwrap()).kept
    }

    async fn ignore_all(&self) {
        for (signal, _) in self.store.next_signals(500).await.unwrap() {
            let left = PlanDecision::Ignore { why: "no".into() };
            done(self.store.commit_plan(&signal, None, left).await.unwrap());
        }
    }

    /// A plan of a picture and a post with it, judged by `route` and, where it was asked for, by a person.
    async fn illustrated(
        &self,
        key: &str,
        blob: &Blob,
        (route, choice): (Route, Option<Choice>),
    ) -> TaskId {
        let (signal, _) = self.h.perceive(&[key]).await.remove(0);
        let picture = self.h.node("picture", &[]);
        let nodes = vec![picture, self.h.node("publish", &["picture"])];
        let post = nodes[1].id;
        self.h
            .plan(&signal, TaskGraph::new("p", nodes).unwrap())
            .await;
        let media = Media {
            sha256: blob.sha256(),
            mime: blob.mime.clone(),
            bytes: 1,
            width: 1,
            height: 1,
            alt_text: String::new(),
            character_reference_id: String::new(),
        };
        let mut made = submission(None);
        made.body = Body::Media(media.clone());
        // All of them against one reference, which is stored with the first.
        made.blobs = vec![blob.clone(), reference()];
        made.provenance.likeness = Some(held_against(&reference()));
        self.hand_in(made).await;
        let mut call = call(key);
        call.post.media = vec![media];
        self.hand_in(submission(Some(call))).await;
        let case = self.store.next_case().await.unwrap().unwrap();
        if let Some(ticket) = self.h.judge(&case, route).await
            && let Some(choice) = choice
        {
            let card = self.h.card(ticket).await;
            done(self.h.decide(&card, choice, "ana").await);
        }
        post
    }

    async fn hand_in(&self, result: chimera_domain::ports::Submission) {
        let claim = self.h.claim(self.fence).await.claim;
        done(self.store.submit_result(&claim, result).await.unwrap());
    }

    async fn publish_due(&self) {
        self.h.clock.advance(Span::from_mins(1));
        let order = self.store.take_effect(self.fence).await.unwrap().unwrap();
        let receipt = Receipt {
            external_id: order.effect_id.to_string(),
            url: String::new(),
            simulated: true,
            text_sha256: None,
            disclosure: None,
            cost_usd: None,
        };
        let confirmed = Settlement::Confirmed(receipt);
        done(
            self.store
                .settle_effect(order.effect_id, order.version, confirmed)
                .await
                .unwrap(),
        );
    }

    async fn purge(&self, keep: Retention) -> Purged {
        let said = self.store.purgeable(keep).await.unwrap();
        let purged = self.store.purge(keep, "test").await.unwrap();
        assert_eq!(said, purged, "what was announced is what ended");
        purged
    }
}

const APPROVED: (Route, Option<Choice>) = (Route::Approve, None);
const ASKED: (Route, Option<Choice>) = (Route::HitlQueue, None);

fn refused_by_ana() -> (Route, Option<Choice>) {
    let class = RejectClass::OffBrand;
    let note = String::new();
    (Route::HitlQueue, Some(Choice::Reject { class, note }))
}

/// What every picture here is held against.
fn reference() -> Blob {
    blob(7)
}

fn held_against(blob: &Blob) -> Likeness {
    Likeness {
        score: Ok(Score::ONE),
        method: "palette/1".into(),
        reference: Some(Media {
            sha256: blob.sha256(),
            ..chimera_domain::testing::post("").media[0].clone()
        }),
    }
}

fn blob(byte: u8) -> Blob {
    Blob {
        bytes: vec![byte; 1_000],
        mime: "image/png".into(),
    }
}

// R152: what was perceived and left ends after its time and is not perceived anew; what is new, held or planned stays.
#[tokio::test]
async fn r152_signals_that_became_nothing_end_and_do_not_come_back() {
    let house = House::new().await;
    // More than one step looks at.
    let many: Vec<String> = (0..450).map(|n| format!("left {n}")).collect();
    let keys: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(house.poll(&keys).await, 450);
    house.ignore_all().await;
    house.h.pending("planned").await;
    assert_eq!(house.poll(&["broken", "waits"]).await, 2);
    let waiting = house.store.next_signals(9).await.unwrap();
    let (broken, _) = waiting
        .iter()
        .find(|(s, _)| s.item.key == "broken")
        .unwrap();
    let why = "no scorer".into();
    let unscored = PlanDecision::Unscored { why };
    done(
        house
            .store
            .commit_plan(broken, None, unscored)
            .await
            .unwrap(),
    );
    house.h.clock.advance(days(20));
    assert_eq!(house.poll(&["young"]).await, 1);
    let waiting = house.store.next_signals(9).await.unwrap();
    let (young, _) = waiting.iter().find(|(s, _)| s.item.key == "young").unwrap();
    let left = PlanDecision::Ignore { why: "no".into() };
    done(house.store.commit_plan(young, None, left).await.unwrap());
    house.h.clock.advance(days(11));
    assert_eq!(house.poll(&["new"]).await, 1);
    let purged = house.purge(keep(30)).await;
    assert_eq!(purged.signals.rows, 450);
    assert!(purged.signals.bytes > 450 * 100, "{purged:?}");
    let left = house.store.signal_feed(&PageRequest::first(50)).await;
    assert_eq!(
        left.unwrap().total,
        5,
        "planned, broken, waits, young and new"
    );
    assert_eq!(house.poll(&keys).await, 0, "they were seen");
    assert_eq!(house.poll(&["another"]).await, 1);
    assert_eq!(house.purge(keep(30)).await, Purged::default());
    let fill = house.store.fill().await.unwrap();
    assert!(
        fill.free_bytes > 0 && fill.free_bytes < fill.file_bytes,
        "{fill:?}"
    );
    check_invariants(&house.store).await;
    let House { h, store, _dir, .. } = house;
    drop((h, store));
    let path = _dir.path().join("chimera.db");
    assert!(crate::vacuum(&path).unwrap() < fill.file_bytes);
    let store = super::open_at(&path, chimera_domain::testing::ambient(2).0);
    assert_eq!(store.fill().await.unwrap().free_bytes, 0);
    check_invariants(&store).await;
}

// R152: a signal that others are near duplicates of goes when they are gone, and not while one of them was planned.
#[tokio::test]
async fn r152_a_signal_that_another_refers_to_stays_until_that_one_is_gone() {
    let house = House::new().await;
    let twins = |key: &str, title: &str| {
        let mut twin = item(key);
        twin.title = title.into();
        twin
    };
    let resource = house.h.resource().await;
    let poll = Poll::Read {
        note: None,
        items: vec![
            twins("1", "same"),
            twins("2", "same"),
            twins("3", "other"),
            twins("4", "other"),
        ],
        cursor: None,
        next_poll_at: house.h.ambient.now(),
    };
    done(house.store.commit_poll(&resource, poll).await.unwrap());
    let signals = house.store.next_signals(9).await.unwrap();
    let planned = signals.iter().find(|(s, _)| s.item.key == "4").unwrap();
    assert!(planned.0.near_duplicate_of.is_some());
    house.h.plan(&planned.0, house.h.short_plan()).await;
    house.ignore_all().await;
    house.h.clock.advance(days(31));
    // The duplicate first, what it is a duplicate of with the next look; the one that a plan's signal refers to never.
    let mut gone = 0;
    for _ in 0..3 {
        gone += house.purge(keep(30)).await.signals.rows;
    }
    assert_eq!(gone, 2);
    check_invariants(&house.store).await;
}

// R152: a picture ends when every plan that used it is over without a publication for long enough.
#[tokio::test]
async fn r152_pictures_nobody_needs_end_and_the_others_stay() {
    let house = House::new().await;
    let (public, refused, shared, open, dead) = (blob(1), blob(2), blob(3), blob(4), blob(5));
    house.illustrated("public", &public, APPROVED).await;
    house.publish_due().await;
    house
        .illustrated("refused", &refused, refused_by_ana())
        .await;
    house.illustrated("once", &shared, refused_by_ana()).await;
    house.illustrated("again", &shared, APPROVED).await;
    house.publish_due().await;
    house.illustrated("asked", &open, ASKED).await;
    let post = house.illustrated("given up", &dead, APPROVED).await;
    house.h.clock.advance(Span::from_mins(1));
    let order = house.store.take_effect(house.fence).await.unwrap().unwrap();
    let failed = Settlement::Failed { why: "no".into() };
    done(
        house
            .store
            .settle_effect(order.effect_id, order.version, failed)
            .await
            .unwrap(),
    );
    assert_eq!(house.h.state(post).await, "dead");
    let mut named_by_nobody = submission(None);
    named_by_nobody.blobs = vec![blob(6)];
    house.h.pending("text").await;
    house.hand_in(named_by_nobody).await;
    house.h.clock.advance(days(89));
    assert_eq!(house.purge(keep(90)).await.media.rows, 0);
    house.h.clock.advance(days(2));
    let kept = |blob: &Blob| {
        let (store, hash) = (house.store.clone(), blob.sha256());
        async move { store.media(hash).await.unwrap().is_some() }
    };
    // One more plan begins to use what would end tomorrow.
    assert_eq!(
        house.purge(keep(90)).await.media,
        // And the three bytes of the fixture's own picture, which no post here shows.
        Part {
            rows: 3,
            bytes: 2_003
        }
    );
    for (blob, stays) in [
        (&public, true),
        (&refused, false),
        (&shared, true),
        (&open, true),
        (&dead, true),
        (&blob(6), false),
        // What a picture was held against lasts as long as any such picture.
        (&reference(), true),
    ] {
        assert_eq!(kept(blob).await, stays, "{}", blob.bytes[0]);
    }
    // Made once more it is there once more, and in use.
    house.illustrated("anew", &refused, ASKED).await;
    house.h.clock.advance(days(200));
    assert_eq!(house.purge(keep(90)).await.media.bytes, 3);
    assert!(kept(&refused).await);
    check_invariants(&house.store).await;
}

// R152: alerts that are over end, open ones stay; counters are thinned to the last look of a day, and the table itself keeps that one.
#[tokio::test]
async fn r152_closed_alerts_end_and_samples_are_thinned() {
    let house = House::new().await;
    for subject in ["over", "goes on"] {
        house
            .store
            .raise_alert(Severity::Info, "code", subject, "text")
            .await
            .unwrap();
    }
    house.store.close_alert("code", "over").await.unwrap();
    house.h.due_effect(house.fence, "x").await;
    house.publish_due().await;
    let mut last = 0;
    for hour in 0..72 {
        house.h.clock.advance(Span::from_hours(1));
        let due = house.store.due_publications(1).await.unwrap().remove(0);
        last = hour;
        let sample = Sample {
            at: house.h.ambient.now(),
            likes: hour,
            shares: 0,
            comments: 0,
            views: None,
            simulated: true,
        };
        let now = house.h.ambient.now();
        done(
            house
                .store
                .commit_sample(due.id, due.version, Some(sample), now)
                .await
                .unwrap(),
        );
    }
    assert_eq!(house.purge(keep(4)).await.samples.rows, 0);
    house.h.clock.advance(days(40));
    let days_seen = house
        .store
        .read("count", |db| {
            db.number(
                "SELECT count(DISTINCT at / 86400000000) FROM engagement_samples",
                [],
            )
        })
        .await
        .unwrap();
    let purged = house.purge(keep(30)).await;
    assert_eq!(purged.alerts.rows, 1);
    let thinned = u64::try_from(72 - days_seen).unwrap();
    assert_eq!(purged.samples.rows, thinned);
    assert_eq!(house.h.alerts("code").await.0, 1);
    let rows = house.store.publications(&PageRequest::first(1)).await;
    let rows = rows.unwrap().rows;
    assert_eq!(rows[0].last.map(|s| s.likes), Some(last));
    let refused = house
        .store
        .write("cut", |db| db.exec("DELETE FROM engagement_samples", []))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("last look"), "{refused}");
}

/// Everything a person, a role or an auditor may ask for.
async fn answers(store: &SqliteStore) -> Vec<String> {
    let all = PageRequest::first(200);
    let mut said = vec![
        format!("{:?}", store.verify_ledger().await.unwrap()),
        format!("{:?}", store.task_list(&all, None).await.unwrap()),
        format!("{:?}", store.ledger(&all).await.unwrap()),
        format!("{:?}", store.publications(&all).await.unwrap()),
        format!("{:?}", store.open_effects(&all).await.unwrap()),
        format!("{:?}", store.alerts(&all).await.unwrap()),
        format!("{:?}", store.next_signals(500).await.unwrap()),
        format!("{:?}", store.next_case().await.unwrap()),
    ];
    let queue = store.review_queue(&all).await.unwrap();
    for row in &queue.rows {
        said.push(format!("{:?}", store.ticket_card(row.id).await.unwrap()));
    }
    let mut house = store.overview().await.unwrap();
    // How many were looked at and left is the one number that a purge is there to change.
    house
        .signals
        .retain(|(state, _)| state.as_str() != "ignored");
    said.push(format!("{house:?}"));
    for table in [
        "verdicts",
        "tickets",
        "effects",
        "artifacts",
        "tasks",
        "plans",
        "spend_intents",
    ] {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows = store.read("count", move |db| db.number(&sql, [])).await;
        said.push(format!("{table} {}", rows.unwrap()));
    }
    said
}

// R152, R161: whatever happened before and however little is kept, a purge changes no answer of audit, ledger, open work or sums.
#[tokio::test]
async fn r152_a_purge_changes_no_answer() {
    let mut ended = Purged::default();
    for seed in 0..5 {
        let house = House::new().await;
        for _ in 0..seed {
            let _ = house.h.ambient.fresh();
        }
        let log = house._dir.path().join("chimera.db-wal");
        for round in 0..3 {
            let left: Vec<String> = (0..20).map(|n| format!("{round} left {n}")).collect();
            let left: Vec<&str> = left.iter().map(String::as_str).collect();
            house.poll(&left).await;
            house.ignore_all().await;
            let wait: Vec<String> = (0..15).map(|n| format!("{round} waits {n}")).collect();
            let wait: Vec<&str> = wait.iter().map(String::as_str).collect();
            house.poll(&wait).await;
            walk(&house.h, &house.store, house.fence, &log, 25).await;
            house.h.clock.advance(days(
                1 + house.h.ambient.jitter(Span::from_micros(50)).micros(),
            ));
        }
        let anchor = house.store.anchor().await.unwrap();
        let before = answers(&house.store).await;
        let least = house.h.ambient.jitter(Span::from_micros(20)).micros();
        ended += house.purge(keep(least)).await;
        let after = answers(&house.store).await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "seed {seed}");
        }
        assert_eq!(before.len(), after.len());
        house.store.verify_audit(vec![anchor]).await.unwrap();
        check_invariants(&house.store).await;
    }
    assert!(ended.signals.rows > 50, "nothing was purged: {ended:?}");
}
