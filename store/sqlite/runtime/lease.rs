//! The lease: one swarm per database, and every claim under its fence.

use chimera_domain::{
    Safe, Span, StoreError,
    ports::{Acquired, Lease, LeaseRequest, Recovery},
    task::{ATTEMPTS_MAX, Reason, TaskState},
    views::SwarmOwner,
};
use rusqlite::params;

use super::super::{
    db::{AuditLine, Counted, Db, Verb, count},
    moves::Move,
    rows::Cells,
};

/// Who holds the lease, whether or not it has run out.
fn owner(db: &Db<'_>) -> Verb<Option<(SwarmOwner, String)>> {
    db.one("SELECT * FROM leases WHERE holder IS NOT NULL", [], |row| {
        let (host, pid): (String, u32) = (row.text("host")?, row.small("pid")?);
        let started: String = row.text("holder")?;
        let owner = SwarmOwner {
            holder: Safe::line(&format!("{host}:{pid} ({started})")),
            pid,
            host: Safe::line(&host),
            since: row.time("since")?,
            until: row.time("until")?,
            fence: row.get("fence")?,
        };
        Ok((owner, host))
    })
}

/// Who runs the swarm now.
pub(in crate::sqlite) fn running(db: &Db<'_>) -> Verb<Option<SwarmOwner>> {
    Ok(owner(db)?
        .map(|(owner, _)| owner)
        .filter(|owner| owner.until > db.now))
}

pub(super) fn acquire(db: &Db<'_>, request: &LeaseRequest) -> Verb<Acquired> {
    if let Some((owner, host)) = owner(db)? {
        let gone = host == request.host && request.known_dead_pid == Some(owner.pid);
        if owner.until > db.now && !gone {
            return Ok(Acquired::Held(owner));
        }
    }
    let until = db.now.plus(request.ttl);
    db.exec_one(
        "UPDATE leases SET fence = fence + 1, holder = ?1, host = ?2, pid = ?3, since = ?4, until = ?5",
        params![
            request.holder,
            request.host,
            request.pid,
            db.now.micros(),
            until.micros()
        ],
    )?;
    let fence = db.number("SELECT fence FROM leases", [])?;
    let actor = format!("{}:{}", request.host, request.pid);
    db.audit(&AuditLine {
        actor: &actor,
        subject: "lease".to_owned(),
        verb: "acquire_lease",
        versions: (fence - 1, fence),
        note: &request.holder,
        ..AuditLine::default()
    })?;
    Ok(Acquired::Ours(Lease { fence, until }))
}

pub(super) fn renew(db: &Db<'_>, lease: &Lease, ttl: Span) -> Verb<Lease> {
    let until = db.now.plus(ttl);
    let rows = db.exec(
        "UPDATE leases SET until = ?2 WHERE fence = ?1 AND holder IS NOT NULL",
        params![lease.fence, until.micros()],
    )?;
    if rows == 1 {
        return Ok(Lease {
            fence: lease.fence,
            until,
        });
    }
    Err(StoreError::Fenced {
        held: lease.fence,
        actual: db.number("SELECT fence FROM leases", [])?,
    }
    .into())
}

pub(super) fn release(db: &Db<'_>, lease: &Lease) -> Verb<()> {
    let rows = db.exec(
        "UPDATE leases SET holder = NULL, host = NULL, pid = NULL, since = NULL, until = NULL
         WHERE fence = ?1 AND holder IS NOT NULL",
        params![lease.fence],
    )?;
    if rows == 1 {
        db.audit(&AuditLine {
            actor: "runtime",
            subject: "lease".to_owned(),
            verb: "release_lease",
            versions: (lease.fence, lease.fence),
            ..AuditLine::default()
        })?;
    }
    Ok(())
}

pub(super) fn recover(db: &Db<'_>, fence: i64) -> Verb<Recovery> {
    db.check_fence(fence)?;
    let mut recovery = Recovery::default();
    for task in db.task_heads("state = 'claimed' AND fence < ?1", [fence])? {
        // It may be what kills the process; any task under way is a suspect, so it gets more chances.
        let (to, reason) = if task.attempt >= ATTEMPTS_MAX * 2 {
            (TaskState::Dead, Reason::DeadLetter)
        } else {
            (TaskState::Pending, Reason::LeaseExpired)
        };
        db.end_attempt(
            &task,
            &Move {
                to,
                reason,
                why: "the process that worked on it is gone",
                actor: "runtime",
            },
        )?;
        db.doubt_pending(task.id, "the process that made the call is gone")?;
        recovery.tasks_returned += 1;
    }
    recovery.effects_unresolved = count(db.number(
        "SELECT count(*) FROM effects WHERE state IN ('sent', 'uncertain') AND (state = 'uncertain' OR fence < ?1)",
        [fence],
    )?);
    recovery.tickets_waiting = count(db.census(Counted::Ticket, &["open", "escalated"])?);
    Ok(recovery)
}
