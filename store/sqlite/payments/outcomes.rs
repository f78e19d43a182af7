//! What became of bytes that were handed in: in a block, in one that stays, or nobody knows.

use chimera_domain::{
    Usd,
    chain::Hash32,
    chain::Units,
    ids::PaymentId,
    payment::PaymentState,
    ports::Receipt,
    wallet::{BreakKind, WalletAccount},
};
use rusqlite::params;

use super::{
    super::db::{Db, Fault, Verb, int},
    CFO,
    entries::{self, Entry},
    facts, must, policy, reconcile, shift,
    wishes::give_back,
};

pub(super) fn sent(db: &Db<'_>, id: PaymentId, hash: Hash32) -> Verb<()> {
    let found = must(db, id)?;
    db.exec(
        "UPDATE payment_attempts SET state = 'broadcast' WHERE hash = ?1 AND payment_id = ?2 AND state = 'signed'",
        params![hash.as_bytes(), id.as_bytes()],
    )?;
    if found.payment.state == PaymentState::Signed {
        let (counted, why) = (found.payment.counted, hash.to_string());
        shift(
            db,
            &found.payment,
            PaymentState::Broadcast,
            counted,
            &why,
            CFO,
        )?;
    }
    Ok(())
}

pub(super) fn mined(db: &Db<'_>, id: PaymentId, receipt: &Receipt) -> Verb<()> {
    let found = must(db, id)?;
    let payment = &found.payment;
    if payment.state == PaymentState::Mined || payment.state.is_final() {
        return Ok(());
    }
    // Ours, or of whoever handed in its authorization: either way none of ours at this place is waited for any more.
    db.exec(
        "UPDATE payment_attempts SET state = 'replaced' WHERE payment_id = ?1 AND hash <> ?2 AND state IN ('signed', 'broadcast')",
        params![id.as_bytes(), receipt.hash.as_bytes()],
    )?;
    db.exec(
        "UPDATE payment_attempts SET state = 'mined', block = ?2, block_hash = ?3 WHERE hash = ?1",
        params![
            receipt.hash.as_bytes(),
            int(receipt.block),
            receipt.block_hash.as_bytes()
        ],
    )?;
    on_chain(db, id, Some(receipt))?;
    let why = format!("{} in block {}", receipt.hash, receipt.block);
    shift(db, payment, PaymentState::Mined, payment.counted, &why, CFO)
}

fn on_chain(db: &Db<'_>, id: PaymentId, receipt: Option<&Receipt>) -> Verb<()> {
    db.exec_one(
        "UPDATE payments SET chain_hash = ?2, chain_block = ?3, chain_block_hash = ?4 WHERE payment_id = ?1",
        params![
            id.as_bytes(),
            receipt.map(|r| *r.hash.as_bytes()),
            receipt.map(|r| int(r.block)),
            receipt.map(|r| *r.block_hash.as_bytes()),
        ],
    )
}

pub(super) fn unmined(db: &Db<'_>, id: PaymentId, why: &str) -> Verb<()> {
    let found = must(db, id)?;
    let payment = &found.payment;
    if payment.state != PaymentState::Mined {
        return Ok(());
    }
    // The newest of ours is waited for again; bytes that were in a block are taken again as they are.
    db.exec(
        "UPDATE payment_attempts SET state = 'broadcast', block = NULL, block_hash = NULL
         WHERE hash = (SELECT hash FROM payment_attempts WHERE payment_id = ?1
                       ORDER BY (state = 'mined') DESC, at DESC LIMIT 1)",
        [id.as_bytes()],
    )?;
    on_chain(db, id, None)?;
    shift(
        db,
        payment,
        PaymentState::Broadcast,
        payment.counted,
        why,
        CFO,
    )
}

/// It came to its end: made, or not made and its fee spent.
pub(super) fn end(
    db: &Db<'_>,
    id: PaymentId,
    to: PaymentState,
    receipt: &Receipt,
    fee: Units,
) -> Verb<()> {
    if !matches!(
        to,
        PaymentState::Posted | PaymentState::Cancelled | PaymentState::Reverted
    ) {
        return Err(Fault::refused(format!(
            "{to} is no end that a chain can tell of"
        )));
    }
    let found = must(db, id)?;
    let payment = &found.payment;
    if payment.state == to {
        return Ok(());
    }
    let Some((_, payments)) = policy(db)? else {
        return Err(Fault::refused(
            "budget.yaml says nothing about payments any more",
        ));
    };
    let terms = &found.terms;
    let asset = payments.asset(&terms.asset);
    let coin = asset.and_then(|asset| payments.coin(&asset.chain));
    let (Some(asset), Some(coin)) = (asset, coin) else {
        return Err(Fault::refused(format!(
            "{} is not in the policy any more",
            terms.asset
        )));
    };
    let worth = |units: Units, of: &chimera_domain::chain::Asset| {
        units
            .worth(of.decimals, of.price_usd)
            .ok_or_else(|| Fault::refused("what it is worth does not fit"))
    };
    let fee_usd = worth(fee, coin)?;
    let paid = to == PaymentState::Posted;
    let paid_usd = if paid {
        worth(terms.amount, asset)?
    } else {
        Usd::ZERO
    };
    let counted = paid_usd
        .checked_add(fee_usd)
        .ok_or_else(|| Fault::refused("what it cost does not fit"))?;
    let on = Some((receipt.hash, receipt.block));
    if paid {
        entries::post(
            db,
            &Entry {
                agent: payment.agent_id,
                payment: Some(id),
                asset: &terms.asset,
                debit: WalletAccount::Paid,
                credit: WalletAccount::Reserved,
                amount: terms.amount,
                usd: paid_usd,
                on_chain: on,
            },
        )?;
    } else {
        give_back(db, payment)?;
    }
    entries::post(
        db,
        &Entry {
            agent: payment.agent_id,
            payment: Some(id),
            asset: &coin.name,
            debit: WalletAccount::Fees,
            credit: WalletAccount::Wallet,
            amount: fee,
            usd: fee_usd,
            on_chain: on,
        },
    )?;
    let state = if to == PaymentState::Reverted {
        "reverted"
    } else {
        "final"
    };
    db.exec(
        "UPDATE payment_attempts SET state = CASE WHEN hash = ?2 THEN ?3 ELSE 'replaced' END,
           block = CASE WHEN hash = ?2 THEN ?4 ELSE block END, block_hash = CASE WHEN hash = ?2 THEN ?5 ELSE block_hash END
         WHERE payment_id = ?1",
        params![
            id.as_bytes(),
            receipt.hash.as_bytes(),
            state,
            int(receipt.block),
            receipt.block_hash.as_bytes()
        ],
    )?;
    on_chain(db, id, Some(receipt))?;
    let at = facts::steady_now(db)?;
    let why = format!("{} in block {}, which stays", receipt.hash, receipt.block);
    shift(db, payment, to, counted, &why, CFO)?;
    db.exec_one(
        "UPDATE payments SET settled_at = ?2 WHERE payment_id = ?1",
        params![id.as_bytes(), at.micros()],
    )?;
    facts::settle(
        db,
        payment.agent_id,
        &terms.counterparty,
        payment.category.as_str(),
        at,
        counted,
    )?;
    reconcile::close_uncertain(db, payment)
}

pub(super) fn doubt(db: &Db<'_>, id: PaymentId, why: &str) -> Verb<()> {
    let found = must(db, id)?;
    let payment = &found.payment;
    if payment.state == PaymentState::Uncertain || payment.state.is_final() {
        return Ok(());
    }
    shift(
        db,
        payment,
        PaymentState::Uncertain,
        payment.counted,
        why,
        CFO,
    )?;
    reconcile::break_found(
        db,
        payment.agent_id,
        BreakKind::Uncertain,
        &format!("{id}: {why}"),
    )
}
