//! The past of one task, version by version, as far as it is kept.

use chimera_domain::{
    Safe,
    ids::TaskId,
    views::{TaskHistory, TaskMove},
};

use super::{Model, Pane};

/// What is scrubbed through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) task: TaskId,
    /// What the row called it.
    pub(crate) what: Safe,
    /// `None` while it is read.
    pub(crate) read: Option<Result<TaskHistory, Safe>>,
    /// Which version, counted from the oldest.
    pub(crate) at: usize,
}

impl Past {
    pub(crate) const fn of(task: TaskId, what: Safe) -> Self {
        Self {
            task,
            what,
            read: None,
            at: 0,
        }
    }

    /// Every version that was read, oldest first.
    pub(crate) fn versions(&self) -> &[TaskMove] {
        match &self.read {
            Some(Ok(past)) => &past.moves,
            Some(Err(_)) | None => &[],
        }
    }

    /// What was read is looked at from its end: that is where it stands.
    pub(crate) fn take(&mut self, read: Result<TaskHistory, Safe>) {
        self.read = Some(read);
        self.at = self.versions().len().saturating_sub(1);
    }
}

/// The task under the cursor and what its row calls it, or why there is none.
pub(crate) fn task_of(model: &Model) -> Result<(TaskId, Safe), String> {
    let row = match model.focus.pane {
        Pane::Dag => model.tasks.row(),
        Pane::Tasks => model.all_tasks.row(),
        Pane::Trace => {
            let step = model.walk.row().ok_or("no step is selected")?;
            let task = step.subject.as_str().parse();
            return match task {
                Ok(task) => Ok((task, step.node.clone())),
                Err(_) => Err("this step is about no task: versions are kept of tasks".into()),
            };
        }
        Pane::Trends
        | Pane::Review
        | Pane::Ledger
        | Pane::Outbox
        | Pane::Published
        | Pane::Campaigns
        | Pane::Fleet
        | Pane::Alerts
        | Pane::Audit
        | Pane::Servers
        | Pane::Measures
        | Pane::Personas
        | Pane::Presence
        | Pane::Config
        | Pane::Grouped
        | Pane::Mutes
        | Pane::Payments
        | Pane::Breaks => None,
    };
    let row = row.ok_or("no task is selected")?;
    let what = Safe::line(&format!("{} of {}", row.node, row.title));
    Ok((row.id, what))
}
