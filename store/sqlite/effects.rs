//! Effects as they are made, taken back when their campaign moves on, and asked for when nobody knows.

use chimera_domain::{
    Span, StateVersion, Timestamp,
    effect::{EffectState, OutgoingCall, Unresolved},
    ids::{CampaignId, EffectId, TaskId, TicketId},
    task::{Reason, TaskSpec, TaskState},
    ticket::TicketState,
};
use rusqlite::params;

use super::{
    db::{AuditLine, Db, Fault, Verb},
    heads::TaskHead,
    moves::Move,
    rows::Cells,
    withdraw::withdrawal,
};

/// The most rows one question gives.
const LIMIT_MAX: u32 = 500;

impl Db<'_> {
    /// When what a task puts out leaves if it may leave at that moment: then, or when it is due if that is later.
    pub(crate) fn leaves_at(&self, task: TaskId, may: Timestamp) -> Verb<Timestamp> {
        let spec: Option<TaskSpec> = self.one(
            "SELECT spec FROM task_specs WHERE task_id = ?1",
            [task.as_bytes()],
            |row| row.doc(0),
        )?;
        let due = spec.and_then(|spec| spec.due_at);
        Ok(due.map_or(may, |due| due.max(may)))
    }

    /// Writes the effect of an approved task, bound to exactly what was decided on.
    pub(crate) fn make_effect(
        &self,
        task: &TaskHead,
        ticket: Option<TicketId>,
        state: EffectState,
        due: Timestamp,
        actor: &str,
    ) -> Verb<EffectId> {
        let (call, text): (OutgoingCall, String) = self
            .one(
                "SELECT call FROM tasks WHERE task_id = ?1 AND call IS NOT NULL",
                [task.id.as_bytes()],
                |row| Ok((row.doc(0)?, row.text(0)?)),
            )?
            .ok_or_else(|| Fault::corrupt(format!("{} proposes nothing to send", task.id)))?;
        let content = call.content_hash();
        if task.content_hash != Some(content) {
            return Err(Fault::corrupt(format!(
                "the call of {} is not the one its hash names",
                task.id
            )));
        }
        let id = EffectId::from_uuid(self.ambient.fresh());
        self.exec_one(
            "INSERT INTO effects (effect_id, version, task_id, ticket_id, campaign_id, agent_id, trace_id,
               epoch, state, why, call, content_hash, idempotency_key, server, due_at, attempt,
               created_at, moved_at, lane)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9, ?10, ?11, ?12, ?13, 0, ?14, ?14, ?15)",
            params![
                id.as_bytes(),
                task.id.as_bytes(),
                ticket.as_ref().map(TicketId::as_bytes),
                task.campaign.as_bytes(),
                task.agent.as_bytes(),
                task.trace.as_bytes(),
                task.epoch.get(),
                state.as_str(),
                text,
                content.as_bytes(),
                OutgoingCall::key_of(task.id, content),
                call.server,
                due.micros(),
                self.now.micros(),
                call.lane(),
            ],
        )?;
        self.audit(&AuditLine {
            actor,
            subject: id.to_string(),
            verb: "make_effect",
            to: state.as_str(),
            versions: (0, 1),
            trace: Some(task.trace),
            ..AuditLine::default()
        })?;
        Ok(id)
    }

    /// After an epoch moved: what was ticketed or approved under an older one goes back to the
    /// judge, and verdicts under way find a new version. How many tasks went back.
    pub(crate) fn return_stale(
        &self,
        campaign: CampaignId,
        epoch: StateVersion,
        actor: &str,
    ) -> Verb<u64> {
        let stale = self.task_heads(
            "campaign_id = ?1 AND epoch < ?2 AND call IS NOT NULL
             AND state IN ('review', 'ticketed', 'approved')",
            params![campaign.as_bytes(), epoch.get()],
        )?;
        let mut returned = 0;
        for task in stale {
            self.return_one(&task, epoch, actor)?;
            if task.state != TaskState::Review {
                returned += 1;
            }
        }
        Ok(returned)
    }

    /// One task goes back to the judge under the new epoch; its ticket and its effect end.
    pub(crate) fn return_one(&self, task: &TaskHead, epoch: StateVersion, actor: &str) -> Verb<()> {
        let why = "the campaign moved on";
        self.return_because(task, epoch, (Reason::OccStale, why), actor)
    }

    /// As [`Self::return_one`], for this reason.
    pub(crate) fn return_because(
        &self,
        task: &TaskHead,
        epoch: StateVersion,
        (reason, why): (Reason, &str),
        actor: &str,
    ) -> Verb<()> {
        if let Some(effect) = self.waiting_effect(task.id)? {
            self.move_effect(&effect, EffectState::Withdrawn, actor, why)?;
        }
        for ticket in self.ticket_heads(
            "task_id = ?1 AND state IN ('open', 'escalated', 'approved', 'edited_approved')",
            [task.id.as_bytes()],
        )? {
            self.move_ticket(&ticket, TicketState::Superseded, actor, why)?;
        }
        self.set_epoch(task.id, epoch)?;
        self.shift_task(
            task,
            &Move {
                to: TaskState::Review,
                reason,
                why,
                actor,
            },
        )?;
        self.compose_again(task, actor)
    }

    /// A post that would go out as somebody else, or elsewhere, than its campaign does now, or that is
    /// not the one its hash names, is composed anew from the same results: nothing is made or paid for again.
    fn compose_again(&self, task: &TaskHead, actor: &str) -> Verb<()> {
        let spec = self.spec_of(task.campaign)?;
        let call: Option<OutgoingCall> = self
            .one(
                "SELECT call FROM tasks WHERE task_id = ?1",
                [task.id.as_bytes()],
                |row| row.maybe_doc("call"),
            )?
            .flatten();
        let same = call.is_none_or(|call| {
            call.is_for(&spec) && task.content_hash == Some(call.content_hash())
        });
        let Some(head) = self.task_head(task.id)?.filter(|_| !same) else {
            return Ok(());
        };
        self.exec_one(
            "UPDATE tasks SET attempt = 0, ready_at = ?2, call = NULL, content_hash = NULL WHERE task_id = ?1",
            params![task.id.as_bytes(), self.now.micros()],
        )?;
        self.shift_task(
            &head,
            &Move {
                to: TaskState::Pending,
                reason: Reason::OccStale,
                why: "composed anew: it was for elsewhere, or not what its hash names",
                actor,
            },
        )?;
        Ok(())
    }
}

/// What was sent and whose fate nobody knows: by processes that are gone, or for too long.
pub(super) fn unresolved(
    db: &Db<'_>,
    fence: i64,
    patience: Span,
    limit: u32,
) -> Verb<Vec<Unresolved>> {
    db.all(
        "SELECT e.*, p.external_id AS taken_down FROM effects e
           LEFT JOIN publications p ON p.publication_id = e.publication_id
         WHERE e.state IN ('sent', 'uncertain')
           AND (e.state = 'uncertain' OR e.fence < ?1 OR e.sent_at <= ?2)
         ORDER BY e.sent_at LIMIT ?3",
        params![fence, db.now.minus(patience).micros(), limit.min(LIMIT_MAX)],
        |row| {
            Ok(Unresolved {
                effect_id: row.id("effect_id")?,
                version: row.version("version")?,
                state: row.word("state")?,
                server: row.text("server")?,
                idempotency_key: row.text("idempotency_key")?,
                call: row.doc("call")?,
                withdraws: withdrawal(row)?,
                trace_id: row.id("trace_id")?,
                attempt: row.small("attempt")?,
                ours: row.get::<_, Option<i64>>("fence")? == Some(fence),
                since: row.time("moved_at")?,
            })
        },
    )
}
