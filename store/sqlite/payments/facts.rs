//! What the CFO is told: what is used of each cap, what was paid before, who halted or approved what.
//!
//! Windows end at a moment that never goes back: a clock that is set back frees nothing.

use chimera_domain::{
    Span, Timestamp, Usd,
    cfo::{Approval, Facts, History, PaymentPolicy, Quote, Wish},
    halt::Act,
    ids::{AgentId, CampaignId, PaymentId},
};
use rusqlite::{params, types::Value};

use super::{
    super::{
        db::{Db, Fault, Verb, count},
        rows::Cells,
    },
    reconcile,
};

const HOUR: i64 = 3_600_000_000;
const DAY: Span = Span::from_hours(24);
const WEEK: Span = Span::from_hours(7 * 24);
const MONTH: Span = Span::from_hours(30 * 24);
/// What is not settled counts whatever its age. The words of the index.
pub(in crate::sqlite) const OPEN: &str =
    "state IN ('review', 'approved', 'signed', 'broadcast', 'mined', 'uncertain')";
/// The hour under which a scope's sum of all times stands.
const EVER: i64 = -1;
/// So many of the agent's last payments say what is usual.
const USUAL: &str = "20";

/// What something is counted under.
pub(in crate::sqlite) enum Counting<'a> {
    House,
    Agent(AgentId),
    Counterparty(&'a str),
    Category(AgentId, &'a str),
}

impl Counting<'_> {
    fn scope(&self) -> String {
        match self {
            Self::House => "house".to_owned(),
            Self::Agent(agent) => agent.to_string(),
            Self::Counterparty(label) => format!("counterparty/{label}"),
            Self::Category(agent, category) => format!("{agent}/{category}"),
        }
    }

    /// The condition on a payment, by `?1` and `?2`.
    const fn condition(&self) -> &'static str {
        match self {
            Self::House => "1 = 1",
            Self::Agent(_) => "agent_id = ?1",
            Self::Counterparty(_) => "counterparty = ?1",
            Self::Category(..) => "agent_id = ?1 AND category = ?2",
        }
    }

    fn values(&self) -> [Value; 2] {
        let of_agent = |agent: &AgentId| Value::Blob(agent.as_bytes().to_vec());
        match self {
            Self::House => [Value::Null, Value::Null],
            Self::Agent(agent) => [of_agent(agent), Value::Null],
            Self::Counterparty(label) => [Value::Text((*label).to_owned()), Value::Null],
            Self::Category(agent, category) => {
                [of_agent(agent), Value::Text((*category).to_owned())]
            }
        }
    }
}

/// The moment that windows end at: the latest that was ever written or now.
pub(in crate::sqlite) fn steady_now(db: &Db<'_>) -> Verb<Timestamp> {
    let settled = db.number(
        "SELECT max(settled_at) FROM payments WHERE settled_at IS NOT NULL",
        [],
    )?;
    let asked = db.number("SELECT max(at) FROM payments", [])?;
    Ok(db.now.max(Timestamp::from_micros(settled.max(asked))))
}

/// What is settled since a moment and what is open, of one scope. `but` is left out: the payment that is decided on.
pub(in crate::sqlite) fn used(
    db: &Db<'_>,
    of: &Counting<'_>,
    since: Timestamp,
    but: Option<PaymentId>,
) -> Verb<Usd> {
    let first = since.micros().div_euclid(HOUR);
    let whole = db.number(
        "SELECT sum(counted) FROM payment_hours WHERE scope = ?1 AND hour > ?2",
        params![of.scope(), first],
    )?;
    let [one, two] = of.values();
    // Within an hour, and not whatever an agent ever paid.
    let edge = db.number(
        &format!(
            "SELECT sum(counted) FROM payments INDEXED BY payments_settled
             WHERE settled_at IS NOT NULL AND settled_at >= ?3 AND settled_at < ?4 AND {}",
            of.condition()
        ),
        params![one, two, since.micros(), (first + 1) * HOUR],
    )?;
    Ok(Usd::from_micros(
        whole
            .saturating_add(edge)
            .saturating_add(open(db, of, but)?),
    ))
}

/// What is set aside or under way.
pub(in crate::sqlite) fn open(db: &Db<'_>, of: &Counting<'_>, but: Option<PaymentId>) -> Verb<i64> {
    let [one, two] = of.values();
    db.number(
        &format!(
            "SELECT sum(counted) FROM payments WHERE {OPEN} AND payment_id IS NOT ?3 AND {}",
            of.condition()
        ),
        params![one, two, but.as_ref().map(PaymentId::as_bytes)],
    )
}

/// Everything ever.
pub(in crate::sqlite) fn ever(db: &Db<'_>, of: &Counting<'_>, but: Option<PaymentId>) -> Verb<Usd> {
    let settled = db.number(
        "SELECT counted FROM payment_hours WHERE scope = ?1 AND hour = ?2",
        params![of.scope(), EVER],
    )?;
    Ok(Usd::from_micros(settled.saturating_add(open(db, of, but)?)))
}

/// A payment came to its end and cost so much: it counts in its hour, under everything it counts for.
pub(super) fn settle(
    db: &Db<'_>,
    agent: AgentId,
    counterparty: &str,
    category: &str,
    at: Timestamp,
    usd: Usd,
) -> Verb<()> {
    for of in [
        Counting::House,
        Counting::Agent(agent),
        Counting::Counterparty(counterparty),
        Counting::Category(agent, category),
    ] {
        for hour in [at.micros().div_euclid(HOUR), EVER] {
            db.exec_one(
                "INSERT INTO payment_hours VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT DO UPDATE SET counted = counted + excluded.counted, payments = payments + 1",
                params![of.scope(), hour, usd.micros()],
            )?;
        }
    }
    Ok(())
}

/// For whom it is decided.
pub(super) struct About<'a> {
    pub agent: AgentId,
    pub campaign: Option<CampaignId>,
    pub wish: &'a Wish,
    /// The payment, where it is kept already: what it has set aside does not count against itself.
    pub payment: Option<PaymentId>,
}

/// Everything the CFO looks at besides wish and policy.
pub(super) fn facts(
    db: &Db<'_>,
    about: &About<'_>,
    zone: &str,
    policy: &PaymentPolicy,
    quote: Option<&Quote>,
) -> Verb<Facts> {
    let asset = policy.asset(&about.wish.asset);
    let coin = asset.and_then(|asset| policy.coin(&asset.chain));
    let assets = asset
        .into_iter()
        .chain(coin)
        .map(|asset| asset.name.as_str());
    let now = steady_now(db)?;
    let midnight = now
        .day_start(zone)
        .ok_or_else(|| Fault::refused(format!("`{zone}` is not a time zone")))?;
    let (agent, but) = (about.agent, about.payment);
    // Exactly a window ago is outside of it.
    let since = |span: Span| Timestamp::from_micros(now.minus(span).micros().saturating_add(1));
    let one = Counting::Agent(agent);
    let category = about.wish.category.as_str();
    let of_category = Counting::Category(agent, category);
    let counterparty = Counting::Counterparty(&about.wish.counterparty);
    let used = vec![
        (
            "hour".to_owned(),
            used(db, &one, since(Span::from_hours(1)), but)?,
        ),
        ("day".to_owned(), used(db, &one, since(DAY), but)?),
        ("calendar_day".to_owned(), used(db, &one, midnight, but)?),
        ("week".to_owned(), used(db, &one, since(WEEK), but)?),
        ("month".to_owned(), used(db, &one, since(MONTH), but)?),
        ("lifetime".to_owned(), ever(db, &one, but)?),
        (
            format!("category_{category}"),
            used(db, &of_category, since(DAY), but)?,
        ),
        (
            "counterparty_day".to_owned(),
            used(db, &counterparty, since(DAY), but)?,
        ),
        (
            "house_hour".to_owned(),
            used(db, &Counting::House, since(Span::from_hours(1)), but)?,
        ),
        (
            "house_day".to_owned(),
            used(db, &Counting::House, since(DAY), but)?,
        ),
        (
            "house_calendar_day".to_owned(),
            used(db, &Counting::House, midnight, but)?,
        ),
    ];
    let payments_hour = db.number(
        "SELECT count(*) FROM payments WHERE agent_id = ?1 AND at >= ?2 AND payment_id IS NOT ?3
           AND state NOT IN ('refused', 'rejected', 'expired')",
        params![
            agent.as_bytes(),
            since(Span::from_hours(1)).micros(),
            but.as_ref().map(PaymentId::as_bytes)
        ],
    )?;
    let in_flight = db.number(
        &format!("SELECT count(*) FROM payments WHERE {OPEN} AND payment_id IS NOT ?1"),
        [but.as_ref().map(PaymentId::as_bytes)],
    )?;
    let halted = db
        .stopped_by(Act::Spend, agent, about.campaign, None)?
        .map(|halt| format!("{} by {}", halt.words(), halt.by));
    let hour = now
        .micros()
        .saturating_sub(midnight.micros())
        .div_euclid(HOUR);
    Ok(Facts {
        now: db.now,
        hour: u8::try_from(hour).ok(),
        halted,
        frozen: match frozen(db, agent)? {
            None => unopened(db, agent, assets)?,
            some => some,
        },
        used,
        payments_hour: u32::try_from(payments_hour).unwrap_or(u32::MAX),
        in_flight: u32::try_from(in_flight).unwrap_or(u32::MAX),
        history: Some(history(db, about)?),
        quote: quote.cloned(),
        approvals: match but {
            Some(payment) => approvals(db, payment)?,
            None => Vec::new(),
        },
    })
}

/// Why a wallet is frozen: the first break that nobody has closed.
pub(super) fn frozen(db: &Db<'_>, agent: AgentId) -> Verb<Option<String>> {
    db.one(
        "SELECT kind, detail FROM wallet_breaks WHERE agent_id = ?1 AND closed_at IS NULL ORDER BY break_id LIMIT 1",
        [agent.as_bytes()],
        |row| Ok(format!("{}: {}", row.text("kind")?, row.text("detail")?)),
    )
}

/// What of these was never compared with the chain: nobody knows yet what the wallet holds.
fn unopened<'a>(
    db: &Db<'_>,
    agent: AgentId,
    assets: impl Iterator<Item = &'a str>,
) -> Verb<Option<String>> {
    for asset in assets {
        if reconcile::cursor(db, agent, asset)?.is_none() {
            return Ok(Some(format!("its {asset} was never read from the chain")));
        }
    }
    Ok(None)
}

fn history(db: &Db<'_>, about: &About<'_>) -> Verb<History> {
    let to_counterparty = match &about.wish.terms {
        Some(terms) => db.number(
            "SELECT count(*) FROM (SELECT 1 FROM payments WHERE to_address = ?1 AND state = 'posted' LIMIT 3)",
            [terms.to.as_bytes()],
        )?,
        None => 0,
    };
    let mut last = db.all(
        &format!(
            "SELECT counted FROM payments WHERE agent_id = ?1 AND state = 'posted'
             ORDER BY settled_at DESC LIMIT {USUAL}"
        ),
        [about.agent.as_bytes()],
        |row| row.usd("counted"),
    )?;
    last.sort_unstable();
    Ok(History {
        to_counterparty: count(to_counterparty),
        typical: last.get(last.len() / 2).copied(),
    })
}

/// Whose yes to it stands.
pub(in super::super) fn approvals(db: &Db<'_>, payment: PaymentId) -> Verb<Vec<Approval>> {
    db.all(
        "SELECT actor, digest, at FROM payment_approvals WHERE payment_id = ?1 AND withdrawn_at IS NULL ORDER BY at, person",
        [payment.as_bytes()],
        |row| {
            Ok(Approval {
                by: row.text("actor")?,
                digest: row.hash("digest")?,
                at: row.time("at")?,
            })
        },
    )
}
