//! A full disk, a broken invariant, a power cut.

use std::{fs, path::Path, sync::Arc};

use chimera_domain::{
    Span, StoreError, Timestamp,
    artifact::Blob,
    effect::Settlement,
    ports::{BellStore, DeskStore, RuntimeStore, SpendStore, WorkerStore},
    task::Failure,
    testing::ambient,
    verdict::Route,
    views::{PageRequest, Severity},
};
use tempfile::TempDir;

use super::{super::db::Fault, open_at};
use crate::{
    SqliteStore,
    conformance::{Harness, done},
};

pub(super) fn on(
    path: std::path::PathBuf,
) -> (Harness, Arc<std::sync::Mutex<Option<Arc<SqliteStore>>>>) {
    let slot = Arc::new(std::sync::Mutex::new(None));
    let keep = slot.clone();
    let h = Harness::new(Arc::new(move |ambient| {
        let store = open_at(&path, ambient);
        *keep.lock().unwrap() = Some(store.clone());
        store
    }));
    (h, slot)
}

async fn pragma(store: &SqliteStore, sql: &'static str) -> i64 {
    store
        .write("set a pragma", move |db| {
            Ok(db.conn.query_row(sql, [], |row| row.get(0))?)
        })
        .await
        .unwrap()
}

// R152: on a full disk a verb is `Unavailable` and leaves nothing, its neighbours are told too or stand whole, and when there is room again everything goes on.
#[tokio::test]
async fn r152_a_full_disk_leaves_nothing_half_done() {
    let dir = TempDir::new().unwrap();
    let (h, slot) = on(dir.path().join("chimera.db"));
    let store = slot.lock().unwrap().clone().unwrap();
    let fence = h.begin().await;
    let task = h.pending("a").await;
    let claim = h.claim(fence).await.claim;
    pragma(&store, "PRAGMA max_page_count = 1").await;
    let blob = Blob {
        bytes: vec![7; 4 * 1024 * 1024],
        mime: "image/png".into(),
    };
    let mut result = chimera_domain::ports::Submission {
        body: chimera_domain::artifact::Body::Text(chimera_domain::artifact::Draft {
            text: "t".into(),
            hashtags: vec![],
            citations: vec![],
        }),
        blobs: vec![blob.clone()],
        confidence: chimera_domain::Score::ONE,
        provenance: chimera_domain::artifact::Provenance {
            model: "m".into(),
            ..chimera_domain::artifact::Provenance::default()
        },
        proposes: None,
    };
    result.blobs.push(blob.clone());
    let (full, beside) = tokio::join!(
        store.submit_result(&claim, result.clone()),
        store.raise_alert(Severity::Info, "code", "subject", "text"),
    );
    assert!(
        matches!(full, Err(StoreError::Unavailable { .. })),
        "{full:?}"
    );
    assert!(
        matches!(beside, Ok(()) | Err(StoreError::Unavailable { .. })),
        "{beside:?}"
    );
    let alerts = store.alerts(&PageRequest::first(9)).await.unwrap();
    assert_eq!(alerts.total, u64::from(beside.is_ok()));
    assert_eq!(h.state(task).await, "claimed");
    assert_eq!(store.media(blob.sha256()).await.unwrap(), None);

    pragma(&store, "PRAGMA max_page_count = 1000000").await;
    done(store.submit_result(&claim, result).await.unwrap());
    assert_eq!(h.state(task).await, "approved");
    assert_eq!(store.media(blob.sha256()).await.unwrap(), Some(blob));
    store.integrity_check().await.unwrap();
}

// A verb that panics or fails takes back only itself; the writer and the readers live on, and nothing of it rings.
#[tokio::test]
async fn a_broken_invariant_ends_one_verb_only() {
    let dir = TempDir::new().unwrap();
    let store = open_at(&dir.path().join("chimera.db"), ambient(1).0);
    let seq = store.change_seq().await.unwrap();
    let panics = store.write::<(), _>("break", |db| {
        db.exec("UPDATE counts SET n = 99", [])?;
        panic!("on purpose")
    });
    let fails = store.write::<(), _>("fail", |db| {
        db.exec("UPDATE counts SET n = 98", [])?;
        Err(Fault::refused("no"))
    });
    let good = store.raise_alert(Severity::Info, "code", "subject", "text");
    let (panics, fails, good) = tokio::join!(panics, fails, good);
    assert!(matches!(panics, Err(StoreError::Corrupt { .. })));
    assert!(matches!(fails, Err(StoreError::Refused { .. })));
    good.unwrap();
    let read = store.read::<(), _>("break", |_| panic!("on purpose")).await;
    assert!(matches!(read, Err(StoreError::Corrupt { .. })));
    let overview = store.overview().await.unwrap();
    assert_eq!((overview.conflicts, overview.alerts_open), (0, 1));
    assert_eq!(store.change_seq().await.unwrap(), seq + 1);
}

/// What must be true of any database, whatever was cut off.
pub(super) async fn check_invariants(store: &SqliteStore) {
    store.integrity_check().await.unwrap();
    store.verify_ledger().await.unwrap();
    for (what, sql) in [
        (
            "a task under way has exactly one effect that is",
            "SELECT count(*) FROM tasks t WHERE state IN ('publishing', 'uncertain') AND 1 <>
               (SELECT count(*) FROM effects e WHERE e.task_id = t.task_id AND e.state IN ('sent', 'uncertain'))",
        ),
        (
            "an approved post has exactly one effect that waits",
            "SELECT count(*) FROM tasks t WHERE state = 'approved' AND call IS NOT NULL AND 1 <>
               (SELECT count(*) FROM effects e WHERE e.task_id = t.task_id AND e.state IN ('held', 'prepared'))",
        ),
        (
            "no effect waits or goes out without an approved task",
            "SELECT count(*) FROM effects e JOIN tasks t ON t.task_id = e.task_id
             WHERE e.state IN ('held', 'prepared') AND t.state <> 'approved'",
        ),
        (
            "a ticketed task has exactly one ticket that waits",
            "SELECT count(*) FROM tasks t WHERE state = 'ticketed' AND 1 <>
               (SELECT count(*) FROM tickets k WHERE k.task_id = t.task_id AND k.state IN ('open', 'escalated'))",
        ),
        (
            "a published task has its publication and a confirmed effect",
            "SELECT count(*) FROM tasks t WHERE (state = 'published') <> (1 =
               (SELECT count(*) FROM publications p JOIN effects e ON e.effect_id = p.effect_id
                WHERE p.task_id = t.task_id AND e.state = 'confirmed'))",
        ),
        (
            "what goes out is what was judged",
            "SELECT count(*) FROM effects e WHERE NOT EXISTS
               (SELECT 1 FROM verdicts v WHERE v.task_id = e.task_id AND v.content_hash = e.content_hash)",
        ),
        (
            "waiting_on is the number of unfinished parents",
            "SELECT count(*) FROM tasks t WHERE waiting_on <>
               (SELECT count(*) FROM task_edges e JOIN tasks p ON p.task_id = e.parent_id
                WHERE e.child_id = t.task_id AND p.state <> 'approved')",
        ),
    ] {
        let broken = store
            .read("check an invariant", move |db| db.number(sql, []))
            .await
            .unwrap();
        assert_eq!(broken, 0, "{what}");
    }
}

/// A random but repeatable walk through every port. After each step: how long the log is, and the change it holds.
pub(super) async fn walk(
    h: &Harness,
    store: &SqliteStore,
    fence: i64,
    log: &Path,
    steps: u32,
) -> Vec<(u64, u64)> {
    let pick = |below: u64| h.ambient.jitter(Span::from_micros(below - 1)).micros();
    let mut marks = Vec::new();
    for step in 0..steps {
        match pick(9) {
            0 | 1 => {
                let key = format!("k{step} {}", h.ambient.now().micros());
                let signals = h.perceive(&[&key]).await;
                let nodes = vec![h.node("text", &[]), h.node("publish", &["text"])];
                let graph = chimera_domain::plan::TaskGraph::new("p", nodes).unwrap();
                h.plan(&signals[0].0, graph).await;
            }
            2..=4 => work(h, fence, pick(5)).await,
            5 => {
                if let Some(case) = h.store().next_case().await.unwrap() {
                    let route = Route::ALL[usize::try_from(pick(3)).unwrap()];
                    h.judge(&case, route).await;
                }
            }
            6 => {
                let page = h
                    .store()
                    .review_queue(&PageRequest::first(1))
                    .await
                    .unwrap();
                if let Some(row) = page.rows.first() {
                    let card = h.card(row.id).await;
                    let approve = chimera_domain::ticket::Choice::Approve;
                    let version = card.row.version.next();
                    done(h.decide(&card, approve, "ana").await);
                    if pick(3) == 0 {
                        done(
                            h.store()
                                .undo_decision(row.id, version, "ana")
                                .await
                                .unwrap(),
                        );
                    }
                }
            }
            7 => send(h, fence, pick(4)).await,
            _ => {
                use chimera_domain::halt::{Halt, Scope};
                if pick(3) == 0 {
                    done(
                        h.store()
                            .halt(Scope::Fleet, Halt::Pause, "ana", "")
                            .await
                            .unwrap(),
                    );
                    done(h.store().resume(Scope::Fleet, "ana").await.unwrap());
                }
                h.clock.advance(Span::from_secs(30));
                h.store().sweep().await.unwrap();
            }
        }
        let length = fs::metadata(log).map_or(0, |m| m.len());
        marks.push((length, store.change_seq().await.unwrap()));
    }
    marks
}

async fn work(h: &Harness, fence: i64, chance: u64) {
    let Some(work) = h
        .store()
        .claim_task(fence, Span::from_secs(20))
        .await
        .unwrap()
    else {
        return;
    };
    if chance == 0 {
        let retry = Failure::Retry {
            why: "x".into(),
            at: h.ambient.now(),
        };
        done(h.store().fail_task(&work.claim, retry).await.unwrap());
        return;
    }
    if chance == 1 {
        return;
    }
    let publishes = work.task.spec.kind == chimera_domain::task::TaskKind::Publish;
    let text = format!("text {}", work.claim.id);
    let proposes = publishes.then(|| crate::conformance::call(&text));
    let result = crate::conformance::submission(proposes);
    done(h.store().submit_result(&work.claim, result).await.unwrap());
}

async fn send(h: &Harness, fence: i64, chance: u64) {
    h.clock.advance(Span::from_secs(10));
    let Some(order) = h.store().take_effect(fence).await.unwrap() else {
        return;
    };
    let settlement = match chance {
        0 => return,
        1 => Settlement::NotSent {
            why: "x".into(),
            at: Timestamp::from_micros(0),
        },
        2 => Settlement::Uncertain { why: "x".into() },
        _ => Settlement::Confirmed(chimera_domain::effect::Receipt {
            external_id: order.effect_id.to_string(),
            url: String::new(),
            simulated: true,
            text_sha256: None,
            disclosure: None,
            cost_usd: None,
        }),
    };
    done(
        h.store()
            .settle_effect(order.effect_id, order.version, settlement)
            .await
            .unwrap(),
    );
}

// R5, R152: cut the log anywhere, as a power cut does: the rest opens clean, keeps every promise, and holds all that was answered before.
#[tokio::test]
async fn r5_a_power_cut_loses_nothing_that_was_answered() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("chimera.db");
    let (h, slot) = on(path.clone());
    let store = slot.lock().unwrap().take().unwrap();
    // The file itself stays as it is, so that any prefix of the log is a moment that could have been.
    pragma(&store, "PRAGMA wal_autocheckpoint = 0").await;
    let log = dir.path().join("chimera.db-wal");
    let fence = h.begin().await;
    let marks = walk(&h, &store, fence, &log, 150).await;
    check_invariants(&store).await;
    let (file, whole) = (fs::read(&path).unwrap(), fs::read(&log).unwrap());
    let (first, last) = (marks[0].0, marks[marks.len() - 1].0);
    assert!(last > first, "the walk wrote something");
    for cut in 0..24_u64 {
        let span = Span::from_micros(last - first);
        let at = first + h.ambient.jitter(span).micros();
        let copy = dir.path().join(format!("cut{cut}.db"));
        fs::write(&copy, &file).unwrap();
        let mut left = whole[..usize::try_from(at).unwrap()].to_vec();
        // A torn page may hold anything.
        left.extend_from_slice(&[0x5a; 700]);
        fs::write(dir.path().join(format!("cut{cut}.db-wal")), left).unwrap();
        let reopened = open_at(&copy, ambient(u32::try_from(cut).unwrap() + 50).0);
        check_invariants(&reopened).await;
        let answered = marks
            .iter()
            .filter(|(length, _)| *length <= at)
            .map(|(_, seq)| *seq)
            .max();
        let seq = reopened.change_seq().await.unwrap();
        assert!(Some(seq) >= answered, "{seq} of {answered:?} at {at}");
        let alert = reopened.raise_alert(Severity::Info, "alive", "after", "a cut");
        alert.await.unwrap();
    }
}
