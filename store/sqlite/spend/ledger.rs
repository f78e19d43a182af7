//! The ledger: entries chained by hash, and the check of all of them against the intents.

use std::collections::HashMap;

use chimera_domain::{
    ContentHash, Usd,
    ids::{EntryId, IntentId},
    spend::{Account, IntentState, LedgerEntry, genesis},
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{Db, Fault, Verb, count},
        rows::Cells,
    },
    Intent,
};

/// Posts an entry; nothing is posted for nothing.
pub(super) fn post(
    db: &Db<'_>,
    intent: &Intent,
    debit: Account,
    credit: Account,
    amount: Usd,
) -> Verb<()> {
    if !amount.is_positive() {
        return Ok(());
    }
    let last = db.one(
        "SELECT seq, hash FROM ledger_entries ORDER BY seq DESC LIMIT 1",
        [],
        |row| Ok((row.get::<_, i64>("seq")?, row.hash("hash")?)),
    )?;
    let (seq, prev_hash) = last.map_or((1, genesis()), |(seq, hash)| (seq + 1, hash));
    let mut entry = LedgerEntry {
        id: EntryId::from_uuid(db.ambient.fresh()),
        seq,
        intent_id: intent.id,
        debit,
        credit,
        amount,
        at: db.now,
        simulated: intent.simulated,
        prev_hash,
        hash: prev_hash,
    };
    entry.hash = entry.hash_of();
    db.exec_one(
        "INSERT INTO ledger_entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            entry.seq,
            entry.id.as_bytes(),
            entry.intent_id.as_bytes(),
            entry.debit.as_str(),
            entry.credit.as_str(),
            entry.amount.micros(),
            entry.at.micros(),
            entry.simulated,
            entry.prev_hash.as_bytes(),
            entry.hash.as_bytes(),
        ],
    )
}

fn entry(row: &Row<'_>) -> Verb<LedgerEntry> {
    Ok(LedgerEntry {
        id: row.id("entry_id")?,
        seq: row.get("seq")?,
        intent_id: row.id("intent_id")?,
        debit: row.word("debit")?,
        credit: row.word("credit")?,
        amount: row.usd("amount")?,
        at: row.time("at")?,
        simulated: row.flag("simulated")?,
        prev_hash: row.hash("prev_hash")?,
        hash: row.hash("hash")?,
    })
}

/// What the entries of one intent come to.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Balance {
    budget: i64,
    reserved: i64,
    expense: i64,
}

impl Balance {
    fn add(&mut self, account: Account, amount: i64) {
        let side = match account {
            Account::Budget => &mut self.budget,
            Account::Reserved => &mut self.reserved,
            Account::Expense => &mut self.expense,
        };
        *side = side.saturating_add(amount);
    }
}

/// Checks the whole ledger; the number of its entries.
pub(super) fn verify(db: &Db<'_>) -> Verb<u64> {
    let mut place = 0;
    let mut prev: ContentHash = genesis();
    let mut balances: HashMap<IntentId, Balance> = HashMap::new();
    let wrong = |seq: i64, what: &str| Fault::corrupt(format!("ledger entry {seq}: {what}"));
    db.all("SELECT * FROM ledger_entries ORDER BY seq", [], |row| {
        let entry = entry(row)?;
        place += 1;
        if entry.seq != place {
            return Err(wrong(place, "it is missing"));
        }
        if entry.prev_hash != prev {
            return Err(wrong(place, "it does not follow the entry before"));
        }
        if entry.hash_of() != entry.hash {
            return Err(wrong(place, "its hash is not that of its content"));
        }
        prev = entry.hash;
        let balance = balances.entry(entry.intent_id).or_default();
        balance.add(entry.debit, entry.amount.micros());
        balance.add(entry.credit, entry.amount.micros().saturating_neg());
        Ok(())
    })?;
    verify_intents(db, &balances)?;
    verify_counts(db)?;
    Ok(count(place))
}

fn verify_intents(db: &Db<'_>, balances: &HashMap<IntentId, Balance>) -> Verb<()> {
    db.all(
        "SELECT intent_id, state, estimate, actual, counted FROM spend_intents ORDER BY at",
        [],
        |row| {
            let id: IntentId = row.id("intent_id")?;
            let state: IntentState = row.word("state")?;
            let estimate: i64 = row.get("estimate")?;
            let actual: Option<i64> = row.get("actual")?;
            let (reserved, expense) = match state {
                IntentState::Refused | IntentState::Voided => (0, 0),
                IntentState::Pending | IntentState::Uncertain => (estimate, 0),
                IntentState::Posted => (0, actual.unwrap_or(-1)),
            };
            let wanted = Balance {
                budget: -(reserved + expense),
                reserved,
                expense,
            };
            let found = balances.get(&id).copied().unwrap_or_default();
            let counted: i64 = row.get("counted")?;
            if found == wanted && counted == reserved + expense {
                Ok(())
            } else {
                Err(Fault::corrupt(format!(
                    "the ledger entries of {id} do not come to what it is ({state})"
                )))
            }
        },
    )?;
    Ok(())
}

/// The running sums beside the intents are what the intents come to.
fn verify_counts(db: &Db<'_>) -> Verb<()> {
    for (table, id, carried, part) in [
        ("campaigns", "campaign_id", "counted", "1"),
        ("campaigns", "campaign_id", "counted_simulated", "simulated"),
        ("tasks", "task_id", "counted", "1"),
    ] {
        let off = db.number(
            &format!(
                "SELECT count(*) FROM {table} t
                 LEFT JOIN (SELECT {id}, sum(counted * {part}) AS n FROM spend_intents GROUP BY {id}) i
                   ON i.{id} = t.{id}
                 WHERE t.{carried} <> coalesce(i.n, 0)"
            ),
            [],
        )?;
        if off > 0 {
            return Err(Fault::corrupt(format!(
                "{off} {table} do not carry the sum of their intents"
            )));
        }
    }
    Ok(())
}
