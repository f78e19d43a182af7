//! What a hand-over note is made of. The deciders are read along the index of decisions, the newest first.

use chimera_domain::{
    Safe, Span, Timestamp,
    views::{
        By, Order, PageRequest,
        handover::{DecidedRow, Handover, NAMED_MAX},
    },
};
use rusqlite::params;

use super::{
    super::{
        db::{Db, Verb},
        rows::Cells,
    },
    lists, overview, queue,
};

/// So many decisions are looked through for the last one of somebody else.
const LOOK_MAX: u32 = 1_000;
/// Where nobody else decided, the note goes back so far.
const DAY: Span = Span::from_hours(24);
/// More ways of deciding by more people are not named.
const DECIDED_MAX: u32 = 20;

pub(super) fn read(db: &Db<'_>, actor: &str, since: Option<Timestamp>) -> Verb<Handover> {
    let house = overview::read(db)?;
    let (since, before) = match since {
        Some(since) => (since, None),
        None => match last_of_another(db, actor)? {
            Some((at, by)) => (at, Some(by)),
            None => (house.at.minus(DAY), None),
        },
    };
    let decided = db.all(
        "SELECT decided_by, state, count(*) AS n FROM tickets WHERE decided_at > ?1 AND decided_by IS NOT NULL
         GROUP BY decided_by, state ORDER BY n DESC, decided_by, state LIMIT ?2",
        params![since.micros(), DECIDED_MAX],
        |row| {
            Ok(DecidedRow {
                by: row.line("decided_by")?,
                state: row.word("state")?,
                n: row.count("n")?,
            })
        },
    )?;
    let first_due = PageRequest {
        order: Some(Order {
            by: By::Deadline,
            turned: false,
        }),
        ..PageRequest::first(NAMED_MAX)
    };
    let uncertain = PageRequest {
        filter: "state:uncertain".into(),
        ..PageRequest::first(NAMED_MAX)
    };
    Ok(Handover {
        since,
        before,
        house,
        decided,
        expiring: queue::read(db, &first_due)?,
        alerts: lists::alerts(db, &PageRequest::first(NAMED_MAX))?,
        unknown: lists::effects(db, &uncertain)?,
    })
}

/// When somebody else decided last, and who; a terminal more of the same person is not somebody else.
fn last_of_another(db: &Db<'_>, actor: &str) -> Verb<Option<(Timestamp, Safe)>> {
    let person = |actor: &str| actor.split(':').next().unwrap_or_default().to_owned();
    let here = person(actor);
    let decided: Vec<(Timestamp, String)> = db.all(
        "SELECT decided_at, decided_by FROM tickets WHERE decided_at IS NOT NULL AND decided_by IS NOT NULL
         ORDER BY decided_at DESC LIMIT ?1",
        [LOOK_MAX],
        |row| Ok((row.time("decided_at")?, row.text("decided_by")?)),
    )?;
    let other = decided.into_iter().find(|(_, by)| person(by) != here);
    Ok(other.map(|(at, by)| (at, Safe::line(&by))))
}
