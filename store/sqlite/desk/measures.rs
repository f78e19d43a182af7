//! Measured times and shares, from the rows themselves.

use chimera_domain::{
    Span, Timestamp, Usd,
    views::{Measures, Quantiles, Series},
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

/// The most steps of a series.
const STEPS_MAX: u64 = 200;

pub(super) fn series(db: &Db<'_>, since: Timestamp, step: Span) -> Verb<Series> {
    let step = Span::from_micros(step.micros().max(1));
    let steps = db.now.since(since).micros().div_ceil(step.micros());
    let steps = usize::try_from(steps.clamp(1, STEPS_MAX)).unwrap_or(1);
    let wide = i64::try_from(step.micros()).unwrap_or(i64::MAX);
    // What lies before the beginning or beyond the last step is not counted anywhere.
    let sums = |sql: &str| -> Verb<Vec<i64>> {
        let mut sums = vec![0_i64; steps];
        let found: Vec<(i64, i64)> = db.all(sql, params![since.micros(), wide], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        for (at, n) in found {
            if let Some(sum) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) {
                *sum = n;
            }
        }
        Ok(sums)
    };
    let counts =
        |sql: &str| Ok::<_, super::super::db::Fault>(sums(sql)?.into_iter().map(count).collect());
    let spent = sums(
        "SELECT (at - ?1) / ?2, sum(counted) FROM spend_intents
         WHERE at >= ?1 AND state IN ('posted', 'uncertain') GROUP BY 1",
    )?;
    Ok(Series {
        step,
        spent: spent.into_iter().map(Usd::from_micros).collect(),
        spent_simulated: Usd::from_micros(db.number(
            "SELECT sum(counted) FROM spend_intents
             WHERE at >= ?1 AND state IN ('posted', 'uncertain') AND simulated = 1",
            [since.micros()],
        )?),
        tickets: counts(
            "SELECT (created_at - ?1) / ?2, count(*) FROM tickets WHERE created_at >= ?1 GROUP BY 1",
        )?,
        published: counts(
            "SELECT (published_at - ?1) / ?2, count(*) FROM publications WHERE published_at >= ?1 GROUP BY 1",
        )?,
        signals: counts(
            "SELECT (ingested_at - ?1) / ?2, count(*) FROM trend_signals WHERE ingested_at >= ?1 GROUP BY 1",
        )?,
    })
}
