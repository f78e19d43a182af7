//! Alerts: what an operator should look at, worst first, until somebody acknowledged it.

use chimera_domain::views::AlertRow;
use ratatui::{Frame, text::Line};

use super::{
    messages::severity,
    parts::{col, gap, labelled, num, screen, when},
};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.alerts, "", frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    let way = model.way(Pane::Audit);
    format!(
        "Nothing to look at. What was acknowledged comes back only after an hour of quiet; it stays on record ({way})."
    )
}

fn times(row: &AlertRow) -> String {
    match row.count {
        0 | 1 => String::new(),
        n => format!("{n} times"),
    }
}

fn line(model: &Model, row: &AlertRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let mut spans = vec![
        num(theme, &model.age(row.at), 6, theme.quiet()),
        gap(1),
        col(
            theme,
            row.severity.as_str(),
            9,
            severity(theme, row.severity),
        ),
    ];
    let mut room = columns.saturating_sub(16);
    if room >= 50 {
        spans.extend([num(theme, &times(row), 9, theme.quiet()), gap(1)]);
        room -= 10;
    }
    spans.push(col(theme, row.text.as_str(), room, theme.text()));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.alerts.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("what", row.text.as_str(), theme.strong());
    let often = match row.count {
        0 | 1 => String::new(),
        n => format!(", {n} times in all"),
    };
    let text = format!("raised {}{often}", when(model, row.at));
    add("when", &text, theme.text());
    let style = severity(theme, row.severity);
    add("how bad", row.severity.as_str(), style);
    add("code", row.code.as_str(), theme.quiet());
    add("id", &row.id.to_string(), theme.quiet());
    if let Some(trace) = row.trace_id {
        add(
            "trace",
            &format!("{trace} ({})", model.key(Action::Trace)),
            theme.quiet(),
        );
    }
    out
}
