//! Probes in the review queue: made beside a real ticket, shown as one, and ended by the decision that reveals them.
//!
//! Nothing else reads their table, so that they are in no figure, no lesson, no budget and no way out.

use chimera_domain::{
    Conflict, ContentHash, Outcome, Safe, Span, StateVersion, Timestamp,
    effect::OutgoingCall,
    ids::{CampaignId, TicketId},
    persona::Persona,
    policy::Policy,
    probe::{self, Flaw},
    ticket::{Choice, Decide, Decided, LOOK, TicketState},
    verdict::Verdict,
    views::{Asks, PostAsked, TicketCard, TicketRow},
};
use rusqlite::{Row, params, types::Value};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    super::{
        db::{AuditLine, Db, Verb, int},
        rows::{Cells, json},
    },
    card,
};

/// One that was made.
struct Probe {
    id: TicketId,
    version: StateVersion,
    host: TicketId,
    flaw: Flaw,
    call: OutgoingCall,
    content_hash: ContentHash,
    created_at: Timestamp,
    sla_at: Timestamp,
    expires_at: Timestamp,
    assigned_to: Safe,
    snoozed_until: Option<Timestamp>,
    decided: Option<(String, Timestamp, bool)>,
}

const COLUMNS: &str = "ticket_id, version, host_id, flaw, call, content_hash, created_at, sla_at, expires_at, assigned_to,
   snoozed_until, decided_by, decided_at, caught";

fn probe(row: &Row<'_>) -> Verb<Probe> {
    let caught: Option<bool> = row.get("caught")?;
    let by: Option<String> = row.get("decided_by")?;
    let decided = match (by, row.maybe_time("decided_at")?, caught) {
        (Some(by), Some(at), Some(caught)) => Some((by, at, caught)),
        (_, _, _) => None,
    };
    Ok(Probe {
        id: row.id("ticket_id")?,
        version: row.version("version")?,
        host: row.id("host_id")?,
        flaw: row.word("flaw")?,
        call: row.doc("call")?,
        content_hash: row.hash("content_hash")?,
        created_at: row.time("created_at")?,
        sla_at: row.time("sla_at")?,
        expires_at: row.time("expires_at")?,
        assigned_to: row.line("assigned_to")?,
        snoozed_until: row.maybe_time("snoozed_until")?,
        decided,
    })
}

/// A ticket was opened: one more comes with it where the rules want that, it looks ordinary, and no other waits. Two at a time
/// would be a pattern.
pub(in super::super) fn beside(
    db: &Db<'_>,
    host: TicketId,
    verdict: &Verdict,
    expires_at: (Timestamp, Timestamp),
) -> Verb<()> {
    let Some(share) = db.policy()?.and_then(|policy: Policy| policy.judge.probes) else {
        return Ok(());
    };
    let looks_ordinary = verdict.sensitive.is_empty()
        && verdict
            .reasons
            .first()
            .is_some_and(|reason| reason.starts_with("confidence "));
    if !looks_ordinary || !probe::is_due(verdict.content_hash, share) || waiting(db)?.is_some() {
        return Ok(());
    }
    // A text without its label would be seen by that alone.
    let found: Option<(OutgoingCall, Option<Persona>)> = db.one(
        "SELECT k.call, p.doc AS persona FROM tickets k JOIN campaigns c ON c.campaign_id = k.campaign_id
         LEFT JOIN personas p ON p.hash = c.persona_hash
         WHERE k.ticket_id = ?1",
        [host.as_bytes()],
        |row| Ok((row.doc("call")?, row.maybe_doc("persona")?)),
    )?;
    let Some((like, Some(persona))) = found else {
        return Ok(());
    };
    let bad = probe::pick(verdict.content_hash);
    let call = bad.call(&like, &persona.disclosure);
    let (sla_at, expires_at) = expires_at;
    db.exec_one(
        "INSERT INTO probes (ticket_id, version, host_id, flaw, call, content_hash, created_at, sla_at, expires_at)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            TicketId::from_uuid(db.ambient.fresh()).as_bytes(),
            host.as_bytes(),
            bad.flaw.as_str(),
            json(&call)?,
            call.content_hash().as_bytes(),
            db.now.micros(),
            sla_at.micros(),
            expires_at.micros(),
        ],
    )
}

/// The one that waits; what nobody decided in time is gone without a word.
fn waiting(db: &Db<'_>) -> Verb<Option<Probe>> {
    db.one(
        &format!(
            "SELECT {COLUMNS} FROM probes WHERE decided_at IS NULL AND expires_at > ?1 LIMIT 1"
        ),
        [db.now.micros()],
        probe,
    )
}

fn of(db: &Db<'_>, ticket: TicketId) -> Verb<Option<Probe>> {
    db.one(
        &format!("SELECT {COLUMNS} FROM probes WHERE ticket_id = ?1"),
        [ticket.as_bytes()],
        probe,
    )
}

/// How many wait, and since when: in the queue's own count they are tickets like any other.
pub(super) fn counted(db: &Db<'_>) -> Verb<(u64, Option<Timestamp>)> {
    let found = waiting(db)?;
    Ok((
        u64::from(found.is_some()),
        found.map(|probe| probe.created_at),
    ))
}

/// The card of the ticket it looks like, with its own words in place of the other's.
pub(super) fn card(db: &Db<'_>, ticket: TicketId) -> Verb<Option<TicketCard>> {
    let Some(probe) = of(db, ticket)? else {
        return Ok(None);
    };
    let Some(host) = card::read(db, probe.host)? else {
        return Ok(None);
    };
    let row = row_of(db, &probe, host.row.clone());
    let Asks::Post(shown) = host.asks else {
        return Ok(None);
    };
    let post = &probe.call.post;
    let citations = post.citations.iter();
    let mut checks = shown.checks;
    for check in &mut checks {
        check.findings.clear();
    }
    let decided = probe.decided.as_ref().map(|(by, at, caught)| {
        let word = if *caught { "caught" } else { "missed" };
        let told = probe.flaw.told();
        Safe::line(&format!(
            "a probe, {word} by {by} at {}: {told}",
            at.to_rfc3339_seconds()
        ))
    });
    let asks = Asks::Post(Box::new(PostAsked {
        edited: None,
        attempt: (1, shown.attempt.1),
        attempts: Vec::new(),
        graphemes: (
            post.text.graphemes(true).count(),
            post.channel.graphemes_max(),
        ),
        media: Vec::new(),
        citations: citations
            .map(|source| (Safe::line(&source.title), Safe::line(&source.url)))
            .collect(),
        trend: post
            .citations
            .first()
            .map(|source| Safe::line(&source.title)),
        checks,
        redacted: Vec::new(),
        made: Vec::new(),
        sensitive: Vec::new(),
        ..*shown
    }));
    Ok(Some(TicketCard {
        row,
        content_hash: probe.content_hash,
        two: Vec::new(),
        text: Safe::block(&post.text),
        looked_at_by: db.one(
            "SELECT looked_by FROM probes WHERE ticket_id = ?1 AND looked_until > ?2",
            params![ticket.as_bytes(), db.now.micros()],
            |row| row.line("looked_by"),
        )?,
        note: Safe::default(),
        decided,
        effect: None,
        published: None,
        asks,
        ..host
    }))
}

fn row_of(db: &Db<'_>, probe: &Probe, host: TicketRow) -> TicketRow {
    let state = match &probe.decided {
        Some((_, _, true)) => TicketState::Rejected,
        Some((_, _, false)) => TicketState::Approved,
        None if probe.sla_at <= db.now => TicketState::Escalated,
        None => TicketState::Open,
    };
    let is_reason = |reason: &Safe| reason.as_str().starts_with("confidence ");
    TicketRow {
        id: probe.id,
        version: probe.version,
        state,
        text: Safe::line(&probe.call.post.text).cut(super::lists::LINE_COLUMNS),
        reasons: host.reasons.into_iter().filter(is_reason).collect(),
        created_at: probe.created_at,
        sla_at: probe.sla_at,
        assigned_to: probe.assigned_to.clone(),
        snoozed_until: probe.snoozed_until.filter(|until| *until > db.now),
        first: None,
        ..host
    }
}

/// The one that waits, as the ticket it looks like.
pub(super) fn row(db: &Db<'_>) -> Verb<Option<TicketRow>> {
    Ok(match waiting(db)? {
        Some(probe) => card::read(db, probe.host)?.map(|host| row_of(db, &probe, host.row)),
        None => None,
    })
}

/// Decides what is no ticket. Nothing is made of it and nothing is learned from it; whoever decided is told what it was.
pub(super) fn decide(db: &Db<'_>, decide: &Decide) -> Verb<Outcome<Decided>> {
    let Some(probe) = of(db, decide.ticket_id)? else {
        return Ok(Outcome::NotFound);
    };
    let is_open = probe.decided.is_none() && probe.expires_at > db.now;
    if probe.version != decide.version || !is_open {
        return Ok(Outcome::Conflict(moved(db, &probe)));
    }
    if probe.content_hash != decide.content_hash {
        return Ok(Outcome::Conflict(
            db.overtaken(probe.version, "asking about other content"),
        ));
    }
    let campaign: Option<CampaignId> = db.one(
        "SELECT campaign_id FROM tickets WHERE ticket_id = ?1",
        [probe.host.as_bytes()],
        |row| row.id("campaign_id"),
    )?;
    if let Some(campaign) = campaign
        && let Some(conflict) = db.halted(campaign, probe.version)?
    {
        return Ok(Outcome::Conflict(conflict));
    }
    let next = probe.version.next();
    let waits = match &decide.choice {
        Choice::Snooze { until } => Some((
            "UPDATE probes SET version = ?2, snoozed_until = ?3 WHERE ticket_id = ?1",
            Value::Integer(until.micros()),
            Decided::Snoozed { until: *until },
        )),
        Choice::Assign { to } => Some((
            "UPDATE probes SET version = ?2, assigned_to = ?3 WHERE ticket_id = ?1",
            Value::Text(to.clone()),
            Decided::Assigned,
        )),
        Choice::Approve
        | Choice::Edit { .. }
        | Choice::Reject { .. }
        | Choice::RequestChanges { .. }
        | Choice::Escalate { .. } => None,
    };
    if let Some((sql, value, decided)) = waits {
        db.exec_one(sql, params![probe.id.as_bytes(), next.get(), value])?;
        return Ok(Outcome::Done(decided, next));
    }
    // Whoever wrote another text or gave it on did not let out what was there.
    let caught = decide.choice != Choice::Approve;
    let looked: Option<Span> = db.one(
        "SELECT looked_since FROM probes WHERE ticket_id = ?1 AND looked_by = ?2 AND looked_until > ?3",
        params![probe.id.as_bytes(), decide.actor, db.now.micros()],
        |row| Ok(db.now.since(row.time("looked_since")?)),
    )?;
    db.exec_one(
        "UPDATE probes SET version = ?2, decided_by = ?3, decided_at = ?4, caught = ?5, looked_for = ?6 WHERE ticket_id = ?1",
        params![
            probe.id.as_bytes(),
            next.get(),
            decide.actor,
            db.now.micros(),
            caught,
            looked.map(|looked| int(looked.micros())),
        ],
    )?;
    db.audit(&AuditLine {
        actor: &decide.actor,
        subject: probe.id.to_string(),
        verb: "decide_probe",
        from: TicketState::Open.as_str(),
        to: if caught { "caught" } else { "missed" },
        versions: (probe.version.get(), next.get()),
        note: probe.flaw.told(),
        ..AuditLine::default()
    })?;
    let flaw = probe.flaw;
    Ok(Outcome::Done(Decided::Probe { flaw, caught }, next))
}

/// There is nothing to take back: nothing was made of it.
pub(super) fn undo(db: &Db<'_>, ticket: TicketId) -> Verb<Outcome<()>> {
    Ok(match of(db, ticket)? {
        None => Outcome::NotFound,
        Some(probe) => Outcome::Conflict(moved(db, &probe)),
    })
}

fn moved(db: &Db<'_>, probe: &Probe) -> Conflict {
    let (now, by, at) = match &probe.decided {
        Some((by, at, _)) => (
            "decided, and it was a probe: nothing came of it",
            Some(by.clone()),
            Some(*at),
        ),
        None if probe.expires_at <= db.now => ("expired", None, None),
        None => ("open", None, None),
    };
    db.conflict(Conflict {
        actual: probe.version,
        now: now.to_owned(),
        by,
        at,
    })
}

/// Whoever has it on screen, as for a ticket.
pub(super) fn look(db: &Db<'_>, ticket: TicketId, actor: &str) -> Verb<()> {
    db.exec(
        "UPDATE probes SET looked_since = CASE WHEN looked_by = ?2 AND looked_until > ?4 THEN looked_since ELSE ?4 END,
           looked_by = ?2, looked_until = ?3
         WHERE ticket_id = ?1 AND decided_at IS NULL AND (looked_by IS NULL OR looked_by = ?2 OR looked_until <= ?4)",
        params![
            ticket.as_bytes(),
            actor,
            db.now.plus(LOOK).micros(),
            db.now.micros()
        ],
    )
    .map(drop)
}
