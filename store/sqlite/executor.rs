//! The executor's verbs: the outbox. What is taken is written down as sent before it is sent.

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, Span, StateVersion, Timestamp,
    artifact::Blob,
    effect::{EffectKind, EffectState, SendOrder, Settlement, Unresolved},
    halt::Scope,
    ids::{EffectId, PublicationId},
    ports::{ExecutorStore, Result},
    spend::BudgetCategory,
    task::{Reason, TaskSpec, TaskState},
    views::{Severity, doubt},
};
use rusqlite::params;
use tracing::info;

use super::{
    SqliteStore,
    db::{Db, Fault, Verb},
    effects,
    heads::{EffectHead, TaskHead},
    moves::{EFFECT_WAITING, Move},
    publications,
    rows::{Cells, json},
    withdraw::withdrawal,
};

/// The alert of an effect nobody knows the fate of.
const UNCERTAIN: &str = "effect_uncertain";
/// After so many tries that did not reach the platform an operator is told that a post waits.
const WAITING_TRIES: u32 = 2;
/// So many effects end without being sent in one transaction; the next look goes on.
const ENDINGS_MAX: usize = 32;
const ACTOR: &str = "executor";

/// An effect `e` of campaign `c` and task `t` that may leave, through a server that is not in `?2`.
macro_rules! may_leave {
    () => {
        "c.state = 'running' AND c.archived = 0
             AND (e.kind = 'withdraw' OR (e.epoch = c.epoch AND t.state = 'approved'))
             AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = e.agent_id)
             AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'platform' AND h.subject = e.server)
             AND e.server NOT IN (SELECT value FROM json_each(?2))"
    };
}

/// The oldest effect that may leave now, of an account of which nothing is under way, if it is among the first
/// that are due: as a rule it is the first.
pub(super) const NEXT: &str = concat!(
    "SELECT e.effect_id FROM (
       SELECT w.effect_id, w.lane FROM effects w INDEXED BY effects_next
       WHERE w.state IN ('held', 'prepared') AND w.due_at <= ?1 ORDER BY w.due_at, w.effect_id LIMIT ",
    soon!(),
    ") soonest CROSS JOIN effects e ON e.effect_id = soonest.effect_id
       AND NOT EXISTS (SELECT 1 FROM effects u
         WHERE u.state IN ('sent', 'uncertain') AND u.state = 'sent' AND u.lane = soonest.lane)
       CROSS JOIN campaigns c ON c.campaign_id = e.campaign_id
       CROSS JOIN tasks t ON t.task_id = e.task_id
     WHERE ",
    may_leave!(),
    " LIMIT 1"
);

/// Whether more are due than [`NEXT`] looked at.
pub(super) const BEYOND: &str = concat!(
    "SELECT EXISTS (SELECT 1 FROM effects INDEXED BY effects_next
       WHERE state IN ('held', 'prepared') AND due_at <= ?1 ORDER BY due_at, effect_id LIMIT 1 OFFSET ",
    soon!(),
    ")"
);

/// The oldest effect that may leave now of an account of which nothing is under way. Account by account, of those of which something waits: however much waits behind
/// what is under way costs one look. The order of the inner joins is fixed: approved tasks grow for ever,
/// effects that wait do not.
pub(super) const DUE: &str = concat!(
    "WITH RECURSIVE lanes (lane) AS (
           SELECT min(lane) FROM effects INDEXED BY effects_due WHERE state IN ('held', 'prepared')
           UNION ALL
           SELECT (SELECT min(n.lane) FROM effects n INDEXED BY effects_due
                   WHERE n.state IN ('held', 'prepared') AND n.lane > lanes.lane)
           FROM lanes WHERE lanes.lane IS NOT NULL)
         SELECT first.effect_id FROM lanes CROSS JOIN effects first ON first.effect_id = (
           SELECT e.effect_id FROM effects e INDEXED BY effects_due
             CROSS JOIN campaigns c ON c.campaign_id = e.campaign_id
             CROSS JOIN tasks t ON t.task_id = e.task_id
           WHERE e.state IN ('held', 'prepared') AND e.lane = lanes.lane AND e.due_at <= ?1
             AND ",
    may_leave!(),
    " ORDER BY e.due_at, e.effect_id LIMIT 1)
         WHERE lanes.lane IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM effects u
             WHERE u.state IN ('sent', 'uncertain') AND u.state = 'sent' AND u.lane = lanes.lane)
         ORDER BY first.due_at, first.effect_id LIMIT 1"
);

#[async_trait]
impl ExecutorStore for SqliteStore {
    async fn take_effect_beside(&self, fence: i64, full: &[String]) -> Result<Option<SendOrder>> {
        if self.is_held_back() {
            return Ok(None);
        }
        let full = full.to_vec();
        // Several senders look after every change, and most looks find nothing: they cost the writer none.
        let looked = full.clone();
        let found = self.read("look for an effect", move |db| due(db, fence, &looked));
        if found.await?.is_none() {
            return Ok(None);
        }
        let taken = self
            .write("take an effect", move |db| take(db, fence, &full))
            .await?;
        for effect in &taken.rehearsed {
            info!(%effect, simulated = true, dry = true, "dry run: it would have been sent now");
        }
        for (effect, line) in &taken.sent_back {
            info!(%effect, line, "not sent: what it was approved on moved");
        }
        let Some((id, version)) = taken.sent else {
            return Ok(None);
        };
        // What was approved never changes, so it may be read beside the writer.
        let order = self.read("read an effect", move |db| order(db, id, version));
        Ok(Some(order.await?))
    }

    async fn settle_effect(
        &self,
        effect: EffectId,
        version: StateVersion,
        settlement: Settlement,
    ) -> Result<Outcome<Option<PublicationId>>> {
        self.write("settle an effect", move |db| {
            settle(db, effect, version, &settlement)
        })
        .await
    }

    async fn unresolved_effects(
        &self,
        fence: i64,
        patience: Span,
        limit: u32,
    ) -> Result<Vec<Unresolved>> {
        self.read("find unresolved effects", move |db| {
            effects::unresolved(db, fence, patience, limit)
        })
        .await
    }

    async fn blob(&self, sha256: ContentHash) -> Result<Option<Blob>> {
        self.read("read a blob", move |db| db.blob(sha256)).await
    }
}

/// What may leave next, under this fence and beside these servers.
fn due(db: &Db<'_>, fence: i64, full: &[String]) -> Verb<Option<EffectId>> {
    db.check_fence(fence)?;
    if !db.fleet_runs()? || db.is_halted(&Scope::Publishing)? {
        return Ok(None);
    }
    let mut shut = full.to_vec();
    if db.is_halted(&Scope::Spending)? {
        shut.extend(paid_servers(db)?);
    }
    let shut = json(&shut)?;
    let find = |sql: &str| {
        let args = params![db.now.micros(), shut];
        db.one(sql, args, |row| row.id("effect_id"))
    };
    let next = find(NEXT)?;
    if next.is_none() && db.number(BEYOND, [db.now.micros()])? == 1 {
        return find(DUE);
    }
    Ok(next)
}

/// What one look took.
#[derive(Default)]
struct Taken {
    /// These reach nobody; they ended as rehearsals.
    rehearsed: Vec<EffectId>,
    /// These were no longer what was approved; they go to the judge with what moved.
    sent_back: Vec<(EffectId, String)>,
    /// This one may be sent, once.
    sent: Option<(EffectId, StateVersion)>,
}

fn take(db: &Db<'_>, fence: i64, full: &[String]) -> Verb<Taken> {
    let mut taken = Taken::default();
    while taken.sent.is_none() && taken.rehearsed.len() + taken.sent_back.len() < ENDINGS_MAX {
        let Some(id) = due(db, fence, full)? else {
            break;
        };
        let effect = db
            .effect_head(id)?
            .ok_or_else(|| Fault::corrupt(format!("{id} is missing")))?;
        let task = task_of(db, &effect)?;
        if effect.kind == EffectKind::Withdraw {
            match db.withdrawal_misses(&effect, ACTOR)? {
                Some(why) => taken.sent_back.push((id, why)),
                None => taken.sent = Some((id, send(db, &effect, &task, fence)?)),
            }
        } else if let Some(line) = db.moved_before_its_slot(&effect, &task)? {
            db.send_back(&task, &line, ACTOR)?;
            taken.sent_back.push((id, line));
        } else if db.rehearses(&effect, &task, ACTOR)? {
            taken.rehearsed.push(id);
        } else {
            taken.sent = Some((id, send(db, &effect, &task, fence)?));
        }
    }
    Ok(taken)
}

/// Writes down that it is sent; from here on somebody may call.
fn send(db: &Db<'_>, effect: &EffectHead, task: &TaskHead, fence: i64) -> Verb<StateVersion> {
    let id = effect.id;
    db.exec_one(
        "UPDATE effects SET fence = ?2, sent_at = ?3, attempt = attempt + 1 WHERE effect_id = ?1",
        params![id.as_bytes(), fence, db.now.micros()],
    )?;
    let version = db.move_effect(effect, EffectState::Sent, ACTOR, "")?;
    let by = By {
        actor: ACTOR,
        reason: Reason::Ordinary,
    };
    if effect.kind == EffectKind::Publish {
        go(db, task, TaskState::Publishing, &by, "")?;
    }
    Ok(version)
}

fn order(db: &Db<'_>, id: EffectId, version: StateVersion) -> Verb<SendOrder> {
    db.one(
        "SELECT e.*, x.spec, p.external_id AS taken_down FROM effects e JOIN task_specs x ON x.task_id = e.task_id
           LEFT JOIN publications p ON p.publication_id = e.publication_id
         WHERE e.effect_id = ?1",
        [id.as_bytes()],
        |row| {
            Ok(SendOrder {
                effect_id: id,
                version,
                task_id: row.id("task_id")?,
                agent_id: row.id("agent_id")?,
                campaign_id: row.id("campaign_id")?,
                trace_id: row.id("trace_id")?,
                task_cap: row.doc::<TaskSpec>("spec")?.budget_usd_max,
                call: row.doc("call")?,
                content_hash: row.hash("content_hash")?,
                idempotency_key: row.text("idempotency_key")?,
                attempt: row.small("attempt")?.saturating_sub(1),
                withdraws: withdrawal(row)?,
            })
        },
    )?
    .ok_or_else(|| Fault::corrupt(format!("{id} is missing")))
}

/// Where sending costs. While no money may be spent, what would go there waits and is not tried.
fn paid_servers(db: &Db<'_>) -> Verb<Vec<String>> {
    let prices = db.policy()?.map(|policy| policy.budget.prices);
    Ok(prices
        .into_iter()
        .flatten()
        .filter(|price| price.category == BudgetCategory::Publishing)
        .map(|price| price.server)
        .collect())
}

fn task_of(db: &Db<'_>, effect: &EffectHead) -> Verb<TaskHead> {
    db.task_head(effect.task)?
        .ok_or_else(|| Fault::corrupt(format!("the task of {} is missing", effect.id)))
}

fn go(db: &Db<'_>, task: &TaskHead, to: TaskState, by: &By<'_>, why: &str) -> Verb<StateVersion> {
    db.move_task(
        task,
        &Move {
            to,
            reason: by.reason,
            why,
            actor: by.actor,
        },
    )
}

fn settle(
    db: &Db<'_>,
    id: EffectId,
    version: StateVersion,
    settlement: &Settlement,
) -> Verb<Outcome<Option<PublicationId>>> {
    let Some(effect) = db.effect_head(id)? else {
        return Ok(Outcome::NotFound);
    };
    if effect.version != version {
        return Ok(Outcome::Conflict(
            db.overtaken(effect.version, effect.state.as_str()),
        ));
    }
    // Out of `uncertain` it was a read-back that settled it.
    let reason = if effect.state == EffectState::Uncertain {
        Reason::ReadBack
    } else {
        Reason::Ordinary
    };
    let by = By {
        actor: ACTOR,
        reason,
    };
    apply(db, &effect, settlement, &by)
}

/// Who settles an effect, and how that is known.
pub(super) struct By<'a> {
    pub(super) actor: &'a str,
    pub(super) reason: Reason,
}

/// Records how an effect ended, or that nobody knows.
pub(super) fn apply(
    db: &Db<'_>,
    effect: &EffectHead,
    settlement: &Settlement,
    by: &By<'_>,
) -> Verb<Outcome<Option<PublicationId>>> {
    if effect.kind == EffectKind::Withdraw {
        let next = db.settle_withdrawal(effect, settlement, by.actor, by.reason)?;
        return Ok(Outcome::Done(None, next));
    }
    let (id, task) = (effect.id, task_of(db, effect)?);
    let mut publication = None;
    let next = match settlement {
        Settlement::Confirmed(receipt) => {
            let next = db.move_effect(effect, EffectState::Confirmed, by.actor, "")?;
            go(db, &task, TaskState::Published, by, "")?;
            publication = Some(publications::publish(db, effect, receipt)?);
            db.post_publishing(task.id)?;
            next
        }
        Settlement::NotSent { why, at } => not_sent(db, effect, &task, (why, *at), by)?,
        Settlement::Moved { why } => {
            let next = db.unsend(effect, db.now, by.actor, why)?;
            db.void_publishing(task.id, why)?;
            go(db, &task, TaskState::Approved, by, why)?;
            db.send_back(&task_of(db, effect)?, why, by.actor)?;
            next.next()
        }
        Settlement::Failed { why } => {
            let next = db.move_effect(effect, EffectState::Failed, by.actor, why)?;
            let told = by.reason == Reason::Resolved;
            let reason = if told {
                Reason::Resolved
            } else {
                Reason::ToolFailed
            };
            go(db, &task, TaskState::Dead, &By { reason, ..*by }, why)?;
            db.void_publishing(task.id, why)?;
            if !told {
                let text = format!("the platform refused {}: {why}", id.short());
                db.alert(Severity::Error, "effect_failed", &id.to_string(), &text)?;
            }
            next
        }
        Settlement::Uncertain { why } => {
            let next = if effect.state == EffectState::Uncertain {
                // Asked again and still no answer: nothing moved.
                effect.version
            } else {
                let next = db.move_effect(effect, EffectState::Uncertain, by.actor, why)?;
                let reason = Reason::NoAnswer;
                go(db, &task, TaskState::Uncertain, &By { reason, ..*by }, why)?;
                next
            };
            db.alert(Severity::Error, UNCERTAIN, &id.to_string(), &doubt(id, why))?;
            next
        }
    };
    if !matches!(settlement, Settlement::Uncertain { .. }) {
        db.close_alert(UNCERTAIN, &id.to_string())?;
    }
    Ok(Outcome::Done(publication, next))
}

/// It waits for the next try, unless the campaign has moved on meanwhile: then it goes to the judge.
fn not_sent(
    db: &Db<'_>,
    effect: &EffectHead,
    task: &TaskHead,
    (why, at): (&str, Timestamp),
    by: &By<'_>,
) -> Verb<StateVersion> {
    let mut next = db.unsend(effect, at, by.actor, why)?;
    let tries = db.one(
        "SELECT attempt FROM effects WHERE effect_id = ?1",
        [effect.id.as_bytes()],
        |row| row.small("attempt"),
    )?;
    let tries = tries.unwrap_or_default();
    db.void_publishing(task.id, why)?;
    if tries >= WAITING_TRIES {
        let text = format!(
            "an approved post waits, it could not be sent {tries} times: {why}; {} is tried again at {}",
            effect.id.short(),
            at.to_rfc3339_seconds()
        );
        db.alert(
            Severity::Warning,
            EFFECT_WAITING,
            &effect.id.to_string(),
            &text,
        )?;
    }
    let reason = Reason::Retry;
    go(db, task, TaskState::Approved, &By { reason, ..*by }, why)?;
    let epoch = db.epoch_of(effect.campaign)?;
    if epoch != effect.epoch && db.runs(effect.campaign)? {
        db.return_one(&task_of(db, effect)?, epoch, ACTOR)?;
        next = next.next();
    }
    Ok(next)
}
