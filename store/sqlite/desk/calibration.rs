//! What people answered to what the judge was so sure of.

use chimera_domain::{
    Safe, Timestamp,
    second::person_of,
    verdict::Verdict,
    views::{Judged, JudgedRow, ProbeAnswer, WentAlone},
};
use rusqlite::params;

use super::{
    super::{
        db::{Db, Verb},
        rows::Cells,
    },
    reviewers,
};

/// The most answers that are looked at: the newest.
const ANSWERS_MAX: u32 = 20_000;

pub(super) fn read(db: &Db<'_>, since: Timestamp) -> Verb<Judged> {
    let rows = db.all(
        "SELECT k.state, k.decided_at, v.doc AS verdict FROM tickets k JOIN verdicts v ON v.verdict_id = k.verdict_id
         WHERE k.decided_at >= ?1 ORDER BY k.decided_at DESC LIMIT ?2",
        params![since.micros(), ANSWERS_MAX],
        |row| {
            let verdict: Verdict = row.doc("verdict")?;
            Ok(JudgedRow {
                at: row.time("decided_at")?,
                waits_for_score_alone: verdict.waits_for_score_alone(),
                confidence: verdict.confidence,
                answer: row.word("state")?,
                sampled: verdict.sampled,
            })
        },
    )?;
    let alone = db.one(
        "SELECT count(*) AS n, count(p.withdrawn_at) AS down FROM publications p JOIN effects e ON e.effect_id = p.effect_id
         WHERE p.published_at >= ?1 AND e.ticket_id IS NULL",
        [since.micros()],
        |row| {
            Ok(WentAlone {
                published: row.count("n")?,
                taken_down: row.count("down")?,
            })
        },
    )?;
    let people = reviewers::read(db, since)?;
    Ok(Judged {
        rows,
        alone: alone.unwrap_or_default(),
        reversed: people.iter().map(|row| row.reversed).sum(),
        probes: probed(db, since)?,
        window: db.policy()?.map(|policy| policy.judge.window),
    })
}

/// What people did with probes since a moment, the newest first.
fn probed(db: &Db<'_>, since: Timestamp) -> Verb<Vec<ProbeAnswer>> {
    db.all(
        "SELECT decided_by, caught, looked_for FROM probes WHERE decided_at >= ?1 ORDER BY decided_at DESC LIMIT ?2",
        params![since.micros(), ANSWERS_MAX],
        |row| {
            let looked: Option<i64> = row.get("looked_for")?;
            Ok(ProbeAnswer {
                by: Safe::line(person_of(&row.text("decided_by")?)),
                caught: row.flag("caught")?,
                looked_us: looked.and_then(|micros| u64::try_from(micros).ok()),
            })
        },
    )
}
