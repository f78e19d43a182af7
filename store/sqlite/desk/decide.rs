//! What a person does with one thing: decide a ticket, take it back, replay a task.

use chimera_domain::{
    Conflict, Outcome, Span, StateVersion,
    effect::{EffectState, OutgoingCall},
    ids::{TaskId, TicketId},
    second::{person_of, told},
    task::{Reason, TaskState},
    ticket::{Choice, Decide, Decided, RejectClass, TicketState},
};
use rusqlite::params;

use super::super::{
    db::{AuditLine, Db, Fault, Verb, int},
    heads::{TaskHead, TicketHead},
    moves::Move,
    rows::{Cells, json},
};
use super::{answer, probes, wait};

/// Why a ticket is open again after a person took a decision back.
pub(super) const UNDONE: &str = "undone";

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

/// Decides one ticket. Of `several` at once none is one that two people approve: each of those is looked at alone.
pub(super) fn decide(db: &Db<'_>, decide: &Decide, several: bool) -> Verb<Outcome<Decided>> {
    let Some(ticket) = db.ticket_head(decide.ticket_id)? else {
        return match probes::decide(db, decide)? {
            Outcome::NotFound => answer::decide(db, decide, several),
            found @ (Outcome::Done(..) | Outcome::Conflict(_)) => Ok(found),
        };
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
    let by = By {
        ticket: &ticket,
        task: &task,
        actor: &decide.actor,
    };
    let (decided, version) = match &decide.choice {
        Choice::Approve => match by.approves(db, several)? {
            Ok(done) => done,
            Err(conflict) => return Ok(Outcome::Conflict(conflict)),
        },
        Choice::Edit { text } => by.edits(db, text)?,
        Choice::Reject { class, note } => by.rejects(db, *class, note)?,
        Choice::RequestChanges { notes } => by.requests_changes(db, notes)?,
        Choice::Escalate { note } => wait::escalate(db, &ticket, &decide.actor, note)?,
        Choice::Snooze { until } => wait::snooze(db, &ticket, &decide.actor, *until)?,
        Choice::Assign { to } => wait::assign(db, &ticket, &decide.actor, to)?,
    };
    // Of the first of two nothing is learned: nothing is decided yet.
    if let Some(said) = decide.choice.said()
        && decided != Decided::FirstOfTwo
    {
        db.learn_of_plan(ticket.trace, Some(said), &decide.actor)?;
    }
    Ok(Outcome::Done(decided, version))
}

/// Who decides what.
struct By<'a> {
    ticket: &'a TicketHead,
    task: &'a TaskHead,
    actor: &'a str,
}

impl By<'_> {
    /// As the only one, as the first of two or as the second; or why it does not count.
    fn approves(
        &self,
        db: &Db<'_>,
        several: bool,
    ) -> Verb<Result<(Decided, StateVersion), Conflict>> {
        let grounds = db.grounds_of_ticket(self.ticket, self.task)?;
        let first = db.first_approval(self.ticket)?;
        let not_so = |now: String| Conflict {
            actual: self.ticket.version,
            now,
            by: None,
            at: None,
        };
        let note = match first {
            // The rule may ask for one person only by now.
            _ if grounds.is_empty() => {
                db.drop_first(self.ticket.id)?;
                String::new()
            }
            _ if several => {
                let now = "one that two people approve, alone and not with others".to_owned();
                return Ok(Err(not_so(now)));
            }
            None => {
                let version = db.approve_first(
                    self.ticket,
                    self.actor,
                    &seen(&told(&grounds), db.looked_for(self.ticket.id, self.actor)?),
                )?;
                return Ok(Ok((Decided::FirstOfTwo, version)));
            }
            Some(first) if person_of(&first.actor) == person_of(self.actor) => {
                let now = "approved, and the second person must be another".to_owned();
                return Ok(Err(Conflict {
                    by: Some(first.actor),
                    at: Some(first.at),
                    ..not_so(now)
                }));
            }
            Some(first) => format!("as the second person, after {}", first.actor),
        };
        let version = self.answer(db, TicketState::Approved, None, &note)?;
        let until = db.leaves_at(self.task.id, db.now.plus(db.fuse()?))?;
        let effect_id = db.make_effect(
            self.task,
            Some(self.ticket.id),
            EffectState::Held,
            until,
            self.actor,
        )?;
        self.task_goes(db, TaskState::Approved, Reason::Ordinary, "")?;
        Ok(Ok((Decided::Held { effect_id, until }, version)))
    }

    /// The judge sees what was written before it leaves: its hard blocks hold for people, too.
    fn edits(&self, db: &Db<'_>, text: &str) -> Verb<(Decided, StateVersion)> {
        let mut call = asked_call(db, self.ticket)?;
        if call.post.text == text {
            return Err(Fault::refused("nothing was changed; approve it as it is"));
        }
        text.clone_into(&mut call.post.text);
        let content_hash = call.content_hash();
        let written = json(&call)?;
        db.exec_one(
            "UPDATE tickets SET edited_call = ?2, edited_hash = ?3 WHERE ticket_id = ?1",
            params![self.ticket.id.as_bytes(), written, content_hash.as_bytes()],
        )?;
        let version = self.answer(db, TicketState::EditedApproved, None, "")?;
        db.propose(self.task.id, &written, content_hash)?;
        self.task_goes(db, TaskState::Review, Reason::Edited, "a person wrote it")?;
        Ok((Decided::Edited { content_hash }, version))
    }

    fn rejects(
        &self,
        db: &Db<'_>,
        class: RejectClass,
        note: &str,
    ) -> Verb<(Decided, StateVersion)> {
        let version = self.answer(db, TicketState::Rejected, Some(class), note)?;
        let why = format!("{class}: {note}");
        self.task_goes(db, TaskState::Rejected, Reason::ReviewerRejected, &why)?;
        Ok((Decided::Rejected, version))
    }

    /// The next attempt begins when the time to undo is over.
    fn requests_changes(&self, db: &Db<'_>, notes: &str) -> Verb<(Decided, StateVersion)> {
        if notes.trim().is_empty() {
            return Err(Fault::refused("say what is to be changed"));
        }
        let version = self.answer(db, TicketState::Rejected, None, notes)?;
        let at = db.now.plus(db.fuse()?);
        db.exec_one(
            "UPDATE tasks SET issues = json_array(?2), ready_at = ?3 WHERE task_id = ?1",
            params![self.task.id.as_bytes(), notes, at.micros()],
        )?;
        self.task_goes(db, TaskState::Replan, Reason::ChangesRequested, notes)?;
        Ok((Decided::ChangesRequested { at }, version))
    }

    /// The ticket is answered: by whom, when and with what words.
    fn answer(
        &self,
        db: &Db<'_>,
        state: TicketState,
        class: Option<RejectClass>,
        note: &str,
    ) -> Verb<StateVersion> {
        let class = class.map(RejectClass::as_str);
        let trail = class.map_or_else(|| note.to_owned(), |class| format!("{class}: {note}"));
        let looked = db.looked_for(self.ticket.id, self.actor)?;
        let version = db.move_ticket(self.ticket, state, self.actor, &seen(&trail, looked))?;
        db.exec_one(
            "UPDATE tickets SET decided_by = ?2, decided_at = ?3, reject_class = ?4, note = ?5, snoozed_until = NULL,
               looked_for = ?6
             WHERE ticket_id = ?1",
            params![
                self.ticket.id.as_bytes(),
                self.actor,
                db.now.micros(),
                class,
                note,
                looked.map(|looked| int(looked.micros())),
            ],
        )?;
        db.close_alert("ticket_escalated", &self.ticket.id.to_string())?;
        Ok(version)
    }

    fn task_goes(&self, db: &Db<'_>, to: TaskState, reason: Reason, why: &str) -> Verb<()> {
        db.move_task(
            self.task,
            &Move {
                to,
                reason,
                why,
                actor: self.actor,
            },
        )
        .map(drop)
    }
}

/// A line of the audit, with how long a screen showed what was decided on.
fn seen(trail: &str, looked: Option<Span>) -> String {
    match looked {
        None => trail.to_owned(),
        Some(looked) if trail.is_empty() => format!("on screen for {looked}"),
        Some(looked) => format!("{trail}; on screen for {looked}"),
    }
}

/// What the ticket asks about.
fn asked_call(db: &Db<'_>, ticket: &TicketHead) -> Verb<OutgoingCall> {
    db.one(
        "SELECT call FROM tickets WHERE ticket_id = ?1",
        [ticket.id.as_bytes()],
        |row| row.doc("call"),
    )?
    .ok_or_else(|| Fault::corrupt(format!("{} is missing", ticket.id)))
}

pub(super) fn undo(
    db: &Db<'_>,
    ticket: TicketId,
    version: StateVersion,
    actor: &str,
) -> Verb<Outcome<()>> {
    let Some(head) = db.ticket_head(ticket)? else {
        return match probes::undo(db, ticket)? {
            Outcome::NotFound => answer::undo(db, ticket, version, actor),
            found @ (Outcome::Done(..) | Outcome::Conflict(_)) => Ok(found),
        };
    };
    let ticket = head;
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
        // The judge has not come to it yet.
        TicketState::EditedApproved if task.state == TaskState::Review => None,
        TicketState::Approved | TicketState::EditedApproved => match db.waiting_effect(task.id)? {
            // Also one that waits for another try: it has not left, for certain.
            Some(effect) if effect.ticket == Some(ticket.id) => {
                db.move_effect(&effect, EffectState::Withdrawn, actor, UNDONE)?;
                None
            }
            Some(_) | None if task.state == TaskState::Published => Some("published: it is out"),
            Some(_) | None => Some("approved: its effect is on its way"),
        },
        TicketState::Rejected => {
            let fuse = db.fuse()?;
            let until = ticket.decided_at.map(|at| at.plus(fuse));
            let stays = matches!(task.state, TaskState::Rejected | TaskState::Replan);
            if until.is_some_and(|until| until >= db.now) && stays {
                None
            } else {
                Some("rejected: the time to undo it is over")
            }
        }
        TicketState::Open | TicketState::Escalated if db.first_approval(&ticket)?.is_some() => {
            let next = db.touch_ticket(&ticket, "undo_first_approval", actor, UNDONE)?;
            db.drop_first(ticket.id)?;
            return Ok(Outcome::Done((), next));
        }
        TicketState::Open
        | TicketState::Escalated
        | TicketState::Expired
        | TicketState::Superseded => return Ok(Outcome::Conflict(moved(db, &ticket))),
    };
    if let Some(now) = gone {
        return Ok(Outcome::Conflict(Conflict {
            now: now.to_owned(),
            ..moved(db, &ticket)
        }));
    }
    let off_topic = reject_class(db, &ticket)? == Some(RejectClass::OffTopic);
    if ticket.state.is_approved() || off_topic {
        db.learn_of_plan(ticket.trace, None, actor)?;
    }
    let next = open_again(db, &ticket, &task, actor, UNDONE)?;
    Ok(Outcome::Done((), next))
}

fn reject_class(db: &Db<'_>, ticket: &TicketHead) -> Verb<Option<RejectClass>> {
    let found = db.one(
        "SELECT reject_class FROM tickets WHERE ticket_id = ?1",
        [ticket.id.as_bytes()],
        |row| row.maybe_word("reject_class"),
    )?;
    Ok(found.flatten())
}

/// A decision falls away: the ticket asks again what it asked before.
pub(in super::super) fn open_again(
    db: &Db<'_>,
    ticket: &TicketHead,
    task: &TaskHead,
    actor: &str,
    why: &str,
) -> Verb<StateVersion> {
    let next = db.move_ticket(ticket, TicketState::Open, actor, why)?;
    // That a person took it back is in the audit; why the judge did is on the card.
    let note = if why == UNDONE { "" } else { why };
    db.exec_one(
        "UPDATE tickets SET decided_by = NULL, decided_at = NULL, reject_class = NULL, looked_for = NULL, note = ?2
         WHERE ticket_id = ?1",
        params![ticket.id.as_bytes(), note],
    )?;
    if ticket.state == TicketState::EditedApproved {
        let call = json(&asked_call(db, ticket)?)?;
        db.propose(task.id, &call, ticket.content_hash)?;
    }
    db.move_task(
        task,
        &Move {
            to: TaskState::Ticketed,
            reason: Reason::Undone,
            why: note,
            actor,
        },
    )?;
    Ok(next)
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
