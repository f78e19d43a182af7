//! The agents: what each does, what it spends, what went wrong with it last.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Timestamp, Usd,
    campaign::{Campaign, CampaignState},
    halt::Scope,
    ids::{AgentId, CampaignId},
    mode::Reach,
    policy::BudgetPolicy,
    task::TaskState,
    views::{AgentCampaign, AgentRow, By, Doing, HaltedBy, Order, Page, PageRequest, Work, order},
};

use super::{
    super::{
        db::{Db, Verb},
        halts::LiveHalt,
        rows::Cells,
        spend,
    },
    page,
};

/// So many of an agent's newest plans are looked through for its last move and its last error.
const PLANS_MAX: u32 = 10;

/// What is known of every agent before a page is cut out.
struct Agent {
    id: AgentId,
    slug: Safe,
    campaigns: Vec<AgentCampaign>,
    work: Work,
    halt: Option<LiveHalt>,
    doing: Doing,
}

pub(super) fn read(db: &Db<'_>, page: &PageRequest) -> Verb<Page<AgentRow>> {
    let policy = db.policy()?;
    let budget = policy.as_ref().map(|policy| &policy.budget);
    let names = |agent: &Agent| {
        let names = agent.campaigns.iter().map(|c| c.name.as_str());
        names.collect::<Vec<_>>().join(" ")
    };
    let mut agents = all(db)?;
    if let Some(order) = page.order {
        let all = order::AGENTS.iter().map(|by| (*by, true));
        let all: Vec<(By, bool)> = all.collect();
        page::place_of(&all, page)?;
        ordered(&mut agents, order);
    }
    let found = page::window(
        agents,
        page,
        &["agent", "campaign", "state"],
        |agent, field| match field {
            "agent" => agent.slug.to_string(),
            "campaign" => names(agent),
            _ => agent.doing.to_string(),
        },
        |agent| format!("{} {} {}", agent.slug, agent.doing, names(agent)),
        |agent| agent.id.to_string(),
    )?;
    let rows = found.rows.into_iter().map(|agent| row(db, agent, budget));
    Ok(Page {
        total: found.total,
        rows: rows.collect::<Verb<_>>()?,
    })
}

/// By what is known of all of them; what each costs to look up is looked up for a page only.
fn ordered(agents: &mut [Agent], order: Order) {
    let key = |agent: &Agent| {
        let work = agent.work;
        match order.by {
            By::State => {
                let place = Doing::ALL.iter().position(|doing| *doing == agent.doing);
                u64::try_from(place.unwrap_or(0)).unwrap_or(0)
            }
            By::Tickets => u64::MAX - work.tickets,
            By::Work => u64::MAX - (work.claimed + work.judged + work.ready),
            By::Name
            | By::Urgency
            | By::Planned
            | By::Moved
            | By::Perceived
            | By::Score
            | By::Published
            | By::Likes
            | By::Line
            | By::Booked
            | By::Deadline
            | By::Asked
            | By::Due => 0,
        }
    };
    // They come by name, and stay so among their like.
    if order.turned {
        agents.reverse();
        agents.sort_by_key(|agent| std::cmp::Reverse(key(agent)));
    } else {
        agents.sort_by_key(key);
    }
}

fn all(db: &Db<'_>) -> Verb<Vec<Agent>> {
    let fleet = db.fleet_state()?;
    let reaches = db.reach_of_each()?;
    let mut halts: BTreeMap<AgentId, LiveHalt> = BTreeMap::new();
    for halt in db.live_halts()? {
        if let Scope::Agent(id) = halt.scope {
            halts.insert(id, halt);
        }
    }
    let mut campaigns: BTreeMap<AgentId, Vec<AgentCampaign>> = BTreeMap::new();
    for campaign in db.campaigns()? {
        let reach = reaches.get(&campaign.id).copied();
        let shown = shown(&campaign, reach.unwrap_or(Reach::DryRun));
        campaigns.entry(campaign.agent_id).or_default().push(shown);
    }
    let mut works = works(db)?;
    let agents = db.all("SELECT * FROM agents ORDER BY slug", [], |row| {
        Ok((row.id("agent_id")?, row.line("slug")?))
    })?;
    let agents = agents.into_iter().map(|(id, slug): (AgentId, Safe)| {
        let campaigns = campaigns.remove(&id).unwrap_or_default();
        let work = works.remove(&id).unwrap_or_default();
        let halt = halts.remove(&id);
        let all_paused = !campaigns.is_empty() && campaigns.iter().all(|c| c.paused);
        let level = halt.as_ref().map(|halt| halt.level);
        Agent {
            doing: Doing::of(fleet, level, all_paused, work),
            id,
            slug,
            campaigns,
            work,
            halt,
        }
    });
    Ok(agents.collect())
}

fn shown(campaign: &Campaign, reach: Reach) -> AgentCampaign {
    AgentCampaign {
        id: campaign.id,
        name: Safe::line(&campaign.spec.name),
        reach,
        paused: campaign.state == CampaignState::Paused,
    }
}

/// What is under way, by agent: each is a look at what is open, however much is finished.
fn works(db: &Db<'_>) -> Verb<BTreeMap<AgentId, Work>> {
    let agents: BTreeMap<CampaignId, AgentId> = db
        .all("SELECT campaign_id, agent_id FROM campaigns", [], |row| {
            Ok((row.id("campaign_id")?, row.id("agent_id")?))
        })?
        .into_iter()
        .collect();
    let mut works: BTreeMap<AgentId, Work> = BTreeMap::new();
    let mut add = |sql: &str, put: fn(&mut Work) -> &mut u64| -> Verb<()> {
        let counted: Vec<(CampaignId, u64)> =
            db.all(sql, [], |row| Ok((row.id("campaign_id")?, row.count("n")?)))?;
        for (campaign, n) in counted {
            if let Some(agent) = agents.get(&campaign) {
                *put(works.entry(*agent).or_default()) += n;
            }
        }
        Ok(())
    };
    add(
        "SELECT campaign_id, count(*) AS n FROM tasks WHERE state = 'claimed' GROUP BY campaign_id",
        |work| &mut work.claimed,
    )?;
    add(
        "SELECT campaign_id, count(*) AS n FROM tasks WHERE state = 'review' GROUP BY campaign_id",
        |work| &mut work.judged,
    )?;
    add(
        "SELECT campaign_id, count(*) AS n FROM tasks WHERE state = 'pending' AND waiting_on = 0
         GROUP BY campaign_id",
        |work| &mut work.ready,
    )?;
    add(
        "SELECT campaign_id, count(*) AS n FROM tickets WHERE state IN ('open', 'escalated')
         GROUP BY campaign_id",
        |work| &mut work.tickets,
    )?;
    Ok(works)
}

fn row(db: &Db<'_>, agent: Agent, budget: Option<&BudgetPolicy>) -> Verb<AgentRow> {
    let (mut spent, mut simulated, mut reserved) = (Usd::ZERO, Usd::ZERO, Usd::ZERO);
    if let Some(budget) = budget {
        let cap = budget.agent_day_usd_max;
        let day = spend::day_use(db, agent.id, &budget.zone, cap, Usd::ZERO)?;
        spent = day.used.checked_sub(day.pending).unwrap_or(day.used);
        (simulated, reserved) = (day.simulated, day.pending);
    }
    Ok(AgentRow {
        moved_at: moved(db, agent.id)?,
        last_error: last_error(db, agent.id)?,
        id: agent.id,
        slug: agent.slug,
        doing: agent.doing,
        halted: agent.halt.map(|halt| HaltedBy {
            by: Safe::line(&halt.by),
            at: halt.at,
            why: Safe::line(&halt.why),
        }),
        campaigns: agent.campaigns,
        work: agent.work,
        spent_day: spent,
        spent_simulated: simulated,
        reserved,
        cap_day: budget.map(|budget| budget.agent_day_usd_max),
    })
}

fn moved(db: &Db<'_>, agent: AgentId) -> Verb<Option<Timestamp>> {
    let moved = db.one(
        "SELECT max(moved_at) AS at FROM (SELECT moved_at FROM plans WHERE agent_id = ?1 ORDER BY nth DESC LIMIT ?2)",
        rusqlite::params![agent.as_bytes(), PLANS_MAX],
        |row| row.maybe_time("at"),
    )?;
    Ok(moved.flatten())
}

fn last_error(db: &Db<'_>, agent: AgentId) -> Verb<Option<(Timestamp, Safe)>> {
    db.one(
        "SELECT t.moved_at, t.node, t.state, t.reason, t.why FROM tasks t
         WHERE t.trace_id IN (SELECT trace_id FROM plans WHERE agent_id = ?1 ORDER BY nth DESC LIMIT ?2)
           AND (t.state IN ('dead', 'blocked', 'uncertain') OR (t.state = 'pending' AND t.reason = 'retry'))
           AND t.blocked_by IS NULL
         ORDER BY t.moved_at DESC LIMIT 1",
        rusqlite::params![agent.as_bytes(), PLANS_MAX],
        |row| {
            let state: TaskState = row.word("state")?;
            let text = format!("{} {state}: {}", row.text("node")?, row.text("why")?);
            Ok((row.time("moved_at")?, Safe::line(&text)))
        },
    )
}
