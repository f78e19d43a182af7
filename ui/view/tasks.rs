//! All tasks by themselves, the one planned last first: what stands where, since when and why.

use chimera_domain::{
    task::{ATTEMPTS_MAX, CONFLICTS_MAX, TaskState},
    views::{TaskRow, mark_after, short_mark},
};
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, num, screen, when};
use crate::{keymap::Action, layout::Part, model::Model};

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
        |row, columns| line(model, row, columns),
    );
}

pub(super) fn empty(_: &Model) -> String {
    "No tasks. A trend that is relevant enough becomes a plan (gt).".into()
}

fn line(model: &Model, row: &TaskRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (mark, style) = theme.task(row.state);
    let mut spans = vec![
        num(theme, &model.age(row.moved_at), 6, theme.quiet()),
        gap(1),
        col(theme, mark, 2, style),
        col(theme, row.state.as_str(), 11, style),
        col(theme, row.node.as_str(), 9, theme.text()),
        gap(1),
    ];
    let mut room = columns.saturating_sub(30);
    if room >= 30 {
        let mark = short_mark(row.simulated, row.dry);
        spans.extend([
            col(theme, mark, 4, theme.simulated()),
            col(theme, row.campaign.as_str(), 12, theme.accent()),
            gap(1),
        ]);
        room -= 17;
    }
    if room >= 30 {
        let tries = match row.attempt {
            0 | 1 => String::new(),
            n => format!("try {n}"),
        };
        spans.push(col(theme, &tries, 6, theme.warning()));
        room -= 6;
    }
    // Why it stands there, where that is not the ordinary course.
    let (text, style) = if row.why.is_empty() {
        (row.title.to_string(), theme.text())
    } else {
        let bad = row.can_run_again() || row.state == TaskState::Uncertain;
        let style = if bad { theme.warning() } else { theme.text() };
        (row.why.as_str().replace('\n', " "), style)
    };
    spans.push(col(theme, &text, room, style));
    Line::from(spans)
}

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
    let text = format!("{} (t)", row.trace_id);
    add("trace", &text, theme.quiet());
    out
}
