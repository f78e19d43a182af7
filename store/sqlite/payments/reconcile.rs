//! What the chain was found to say, beside what the ledger says; what does not fit freezes the wallet.

use chimera_domain::{
    Outcome, StateVersion, Usd,
    chain::{Hash32, Units},
    ids::AgentId,
    payment::Payment,
    views::Severity,
    wallet::{
        Break, BreakKind, LedgerBalance, PostedPayment, Reconciled, Reconciliation, Seen,
        WalletAccount,
    },
};
use rusqlite::params;

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb, count, int},
        rows::Cells,
    },
    CFO,
    entries::{self, Entry},
};

/// The alert of something that does not fit.
const BREAK: &str = "wallet_break";

pub(super) fn cursor(db: &Db<'_>, agent: AgentId, asset: &str) -> Verb<Option<Reconciled>> {
    db.one(
        "SELECT block, block_hash, at FROM wallet_cursors WHERE agent_id = ?1 AND asset = ?2",
        params![agent.as_bytes(), asset],
        |row| {
            Ok(Reconciled {
                block: row.count("block")?,
                block_hash: Hash32::from_bytes(row.get("block_hash")?),
                at: row.time("at")?,
            })
        },
    )
}

pub(super) fn ledger(db: &Db<'_>, agent: AgentId, asset: &str) -> Verb<LedgerBalance> {
    let since = cursor(db, agent, asset)?;
    // What is in a block and not final yet is looked at too: the chain has it, and the ledger will.
    let posted = db.all(
        "SELECT payment_id, chain_hash, chain_block, terms FROM payments
         WHERE agent_id = ?1 AND asset = ?2 AND chain_hash IS NOT NULL AND chain_block > ?3
           AND state IN ('posted', 'mined', 'uncertain') ORDER BY chain_block, payment_id",
        params![
            agent.as_bytes(),
            asset,
            since.map_or(-1, |cursor| int(cursor.block))
        ],
        |row| {
            let terms: chimera_domain::payment::Terms = row.doc("terms")?;
            Ok(PostedPayment {
                payment_id: row.id("payment_id")?,
                transaction: Hash32::from_bytes(row.get("chain_hash")?),
                block: row.count("chain_block")?,
                to: terms.to,
                amount: terms.amount,
            })
        },
    )?;
    let chain = super::policy(db)?.and_then(|(_, policy)| {
        let asset = policy.asset(asset)?;
        policy.chain(&asset.chain).map(|chain| chain.chain_id)
    });
    let last: Option<Option<i64>> = db.one(
        "SELECT max(a.nonce) FROM payment_attempts a JOIN payments p ON p.payment_id = a.payment_id
         WHERE p.agent_id = ?1 AND a.chain_id = ?2",
        params![agent.as_bytes(), chain.map(int)],
        |row| Ok(row.get(0)?),
    )?;
    Ok(LedgerBalance {
        balance: entries::held(db, agent, asset)?,
        posted,
        next_place: last.flatten().map(|last| count(last).saturating_add(1)),
        seen: seen(db, agent, asset)?,
    })
}

pub(super) fn record(
    db: &Db<'_>,
    agent: AgentId,
    asset: &str,
    found: &Reconciliation,
) -> Verb<bool> {
    if seen(db, agent, asset)? != found.seen {
        return Ok(false);
    }
    let worth = worth(db, asset)?;
    for (hash, amount) in &found.income {
        entries::post(
            db,
            &Entry {
                agent,
                payment: None,
                asset,
                debit: WalletAccount::Wallet,
                credit: WalletAccount::Outside,
                amount: *amount,
                usd: worth(*amount),
                on_chain: Some((*hash, found.up_to.block)),
            },
        )?;
    }
    for (kind, detail) in &found.breaks {
        break_found(db, agent, *kind, detail)?;
    }
    db.exec_one(
        "INSERT INTO wallet_cursors VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET block = excluded.block, block_hash = excluded.block_hash,
           compared = compared + excluded.compared, at = excluded.at",
        params![
            agent.as_bytes(),
            asset,
            int(found.up_to.block),
            found.up_to.block_hash.as_bytes(),
            int(found.compared),
            db.now.micros(),
        ],
    )?;
    Ok(true)
}

/// What an amount that comes in is worth by the policy, rounded down; nothing where no price holds: then nobody knows.
fn worth(db: &Db<'_>, asset: &str) -> Verb<impl Fn(Units) -> Usd> {
    let now = db.now;
    let asset = super::policy(db)?.and_then(|(_, policy)| policy.asset(asset).cloned());
    let priced = asset.filter(|asset| asset.price_until > now);
    Ok(move |amount: Units| {
        let worth = priced
            .as_ref()
            .and_then(|asset| amount.worth_at_least(asset.decimals, asset.price_usd));
        worth.unwrap_or(Usd::ZERO)
    })
}

fn seen(db: &Db<'_>, agent: AgentId, asset: &str) -> Verb<Seen> {
    Ok(Seen {
        block: cursor(db, agent, asset)?.map(|cursor| cursor.block),
        entry: db.number(
            "SELECT max(seq) FROM wallet_entries WHERE agent_id = ?1",
            [agent.as_bytes()],
        )?,
    })
}

/// Something does not fit: the wallet is frozen until a person has looked. The same thing is told once.
pub(super) fn break_found(db: &Db<'_>, agent: AgentId, kind: BreakKind, detail: &str) -> Verb<()> {
    let new = db.exec(
        "INSERT INTO wallet_breaks (agent_id, kind, detail, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![agent.as_bytes(), kind.as_str(), detail, db.now.micros()],
    )?;
    if new == 0 {
        return Ok(());
    }
    db.audit(&AuditLine {
        actor: CFO,
        subject: agent.to_string(),
        verb: "freeze_wallet",
        reason: kind.as_str(),
        note: detail,
        ..AuditLine::default()
    })?;
    let text = format!("the wallet is frozen: {kind}: {detail}");
    db.alert(Severity::Error, BREAK, &agent.to_string(), &text)
}

pub(super) fn breaks(db: &Db<'_>) -> Verb<Vec<Break>> {
    db.all(
        "SELECT b.break_id, g.slug, b.kind, b.detail, b.at FROM wallet_breaks b JOIN agents g ON g.agent_id = b.agent_id
         WHERE b.closed_at IS NULL ORDER BY b.break_id",
        [],
        |row| {
            Ok(Break {
                id: row.get("break_id")?,
                agent: row.text("slug")?,
                kind: row.word("kind")?,
                detail: row.text("detail")?,
                at: row.time("at")?,
            })
        },
    )
}

pub(in super::super) fn close(db: &Db<'_>, id: i64, actor: &str, why: &str) -> Verb<Outcome<()>> {
    if why.trim().is_empty() {
        return Err(Fault::refused("say what you found"));
    }
    let found = db.one(
        "SELECT agent_id, kind, closed_at, closed_by FROM wallet_breaks WHERE break_id = ?1",
        [id],
        |row| {
            let by: Option<String> = row.get("closed_by")?;
            Ok((
                row.id::<AgentId>("agent_id")?,
                row.word::<BreakKind>("kind")?,
                row.maybe_time("closed_at")?.zip(by),
            ))
        },
    )?;
    let Some((agent, kind, closed)) = found else {
        return Ok(Outcome::NotFound);
    };
    if let Some((at, by)) = closed {
        let conflict = db.conflict(chimera_domain::Conflict {
            actual: StateVersion::FIRST.next(),
            now: "closed".to_owned(),
            by: Some(by),
            at: Some(at),
        });
        return Ok(Outcome::Conflict(conflict));
    }
    db.exec_one(
        "UPDATE wallet_breaks SET closed_at = ?2, closed_by = ?3, closed_why = ?4 WHERE break_id = ?1",
        params![id, db.now.micros(), actor, why],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: agent.to_string(),
        verb: "close_break",
        reason: kind.as_str(),
        note: why,
        ..AuditLine::default()
    })?;
    thawed(db, agent)?;
    Ok(Outcome::Done((), StateVersion::FIRST.next()))
}

/// Its end is known: the doubt about a payment is over.
pub(super) fn close_uncertain(db: &Db<'_>, payment: &Payment) -> Verb<()> {
    let id = payment.terms.payment_id;
    let closed = db.exec(
        "UPDATE wallet_breaks SET closed_at = ?3, closed_by = ?4, closed_why = 'its end is known'
         WHERE agent_id = ?1 AND kind = 'uncertain_payment' AND closed_at IS NULL AND substr(detail, 1, length(?2)) = ?2",
        params![
            payment.agent_id.as_bytes(),
            id.to_string(),
            db.now.micros(),
            CFO
        ],
    )?;
    if closed > 0 {
        thawed(db, payment.agent_id)?;
    }
    Ok(())
}

fn thawed(db: &Db<'_>, agent: AgentId) -> Verb<()> {
    let left = db.number(
        "SELECT count(*) FROM wallet_breaks WHERE agent_id = ?1 AND closed_at IS NULL",
        [agent.as_bytes()],
    )?;
    if left == 0 {
        db.close_alert(BREAK, &agent.to_string())?;
    }
    Ok(())
}
