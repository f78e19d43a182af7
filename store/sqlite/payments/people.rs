//! What people say to a payment: yes to exactly what they saw, or no.

use chimera_domain::{
    ContentHash, Outcome, StateVersion, cfo, ids::PaymentId, payment::PaymentState,
    second::person_of,
};
use rusqlite::params;

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb},
        rows::Cells,
    },
    facts::{self, About},
    kept, policy, shift,
    wishes::{WAITS, give_up, overtaken},
};

pub(super) fn approve(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    digest: ContentHash,
    actor: &str,
) -> Verb<Outcome<PaymentState>> {
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    if let Some(conflict) = overtaken(db, payment, version) {
        return Ok(Outcome::Conflict(conflict));
    }
    if payment.state != PaymentState::Review {
        let conflict = db.overtaken(payment.version, payment.state.as_str());
        return Ok(Outcome::Conflict(conflict));
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
         ON CONFLICT (payment_id, person) DO UPDATE SET actor = excluded.actor, digest = excluded.digest, at = excluded.at",
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
        return Ok(Outcome::Done(PaymentState::Review, payment.version));
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
    db.close_alert(WAITS, &id.to_string())?;
    Ok(Outcome::Done(
        PaymentState::Approved,
        payment.version.next(),
    ))
}

/// How many people the last whole decision asked for: without the chain's word fewer grounds are seen.
fn needed(db: &Db<'_>, id: PaymentId) -> Verb<u32> {
    let found = db.one(
        "SELECT people FROM payment_decisions WHERE payment_id = ?1 ORDER BY decision_id DESC LIMIT 1",
        [id.as_bytes()],
        |row| row.small("people"),
    )?;
    Ok(found.unwrap_or(1))
}

pub(super) fn reject(
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
    Ok(Outcome::Done((), payment.version.next()))
}
