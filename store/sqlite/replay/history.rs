//! The past of one task, from the audit: by version who, when, why; and who was faster where it lost.

use chimera_domain::{
    Safe, Timestamp,
    ids::{ArtifactId, CampaignId, TaskId, TraceId, VerdictId},
    task::{Reason, TaskKind},
    views::{LostTo, TaskHistory, TaskMove},
};
use rusqlite::{Row, params};

use super::super::{
    db::{Db, Verb, count},
    rows::Cells,
};

/// The most moves that are shown; a task has some tens in a long life.
const MOVES_MAX: i64 = 1_000;

pub(in super::super) fn read(db: &Db<'_>, id: TaskId) -> Verb<Option<TaskHistory>> {
    let head = db.one(
        "SELECT kind, trace_id, campaign_id FROM tasks WHERE task_id = ?1",
        [id.as_bytes()],
        |row| {
            let kind: TaskKind = row.word("kind")?;
            let campaign: CampaignId = row.id("campaign_id")?;
            let trace: TraceId = row.id("trace_id")?;
            Ok((kind, trace, campaign))
        },
    )?;
    let Some((kind, trace, campaign)) = head else {
        return Ok(None);
    };
    // A verb that wrote a line of its own beside the move it made says the same twice.
    let moves = db.all(
        "SELECT * FROM audit WHERE trace_id = ?3 AND subject = ?1 AND verb <> 'replay_task' ORDER BY seq LIMIT ?2",
        params![id.to_string(), MOVES_MAX, trace.as_bytes()],
        |row| step(db, id, campaign, row),
    )?;
    let whole = db.number(
        "SELECT count(*) FROM audit WHERE trace_id = ?2 AND subject = ?1 AND verb <> 'replay_task'",
        params![id.to_string(), trace.as_bytes()],
    )?;
    let shown = i64::try_from(moves.len()).unwrap_or(i64::MAX);
    Ok(Some(TaskHistory {
        id,
        kind,
        trace_id: trace,
        left_out: count(whole.saturating_sub(shown)),
        moves,
    }))
}

fn step(db: &Db<'_>, task: TaskId, campaign: CampaignId, row: &Row<'_>) -> Verb<TaskMove> {
    let (seq, at): (i64, Timestamp) = (row.get("seq")?, row.time("at")?);
    let from_version: i64 = row.get("from_version")?;
    let reason = row.text("reason")?;
    let actor = row.text("actor")?;
    let verdict: Option<VerdictId> = if actor == "judge" {
        db.one(
            "SELECT verdict_id FROM verdicts WHERE task_id = ?1 AND task_version = ?2
             ORDER BY at LIMIT 1",
            params![task.as_bytes(), from_version],
            |row| row.id("verdict_id"),
        )?
    } else {
        None
    };
    let lost = if reason == Reason::OccStale.as_str() {
        overtaken(db, task, campaign, seq, at)?
    } else if reason == Reason::LeaseExpired.as_str() {
        Some(LostTo {
            by: Safe::line(&actor),
            what: Safe::line("took the claim back: its worker was not heard of in time"),
            at,
            stale: None,
        })
    } else {
        None
    };
    Ok(TaskMove {
        version: row.get("to_version")?,
        from: row.line("from_state")?,
        to: row.line("to_state")?,
        by: Safe::line(&actor),
        at,
        verb: row.line("verb")?,
        reason: Safe::line(&reason),
        note: row.line("note")?,
        verdict,
        lost,
    })
}

/// Whoever moved the campaign last before this line: by a halt, an edit or another policy.
fn overtaken(
    db: &Db<'_>,
    task: TaskId,
    campaign: CampaignId,
    seq: i64,
    at: Timestamp,
) -> Verb<Option<LostTo>> {
    // What came too late was kept in the same transaction, so at the same moment.
    let stale: Option<ArtifactId> = db.one(
        "SELECT artifact_id FROM artifacts WHERE task_id = ?1 AND stale = 1 AND created_at = ?2",
        params![task.as_bytes(), at.micros()],
        |row| row.id("artifact_id"),
    )?;
    let last = |subject: &str| {
        db.one(
            // A resume moves no epoch: nothing is lost to it.
            "SELECT seq, actor, verb, reason, note, to_state, at FROM audit
             WHERE trace_id IS NULL AND subject = ?1 AND seq < ?2 AND verb <> 'resume' ORDER BY seq DESC LIMIT 1",
            params![subject, seq],
            |row| {
                let (verb, to) = (row.text("verb")?, row.text("to_state")?);
                let words = [row.text("reason")?, row.text("note")?];
                let why: Vec<&str> = words
                    .iter()
                    .map(String::as_str)
                    .filter(|word| !word.is_empty())
                    .collect();
                let place = if subject == "fleet" {
                    "the fleet"
                } else {
                    "the campaign"
                };
                let what = format!("{verb}: {place} is {to} ({})", why.join(", "));
                let lost = LostTo {
                    by: row.line("actor")?,
                    what: Safe::line(&what),
                    at: row.time("at")?,
                    stale,
                };
                Ok((row.get::<_, i64>("seq")?, lost))
            },
        )
    };
    let found = [last(&campaign.to_string())?, last("fleet")?];
    Ok(found
        .into_iter()
        .flatten()
        .max_by_key(|(seq, _)| *seq)
        .map(|(_, lost)| lost))
}
