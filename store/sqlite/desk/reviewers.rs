//! What each reviewer did since a moment, from the audit and from the tickets they decided.

use chimera_domain::{
    Timestamp,
    ids::TicketId,
    ticket::TicketState,
    views::{Act, ActLine, DecidedTimes, ReviewerRow, reviewers},
};
use rusqlite::params;

use super::{
    super::{
        db::{Db, Verb, count},
        rows::Cells,
        runtime::SWEEP,
    },
    decide::UNDONE,
};

/// The most lines and the most tickets that are looked at: the newest.
const LINES_MAX: u32 = 100_000;

/// The lines of people about tickets, through an index of those alone.
pub(in super::super) const LINES: &str =
    "SELECT subject, actor, verb, to_state, note FROM audit INDEXED BY audit_tickets
     WHERE substr(subject, 1, 4) = 'tkt_' AND at >= ?1 ORDER BY seq DESC LIMIT ?2";

pub(super) fn read(db: &Db<'_>, since: Timestamp) -> Verb<Vec<ReviewerRow>> {
    let window = params![since.micros(), LINES_MAX];
    let lines = db.all(LINES, window, |row| {
        let act = act(
            &row.text("verb")?,
            &row.text("to_state")?,
            &row.text("actor")?,
            &row.text("note")?,
        );
        let ticket = row.text("subject")?.parse::<TicketId>().ok();
        let actor = row.text("actor")?;
        Ok(act
            .zip(ticket)
            .map(|(act, ticket)| ActLine { ticket, actor, act }))
    })?;
    let mut lines: Vec<ActLine> = lines.into_iter().flatten().collect();
    lines.reverse();
    let times = db.all(
        "SELECT decided_by, looked_for, decided_at - created_at AS waited FROM tickets
         WHERE decided_at >= ?1 ORDER BY decided_at DESC LIMIT ?2",
        window,
        |row| {
            Ok(DecidedTimes {
                actor: row.text("decided_by")?,
                looked_us: row.get::<_, Option<i64>>("looked_for")?.map(count),
                waited_us: count(row.get("waited")?),
            })
        },
    )?;
    let given = db.all(
        "SELECT assigned_to, count(*) AS n FROM tickets
         WHERE state IN ('open', 'escalated') AND assigned_to <> '' GROUP BY assigned_to",
        [],
        |row| Ok((row.text("assigned_to")?, row.count("n")?)),
    )?;
    Ok(reviewers(&lines, &times, &given))
}

/// What a line says that a person did; nothing where it was the program, or what follows from an answer.
fn act(verb: &str, to: &str, actor: &str, note: &str) -> Option<Act> {
    match verb {
        "approve_first" => Some(Act::First),
        "undo_first_approval" => Some(Act::TookBack),
        "snooze_ticket" | "assign_ticket" => Some(Act::PutOff),
        "move_ticket" => match to.parse::<TicketState>().ok()? {
            state @ (TicketState::Approved
            | TicketState::EditedApproved
            | TicketState::Rejected) => Some(Act::Answered(state)),
            TicketState::Escalated => (actor != SWEEP).then_some(Act::PutOff),
            TicketState::Open => (note == UNDONE).then_some(Act::TookBack),
            TicketState::Expired | TicketState::Superseded => None,
        },
        _ => None,
    }
}
