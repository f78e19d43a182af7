//! What a person does with a ticket without answering it: it waits before others, later, or for somebody.

use chimera_domain::{
    Span, StateVersion, Timestamp,
    ids::TicketId,
    ticket::{Decided, LOOK, TicketState},
    views::Severity,
};
use rusqlite::params;

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb},
        heads::TicketHead,
        rows::Cells,
    },
    answer, probes,
};

/// The longest name of somebody a ticket is given to.
const NAME_MAX: usize = 80;

pub(super) fn escalate(
    db: &Db<'_>,
    ticket: &TicketHead,
    actor: &str,
    note: &str,
) -> Verb<(Decided, StateVersion)> {
    if ticket.state == TicketState::Escalated {
        return Err(Fault::refused("it is escalated already"));
    }
    let version = db.move_ticket(ticket, TicketState::Escalated, actor, note)?;
    db.exec_one(
        "UPDATE tickets SET note = ?2, snoozed_until = NULL WHERE ticket_id = ?1",
        params![ticket.id.as_bytes(), note],
    )?;
    let why = if note.is_empty() {
        "no reason given"
    } else {
        note
    };
    let text = format!("{actor} escalated ticket {}: {why}", ticket.id.short());
    db.alert(
        Severity::Warning,
        "ticket_escalated",
        &ticket.id.to_string(),
        &text,
    )?;
    Ok((Decided::Escalated, version))
}

/// No later than its next deadline: time must not pass over it unseen.
pub(super) fn snooze(
    db: &Db<'_>,
    ticket: &TicketHead,
    actor: &str,
    until: Timestamp,
) -> Verb<(Decided, StateVersion)> {
    let deadline = db.one(
        "SELECT CASE state WHEN 'open' THEN sla_at ELSE expires_at END FROM tickets WHERE ticket_id = ?1",
        [ticket.id.as_bytes()],
        |row| Ok(Timestamp::from_micros(row.get(0)?)),
    )?;
    let deadline = deadline.ok_or_else(|| Fault::corrupt(format!("{} is missing", ticket.id)))?;
    if until <= db.now {
        return Err(Fault::refused("that moment is over"));
    }
    if until >= deadline {
        return Err(Fault::refused(format!(
            "it would sleep past its deadline at {}",
            deadline.to_rfc3339_seconds()
        )));
    }
    let note = format!("snoozed until {}", until.to_rfc3339_seconds());
    let version = db.touch_ticket(ticket, "snooze_ticket", actor, &note)?;
    db.exec_one(
        "UPDATE tickets SET snoozed_until = ?2 WHERE ticket_id = ?1",
        params![ticket.id.as_bytes(), until.micros()],
    )?;
    Ok((Decided::Snoozed { until }, version))
}

pub(super) fn assign(
    db: &Db<'_>,
    ticket: &TicketHead,
    actor: &str,
    to: &str,
) -> Verb<(Decided, StateVersion)> {
    let to = name(to)?;
    let note = given(to);
    let version = db.touch_ticket(ticket, "assign_ticket", actor, &note)?;
    db.exec_one(
        "UPDATE tickets SET assigned_to = ?2 WHERE ticket_id = ?1",
        params![ticket.id.as_bytes(), to],
    )?;
    Ok((Decided::Assigned, version))
}

/// A name that a ticket can be given to; nobody's is empty.
pub(super) fn name(to: &str) -> Verb<&str> {
    let to = to.trim();
    if to.chars().count() > NAME_MAX {
        return Err(Fault::refused(format!(
            "a name has at most {NAME_MAX} characters"
        )));
    }
    Ok(to)
}

/// Whose it is from now on, for the audit.
pub(super) fn given(to: &str) -> String {
    if to.is_empty() {
        "given back to everybody".to_owned()
    } else {
        format!("given to {to}")
    }
}

/// Who was there first stays named while they look.
pub(super) fn look(db: &Db<'_>, ticket: TicketId, actor: &str) -> Verb<()> {
    probes::look(db, ticket, actor)?;
    answer::look(db, ticket, actor)?;
    db.exec(
        "UPDATE tickets SET looked_since = CASE WHEN looked_by = ?2 AND looked_until > ?4 THEN looked_since ELSE ?4 END,
           looked_by = ?2, looked_until = ?3
         WHERE ticket_id = ?1 AND state IN ('open', 'escalated')
           AND (looked_by IS NULL OR looked_by = ?2 OR looked_until <= ?4)",
        params![
            ticket.as_bytes(),
            actor,
            db.now.plus(LOOK).micros(),
            db.now.micros()
        ],
    )
    .map(drop)
}

/// What has slept long enough is back in its place. How many.
pub(in super::super) fn wake(db: &Db<'_>) -> Verb<()> {
    db.exec(
        "UPDATE tickets SET snoozed_until = NULL WHERE snoozed_until <= ?1",
        [db.now.micros()],
    )
    .map(drop)
}

impl Db<'_> {
    /// How long this actor has had a ticket on screen, with pauses shorter than [`LOOK`]; `None` where no screen said
    /// so, or somebody else was there before.
    pub(super) fn looked_for(&self, ticket: TicketId, actor: &str) -> Verb<Option<Span>> {
        self.one(
            "SELECT looked_since FROM tickets WHERE ticket_id = ?1 AND looked_by = ?2 AND looked_until > ?3",
            params![ticket.as_bytes(), actor, self.now.micros()],
            |row| Ok(self.now.since(row.time(0)?)),
        )
    }

    /// Something about a ticket changed and it stays in its state: a new version, so that whoever looks at the
    /// old one decides nothing by it.
    pub(in super::super) fn touch_ticket(
        &self,
        ticket: &TicketHead,
        verb: &str,
        actor: &str,
        note: &str,
    ) -> Verb<StateVersion> {
        let version = ticket.version.next();
        self.exec_one(
            "UPDATE tickets SET version = ?2, moved_by = ?3, moved_at = ?4 WHERE ticket_id = ?1 AND version = ?5",
            params![
                ticket.id.as_bytes(),
                version.get(),
                actor,
                self.now.micros(),
                ticket.version.get(),
            ],
        )?;
        self.first_follows(ticket, ticket.state)?;
        self.audit(&AuditLine {
            actor,
            subject: ticket.id.to_string(),
            verb,
            from: ticket.state.as_str(),
            to: ticket.state.as_str(),
            versions: (ticket.version.get(), version.get()),
            trace: Some(ticket.trace),
            note,
            ..AuditLine::default()
        })?;
        Ok(version)
    }
}
