//! The state of the whole house.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Timestamp, Usd,
    campaign::Campaign,
    effect::OutgoingCall,
    halt::Scope,
    ids::CampaignId,
    mode::Reach,
    resource::{ResourceSpec, is_overdue},
    views::{CampaignRow, Fuse, HaltRow, HaltedBy, Overview},
};

use super::{
    super::{
        db::{Counted, Db, Verb, count},
        rows::Cells,
        runtime::running,
        spend,
    },
    asked, in_flight, probes,
};

/// The most fuses and failing resources that are listed.
const LIST_MAX: u32 = 50;
/// What is shown of a post beside its fuse.
const LABEL_COLUMNS: usize = 60;

pub(super) fn read(db: &Db<'_>) -> Verb<Overview> {
    let halts = in_flight::rows(db)?;
    let campaigns = campaigns(db, &halts)?;
    let money = money(db)?;
    let number = |sql: &str| db.number(sql, []).map(count);
    let moment = |sql: &str| -> Verb<Option<Timestamp>> {
        Ok(db.one(sql, [], |row| row.maybe_time("at"))?.flatten())
    };
    // To whoever reviews a probe waits like any ticket.
    let (probes, probe_at) = probes::counted(db)?;
    let (payments, payment_at, answered_at) = asked::counted(db)?;
    let oldest_at =
        moment("SELECT min(created_at) AS at FROM tickets WHERE state IN ('open', 'escalated')")?;
    Ok(Overview {
        at: db.now,
        fleet: db.fleet_state()?,
        halted: halted(&halts, &Scope::Fleet),
        halts,
        swarm: running(db)?,
        simulated: !campaigns.is_empty() && campaigns.iter().all(|c| c.simulated),
        dry: campaigns.iter().any(|c| c.dry),
        campaigns,
        tickets_waiting: count(db.census(Counted::Ticket, &["open", "escalated"])?)
            + probes
            + payments,
        oldest_ticket_at: oldest_at
            .into_iter()
            .chain(probe_at)
            .chain(payment_at)
            .min(),
        last_decision_at: moment(
            "SELECT max(decided_at) AS at FROM tickets WHERE decided_at IS NOT NULL",
        )?
        .max(answered_at),
        tasks: db.all(
            "SELECT name AS state, n FROM counts WHERE kind = 'task' AND n > 0 ORDER BY name",
            [],
            |row| Ok((row.word("state")?, row.count("n")?)),
        )?,
        signals: db.all(
            "SELECT name AS state, n FROM counts WHERE kind = 'signal' AND n > 0 ORDER BY name",
            [],
            |row| Ok((row.word("state")?, row.count("n")?)),
        )?,
        fuses: fuses(db)?,
        spent_day: Usd::from_micros(money.spent),
        uncertain_day: Usd::from_micros(money.uncertain),
        reserved: Usd::from_micros(money.reserved),
        simulated_money: Usd::from_micros(money.simulated),
        cap_day: money.cap.map(Usd::from_micros),
        resources_failing: db.all(
            "SELECT spec FROM resources WHERE archived = 0 AND failures > 0 ORDER BY uri LIMIT ?1",
            [LIST_MAX],
            |row| Ok(Safe::line(&row.doc::<ResourceSpec>("spec")?.uri)),
        )?,
        resources_stale: stale(db)?,
        resources: number("SELECT count(*) FROM resources WHERE archived = 0")?,
        alerts_open: number(
            "SELECT count(*) FROM alerts WHERE closed_at IS NULL AND acknowledged_at IS NULL",
        )?,
        conflicts: number("SELECT sum(n) FROM counts WHERE kind = 'lost'")?,
        conflicts_by: db.all(
            "SELECT name AS verb, n FROM counts WHERE kind = 'lost' ORDER BY n DESC, name LIMIT ?1",
            [LIST_MAX],
            |row| Ok((row.line("verb")?, count(row.get("n")?))),
        )?,
    })
}

/// Who stopped this very scope.
fn halted(halts: &[HaltRow], scope: &Scope) -> Option<HaltedBy> {
    let halt = halts.iter().find(|halt| halt.scope == *scope)?;
    Some(halt.by.clone())
}

fn campaigns(db: &Db<'_>, halts: &[HaltRow]) -> Verb<Vec<CampaignRow>> {
    let campaigns = db.campaigns()?;
    let reaches = db.reaches_of(&campaigns)?;
    let mut spent = spent(db)?;
    let row = |campaign: Campaign| {
        let reach = reaches.get(&campaign.id).copied().unwrap_or(Reach::DryRun);
        let (all, simulated) = spent.remove(&campaign.id).unwrap_or_default();
        CampaignRow {
            id: campaign.id,
            version: campaign.version,
            agent_id: campaign.agent_id,
            name: Safe::line(&campaign.spec.name),
            persona: Safe::line(&campaign.spec.persona),
            channel: campaign.spec.channel,
            account: Safe::line(&campaign.spec.account),
            server: Safe::line(&campaign.spec.publish_server),
            state: campaign.state,
            halted: halted(halts, &Scope::Campaign(campaign.id)),
            simulated: reach != Reach::Live,
            dry: reach == Reach::DryRun,
            spent: all,
            spent_simulated: simulated,
            budget: campaign.spec.budget_usd_max,
        }
    };
    Ok(campaigns.into_iter().map(row).collect())
}

/// What each campaign has spent since ever, and how much of it was billed by stand-ins: what counts against
/// it is kept beside it, and what is pending of that is no more than what is under way.
fn spent(db: &Db<'_>) -> Verb<BTreeMap<CampaignId, (Usd, Usd)>> {
    type Sums = Vec<(CampaignId, (Usd, Usd))>;
    let sums = |sql: &str| -> Verb<Sums> {
        db.all(sql, [], |row| {
            let amounts = (row.usd("counted")?, row.usd("simulated")?);
            Ok((row.id("campaign_id")?, amounts))
        })
    };
    let counted =
        sums("SELECT campaign_id, counted, counted_simulated AS simulated FROM campaigns")?;
    let mut spent: BTreeMap<CampaignId, (Usd, Usd)> = counted.into_iter().collect();
    let pending = sums(
        "SELECT campaign_id, sum(counted) AS counted, sum(counted * simulated) AS simulated
         FROM spend_intents WHERE state = 'pending' GROUP BY campaign_id",
    )?;
    for (campaign, (all, simulated)) in pending {
        let of = spent.entry(campaign).or_default();
        let minus = |a: Usd, b| a.checked_sub(b).unwrap_or_default();
        *of = (minus(of.0, all), minus(of.1, simulated));
    }
    Ok(spent)
}

/// The money of the day, each amount summed over the agents that take part.
struct Money {
    spent: i64,
    uncertain: i64,
    reserved: i64,
    simulated: i64,
    cap: Option<i64>,
}

fn money(db: &Db<'_>) -> Verb<Money> {
    let reserved = db.number(
        "SELECT sum(counted) FROM spend_intents WHERE state = 'pending'",
        [],
    )?;
    let mut money = Money {
        spent: 0,
        uncertain: 0,
        reserved,
        simulated: db.number(
            "SELECT sum(counted) FROM spend_intents WHERE state = 'pending' AND simulated = 1",
            [],
        )?,
        cap: None,
    };
    let Some(policy) = db.policy()? else {
        return Ok(money);
    };
    // Also of those whose campaigns are gone: what was spent today was spent.
    let day = spend::day_spent(db, &policy.budget.zone)?;
    money.spent = day.posted;
    money.uncertain = day.uncertain;
    money.simulated = money.simulated.saturating_add(day.simulated);
    let active = db.number(
        "SELECT count(DISTINCT agent_id) FROM campaigns WHERE archived = 0",
        [],
    )?;
    let cap = policy.budget.agent_day_usd_max.micros();
    money.cap = Some(cap.saturating_mul(active));
    Ok(money)
}

/// What nobody polls, whatever it said when it was polled last.
fn stale(db: &Db<'_>) -> Verb<Vec<Safe>> {
    let due = db.all(
        "SELECT spec, next_poll_at FROM resources WHERE archived = 0 AND uri <> 'goal:' AND next_poll_at < ?1 ORDER BY uri",
        [db.now.micros()],
        |row| {
            let spec: ResourceSpec = row.doc("spec")?;
            Ok((spec, row.time("next_poll_at")?))
        },
    )?;
    let late = due
        .iter()
        .filter(|(spec, due_at)| is_overdue(*due_at, spec.interval, db.now));
    let most = usize::try_from(LIST_MAX).unwrap_or(usize::MAX);
    let names = late.map(|(spec, _)| Safe::line(&spec.uri)).take(most);
    Ok(names.collect())
}

fn fuses(db: &Db<'_>) -> Verb<Vec<Fuse>> {
    let mut fuses = db.all(
        "SELECT e.effect_id, e.ticket_id, e.due_at, e.call, k.version AS ticket_version
         FROM effects e LEFT JOIN tickets k ON k.ticket_id = e.ticket_id
         WHERE e.state = 'held' AND e.due_at > ?1 ORDER BY e.due_at LIMIT ?2",
        rusqlite::params![db.now.micros(), LIST_MAX],
        |row| {
            let call: OutgoingCall = row.doc("call")?;
            let version: Option<i64> = row.get("ticket_version")?;
            Ok(Fuse {
                effect_id: Some(row.id("effect_id")?),
                ticket_id: row.maybe_id("ticket_id")?,
                ticket_version: version.and_then(chimera_domain::StateVersion::new),
                until: row.time("due_at")?,
                label: Safe::line(&call.post.text).cut(LABEL_COLUMNS),
            })
        },
    )?;
    fuses.extend(asked::fuses(db, LIST_MAX)?);
    fuses.sort_by_key(|fuse| fuse.until);
    Ok(fuses)
}
