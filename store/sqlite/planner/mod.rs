//! The planner's verbs: what was perceived, and what was decided on it.
//!
//! `polls.rs` turns one poll into signals, `plans.rs` turns decisions into tasks. Neither scores.

pub(super) mod plans;
pub(super) mod polls;

use async_trait::async_trait;
use chimera_domain::{
    Outcome, StateVersion,
    campaign::Campaign,
    ids::{AgentId, TaskId},
    lesson::Lessons,
    plan::Node,
    ports::{PlanDecision, Planned, PlannerStore, Replan, ReplanCase, Result},
    resource::{Poll, PollReport, Resource},
    signal::{Relevance, Signal},
    task::Task,
    trend::Mute,
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{Db, Fault, Verb},
    rows::{self, Cells},
};

/// The most rows one question gives.
const LIMIT_MAX: u32 = 500;

#[async_trait]
impl PlannerStore for SqliteStore {
    async fn due_resources(&self, limit: u32) -> Result<Vec<Resource>> {
        if self.is_held_back() {
            return Ok(Vec::new());
        }
        self.read("find due resources", move |db| {
            db.all(
                "SELECT * FROM resources WHERE archived = 0 AND next_poll_at <= ?1
                 ORDER BY next_poll_at LIMIT ?2",
                params![db.now.micros(), limit.min(LIMIT_MAX)],
                rows::resource,
            )
        })
        .await
    }

    async fn commit_poll(&self, resource: &Resource, poll: Poll) -> Result<Outcome<PollReport>> {
        let resource = resource.clone();
        self.write("record a poll", move |db| {
            polls::commit(db, &resource, &poll)
        })
        .await
    }

    async fn next_signals(&self, limit: u32) -> Result<Vec<(Signal, Campaign)>> {
        if self.is_held_back() {
            return Ok(Vec::new());
        }
        self.read("find new signals", move |db| next_signals(db, limit))
            .await
    }

    async fn commit_plan(
        &self,
        signal: &Signal,
        relevance: Option<Relevance>,
        decision: PlanDecision,
    ) -> Result<Outcome<Planned>> {
        let signal = signal.clone();
        self.write("record a plan", move |db| {
            plans::commit(db, &signal, relevance.as_ref(), &decision)
        })
        .await
    }

    async fn lessons(&self, agent: AgentId, known: i64) -> Result<Option<Lessons>> {
        self.read("find what people said of signals", move |db| {
            db.lessons_after(agent, known)
        })
        .await
    }

    async fn mutes(&self) -> Result<Vec<Mute>> {
        self.read("read what is muted", |db| db.mutes_in_force())
            .await
    }

    async fn next_replan(&self) -> Result<Option<ReplanCase>> {
        if self.is_held_back() {
            return Ok(None);
        }
        self.read("find a task to plan again", next_replan).await
    }

    async fn commit_replan(
        &self,
        task: TaskId,
        version: StateVersion,
        replan: Replan,
    ) -> Result<Outcome<()>> {
        self.write("record a new attempt", move |db| {
            plans::commit_again(db, task, version, &replan)
        })
        .await
    }
}

fn next_signals(db: &Db<'_>, limit: u32) -> Verb<Vec<(Signal, Campaign)>> {
    if !db.fleet_runs()? {
        return Ok(Vec::new());
    }
    let signals = db.all(
        concat!(
            "SELECT ",
            signal_row!(),
            " FROM trend_signals s INDEXED BY signals_waiting
           CROSS JOIN campaigns c ON c.campaign_id = s.campaign_id
         WHERE s.state IN ('new', 'held') AND (s.state = 'new' OR s.held_until <= ?1)
           AND c.state = 'running' AND c.archived = 0
           AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = c.agent_id)
         ORDER BY s.ingested_at, s.signal_id LIMIT ?2"
        ),
        params![db.now.micros(), limit.min(LIMIT_MAX)],
        rows::signal,
    )?;
    // Only those that are asked for: a fleet has many, and one look concerns few.
    let mut campaigns: Vec<Campaign> = Vec::new();
    signals
        .into_iter()
        .map(|signal: Signal| {
            let known = campaigns.iter().find(|c| c.id == signal.campaign_id);
            let campaign = match known {
                Some(campaign) => campaign.clone(),
                None => {
                    let campaign = db.campaign_of(signal.campaign_id)?;
                    campaigns.push(campaign.clone());
                    campaign
                }
            };
            Ok((signal, campaign))
        })
        .collect()
}

fn next_replan(db: &Db<'_>) -> Verb<Option<ReplanCase>> {
    if !db.fleet_runs()? {
        return Ok(None);
    }
    let found = db.one(
        concat!(
            "SELECT ",
            task_row!(),
            ", t.issues FROM tasks t INDEXED BY tasks_open
           CROSS JOIN campaigns c ON c.campaign_id = t.campaign_id
           CROSS JOIN task_specs x ON x.task_id = t.task_id
         WHERE t.state = 'replan' AND t.ready_at <= ?1 AND c.state = 'running' AND c.archived = 0
           AND t.signal_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = c.agent_id)
         ORDER BY t.moved_at LIMIT 1"
        ),
        [db.now.micros()],
        |row| Ok((rows::task(row)?, row.doc::<Vec<String>>(13)?)),
    )?;
    let Some((task, issues)) = found else {
        return Ok(None);
    };
    let (signal, relevance) = db
        .signal_of(task.signal_id)?
        .ok_or_else(|| Fault::corrupt(format!("the signal of {} is missing", task.id)))?;
    let launched = launched(db, &task)?;
    Ok(Some(ReplanCase {
        launched,
        campaign: db.campaign_of(task.campaign_id)?,
        task,
        signal,
        relevance,
        issues,
    }))
}

/// The nodes of this attempt, where a person launched them.
fn launched(db: &Db<'_>, task: &Task) -> Verb<Vec<Node>> {
    let of = params![
        task.trace_id.as_bytes(),
        task.plan_attempt,
        chimera_domain::goal::TEMPLATE
    ];
    let mut nodes = db.all(
        "SELECT t.task_id, t.node, x.spec FROM tasks t JOIN task_specs x ON x.task_id = t.task_id
         WHERE t.trace_id = ?1 AND t.plan_attempt = ?2 AND t.template = ?3 ORDER BY t.node_order",
        of,
        |row| {
            Ok(Node {
                id: row.id("task_id")?,
                name: row.text("node")?,
                spec: row.doc("spec")?,
                after: Vec::new(),
            })
        },
    )?;
    for node in &mut nodes {
        node.after = db.all(
            "SELECT p.node FROM task_edges e JOIN tasks p ON p.task_id = e.parent_id
             WHERE e.child_id = ?1 ORDER BY p.node_order",
            [node.id.as_bytes()],
            |row| row.text("node"),
        )?;
    }
    Ok(nodes)
}
