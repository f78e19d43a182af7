//! Both budgets summed in one walk over intents and payments; nothing but the sums is held.

use std::collections::HashMap;

use chimera_domain::{
    Safe, Span, Timestamp, Usd,
    chain::{Hash32, Units},
    ids::{AgentId, CampaignId, PaymentId},
    payment::PaymentState,
    spend::IntentState,
    views::books::{BookLine, Booking, Books, Budget, Income, Standing, Summing, Under, Windows},
};
use rusqlite::Row;

use super::{
    super::{
        db::{Db, Fault, Verb},
        payments::counting::units,
        rows::Cells,
    },
    Assets, campaigns, headroom, slugs,
};

pub(super) fn read(db: &Db<'_>, since: Timestamp) -> Verb<Books> {
    let headroom = headroom::read(db)?;
    let zone = headroom.zone.as_deref().unwrap_or("UTC");
    let today = db
        .now
        .day_start(zone)
        .ok_or_else(|| Fault::refused(format!("`{zone}` is not a time zone")))?;
    let mut summing = Summing::over(Windows {
        today,
        day: db.now.minus(Span::from_hours(24)),
        month: db.now.minus(Span::from_hours(30 * 24)),
        period: since,
    });
    intents(db, &mut summing)?;
    payments(db, &mut summing)?;
    let (slugs, names) = (slugs(db)?, campaigns(db)?);
    let name = |campaign: Option<CampaignId>| {
        let known = campaign.and_then(|campaign| names.get(&campaign));
        known.cloned().unwrap_or_default()
    };
    let slug = |agent: AgentId| slugs.get(&agent).cloned().unwrap_or_default();
    let lines = summing.end().into_iter().map(|(under, sums)| BookLine {
        budget: under.budget,
        agent: slug(under.agent),
        campaign: name(under.campaign),
        category: under.category,
        simulated: under.simulated,
        sums,
    });
    Ok(Books {
        at: db.now,
        since,
        headroom,
        lines: lines.collect(),
        income: income(db, since, &slug)?,
    })
}

fn intents(db: &Db<'_>, summing: &mut Summing) -> Verb<()> {
    db.all(
        "SELECT agent_id, campaign_id, category, simulated, state, counted_at, counted FROM spend_intents
         WHERE state IN ('pending', 'posted', 'uncertain')",
        [],
        |row| {
            let standing = match row.word::<IntentState>(4)? {
                IntentState::Pending => Standing::Open,
                IntentState::Uncertain => Standing::Uncertain,
                IntentState::Posted => Standing::Spent,
                IntentState::Refused | IntentState::Voided => return Ok(()),
            };
            summing.take(&Booking {
                under: under(Budget::Tools, row)?,
                standing,
                at: row.time(5)?,
                usd: row.usd(6)?,
                fee: Usd::ZERO,
            });
            Ok(())
        },
    )
    .map(|_| ())
}

fn under(budget: Budget, row: &Row<'_>) -> Verb<Under> {
    Ok(Under {
        budget,
        agent: row.id(0)?,
        campaign: row.maybe_id(1)?,
        category: row.word(2)?,
        simulated: row.flag(3)?,
    })
}

fn payments(db: &Db<'_>, summing: &mut Summing) -> Verb<()> {
    // What gas cost is what its entries say; the rest of what a payment came to is what was paid.
    let mut fees: HashMap<PaymentId, Usd> = HashMap::new();
    db.all(
        "SELECT payment_id, usd FROM wallet_entries WHERE debit = 'fees' AND payment_id IS NOT NULL",
        [],
        |row| {
            let sum = fees.entry(row.id(0)?).or_insert(Usd::ZERO);
            let more = sum.checked_add(row.usd(1)?);
            *sum = more.ok_or_else(|| Fault::corrupt("a sum of fees does not fit"))?;
            Ok(())
        },
    )?;
    db.all(
        "SELECT agent_id, campaign_id, category, simulated, state, coalesce(settled_at, at), counted, payment_id FROM payments
         WHERE state NOT IN ('refused', 'rejected', 'expired')",
        [],
        |row| {
            let standing = match row.word::<PaymentState>(4)? {
                PaymentState::Review
                | PaymentState::Approved
                | PaymentState::Signed
                | PaymentState::Broadcast
                | PaymentState::Mined => Standing::Open,
                PaymentState::Uncertain => Standing::Uncertain,
                PaymentState::Posted | PaymentState::Cancelled | PaymentState::Reverted => {
                    Standing::Spent
                }
                PaymentState::Refused | PaymentState::Rejected | PaymentState::Expired => {
                    return Ok(());
                }
            };
            let id: PaymentId = row.id(7)?;
            let counted = row.usd(6)?;
            let fee = fees.get(&id).copied().unwrap_or(Usd::ZERO);
            let fee = if standing == Standing::Spent { fee } else { Usd::ZERO };
            let usd = counted.checked_sub(fee).filter(|usd| *usd >= Usd::ZERO);
            summing.take(&Booking {
                under: under(Budget::Payments, row)?,
                standing,
                at: row.time(5)?,
                usd: usd.ok_or_else(|| {
                    Fault::corrupt(format!("{id} cost less than its gas"))
                })?,
                fee,
            });
            Ok(())
        },
    )
    .map(|_| ())
}

/// What came in since a moment. What a wallet had when it was first looked at stands under no transaction, and came in before.
fn income(db: &Db<'_>, since: Timestamp, slug: &impl Fn(AgentId) -> Safe) -> Verb<Vec<Income>> {
    let assets = Assets::read(db)?;
    let mut found: Vec<Income> = Vec::new();
    db.all(
        "SELECT agent_id, asset, amount, usd, chain_hash FROM wallet_entries
         WHERE credit = 'outside' AND at >= ?1 ORDER BY seq",
        [since.micros()],
        |row| {
            if is_opening(row.get(4)?) {
                return Ok(());
            }
            let (agent, asset) = (slug(row.id(0)?), row.text(1)?);
            let safe = Safe::line(&asset);
            let at = found
                .iter()
                .position(|of| of.agent == agent && of.asset == safe);
            let at = at.unwrap_or_else(|| {
                found.push(Income {
                    agent,
                    asset: safe,
                    decimals: assets.decimals(&asset),
                    simulated: assets.is_simulated(&asset),
                    worth: Usd::ZERO,
                    unknown: Units::ZERO,
                });
                found.len() - 1
            });
            let Some(income) = found.get_mut(at) else {
                return Ok(());
            };
            let (amount, worth) = (units(row, "amount")?, row.usd(3)?);
            let sum = if worth.is_positive() {
                income
                    .worth
                    .checked_add(worth)
                    .map(|sum| income.worth = sum)
            } else {
                let sum = income.unknown.checked_add(amount);
                sum.map(|sum| income.unknown = sum)
            };
            sum.ok_or_else(|| Fault::corrupt("a sum of what came in does not fit"))
        },
    )?;
    Ok(found)
}

/// Whether an entry is what a wallet had when it was first looked at.
pub(super) fn is_opening(transaction: Option<[u8; 32]>) -> bool {
    transaction.is_none_or(|hash| Hash32::from_bytes(hash) == Hash32::from_bytes([0; 32]))
}
