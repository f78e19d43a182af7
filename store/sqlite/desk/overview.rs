//! The state of the whole house.

use chimera_domain::{
    Safe, Timestamp, Usd,
    effect::OutgoingCall,
    halt::Scope,
    ids::{AgentId, CampaignId},
    mode::Reach,
    resource::ResourceSpec,
    views::{CampaignRow, Fuse, HaltRow, HaltedBy, Overview},
};

use super::{
    super::{
        db::{Counted, Db, Verb, count},
        rows::Cells,
        runtime::running,
        spend,
    },
    in_flight,
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
    Ok(Overview {
        at: db.now,
        fleet: db.fleet_state()?,
        halted: halted(&halts, &Scope::Fleet),
        halts,
        swarm: running(db)?,
        simulated: !campaigns.is_empty() && campaigns.iter().all(|c| c.simulated),
        dry: campaigns.iter().any(|c| c.dry),
        campaigns,
        tickets_waiting: count(db.census(Counted::Ticket, &["open", "escalated"])?),
        oldest_ticket_at: moment(
            "SELECT min(created_at) AS at FROM tickets WHERE state IN ('open', 'escalated')",
        )?,
        last_decision_at: moment(
            "SELECT max(decided_at) AS at FROM tickets WHERE decided_at IS NOT NULL",
        )?,
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
    let reaches = db.reach_of_each()?;
    db.campaigns()?
        .into_iter()
        .map(|campaign| {
            let reach = reaches.get(&campaign.id).copied().unwrap_or(Reach::DryRun);
            Ok(CampaignRow {
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
                spent: spent(db, campaign.id, "")?,
                spent_simulated: spent(db, campaign.id, "AND simulated = 1")?,
                budget: campaign.spec.budget_usd_max,
            })
        })
        .collect()
}

fn spent(db: &Db<'_>, campaign: CampaignId, and: &str) -> Verb<Usd> {
    let sum = format!(
        "SELECT sum(counted) FROM spend_intents
         WHERE campaign_id = ?1 AND state IN ('posted', 'uncertain') {and}"
    );
    Ok(Usd::from_micros(db.number(&sum, [campaign.as_bytes()])?))
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
    // Also those whose campaigns are gone: what was spent today was spent.
    let agents: Vec<(AgentId, bool)> = db.all(
        "SELECT agent_id, max(archived = 0) AS active FROM campaigns GROUP BY agent_id",
        [],
        |row| Ok((row.id("agent_id")?, row.flag("active")?)),
    )?;
    let cap = policy.budget.agent_day_usd_max;
    let mut caps = 0_i64;
    for (agent, active) in agents {
        let day = spend::day_use(db, agent, &policy.budget.zone, cap, Usd::ZERO)?;
        let open = day.pending.micros().saturating_add(day.uncertain.micros());
        money.spent = money
            .spent
            .saturating_add(day.used.micros().saturating_sub(open));
        money.uncertain = money.uncertain.saturating_add(day.uncertain.micros());
        money.simulated = money.simulated.saturating_add(day.simulated.micros());
        if active {
            caps = caps.saturating_add(cap.micros());
        }
    }
    money.cap = Some(caps);
    Ok(money)
}

fn fuses(db: &Db<'_>) -> Verb<Vec<Fuse>> {
    db.all(
        "SELECT e.effect_id, e.ticket_id, e.due_at, e.call, k.version AS ticket_version
         FROM effects e LEFT JOIN tickets k ON k.ticket_id = e.ticket_id
         WHERE e.state = 'held' AND e.due_at > ?1 ORDER BY e.due_at LIMIT ?2",
        rusqlite::params![db.now.micros(), LIST_MAX],
        |row| {
            let call: OutgoingCall = row.doc("call")?;
            let version: Option<i64> = row.get("ticket_version")?;
            Ok(Fuse {
                effect_id: row.id("effect_id")?,
                ticket_id: row.maybe_id("ticket_id")?,
                ticket_version: version.and_then(chimera_domain::StateVersion::new),
                until: row.time("due_at")?,
                label: Safe::line(&call.post.text).cut(LABEL_COLUMNS),
            })
        },
    )
}
