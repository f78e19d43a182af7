//! What was under way when something was halted, what became of it, and what leaves next.

use chimera_domain::{
    Safe, Timestamp,
    effect::{EffectState, OutgoingCall},
    halt::{Act, Scope},
    ids::{AgentId, ClaimId, EffectId, IntentId, TaskId},
    spend::IntentState,
    task::TaskState,
    views::{EffectRow, HaltReport, HaltRow, HaltedBy, InFlight, InFlightKind, Proof},
};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        db::{Db, Verb, count},
        halts::{LiveHalt, Server, Subject, reached},
        rows::Cells,
    },
    lists,
};

/// The most of a kind that a halt writes down; there are only as many as are worked on at once.
const FLIGHT_MAX: u32 = 1_000;
const LABEL_COLUMNS: usize = 60;
/// The most effects that are listed as leaving next.
const LEAVING_MAX: u32 = 200;

/// The ids of what was under way.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Flight {
    effects: Vec<EffectId>,
    claims: Vec<(TaskId, ClaimId)>,
    intents: Vec<IntentId>,
}

impl Flight {
    /// What is under way now of what the scope reaches and a halt of it would have stopped.
    pub(super) fn read(db: &Db<'_>, scope: &Scope) -> Verb<Self> {
        let mut flight = Self::default();
        let find = |select: &str| {
            format!(
                "SELECT {select} AND {} LIMIT {FLIGHT_MAX}",
                reached(scope, Server::OfEffects)
            )
        };
        if scope.stops(Act::Publish) {
            // Uncertain ones are spelled out so that the index of open effects serves.
            let sql = find(
                "effect_id FROM effects WHERE state IN ('sent', 'uncertain') AND state = 'sent'",
            );
            flight.effects = db.all(&sql, [Subject(scope)], |row| row.id("effect_id"))?;
        }
        if scope.stops(Act::Work) {
            let sql = find("task_id, claim_id FROM tasks WHERE state = 'claimed'");
            flight.claims = db.all(&sql, [Subject(scope)], |row| {
                Ok((row.id("task_id")?, row.id("claim_id")?))
            })?;
        }
        if scope.stops(Act::Spend) {
            let sql = find("intent_id FROM spend_intents WHERE state = 'pending'");
            flight.intents = db.all(&sql, [Subject(scope)], |row| row.id("intent_id"))?;
        }
        Ok(flight)
    }

    /// What can no longer be stopped: effects that were sent, or calls that are being paid.
    pub(super) fn on_its_way(&self, scope: &Scope) -> u64 {
        let n = match scope {
            Scope::Spending => self.intents.len(),
            Scope::Fleet
            | Scope::Publishing
            | Scope::Agent(_)
            | Scope::Campaign(_)
            | Scope::Platform(_) => self.effects.len(),
        };
        u64::try_from(n).unwrap_or(u64::MAX)
    }
}

/// Every live halt as it is shown.
pub(super) fn rows(db: &Db<'_>) -> Verb<Vec<HaltRow>> {
    let halts = db.live_halts()?;
    let rows = halts
        .iter()
        .map(|live| row(db, live, &in_flight(db, live)?));
    rows.collect()
}

fn row(db: &Db<'_>, live: &LiveHalt, in_flight: &[InFlight]) -> Verb<HaltRow> {
    let keeps = if live.scope.stops(Act::Publish) {
        let sql = format!(
            "SELECT count(*) FROM effects WHERE state IN ('held', 'prepared') AND {}",
            reached(&live.scope, Server::OfEffects)
        );
        count(db.number(&sql, [Subject(&live.scope)])?)
    } else {
        0
    };
    Ok(HaltRow {
        scope: live.scope.clone(),
        what: what(db, &live.scope)?,
        level: live.level,
        by: HaltedBy {
            by: Safe::line(&live.by),
            at: live.at,
            why: Safe::line(&live.why),
        },
        keeps,
        proof: Proof::of(in_flight),
    })
}

/// The scope in words, with names and not ids.
fn what(db: &Db<'_>, scope: &Scope) -> Verb<Safe> {
    let named = |sql: &str, id: &[u8; 16]| -> Verb<String> {
        let name = db.one(sql, [id], |row| row.text("name"))?;
        Ok(name.unwrap_or_default())
    };
    Ok(Safe::line(&match scope {
        Scope::Fleet => "everything".to_owned(),
        Scope::Publishing | Scope::Spending => scope.kind().to_string(),
        Scope::Agent(id) => {
            let sql = "SELECT slug AS name FROM agents WHERE agent_id = ?1";
            format!("agent {}", named(sql, AgentId::as_bytes(id))?)
        }
        Scope::Campaign(id) => {
            let sql = "SELECT name FROM campaigns WHERE campaign_id = ?1";
            format!("campaign {}", named(sql, id.as_bytes())?)
        }
        Scope::Platform(name) => format!("platform {name}"),
    }))
}

/// Every live halt with the proof of it.
pub(super) fn reports(db: &Db<'_>) -> Verb<Vec<HaltReport>> {
    let halts = db.live_halts()?;
    halts.iter().map(|live| report(db, live)).collect()
}

/// What was under way when this halt was made, as it stands now.
fn in_flight(db: &Db<'_>, live: &LiveHalt) -> Verb<Vec<InFlight>> {
    let flight: Flight = db
        .one(
            "SELECT in_flight FROM halts WHERE kind = ?1 AND subject = ?2",
            params![live.scope.kind().as_str(), Subject(&live.scope)],
            |row| row.doc("in_flight"),
        )?
        .unwrap_or_default();
    let mut in_flight = Vec::new();
    for id in flight.effects {
        in_flight.extend(effect(db, id)?);
    }
    for (task, claim) in flight.claims {
        in_flight.extend(claimed(db, task, claim)?);
    }
    for id in flight.intents {
        in_flight.extend(intent(db, id)?);
    }
    Ok(in_flight)
}

pub(super) fn report(db: &Db<'_>, live: &LiveHalt) -> Verb<HaltReport> {
    let in_flight = in_flight(db, live)?;
    let began_after = if live.scope.stops(Act::Publish) {
        let sql = format!(
            "SELECT count(*) FROM effects WHERE sent_at > ?2 AND {}",
            reached(&live.scope, Server::OfEffects)
        );
        count(db.number(&sql, params![Subject(&live.scope), live.at.micros()])?)
    } else {
        0
    };
    Ok(HaltReport {
        halt: row(db, live, &in_flight)?,
        in_flight,
        began_after,
    })
}

fn effect(db: &Db<'_>, id: EffectId) -> Verb<Option<InFlight>> {
    db.one(
        "SELECT state, moved_at, call FROM effects WHERE effect_id = ?1",
        [id.as_bytes()],
        |row| {
            let state: EffectState = row.word("state")?;
            let moved_at: Timestamp = row.time("moved_at")?;
            let call: OutgoingCall = row.doc("call")?;
            let open = matches!(state, EffectState::Sent | EffectState::Uncertain);
            Ok(InFlight {
                kind: InFlightKind::Effect,
                id: id.to_string(),
                label: Safe::line(&call.post.text).cut(LABEL_COLUMNS),
                now: state.to_string(),
                ended_at: (!open).then_some(moved_at),
                slipped: state == EffectState::Confirmed,
            })
        },
    )
}

fn claimed(db: &Db<'_>, task: TaskId, claim: ClaimId) -> Verb<Option<InFlight>> {
    db.one(
        "SELECT state, moved_at, claim_id, node FROM tasks WHERE task_id = ?1",
        [task.as_bytes()],
        |row| {
            let state: TaskState = row.word("state")?;
            let held = row.maybe_id("claim_id")? == Some(claim);
            let moved_at: Timestamp = row.time("moved_at")?;
            Ok(InFlight {
                kind: InFlightKind::Claim,
                id: task.to_string(),
                label: row.line("node")?,
                now: state.to_string(),
                ended_at: (!held).then_some(moved_at),
                slipped: false,
            })
        },
    )
}

fn intent(db: &Db<'_>, id: IntentId) -> Verb<Option<InFlight>> {
    db.one(
        "SELECT state, counted_at, memo FROM spend_intents WHERE intent_id = ?1",
        [id.as_bytes()],
        |row| {
            let state: IntentState = row.word("state")?;
            let settled_at: Timestamp = row.time("counted_at")?;
            let open = matches!(state, IntentState::Pending | IntentState::Uncertain);
            Ok(InFlight {
                kind: InFlightKind::Reservation,
                id: id.to_string(),
                label: row.line("memo")?,
                now: state.to_string(),
                ended_at: (!open).then_some(settled_at),
                slipped: false,
            })
        },
    )
}

/// What leaves next once nothing stops it.
pub(super) fn leaving(db: &Db<'_>, limit: u32) -> Verb<Vec<EffectRow>> {
    let reaches = db.reaches();
    db.all(
        "SELECT e.* FROM effects e INDEXED BY effects_due
           CROSS JOIN campaigns c ON c.campaign_id = e.campaign_id
           CROSS JOIN tasks t ON t.task_id = e.task_id
         WHERE e.state IN ('held', 'prepared') AND c.archived = 0 AND e.epoch = c.epoch
           AND t.state = 'approved' AND t.content_hash = e.content_hash
         ORDER BY e.due_at, e.effect_id LIMIT ?1",
        [limit.min(LEAVING_MAX)],
        |row| lists::effect_row(row, &reaches),
    )
}
