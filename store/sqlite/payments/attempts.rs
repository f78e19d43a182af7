//! Signed bytes: kept before anybody has them, and what became of them on the chain.

use chimera_domain::{
    Outcome, StateVersion,
    cfo::{self, Quote, Rule},
    chain::{Hash32, Units},
    ids::PaymentId,
    payment::{Attempt, AttemptKind, AttemptState, Payment, PaymentState},
    ports::{Cleared, NewAttempt, Recorded},
    views::Severity,
    wallet::BreakKind,
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb, count, int},
        rows::{Cells, json},
    },
    CFO, Kept,
    again::{Again, OTHER_TERMS, decide},
    facts, keep_decision, kept, people, reconcile, shift,
    wishes::{REFUSED, give_up, overtaken, told, waits},
};

/// A transaction that takes the place of another offers an eighth more; less is not taken.
const BUMP_PER_MILLE: u128 = 1_125;

pub(super) fn open(db: &Db<'_>) -> Verb<Vec<(Payment, Vec<Attempt>)>> {
    let found = db.all(
        &format!(
            "SELECT * FROM payments WHERE {} AND state <> 'review' AND (state <> 'approved' OR coalesce(leaves_at, 0) <= ?1)
             ORDER BY at, payment_id",
            facts::OPEN
        ),
        [db.now.micros()],
        super::kept_row,
    )?;
    let mut out = Vec::with_capacity(found.len());
    for Kept { payment, .. } in found {
        let attempts = attempts(db, payment.terms.payment_id)?;
        out.push((payment, attempts));
    }
    Ok(out)
}

fn attempts(db: &Db<'_>, payment: PaymentId) -> Verb<Vec<Attempt>> {
    db.all(
        "SELECT * FROM payment_attempts WHERE payment_id = ?1 ORDER BY at, hash",
        [payment.as_bytes()],
        attempt,
    )
}

fn attempt(row: &Row<'_>) -> Verb<Attempt> {
    let block: Option<i64> = row.get("block")?;
    let block_hash: Option<[u8; 32]> = row.get("block_hash")?;
    Ok(Attempt {
        payment_id: row.id("payment_id")?,
        hash: Hash32::from_bytes(row.get("hash")?),
        kind: row.word("kind")?,
        state: row.word("state")?,
        sender: chimera_domain::chain::EvmAddress::from_bytes(row.get("sender")?),
        transaction: row.doc("unsigned")?,
        raw: row.get("raw")?,
        block: block.map(count).zip(block_hash.map(Hash32::from_bytes)),
        at: row.time("at")?,
        signed_at_block: row.count("signed_at_block")?,
    })
}

pub(super) fn clear(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    quote: &Quote,
    chain_nonce: u64,
) -> Verb<Outcome<Cleared>> {
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    if let Some(conflict) = overtaken(db, payment, version) {
        return Ok(Outcome::Conflict(conflict));
    }
    if matches!(
        payment.state,
        PaymentState::Signed | PaymentState::Broadcast
    ) {
        return clear_again(db, &found, quote);
    }
    if payment.state != PaymentState::Approved {
        return Err(Fault::refused(format!("it is {}", payment.state)));
    }
    if let Some(until) = people::burns_until(db, id)? {
        let why = format!("it can be taken back until {}", until.to_rfc3339_seconds());
        return Ok(Outcome::Done(Cleared::Wait { why }, version));
    }
    let stopped =
        |state, why: String, version| Ok(Outcome::Done(Cleared::Stopped { state, why }, version));
    let next = payment.version.next();
    let Some(again) = decide(db, &found, quote)? else {
        let why = "budget.yaml says nothing about payments any more".to_owned();
        give_up(db, payment, PaymentState::Refused, &why, CFO)?;
        return stopped(PaymentState::Refused, why, next);
    };
    if !again.same_terms(&found) {
        give_up(db, payment, PaymentState::Refused, OTHER_TERMS, CFO)?;
        return stopped(PaymentState::Refused, OTHER_TERMS.to_owned(), next);
    }
    let why = again.decision.why();
    match again.decision.verdict() {
        Rule::Allow => match place(db, &found, chain_nonce)? {
            Some(nonce) => {
                let decision = Box::new(again.decision);
                Ok(Outcome::Done(Cleared::Sign { decision, nonce }, version))
            }
            None => {
                let why = "its wallet has sent what was never signed here".to_owned();
                Ok(Outcome::Done(Cleared::Wait { why }, version))
            }
        },
        Rule::Review => {
            keep_decision(
                db,
                id,
                again.payments.hash(),
                "clear",
                &again.decision,
                &again.facts,
            )?;
            waits(db, id, &found.wish, &why)?;
            shift(
                db,
                payment,
                PaymentState::Review,
                payment.counted,
                &why,
                CFO,
            )?;
            stopped(PaymentState::Review, why, next)
        }
        Rule::Refuse if again.may_pass() => Ok(Outcome::Done(Cleared::Wait { why }, version)),
        Rule::Refuse => {
            keep_decision(
                db,
                id,
                again.payments.hash(),
                "clear",
                &again.decision,
                &again.facts,
            )?;
            give_up(db, payment, PaymentState::Refused, &why, CFO)?;
            let text = format!(
                "{} was refused before it was signed: {why}",
                told(&found.wish)
            );
            db.alert(Severity::Warning, REFUSED, &id.to_string(), &text)?;
            stopped(PaymentState::Refused, why, next)
        }
    }
}

/// Leave to sign once more at the place it has. Its bytes are out already: a no stops the next ones and ends nothing.
fn clear_again(db: &Db<'_>, found: &Kept, quote: &Quote) -> Verb<Outcome<Cleared>> {
    let version = found.payment.version;
    let wait = |why: String| Ok(Outcome::Done(Cleared::Wait { why }, version));
    let Some(live) = live(&attempts(db, found.terms.payment_id)?).cloned() else {
        return wait("nothing of it waits for a block".to_owned());
    };
    let Some(again) = decide(db, found, quote)? else {
        return wait("budget.yaml says nothing about payments any more".to_owned());
    };
    if !again.same_terms(found) {
        return wait(OTHER_TERMS.to_owned());
    }
    if again.decision.verdict() != Rule::Allow {
        return wait(again.decision.why());
    }
    let (decision, nonce) = (Box::new(again.decision), live.transaction.nonce);
    Ok(Outcome::Done(Cleared::Sign { decision, nonce }, version))
}

/// The one that waits for a block.
fn live(attempts: &[Attempt]) -> Option<&Attempt> {
    attempts.iter().find(|attempt| {
        matches!(
            attempt.state,
            AttemptState::Signed | AttemptState::Broadcast
        )
    })
}

/// The next place among the wallet's transactions; none where the chain has more of them than were signed here.
fn place(db: &Db<'_>, found: &Kept, chain_nonce: u64) -> Verb<Option<u64>> {
    let last: Option<Option<i64>> = db.one(
        "SELECT max(nonce) FROM payment_attempts WHERE chain_id = ?1 AND sender = ?2",
        params![int(found.terms.chain_id), found.terms.from.as_bytes()],
        |row| Ok(row.get(0)?),
    )?;
    let Some(last) = last.flatten() else {
        return Ok(Some(chain_nonce));
    };
    let next = count(last).saturating_add(1);
    if chain_nonce > next {
        let text = format!(
            "the chain has {chain_nonce} transactions of the wallet, {next} were signed here"
        );
        reconcile::break_found(db, found.payment.agent_id, BreakKind::Nonce, &text)?;
        return Ok(None);
    }
    Ok(Some(next))
}

pub(super) fn record(
    db: &Db<'_>,
    id: PaymentId,
    version: StateVersion,
    new: &NewAttempt,
    quote: &Quote,
) -> Verb<Outcome<Recorded>> {
    let Some(found) = kept(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    let payment = &found.payment;
    if let Some(conflict) = overtaken(db, payment, version) {
        return Ok(Outcome::Conflict(conflict));
    }
    let refused = |why: String| Ok(Outcome::Done(Recorded::Refused { why }, version));
    if let Err(why) = cfo::fits(&found.terms, &new.transaction) {
        return refused(why);
    }
    if new.sender != found.terms.from {
        return refused("another wallet signed it".to_owned());
    }
    let Some(again) = decide(db, &found, quote)? else {
        return refused("budget.yaml says nothing about payments any more".to_owned());
    };
    if !again.same_terms(&found) {
        return refused(OTHER_TERMS.to_owned());
    }
    let allowed = match new.kind {
        AttemptKind::Pay => first(db, &found, new, &again)?,
        AttemptKind::Bump | AttemptKind::Cancel => another(db, &found, new, &again)?,
    };
    if let Err(why) = allowed {
        return refused(why);
    }
    keep_decision(
        db,
        id,
        again.payments.hash(),
        "sign",
        &again.decision,
        &again.facts,
    )?;
    db.exec_one(
        "INSERT INTO payment_attempts (hash, payment_id, kind, state, chain_id, sender, nonce, unsigned, raw, signed_at_block, at)
         VALUES (?1, ?2, ?3, 'signed', ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            new.hash.as_bytes(),
            id.as_bytes(),
            new.kind.as_str(),
            int(new.transaction.chain_id),
            new.sender.as_bytes(),
            int(new.transaction.nonce),
            json(&new.transaction)?,
            new.raw,
            int(quote.block),
            db.now.micros(),
        ],
    )?;
    if payment.state == PaymentState::Approved {
        let why = format!("{} at place {}", new.hash, new.transaction.nonce);
        shift(
            db,
            payment,
            PaymentState::Signed,
            payment.counted,
            &why,
            CFO,
        )?;
        return Ok(Outcome::Done(Recorded::Kept, payment.version.next()));
    }
    db.audit(&AuditLine {
        actor: CFO,
        subject: id.to_string(),
        verb: "sign_payment",
        reason: new.kind.as_str(),
        versions: (version.get(), version.get()),
        trace: Some(payment.trace_id),
        note: &new.hash.to_string(),
        ..AuditLine::default()
    })?;
    Ok(Outcome::Done(Recorded::Kept, version))
}

/// Whether the first transaction of a payment may be kept.
fn first(db: &Db<'_>, found: &Kept, new: &NewAttempt, again: &Again) -> Verb<Result<(), String>> {
    if found.payment.state != PaymentState::Approved {
        return Ok(Err(format!("it is {}", found.payment.state)));
    }
    if let Some(until) = people::burns_until(db, found.terms.payment_id)? {
        let until = until.to_rfc3339_seconds();
        return Ok(Err(format!("it can be taken back until {until}")));
    }
    if again.decision.verdict() != Rule::Allow {
        return Ok(Err(again.decision.why()));
    }
    if new.transaction.call.moves().is_none() {
        return Ok(Err("it moves nothing".to_owned()));
    }
    let next = place(db, found, new.transaction.nonce)?;
    if next != Some(new.transaction.nonce) {
        return Ok(Err("its place is not the wallet's next".to_owned()));
    }
    let within = again
        .decision
        .counted()
        .is_some_and(|usd| usd <= found.payment.counted);
    Ok(within_fee(again, found, new).and_then(|()| {
        if within {
            Ok(())
        } else {
            Err("it is worth more now than was set aside".to_owned())
        }
    }))
}

/// Whether one more transaction at the same place may be kept.
fn another(db: &Db<'_>, found: &Kept, new: &NewAttempt, again: &Again) -> Verb<Result<(), String>> {
    if !matches!(
        found.payment.state,
        PaymentState::Signed | PaymentState::Broadcast
    ) {
        return Ok(Err(format!("it is {}", found.payment.state)));
    }
    if let Some(why) = again
        .facts
        .halted
        .clone()
        .or_else(|| again.facts.frozen.clone())
    {
        return Ok(Err(why));
    }
    let attempts = attempts(db, found.terms.payment_id)?;
    let live = live(&attempts);
    let Some(live) = live else {
        return Ok(Err("nothing of it waits for a block".to_owned()));
    };
    let old = &live.transaction;
    let enough = |new: u128, old: u128| {
        old.checked_mul(BUMP_PER_MILLE)
            .zip(new.checked_mul(1_000))
            .is_some_and(|(least, offered)| offered >= least)
    };
    if new.transaction.nonce != old.nonce {
        return Ok(Err("it has another place".to_owned()));
    }
    if new.kind == AttemptKind::Bump && new.transaction.call.moves() != old.call.moves() {
        return Ok(Err("it moves something else".to_owned()));
    }
    if !enough(new.transaction.fee_max, old.fee_max)
        || !enough(new.transaction.tip_max, old.tip_max)
    {
        return Ok(Err(
            "it offers too little to take the other's place".to_owned()
        ));
    }
    if let Err(why) = within_fee(again, found, new) {
        return Ok(Err(why));
    }
    replace(db, live.hash)?;
    Ok(Ok(()))
}

/// Whether it can cost no more for gas than was set aside for it.
fn within_fee(again: &Again, found: &Kept, new: &NewAttempt) -> Result<(), String> {
    let asset = again.payments.asset(&found.terms.asset);
    let chain = asset.and_then(|asset| again.payments.chain(&asset.chain));
    let Some(chain) = chain else {
        return Err("its chain is not in the policy".to_owned());
    };
    if new.transaction.fee_max > chain.fee_max || new.transaction.tip_max > chain.tip_max {
        return Err("it offers more for gas than the policy allows".to_owned());
    }
    let coin = again.payments.coin(&chain.name);
    let fee = new
        .transaction
        .gas_cost_max()
        .zip(coin)
        .and_then(|(wei, coin)| Units::from_base(wei).worth(coin.decimals, coin.price_usd));
    let worth = asset.and_then(|asset| found.terms.amount.worth(asset.decimals, asset.price_usd));
    let whole = fee
        .zip(worth)
        .and_then(|(fee, worth)| fee.checked_add(worth));
    match whole {
        Some(usd) if usd <= found.payment.counted => Ok(()),
        Some(usd) => Err(format!(
            "it may cost {usd} USD and {} were set aside",
            found.payment.counted
        )),
        None => Err("nobody knows what it costs".to_owned()),
    }
}

fn replace(db: &Db<'_>, hash: Hash32) -> Verb<()> {
    db.exec_one(
        "UPDATE payment_attempts SET state = 'replaced' WHERE hash = ?1",
        [hash.as_bytes()],
    )
}
