//! What was decided, with what it was decided from; it reads, and never what holds today instead.
//!
//! `inputs.rs` puts together what a verdict was made from, `history.rs` the past of one task.

pub(super) mod history;
mod inputs;

use async_trait::async_trait;
use chimera_domain::{
    Timestamp,
    basis::{
        JudgeInputs, StoredDecision, StoredRelevance, StoredSpend, StoredVerdict, Subject,
        TicketFate,
    },
    effect::OutgoingCall,
    ids::{EffectId, SignalId, TaskId, TicketId},
    policy::Policy,
    ports::{DecisionKind, ReplayStore, Result},
    signal::Relevance,
    task::Task,
    verdict::Verdict,
};
use rusqlite::{Row, params};

use self::inputs::Shelf;
use super::{
    SqliteStore,
    db::{Db, Verb},
    judge,
    rows::{self, Cells},
};

/// The most decisions one question gives.
const LIMIT_MAX: u32 = 500;

const VERDICTS: &str = "SELECT v.verdict_id, v.task_id, v.route, v.doc, v.at, k.state AS ticket_state, k.decided_by, k.reject_class
     FROM verdicts v LEFT JOIN tickets k ON k.task_id = v.task_id AND k.verdict_id = v.verdict_id";
const SIGNALS: &str = concat!(
    "SELECT ",
    signal_row!(),
    ", s.state, s.why, s.relevance FROM trend_signals s"
);
const INTENTS: &str = "SELECT intent_id, at, state, why, estimate, limits FROM spend_intents";

#[async_trait]
impl ReplayStore for SqliteStore {
    async fn decisions_behind(&self, subject: Subject) -> Result<Option<Vec<StoredDecision>>> {
        self.read("find decisions", move |db| behind(db, subject))
            .await
    }

    async fn decisions_since(
        &self,
        kind: DecisionKind,
        since: Timestamp,
        after: Option<(Timestamp, [u8; 16])>,
        limit: u32,
    ) -> Result<Vec<StoredDecision>> {
        self.read("find decisions", move |db| {
            since_then(db, kind, since, after, limit.min(LIMIT_MAX))
        })
        .await
    }

    async fn present_case(&self, task: TaskId) -> Result<Option<JudgeInputs>> {
        self.read("find a case", move |db| present(db, task)).await
    }

    async fn policy_in_force(&self) -> Result<Option<Policy>> {
        self.read("read the policy", |db| db.policy()).await
    }
}

fn since_then(
    db: &Db<'_>,
    kind: DecisionKind,
    since: Timestamp,
    after: Option<(Timestamp, [u8; 16])>,
    limit: u32,
) -> Verb<Vec<StoredDecision>> {
    // Nothing sorts before the empty id, so without a place the window begins at its first moment.
    let (at, id) = after.map_or((since, Vec::new()), |(at, id)| (at, id.to_vec()));
    let args = params![at.micros(), id, limit];
    match kind {
        DecisionKind::Relevance => signals(
            db,
            // What a person launched nobody scored.
            "state <> 'new' AND resource_id NOT IN (SELECT resource_id FROM resources WHERE uri = 'goal:')
               AND (ingested_at, signal_id) > (?1, ?2) ORDER BY ingested_at, signal_id LIMIT ?3",
            args,
        ),
        DecisionKind::Verdict => verdicts(
            db,
            "(v.at, v.verdict_id) > (?1, ?2) ORDER BY v.at, v.verdict_id LIMIT ?3",
            args,
        ),
        DecisionKind::Spend => intents(
            db,
            "(at, intent_id) > (?1, ?2) ORDER BY at, intent_id LIMIT ?3",
            args,
        ),
    }
}

fn behind(db: &Db<'_>, subject: Subject) -> Verb<Option<Vec<StoredDecision>>> {
    let one = |found: Vec<StoredDecision>| (!found.is_empty()).then_some(found);
    Ok(match subject {
        Subject::Signal(id) => behind_signal(db, id)?,
        Subject::Verdict(id) => one(verdicts(db, "v.verdict_id = ?1", [id.as_bytes()])?),
        Subject::Intent(id) => one(intents(db, "intent_id = ?1", [id.as_bytes()])?),
        Subject::Ticket(id) => one(behind_ticket(db, id)?),
        Subject::Effect(id) => behind_effect(db, id)?,
        Subject::Task(id) => behind_task(db, id)?,
    })
}

/// A signal that nothing was decided on yet is there, and has no decision.
fn behind_signal(db: &Db<'_>, id: SignalId) -> Verb<Option<Vec<StoredDecision>>> {
    let there = db.signal_of(Some(id))?.is_some();
    let found = signals(db, "state <> 'new' AND signal_id = ?1", [id.as_bytes()])?;
    Ok(there.then_some(found))
}

fn behind_ticket(db: &Db<'_>, id: TicketId) -> Verb<Vec<StoredDecision>> {
    verdicts(
        db,
        "v.verdict_id = (SELECT verdict_id FROM tickets WHERE ticket_id = ?1)",
        [id.as_bytes()],
    )
}

/// The verdict that asked the person who approved, or the last one that approved these bytes by itself.
fn behind_effect(db: &Db<'_>, id: EffectId) -> Verb<Option<Vec<StoredDecision>>> {
    let found = db.one(
        "SELECT task_id, ticket_id, content_hash, created_at FROM effects WHERE effect_id = ?1",
        [id.as_bytes()],
        |row| {
            let task: TaskId = row.id("task_id")?;
            let ticket: Option<TicketId> = row.maybe_id("ticket_id")?;
            Ok((
                task,
                ticket,
                row.hash("content_hash")?,
                row.time("created_at")?,
            ))
        },
    )?;
    let Some((task, ticket, content, made)) = found else {
        return Ok(None);
    };
    if let Some(ticket) = ticket {
        return behind_ticket(db, ticket).map(Some);
    }
    verdicts(
        db,
        "v.verdict_id = (SELECT verdict_id FROM verdicts
           WHERE task_id = ?1 AND content_hash = ?2 AND at <= ?3 AND route = 'approve'
           ORDER BY at DESC, rowid DESC LIMIT 1)",
        params![task.as_bytes(), content.as_bytes(), made.micros()],
    )
    .map(Some)
}

fn behind_task(db: &Db<'_>, id: TaskId) -> Verb<Option<Vec<StoredDecision>>> {
    let Some(task) = db.task(id)? else {
        return Ok(None);
    };
    let mut found = match task.signal_id {
        Some(signal) => behind_signal(db, signal)?.unwrap_or_default(),
        None => Vec::new(),
    };
    found.extend(intents(db, "task_id = ?1 ORDER BY at", [id.as_bytes()])?);
    found.extend(verdicts(
        db,
        "v.task_id = ?1 ORDER BY v.at",
        [id.as_bytes()],
    )?);
    Ok(Some(found))
}

fn signals(db: &Db<'_>, condition: &str, args: impl rusqlite::Params) -> Verb<Vec<StoredDecision>> {
    let mut shelf = Shelf::default();
    db.all(&format!("{SIGNALS} WHERE {condition}"), args, |row| {
        let relevance: Option<Relevance> = row.maybe_doc("relevance")?;
        let basis = relevance
            .as_ref()
            .and_then(|relevance| relevance.basis.as_ref());
        let (persona, policy) = match basis {
            Some(basis) => (
                shelf.persona(db, basis.persona)?,
                shelf.policy(db, basis.policy)?,
            ),
            None => (None, None),
        };
        let named = basis.and_then(|basis| basis.lessons);
        let mutes = match basis {
            Some(basis) => db.mutes_named(&basis.mutes)?,
            None => Vec::new(),
        };
        let lessons = named.map(|named| shelf.lessons(db, named)).transpose()?;
        Ok(StoredDecision::Relevance(Box::new(StoredRelevance {
            signal: rows::signal(row)?,
            state: row.word("state")?,
            why: row.text("why")?,
            relevance,
            persona,
            policy,
            lessons,
            mutes,
        })))
    })
}

fn intents(db: &Db<'_>, condition: &str, args: impl rusqlite::Params) -> Verb<Vec<StoredDecision>> {
    db.all(&format!("{INTENTS} WHERE {condition}"), args, |row| {
        Ok(StoredDecision::Spend(StoredSpend {
            id: row.id("intent_id")?,
            at: row.time("at")?,
            state: row.word("state")?,
            why: row.text("why")?,
            estimate: row.usd("estimate")?,
            limits: row.maybe_doc("limits")?,
        }))
    })
}

fn verdicts(
    db: &Db<'_>,
    condition: &str,
    args: impl rusqlite::Params,
) -> Verb<Vec<StoredDecision>> {
    let mut shelf = Shelf::default();
    db.all(&format!("{VERDICTS} WHERE {condition}"), args, |row| {
        let verdict: Verdict = row.doc("doc")?;
        let task: TaskId = row.id("task_id")?;
        Ok(StoredDecision::Verdict(Box::new(StoredVerdict {
            id: row.id("verdict_id")?,
            at: row.time("at")?,
            task,
            routed: row.word("route")?,
            inputs: inputs::of(db, &mut shelf, task, &verdict)?,
            verdict,
            ticket: fate(row)?,
        })))
    })
}

fn fate(row: &Row<'_>) -> Verb<Option<TicketFate>> {
    if row.get::<_, Option<String>>("ticket_state")?.is_none() {
        return Ok(None);
    }
    let refused = row.get::<_, Option<String>>("reject_class")?.is_some();
    Ok(Some(TicketFate {
        state: row.word("ticket_state")?,
        by: row.get("decided_by")?,
        class: refused.then(|| row.word("reject_class")).transpose()?,
    }))
}

fn present(db: &Db<'_>, id: TaskId) -> Verb<Option<JudgeInputs>> {
    let found: Option<(Task, Option<OutgoingCall>)> = db.one(
        concat!(
            "SELECT ",
            task_row!(),
            ", t.call FROM tasks t JOIN task_specs x ON x.task_id = t.task_id WHERE t.task_id = ?1"
        ),
        [id.as_bytes()],
        |row| Ok((rows::task(row)?, row.maybe_doc(13)?)),
    )?;
    let (Some((task, Some(call))), Some(policy)) = (found, db.policy()?) else {
        return Ok(None);
    };
    let persona = Shelf::default().persona(db, task.spec.persona_lock.hash)?;
    Ok(Some(JudgeInputs {
        case: judge::case_of(db, task, call)?,
        persona,
        policy,
    }))
}
