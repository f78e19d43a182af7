//! The trace: one walk from perception to ledger, every step in its order, with the time between them.

use chimera_domain::{
    Span,
    views::{StepKind, StepRow},
};
use ratatui::{Frame, style::Style, text::Line};

use super::{
    audit,
    parts::{col, gap, labelled, list_title, num, rows, title},
};
use crate::{layout::Part, model::Model};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let steps = &model.walk.rows;
    let note = match (steps.first(), steps.last(), model.traced) {
        (Some(first), Some(last), Some(trace)) => format!(
            "{} {} in {}",
            audit::short(&trace.to_string()),
            model.theme.marks().dot,
            took(last.at.since(first.at))
        ),
        (_, _, Some(trace)) => audit::short(&trace.to_string()),
        (_, _, None) => String::new(),
    };
    let head = list_title(model, part, &note, &model.walk);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.walk, frame, |index, row, columns| {
        let before = index.checked_sub(1).and_then(|i| steps.get(i));
        line(model, row, before, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    if model.traced.is_some() {
        "Nothing is on record of this walk. [ returns.".into()
    } else {
        "No walk was chosen. t on a trend, a task, a ticket, an effect, a post, a payment or a line of the audit shows its whole way; [ returns.".into()
    }
}

/// A time between two steps: exact while it is short.
fn took(span: Span) -> String {
    if span < Span::from_secs(1) {
        format!("{} ms", span.millis())
    } else if span < Span::from_mins(2) {
        format!("{}.{} s", span.secs(), span.millis() % 1_000 / 100)
    } else {
        span.to_string()
    }
}

fn style(model: &Model, kind: StepKind) -> Style {
    let theme = model.theme;
    match kind {
        StepKind::Signal => theme.accent(),
        StepKind::Task => theme.text(),
        StepKind::Verdict | StepKind::Ticket => theme.warning(),
        StepKind::Effect | StepKind::Publication => theme.good(),
        StepKind::Spend | StepKind::Payment => theme.quiet(),
    }
}

/// What happened, in a line.
fn says(row: &StepRow) -> String {
    let said = row.line.as_ref().map(audit::says);
    let said = said.unwrap_or_else(|| row.what.to_string());
    if row.node.is_empty() {
        return said;
    }
    // A task is planned under its name: once is enough.
    let again = format!(": {}", row.node);
    let said = said.strip_suffix(again.as_str()).unwrap_or(&said);
    format!("{}: {said}", row.node)
}

fn line(model: &Model, row: &StepRow, before: Option<&StepRow>, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let time = match before {
        None => row.at.clock_in(&model.settings.zone),
        Some(before) if before.at == row.at => String::new(),
        Some(before) => format!("+{}", took(row.at.since(before.at))),
    };
    let mut spans = vec![
        num(theme, &time, 8, theme.quiet()),
        gap(1),
        col(theme, row.kind.as_str(), 12, style(model, row.kind)),
    ];
    let mut room = columns.saturating_sub(21);
    if room >= 40 {
        spans.extend([col(theme, row.by.as_str(), 11, theme.accent()), gap(1)]);
        room -= 12;
    }
    if room >= 70 {
        let subject = audit::short(row.subject.as_str());
        spans.extend([col(theme, &subject, 13, theme.quiet())]);
        room -= 13;
    }
    spans.push(col(theme, &says(row), room, theme.text()));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.walk.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    if !row.node.is_empty() {
        labelled(
            theme,
            "node",
            row.node.as_str(),
            theme.strong(),
            columns,
            &mut out,
        );
    }
    if let Some(line) = &row.line {
        audit::of_line(theme, line, columns, &mut out);
        return out;
    }
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("what", row.what.as_str(), theme.strong());
    let text = format!("{} by {}", row.at.to_rfc3339(), row.by);
    add("at", &text, theme.text());
    for (i, text) in row.more.as_str().lines().enumerate() {
        add(if i == 0 { "more" } else { "" }, text, theme.text());
    }
    add("on", row.subject.as_str(), theme.quiet());
    out
}
