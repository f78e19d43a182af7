//! What is left of every cap: the same sums that reservations and payments are held against, read for people.

use std::collections::{HashMap, HashSet};

use chimera_domain::{
    Safe, Span, Timestamp, Usd,
    cfo::{AgentPayments, PaymentPolicy},
    chain::Units,
    ids::{AgentId, CampaignId},
    policy::Policy,
    spend::Limit,
    views::headroom::{AgentHeadroom, CapRow, Headroom, Holding, PACE_OVER, Pace, Purse},
};
use rusqlite::params;

use super::{
    super::{
        db::{Db, Fault, Verb},
        payments::counting::{Counting, OPEN, ever, open, steady_now, units, used},
        rows::Cells,
        spend::{AGENT_DAY, CAMPAIGN, day_starts},
    },
    Assets, slugs,
};

const DAY: Span = Span::from_hours(24);

pub(super) fn read(db: &Db<'_>) -> Verb<Headroom> {
    let policy = db.policy()?;
    let Some(policy) = policy else {
        return Ok(Headroom {
            at: db.now,
            zone: None,
            tools: Purse::default(),
            payments: None,
            agents: Vec::new(),
        });
    };
    let mut tools = tools(db, &policy)?;
    let mut house = Purse::default();
    let mut paces = (Usd::ZERO, Span::ZERO);
    let mut agents = Vec::new();
    let mut slugs: Vec<(AgentId, Safe)> = slugs(db)?.into_iter().collect();
    slugs.sort_by(|a, b| a.1.cmp(&b.1));
    // Most agents have no wallet, and are not asked about one.
    let with_wallet: HashSet<AgentId> = db
        .all("SELECT DISTINCT agent_id FROM wallet_balances", [], |row| {
            row.id("agent_id")
        })?
        .into_iter()
        .collect();
    let mut sum = row("agents_day", Usd::ZERO, Usd::ZERO, Usd::ZERO, true);
    for (agent_id, slug) in slugs {
        let purse = tools.remove(&agent_id).unwrap_or_default();
        if let Some(day) = purse.day() {
            sum.limit.cap = plus(sum.limit.cap, day.limit.cap)?;
            sum.limit.used = plus(sum.limit.used, day.limit.used)?;
            sum.open = plus(sum.open, day.open)?;
        }
        house.simulated = plus(house.simulated, purse.simulated)?;
        house.uncertain = plus(house.uncertain, purse.uncertain)?;
        if let Some(pace) = purse.pace {
            paces = (plus(paces.0, pace.spent)?, paces.1.max(pace.over));
        }
        let wallet = policy.payments.as_ref();
        let wallet = wallet.and_then(|payments| Some((payments, payments.agent(slug.as_str())?)));
        let payments = wallet.map(|(all, own)| wallet_purse(db, &policy, all, own, agent_id));
        agents.push(AgentHeadroom {
            agent_id,
            payments: payments.transpose()?,
            holdings: if with_wallet.contains(&agent_id) {
                holdings(db, agent_id)?
            } else {
                Vec::new()
            },
            slug,
            tools: purse,
        });
    }
    house.caps.push(sum);
    house.pace = Pace::<Usd>::of(paces.0, paces.1);
    let payments = policy.payments.as_ref();
    Ok(Headroom {
        at: db.now,
        zone: Some(policy.budget.zone.clone()),
        tools: house,
        payments: payments
            .map(|payments| house_purse(db, &policy, payments))
            .transpose()?,
        agents,
    })
}

fn plus(a: Usd, b: Usd) -> Verb<Usd> {
    a.checked_add(b)
        .ok_or_else(|| Fault::corrupt("a sum of money does not fit"))
}

fn row(limit: &str, cap: Usd, used: Usd, open: Usd, is_day: bool) -> CapRow {
    CapRow {
        limit: Limit {
            limit: limit.to_owned(),
            cap,
            used,
        },
        of: Safe::default(),
        open,
        is_day,
    }
}

/// What tools cost, of every agent at once: one walk along the index of what counts, by the stricter day of the rolling and the
/// calendar one, which is the one that began first.
fn tools(db: &Db<'_>, policy: &Policy) -> Verb<HashMap<AgentId, Purse>> {
    let (rolling, midnight) = day_starts(db, &policy.budget.zone)?;
    let day = rolling.min(midnight);
    let mut pending: HashMap<AgentId, [Usd; 2]> = HashMap::new();
    db.all(
        "SELECT agent_id, sum(counted) AS usd, coalesce(sum(counted) FILTER (WHERE simulated = 1), 0) AS simulated
         FROM spend_intents WHERE state = 'pending' GROUP BY agent_id",
        [],
        |row| {
            pending.insert(row.id("agent_id")?, [row.usd("usd")?, row.usd("simulated")?]);
            Ok(())
        },
    )?;
    let cap = policy.budget.agent_day_usd_max;
    let mut paces: HashMap<AgentId, Usd> = HashMap::new();
    db.all(PACE, [db.now.minus(PACE_OVER).micros()], |of| {
        paces.insert(of.id("agent_id")?, of.usd("spent")?);
        Ok(())
    })?;
    let mut spent: HashMap<AgentId, [Usd; 3]> = HashMap::new();
    db.all(TOOLS, [day], |of| {
        let sums = [of.usd("spent")?, of.usd("simulated")?, of.usd("uncertain")?];
        spent.insert(of.id("agent_id")?, sums);
        Ok(())
    })?;
    let mut purses = HashMap::new();
    for (agent, first) in firsts(db)? {
        let [open, open_simulated] = pending.remove(&agent).unwrap_or_default();
        let [spent, simulated, uncertain] = spent.remove(&agent).unwrap_or_default();
        let over = Pace::<Usd>::over(db.now, first);
        let pace = paces.get(&agent).copied().unwrap_or(Usd::ZERO);
        let purse = Purse {
            caps: vec![row(AGENT_DAY, cap, plus(spent, open)?, open, true)],
            simulated: plus(simulated, open_simulated)?,
            uncertain,
            pace: Pace::<Usd>::of(pace, over),
        };
        purses.insert(agent, purse);
    }
    let counted: HashMap<CampaignId, Usd> = db
        .all("SELECT campaign_id, counted FROM campaigns", [], |row| {
            Ok((row.id("campaign_id")?, row.usd("counted")?))
        })?
        .into_iter()
        .collect();
    for campaign in db.campaigns()? {
        let counted = counted.get(&campaign.id).copied().unwrap_or(Usd::ZERO);
        let mut total = row(
            CAMPAIGN,
            campaign.spec.budget_usd_max,
            counted,
            Usd::ZERO,
            false,
        );
        total.of = Safe::line(&campaign.spec.name);
        if let Some(purse) = purses.get_mut(&campaign.agent_id) {
            purse.caps.push(total);
        }
    }
    Ok(purses)
}

/// Agent by agent along the index of what counts, which holds all that is summed.
pub(in crate::sqlite) const TOOLS: &str = "SELECT a.agent_id, sum(i.counted) AS spent,
   coalesce(sum(i.counted) FILTER (WHERE i.simulated = 1), 0) AS simulated,
   coalesce(sum(i.counted) FILTER (WHERE i.state = 'uncertain'), 0) AS uncertain
 FROM agents a CROSS JOIN spend_intents i
   ON i.agent_id = a.agent_id AND i.state IN ('posted', 'uncertain') AND i.counted_at >= ?1
 GROUP BY a.agent_id";

/// The same of the last hours.
pub(in crate::sqlite) const PACE: &str = "SELECT a.agent_id, sum(i.counted) AS spent
 FROM agents a CROSS JOIN spend_intents i
   ON i.agent_id = a.agent_id AND i.state IN ('posted', 'uncertain') AND i.counted_at >= ?1
 GROUP BY a.agent_id";

/// Every agent with when it spent first on tools: the first of the index.
fn firsts(db: &Db<'_>) -> Verb<Vec<(AgentId, Option<Timestamp>)>> {
    db.all(
        "SELECT a.agent_id, (SELECT min(i.counted_at) FROM spend_intents i
           WHERE i.agent_id = a.agent_id AND i.state IN ('posted', 'uncertain')) AS at FROM agents a",
        [],
        |row| Ok((row.id("agent_id")?, row.maybe_time("at")?)),
    )
}

/// When a wallet paid first, or any of them: the first of an index.
fn first_paid(db: &Db<'_>, agent: Option<AgentId>) -> Verb<Option<Timestamp>> {
    let found = match agent {
        Some(agent) => db.one(
            "SELECT min(settled_at) AS at FROM payments WHERE agent_id = ?1 AND state = 'posted'",
            [agent.as_bytes()],
            |row| row.maybe_time("at"),
        ),
        None => db.one(
            "SELECT min(settled_at) AS at FROM payments WHERE settled_at IS NOT NULL",
            [],
            |row| row.maybe_time("at"),
        ),
    };
    Ok(found?.flatten())
}

/// What is counted of payments, under one scope, since moments that never go back.
struct Counted<'a> {
    db: &'a Db<'a>,
    now: Timestamp,
    midnight: Timestamp,
}

impl<'a> Counted<'a> {
    fn new(db: &'a Db<'a>, policy: &Policy) -> Verb<Self> {
        let zone = &policy.budget.zone;
        let now = steady_now(db)?;
        let midnight = now
            .day_start(zone)
            .ok_or_else(|| Fault::refused(format!("`{zone}` is not a time zone")))?;
        Ok(Self { db, now, midnight })
    }

    /// A window that ends now; exactly a window ago is outside of it.
    fn within(&self, of: &Counting<'_>, limit: &str, cap: Usd, span: Span) -> Verb<CapRow> {
        let since = Timestamp::from_micros(self.now.minus(span).micros().saturating_add(1));
        self.since(of, limit, cap, since, span == DAY)
    }

    fn today(&self, of: &Counting<'_>, limit: &str, cap: Usd) -> Verb<CapRow> {
        self.since(of, limit, cap, self.midnight, true)
    }

    fn since(
        &self,
        of: &Counting<'_>,
        limit: &str,
        cap: Usd,
        since: Timestamp,
        is_day: bool,
    ) -> Verb<CapRow> {
        let used = used(self.db, of, since, None)?;
        let open = Usd::from_micros(open(self.db, of, None)?);
        Ok(row(limit, cap, used, open, is_day))
    }

    /// The purse around these caps.
    fn purse(&self, of: &Counting<'_>, agent: Option<AgentId>, caps: Vec<CapRow>) -> Verb<Purse> {
        let over = Pace::<Usd>::over(self.now, first_paid(self.db, agent)?);
        let with_open = used(self.db, of, self.now.minus(over), None)?;
        let open = Usd::from_micros(open(self.db, of, None)?);
        let settled = with_open.checked_sub(open).unwrap_or(Usd::ZERO);
        // In the words of the index of what is open, of which there is little.
        let uncertain = self.db.number(
            &format!("SELECT sum(counted) FROM payments WHERE {OPEN} AND state = 'uncertain' AND (?1 IS NULL OR agent_id = ?1)"),
            [agent.as_ref().map(AgentId::as_bytes)],
        )?;
        let whose = agent.as_ref().map(AgentId::as_bytes);
        let rolling = self.now.minus(DAY).micros().saturating_add(1);
        let settled_simulated = self.db.number(
            "SELECT sum(counted) FROM payments WHERE settled_at >= ?2 AND simulated = 1 AND (?1 IS NULL OR agent_id = ?1)",
            params![whose, rolling.min(self.midnight.micros())],
        )?;
        let open_simulated = self.db.number(
            &format!("SELECT sum(counted) FROM payments WHERE {OPEN} AND simulated = 1 AND (?1 IS NULL OR agent_id = ?1)"),
            [whose],
        )?;
        let simulated = settled_simulated.saturating_add(open_simulated);
        Ok(Purse {
            caps,
            simulated: Usd::from_micros(simulated),
            uncertain: Usd::from_micros(uncertain),
            pace: Pace::<Usd>::of(settled, over),
        })
    }
}

fn wallet_purse(
    db: &Db<'_>,
    policy: &Policy,
    all: &PaymentPolicy,
    own: &AgentPayments,
    agent: AgentId,
) -> Verb<Purse> {
    let counted = Counted::new(db, policy)?;
    let one = Counting::Agent(agent);
    let caps = &own.caps;
    let mut rows = vec![
        counted.within(&one, "hour", caps.hour, Span::from_hours(1))?,
        counted.within(&one, "day", caps.day, DAY)?,
        counted.today(&one, "calendar_day", caps.day)?,
    ];
    for (name, cap, days) in [("week", caps.week, 7), ("month", caps.month, 30)] {
        if let Some(cap) = cap {
            rows.push(counted.within(&one, name, cap, Span::from_hours(days * 24))?);
        }
    }
    let open_now = Usd::from_micros(open(db, &one, None)?);
    let lifetime = ever(db, &one, None)?;
    rows.push(row("lifetime", caps.lifetime, lifetime, open_now, false));
    for (category, cap) in &caps.categories {
        let of = Counting::Category(agent, category.as_str());
        let mut found = counted.within(&of, "category_day", *cap, DAY)?;
        (found.of, found.is_day) = (Safe::line(category.as_str()), false);
        rows.push(found);
    }
    for who in &all.counterparties {
        if let Some(cap) = who.day {
            let of = Counting::Counterparty(&who.label);
            let mut found = counted.within(&of, "counterparty_day", cap, DAY)?;
            (found.of, found.is_day) = (Safe::line(&who.label), false);
            rows.push(found);
        }
    }
    counted.purse(&one, Some(agent), rows)
}

fn house_purse(db: &Db<'_>, policy: &Policy, payments: &PaymentPolicy) -> Verb<Purse> {
    let counted = Counted::new(db, policy)?;
    let caps = &payments.house;
    let rows = vec![
        counted.within(
            &Counting::House,
            "house_hour",
            caps.hour,
            Span::from_hours(1),
        )?,
        counted.within(&Counting::House, "house_day", caps.day, DAY)?,
        counted.today(&Counting::House, "house_calendar_day", caps.day)?,
    ];
    counted.purse(&Counting::House, None, rows)
}

/// What left a wallet since a moment: by when it was settled, and not by whose it is, of which there is ever more.
pub(in crate::sqlite) const GONE: &str = "SELECT e.asset, e.amount FROM payments p
   CROSS JOIN wallet_entries e ON e.payment_id = p.payment_id
 WHERE p.settled_at IS NOT NULL AND p.settled_at >= ?2 AND +p.agent_id = ?1 AND e.debit IN ('paid', 'fees')";

/// What a wallet should hold, and how fast that went.
fn holdings(db: &Db<'_>, agent: AgentId) -> Verb<Vec<Holding>> {
    let held = db.all(
        "SELECT asset, held FROM wallet_balances WHERE agent_id = ?1 ORDER BY asset",
        [agent.as_bytes()],
        |row| Ok((row.text("asset")?, units(row, "held")?)),
    )?;
    let assets = Assets::read(db)?;
    let over = Pace::<Units>::over(db.now, first_paid(db, Some(agent))?);
    let mut gone: HashMap<String, Units> = HashMap::new();
    db.all(
        GONE,
        params![agent.as_bytes(), db.now.minus(over).micros()],
        |row| {
            let sum = gone.entry(row.text("asset")?).or_insert(Units::ZERO);
            let more = sum.checked_add(units(row, "amount")?);
            *sum = more.ok_or_else(|| Fault::corrupt("a sum of units does not fit"))?;
            Ok(())
        },
    )?;
    let holding = |(name, held): (String, Units)| {
        let asset = assets.of(&name);
        let priced = asset.filter(|asset| asset.price_until > db.now);
        Holding {
            worth: priced.and_then(|a| held.worth_at_least(a.decimals, a.price_usd)),
            decimals: asset.map(|asset| asset.decimals),
            held,
            pace: gone.get(&name).map(|spent| Pace {
                spent: *spent,
                over,
            }),
            asset: Safe::line(&name),
        }
    };
    Ok(held.into_iter().map(holding).collect())
}
