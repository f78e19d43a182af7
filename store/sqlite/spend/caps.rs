//! What counts against an agent's day, and when it frees.

use chimera_domain::{
    Span, Timestamp, Usd,
    ids::{AgentId, CampaignId, TaskId},
    spend::Limit,
};
use rusqlite::params;

use super::super::{
    db::{Db, Fault, Verb},
    rows::Cells,
};

const DAY: Span = Span::from_hours(24);
/// Past any day's end, whatever its offset change, and before the end of the next.
const DAY_AND_A_BIT: Span = Span::from_hours(26);

/// The limits by their names.
pub(super) const TASK: &str = "task";
pub(in crate::sqlite) const CAMPAIGN: &str = "campaign_total";
pub(in crate::sqlite) const AGENT_DAY: &str = "agent_day";

/// On whose account something is spent.
pub(in crate::sqlite) struct Spender {
    pub agent: AgentId,
    pub campaign: CampaignId,
    pub task: TaskId,
    /// The most the task may cost.
    pub task_cap: Usd,
}

/// Each limit an estimate is held against, with what is used of it now; `day` is the zone whose day
/// counts and the cap of the day.
pub(in crate::sqlite) fn limits(
    db: &Db<'_>,
    spender: &Spender,
    day: (&str, Usd),
    estimate: Usd,
) -> Verb<([Limit; 3], DayUse)> {
    let campaign = db
        .campaign(spender.campaign)?
        .ok_or_else(|| Fault::refused(format!("there is no {}", spender.campaign)))?;
    let task_used: Option<Usd> = db.one(
        "SELECT counted FROM tasks WHERE task_id = ?1",
        [spender.task.as_bytes()],
        |row| row.usd("counted"),
    )?;
    let task_used =
        task_used.ok_or_else(|| Fault::refused(format!("there is no {}", spender.task)))?;
    let campaign_used = Usd::from_micros(db.number(
        "SELECT counted FROM campaigns WHERE campaign_id = ?1",
        [spender.campaign.as_bytes()],
    )?);
    let (zone, day_cap) = day;
    let used = day_use(db, spender.agent, zone, day_cap, estimate)?;
    let limits = [
        (TASK, spender.task_cap, task_used),
        (CAMPAIGN, campaign.spec.budget_usd_max, campaign_used),
        (AGENT_DAY, day_cap, used.used),
    ]
    .map(|(limit, cap, used)| Limit {
        limit: limit.to_owned(),
        cap,
        used,
    });
    Ok((limits, used))
}

/// What an agent has spent and reserved against its day, and when enough of it frees.
pub(in crate::sqlite) struct DayUse {
    pub used: Usd,
    /// How much of it is pending.
    pub pending: Usd,
    /// How much of what is posted or uncertain was billed by stand-ins.
    pub simulated: Usd,
    pub frees_at: Option<Timestamp>,
}

/// What all agents have spent of their days, as [`day_use`] counts it and without what is pending.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlite) struct DaySpent {
    /// What is known to be spent.
    pub posted: i64,
    /// What may or may not have been spent.
    pub uncertain: i64,
    /// How much of either was billed by stand-ins.
    pub simulated: i64,
}

/// The stricter day of every agent in one look, however many they are. Of the rolling and the calendar day the one
/// that began first holds the other, and nothing that counts is below zero: so it is the stricter one.
pub(in crate::sqlite) fn day_spent(db: &Db<'_>, zone: &str) -> Verb<DaySpent> {
    let (rolling, calendar) = day_starts(db, zone)?;
    let spent = db.one(DAY_SPENT, [rolling.min(calendar)], |row| {
        let all: i64 = row.get("counted")?;
        let uncertain = row.get("uncertain")?;
        Ok(DaySpent {
            posted: all.saturating_sub(uncertain),
            uncertain,
            simulated: row.get("simulated")?,
        })
    })?;
    Ok(spent.unwrap_or_default())
}

/// Agent by agent along the index of what counts, which holds all that is summed.
pub(in crate::sqlite) const DAY_SPENT: &str = "SELECT
   coalesce(sum(i.counted), 0) AS counted,
   coalesce(sum(i.counted) FILTER (WHERE i.state = 'uncertain'), 0) AS uncertain,
   coalesce(sum(i.counted) FILTER (WHERE i.simulated = 1), 0) AS simulated
 FROM agents a CROSS JOIN spend_intents i
   ON i.agent_id = a.agent_id AND i.state IN ('posted', 'uncertain') AND i.counted_at >= ?1";

/// When the rolling day and the calendar day began.
pub(in crate::sqlite) fn day_starts(db: &Db<'_>, zone: &str) -> Verb<(i64, i64)> {
    let midnight = db
        .now
        .day_start(zone)
        .ok_or_else(|| Fault::refused(format!("`{zone}` is not a time zone")))?;
    // Exactly 24 hours ago is outside the rolling window.
    let rolling = db.now.minus(DAY).micros().saturating_add(1);
    Ok((rolling, midnight.micros()))
}

/// The stricter of the rolling 24 hours and the calendar day. What is pending counts whatever its
/// age: it may be spent at any moment.
pub(in crate::sqlite) fn day_use(
    db: &Db<'_>,
    agent: AgentId,
    zone: &str,
    cap: Usd,
    estimate: Usd,
) -> Verb<DayUse> {
    let (rolling_start, midnight) = day_starts(db, zone)?;
    let pending = db.number(
        "SELECT sum(counted) FROM spend_intents WHERE agent_id = ?1 AND state = 'pending'",
        [agent.as_bytes()],
    )?;
    let since = |start: i64| -> Verb<i64> {
        db.number(
            "SELECT sum(counted) FROM spend_intents
             WHERE agent_id = ?1 AND state IN ('posted', 'uncertain') AND counted_at >= ?2",
            params![agent.as_bytes(), start],
        )
    };
    let (rolling, calendar) = (since(rolling_start)?, since(midnight)?);
    let room = cap
        .micros()
        .saturating_sub(estimate.micros())
        .saturating_sub(pending);
    let mut frees_at = None;
    if calendar > room {
        frees_at = db
            .now
            .day_start(zone)
            .and_then(|d| d.plus(DAY_AND_A_BIT).day_start(zone));
    }
    if rolling > room {
        let mut left = rolling;
        let spent = db.all(
            "SELECT counted, counted_at FROM spend_intents
             WHERE agent_id = ?1 AND state IN ('posted', 'uncertain') AND counted_at >= ?2
             ORDER BY counted_at",
            params![agent.as_bytes(), rolling_start],
            |row| Ok((row.get::<_, i64>("counted")?, row.time("counted_at")?)),
        )?;
        for (amount, at) in spent {
            left = left.saturating_sub(amount);
            if left <= room {
                frees_at = frees_at.max(Some(at.plus(DAY)));
                break;
            }
        }
    }
    let binding = if rolling >= calendar {
        rolling_start
    } else {
        midnight
    };
    let simulated = db.number(
        "SELECT sum(counted) FROM spend_intents
         WHERE agent_id = ?1 AND state IN ('posted', 'uncertain') AND counted_at >= ?2 AND simulated = 1",
        params![agent.as_bytes(), binding],
    )?;
    // Where even an empty day leaves no room, time frees nothing.
    if room < 0 {
        frees_at = None;
    }
    Ok(DayUse {
        used: Usd::from_micros(rolling.max(calendar).saturating_add(pending)),
        pending: Usd::from_micros(pending),
        simulated: Usd::from_micros(simulated),
        frees_at,
    })
}
