//! Purging: what became nothing ends after its time, a little in each transaction.
//!
//! Never touches audit, ledger, verdicts, tickets, effects, publications, tasks or plans. Whoever is
//! about to write waits for one small step at most.

use std::{ops::AddAssign, time::Duration};

use chimera_domain::{StoreError, Timestamp, retention::Retention, signal::SignalState};
use rusqlite::{Row, params};

use super::{
    SqliteStore,
    db::{AuditLine, Counted, Db, Verb, count},
};

/// The most rows one transaction looks at.
const ROWS_PER_STEP: u32 = 200;
/// The most bytes of pictures one transaction frees; at least one picture goes.
const BYTES_PER_STEP: u64 = 8 * 1024 * 1024;
/// Between two steps, for whoever else writes.
const PAUSE: Duration = Duration::from_millis(5);

/// How much of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Part {
    /// Rows.
    pub rows: u64,
    /// What stood in them, in bytes; what the file held for them is a little more.
    pub bytes: u64,
}

/// What was purged, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Purged {
    /// Signals that became nothing.
    pub signals: Part,
    /// Bytes of pictures nobody needs.
    pub media: Part,
    /// Alerts that were over.
    pub alerts: Part,
    /// Engagement samples between two others of a day.
    pub samples: Part,
}

impl Part {
    fn add(&mut self, bytes: i64) {
        self.rows += 1;
        self.bytes += count(bytes);
    }
}

impl AddAssign for Purged {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in [
            (&mut self.signals, other.signals),
            (&mut self.media, other.media),
            (&mut self.alerts, other.alerts),
            (&mut self.samples, other.samples),
        ] {
            sum.rows += more.rows;
            sum.bytes += more.bytes;
        }
    }
}

/// How large the file is, and how much of it is free for what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Fill {
    /// The whole file.
    pub file_bytes: u64,
    /// Pages that hold nothing: filled again before the file grows.
    pub free_bytes: u64,
}

/// Where the next step goes on: the kind, and the last row that was looked at.
#[derive(Debug, Clone, Copy)]
struct Next {
    kind: Kind,
    after: Option<(i64, i64)>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Signals,
    Media,
    Alerts,
    Samples,
}

impl Kind {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Signals => Some(Self::Media),
            Self::Media => Some(Self::Alerts),
            Self::Alerts => Some(Self::Samples),
            Self::Samples => None,
        }
    }
}

impl SqliteStore {
    /// Ends what is older than it is to be kept, in steps of one small transaction each, each with its
    /// line in the audit. Stopped in the middle it has done less, and nothing by half. Repeatable.
    ///
    /// # Errors
    /// As any verb of the store; the steps before stand.
    pub async fn purge(&self, keep: Retention, actor: &str) -> Result<Purged, StoreError> {
        let mut sum = Purged::default();
        let mut next = Some(FIRST);
        while let Some(at) = next {
            let actor = actor.to_owned();
            let (purged, then) = self
                .write("purge", move |db| {
                    let (purged, then) = step(db, &keep, at, true)?;
                    if purged != Purged::default() {
                        tell(db, &actor, &purged)?;
                    }
                    Ok((purged, then))
                })
                .await?;
            sum += purged;
            next = then;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(sum)
    }

    /// What [`Self::purge`] would end now. A signal that another one still refers to counts once that one is gone.
    ///
    /// # Errors
    /// As any read of the store.
    pub async fn purgeable(&self, keep: Retention) -> Result<Purged, StoreError> {
        let mut sum = Purged::default();
        let mut next = Some(FIRST);
        while let Some(at) = next {
            let (purged, then) = self
                .read("look for what can be purged", move |db| {
                    step(db, &keep, at, false)
                })
                .await?;
            sum += purged;
            next = then;
        }
        Ok(sum)
    }

    /// How full the file is.
    ///
    /// # Errors
    /// As any read of the store.
    pub async fn fill(&self) -> Result<Fill, StoreError> {
        self.read("look how full the file is", |db| {
            let page = count(db.number("PRAGMA page_size", [])?);
            Ok(Fill {
                file_bytes: page * count(db.number("PRAGMA page_count", [])?),
                free_bytes: page * count(db.number("PRAGMA freelist_count", [])?),
            })
        })
        .await
    }
}

const FIRST: Next = Next {
    kind: Kind::Signals,
    after: None,
};

fn tell(db: &Db<'_>, actor: &str, purged: &Purged) -> Verb<()> {
    db.audit(&AuditLine {
        actor,
        subject: "store".to_owned(),
        verb: "purge",
        note: &super::rows::json(purged)?,
        ..AuditLine::default()
    })
}

/// One step: looks at a bounded number of rows of one kind, and ends those nobody needs.
fn step(db: &Db<'_>, keep: &Retention, at: Next, ends: bool) -> Verb<(Purged, Option<Next>)> {
    let mut purged = Purged::default();
    let (keep, part, pass): (_, _, Pass) = match at.kind {
        Kind::Signals => (keep.signals, &mut purged.signals, signals),
        Kind::Media => (keep.media, &mut purged.media, media),
        Kind::Alerts => (keep.alerts, &mut purged.alerts, alerts),
        Kind::Samples => (keep.samples, &mut purged.samples, samples),
    };
    let went_to = match keep {
        Some(keep) => pass(
            db,
            &Step {
                end: db.now.minus(keep),
                after: at.after,
                ends,
            },
            part,
        )?,
        None => None,
    };
    let next = match went_to {
        Some(after) => Some(Next {
            kind: at.kind,
            after: Some(after),
        }),
        None => at.kind.next().map(|kind| Next { kind, after: None }),
    };
    Ok((purged, next))
}

/// How one kind is gone through; gives where the next step goes on, unless it was the last.
type Pass = fn(&Db<'_>, &Step, &mut Part) -> Verb<Option<(i64, i64)>>;

/// One step through one kind.
struct Step {
    /// What is older is looked at.
    end: Timestamp,
    /// The last row that was looked at.
    after: Option<(i64, i64)>,
    /// Whether rows end, or are only counted.
    ends: bool,
}

impl Step {
    /// Ends those rows that can go, with `delete`; gives where the next step goes on if this one was full.
    fn end(
        &self,
        rows: &[Seen],
        bytes_max: u64,
        part: &mut Part,
        delete: impl Fn(i64) -> Verb<()>,
    ) -> Verb<Option<(i64, i64)>> {
        let mut freed = 0;
        for found in rows.iter().filter(|found| found.goes) {
            if self.ends {
                delete(found.place.1)?;
            }
            part.add(found.bytes);
            freed += count(found.bytes);
            if freed >= bytes_max {
                return Ok(Some(found.place));
            }
        }
        let full = rows.len() >= ROWS_PER_STEP as usize;
        Ok(full.then(|| rows.last().map(|last| last.place)).flatten())
    }

    /// Where a pass that goes from old to new is, as two values.
    fn place(&self) -> (i64, i64) {
        self.after.unwrap_or((i64::MIN, i64::MIN))
    }
}

/// A row that was looked at: its place in the order, whether it can go, and what stands in it.
struct Seen {
    place: (i64, i64),
    goes: bool,
    bytes: i64,
}

fn seen(row: &Row<'_>) -> Verb<Seen> {
    Ok(Seen {
        place: (row.get("order_by")?, row.get("row")?),
        goes: row.get("goes")?,
        bytes: row.get("bytes")?,
    })
}

/// The newest first, so that a near duplicate goes before what it is a duplicate of.
fn signals(db: &Db<'_>, step: &Step, part: &mut Part) -> Verb<Option<(i64, i64)>> {
    let (time, row) = step.after.unwrap_or((step.end.micros(), i64::MIN));
    let rows = db.all(
        "SELECT s.rowid AS row, s.ingested_at AS order_by,
           length(s.item) + length(s.search) + length(s.title_normal) + length(s.why)
             + coalesce(length(s.relevance), 0) AS bytes,
           NOT EXISTS (SELECT 1 FROM trend_signals n WHERE n.near_duplicate_of = s.signal_id)
             AND NOT EXISTS (SELECT 1 FROM plans p WHERE p.signal_id = s.signal_id)
             -- What was learned from it could not be learned again.
             AND NOT EXISTS (SELECT 1 FROM lessons l WHERE l.signal_id = s.signal_id) AS goes
         FROM trend_signals s INDEXED BY signals_left
         WHERE s.state = 'ignored' AND (s.ingested_at, s.rowid) < (?1, ?2)
         ORDER BY s.ingested_at DESC, s.rowid DESC LIMIT ?3",
        params![time, row, ROWS_PER_STEP],
        seen,
    )?;
    // The last look was before this step's own deletions: that can only have freed more.
    step.end(&rows, u64::MAX, part, |row| {
        db.exec(
            "INSERT INTO forgotten_items
             SELECT campaign_id, resource_id, item_key FROM trend_signals WHERE rowid = ?1",
            [row],
        )?;
        db.exec_one("DELETE FROM trend_signals WHERE rowid = ?1", [row])?;
        db.gone(Counted::Signal, SignalState::Ignored.as_str());
        Ok(())
    })
}

/// Bytes of plans that are over and led to no publication. `dead` and `blocked` are not over: a person
/// may send them on.
fn media(db: &Db<'_>, step: &Step, part: &mut Part) -> Verb<Option<(i64, i64)>> {
    let (time, row) = step.place();
    let rows = db.all(
        "SELECT b.rowid AS row, b.created_at AS order_by, length(b.bytes) AS bytes,
           NOT EXISTS (
             SELECT 1 FROM blob_uses u LEFT JOIN plans p ON p.trace_id = u.trace_id
             WHERE u.sha256 = b.sha256 AND (p.moved_at IS NULL OR p.moved_at >= ?4 OR EXISTS (
               SELECT 1 FROM tasks t WHERE t.trace_id = u.trace_id
                 AND t.state NOT IN ('rejected', 'cancelled') AND NOT (t.state = 'approved' AND t.call IS NULL)
             ))
           ) AS goes
         FROM blobs b INDEXED BY blobs_age
         WHERE (b.created_at, b.rowid) > (?1, ?2) AND b.created_at < ?4
         ORDER BY b.created_at, b.rowid LIMIT ?3",
        params![time, row, ROWS_PER_STEP, step.end.micros()],
        seen,
    )?;
    step.end(&rows, BYTES_PER_STEP, part, |row| {
        db.exec(
            "DELETE FROM blob_uses WHERE sha256 = (SELECT sha256 FROM blobs WHERE rowid = ?1)",
            [row],
        )?;
        db.exec_one("DELETE FROM blobs WHERE rowid = ?1", [row])
    })
}

fn alerts(db: &Db<'_>, step: &Step, part: &mut Part) -> Verb<Option<(i64, i64)>> {
    let (time, row) = step.place();
    let rows = db.all(
        "SELECT rowid AS row, closed_at AS order_by, length(text) + length(subject) + length(code) AS bytes,
           1 AS goes
         FROM alerts INDEXED BY alerts_closed
         WHERE closed_at IS NOT NULL AND (closed_at, rowid) > (?1, ?2) AND closed_at < ?4
         ORDER BY closed_at, rowid LIMIT ?3",
        params![time, row, ROWS_PER_STEP, step.end.micros()],
        seen,
    )?;
    step.end(&rows, u64::MAX, part, |row| {
        db.exec_one("DELETE FROM alerts WHERE rowid = ?1", [row])
    })
}

/// In the order they were written; the table itself keeps the last look of each day.
fn samples(db: &Db<'_>, step: &Step, part: &mut Part) -> Verb<Option<(i64, i64)>> {
    let (_, row) = step.place();
    let rows = db.all(
        "SELECT s.rowid AS row, s.at AS order_by, 64 AS bytes, s.at < ?3 AND EXISTS (
           SELECT 1 FROM engagement_samples l WHERE l.publication_id = s.publication_id
             AND l.at > s.at AND l.at / 86400000000 = s.at / 86400000000
         ) AS goes
         FROM engagement_samples s WHERE s.rowid > ?1 ORDER BY s.rowid LIMIT ?2",
        params![row, ROWS_PER_STEP, step.end.micros()],
        seen,
    )?;
    let after = step.end(&rows, u64::MAX, part, |row| {
        db.exec_one("DELETE FROM engagement_samples WHERE rowid = ?1", [row])
    })?;
    // What comes after is younger still.
    let young = rows
        .last()
        .is_some_and(|last| last.place.0 >= step.end.micros());
    Ok(after.filter(|_| !young))
}
