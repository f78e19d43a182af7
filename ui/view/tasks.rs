//! All tasks by themselves, the one planned last first: what stands where, since when and why.

use chimera_domain::{
    task::{ATTEMPTS_MAX, CONFLICTS_MAX, TaskState},
    views::{By, TaskRow, mark_after, short_mark},
};
use ratatui::{Frame, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, screen, when},
};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let count = |wanted: TaskState| {
        let tasks = model.overview.iter().flat_map(|o| &o.tasks);
        tasks
            .filter(|(state, _)| *state == wanted)
            .map(|(_, n)| n)
            .sum::<u64>()
    };
    let told: Vec<String> = [TaskState::Blocked, TaskState::Dead, TaskState::Uncertain]
        .into_iter()
        .map(|state| (count(state), state))
        .filter(|(n, _)| *n > 0)
        .map(|(n, state)| format!("{n} {state}"))
        .collect();
    let note = told.join(", ");
    screen(
        model,
        part,
        &model.all_tasks,
        &note,
        frame,
        |row, columns| columns::line(model, part.pane, COLUMNS, row, columns),
    );
}

pub(super) fn empty(model: &Model) -> String {
    let way = model.way(Pane::Trends);
    format!("No tasks. A trend that is relevant enough becomes a plan ({way}).")
}

/// Its columns. What a task says of itself stands last: why it is where it is, else what it is for.
pub(super) const COLUMNS: &[Column<TaskRow>] = &[
    by(
        By::Moved,
        &figure("moved", Shown::Always, &[(0, 7)], |model, row| {
            (model.age(row.moved_at), model.theme.quiet())
        }),
    ),
    text("state", Shown::Always, &[(0, 13)], |model, row| {
        let (mark, style) = model.theme.task(row.state);
        (format!("{mark} {}", row.state), style)
    }),
    text("node", Shown::Usually, &[(0, 10)], |model, row| {
        (row.node.to_string(), model.theme.text())
    }),
    text("reach", Shown::Always, &[(60, 4)], |model, row| {
        let mark = short_mark(row.simulated, row.dry);
        (mark.to_owned(), model.theme.simulated())
    }),
    text("campaign", Shown::Usually, &[(60, 13)], |model, row| {
        (row.campaign.to_string(), model.theme.accent())
    }),
    text("tries", Shown::Usually, &[(77, 6)], |model, row| {
        let tries = match row.attempt {
            0 | 1 => String::new(),
            n => format!("try {n}"),
        };
        (tries, model.theme.warning())
    }),
    by(
        By::Planned,
        &figure("planned", Shown::Asked, &[(0, 7)], |model, row| {
            (model.age(row.created_at), model.theme.quiet())
        }),
    ),
    text("kind", Shown::Asked, &[(0, 10)], |model, row| {
        (row.kind.to_string(), model.theme.text())
    }),
    figure("cost", Shown::Asked, &[(0, 10)], |model, row| {
        (row.spent.to_string(), model.theme.text())
    }),
    rest("text", |model, row| {
        let theme = model.theme;
        if row.why.is_empty() {
            return (row.title.to_string(), theme.text());
        }
        let bad = row.can_run_again() || row.state == TaskState::Uncertain;
        let style = if bad { theme.warning() } else { theme.text() };
        (row.why.as_str().replace('\n', " "), style)
    }),
];

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.all_tasks.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (mark, style) = theme.task(row.state);
    let since = model.age(row.moved_at);
    let text = format!("{mark} {} ({}) since {since}", row.state, row.reason);
    add("state", &text, style);
    if !row.why.is_empty() {
        add("why", row.why.as_str(), theme.warning());
    }
    if row.can_run_again() {
        let key = model.key(Action::Replay);
        add(&key, "lets it run again", theme.text());
    }
    if let Some(blocker) = row.blocked_by {
        let known = model.all_tasks.rows.iter().find(|r| r.id == blocker);
        let text = known.map_or_else(
            || format!("{blocker}; let that one run again"),
            |r| {
                format!(
                    "{} ({}), {blocker}; let that one run again",
                    r.node, r.state
                )
            },
        );
        add("held by", &text, theme.warning());
    }
    let modality = row.modality.map_or_else(String::new, |m| format!(" {m}"));
    let marked = mark_after(row.simulated, row.dry);
    let text = format!("{}{modality} for {}{marked}", row.kind, row.campaign);
    add("does", &text, theme.text());
    let recorded = if row.recorded { "RECORDED " } else { "" };
    let text = format!("{recorded}{}", row.title);
    add("trend", &text, theme.strong());
    let text = format!(
        "started {} of {ATTEMPTS_MAX} times, plan {}",
        row.attempt, row.plan_attempt
    );
    add("tries", &text, theme.text());
    if row.ready_at > model.now {
        let text = format!("in {}", model.until(row.ready_at));
        add("again", &text, theme.text());
    }
    if row.conflicts > 0 {
        let text = format!(
            "{} conflicts in a row; at {CONFLICTS_MAX} it waits for you",
            row.conflicts
        );
        add("lost", &text, theme.warning());
    }
    let names = row.after.iter().map(|id| {
        let known = model.all_tasks.rows.iter().find(|r| r.id == *id);
        known.map_or_else(|| id.short(), |r| format!("{} ({})", r.node, r.state))
    });
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        add("waits for", &names.join(", "), theme.text());
    }
    add("cost", &format!("{} USD so far", row.spent), theme.text());
    add("planned", &when(model, row.created_at), theme.text());
    let text = format!("{} {}", row.id, row.version);
    add("id", &text, theme.quiet());
    let text = format!("{} ({})", row.trace_id, model.key(Action::Trace));
    add("trace", &text, theme.quiet());
    out
}
