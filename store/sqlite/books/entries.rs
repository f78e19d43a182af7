//! The lines of both ledgers with what each belongs to, place by place.

use chimera_domain::{
    ContentHash, Safe,
    chain::Hash32,
    ids::{IntentId, PaymentId},
    ports::BOOKED_MAX,
    spend::Account,
    views::{
        books::Budget,
        journal::{Balance, Booked, BookedFor, BooksEnd, Moved},
    },
    wallet::WalletAccount,
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{Db, Verb, count},
        payments::counting::units,
        rows::Cells,
    },
    Assets, overview,
};

pub(super) fn end(db: &Db<'_>) -> Verb<BooksEnd> {
    let assets = Assets::read(db)?;
    let balances = db.all(
        "SELECT g.slug, b.asset, b.held FROM wallet_balances b JOIN agents g ON g.agent_id = b.agent_id
         ORDER BY g.slug, b.asset",
        [],
        |row| {
            let asset = row.text("asset")?;
            Ok(Balance {
                agent: row.line("slug")?,
                decimals: assets.decimals(&asset),
                simulated: assets.is_simulated(&asset),
                asset: Safe::line(&asset),
                held: units(row, "held")?,
            })
        },
    )?;
    Ok(BooksEnd {
        at: db.now,
        tools: db.number("SELECT max(seq) FROM ledger_entries", [])?,
        payments: db.number("SELECT max(seq) FROM wallet_entries", [])?,
        balances,
    })
}

/// Entries of what tools cost. What follows chooses which, from `ledger_entries l`.
macro_rules! tools {
    ($which:literal) => {
        concat!(
            "SELECT l.seq, l.entry_id, l.intent_id, l.debit, l.credit, l.amount, l.at, l.simulated, l.hash,
               i.category, i.task_id, i.trace_id, i.memo, g.slug, c.name AS campaign
             FROM ledger_entries l JOIN spend_intents i ON i.intent_id = l.intent_id
               JOIN agents g ON g.agent_id = i.agent_id JOIN campaigns c ON c.campaign_id = i.campaign_id
             WHERE ",
            $which,
            " ORDER BY l.seq LIMIT ",
            "?3"
        )
    };
}

/// Entries of wallets. What follows chooses which, from `wallet_entries l`.
macro_rules! wallets {
    ($which:literal) => {
        concat!(
            "SELECT l.seq, l.entry_id, l.payment_id, l.asset, l.debit, l.credit, l.amount, l.usd, l.chain_hash, l.block, l.at,
               l.hash, p.category, p.task_id, p.trace_id, p.memo, p.counterparty, p.simulated, g.slug, c.name AS campaign
             FROM wallet_entries l JOIN agents g ON g.agent_id = l.agent_id
               LEFT JOIN payments p ON p.payment_id = l.payment_id
               LEFT JOIN campaigns c ON c.campaign_id = p.campaign_id
             WHERE ",
            $which,
            " ORDER BY l.seq LIMIT ",
            "?3"
        )
    };
}

pub(super) fn tools(db: &Db<'_>, after: i64, up_to: i64) -> Verb<Vec<Booked>> {
    db.all(
        tools!("l.seq > ?1 AND l.seq <= ?2"),
        params![after, up_to, BOOKED_MAX],
        tool,
    )
}

pub(super) fn payments(db: &Db<'_>, after: i64, up_to: i64) -> Verb<Vec<Booked>> {
    let assets = Assets::read(db)?;
    db.all(
        wallets!("l.seq > ?1 AND l.seq <= ?2"),
        params![after, up_to, BOOKED_MAX],
        |row| wallet(row, &assets),
    )
}

/// The entries of one intent; there are few.
pub(super) fn of_intent(db: &Db<'_>, intent: IntentId) -> Verb<Vec<Booked>> {
    let args = params![intent.as_bytes(), 0, BOOKED_MAX];
    db.all(tools!("l.intent_id = ?1 AND l.seq > ?2"), args, tool)
}

/// The entries of one payment; there are few.
pub(super) fn of_payment(db: &Db<'_>, payment: PaymentId) -> Verb<Vec<Booked>> {
    let assets = Assets::read(db)?;
    let args = params![payment.as_bytes(), 0, BOOKED_MAX];
    db.all(wallets!("l.payment_id = ?1 AND l.seq > ?2"), args, |row| {
        wallet(row, &assets)
    })
}

/// One entry that is for no payment.
pub(super) fn alone(db: &Db<'_>, seq: i64) -> Verb<Vec<Booked>> {
    payments(db, seq.saturating_sub(1), seq)
}

fn tool(row: &Row<'_>) -> Verb<Booked> {
    Ok(Booked {
        budget: Budget::Tools,
        seq: row.get("seq")?,
        id: row.id("entry_id")?,
        at: row.time("at")?,
        debit: row.word::<Account>("debit")?.as_str(),
        credit: row.word::<Account>("credit")?.as_str(),
        moved: Moved::Usd(row.usd("amount")?),
        agent: row.line("slug")?,
        campaign: row.line("campaign")?,
        category: Some(row.word("category")?),
        of: BookedFor::Intent(row.id("intent_id")?),
        task_id: Some(row.id("task_id")?),
        trace_id: Some(row.id("trace_id")?),
        memo: row.line("memo")?,
        counterparty: Safe::default(),
        on_chain: None,
        opening: false,
        simulated: row.flag("simulated")?,
        hash: row.hash("hash")?,
    })
}

fn wallet(row: &Row<'_>, assets: &Assets) -> Verb<Booked> {
    let payment: Option<PaymentId> = row.maybe_id("payment_id")?;
    let asset = row.text("asset")?;
    let transaction: Option<[u8; 32]> = row.get("chain_hash")?;
    let block: Option<i64> = row.get("block")?;
    let usd = row.usd("usd")?;
    let simulated: Option<bool> = row.get("simulated")?;
    let opening = payment.is_none() && overview::is_opening(transaction);
    let hash: ContentHash = row.hash("hash")?;
    let found = transaction.zip(block).filter(|_| !opening);
    Ok(Booked {
        budget: Budget::Payments,
        seq: row.get("seq")?,
        id: row.id("entry_id")?,
        at: row.time("at")?,
        debit: row.word::<WalletAccount>("debit")?.as_str(),
        credit: row.word::<WalletAccount>("credit")?.as_str(),
        moved: Moved::Asset {
            decimals: assets.decimals(&asset),
            units: units(row, "amount")?,
            worth: usd.is_positive().then_some(usd),
            asset: Safe::line(&asset),
        },
        agent: row.line("slug")?,
        campaign: row.line("campaign")?,
        category: row.maybe_word("category")?,
        of: payment.map_or(BookedFor::Nothing, BookedFor::Payment),
        task_id: row.maybe_id("task_id")?,
        trace_id: row.maybe_id("trace_id")?,
        memo: row.line("memo")?,
        counterparty: row.line("counterparty")?,
        on_chain: found.map(|(hash, block)| (Hash32::from_bytes(hash), count(block))),
        opening,
        // What came in is as real as its chain is; one that the policy does not know may be real.
        simulated: simulated.unwrap_or_else(|| assets.is_simulated(&asset)),
        hash,
    })
}

/// What wallet entries come to, for whoever asks how much came in.
pub(super) fn whole(amount: &Moved) -> String {
    match amount {
        Moved::Usd(usd) => format!("{usd} USD"),
        Moved::Asset {
            asset,
            decimals,
            units,
            ..
        } => chimera_domain::views::headroom::amount(asset, *decimals, *units),
    }
}
