//! The task graph drawn: what is in the middle, how far around it is shown, and what is known of one plan.

use chimera_domain::{ids::TaskId, task::TaskState, views::TaskRow};

/// How far around its middle a graph is shown, unless somebody wants more or less.
const HOPS: usize = 2;
/// The farthest: no plan is deeper.
pub(crate) const HOPS_MAX: usize = chimera_domain::plan::DEPTH_MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drawn {
    pub(crate) on: bool,
    pub(crate) hops: usize,
    /// What was put into the middle. Where it is not of the plan under the cursor, the task under the cursor is.
    pub(crate) centre: Option<TaskId>,
}

impl Default for Drawn {
    fn default() -> Self {
        Self {
            on: false,
            hops: HOPS,
            centre: None,
        }
    }
}

/// The tasks at hand of the plan of this one, in their order.
pub(crate) fn plan<'a>(rows: &'a [TaskRow], of: &TaskRow) -> Vec<&'a TaskRow> {
    let same = |row: &&TaskRow| row.trace_id == of.trace_id && row.plan_attempt == of.plan_attempt;
    rows.iter().filter(same).collect()
}

/// Whether what waits for it need not wait any more.
const fn is_done(state: TaskState) -> bool {
    matches!(state, TaskState::Approved | TaskState::Published)
}

/// What a task waits for and is not done yet, by name.
pub(crate) fn open_parents(plan: &[&TaskRow], row: &TaskRow) -> Vec<String> {
    let open = row
        .after
        .iter()
        .filter_map(|id| match plan.iter().find(|other| other.id == *id) {
            Some(parent) => (!is_done(parent.state)).then(|| parent.node.as_str().to_owned()),
            None => Some(id.short()),
        });
    if row.state == TaskState::Pending || row.state == TaskState::Draft {
        open.collect()
    } else {
        Vec::new()
    }
}

/// What holds a task up and what it holds up itself, in words: `waits for 2: draft, picture`. Nothing where it is done.
pub(crate) fn words(plan: &[&TaskRow], row: &TaskRow) -> String {
    let counted =
        |what: &str, names: &[String]| format!("{what} {}: {}", names.len(), names.join(", "));
    let waits = open_parents(plan, row);
    let blocks: Vec<String> = plan
        .iter()
        .filter(|other| other.after.contains(&row.id) && !is_done(row.state))
        .map(|other| other.node.as_str().to_owned())
        .collect();
    let mut told = Vec::new();
    if let Some(by) = row.blocked_by {
        let name = plan.iter().find(|other| other.id == by);
        let name = name.map_or_else(|| by.short(), |other| other.node.as_str().to_owned());
        told.push(format!("stuck behind {name}"));
    }
    if !waits.is_empty() {
        told.push(counted("waits for", &waits));
    }
    if !blocks.is_empty() {
        told.push(counted("holds up", &blocks));
    }
    if told.is_empty() && row.state == TaskState::Pending {
        told.push("waits for a worker".into());
    }
    told.join("; ")
}
