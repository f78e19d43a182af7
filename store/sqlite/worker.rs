//! The worker's verbs: claim, hold, hand in, give back.

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, Span, StateVersion,
    artifact::Blob,
    ids::{ArtifactId, ClaimId, TaskId},
    ports::{Result, Submission, WorkerStore},
    task::{ATTEMPTS_MAX, Claim, ClaimedTask, Failure, Reason, TaskState},
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{AuditLine, Counted, Db, Fault, Verb},
    heads::TaskHead,
    moves::Move,
    rows::{Cells, json},
};

/// A campaign `c` whose tasks may be claimed.
macro_rules! works {
    () => {
        "c.state = 'running' AND c.archived = 0
           AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = c.agent_id)"
    };
}

/// The most urgent of all that are ready, if it is among the first few in the queue: as a rule it is the first.
pub(super) const NEXT: &str = concat!(
    "SELECT t.task_id, t.version, t.state, t.trace_id, c.epoch FROM (
       SELECT q.rowid AS row, q.campaign_id, q.ready_at FROM tasks q INDEXED BY tasks_next
       WHERE q.state = 'pending' AND q.waiting_on = 0 ORDER BY q.claim_order LIMIT ",
    soon!(),
    ") soonest CROSS JOIN campaigns c ON c.campaign_id = soonest.campaign_id
       CROSS JOIN tasks t ON t.rowid = soonest.row
     WHERE soonest.ready_at <= ?1 AND ",
    works!(),
    " LIMIT 1"
);

/// Whether more are in the queue than [`NEXT`] looked at.
pub(super) const BEYOND: &str = concat!(
    "SELECT EXISTS (SELECT 1 FROM tasks INDEXED BY tasks_next WHERE state = 'pending' AND waiting_on = 0
       ORDER BY claim_order LIMIT 1 OFFSET ",
    soon!(),
    ")"
);

/// The most ready task of each running campaign, then the most urgent of these: campaigns that are
/// paused cost one look each, however much they have queued.
pub(super) const CLAIMABLE: &str = concat!(
    "SELECT t.task_id, t.version, t.state, t.trace_id, c.epoch FROM campaigns c JOIN tasks t ON t.rowid = (
       SELECT q.rowid FROM tasks q
       WHERE q.campaign_id = c.campaign_id AND q.state = 'pending' AND q.waiting_on = 0
         AND q.ready_at <= ?1
       ORDER BY q.claim_order LIMIT 1)
     WHERE ",
    works!(),
    " ORDER BY t.claim_order LIMIT 1"
);

#[async_trait]
impl WorkerStore for SqliteStore {
    async fn claim_task(&self, fence: i64, lease: Span) -> Result<Option<ClaimedTask>> {
        if self.is_held_back() {
            return Ok(None);
        }
        let claim = self
            .write("claim a task", move |db| claim(db, fence, lease))
            .await?;
        self.open_claim(claim).await
    }

    async fn renew_claim(&self, claim: &Claim, lease: Span) -> Result<Outcome<Claim>> {
        let claim = claim.clone();
        self.beat("renew a claim", move |db| renew(db, claim, lease))
            .await
    }

    async fn submit_result(
        &self,
        claim: &Claim,
        submission: Submission,
    ) -> Result<Outcome<ArtifactId>> {
        let (claim, written) = (claim.clone(), Written::of(submission)?);
        self.write("submit a result", move |db| submit(db, &claim, &written))
            .await
    }

    async fn submit_and_claim(
        &self,
        claim_held: &Claim,
        submission: Submission,
        lease: Span,
    ) -> Result<(Outcome<ArtifactId>, Option<ClaimedTask>)> {
        if self.is_held_back() {
            // What is done is taken in, and nothing more is begun.
            return Ok((self.submit_result(claim_held, submission).await?, None));
        }
        let (held, written) = (claim_held.clone(), Written::of(submission)?);
        let fused = self.write("submit a result and claim a task", move |db| {
            let submitted = submit(db, &held, &written)?;
            Ok((submitted, claim(db, held.fence, lease)?))
        });
        let (submitted, next) = fused.await?;
        Ok((submitted, self.open_claim(next).await?))
    }

    async fn fail_task(&self, claim: &Claim, failure: Failure) -> Result<Outcome<()>> {
        let claim = claim.clone();
        self.write("give a task back", move |db| fail(db, &claim, &failure))
            .await
    }
}

impl SqliteStore {
    /// What the claimed task needs to be worked on, read beside the writer: nothing of it can change
    /// without a result under this claim becoming a conflict.
    async fn open_claim(&self, claim: Option<Claim>) -> Result<Option<ClaimedTask>> {
        match claim {
            Some(claim) => {
                let opened = self.read("read a claimed task", move |db| opened(db, claim));
                Ok(Some(opened.await?))
            }
            None => Ok(None),
        }
    }
}

fn claim(db: &Db<'_>, fence: i64, lease: Span) -> Verb<Option<Claim>> {
    db.check_fence(fence)?;
    if !db.fleet_runs()? {
        return Ok(None);
    }
    let find = |sql: &str| {
        db.one(sql, [db.now.micros()], |row| {
            let (id, version): (TaskId, _) = (row.id(0)?, row.version(1)?);
            let state: TaskState = row.word(2)?;
            Ok((id, version, state, row.id(3)?, row.version(4)?))
        })
    };
    let mut found = find(NEXT)?;
    if found.is_none() && db.number(BEYOND, [])? == 1 {
        found = find(CLAIMABLE)?;
    }
    let Some((id, version, state, trace, epoch)) = found else {
        return Ok(None);
    };
    let claim = Claim {
        id: ClaimId::from_uuid(db.ambient.fresh()),
        task_id: id,
        version: version.next(),
        fence,
        until: db.now.plus(lease),
    };
    // Work that begins now begins under the present epoch, whenever it was planned.
    db.exec_one(
        "UPDATE tasks SET state = 'claimed', reason = 'ordinary', version = ?2, epoch = ?3, claim_id = ?4,
           fence = ?5, lease_until = ?6, attempt = attempt + 1, moved_at = ?7,
           started_at = coalesce(started_at, ?7)
         WHERE task_id = ?1",
        params![
            id.as_bytes(),
            claim.version.get(),
            epoch.get(),
            claim.id.as_bytes(),
            fence,
            claim.until.micros(),
            db.now.micros(),
        ],
    )?;
    db.counted(
        Counted::Task,
        Some(state.as_str()),
        TaskState::Claimed.as_str(),
    );
    db.plan_moved(trace)?;
    db.audit(&AuditLine {
        actor: "worker",
        subject: id.to_string(),
        verb: "claim_task",
        from: state.as_str(),
        to: TaskState::Claimed.as_str(),
        reason: Reason::Ordinary.as_str(),
        versions: (version.get(), claim.version.get()),
        trace: Some(trace),
        ..AuditLine::default()
    })?;
    Ok(Some(claim))
}

fn opened(db: &Db<'_>, claim: Claim) -> Verb<ClaimedTask> {
    let id = claim.task_id;
    let task = db
        .task(id)?
        .ok_or_else(|| Fault::corrupt(format!("task {id} is missing")))?;
    let (signal, relevance) = db.signal_of(task.signal_id)?.unzip();
    Ok(ClaimedTask {
        claim,
        signal,
        relevance: relevance.flatten(),
        campaign: db.spec_of(task.campaign_id)?,
        inputs: db.ancestors(id)?,
        past: db.past(task.agent_id, &task.spec)?,
        task,
    })
}

/// The task while the claim holds it, or what to answer instead.
fn held<T>(db: &Db<'_>, claim: &Claim) -> Verb<std::result::Result<TaskHead, Outcome<T>>> {
    let Some(task) = db.task_head(claim.task_id)? else {
        return Ok(Err(Outcome::NotFound));
    };
    if task.state == TaskState::Claimed && task.claim == Some(claim.id) {
        return Ok(Ok(task));
    }
    let lost = db.overtaken(task.version, format!("{}: the claim is lost", task.state));
    Ok(Err(Outcome::Conflict(lost)))
}

fn renew(db: &Db<'_>, mut claim: Claim, lease: Span) -> Verb<Outcome<Claim>> {
    let task = match held(db, &claim)? {
        Ok(task) => task,
        Err(answer) => return Ok(answer),
    };
    claim.until = db.now.plus(lease);
    db.exec_one(
        "UPDATE tasks SET lease_until = ?2 WHERE task_id = ?1",
        params![claim.task_id.as_bytes(), claim.until.micros()],
    )?;
    Ok(Outcome::Done(claim, task.version))
}

/// A result as it will lie in its columns: written out by the caller, for the writer serves everybody.
struct Written {
    body: String,
    provenance: String,
    confidence: u32,
    blobs: Vec<(ContentHash, Blob)>,
    /// What a picture was held against.
    reference: Option<ContentHash>,
    call: Option<(String, ContentHash)>,
}

impl Written {
    fn of(submission: Submission) -> Result<Self> {
        let write = |submission: Submission| -> Verb<Self> {
            let call = submission.proposes.as_ref();
            Ok(Self {
                body: json(&submission.body)?,
                provenance: json(&submission.provenance)?,
                confidence: submission.confidence.ppm(),
                reference: submission
                    .provenance
                    .likeness
                    .as_ref()
                    .and_then(|likeness| likeness.reference.as_ref())
                    .map(|reference| reference.sha256),
                call: call
                    .map(|call| Ok::<_, Fault>((json(call)?, call.content_hash())))
                    .transpose()?,
                blobs: submission
                    .blobs
                    .into_iter()
                    .map(|blob| (blob.sha256(), blob))
                    .collect(),
            })
        };
        write(submission).map_err(|fault| fault.into_store("submit a result"))
    }
}

fn submit(db: &Db<'_>, claim: &Claim, result: &Written) -> Verb<Outcome<ArtifactId>> {
    let task = match held(db, claim)? {
        Ok(task) => task,
        // A result that came a second time has ended its own claim.
        Err(lost) => return Ok(handed_in(db, claim)?.unwrap_or(lost)),
    };
    // Its calls have ended: what is still reserved for it lost its booking.
    if task.spends {
        db.doubt_pending(task.id, "what it cost was not booked")?;
    }
    let epoch = db.epoch_of(task.campaign)?;
    let stale = epoch != task.epoch;
    let artifact = keep(db, claim, result, stale)?;
    if stale {
        let version = db.lose(
            &task,
            &Move {
                to: TaskState::Pending,
                reason: Reason::OccStale,
                why: "the campaign moved on while this was worked on",
                actor: "worker",
            },
        )?;
        db.set_epoch(task.id, epoch)?;
        let now = format!("campaign moved on to epoch {}", epoch.get());
        return Ok(Outcome::Conflict(db.overtaken(version, now)));
    }
    let to = match &result.call {
        Some((call, content)) => {
            db.exec_one(
                "UPDATE tasks SET artifact_id = ?2, call = ?3, content_hash = ?4 WHERE task_id = ?1",
                params![
                    task.id.as_bytes(),
                    artifact.as_bytes(),
                    call,
                    content.as_bytes()
                ],
            )?;
            TaskState::Review
        }
        None => {
            db.exec_one(
                "UPDATE tasks SET artifact_id = ?2 WHERE task_id = ?1",
                params![task.id.as_bytes(), artifact.as_bytes()],
            )?;
            TaskState::Approved
        }
    };
    let version = db.move_task(
        &task,
        &Move {
            to,
            reason: Reason::Ordinary,
            why: "",
            actor: "worker",
        },
    )?;
    if to == TaskState::Approved {
        db.release_children(task.id)?;
    }
    Ok(Outcome::Done(artifact, version))
}

/// The answer to a result that was handed in under this very claim before.
fn handed_in(db: &Db<'_>, claim: &Claim) -> Verb<Option<Outcome<ArtifactId>>> {
    let found = db.one(
        "SELECT a.artifact_id, a.stale, t.version FROM artifacts a JOIN tasks t ON t.task_id = a.task_id
         WHERE a.task_id = ?1 AND a.claim_id = ?2",
        params![claim.task_id.as_bytes(), claim.id.as_bytes()],
        |row| {
            let id: ArtifactId = row.id("artifact_id")?;
            let version: StateVersion = row.version("version")?;
            Ok((id, row.flag("stale")?, version))
        },
    )?;
    Ok(found.map(|(id, stale, version)| {
        if stale {
            Outcome::Conflict(db.overtaken(version, "the campaign moved on"))
        } else {
            Outcome::Done(id, version)
        }
    }))
}

fn keep(db: &Db<'_>, claim: &Claim, result: &Written, stale: bool) -> Verb<ArtifactId> {
    for (sha256, blob) in &result.blobs {
        db.exec(
            "INSERT INTO blobs (sha256, mime, bytes, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (sha256) DO NOTHING",
            params![sha256.as_bytes(), blob.mime, blob.bytes, db.now.micros()],
        )?;
    }
    if let Some(reference) = result.reference {
        // What goes out is seen by the body; what a picture was held against is in use, too.
        db.exec(
            "INSERT OR IGNORE INTO blob_uses SELECT ?1, trace_id FROM tasks WHERE task_id = ?2",
            params![reference.as_bytes(), claim.task_id.as_bytes()],
        )?;
    }
    let id = ArtifactId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO artifacts (artifact_id, task_id, claim_id, stale, body, confidence, provenance, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id.as_bytes(),
            claim.task_id.as_bytes(),
            claim.id.as_bytes(),
            stale,
            result.body,
            result.confidence,
            result.provenance,
            db.now.micros(),
        ],
    )?;
    Ok(id)
}

fn fail(db: &Db<'_>, claim: &Claim, failure: &Failure) -> Verb<Outcome<()>> {
    let task = match held(db, claim)? {
        Ok(task) => task,
        Err(answer) => return Ok(answer),
    };
    // Its calls have ended: what is still reserved for it lost its booking.
    db.doubt_pending(task.id, "what it cost was not booked")?;
    let (to, reason, why) = match failure {
        // A halt that broke its last try is not the task's fault, and drops no queue.
        Failure::Retry { why, .. } if task.attempt >= ATTEMPTS_MAX && db.runs(task.campaign)? => {
            (TaskState::Dead, Reason::DeadLetter, why)
        }
        Failure::Retry { why, at } => {
            db.exec_one(
                "UPDATE tasks SET ready_at = ?2 WHERE task_id = ?1",
                params![task.id.as_bytes(), at.micros()],
            )?;
            (TaskState::Pending, Reason::Retry, why)
        }
        Failure::Blocked { reason, why, until } => {
            if let Some(until) = until {
                db.exec_one(
                    "UPDATE tasks SET ready_at = ?2 WHERE task_id = ?1",
                    params![task.id.as_bytes(), until.micros()],
                )?;
            }
            (TaskState::Blocked, *reason, why)
        }
        Failure::Irrelevant { why } => (TaskState::Cancelled, Reason::Irrelevant, why),
        Failure::Dead { reason, why } => (TaskState::Dead, *reason, why),
    };
    if to == TaskState::Cancelled {
        db.call_off_children(&task, reason)?;
    }
    let version = db.end_attempt(
        &task,
        &Move {
            to,
            reason,
            why,
            actor: "worker",
        },
    )?;
    Ok(Outcome::Done((), version))
}
