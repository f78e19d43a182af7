//! The judge's verbs: the next case, and the verdict with the route it takes.

use async_trait::async_trait;
use chimera_domain::{
    Outcome, Span, StateVersion,
    effect::{EffectState, OutgoingCall},
    ids::{AgentId, CampaignId, TaskId, TicketId, VerdictId},
    mode::Reach,
    ports::{JudgeStore, Result, VerdictTimes},
    second::told,
    task::{Reason, Task, TaskState},
    ticket::TicketState,
    verdict::{Case, Route, Verdict},
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{AuditLine, Counted, Db, Fault, Verb},
    desk::{open_again, probes},
    heads::{TaskHead, TicketHead},
    moves::Move,
    rows::{self, Cells, json},
};

/// The oldest task that waits for the judge.
pub(super) const NEXT: &str = concat!(
    "SELECT ",
    task_row!(),
    ", t.call FROM tasks t INDEXED BY tasks_open
           CROSS JOIN campaigns c ON c.campaign_id = t.campaign_id
           CROSS JOIN task_specs x ON x.task_id = t.task_id
         WHERE t.state = 'review' AND c.state = 'running' AND c.archived = 0 AND t.epoch = c.epoch
           AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = c.agent_id)
         ORDER BY t.moved_at, t.rowid LIMIT 1"
);

#[async_trait]
impl JudgeStore for SqliteStore {
    async fn next_case(&self) -> Result<Option<Case>> {
        self.read("find a case", next_case).await
    }

    async fn commit_verdict(
        &self,
        task: TaskId,
        version: StateVersion,
        verdict: &Verdict,
        times: VerdictTimes,
    ) -> Result<Outcome<Option<TicketId>>> {
        let verdict = verdict.clone();
        self.write("record a verdict", move |db| {
            commit(db, task, version, &verdict, times)
        })
        .await
    }
}

fn next_case(db: &Db<'_>) -> Verb<Option<Case>> {
    if !db.fleet_runs()? {
        return Ok(None);
    }
    let found: Option<(Task, OutgoingCall)> =
        db.one(NEXT, [], |row| Ok((rows::task(row)?, row.doc(13)?)))?;
    let Some((task, call)) = found else {
        return Ok(None);
    };
    case_of(db, task, call).map(Some)
}

/// Everything a decision on this call needs, as it stands now.
pub(super) fn case_of(db: &Db<'_>, task: Task, call: OutgoingCall) -> Verb<Case> {
    let campaign = db.spec_of(task.campaign_id)?;
    let mut artifacts = db.ancestors(task.id)?;
    artifacts.extend(db.artifact_of(task.id)?);
    let first_post = is_first(db, task.agent_id, task.campaign_id, &call)?;
    // A question that was put to a person stays one, whatever made it be judged again: a halt, an
    // edit, a deadline, or a new attempt of the same plan.
    let was_asked = db.was_asked(task.trace_id)?;
    let moved = if task.reason == Reason::Moved {
        db.one(
            "SELECT why FROM tasks WHERE task_id = ?1",
            [task.id.as_bytes()],
            |row| row.text("why"),
        )?
    } else {
        None
    };
    let edited = match db.task_head(task.id)? {
        Some(head) if head.content_hash == Some(call.content_hash()) => {
            edited_ticket(db, &head)?.is_some()
        }
        Some(_) | None => false,
    };
    Ok(Case {
        signal: db.signal_of(task.signal_id)?.map(|(signal, _)| signal),
        edited,
        task,
        call,
        campaign,
        artifacts,
        first_post,
        was_asked,
        moved,
    })
}

/// Whether nothing of this account went as far before as this would. What was only simulated or
/// rehearsed says nothing about how the first real one will be taken.
pub(super) fn is_first(
    db: &Db<'_>,
    agent: AgentId,
    campaign: CampaignId,
    call: &OutgoingCall,
) -> Verb<bool> {
    let reach = db.reach(campaign, &call.server)?;
    let before = match reach {
        Reach::DryRun => db.number(
            "SELECT EXISTS (SELECT 1 FROM effects WHERE dry = 1 AND agent_id = ?1 AND lane = ?2)",
            params![agent.as_bytes(), call.lane()],
        )?,
        Reach::StandIn | Reach::Live => db.number(
            "SELECT EXISTS (SELECT 1 FROM publications
               WHERE agent_id = ?1 AND channel = ?2 AND account = ?3 AND simulated = ?4)",
            params![
                agent.as_bytes(),
                call.post.channel.as_str(),
                call.post.account,
                reach == Reach::StandIn
            ],
        )?,
    };
    Ok(before == 0)
}

fn commit(
    db: &Db<'_>,
    task: TaskId,
    version: StateVersion,
    verdict: &Verdict,
    times: VerdictTimes,
) -> Verb<Outcome<Option<TicketId>>> {
    let Some(head) = db.task_head(task)? else {
        return Ok(Outcome::NotFound);
    };
    if head.version != version || head.state != TaskState::Review {
        // A verdict that is repeated finds its task elsewhere: only one that was overtaken lost something.
        let actual = match head.state {
            TaskState::Review | TaskState::Pending => lose(db, &head)?,
            TaskState::Draft
            | TaskState::Claimed
            | TaskState::Ticketed
            | TaskState::Approved
            | TaskState::Publishing
            | TaskState::Published
            | TaskState::Rehearsed
            | TaskState::Rejected
            | TaskState::Replan
            | TaskState::Blocked
            | TaskState::Dead
            | TaskState::Cancelled
            | TaskState::Uncertain
            | TaskState::Withdrawn => head.version,
        };
        return Ok(Outcome::Conflict(db.overtaken(actual, head.state.as_str())));
    }
    if head.content_hash != Some(verdict.content_hash) {
        return Ok(Outcome::Conflict(
            db.overtaken(head.version, "other content is proposed"),
        ));
    }
    if let Some(conflict) = db.halted(head.campaign, head.version)? {
        return Ok(Outcome::Conflict(conflict));
    }
    let epoch = db.epoch_of(head.campaign)?;
    if let Some(mut conflict) = db.moved_on(epoch, head.epoch, head.version) {
        conflict.actual = lose(db, &head)?;
        return Ok(Outcome::Conflict(conflict));
    }
    let verdict_id = keep(db, &head, verdict)?;
    // What two people must approve the judge does not let out alone, nor after one who wrote it.
    let two = match verdict.route {
        Route::Approve => {
            let (call, _, _) = proposed(db, &head)?;
            db.grounds_for_two(
                head.agent,
                head.campaign,
                &call,
                !verdict.sensitive.is_empty(),
            )?
        }
        Route::HitlQueue | Route::Reject => Vec::new(),
    };
    if let Some(ticket) = edited_ticket(db, &head)? {
        let next = match verdict.route {
            Route::Approve if !two.is_empty() => {
                let writer = ticket.moved_by.clone();
                let why = "what was written instead waits for a second person";
                db.move_ticket(&ticket, TicketState::Superseded, "judge", why)?;
                let (asked, next) = ask(db, &head, verdict_id, verdict, times, &told(&two))?;
                let asked = db
                    .ticket_head(asked)?
                    .ok_or_else(|| Fault::corrupt(format!("{asked} is missing")))?;
                db.approve_first(&asked, &writer, &told(&two))?;
                return Ok(Outcome::Done(Some(asked.id), next));
            }
            Route::Approve => approve(db, &head, Some(ticket.id), times.fuse)?,
            Route::HitlQueue | Route::Reject => {
                let why = format!("what you wrote was stopped: {}", first(verdict));
                let next = open_again(db, &ticket, &head, "judge", &why)?;
                return Ok(Outcome::Done(Some(ticket.id), next));
            }
        };
        return Ok(Outcome::Done(None, next));
    }
    let (next, ticket) = match verdict.route {
        Route::Approve if !two.is_empty() => {
            let (ticket, next) = ask(db, &head, verdict_id, verdict, times, &told(&two))?;
            (next, Some(ticket))
        }
        Route::Approve => (approve(db, &head, None, times.fuse)?, None),
        Route::HitlQueue => {
            let why = first(verdict);
            let (ticket, next) = ask(db, &head, verdict_id, verdict, times, &why)?;
            (next, Some(ticket))
        }
        Route::Reject => (send_back(db, &head, verdict)?, None),
    };
    Ok(Outcome::Done(ticket, next))
}

/// A person is asked; the ticket, and where its task stands now.
fn ask(
    db: &Db<'_>,
    head: &TaskHead,
    verdict_id: VerdictId,
    verdict: &Verdict,
    times: VerdictTimes,
    why: &str,
) -> Verb<(TicketId, StateVersion)> {
    let ticket = open_ticket(db, head, verdict_id, verdict, times)?;
    let next = go(db, head, TaskState::Ticketed, Reason::Ordinary, why)?;
    let until = (db.now.plus(times.sla), db.now.plus(times.sla_expire));
    probes::beside(db, ticket, verdict, until)?;
    Ok((ticket, next))
}

/// A verdict came too late; where its task stands now.
fn lose(db: &Db<'_>, head: &TaskHead) -> Verb<StateVersion> {
    db.lose(
        head,
        &Move {
            to: head.state,
            reason: Reason::OccStale,
            why: "the campaign moved on while this was judged",
            actor: "judge",
        },
    )
}

fn keep(db: &Db<'_>, head: &TaskHead, verdict: &Verdict) -> Verb<VerdictId> {
    let id = VerdictId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO verdicts (verdict_id, task_id, task_version, content_hash, policy_hash, route, doc, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id.as_bytes(),
            head.id.as_bytes(),
            head.version.get(),
            verdict.content_hash.as_bytes(),
            verdict.policy.as_bytes(),
            verdict.route.as_str(),
            json(verdict)?,
            db.now.micros(),
        ],
    )?;
    Ok(id)
}

fn first(verdict: &Verdict) -> String {
    verdict.reasons.first().cloned().unwrap_or_default()
}

fn go(
    db: &Db<'_>,
    head: &TaskHead,
    to: TaskState,
    reason: Reason,
    why: &str,
) -> Verb<StateVersion> {
    db.move_task(
        head,
        &Move {
            to,
            reason,
            why,
            actor: "judge",
        },
    )
}

/// The ticket whose decider wrote exactly what the task proposes, and let it out.
fn edited_ticket(db: &Db<'_>, head: &TaskHead) -> Verb<Option<TicketHead>> {
    let Some(content) = head.content_hash else {
        return Ok(None);
    };
    let found = db.ticket_heads(
        "task_id = ?1 AND state = 'edited_approved' AND edited_hash = ?2 AND epoch = ?3",
        params![head.id.as_bytes(), content.as_bytes(), head.epoch.get()],
    )?;
    Ok(found.into_iter().next())
}

fn approve(
    db: &Db<'_>,
    head: &TaskHead,
    ticket: Option<TicketId>,
    fuse: Span,
) -> Verb<StateVersion> {
    let at = db.leaves_at(head.id, db.now.plus(fuse))?;
    let state = if at == db.now {
        EffectState::Prepared
    } else {
        EffectState::Held
    };
    db.make_effect(head, ticket, state, at, "judge")?;
    go(db, head, TaskState::Approved, Reason::Ordinary, "")
}

/// The new attempt learns what was wrong: every finding, or the reasons where there is none.
fn send_back(db: &Db<'_>, head: &TaskHead, verdict: &Verdict) -> Verb<StateVersion> {
    let mut issues: Vec<&str> = verdict
        .checks
        .iter()
        .flat_map(|check| check.findings.iter().map(String::as_str))
        .collect();
    if issues.is_empty() {
        issues = verdict.reasons.iter().map(String::as_str).collect();
    }
    db.exec_one(
        "UPDATE tasks SET issues = ?2 WHERE task_id = ?1",
        params![head.id.as_bytes(), json(&issues)?],
    )?;
    go(
        db,
        head,
        TaskState::Replan,
        Reason::JudgeRejected,
        &first(verdict),
    )
}

/// What a task proposes, also as it is stored, and for which campaign.
fn proposed(db: &Db<'_>, head: &TaskHead) -> Verb<(OutgoingCall, String, String)> {
    db.one(
        "SELECT t.call, c.name FROM tasks t JOIN campaigns c ON c.campaign_id = t.campaign_id
         WHERE t.task_id = ?1",
        [head.id.as_bytes()],
        |row| Ok((row.doc(0)?, row.text(0)?, row.text(1)?)),
    )?
    .ok_or_else(|| Fault::corrupt(format!("{} is missing", head.id)))
}

fn open_ticket(
    db: &Db<'_>,
    head: &TaskHead,
    verdict_id: VerdictId,
    verdict: &Verdict,
    times: VerdictTimes,
) -> Verb<TicketId> {
    let (call, text, campaign) = proposed(db, head)?;
    let post = call.post;
    let search = format!(
        "{} {} {} {campaign} {}",
        post.text,
        post.account,
        post.channel,
        verdict.reasons.join(" ")
    );
    let id = TicketId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO tickets (ticket_id, version, task_id, campaign_id, verdict_id, trace_id, epoch, content_hash,
           state, sensitive, search, created_at, sla_at, expires_at, moved_by, moved_at, call)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8, ?9, ?10, ?11, ?12, 'judge', ?10, ?13)",
        params![
            id.as_bytes(),
            head.id.as_bytes(),
            head.campaign.as_bytes(),
            verdict_id.as_bytes(),
            head.trace.as_bytes(),
            head.epoch.get(),
            verdict.content_hash.as_bytes(),
            !verdict.sensitive.is_empty(),
            search.to_lowercase(),
            db.now.micros(),
            db.now.plus(times.sla).micros(),
            db.now.plus(times.sla_expire).micros(),
            text,
        ],
    )?;
    db.counted(Counted::Ticket, None, TicketState::Open.as_str());
    db.tell_flood()?;
    db.audit(&AuditLine {
        actor: "judge",
        subject: id.to_string(),
        verb: "open_ticket",
        to: "open",
        versions: (0, 1),
        trace: Some(head.trace),
        ..AuditLine::default()
    })?;
    Ok(id)
}
