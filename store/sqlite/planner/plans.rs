//! Decisions on signals: left, held by a cap, or made into tasks, each in one transaction.

use chimera_domain::{
    Outcome, Span, StateVersion, Timestamp,
    campaign::Campaign,
    ids::{SignalId, TaskId, TraceId},
    plan::{Node, TaskGraph},
    ports::{PlanCaps, PlanDecision, Planned, Replan},
    signal::{Relevance, Signal, SignalState},
    task::{Reason, TaskState},
    views::Severity,
};
use rusqlite::params;

use super::super::{
    db::{AuditLine, Counted, Db, Fault, Verb, int},
    moves::Move,
    rows::{Cells, json},
};

/// Who plans, unless a person does.
const ACTOR: &str = "planner";
/// How much later than its creation a task of the next lower priority stands in the queue.
const AGEING: Span = Span::from_mins(10);
/// The alert of a cap that binds, and the caps.
const GOVERNOR: &str = "governor_binds";
const CAPS: [&str; 4] = [
    "plans_per_hour",
    "plans_per_day",
    "queue_depth",
    "review_depth",
];
/// When a full queue is looked at again.
const QUEUE_PAUSE: Span = Span::from_mins(1);
const HOUR: Span = Span::from_hours(1);
const DAY: Span = Span::from_hours(24);

pub(super) fn commit(
    db: &Db<'_>,
    signal: &Signal,
    relevance: Option<&Relevance>,
    decision: &PlanDecision,
) -> Verb<Outcome<Planned>> {
    let stands = db.one(
        "SELECT version, state FROM trend_signals WHERE signal_id = ?1",
        [signal.id.as_bytes()],
        |row| Ok((row.version("version")?, row.word::<SignalState>("state")?)),
    )?;
    let Some((version, state)) = stands else {
        return Ok(Outcome::NotFound);
    };
    if version != signal.version {
        return Ok(Outcome::Conflict(db.overtaken(version, state.as_str())));
    }
    let moved = Moved {
        actor: ACTOR,
        signal,
        from: state,
        relevance,
    };
    let planned = match decision {
        PlanDecision::Ignore { why } => {
            moved.to(db, SignalState::Ignored, why, None)?;
            Planned::Left
        }
        PlanDecision::Unscored { why } => {
            moved.to(db, SignalState::Unscored, why, None)?;
            Planned::Left
        }
        PlanDecision::Plan { graph, caps, .. } => {
            if let Some(conflict) = db.halted(signal.campaign_id, version)? {
                return Ok(Outcome::Conflict(conflict));
            }
            let campaign = db.campaign_of(signal.campaign_id)?;
            match binding_cap(db, &campaign, *caps)? {
                Some((cap, until)) => {
                    let why = format!("held by {cap} until {}", until.to_rfc3339_seconds());
                    moved.to(db, SignalState::Held, &why, Some(until))?;
                    let subject = format!("{} {cap}", campaign.agent_id);
                    let text = format!(
                        "plans wait for {cap}, which frees at {}",
                        until.to_rfc3339_seconds()
                    );
                    db.alert(Severity::Info, GOVERNOR, &subject, &text)?;
                    Planned::Held {
                        cap: cap.to_owned(),
                        until,
                    }
                }
                None => {
                    moved.to(db, SignalState::Planned, "", None)?;
                    let subjects = CAPS.map(|cap| format!("{} {cap}", campaign.agent_id));
                    db.close_alerts(GOVERNOR, &subjects)?;
                    let tasks = make(db, &campaign, signal, graph, ACTOR)?;
                    Planned::Made { tasks }
                }
            }
        }
    };
    Ok(Outcome::Done(planned, version.next()))
}

/// A signal that is decided on, by whom.
pub(in crate::sqlite) struct Moved<'a> {
    pub actor: &'a str,
    pub signal: &'a Signal,
    pub from: SignalState,
    pub relevance: Option<&'a Relevance>,
}

impl Moved<'_> {
    pub(in crate::sqlite) fn to(
        &self,
        db: &Db<'_>,
        to: SignalState,
        why: &str,
        until: Option<Timestamp>,
    ) -> Verb<()> {
        let next = self.signal.version.next();
        let planned = (to == SignalState::Planned).then(|| db.now.micros());
        db.exec_one(
            "UPDATE trend_signals SET state = ?2, version = ?3, why = ?4, held_until = ?5, planned_at = ?6,
               score = coalesce(?7, score), relevance = coalesce(?8, relevance)
             WHERE signal_id = ?1 AND version = ?9",
            params![
                self.signal.id.as_bytes(),
                to.as_str(),
                next.get(),
                why,
                until.map(Timestamp::micros),
                planned,
                self.relevance.map(|r| r.score.ppm()),
                self.relevance.map(json).transpose()?,
                self.signal.version.get(),
            ],
        )?;
        db.counted(Counted::Signal, Some(self.from.as_str()), to.as_str());
        if self.from == to {
            // Held again by the next look: the row says why, and nothing moved.
            return Ok(());
        }
        db.audit(&AuditLine {
            actor: self.actor,
            subject: self.signal.id.to_string(),
            verb: "commit_plan",
            from: self.from.as_str(),
            to: to.as_str(),
            versions: (self.signal.version.get(), next.get()),
            trace: Some(self.signal.trace_id),
            note: why,
            ..AuditLine::default()
        })
    }
}

/// The first cap that binds, and when it is worth looking again.
pub(in crate::sqlite) fn binding_cap(
    db: &Db<'_>,
    campaign: &Campaign,
    caps: PlanCaps,
) -> Verb<Option<(&'static str, Timestamp)>> {
    for (name, cap, window) in [
        ("plans_per_hour", caps.per_hour, HOUR),
        ("plans_per_day", caps.per_day, DAY),
    ] {
        if let Some(until) = window_frees(db, campaign, cap, window)? {
            return Ok(Some((name, until)));
        }
    }
    let queued = db.census(Counted::Task, &["pending", "claimed", "review", "replan"])?;
    if queued >= i64::from(caps.queue_depth) {
        return Ok(Some(("queue_depth", db.now.plus(QUEUE_PAUSE))));
    }
    let waiting = db.census(Counted::Ticket, &["open", "escalated"])?;
    if waiting >= i64::from(caps.review_depth) {
        return Ok(Some(("review_depth", db.now.plus(QUEUE_PAUSE))));
    }
    Ok(None)
}

/// When a rolling cap leaves room for one more plan; `None` when it does now.
fn window_frees(
    db: &Db<'_>,
    campaign: &Campaign,
    cap: u32,
    window: Span,
) -> Verb<Option<Timestamp>> {
    if cap == 0 {
        return Ok(Some(db.now.plus(window)));
    }
    // The plan that must leave the window: as many newer ones as the cap allows may stay, less one.
    let leaves = db.one(
        "SELECT created_at FROM plans WHERE agent_id = ?1
           AND nth = (SELECT max(nth) FROM plans WHERE agent_id = ?1) - ?2",
        params![campaign.agent_id.as_bytes(), cap - 1],
        |row| row.time(0),
    )?;
    Ok(leaves
        .map(|at| at.plus(window))
        .filter(|until| *until > db.now))
}

/// Makes the tasks of a plan that answers a signal; how many.
pub(in crate::sqlite) fn make(
    db: &Db<'_>,
    campaign: &Campaign,
    signal: &Signal,
    graph: &TaskGraph,
    actor: &str,
) -> Verb<u32> {
    let title = &signal.item.title;
    let search = format!("{title} {}", campaign.spec.name).to_lowercase();
    db.exec_one(
        "INSERT INTO plans (trace_id, agent_id, nth, campaign_id, signal_id, title, search, created_at, moved_at)
         VALUES (?1, ?2, (SELECT coalesce(max(nth), 0) + 1 FROM plans WHERE agent_id = ?2), ?3, ?4, ?5, ?6, ?7, ?7)",
        params![
            signal.trace_id.as_bytes(),
            campaign.agent_id.as_bytes(),
            campaign.id.as_bytes(),
            signal.id.as_bytes(),
            title,
            search,
            db.now.micros(),
        ],
    )?;
    db.exec_one(
        "UPDATE resources SET converted = converted + 1 WHERE resource_id =
           (SELECT resource_id FROM trend_signals WHERE signal_id = ?1)",
        [signal.id.as_bytes()],
    )?;
    Attempt {
        campaign,
        signal: Some(signal.id),
        trace: signal.trace_id,
        number: 1,
        actor,
    }
    .insert(db, graph)
}

/// An attempt at a plan, by whom.
struct Attempt<'a> {
    campaign: &'a Campaign,
    signal: Option<SignalId>,
    trace: TraceId,
    number: u32,
    actor: &'a str,
}

impl Attempt<'_> {
    fn insert(&self, db: &Db<'_>, graph: &TaskGraph) -> Verb<u32> {
        let mut made = 0;
        for node in graph.nodes() {
            let parents: Vec<TaskId> = node
                .after
                .iter()
                .filter_map(|name| graph.nodes().iter().find(|n| n.name == *name))
                .map(|parent| parent.id)
                .collect();
            self.insert_node(db, graph.template(), made, node, &parents)?;
            made += 1;
        }
        Ok(made)
    }

    fn insert_node(
        &self,
        db: &Db<'_>,
        template: &str,
        order: u32,
        node: &Node,
        parents: &[TaskId],
    ) -> Verb<()> {
        let campaign = self.campaign;
        let handicap = AGEING
            .micros()
            .saturating_mul(u64::try_from(node.spec.priority.rank()).unwrap_or(0));
        db.exec_one(
        "INSERT INTO tasks (task_id, version, agent_id, campaign_id, epoch, signal_id, trace_id, template, node,
           node_order, plan_attempt, attempt, kind, state, reason, why, waiting_on, claim_order, ready_at,
           issues, created_at, moved_at)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, 'pending', 'ordinary', '', ?12, ?13,
           ?14, '[]', ?14, ?14)",
        params![
            node.id.as_bytes(),
            campaign.agent_id.as_bytes(),
            campaign.id.as_bytes(),
            campaign.epoch.get(),
            self.signal.as_ref().map(SignalId::as_bytes),
            self.trace.as_bytes(),
            template,
            node.name,
            order,
            self.number,
            node.spec.kind.as_str(),
            int(u64::try_from(parents.len()).unwrap_or(u64::MAX)),
            db.now.micros().saturating_add(int(handicap)),
            db.now.micros(),
        ],
    )?;
        db.exec_one(
            "INSERT INTO task_specs (task_id, spec) VALUES (?1, ?2)",
            params![node.id.as_bytes(), json(&node.spec)?],
        )?;
        db.counted(Counted::Task, None, TaskState::Pending.as_str());
        for parent in parents {
            db.exec_one(
                "INSERT INTO task_edges (parent_id, child_id) VALUES (?1, ?2)",
                params![parent.as_bytes(), node.id.as_bytes()],
            )?;
        }
        db.audit(&AuditLine {
            actor: self.actor,
            subject: node.id.to_string(),
            verb: "plan_task",
            to: TaskState::Pending.as_str(),
            reason: Reason::Ordinary.as_str(),
            versions: (0, 1),
            trace: Some(self.trace),
            note: &node.name,
            ..AuditLine::default()
        })
    }
}

pub(super) fn commit_again(
    db: &Db<'_>,
    task: TaskId,
    version: StateVersion,
    replan: &Replan,
) -> Verb<Outcome<()>> {
    let Some(head) = db.task_head(task)? else {
        return Ok(Outcome::NotFound);
    };
    if head.version != version || head.state != TaskState::Replan {
        return Ok(Outcome::Conflict(
            db.overtaken(head.version, head.state.as_str()),
        ));
    }
    if let Some(conflict) = db.halted(head.campaign, head.version)? {
        return Ok(Outcome::Conflict(conflict));
    }
    let (to, reason, why) = match replan {
        Replan::GiveUp { why } => (TaskState::Dead, Reason::DeadLetter, why.as_str()),
        Replan::Again { graph, .. } => {
            let campaign = db.campaign_of(head.campaign)?;
            let last = db.one(
                "SELECT signal_id, (SELECT max(plan_attempt) FROM tasks p WHERE p.trace_id = t.trace_id) AS last
                 FROM tasks t WHERE task_id = ?1",
                [task.as_bytes()],
                |row| Ok((row.maybe_id("signal_id")?, row.small("last")?)),
            )?;
            let (signal, last) =
                last.ok_or_else(|| Fault::corrupt(format!("task {task} is missing")))?;
            let attempt = Attempt {
                campaign: &campaign,
                signal,
                trace: head.trace,
                number: last + 1,
                actor: ACTOR,
            };
            attempt.insert(db, graph)?;
            (
                TaskState::Rejected,
                Reason::Replaced,
                "replaced by a new attempt",
            )
        }
    };
    let to = Move {
        to,
        reason,
        why,
        actor: ACTOR,
    };
    // That the judge refuses is its work; that something a person waited for is given up is news.
    let next = if db.was_asked(head.trace)? {
        db.end_attempt(&head, &to)?
    } else {
        db.move_task(&head, &to)?
    };
    Ok(Outcome::Done((), next))
}
