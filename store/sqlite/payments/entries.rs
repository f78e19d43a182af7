//! Entries of the wallets' ledger: posted with what they are about, and all of them checked.

use std::collections::HashMap;

use chimera_domain::{
    ContentHash, Usd,
    chain::{Hash32, Units},
    ids::{AgentId, EntryId, PaymentId},
    payment::{PaymentState, Terms},
    wallet::{WalletAccount, WalletEntry, genesis},
};
use rusqlite::{Row, params};

use super::super::{
    db::{Db, Fault, Verb, count, int},
    rows::Cells,
};

/// What an entry is about.
pub(super) struct Entry<'a> {
    pub agent: AgentId,
    pub payment: Option<PaymentId>,
    pub asset: &'a str,
    pub debit: WalletAccount,
    pub credit: WalletAccount,
    pub amount: Units,
    pub usd: Usd,
    pub on_chain: Option<(Hash32, u64)>,
}

/// Posts an entry; nothing is posted for nothing. What the wallet should hold moves with it.
pub(super) fn post(db: &Db<'_>, entry: &Entry<'_>) -> Verb<()> {
    if entry.amount == Units::ZERO {
        return Ok(());
    }
    let last = db.one(
        "SELECT seq, hash FROM wallet_entries ORDER BY seq DESC LIMIT 1",
        [],
        |row| Ok((row.get::<_, i64>("seq")?, row.hash("hash")?)),
    )?;
    let (seq, prev_hash) = last.map_or((1, genesis()), |(seq, hash)| (seq + 1, hash));
    let mut whole = WalletEntry {
        id: EntryId::from_uuid(db.ambient.fresh()),
        seq,
        agent_id: entry.agent,
        payment_id: entry.payment,
        asset: entry.asset.to_owned(),
        debit: entry.debit,
        credit: entry.credit,
        amount: entry.amount,
        usd: entry.usd,
        transaction: entry.on_chain.map(|(hash, _)| hash),
        block: entry.on_chain.map(|(_, block)| block),
        at: db.now,
        prev_hash,
        hash: prev_hash,
    };
    whole.hash = whole.hash_of();
    db.exec_one(
        "INSERT INTO wallet_entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            whole.seq,
            whole.id.as_bytes(),
            whole.agent_id.as_bytes(),
            whole.payment_id.as_ref().map(PaymentId::as_bytes),
            whole.asset,
            whole.debit.as_str(),
            whole.credit.as_str(),
            whole.amount.base().to_be_bytes(),
            whole.usd.micros(),
            whole.transaction.as_ref().map(Hash32::as_bytes),
            whole.block.map(int),
            whole.at.micros(),
            whole.prev_hash.as_bytes(),
            whole.hash.as_bytes(),
        ],
    )?;
    let held = held(db, entry.agent, entry.asset)?;
    let now = moved(held, &whole).ok_or_else(|| {
        Fault::refused(format!(
            "the ledger has {held} of {} and cannot give {}",
            entry.asset, entry.amount
        ))
    })?;
    if now != held {
        db.exec_one(
            "INSERT INTO wallet_balances VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET held = excluded.held",
            params![
                entry.agent.as_bytes(),
                entry.asset,
                now.base().to_be_bytes()
            ],
        )?;
    }
    Ok(())
}

/// What is held after an entry; `None` below nothing.
fn moved(held: Units, entry: &WalletEntry) -> Option<Units> {
    match (entry.debit.is_held(), entry.credit.is_held()) {
        (true, false) => held.checked_add(entry.amount),
        (false, true) => held.checked_sub(entry.amount),
        (true, true) | (false, false) => Some(held),
    }
}

/// What the wallet should hold.
pub(super) fn held(db: &Db<'_>, agent: AgentId, asset: &str) -> Verb<Units> {
    let found = db.one(
        "SELECT held FROM wallet_balances WHERE agent_id = ?1 AND asset = ?2",
        params![agent.as_bytes(), asset],
        |row| units(row, "held"),
    )?;
    Ok(found.unwrap_or(Units::ZERO))
}

/// An amount as its column keeps it.
pub(in crate::sqlite) fn units(row: &Row<'_>, column: &str) -> Verb<Units> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(Units::from_base(u128::from_be_bytes(bytes)))
}

fn entry(row: &Row<'_>) -> Verb<WalletEntry> {
    let transaction: Option<[u8; 32]> = row.get("chain_hash")?;
    let block: Option<i64> = row.get("block")?;
    Ok(WalletEntry {
        id: row.id("entry_id")?,
        seq: row.get("seq")?,
        agent_id: row.id("agent_id")?,
        payment_id: row.maybe_id("payment_id")?,
        asset: row.text("asset")?,
        debit: row.word("debit")?,
        credit: row.word("credit")?,
        amount: units(row, "amount")?,
        usd: row.usd("usd")?,
        transaction: transaction.map(Hash32::from_bytes),
        block: block.map(count),
        at: row.time("at")?,
        prev_hash: row.hash("prev_hash")?,
        hash: row.hash("hash")?,
    })
}

/// Checks every entry: places, hashes, and that each wallet should hold what its entries come to. How many there are.
pub(super) fn verify(db: &Db<'_>) -> Verb<u64> {
    let mut place = 0;
    let mut prev: ContentHash = genesis();
    let mut sums: HashMap<(AgentId, String), Units> = HashMap::new();
    let mut moves: HashMap<PaymentId, Moves> = HashMap::new();
    db.all("SELECT * FROM wallet_entries ORDER BY seq", [], |row| {
        let entry = entry(row)?;
        let wrong = |what: &str| Fault::corrupt(format!("wallet entry {}: {what}", entry.seq));
        place += 1;
        if entry.seq != place {
            return Err(Fault::corrupt(format!(
                "wallet entry {place}: it is missing"
            )));
        }
        if entry.prev_hash != prev {
            return Err(wrong("it does not follow the entry before"));
        }
        if entry.hash_of() != entry.hash {
            return Err(wrong("its hash is not that of its content"));
        }
        prev = entry.hash;
        let held = sums
            .entry((entry.agent_id, entry.asset.clone()))
            .or_insert(Units::ZERO);
        *held = moved(*held, &entry).ok_or_else(|| wrong("it takes more than there was"))?;
        if let Some(payment) = entry.payment_id {
            moves
                .entry(payment)
                .or_default()
                .add(&entry)
                .ok_or_else(|| wrong("it does not fit"))?;
        }
        Ok(())
    })?;
    let kept = db.all("SELECT * FROM wallet_balances", [], |row| {
        Ok((
            (row.id("agent_id")?, row.text("asset")?),
            units(row, "held")?,
        ))
    })?;
    for (wallet, held) in kept {
        let summed = sums.remove(&wallet).unwrap_or(Units::ZERO);
        if summed != held {
            return Err(Fault::corrupt(format!(
                "the wallet of {} should hold {held} of {}, its entries come to {summed}",
                wallet.0, wallet.1
            )));
        }
    }
    verify_payments(db, &moves)?;
    match sums.into_iter().find(|(_, held)| *held != Units::ZERO) {
        Some(((agent, asset), held)) => Err(Fault::corrupt(format!(
            "entries say that {agent} holds {held} of {asset}, and no balance does"
        ))),
        None => Ok(count(place)),
    }
}

/// What the entries of one payment come to.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Moves {
    reserved: Units,
    freed: Units,
    paid: Units,
}

impl Moves {
    /// Gas is another asset's, and counted apart.
    fn add(&mut self, entry: &WalletEntry) -> Option<()> {
        let side = match (entry.debit, entry.credit) {
            (WalletAccount::Reserved, _) => &mut self.reserved,
            (WalletAccount::Wallet, WalletAccount::Reserved) => &mut self.freed,
            (WalletAccount::Paid, _) => &mut self.paid,
            (_, _) => return Some(()),
        };
        *side = side.checked_add(entry.amount)?;
        Some(())
    }
}

/// Each payment is what people and the CFO saw, its entries come to where it stands, and the caps count what was settled.
fn verify_payments(db: &Db<'_>, moves: &HashMap<PaymentId, Moves>) -> Verb<()> {
    let mut settled = 0i64;
    db.all(
        "SELECT payment_id, state, terms, digest, counted, settled_at FROM payments WHERE terms IS NOT NULL",
        [],
        |row| {
            let id: PaymentId = row.id("payment_id")?;
            let state: PaymentState = row.word("state")?;
            let terms: Terms = row.doc("terms")?;
            if terms.digest() != row.hash("digest")? || terms.payment_id != id {
                return Err(Fault::corrupt(format!("{id} is not what was decided on")));
            }
            let none = Units::ZERO;
            let all = terms.amount;
            let wanted = match state {
                PaymentState::Refused => (none, none, none),
                PaymentState::Review
                | PaymentState::Approved
                | PaymentState::Signed
                | PaymentState::Broadcast
                | PaymentState::Mined
                | PaymentState::Uncertain => (all, none, none),
                PaymentState::Posted => (all, none, all),
                PaymentState::Rejected
                | PaymentState::Expired
                | PaymentState::Cancelled
                | PaymentState::Reverted => (all, all, none),
            };
            // One that was set aside and refused before it was signed gave back what it had.
            let found = moves.get(&id).copied().unwrap_or_default();
            let found = (found.reserved, found.freed, found.paid);
            let given_back = state == PaymentState::Refused && found == (all, all, none);
            if found != wanted && !given_back {
                return Err(Fault::corrupt(format!(
                    "the wallet entries of {id} do not come to what it is ({state})"
                )));
            }
            if row.maybe_time("settled_at")?.is_some() {
                let counted: i64 = row.get("counted")?;
                settled = settled.saturating_add(counted);
            }
            Ok(())
        },
    )?;
    let counted = db.number(
        "SELECT counted FROM payment_hours WHERE scope = 'house' AND hour = -1",
        [],
    )?;
    if counted == settled {
        Ok(())
    } else {
        Err(Fault::corrupt(format!(
            "the caps count {} USD of payments, and {} were settled",
            Usd::from_micros(counted),
            Usd::from_micros(settled)
        )))
    }
}
