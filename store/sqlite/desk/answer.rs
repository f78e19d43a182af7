//! What a person does with a payment that waits among the tickets: yes to exactly what was shown, no, or not now.

use chimera_domain::{
    Outcome, StateVersion, Timestamp,
    ids::TicketId,
    payment::{Payment, PaymentState},
    ticket::{Choice, Decide, Decided, LOOK},
    views::Severity,
};
use rusqlite::{ToSql, params};

use super::super::{
    db::{Db, Fault, Verb},
    payments::{kept, people},
};

/// Decides what is no ticket about a post. Of `several` at once none is a payment: each is looked at alone.
pub(super) fn decide(db: &Db<'_>, decide: &Decide, several: bool) -> Verb<Outcome<Decided>> {
    let id = decide.ticket_id.as_payment();
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    let (version, actor) = (decide.version, decide.actor.as_str());
    if several {
        return Ok(Outcome::Conflict(db.overtaken(
            payment.version,
            "a payment, which is decided alone and not with others",
        )));
    }
    let done = |outcome: Outcome<StateVersion>, decided: Decided| match outcome {
        Outcome::Done(next, _) => Outcome::Done(decided, next),
        Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
        Outcome::NotFound => Outcome::NotFound,
    };
    match &decide.choice {
        Choice::Approve => Ok(
            match people::approve(db, id, version, decide.content_hash, actor)? {
                Outcome::Done(people::Approved::Held { until }, next) => {
                    Outcome::Done(Decided::PaymentHeld { until }, next)
                }
                Outcome::Done(people::Approved::OneMore, next) => {
                    Outcome::Done(Decided::FirstOfTwo, next)
                }
                Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
                Outcome::NotFound => Outcome::NotFound,
            },
        ),
        Choice::Reject { class, note } => {
            let why = match note.is_empty() {
                true => class.to_string(),
                false => format!("{class}: {note}"),
            };
            Ok(match people::reject(db, id, version, actor, &why)? {
                Outcome::Done((), next) => Outcome::Done(Decided::PaymentRejected, next),
                Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
                Outcome::NotFound => Outcome::NotFound,
            })
        }
        Choice::Edit { .. } | Choice::RequestChanges { .. } => Err(Fault::refused(
            "a payment is not rewritten; reject it, and whoever asked asks anew",
        )),
        Choice::Escalate { note } => {
            let outcome = desk(
                db,
                payment,
                version,
                "escalate_payment",
                actor,
                note,
                |db| {
                    if row(db, payment, "escalated = 1")? {
                        return Err(Fault::refused("it is escalated already"));
                    }
                    set(db, payment, "escalated", 1)?;
                    set(db, payment, "note", note)?;
                    set(db, payment, "snoozed_until", Option::<i64>::None)?;
                    let text = format!("{actor} escalated payment {}: {note}", id.short());
                    db.alert(
                        Severity::Warning,
                        "payment_escalated",
                        &id.to_string(),
                        &text,
                    )
                },
            )?;
            Ok(done(outcome, Decided::Escalated))
        }
        Choice::Snooze { until } => {
            if *until <= db.now {
                return Err(Fault::refused("that moment is over"));
            }
            if *until >= payment.expires_at {
                return Err(Fault::refused(format!(
                    "it would sleep past its end at {}",
                    payment.expires_at.to_rfc3339_seconds()
                )));
            }
            let note = format!("snoozed until {}", until.to_rfc3339_seconds());
            let outcome = desk(db, payment, version, "snooze_payment", actor, &note, |db| {
                set(db, payment, "snoozed_until", until.micros())
            })?;
            Ok(done(outcome, Decided::Snoozed { until: *until }))
        }
        Choice::Assign { to } => {
            let to = super::wait::name(to)?;
            let note = super::wait::given(to);
            let outcome = desk(db, payment, version, "assign_payment", actor, &note, |db| {
                set(db, payment, "assigned_to", to)
            })?;
            Ok(done(outcome, Decided::Assigned))
        }
    }
}

/// Something the desk notes of a payment that waits, with a new version.
fn desk(
    db: &Db<'_>,
    payment: &Payment,
    version: StateVersion,
    verb: &str,
    actor: &str,
    note: &str,
    keep: impl FnOnce(&Db<'_>) -> Verb<()>,
) -> Verb<Outcome<StateVersion>> {
    if payment.version != version || payment.state != PaymentState::Review {
        return Ok(Outcome::Conflict(
            db.overtaken(payment.version, payment.state.as_str()),
        ));
    }
    db.exec(
        "INSERT INTO payment_desk (payment_id) VALUES (?1) ON CONFLICT DO NOTHING",
        [payment.terms.payment_id.as_bytes()],
    )?;
    keep(db)?;
    let next = people::touch(db, payment, verb, actor, note)?;
    Ok(Outcome::Done(next, next))
}

fn row(db: &Db<'_>, payment: &Payment, condition: &str) -> Verb<bool> {
    let found = db.number(
        &format!(
            "SELECT EXISTS (SELECT 1 FROM payment_desk WHERE payment_id = ?1 AND {condition})"
        ),
        [payment.terms.payment_id.as_bytes()],
    )?;
    Ok(found == 1)
}

fn set(db: &Db<'_>, payment: &Payment, column: &str, value: impl ToSql) -> Verb<()> {
    db.exec_one(
        &format!("UPDATE payment_desk SET {column} = ?2 WHERE payment_id = ?1"),
        params![payment.terms.payment_id.as_bytes(), value],
    )
}

/// Takes a yes back.
pub(super) fn undo(
    db: &Db<'_>,
    ticket: TicketId,
    version: StateVersion,
    actor: &str,
) -> Verb<Outcome<()>> {
    people::undo(db, ticket.as_payment(), version, actor)
}

/// Whoever has it on screen, as for a ticket.
pub(super) fn look(db: &Db<'_>, ticket: TicketId, actor: &str) -> Verb<()> {
    let until: Timestamp = db.now.plus(LOOK);
    db.exec(
        "INSERT INTO payment_desk (payment_id, looked_by, looked_since, looked_until)
         SELECT payment_id, ?2, ?4, ?3 FROM payments WHERE payment_id = ?1 AND state = 'review'
         ON CONFLICT (payment_id) DO UPDATE SET
           looked_since = CASE WHEN looked_by = ?2 AND looked_until > ?4 THEN looked_since ELSE ?4 END,
           looked_by = ?2, looked_until = ?3
         WHERE looked_by IS NULL OR looked_by = ?2 OR looked_until <= ?4",
        params![
            ticket.as_payment().as_bytes(),
            actor,
            until.micros(),
            db.now.micros()
        ],
    )
    .map(drop)
}
