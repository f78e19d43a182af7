//! What people say to a payment: yes to exactly what they saw, or no, and what they take back.

use chimera_domain::{
    Conflict, ContentHash, Outcome, StateVersion, Timestamp, cfo,
    halt::Scope,
    ids::PaymentId,
    payment::{Payment, PaymentState},
    second::person_of,
};
use rusqlite::params;

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb},
        rows::Cells,
    },
    Kept,
    facts::{self, About},
    kept, policy, shift,
    wishes::{WAITS, give_up, overtaken, waits},
};

/// Why a payment is asked about again after a person took a yes back.
const UNDONE: &str = "undone";

/// What a person's yes led to.
pub(in super::super) enum Approved {
    /// It is signed after that moment, unless it is undone.
    Held { until: Timestamp },
    /// Another person must say yes, too.
    OneMore,
}

pub(in super::super) fn approve(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    digest: ContentHash,
    actor: &str,
) -> Verb<Outcome<Approved>> {
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    if payment.version != version || payment.state != PaymentState::Review {
        return Ok(Outcome::Conflict(moved(db, payment)?));
    }
    if found.terms.digest() != digest {
        return Err(Fault::refused("what was shown is not what would be paid"));
    }
    let person = person_of(actor);
    if person == person_of(&payment.proposer) {
        return Err(Fault::refused(format!(
            "{person} asked for this payment; somebody else approves it"
        )));
    }
    db.exec(
        "INSERT INTO payment_approvals (payment_id, person, actor, digest, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (payment_id, person) DO UPDATE
         SET actor = excluded.actor, digest = excluded.digest, at = excluded.at, withdrawn_at = NULL",
        params![id.as_bytes(), person, actor, digest.as_bytes(), db.now.micros()],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: id.to_string(),
        verb: "approve_payment",
        versions: (version.get(), version.get()),
        trace: Some(payment.trace_id),
        note: &digest.to_string(),
        ..AuditLine::default()
    })?;
    let Some((whole, payments)) = policy(db)? else {
        return Err(Fault::refused(
            "budget.yaml says nothing about payments any more",
        ));
    };
    let about = About {
        agent: payment.agent_id,
        campaign: payment.campaign_id,
        wish: &found.wish,
        payment: Some(id),
    };
    // Only how many people are needed is asked here. All the rest is asked again with what the chain says when it is signed.
    let facts = facts::facts(db, &about, &whole.budget.zone, &payments, None)?;
    let decision = cfo::decide(&found.wish, &payments, &facts);
    if decision.approved_by() < needed(db, id)?.max(decision.people()) {
        return Ok(Outcome::Done(Approved::OneMore, payment.version));
    }
    let text = format!("approved by {}", decision.approved_by());
    shift(
        db,
        payment,
        PaymentState::Approved,
        payment.counted,
        &text,
        actor,
    )?;
    let until = db.now.plus(db.fuse()?);
    leaves_at(db, id, Some(until))?;
    answered(db, id, Some((actor, "approved")))?;
    db.close_alert(WAITS, &id.to_string())?;
    Ok(Outcome::Done(
        Approved::Held { until },
        payment.version.next(),
    ))
}

/// Who was faster, what they did and when.
fn moved(db: &Db<'_>, payment: &Payment) -> Verb<Conflict> {
    let id = payment.terms.payment_id;
    let answered = db.one(
        "SELECT decided_by, decided_at FROM payment_desk WHERE payment_id = ?1 AND decided_by IS NOT NULL",
        [id.as_bytes()],
        |row| Ok((row.text("decided_by")?, row.time("decided_at")?)),
    )?;
    let (by, at) = answered.unzip();
    Ok(db.conflict(Conflict {
        actual: payment.version,
        now: payment.state.to_string(),
        by,
        at,
    }))
}

/// Until when an approved payment is held, where it still is.
pub(super) fn burns_until(db: &Db<'_>, id: PaymentId) -> Verb<Option<Timestamp>> {
    db.one(
        "SELECT leaves_at FROM payments WHERE payment_id = ?1 AND leaves_at > ?2",
        params![id.as_bytes(), db.now.micros()],
        |row| row.time("leaves_at"),
    )
}

fn leaves_at(db: &Db<'_>, id: PaymentId, at: Option<Timestamp>) -> Verb<()> {
    db.exec_one(
        "UPDATE payments SET leaves_at = ?2 WHERE payment_id = ?1",
        params![id.as_bytes(), at.map(Timestamp::micros)],
    )
}

/// Keeps who gave the last answer, or that there is none any more.
fn answered(db: &Db<'_>, id: PaymentId, answer: Option<(&str, &str)>) -> Verb<()> {
    let (by, answer) = answer.unzip();
    db.exec(
        "INSERT INTO payment_desk (payment_id, decided_by, decided_at, answer) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (payment_id) DO UPDATE SET decided_by = excluded.decided_by, decided_at = excluded.decided_at,
           answer = excluded.answer, snoozed_until = NULL",
        params![id.as_bytes(), by, by.map(|_| db.now.micros()), answer],
    )
    .map(drop)
}

/// How many people the last whole decision asked for: without the chain's word fewer grounds are seen.
pub(super) fn needed(db: &Db<'_>, id: PaymentId) -> Verb<u32> {
    let found = db.one(
        "SELECT people FROM payment_decisions WHERE payment_id = ?1 ORDER BY decision_id DESC LIMIT 1",
        [id.as_bytes()],
        |row| row.small("people"),
    )?;
    Ok(found.unwrap_or(1))
}

pub(in super::super) fn reject(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    actor: &str,
    why: &str,
) -> Verb<Outcome<()>> {
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    if let Some(conflict) = overtaken(db, payment, version) {
        return Ok(Outcome::Conflict(conflict));
    }
    if !matches!(payment.state, PaymentState::Review | PaymentState::Approved) {
        return Err(Fault::refused(format!(
            "it is {} and cannot be taken back",
            payment.state
        )));
    }
    give_up(db, payment, PaymentState::Rejected, why, actor)?;
    answered(db, id, Some((actor, "rejected")))?;
    Ok(Outcome::Done((), payment.version.next()))
}

/// It was not made and never will be: what was set aside is free. Only what is uncertain is written off.
pub(in super::super) fn write_off(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    actor: &str,
    why: &str,
) -> Verb<Outcome<()>> {
    if why.trim().is_empty() {
        return Err(Fault::refused("say what you found"));
    }
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    if payment.version != version || payment.state != PaymentState::Uncertain {
        return Ok(Outcome::Conflict(moved(db, payment)?));
    }
    give_up(db, payment, PaymentState::Cancelled, why, actor)?;
    db.exec(
        "UPDATE payment_attempts SET state = 'replaced' WHERE payment_id = ?1 AND state IN ('signed', 'broadcast')",
        [id.as_bytes()],
    )?;
    answered(db, id, Some((actor, "written off")))?;
    Ok(Outcome::Done((), payment.version.next()))
}

/// A yes is taken back while nothing is signed: of a payment that waits for another person the first one's, of an approved one
/// everybody's.
pub(in super::super) fn undo(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    actor: &str,
) -> Verb<Outcome<()>> {
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    let stands = !facts::approvals(db, id)?.is_empty();
    let can = match payment.state {
        PaymentState::Approved => true,
        PaymentState::Review => stands,
        PaymentState::Refused
        | PaymentState::Signed
        | PaymentState::Broadcast
        | PaymentState::Mined
        | PaymentState::Posted
        | PaymentState::Rejected
        | PaymentState::Expired
        | PaymentState::Cancelled
        | PaymentState::Reverted
        | PaymentState::Uncertain => false,
    };
    if payment.version != version || !can {
        return Ok(Outcome::Conflict(moved(db, payment)?));
    }
    if payment.state == PaymentState::Review {
        withdraw(db, id)?;
        let next = touch(db, payment, "undo_first_approval", actor, UNDONE)?;
        return Ok(Outcome::Done((), next));
    }
    ask_anew(db, &found, UNDONE, actor)?;
    Ok(Outcome::Done((), payment.version.next()))
}

/// What was approved before a halt that voids, by people or by the rules, and is not signed: a person is asked anew.
pub(in super::super) fn void(db: &Db<'_>, scope: &Scope, actor: &str) -> Verb<()> {
    let of: Option<&[u8]> = match scope {
        Scope::Fleet => None,
        Scope::Agent(agent) => Some(agent.as_bytes()),
        Scope::Campaign(campaign) => Some(campaign.as_bytes()),
        Scope::Publishing | Scope::Spending | Scope::Platform(_) => return Ok(()),
    };
    let reached: Vec<PaymentId> = db.all(
        "SELECT payment_id FROM payments
         WHERE state IN ('review', 'approved') AND state = 'approved' AND (?1 IS NULL OR agent_id = ?1 OR campaign_id IS ?1)",
        [of],
        |row| row.id("payment_id"),
    )?;
    for id in reached {
        if let Some(found) = kept(db, id)? {
            ask_anew(db, &found, "it was approved before a halt", actor)?;
        }
    }
    Ok(())
}

/// An approved payment waits for people again, and what they said before counts no more.
fn ask_anew(db: &Db<'_>, found: &Kept, why: &str, actor: &str) -> Verb<()> {
    let (payment, id) = (&found.payment, found.terms.payment_id);
    withdraw(db, id)?;
    shift(
        db,
        payment,
        PaymentState::Review,
        payment.counted,
        why,
        actor,
    )?;
    leaves_at(db, id, None)?;
    answered(db, id, None)?;
    waits(db, id, &found.wish, why)
}

fn withdraw(db: &Db<'_>, id: PaymentId) -> Verb<()> {
    db.exec(
        "UPDATE payment_approvals SET withdrawn_at = ?2 WHERE payment_id = ?1 AND withdrawn_at IS NULL",
        params![id.as_bytes(), db.now.micros()],
    )
    .map(drop)
}

/// Something about a payment changed and it stays where it is: a new version, so that whoever looks at the old one decides
/// nothing by it.
pub(in super::super) fn touch(
    db: &Db<'_>,
    payment: &Payment,
    verb: &str,
    actor: &str,
    note: &str,
) -> Verb<StateVersion> {
    let next = payment.version.next();
    db.exec_one(
        "UPDATE payments SET version = ?2 WHERE payment_id = ?1 AND version = ?3",
        params![
            payment.terms.payment_id.as_bytes(),
            next.get(),
            payment.version.get(),
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: payment.terms.payment_id.to_string(),
        verb,
        from: payment.state.as_str(),
        to: payment.state.as_str(),
        versions: (payment.version.get(), next.get()),
        trace: Some(payment.trace_id),
        note,
        ..AuditLine::default()
    })?;
    Ok(next)
}
