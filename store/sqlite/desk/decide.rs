//! What a person does with one thing: decide a ticket, take it back, replay a task.

use chimera_domain::{
    Conflict, Outcome, StateVersion,
    effect::EffectState,
    ids::{TaskId, TicketId},
    task::{Reason, TaskState},
    ticket::{Choice, Decide, Decided, TicketState},
};
use rusqlite::params;

use super::super::{
    db::{AuditLine, Db, Fault, Verb},
    heads::{TaskHead, TicketHead},
    moves::Move,
};

/// Who moved the ticket last, to what, and when: what the loser of a race is told.
fn moved(db: &Db<'_>, ticket: &TicketHead) -> Conflict {
    db.conflict(Conflict {
        actual: ticket.version,
        now: ticket.state.to_string(),
        by: Some(ticket.moved_by.clone()),
        at: Some(ticket.moved_at),
    })
}

fn task_of(db: &Db<'_>, ticket: &TicketHead) -> Verb<TaskHead> {
    db.task_head(ticket.task)?
        .ok_or_else(|| Fault::corrupt(format!("the task of {} is missing", ticket.id)))
}

pub(super) fn decide(db: &Db<'_>, decide: &Decide) -> Verb<Outcome<Decided>> {
    let Some(ticket) = db.ticket_head(decide.ticket_id)? else {
        return Ok(Outcome::NotFound);
    };
    if ticket.version != decide.version || !ticket.state.is_waiting() {
        return Ok(Outcome::Conflict(moved(db, &ticket)));
    }
    let task = task_of(db, &ticket)?;
    if ticket.content_hash != decide.content_hash
        || task.content_hash != Some(decide.content_hash)
        || task.state != TaskState::Ticketed
    {
        return Ok(Outcome::Conflict(
            db.overtaken(ticket.version, "asking about other content"),
        ));
    }
    if let Some(conflict) = db.halted(ticket.campaign, ticket.version)? {
        return Ok(Outcome::Conflict(conflict));
    }
    let epoch = db.epoch_of(ticket.campaign)?;
    if let Some(conflict) = db.moved_on(epoch, ticket.epoch, ticket.version) {
        return Ok(Outcome::Conflict(conflict));
    }
    let (state, class, note) = match &decide.choice {
        Choice::Approve => (TicketState::Approved, None, ""),
        Choice::Reject { class, note } => {
            (TicketState::Rejected, Some(class.as_str()), note.as_str())
        }
    };
    let trail = class.map_or_else(String::new, |class| format!("{class}: {note}"));
    let version = db.move_ticket(&ticket, state, &decide.actor, &trail)?;
    db.exec_one(
        "UPDATE tickets SET decided_by = ?2, decided_at = ?3, reject_class = ?4, note = ?5 WHERE ticket_id = ?1",
        params![
            ticket.id.as_bytes(),
            decide.actor,
            db.now.micros(),
            class,
            note
        ],
    )?;
    db.close_alert("ticket_escalated", &ticket.id.to_string())?;
    let (to, reason, decided) = match &decide.choice {
        Choice::Approve => {
            let until = db.now.plus(db.fuse()?);
            let effect_id = db.make_effect(
                &task,
                Some(ticket.id),
                EffectState::Held,
                until,
                &decide.actor,
            )?;
            let decided = Decided::Held { effect_id, until };
            (TaskState::Approved, Reason::Ordinary, decided)
        }
        Choice::Reject { .. } => (
            TaskState::Rejected,
            Reason::ReviewerRejected,
            Decided::Rejected,
        ),
    };
    db.move_task(
        &task,
        &Move {
            to,
            reason,
            why: &trail,
            actor: &decide.actor,
        },
    )?;
    Ok(Outcome::Done(decided, version))
}

pub(super) fn undo(
    db: &Db<'_>,
    ticket: TicketId,
    version: StateVersion,
    actor: &str,
) -> Verb<Outcome<()>> {
    let Some(ticket) = db.ticket_head(ticket)? else {
        return Ok(Outcome::NotFound);
    };
    if ticket.version != version {
        return Ok(Outcome::Conflict(moved(db, &ticket)));
    }
    let task = task_of(db, &ticket)?;
    let epoch = db.epoch_of(ticket.campaign)?;
    // An open ticket of an older epoch could never be decided. While halted it may be opened: the
    // resume supersedes it.
    if let Some(conflict) = db.moved_on(epoch, ticket.epoch, ticket.version)
        && db.runs(ticket.campaign)?
    {
        return Ok(Outcome::Conflict(conflict));
    }
    let gone = match ticket.state {
        TicketState::Approved => match db.waiting_effect(task.id)? {
            // Also one that waits for another try: it has not left, for certain.
            Some(effect) if effect.ticket == Some(ticket.id) => {
                db.move_effect(&effect, EffectState::Withdrawn, actor, "undone")?;
                None
            }
            Some(_) | None if task.state == TaskState::Published => Some("published: it is out"),
            Some(_) | None => Some("approved: its effect is on its way"),
        },
        TicketState::Rejected => {
            let fuse = db.fuse()?;
            let until = ticket.decided_at.map(|at| at.plus(fuse));
            if until.is_some_and(|until| until >= db.now) && task.state == TaskState::Rejected {
                None
            } else {
                Some("rejected: the time to undo it is over")
            }
        }
        TicketState::Open
        | TicketState::Escalated
        | TicketState::EditedApproved
        | TicketState::Expired
        | TicketState::Superseded => return Ok(Outcome::Conflict(moved(db, &ticket))),
    };
    if let Some(now) = gone {
        return Ok(Outcome::Conflict(Conflict {
            now: now.to_owned(),
            ..moved(db, &ticket)
        }));
    }
    let next = db.move_ticket(&ticket, TicketState::Open, actor, "undone")?;
    db.exec_one(
        "UPDATE tickets SET decided_by = NULL, decided_at = NULL, reject_class = NULL, note = '' WHERE ticket_id = ?1",
        [ticket.id.as_bytes()],
    )?;
    db.move_task(
        &task,
        &Move {
            to: TaskState::Ticketed,
            reason: Reason::Undone,
            why: "",
            actor,
        },
    )?;
    Ok(Outcome::Done((), next))
}

pub(super) fn replay(
    db: &Db<'_>,
    task: TaskId,
    version: StateVersion,
    actor: &str,
) -> Verb<Outcome<()>> {
    let Some(task) = db.task_head(task)? else {
        return Ok(Outcome::NotFound);
    };
    if task.version != version {
        return Ok(Outcome::Conflict(
            db.overtaken(task.version, task.state.as_str()),
        ));
    }
    if !matches!(task.state, TaskState::Dead | TaskState::Blocked) {
        return Err(Fault::refused(format!(
            "a task in {} cannot be replayed",
            task.state
        )));
    }
    let next = db.run_again(&task, "replayed", actor)?;
    db.audit(&AuditLine {
        actor,
        subject: task.id.to_string(),
        verb: "replay_task",
        from: task.state.as_str(),
        to: TaskState::Pending.as_str(),
        versions: (version.get(), next.get()),
        trace: Some(task.trace),
        ..AuditLine::default()
    })?;
    Ok(Outcome::Done((), next))
}
