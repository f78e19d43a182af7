//! Lessons: what people said of signals, kept line by line for each agent. A line is never changed, so that a score
//! names all it was learned from by the last one.

use chimera_domain::{
    Conflict, Outcome, StateVersion,
    ids::{AgentId, SignalId, TraceId},
    lesson::{Lesson, Lessons},
    signal::{Said, SignalState},
};
use rusqlite::{Row, params};

use super::{
    db::{AuditLine, Counted, Db, Fault, Verb},
    rows::Cells,
};

/// What is asked for by hand has no feed behind it, and no lesson in it.
const GOALS: &str = "goal:";

/// The lines up to one, the last of each signal, without those that were taken back.
const LINES: &str = "SELECT l.signal_id, l.said, json_extract(s.item, '$.title') AS title,
     json_extract(s.item, '$.summary') AS summary
   FROM lessons l CROSS JOIN trend_signals s ON s.signal_id = l.signal_id
   WHERE l.agent_id = ?1 AND l.nth > ?2 - ?3 AND l.nth <= ?2 AND l.said IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM lessons n WHERE n.signal_id = l.signal_id AND n.nth > l.nth AND n.nth <= ?2)
   ORDER BY l.nth";

impl Db<'_> {
    /// The last line there is of an agent, 0 before the first.
    fn last_lesson(&self, agent: AgentId) -> Verb<i64> {
        self.number(
            "SELECT coalesce(max(nth), 0) FROM lessons WHERE agent_id = ?1",
            [agent.as_bytes()],
        )
    }

    /// What was said of an agent's signals up to a line.
    pub(crate) fn lessons_upto(&self, agent: AgentId, upto: i64) -> Verb<Lessons> {
        let lines = self.all(
            LINES,
            params![agent.as_bytes(), upto, Lessons::LINES_MAX],
            |row| {
                Ok(Lesson {
                    signal: row.id("signal_id")?,
                    said: row.word("said")?,
                    title: row.text("title")?,
                    summary: row.text("summary")?,
                })
            },
        )?;
        Ok(Lessons::new(agent, upto, lines))
    }

    /// What was said of an agent's signals, if anything was after a line.
    pub(crate) fn lessons_after(&self, agent: AgentId, known: i64) -> Verb<Option<Lessons>> {
        let last = self.last_lesson(agent)?;
        (last > known)
            .then(|| self.lessons_upto(agent, last))
            .transpose()
    }

    /// Somebody said something of what a plan answers, or took it back. A goal and a follow-up teach nothing of a feed.
    pub(crate) fn learn_of_plan(&self, plan: TraceId, said: Option<Said>, actor: &str) -> Verb<()> {
        let found = self.one(
            "SELECT p.agent_id, p.signal_id FROM plans p
               JOIN trend_signals s ON s.signal_id = p.signal_id
               JOIN resources r ON r.resource_id = s.resource_id
             WHERE p.trace_id = ?1 AND r.uri <> ?2",
            params![plan.as_bytes(), GOALS],
            |row| Ok((row.id::<AgentId>("agent_id")?, row.id("signal_id")?)),
        )?;
        match found {
            Some((agent, signal)) => self.learn(agent, signal, said, actor),
            None => Ok(()),
        }
    }

    fn learn(&self, agent: AgentId, signal: SignalId, said: Option<Said>, actor: &str) -> Verb<()> {
        self.exec_one(
            "INSERT INTO lessons (agent_id, nth, signal_id, said, said_by, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                agent.as_bytes(),
                self.last_lesson(agent)? + 1,
                signal.as_bytes(),
                said.map(Said::as_str),
                actor,
                self.now.micros(),
            ],
        )
    }
}

/// A signal as a person's word finds it.
struct Head {
    agent: AgentId,
    trace: TraceId,
    version: StateVersion,
    state: SignalState,
    said: Option<Said>,
    uri: String,
}

fn head(row: &Row<'_>) -> Verb<Head> {
    Ok(Head {
        agent: row.id("agent_id")?,
        trace: row.id("trace_id")?,
        version: row.version("version")?,
        state: row.word("state")?,
        said: row.maybe_word("said")?,
        uri: row.text("uri")?,
    })
}

/// A person's word on a signal: a lesson, and where the signal was not decided so, the planner looks again.
pub(super) fn say(
    db: &Db<'_>,
    signal: SignalId,
    version: StateVersion,
    said: Said,
    actor: &str,
) -> Verb<Outcome<()>> {
    let found = db.one(
        "SELECT c.agent_id, s.trace_id, s.version, s.state, s.said, r.uri FROM trend_signals s
           JOIN campaigns c ON c.campaign_id = s.campaign_id
           JOIN resources r ON r.resource_id = s.resource_id
         WHERE s.signal_id = ?1",
        [signal.as_bytes()],
        head,
    )?;
    let Some(found) = found else {
        return Ok(Outcome::NotFound);
    };
    if found.uri == GOALS {
        return Err(Fault::refused("a person asked for it: no feed brought it"));
    }
    if found.version != version {
        return Ok(Outcome::Conflict(
            db.overtaken(found.version, found.state.as_str()),
        ));
    }
    let again = match (found.state, said) {
        (SignalState::Planned, _) => {
            return Ok(Outcome::Conflict(db.conflict(Conflict {
                actual: found.version,
                now: "planned: decide its ticket".to_owned(),
                by: None,
                at: None,
            })));
        }
        (SignalState::Unscored, _) => {
            return Err(Fault::refused(
                "it could not be scored, so nothing is like it",
            ));
        }
        // It is left already: the lesson is all there is to say.
        (SignalState::Ignored, Said::Dropped) => false,
        (SignalState::New | SignalState::Held, _) | (SignalState::Ignored, Said::Kept) => true,
    };
    let next = found.version.next();
    let to = if again { SignalState::New } else { found.state };
    db.exec_one(
        "UPDATE trend_signals SET version = ?2, state = ?3, said = ?4, held_until = NULL
         WHERE signal_id = ?1",
        params![
            signal.as_bytes(),
            next.get(),
            to.as_str(),
            again.then_some(said).or(found.said).map(Said::as_str),
        ],
    )?;
    if to != found.state {
        db.counted(Counted::Signal, Some(found.state.as_str()), to.as_str());
    }
    db.learn(found.agent, signal, Some(said), actor)?;
    db.audit(&AuditLine {
        actor,
        subject: signal.to_string(),
        verb: "say_of_signal",
        from: found.state.as_str(),
        to: to.as_str(),
        versions: (found.version.get(), next.get()),
        trace: Some(found.trace),
        note: said.as_str(),
        ..AuditLine::default()
    })?;
    Ok(Outcome::Done((), next))
}
