//! The moves that several ports share: a task, a ticket or an effect goes on, with its line in the
//! audit and with what must follow in the same transaction.

use chimera_domain::{
    ContentHash, Span, StateVersion,
    effect::EffectState,
    ids::{TaskId, TraceId},
    task::{CONFLICTS_MAX, Reason, TaskState},
    ticket::TicketState,
    views::Severity,
};
use rusqlite::params;

use super::{
    db::{AuditLine, Counted, Db, Verb},
    heads::{EffectHead, TaskHead, TicketHead},
};

/// The alerts of a task that was given up, and of one that waits for an operator.
pub(crate) const TASK_DEAD: &str = "task_dead";
pub(crate) const TASK_BLOCKED: &str = "task_blocked";
/// The alert of an approved post that cannot be sent.
pub(crate) const EFFECT_WAITING: &str = "effect_waiting";

/// How exactly it is kept when a plan moved last.
const MOVED_STEP: Span = Span::from_secs(1);

/// Where a task goes, and why.
pub(crate) struct Move<'a> {
    pub to: TaskState,
    pub reason: Reason,
    pub why: &'a str,
    pub actor: &'a str,
}

impl Db<'_> {
    /// Moves a task whose attempt ended badly; one that is given up raises an alert.
    pub(crate) fn end_attempt(&self, task: &TaskHead, to: &Move<'_>) -> Verb<StateVersion> {
        let version = self.move_task(task, to)?;
        let code = if to.to == TaskState::Dead {
            TASK_DEAD
        } else if to.to == TaskState::Blocked {
            TASK_BLOCKED
        } else {
            return Ok(version);
        };
        let text = format!(
            "task {} ({}) is {}: {}; `chimera worker retry-failed {}` runs it again",
            task.id.short(),
            task.node,
            to.to,
            to.why,
            task.id
        );
        self.alert(Severity::Warning, code, &task.id.to_string(), &text)?;
        Ok(version)
    }

    /// The work on a task came too late, for its campaign had moved on. It is done again, and when that
    /// has happened [`CONFLICTS_MAX`] times in a row it waits for an operator instead. The task as it
    /// then stands.
    pub(crate) fn lose(&self, task: &TaskHead, to: &Move<'_>) -> Verb<StateVersion> {
        let lost = task.lost.saturating_add(1);
        let task = TaskHead {
            lost,
            ..task.clone()
        };
        if lost < CONFLICTS_MAX {
            if to.to != task.state {
                return self.move_task(&task, to);
            }
            // It stays where it is, and whoever overtook it wrote the line.
            self.exec_one(
                "UPDATE tasks SET lost = ?2 WHERE task_id = ?1",
                params![task.id.as_bytes(), lost],
            )?;
            return Ok(task.version);
        }
        let why = format!(
            "{lost} times in a row {}; `chimera worker history` tells what moves it",
            to.why
        );
        let blocked = Move {
            to: TaskState::Blocked,
            why: &why,
            ..*to
        };
        self.end_attempt(&task, &blocked)
    }

    /// Moves a task, and what depends on it.
    pub(crate) fn move_task(&self, task: &TaskHead, to: &Move<'_>) -> Verb<StateVersion> {
        let version = self.shift_task(task, to)?;
        match to.to {
            TaskState::Dead | TaskState::Blocked => self.block_children(task, to)?,
            TaskState::Published | TaskState::Rehearsed => self.release_children(task.id)?,
            TaskState::Draft
            | TaskState::Pending
            | TaskState::Claimed
            | TaskState::Review
            | TaskState::Ticketed
            | TaskState::Approved
            | TaskState::Publishing
            | TaskState::Rejected
            | TaskState::Replan
            | TaskState::Cancelled
            | TaskState::Uncertain
            | TaskState::Withdrawn => {}
        }
        Ok(version)
    }

    pub(super) fn shift_task(&self, task: &TaskHead, to: &Move<'_>) -> Verb<StateVersion> {
        let version = task.version.next();
        // What got through loses nothing in a row any more.
        let lost = if through(to.to) { 0 } else { task.lost };
        self.exec_one(
            "UPDATE tasks SET state = ?2, reason = ?3, why = ?4, version = ?5, moved_at = ?6,
               claim_id = NULL, fence = NULL, lease_until = NULL, blocked_by = NULL, lost = ?8
             WHERE task_id = ?1 AND version = ?7",
            params![
                task.id.as_bytes(),
                to.to.as_str(),
                to.reason.as_str(),
                to.why,
                version.get(),
                self.now.micros(),
                task.version.get(),
                lost,
            ],
        )?;
        self.counted(Counted::Task, Some(task.state.as_str()), to.to.as_str());
        self.plan_moved(task.trace)?;
        self.audit(&AuditLine {
            actor: to.actor,
            subject: task.id.to_string(),
            verb: "move_task",
            from: task.state.as_str(),
            to: to.to.as_str(),
            reason: to.reason.as_str(),
            versions: (task.version.get(), version.get()),
            trace: Some(task.trace),
            note: to.why,
        })?;
        Ok(version)
    }

    /// Lists show the plan that moved last first, to the second: a plan moves a dozen times, and every
    /// write of this would move its place in an index.
    pub(crate) fn plan_moved(&self, trace: TraceId) -> Verb<()> {
        self.exec(
            "UPDATE plans SET moved_at = ?2 WHERE trace_id = ?1 AND moved_at NOT BETWEEN ?3 AND ?2",
            params![
                trace.as_bytes(),
                self.now.micros(),
                self.now.minus(MOVED_STEP).micros()
            ],
        )
        .map(|_| ())
    }

    /// The children of a finished task wait for one parent less.
    pub(crate) fn release_children(&self, parent: TaskId) -> Verb<()> {
        self.exec(
            "UPDATE tasks SET waiting_on = waiting_on - 1, ready_at = max(ready_at, ?2)
             WHERE task_id IN (SELECT child_id FROM task_edges WHERE parent_id = ?1)",
            params![parent.as_bytes(), self.now.micros()],
        )
        .map(|_| ())
    }

    /// What waits for a task that is called off is called off with it.
    pub(super) fn call_off_children(&self, parent: &TaskHead, reason: Reason) -> Verb<()> {
        let why = format!("waited for `{}`, which was called off", parent.node);
        for child in self.waiting_below(parent)? {
            self.shift_task(
                &child,
                &Move {
                    to: TaskState::Cancelled,
                    reason,
                    why: &why,
                    actor: "worker",
                },
            )?;
        }
        Ok(())
    }

    /// What waits for a task, or for something that does.
    fn waiting_below(&self, parent: &TaskHead) -> Verb<Vec<TaskHead>> {
        self.task_heads(
            "state = 'pending' AND task_id IN (
               WITH RECURSIVE down (task_id) AS (
                 SELECT child_id FROM task_edges WHERE parent_id = ?1
                 UNION SELECT e.child_id FROM task_edges e JOIN down d ON e.parent_id = d.task_id
               ) SELECT task_id FROM down)",
            [parent.id.as_bytes()],
        )
    }

    /// What waits for a task that cannot go on cannot go on either, and says for whom it waits;
    /// otherwise it would count as work to be done for ever.
    fn block_children(&self, parent: &TaskHead, to: &Move<'_>) -> Verb<()> {
        let waiting = self.waiting_below(parent)?;
        let why = format!("waits for `{}`, which is {}", parent.node, to.to);
        for child in waiting {
            self.shift_task(
                &child,
                &Move {
                    to: TaskState::Blocked,
                    reason: to.reason,
                    why: &why,
                    actor: to.actor,
                },
            )?;
            self.exec_one(
                "UPDATE tasks SET blocked_by = ?2 WHERE task_id = ?1",
                params![child.id.as_bytes(), parent.id.as_bytes()],
            )?;
        }
        Ok(())
    }

    /// What was blocked only because of this task waits for it again.
    pub(crate) fn unblock_children(&self, parent: &TaskHead, actor: &str) -> Verb<()> {
        for child in self.task_heads(
            "blocked_by = ?1 AND state = 'blocked'",
            [parent.id.as_bytes()],
        )? {
            self.shift_task(
                &child,
                &Move {
                    to: TaskState::Pending,
                    reason: Reason::Ordinary,
                    why: "",
                    actor,
                },
            )?;
        }
        Ok(())
    }

    /// A task that was given up or blocked runs again from the start, and so does what waited for it.
    pub(crate) fn run_again(&self, task: &TaskHead, why: &str, actor: &str) -> Verb<StateVersion> {
        let next = self.move_task(
            task,
            &Move {
                to: TaskState::Pending,
                reason: Reason::Ordinary,
                why,
                actor,
            },
        )?;
        // What it proposed before is gone: the new attempt proposes anew.
        self.exec_one(
            "UPDATE tasks SET attempt = 0, lost = 0, ready_at = ?2, call = NULL, content_hash = NULL WHERE task_id = ?1",
            params![task.id.as_bytes(), self.now.micros()],
        )?;
        self.unblock_children(task, actor)?;
        for code in [TASK_DEAD, TASK_BLOCKED] {
            self.close_alert(code, &task.id.to_string())?;
        }
        Ok(next)
    }

    /// What money stood in the way of runs again, as far as this condition holds. How many tasks.
    pub(crate) fn unblock_budget(&self, condition: &str, why: &str, actor: &str) -> Verb<u64> {
        let blocked = self.task_heads(
            &format!("state = 'blocked' AND reason = 'budget_blocked' AND blocked_by IS NULL AND {condition}"),
            [],
        )?;
        let mut freed = 0;
        for task in blocked {
            self.run_again(&task, why, actor)?;
            freed += 1;
        }
        Ok(freed)
    }

    /// A task proposes this from now on.
    pub(crate) fn propose(&self, task: TaskId, call: &str, content: ContentHash) -> Verb<()> {
        self.exec_one(
            "UPDATE tasks SET call = ?2, content_hash = ?3 WHERE task_id = ?1",
            params![task.as_bytes(), call, content.as_bytes()],
        )
    }

    /// Puts a task under the campaign's present epoch.
    pub(crate) fn set_epoch(&self, task: TaskId, epoch: StateVersion) -> Verb<()> {
        self.exec_one(
            "UPDATE tasks SET epoch = ?2 WHERE task_id = ?1",
            params![task.as_bytes(), epoch.get()],
        )
    }

    pub(crate) fn move_ticket(
        &self,
        ticket: &TicketHead,
        to: TicketState,
        actor: &str,
        note: &str,
    ) -> Verb<StateVersion> {
        let version = ticket.version.next();
        self.exec_one(
            "UPDATE tickets SET state = ?2, version = ?3, moved_by = ?4, moved_at = ?5
             WHERE ticket_id = ?1 AND version = ?6",
            params![
                ticket.id.as_bytes(),
                to.as_str(),
                version.get(),
                actor,
                self.now.micros(),
                ticket.version.get(),
            ],
        )?;
        self.counted(Counted::Ticket, Some(ticket.state.as_str()), to.as_str());
        self.first_follows(ticket, to)?;
        self.audit(&AuditLine {
            actor,
            subject: ticket.id.to_string(),
            verb: "move_ticket",
            from: ticket.state.as_str(),
            to: to.as_str(),
            versions: (ticket.version.get(), version.get()),
            trace: Some(ticket.trace),
            note,
            ..AuditLine::default()
        })?;
        Ok(version)
    }

    pub(crate) fn move_effect(
        &self,
        effect: &EffectHead,
        to: EffectState,
        actor: &str,
        why: &str,
    ) -> Verb<StateVersion> {
        let version = effect.version.next();
        self.exec_one(
            "UPDATE effects SET state = ?2, version = ?3, why = ?4, moved_at = ?5
             WHERE effect_id = ?1 AND version = ?6",
            params![
                effect.id.as_bytes(),
                to.as_str(),
                version.get(),
                why,
                self.now.micros(),
                effect.version.get(),
            ],
        )?;
        self.audit(&AuditLine {
            actor,
            subject: effect.id.to_string(),
            verb: "move_effect",
            from: effect.state.as_str(),
            to: to.as_str(),
            versions: (effect.version.get(), version.get()),
            trace: Some(effect.trace),
            note: why,
            ..AuditLine::default()
        })?;
        let waits = match to {
            EffectState::Held | EffectState::Prepared | EffectState::Sent => true,
            EffectState::Confirmed
            | EffectState::Failed
            | EffectState::Uncertain
            | EffectState::Withdrawn => false,
        };
        if !waits {
            self.close_alert(EFFECT_WAITING, &effect.id.to_string())?;
        }
        Ok(version)
    }
}

/// Whether a task that comes here got through with its work, so that what it lost before counts no more.
const fn through(to: TaskState) -> bool {
    match to {
        TaskState::Draft
        | TaskState::Pending
        | TaskState::Claimed
        | TaskState::Review
        | TaskState::Blocked => false,
        TaskState::Ticketed
        | TaskState::Approved
        | TaskState::Publishing
        | TaskState::Published
        | TaskState::Rehearsed
        | TaskState::Rejected
        | TaskState::Replan
        | TaskState::Dead
        | TaskState::Cancelled
        | TaskState::Uncertain
        | TaskState::Withdrawn => true,
    }
}
