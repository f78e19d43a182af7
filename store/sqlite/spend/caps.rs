//! What counts against an agent's day, and when it frees.

use chimera_domain::{Span, Timestamp, Usd, ids::AgentId};
use rusqlite::params;

use super::super::{
    db::{Db, Fault, Verb},
    rows::Cells,
};

const DAY: Span = Span::from_hours(24);
/// Past any day's end, whatever its offset change, and before the end of the next.
const DAY_AND_A_BIT: Span = Span::from_hours(26);

/// What an agent has spent and reserved against its day, and when enough of it frees.
pub(in crate::sqlite) struct DayUse {
    pub used: Usd,
    /// How much of it is pending, and how much may or may not have been spent.
    pub pending: Usd,
    pub uncertain: Usd,
    /// How much of what is posted or uncertain was billed by stand-ins.
    pub simulated: Usd,
    pub frees_at: Option<Timestamp>,
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
    let midnight = db
        .now
        .day_start(zone)
        .ok_or_else(|| Fault::refused(format!("`{zone}` is not a time zone")))?;
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
    // Exactly 24 hours ago is outside the rolling window.
    let rolling_start = db.now.minus(DAY).micros().saturating_add(1);
    let (rolling, calendar) = (since(rolling_start)?, since(midnight.micros())?);
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
        midnight.micros()
    };
    let part = |of: &str| -> Verb<i64> {
        let sum = format!(
            "SELECT sum(counted) FROM spend_intents
             WHERE agent_id = ?1 AND state IN ('posted', 'uncertain') AND counted_at >= ?2 AND {of}"
        );
        db.number(&sum, params![agent.as_bytes(), binding])
    };
    let (uncertain, simulated) = (part("state = 'uncertain'")?, part("simulated = 1")?);
    // Where even an empty day leaves no room, time frees nothing.
    if room < 0 {
        frees_at = None;
    }
    Ok(DayUse {
        used: Usd::from_micros(rolling.max(calendar).saturating_add(pending)),
        pending: Usd::from_micros(pending),
        uncertain: Usd::from_micros(uncertain),
        simulated: Usd::from_micros(simulated),
        frees_at,
    })
}
