//! Objectives with value and sample size over the last day, and what happened in each hour of it.
//!
//! Where there is no data it says so; that is never shown as good.

use chimera_domain::{
    Usd,
    views::{Found, ObjectiveRow, ReviewerRow, Series},
};
use ratatui::{Frame, style::Style, text::Line};

use super::{
    parts::{col, gap, labelled, screen},
    spark,
};
use crate::{layout::Part, model::Model};

/// So many reviewers of a window are shown.
const PEOPLE_MAX: usize = 5;

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let note = "last 24 h";
    screen(
        model,
        part,
        &model.objectives,
        note,
        frame,
        |row, columns| line(model, row, columns),
    );
}

pub(super) fn empty(_: &Model) -> String {
    "No objectives.".into()
}

fn judged(model: &Model, found: &Found) -> (&'static str, Style) {
    let theme = model.theme;
    match found {
        Found::Value {
            met: Some(true), ..
        } => ("MET", theme.good()),
        Found::Value {
            met: Some(false), ..
        } => ("MISSED", theme.danger()),
        Found::Value { met: None, .. } => ("counted", theme.text()),
        Found::NoData => ("no data", theme.quiet()),
        Found::NotMeasured => ("not measured", theme.quiet()),
    }
}

fn value(found: &Found) -> String {
    match found {
        Found::Value { text, n, .. } => format!("{text} (n = {n})"),
        Found::NoData => "nothing happened in the window (n = 0)".into(),
        Found::NotMeasured => String::new(),
    }
}

fn line(model: &Model, row: &ObjectiveRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (word, style) = judged(model, &row.found);
    let code = format!("SC-{:03}", row.number);
    let wide = (columns.saturating_sub(22) / 2).clamp(10, 52);
    let value = match row.found {
        Found::NotMeasured => row.note.clone(),
        Found::Value { .. } | Found::NoData => value(&row.found),
    };
    Line::from(vec![
        col(theme, word, 13, style),
        col(theme, &code, 7, theme.text()),
        col(theme, row.what, wide, theme.strong()),
        gap(1),
        col(
            theme,
            &value,
            columns.saturating_sub(wide + 21),
            theme.text(),
        ),
    ])
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut out = Vec::new();
    if let Some(row) = model.objectives.row() {
        let mut add = |label: &str, text: &str, style| {
            labelled(theme, label, text, style, columns, &mut out);
        };
        let (word, style) = judged(model, &row.found);
        let text = format!("SC-{:03}: {}", row.number, row.what);
        add("objective", &text, theme.strong());
        add("bar", row.bar, theme.text());
        let value = value(&row.found);
        let colon = if value.is_empty() { "" } else { ": " };
        add("found", &format!("{word}{colon}{value}"), style);
        add("note", &row.note, theme.quiet());
    }
    if let Some(series) = &model.series {
        out.push(Line::default());
        hours(model, series, columns, &mut out);
    }
    if let Some((day, week)) = &model.reviewers {
        out.push(Line::default());
        people(model, "last 24 h", day, columns, &mut out);
        people(model, "7 days", week, columns, &mut out);
    }
    out
}

/// What each reviewer did in a window.
fn people(
    model: &Model,
    window: &str,
    rows: &[ReviewerRow],
    columns: usize,
    out: &mut Vec<Line<'static>>,
) {
    let theme = model.theme;
    if rows.is_empty() {
        let text = "nobody reviewed anything (n = 0)";
        labelled(theme, window, text, theme.quiet(), columns, out);
    }
    for (i, row) in rows.iter().take(PEOPLE_MAX).enumerate() {
        let label = if i == 0 { window } else { "" };
        labelled(theme, label, &row.to_string(), theme.text(), columns, out);
    }
    if rows.len() > PEOPLE_MAX {
        let text = format!(
            "and {} more: `chimera review stats`",
            rows.len() - PEOPLE_MAX
        );
        labelled(theme, "", &text, theme.quiet(), columns, out);
    }
}

/// One line each: the shape of the day by hour, and its numbers.
fn hours(model: &Model, series: &Series, columns: usize, out: &mut Vec<Line<'static>>) {
    let spent = series.spent.iter().map(|usd| usd.micros());
    let spent: Vec<u64> = spent.map(|n| u64::try_from(n).unwrap_or(0)).collect();
    let usd = |micros: u64| {
        let micros = i64::try_from(micros).unwrap_or(i64::MAX);
        format!("{} USD", Usd::from_micros(micros))
    };
    let simulated = if series.spent_simulated.is_positive() {
        format!(" ({} of it SIMULATED)", series.spent_simulated)
    } else {
        String::new()
    };
    let theme = model.theme;
    let mut add = |name: &str, values: &[u64], show: &dyn Fn(u64) -> String, more: &str| {
        let all: u64 = values.iter().copied().fold(0, u64::saturating_add);
        let high = values.iter().copied().max().unwrap_or(0);
        let last = values.last().copied().unwrap_or(0);
        let shape = spark::line(theme, values, columns.saturating_sub(13).min(24));
        let text = if all == 0 {
            "none in 24 h".to_owned()
        } else {
            format!(
                "{shape}  {} in 24 h{more}, most in an hour {}, this hour {}",
                show(all),
                show(high),
                show(last)
            )
        };
        labelled(theme, name, &text, theme.text(), columns, out);
    };
    let count = |n: u64| n.to_string();
    add("spend", &spent, &usd, &simulated);
    add("tickets", &series.tickets, &count, "");
    add("posts", &series.published, &count, "");
    add("signals", &series.signals, &count, "");
    let text = "the depth of queues and the spread of confidence over time are not kept yet";
    labelled(theme, "not kept", text, theme.quiet(), columns, out);
}
