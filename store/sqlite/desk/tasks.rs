//! Tasks as lists: plan by plan, and one by one.

use chimera_domain::{
    ids::{TaskId, TraceId},
    mode::Reach,
    task::TaskSpec,
    views::{By, Page, PageRequest, TaskRow},
};
use rusqlite::types::Value;

use super::{
    super::{
        db::{Counted, Db, Verb},
        rows::Cells,
    },
    filter::{Field, agent, campaign, elsewhere, field},
    page::{Ids, List, Whole, both, one},
};

/// What a filter can name of a task. An agent is called by its persona, and so is the field.
const TASKS: &[Field] = &[
    campaign!("t.campaign_id"),
    agent!("agent", "t.campaign_id"),
    agent!("persona", "t.campaign_id"),
    field("kind", "t.kind"),
    field("node", "t.node"),
    field("state", "t.state"),
    field("reason", "t.reason"),
    field("why", "t.why"),
];
/// By plan, the plan that moved last first.
pub(super) fn by_plan(
    db: &Db<'_>,
    page: &PageRequest,
    trace: Option<TraceId>,
) -> Verb<Page<TaskRow>> {
    let (only, whole, args) = match trace {
        Some(trace) => (
            "p.trace_id = ?1",
            Whole::Found,
            vec![Value::Blob(trace.as_bytes().to_vec())],
        ),
        None => ("1 = 1", Whole::KeptAll(Counted::Task), vec![]),
    };
    let list = List {
        select: TASK_COLUMNS,
        from: "plans p CROSS JOIN tasks t ON t.trace_id = p.trace_id",
        only,
        search: "(p.search || ' ' || t.node || ' ' || t.kind || ' ' || t.state || ' ' || t.reason || ' ' || lower(t.why))",
        fields: TASKS,
        orders: &[one(
            By::Moved,
            "p.moved_at DESC, p.trace_id DESC, t.plan_attempt, t.node_order",
        )],
        ids: Ids::Bytes("t.task_id"),
        whole,
        args,
    };
    task_page(db, page, list)
}

/// One by one, the one planned last first: the order rows were written in needs no index.
pub(super) fn newest(db: &Db<'_>, page: &PageRequest) -> Verb<Page<TaskRow>> {
    let list = List {
        select: TASK_COLUMNS,
        // Without the plan, so that the whole is counted in one index.
        from: "tasks t",
        only: "1 = 1",
        search: "((SELECT p.search FROM plans p WHERE p.trace_id = t.trace_id) || ' ' || t.node || ' ' || t.kind || ' '
          || t.state || ' ' || t.reason || ' ' || lower(t.why))",
        fields: TASKS,
        orders: &[
            both(By::Planned, "t.rowid DESC", "t.rowid"),
            both(By::Moved, "t.moved_at DESC, t.rowid DESC", "t.moved_at, t.rowid"),
        ],
        ids: Ids::Bytes("t.task_id"),
        whole: Whole::KeptAll(Counted::Task),
        args: vec![],
    };
    task_page(db, page, list)
}

const TASK_COLUMNS: &str =
    "t.*, (SELECT p.title FROM plans p WHERE p.trace_id = t.trace_id) AS title, (SELECT x.spec FROM task_specs x WHERE x.task_id = t.task_id) AS spec,
  coalesce((SELECT json_extract(s.item, '$.recorded') FROM trend_signals s
   WHERE s.signal_id = t.signal_id), 0) AS recorded,
  (SELECT c.publish_server FROM campaigns c WHERE c.campaign_id = t.campaign_id) AS publish_server,
  (SELECT c.name FROM campaigns c WHERE c.campaign_id = t.campaign_id) AS campaign,
  (SELECT coalesce(sum(i.counted), 0) FROM spend_intents i
   WHERE i.task_id = t.task_id AND i.state IN ('posted', 'uncertain')) AS spent";

fn task_page(db: &Db<'_>, page: &PageRequest, list: List<'_>) -> Verb<Page<TaskRow>> {
    let reaches = db.reaches();
    let mut found = list.page(db, page, |row| {
        let spec: TaskSpec = row.doc("spec")?;
        let reach = reaches.of(row.id("campaign_id")?, &row.text("publish_server")?)?;
        Ok(TaskRow {
            id: row.id("task_id")?,
            node: row.line("node")?,
            kind: spec.kind,
            modality: spec.modality,
            state: row.word("state")?,
            reason: row.word("reason")?,
            why: row.line("why")?,
            after: vec![],
            attempt: row.small("attempt")?,
            plan_attempt: row.small("plan_attempt")?,
            conflicts: row.small("lost")?,
            blocked_by: row.maybe_id("blocked_by")?,
            campaign: row.line("campaign")?,
            title: row.line("title")?,
            trace_id: row.id("trace_id")?,
            version: row.version("version")?,
            created_at: row.time("created_at")?,
            moved_at: row.time("moved_at")?,
            ready_at: row.time("ready_at")?,
            spent: row.usd("spent")?,
            simulated: reach != Reach::Live,
            dry: reach == Reach::DryRun,
            recorded: row.flag("recorded")?,
        })
    })?;
    for task in &mut found.rows {
        task.after = parents(db, task.id)?;
    }
    Ok(found)
}

fn parents(db: &Db<'_>, task: TaskId) -> Verb<Vec<TaskId>> {
    db.all(
        "SELECT e.parent_id FROM task_edges e JOIN tasks t ON t.task_id = e.parent_id
         WHERE e.child_id = ?1 ORDER BY t.node_order",
        [task.as_bytes()],
        |row| row.id("parent_id"),
    )
}
