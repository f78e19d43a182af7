//! The runtime's verbs: the lease, the sweep, alerts.
//!
//! `lease.rs` is who may run, `install.rs` the setup. Time ends things here and approves nothing.

mod install;
mod lease;

pub(super) use lease::running;

use async_trait::async_trait;
use chimera_domain::{
    Span,
    halt::Scope,
    ports::{Acquired, Lease, LeaseRequest, Recovery, Result, RuntimeStore, Setup, Swept},
    task::{ATTEMPTS_MAX, Reason, TaskState},
    ticket::TicketState,
    views::Severity,
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{Db, Verb},
    desk,
    heads::TicketHead,
    moves::Move,
    payments,
};

/// Who moves what time moves.
pub(super) const SWEEP: &str = "sweep";
/// Tickets that time may end: a halt keeps its queues, so theirs wait. So do those that a kill left
/// under an old epoch until its resume.
const LIVE: &str = "(SELECT state FROM fleet) = 'running' AND EXISTS (SELECT 1 FROM campaigns c
   WHERE c.campaign_id = tickets.campaign_id AND c.state = 'running' AND c.archived = 0 AND c.epoch = tickets.epoch
     AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = c.agent_id))";

#[async_trait]
impl RuntimeStore for SqliteStore {
    async fn acquire_lease(&self, request: &LeaseRequest) -> Result<Acquired> {
        let request = request.clone();
        self.write("acquire the lease", move |db| lease::acquire(db, &request))
            .await
    }

    async fn renew_lease(&self, lease: &Lease, ttl: Span) -> Result<Lease> {
        let lease = lease.clone();
        self.beat("renew the lease", move |db| lease::renew(db, &lease, ttl))
            .await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<()> {
        let lease = lease.clone();
        self.write("release the lease", move |db| lease::release(db, &lease))
            .await
    }

    async fn recover(&self, fence: i64) -> Result<Recovery> {
        self.write("recover", move |db| lease::recover(db, fence))
            .await
    }

    async fn install(&self, setup: &Setup) -> Result<()> {
        let setup = setup.clone();
        self.write("install the configuration", move |db| {
            install::run(db, &setup)
        })
        .await
    }

    async fn sweep(&self) -> Result<Swept> {
        self.write("sweep", sweep).await
    }

    async fn raise_alert(
        &self,
        severity: Severity,
        code: &str,
        subject: &str,
        text: &str,
    ) -> Result<()> {
        let (code, subject, text) = (code.to_owned(), subject.to_owned(), text.to_owned());
        self.write("raise an alert", move |db| {
            db.alert(severity, &code, &subject, &text)
        })
        .await
    }

    async fn close_alert(&self, code: &str, subject: &str) -> Result<()> {
        let (code, subject) = (code.to_owned(), subject.to_owned());
        self.write("close an alert", move |db| db.close_alert(&code, &subject))
            .await
    }
}

fn sweep(db: &Db<'_>) -> Verb<Swept> {
    let mut swept = Swept::default();
    let ended = db.task_heads("state = 'claimed' AND lease_until <= ?1", [db.now.micros()])?;
    for task in ended {
        // A task that takes its worker down with it every time is given up like any other failure.
        let (to, reason) = if task.attempt >= ATTEMPTS_MAX {
            (TaskState::Dead, Reason::DeadLetter)
        } else {
            (TaskState::Pending, Reason::LeaseExpired)
        };
        db.end_attempt(
            &task,
            &Move {
                to,
                reason,
                why: "the lease ran out",
                actor: SWEEP,
            },
        )?;
        db.doubt_pending(task.id, "the worker that made the call is gone")?;
        swept.claims += 1;
    }
    db.doubt_forgotten()?;
    payments::policies::ripen(db)?;
    // While money is frozen a freed cap frees nothing.
    if !db.is_halted(&Scope::Spending)? {
        unblock_freed(db)?;
    }
    desk::wake(db)?;
    db.end_flood()?;
    db.end_nearing()?;
    // The second deadline first: a ticket past both expires once and is not escalated on its way.
    let late = db.ticket_heads(
        &format!("state IN ('open', 'escalated') AND expires_at <= ?1 AND {LIVE}"),
        [db.now.micros()],
    )?;
    for ticket in late {
        expire(db, &ticket)?;
        swept.expired += 1;
    }
    let breached = db.ticket_heads(
        &format!("state = 'open' AND sla_at <= ?1 AND {LIVE}"),
        [db.now.micros()],
    )?;
    for ticket in breached {
        db.move_ticket(
            &ticket,
            TicketState::Escalated,
            SWEEP,
            "nobody decided in time",
        )?;
        let text = format!("ticket {} waits past its deadline", ticket.id.short());
        db.alert(
            Severity::Warning,
            "ticket_escalated",
            &ticket.id.to_string(),
            &text,
        )?;
        swept.escalated += 1;
    }
    Ok(swept)
}

fn unblock_freed(db: &Db<'_>) -> Verb<()> {
    // A cap that time has freed: the condition tells a moment that was set from one that was not.
    let freed = format!("ready_at > moved_at AND ready_at <= {}", db.now.micros());
    db.unblock_budget(&freed, "the cap has room again", SWEEP)?;
    Ok(())
}

fn expire(db: &Db<'_>, ticket: &TicketHead) -> Verb<()> {
    let why = "nobody decided before the last deadline";
    db.move_ticket(ticket, TicketState::Expired, SWEEP, why)?;
    db.close_alert("ticket_escalated", &ticket.id.to_string())?;
    let text = format!("ticket {} expired undecided", ticket.id.short());
    db.alert(
        Severity::Warning,
        "ticket_expired",
        &ticket.id.to_string(),
        &text,
    )?;
    let Some(task) = db.task_head(ticket.task)? else {
        return Ok(());
    };
    if task.state == TaskState::Ticketed {
        db.exec_one(
            "UPDATE tasks SET issues = json_array(?2) WHERE task_id = ?1",
            params![task.id.as_bytes(), why],
        )?;
        db.move_task(
            &task,
            &Move {
                to: TaskState::Replan,
                reason: Reason::SlaExpired,
                why,
                actor: SWEEP,
            },
        )?;
    }
    Ok(())
}
