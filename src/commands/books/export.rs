//! `chimera cfo export`: every entry of both ledgers, a page at a time, so that no more than a page is ever held.

use std::collections::BTreeMap;

use chimera_domain::{
    Timestamp,
    ids::{IntentId, PaymentId},
    ports::Store,
    text,
    views::{
        books::Budget,
        headroom::amount,
        journal::{Booked, BookedFor, BooksEnd, Moved},
    },
};
use serde_json::{Value, json};

use super::{Journal, ago, mark};
use crate::{
    cli::{ExportArgs, ExportFormat},
    fault::Fault,
    out,
};

/// Prints every entry up to where both ledgers ended when it began.
///
/// # Errors
/// When the database cannot be read; `Usage` for a time that is none, and where `--json` contradicts the form.
pub(super) async fn run(store: &dyn Store, args: &ExportArgs, json: bool) -> Result<(), Fault> {
    if json && args.format != ExportFormat::Json {
        return Err(Fault::Usage(
            "--json says one form and --format another; leave one of them out".to_owned(),
        ));
    }
    let since = args.since.as_deref().map(ago).transpose()?;
    let end = store.books_end().await?;
    match args.format {
        ExportFormat::Csv => {
            out::raw(format!("{}\r\n", COLUMNS.join(",")).as_bytes());
            walk(store, &end, |entry| {
                if is_since(entry, since) {
                    out::raw(format!("{}\r\n", row(entry)).as_bytes());
                }
            })
            .await
        }
        ExportFormat::Json => {
            walk(store, &end, |entry| {
                if is_since(entry, since) {
                    out::json(&value(entry));
                }
            })
            .await
        }
        ExportFormat::Hledger => journal(store, &end, since).await,
    }
}

/// What came before is one transaction that opens the accounts, so that what the wallets should hold at the end is still
/// asserted.
async fn journal(store: &dyn Store, end: &BooksEnd, since: Option<Timestamp>) -> Result<(), Fault> {
    let mut journal = Journal::default();
    out::raw(Journal::head(end.at).as_bytes());
    if let Some(since) = since {
        let mut before = BTreeMap::new();
        walk(store, end, |entry| {
            if !is_since(entry, Some(since)) {
                Journal::carry(&mut before, entry);
            }
        })
        .await?;
        out::raw(journal.opening(since, &before).as_bytes());
    }
    walk(store, end, |entry| {
        if is_since(entry, since) {
            out::raw(journal.entry(entry).as_bytes());
        }
    })
    .await?;
    out::raw(journal.end(end).as_bytes());
    Ok(())
}

fn is_since(entry: &Booked, since: Option<Timestamp>) -> bool {
    since.is_none_or(|since| entry.at >= since)
}

/// Every entry of both ledgers by its place, those of tools first.
async fn walk(
    store: &dyn Store,
    end: &BooksEnd,
    mut take: impl FnMut(&Booked),
) -> Result<(), Fault> {
    for budget in [Budget::Tools, Budget::Payments] {
        let mut after = 0;
        loop {
            let page = store.booked(budget, after, end.of(budget)).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            page.iter().for_each(&mut take);
        }
    }
    Ok(())
}

const COLUMNS: [&str; 24] = [
    "budget",
    "seq",
    "entry_id",
    "at",
    "debit",
    "credit",
    "amount",
    "asset",
    "base_units",
    "usd",
    "agent",
    "campaign",
    "category",
    "intent_id",
    "payment_id",
    "task_id",
    "trace_id",
    "counterparty",
    "memo",
    "transaction",
    "block",
    "opening",
    "money",
    "hash",
];

/// One line of the table. Amounts are digits and a point: no text of somebody else's is in them.
fn row(entry: &Booked) -> String {
    let value = value(entry);
    let cells = COLUMNS.map(|name| match value.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text::cell(text),
        Some(other) => other.to_string(),
    });
    cells.join(",")
}

/// The intent or the payment that an entry is for.
pub(super) fn ids(of: BookedFor) -> (Option<IntentId>, Option<PaymentId>) {
    match of {
        BookedFor::Intent(id) => (Some(id), None),
        BookedFor::Payment(id) => (None, Some(id)),
        BookedFor::Nothing => (None, None),
    }
}

/// One entry for programs.
pub(super) fn value(entry: &Booked) -> Value {
    let (intent, payment) = ids(entry.of);
    let some = |text: &chimera_domain::Safe| (!text.is_empty()).then(|| text.to_string());
    let (shown, asset, units, usd) = match &entry.moved {
        Moved::Usd(usd) => (
            Some(usd.to_string()),
            "USD".to_owned(),
            usd.micros().to_string(),
            Some(*usd),
        ),
        Moved::Asset {
            asset,
            decimals,
            units,
            worth,
        } => (
            decimals.map(|decimals| units.show(decimals)),
            asset.to_string(),
            units.to_string(),
            *worth,
        ),
    };
    json!({
        "budget": entry.budget, "seq": entry.seq, "entry_id": entry.id, "at": entry.at.to_rfc3339(),
        "debit": entry.debit, "credit": entry.credit, "amount": shown, "asset": asset, "base_units": units, "usd": usd,
        "agent": entry.agent, "campaign": some(&entry.campaign), "category": entry.category, "intent_id": intent,
        "payment_id": payment, "task_id": entry.task_id, "trace_id": entry.trace_id,
        "counterparty": some(&entry.counterparty), "memo": some(&entry.memo),
        "transaction": entry.on_chain.map(|(hash, _)| hash), "block": entry.on_chain.map(|(_, block)| block),
        "opening": entry.opening, "money": if entry.simulated { "SIMULATED" } else { "real" }, "hash": entry.hash,
    })
}

/// One entry in a line.
pub(super) fn told(entry: &Booked) -> String {
    let moved = match &entry.moved {
        Moved::Usd(usd) => format!("{usd} USD"),
        Moved::Asset {
            asset,
            decimals,
            units,
            ..
        } => amount(asset, *decimals, *units),
    };
    let on_chain = entry.on_chain.map_or_else(String::new, |(hash, block)| {
        format!("  {hash} in block {block}")
    });
    format!(
        "{} #{} {}  {} <- {}  {moved}{on_chain}  {} {}",
        entry.budget,
        entry.seq,
        entry.at.to_rfc3339_seconds(),
        entry.debit,
        entry.credit,
        entry.id,
        mark(entry.simulated)
    )
    .trim_end()
    .to_owned()
}
