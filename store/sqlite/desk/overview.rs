//! The state of the whole house.

use chimera_domain::{
    Safe, Timestamp, Usd,
    campaign::FleetState,
    effect::OutgoingCall,
    ids::{AgentId, CampaignId},
    resource::ResourceSpec,
    views::{CampaignRow, Fuse, HaltedBy, Overview},
};

use super::super::{
    db::{Db, Fault, Verb, count},
    rows::Cells,
    runtime::running,
    spend,
};

/// The most fuses and failing resources that are listed.
const LIST_MAX: u32 = 50;
/// What is shown of a post beside its fuse.
const LABEL_COLUMNS: usize = 60;

pub(super) fn read(db: &Db<'_>) -> Verb<Overview> {
    let (fleet, halted) = fleet(db)?;
    let campaigns = campaigns(db)?;
    let real = db.number(
        "SELECT count(*) FROM campaigns c WHERE archived = 0 AND publish_server NOT IN
           (SELECT j.value FROM fleet, json_each(fleet.simulated_servers) j)",
        [],
    )?;
    let (spent_day, reserved, cap_day) = money(db)?;
    let number = |sql: &str| db.number(sql, []).map(count);
    let moment = |sql: &str| -> Verb<Option<Timestamp>> {
        Ok(db.one(sql, [], |row| row.maybe_time("at"))?.flatten())
    };
    Ok(Overview {
        at: db.now,
        fleet,
        halted,
        swarm: running(db)?,
        simulated: !campaigns.is_empty() && real == 0,
        campaigns,
        tickets_waiting: number(
            "SELECT count(*) FROM tickets WHERE state IN ('open', 'escalated')",
        )?,
        oldest_ticket_at: moment(
            "SELECT min(created_at) AS at FROM tickets WHERE state IN ('open', 'escalated')",
        )?,
        last_decision_at: moment(
            "SELECT max(decided_at) AS at FROM tickets WHERE decided_at IS NOT NULL",
        )?,
        tasks: db.all(
            "SELECT state, count(*) AS n FROM tasks GROUP BY state ORDER BY state",
            [],
            |row| Ok((row.word("state")?, row.count("n")?)),
        )?,
        signals: db.all(
            "SELECT state, count(*) AS n FROM trend_signals GROUP BY state ORDER BY state",
            [],
            |row| Ok((row.word("state")?, row.count("n")?)),
        )?,
        fuses: fuses(db)?,
        spent_day,
        reserved,
        cap_day,
        resources_failing: db.all(
            "SELECT spec FROM resources WHERE archived = 0 AND failures > 0 ORDER BY uri LIMIT ?1",
            [LIST_MAX],
            |row| Ok(Safe::line(&row.doc::<ResourceSpec>("spec")?.uri)),
        )?,
        resources: number("SELECT count(*) FROM resources WHERE archived = 0")?,
        alerts_open: number("SELECT count(*) FROM alerts WHERE closed_at IS NULL")?,
        conflicts: number("SELECT conflicts FROM changes")?,
    })
}

fn fleet(db: &Db<'_>) -> Verb<(FleetState, Option<HaltedBy>)> {
    db.one("SELECT * FROM fleet", [], |row| {
        let state: FleetState = row.word("state")?;
        let halted = match (state, row.maybe_time("halted_at")?) {
            (FleetState::Paused | FleetState::Killed, Some(at)) => Some(HaltedBy {
                by: row.line("halted_by")?,
                at,
                why: row.line("halted_why")?,
            }),
            (FleetState::Running, _) | (_, None) => None,
        };
        Ok((state, halted))
    })?
    .ok_or_else(|| Fault::corrupt("the fleet row is missing"))
}

fn campaigns(db: &Db<'_>) -> Verb<Vec<CampaignRow>> {
    db.campaigns()?
        .into_iter()
        .map(|campaign| {
            Ok(CampaignRow {
                id: campaign.id,
                version: campaign.version,
                name: Safe::line(&campaign.spec.name),
                persona: Safe::line(&campaign.spec.persona),
                channel: campaign.spec.channel,
                account: Safe::line(&campaign.spec.account),
                state: campaign.state,
                spent: spent(db, campaign.id)?,
                budget: campaign.spec.budget_usd_max,
            })
        })
        .collect()
}

fn spent(db: &Db<'_>, campaign: CampaignId) -> Verb<Usd> {
    Ok(Usd::from_micros(db.number(
        "SELECT sum(counted) FROM spend_intents WHERE campaign_id = ?1 AND state IN ('posted', 'uncertain')",
        [campaign.as_bytes()],
    )?))
}

/// Spent in the binding day, reserved, and the cap, each summed over the agents that take part.
fn money(db: &Db<'_>) -> Verb<(Usd, Usd, Option<Usd>)> {
    let reserved = db.number(
        "SELECT sum(counted) FROM spend_intents WHERE state = 'pending'",
        [],
    )?;
    let Some(policy) = db.policy()? else {
        return Ok((Usd::ZERO, Usd::from_micros(reserved), None));
    };
    let agents: Vec<AgentId> = db.all(
        "SELECT DISTINCT agent_id FROM campaigns WHERE archived = 0",
        [],
        |row| row.id("agent_id"),
    )?;
    let cap = policy.budget.agent_day_usd_max;
    let (mut spent, mut caps) = (0_i64, 0_i64);
    for agent in agents {
        let pending = db.number(
            "SELECT sum(counted) FROM spend_intents WHERE agent_id = ?1 AND state = 'pending'",
            [agent.as_bytes()],
        )?;
        let day = spend::day_use(db, agent, &policy.budget.zone, cap, Usd::ZERO)?;
        spent = spent.saturating_add(day.used.micros().saturating_sub(pending));
        caps = caps.saturating_add(cap.micros());
    }
    Ok((
        Usd::from_micros(spent),
        Usd::from_micros(reserved),
        Some(Usd::from_micros(caps)),
    ))
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
