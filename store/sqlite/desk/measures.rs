//! Measured times and shares, from the rows themselves.

use chimera_domain::{
    Timestamp,
    views::{Measures, Quantiles},
};
use rusqlite::params;

use super::super::db::{Db, Verb, count};

/// The most samples of one kind: the newest.
const SAMPLES_MAX: u32 = 100_000;

pub(super) fn read(db: &Db<'_>, since: Timestamp) -> Verb<Measures> {
    let number = |sql: &str| db.number(sql, [since.micros()]).map(count);
    let samples = |sql: &str| -> Verb<Option<Quantiles>> {
        let times = db.all(sql, params![since.micros(), SAMPLES_MAX], |row| {
            Ok(count(row.get(0)?))
        })?;
        Ok(Quantiles::of(times))
    };
    let routes = |route: &str| {
        db.number(
            "SELECT count(*) FROM verdicts WHERE at >= ?1 AND route = ?2",
            params![since.micros(), route],
        )
        .map(count)
    };
    Ok(Measures {
        signals: number("SELECT count(*) FROM trend_signals WHERE ingested_at >= ?1")?,
        signals_relevant: number(
            "SELECT count(*) FROM trend_signals WHERE ingested_at >= ?1 AND state IN ('planned', 'held')",
        )?,
        signals_planned: number(
            "SELECT count(*) FROM trend_signals WHERE ingested_at >= ?1 AND state = 'planned'",
        )?,
        signal_to_task: samples(
            "SELECT planned_at - ingested_at FROM trend_signals
             WHERE ingested_at >= ?1 AND planned_at IS NOT NULL ORDER BY ingested_at DESC LIMIT ?2",
        )?,
        work_to_verdict: samples(
            "SELECT v.at - (SELECT min(w.started_at) FROM tasks w
                            WHERE w.trace_id = t.trace_id AND w.plan_attempt = t.plan_attempt)
             FROM verdicts v JOIN tasks t ON t.task_id = v.task_id
             WHERE v.at >= ?1 AND t.started_at IS NOT NULL ORDER BY v.at DESC LIMIT ?2",
        )?,
        ticket_to_decision: samples(
            "SELECT decided_at - created_at FROM tickets
             WHERE decided_at >= ?1 ORDER BY decided_at DESC LIMIT ?2",
        )?,
        routes: (routes("approve")?, routes("hitl_queue")?, routes("reject")?),
        publications: number("SELECT count(*) FROM publications WHERE published_at >= ?1")?,
    })
}
