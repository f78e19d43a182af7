//! Payments as a list, with the transactions and entries of each, and what does not fit between them and the chain.

use chimera_domain::{
    Safe,
    cfo::{PaymentPolicy, Wish},
    chain::{Hash32, Units},
    ids::PaymentId,
    payment::Terms,
    views::{AttemptLine, BreakRow, By, Page, PageRequest, PaymentRow, WalletEntryRow},
};
use rusqlite::Row;

use super::{
    super::{
        db::{Db, Verb, count},
        payments::policy,
        rows::Cells,
    },
    filter::{Field, field},
    page::{Ids, List, Whole, both, one},
    terms,
};

const PAYMENTS: &[Field] = &[
    field("agent", "g.slug"),
    field("persona", "g.slug"),
    field("campaign", "coalesce(c.name, '')"),
    field("state", "p.state"),
    field("counterparty", "p.counterparty"),
    field("asset", "p.asset"),
    field("category", "p.category"),
    field("source", "p.source"),
    field("why", "p.why"),
];
const BREAKS: &[Field] = &[
    field("agent", "g.slug"),
    field("kind", "b.kind"),
    field(
        "state",
        "CASE WHEN b.closed_at IS NULL THEN 'open' ELSE 'closed' END",
    ),
];
/// So much of a hash tells entries apart.
const HASH_DIGITS: usize = 12;

pub(super) fn read(db: &Db<'_>, page: &PageRequest) -> Verb<Page<PaymentRow>> {
    let policy = policy(db)?.map(|(_, payments)| payments);
    let found = List {
        select: "p.*, g.slug, coalesce(c.name, '') AS campaign",
        from: "payments p JOIN agents g ON g.agent_id = p.agent_id
           LEFT JOIN campaigns c ON c.campaign_id = p.campaign_id",
        only: "1 = 1",
        search: "lower(p.counterparty || ' ' || p.asset || ' ' || p.memo || ' ' || p.state || ' ' || p.why || ' ' || g.slug || ' ' || p.proposer)",
        fields: PAYMENTS,
        orders: &[both(
            By::Booked,
            "p.at DESC, p.payment_id DESC",
            "p.at, p.payment_id",
        )],
        ids: Ids::Bytes("p.payment_id"),
        whole: Whole::Of("SELECT count(*) FROM payments"),
        args: vec![],
    }
    .page(db, page, |found| row(found, policy.as_ref()))?;
    let rows: Verb<Vec<PaymentRow>> = found
        .rows
        .into_iter()
        .map(|row| folded(db, row, policy.as_ref()))
        .collect();
    Ok(Page {
        rows: rows?,
        total: found.total,
    })
}

/// A payment as a list has it, without its transactions and entries.
pub(super) fn row(row: &Row<'_>, policy: Option<&PaymentPolicy>) -> Verb<PaymentRow> {
    let terms: Option<Terms> = row.maybe_doc("terms")?;
    let wish: Wish = row.doc("wish")?;
    let hash: Option<[u8; 32]> = row.get("chain_hash")?;
    Ok(PaymentRow {
        id: row.id("payment_id")?,
        version: row.version("version")?,
        state: row.word("state")?,
        why: row.line("why")?,
        agent: row.line("slug")?,
        amount: match &terms {
            Some(terms) => Safe::line(&terms::amount(policy, terms)),
            // What the policy does not know is shown as it was asked for.
            None => Safe::line(&format!("{} {}", wish.amount, wish.asset)),
        },
        counted: row.usd("counted")?,
        counterparty: row.line("counterparty")?,
        chain: terms
            .as_ref()
            .map(|terms| terms::chain(policy, terms))
            .unwrap_or_default(),
        memo: row.line("memo")?,
        category: row.word("category")?,
        source: row.word("source")?,
        proposer: row.line("proposer")?,
        campaign: row.line("campaign")?,
        trace_id: row.id("trace_id")?,
        at: row.time("at")?,
        expires_at: row.time("expires_at")?,
        digest: terms.as_ref().map(Terms::digest),
        transaction: hash.map(|hash| Safe::line(&Hash32::from_bytes(hash).to_string())),
        simulated: row.flag("simulated")?,
        attempts: Vec::new(),
        entries: Vec::new(),
    })
}

/// The same with its transactions and entries.
pub(super) fn folded(
    db: &Db<'_>,
    row: PaymentRow,
    policy: Option<&PaymentPolicy>,
) -> Verb<PaymentRow> {
    let attempts = db.all(
        "SELECT hash, kind, state, nonce, block, at FROM payment_attempts WHERE payment_id = ?1 ORDER BY at, hash",
        [row.id.as_bytes()],
        |found| {
            let block: Option<i64> = found.get("block")?;
            Ok(AttemptLine {
                hash: Safe::line(&Hash32::from_bytes(found.get("hash")?).to_string()),
                kind: found.word("kind")?,
                state: found.word("state")?,
                nonce: found.count("nonce")?,
                block: block.map(count),
                at: found.time("at")?,
            })
        },
    )?;
    let entries = entries(db, row.id, policy)?;
    Ok(PaymentRow {
        attempts,
        entries,
        ..row
    })
}

fn entries(
    db: &Db<'_>,
    payment: PaymentId,
    policy: Option<&PaymentPolicy>,
) -> Verb<Vec<WalletEntryRow>> {
    db.all(
        "SELECT seq, asset, debit, credit, amount, at, hash FROM wallet_entries WHERE payment_id = ?1 ORDER BY seq",
        [payment.as_bytes()],
        |row| {
            let asset = row.text("asset")?;
            let amount = Units::from_base(u128::from_be_bytes(row.get("amount")?));
            let known = policy.and_then(|policy| policy.asset(&asset));
            let amount = match known {
                Some(known) => format!("{} {asset}", amount.show(known.decimals)),
                None => format!("{amount} base units of {asset}"),
            };
            let hash: String = row.hash("hash")?.to_string();
            Ok(WalletEntryRow {
                seq: row.get("seq")?,
                debit: row.word("debit")?,
                credit: row.word("credit")?,
                amount: Safe::line(&amount),
                at: row.time("at")?,
                hash: Safe::line(hash.get(..HASH_DIGITS).unwrap_or(&hash)),
            })
        },
    )
}

pub(super) fn breaks(db: &Db<'_>, page: &PageRequest) -> Verb<Page<BreakRow>> {
    List {
        select: "b.*, g.slug",
        from: "wallet_breaks b JOIN agents g ON g.agent_id = b.agent_id",
        only: "1 = 1",
        search: "lower(b.kind || ' ' || b.detail || ' ' || g.slug)",
        fields: BREAKS,
        orders: &[one(By::Urgency, "b.closed_at IS NOT NULL, b.break_id DESC")],
        ids: Ids::Numbers("b.break_id"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| {
        let by: Option<String> = row.get("closed_by")?;
        let why: Option<String> = row.get("closed_why")?;
        let closed = match (by, row.maybe_time("closed_at")?) {
            (Some(by), Some(at)) => {
                Some((Safe::line(&by), at, Safe::line(&why.unwrap_or_default())))
            }
            (_, _) => None,
        };
        Ok(BreakRow {
            id: row.get("break_id")?,
            agent: row.line("slug")?,
            kind: row.word("kind")?,
            detail: row.line("detail")?,
            at: row.time("at")?,
            closed,
        })
    })
}
