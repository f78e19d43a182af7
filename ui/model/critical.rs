//! The critical path of a plan: what its end waits for, or waited for longest.

use chimera_domain::{ids::TaskId, task::TaskState, views::TaskRow};

/// Whether nothing more is to come of it by itself.
const fn is_over(state: TaskState) -> bool {
    match state {
        TaskState::Approved
        | TaskState::Published
        | TaskState::Rehearsed
        | TaskState::Rejected
        | TaskState::Cancelled
        | TaskState::Withdrawn => true,
        TaskState::Draft
        | TaskState::Pending
        | TaskState::Claimed
        | TaskState::Review
        | TaskState::Ticketed
        | TaskState::Publishing
        | TaskState::Replan
        | TaskState::Blocked
        | TaskState::Dead
        | TaskState::Uncertain => false,
    }
}

/// The path through the plan of this task, from its beginning to its end: from the end back, always to the parent
/// that is not over, else to the one that was over last. Rows of other plans are passed over.
pub(crate) fn path(rows: &[TaskRow], of: &TaskRow) -> Vec<TaskId> {
    let plan: Vec<&TaskRow> = rows
        .iter()
        .filter(|row| row.trace_id == of.trace_id && row.plan_attempt == of.plan_attempt)
        .collect();
    let late = |row: &&&TaskRow| (!is_over(row.state), row.moved_at);
    let is_end = |row: &&&TaskRow| plan.iter().all(|other| !other.after.contains(&row.id));
    let mut here = plan.iter().filter(is_end).max_by_key(late);
    let mut path = Vec::new();
    // A plan has no circle; a row that was read twice would make one.
    while let Some(row) = here.filter(|row| !path.contains(&row.id)) {
        path.push(row.id);
        let parents = plan.iter().filter(|other| row.after.contains(&other.id));
        here = parents.max_by_key(late);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use chimera_domain::{Clock, Span, testing::ManualClock};

    use super::*;
    use crate::fake;

    // R197: back from the end the path goes to the parent that is not over yet, else to the one over last.
    #[test]
    fn r197_the_path_is_what_the_end_waits_for() {
        let mut rows = fake::normal(ManualClock::new().now(), None).tasks;
        let named = |rows: &[TaskRow]| -> Vec<String> {
            let found = path(rows, &rows[0]);
            let name = |id| {
                rows.iter()
                    .find(|row| row.id == id)
                    .unwrap()
                    .node
                    .to_string()
            };
            found.into_iter().map(name).collect()
        };
        rows[2].moved_at = rows[2].moved_at.plus(Span::from_secs(1));
        assert_eq!(named(&rows), ["research", "image", "publish"]);
        rows[1].state = TaskState::Claimed;
        assert_eq!(named(&rows), ["research", "text", "publish"]);
        // Of other plans nothing is on it, and a circle ends.
        rows.truncate(4);
        let end = rows[3].id;
        rows[0].after = vec![end];
        assert!(named(&rows).len() <= 4);
    }
}
