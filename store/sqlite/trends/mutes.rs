//! Topics that somebody wants to hear no more of.

use chimera_domain::{
    Conflict, Outcome, StateVersion,
    ids::{AgentId, MuteId},
    trend::{Mute, NewMute, TrendState},
};
use rusqlite::{Row, params};

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb},
        rows::Cells,
    },
    Moved, head, move_to,
};

/// Those in force at a moment.
const IN_FORCE: &str = "lifted_at IS NULL AND (until IS NULL OR until > ?1)";

impl Db<'_> {
    /// The mutes in force now, the oldest first.
    pub(crate) fn mutes_in_force(&self) -> Verb<Vec<Mute>> {
        self.all(
            &format!("SELECT * FROM muted_topics WHERE {IN_FORCE} ORDER BY made_at, mute_id"),
            [self.now.micros()],
            mute,
        )
    }

    /// The mutes of these ids as they were made, in this order; those that are not there are left out.
    pub(crate) fn mutes_named(&self, ids: &[MuteId]) -> Verb<Vec<Mute>> {
        let mut out = Vec::with_capacity(ids.len());
        for id in ids {
            out.extend(self.one(
                "SELECT * FROM muted_topics WHERE mute_id = ?1",
                [id.as_bytes()],
                mute,
            )?);
        }
        Ok(out)
    }
}

fn mute(row: &Row<'_>) -> Verb<Mute> {
    Ok(Mute {
        id: row.id("mute_id")?,
        agent: row.maybe_id("agent_id")?,
        words: row.text("words")?,
        until: row.maybe_time("until")?,
        by: row.text("made_by")?,
    })
}

pub(super) fn make(db: &Db<'_>, wanted: &NewMute, actor: &str) -> Verb<MuteId> {
    let words = wanted
        .words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if !words.chars().any(char::is_alphanumeric) {
        return Err(Fault::refused("a mute has at least one word"));
    }
    if words.chars().count() > Mute::WORDS_CHARS_MAX {
        return Err(Fault::refused(format!(
            "a mute has at most {} characters",
            Mute::WORDS_CHARS_MAX
        )));
    }
    if wanted.until.is_some_and(|until| until <= db.now) {
        return Err(Fault::refused("a mute ends at a moment that comes"));
    }
    if let Some(agent) = wanted.agent {
        known(db, agent)?;
    }
    let count = db.number(
        &format!("SELECT count(*) FROM muted_topics WHERE {IN_FORCE}"),
        [db.now.micros()],
    )?;
    if count >= i64::from(Mute::IN_FORCE_MAX) {
        return Err(Fault::refused(format!(
            "{} topics are muted, and no more can be: take one back first",
            Mute::IN_FORCE_MAX
        )));
    }
    let id = MuteId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO muted_topics (mute_id, agent_id, words, until, made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            id.as_bytes(),
            wanted.agent.as_ref().map(AgentId::as_bytes),
            words,
            wanted.until.map(|until| until.micros()),
            actor,
            db.now.micros(),
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: id.to_string(),
        verb: "mute_topic",
        to: "muted",
        note: &words,
        ..AuditLine::default()
    })?;
    Ok(id)
}

fn known(db: &Db<'_>, agent: AgentId) -> Verb<()> {
    let there = db.number(
        "SELECT count(*) FROM agents WHERE agent_id = ?1",
        [agent.as_bytes()],
    )?;
    if there == 0 {
        return Err(Fault::refused(format!("there is no agent {agent}")));
    }
    Ok(())
}

pub(super) fn lift(db: &Db<'_>, id: MuteId, actor: &str) -> Verb<Outcome<()>> {
    let found = db.one(
        "SELECT words, lifted_by, lifted_at FROM muted_topics WHERE mute_id = ?1",
        [id.as_bytes()],
        |row| {
            let by: Option<String> = row.get("lifted_by")?;
            Ok((row.text("words")?, by, row.maybe_time("lifted_at")?))
        },
    )?;
    let Some((words, by, at)) = found else {
        return Ok(Outcome::NotFound);
    };
    if at.is_some() {
        return Ok(Outcome::Conflict(db.conflict(Conflict {
            actual: StateVersion::FIRST.next(),
            now: "taken back".to_owned(),
            by,
            at,
        })));
    }
    db.exec_one(
        "UPDATE muted_topics SET lifted_by = ?2, lifted_at = ?3 WHERE mute_id = ?1",
        params![id.as_bytes(), actor, db.now.micros()],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: id.to_string(),
        verb: "unmute_topic",
        from: "muted",
        note: &words,
        ..AuditLine::default()
    })?;
    let put_away = db.all(
        "SELECT trend_id, version, state, snoozed_until FROM trends WHERE mute_id = ?1",
        [id.as_bytes()],
        head,
    )?;
    for trend in put_away {
        move_to(db, &trend, actor, &Moved::to(TrendState::Open))?;
    }
    Ok(Outcome::Done((), StateVersion::FIRST.next()))
}
