//! The first decision on each wish, with what it was made from.

use chimera_domain::{
    Timestamp,
    cfo::{self, FirstDecision, Word},
};
use rusqlite::params;

use super::super::super::{
    db::{Db, Verb},
    rows::Cells,
};

/// A page of them after a place, and the place to go on from.
pub(super) fn read(
    db: &Db<'_>,
    since: Timestamp,
    after: i64,
    limit: u32,
) -> Verb<(Vec<FirstDecision>, Option<i64>)> {
    let found = db.all(
        "SELECT d.decision_id, d.payment_id, d.at, d.verdict, d.people, d.lines, d.facts, p.wish, p.counted
         FROM payment_decisions d JOIN payments p ON p.payment_id = d.payment_id
         WHERE d.step = 'propose' AND d.at >= ?1 AND d.decision_id > ?2 ORDER BY d.decision_id LIMIT ?3",
        params![since.micros(), after, limit],
        |row| {
            let verdict = row.word("verdict")?;
            let lines: Vec<cfo::Line> = row.doc("lines")?;
            let binding = lines
                .into_iter()
                .find(|line| line.says == verdict && line.says != cfo::Rule::Allow);
            let place: i64 = row.get("decision_id")?;
            Ok((
                place,
                FirstDecision {
                    payment_id: row.id("payment_id")?,
                    at: row.time("at")?,
                    wish: row.doc("wish")?,
                    facts: row.doc("facts")?,
                    word: Word {
                        verdict,
                        people: row.small("people")?,
                        code: binding.map(|line| line.code).unwrap_or_default(),
                    },
                    counted: row.usd("counted")?,
                },
            ))
        },
    )?;
    let full = u32::try_from(found.len()) == Ok(limit);
    let last = found.last().map(|(place, _)| *place).filter(|_| full);
    Ok((found.into_iter().map(|(_, one)| one).collect(), last))
}
