//! Somebody with the file in hand changes the record: what each way of it is found by.

use std::path::PathBuf;

use chimera_domain::{ContentHash, StoreError, Timestamp, ticket::Choice};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::{
    super::{
        chains::Anchor,
        db::{AuditLine, audit_genesis},
    },
    open_at,
};
use crate::conformance::{Harness, done};

/// A closed database with some lines of audit in it, and where its chains ended.
struct Record {
    path: PathBuf,
    anchor: Anchor,
    _dir: TempDir,
}

impl Record {
    async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("chimera.db");
        let at = path.clone();
        let h = Harness::new(std::sync::Arc::new(move |ambient| open_at(&at, ambient)));
        let fence = h.begin().await;
        let card = h.ticketed(fence, "x").await;
        done(h.decide(&card, Choice::Approve, "ana").await);
        let ambient = h.ambient.clone();
        drop(h);
        let store = open_at(&path, ambient);
        let anchor = store.anchor().await.unwrap();
        let sound = store.verify_audit(vec![anchor]).await.unwrap();
        assert!(sound > 5, "{sound} lines are too few to tamper with");
        assert_eq!(i64::try_from(sound).unwrap(), anchor.audit_seq);
        Self {
            path,
            anchor,
            _dir: dir,
        }
    }

    /// As whoever owns the file may: what guards the tables is dropped, and put back so that nothing shows.
    fn tamper(&self, with: impl FnOnce(&Connection)) {
        let db = Connection::open(&self.path).unwrap();
        let guards: Vec<(String, String)> = db
            .prepare(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'",
            )
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(guards.len(), 3);
        for (name, _) in &guards {
            db.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        with(&db);
        for (_, sql) in &guards {
            db.execute_batch(sql).unwrap();
        }
    }

    async fn verify(&self, anchors: Vec<Anchor>) -> Result<u64, String> {
        let store = open_at(&self.path, chimera_domain::testing::ambient(9).0);
        match store.verify_audit(anchors).await {
            Ok(lines) => Ok(lines),
            Err(StoreError::Corrupt { what }) => Err(what),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Chains every line anew from the first on, as a forger who knows how would.
fn chain_anew(db: &Connection) {
    type Texts = (String, String, String, String, String, String, String);
    type Line = (i64, i64, Texts, (i64, i64), Option<[u8; 16]>);
    let lines: Vec<Line> = db
        .prepare("SELECT * FROM audit ORDER BY seq")
        .unwrap()
        .query_map([], |row| {
            let texts = (
                row.get("actor")?,
                row.get("subject")?,
                row.get("verb")?,
                row.get("from_state")?,
                row.get("to_state")?,
                row.get("reason")?,
                row.get("note")?,
            );
            let versions = (row.get("from_version")?, row.get("to_version")?);
            let (seq, at, trace) = (row.get("seq")?, row.get("at")?, row.get("trace_id")?);
            Ok((seq, at, texts, versions, trace))
        })
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    let mut prev = audit_genesis();
    for (seq, at, (actor, subject, verb, from, to, reason, note), versions, trace) in lines {
        let line = AuditLine {
            actor: &actor,
            subject,
            verb: &verb,
            from: &from,
            to: &to,
            reason: &reason,
            versions,
            trace: trace
                .map(|b| chimera_domain::ids::TraceId::from_uuid(uuid::Uuid::from_bytes(b))),
            note: &note,
        };
        let hash: ContentHash = line.hash(seq, Timestamp::from_micros(at), prev).unwrap();
        db.execute(
            "UPDATE audit SET prev_hash = ?2, hash = ?3 WHERE seq = ?1",
            params![seq, prev.as_bytes(), hash.as_bytes()],
        )
        .unwrap();
        prev = hash;
    }
}

// R161: a line of the audit that says something else breaks the chain, whichever of its fields it is.
#[tokio::test]
async fn r161_an_edited_line_is_found() {
    let record = Record::new().await;
    let sound = std::fs::read(&record.path).unwrap();
    for field in [
        "at = at + 1",
        "actor = 'nobody'",
        "subject = subject || 'x'",
        "verb = 'looked_at'",
        "from_state = 'x'",
        "to_state = 'x'",
        "reason = 'x'",
        "from_version = 77",
        "to_version = 77",
        "trace_id = zeroblob(16)",
        "note = 'x'",
        "hash = zeroblob(32)",
    ] {
        std::fs::write(&record.path, &sound).unwrap();
        record.tamper(|db| {
            let edit = format!("UPDATE audit SET {field} WHERE seq = 3");
            assert_eq!(db.execute(&edit, []).unwrap(), 1);
        });
        let found = record.verify(vec![]).await.unwrap_err();
        assert!(found.contains("audit line 3"), "{field}: {found}");
    }
}

// R161: a line that is gone leaves a gap, and moving the others up does not close it.
#[tokio::test]
async fn r161_a_deleted_line_is_found() {
    let record = Record::new().await;
    record.tamper(|db| {
        db.execute("DELETE FROM audit WHERE seq = 3", []).unwrap();
    });
    let found = record.verify(vec![]).await.unwrap_err();
    assert!(found.contains("audit line 4"), "{found}");
    record.tamper(|db| {
        let last: i64 = db
            .query_row("SELECT max(seq) FROM audit", [], |row| row.get(0))
            .unwrap();
        for seq in 4..=last {
            let move_up = "UPDATE audit SET seq = seq - 1 WHERE seq = ?1";
            db.execute(move_up, [seq]).unwrap();
        }
    });
    let found = record.verify(vec![]).await.unwrap_err();
    assert!(found.contains("audit line 3"), "{found}");
}

// R161: two lines that changed places are found.
#[tokio::test]
async fn r161_reordered_lines_are_found() {
    let record = Record::new().await;
    record.tamper(|db| {
        db.execute_batch(
            "UPDATE audit SET seq = 1000000 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;
             UPDATE audit SET seq = 4 WHERE seq = 1000000;",
        )
        .unwrap();
    });
    let found = record.verify(vec![]).await.unwrap_err();
    assert!(found.contains("audit line 3"), "{found}");
}

// R161: what is left of a record whose end was cut off is a sound chain; only the anchor outside tells.
#[tokio::test]
async fn r161_a_cut_tail_is_found_by_the_anchor() {
    let record = Record::new().await;
    record.tamper(|db| {
        db.execute("DELETE FROM audit WHERE seq > 3", []).unwrap();
    });
    assert_eq!(record.verify(vec![]).await, Ok(3));
    let found = record.verify(vec![record.anchor]).await.unwrap_err();
    assert!(found.contains("anchored"), "{found}");
    // Emptied altogether.
    record.tamper(|db| {
        db.execute("DELETE FROM audit", []).unwrap();
    });
    assert_eq!(record.verify(vec![]).await, Ok(0));
    assert!(record.verify(vec![record.anchor]).await.is_err());
}

// R161: a record that was written anew with every hash made again is a sound chain; only the anchor outside tells.
#[tokio::test]
async fn r161_a_full_rewrite_is_found_by_the_anchor() {
    let record = Record::new().await;
    record.tamper(|db| {
        db.execute("UPDATE audit SET actor = 'nobody' WHERE actor = 'ana'", [])
            .unwrap();
        chain_anew(db);
    });
    let lines = u64::try_from(record.anchor.audit_seq).unwrap();
    assert_eq!(record.verify(vec![]).await, Ok(lines));
    let found = record.verify(vec![record.anchor]).await.unwrap_err();
    assert!(found.contains("anchored"), "{found}");
    // The forger's own work is what the anchor sees, not a difference in how the test chains.
    let untouched = Record::new().await;
    untouched.tamper(chain_anew);
    assert!(untouched.verify(vec![untouched.anchor]).await.is_ok());
}
