//! Trends: what was perceived, how relevant it is, and what became of it.

use chimera_domain::{signal::SignalState, views::TrendRow};
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, list_title, num, rows, title};
use crate::{layout::Part, model::Model};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let failing = model.overview.iter().flat_map(|o| &o.resources_failing);
    let names: Vec<&str> = failing.map(chimera_domain::Safe::as_str).collect();
    let note = match names.as_slice() {
        [] => String::new(),
        names => format!("failing: {}", names.join(", ")),
    };
    let head = list_title(model, "trends", &note, &model.trends);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.trends, frame, |_, row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    let Some(overview) = &model.overview else {
        return "No trends.".into();
    };
    if let Some(feed) = overview.resources_failing.first() {
        let more = overview.resources_failing.len() - 1;
        let others = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        return format!("No trends: feed `{feed}`{others} failed at its last poll (gm).");
    }
    if overview.resources == 0 {
        return "No trends: no feed is configured.".into();
    }
    let ignored: u64 = overview
        .signals
        .iter()
        .filter(|(state, _)| *state == SignalState::Ignored)
        .map(|(_, n)| n)
        .sum();
    match ignored {
        0 => format!("No trends yet. {} feeds are polled.", overview.resources),
        n => format!("No trends here; {n} were looked at and left."),
    }
}

fn line(model: &Model, row: &TrendRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let time = row.ingested_at.clock_in(&model.settings.zone);
    let score = row
        .score
        .map_or_else(|| theme.marks().none.to_owned(), |s| s.to_string());
    let (mark, style) = theme.signal(row.state);
    let mut spans = vec![
        col(theme, &time, 6, theme.quiet()),
        num(theme, &score, 4, theme.text()),
        gap(1),
        col(theme, mark, 2, style),
    ];
    let mut room = columns.saturating_sub(13);
    if columns >= 40 {
        spans.push(col(theme, row.state.as_str(), 9, style));
        room = room.saturating_sub(9);
    }
    let recorded = if row.recorded { "R" } else { "" };
    spans.push(col(theme, recorded, 2, theme.simulated()));
    room = room.saturating_sub(2);
    // The same item stands once for each campaign that listens; without its name two rows look alike.
    if columns >= 56 {
        spans.extend([col(theme, row.campaign.as_str(), 9, theme.text()), gap(1)]);
        room = room.saturating_sub(10);
    }
    if columns >= 70 {
        let wide = if columns >= 90 { 18 } else { 10 };
        spans.extend([
            col(theme, row.source.as_str(), wide, theme.accent()),
            gap(1),
        ]);
        room = room.saturating_sub(wide + 1);
    }
    spans.push(col(theme, row.title.as_str(), room, theme.text()));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.trends.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("title", row.title.as_str(), theme.strong());
    let recorded = if row.recorded {
        ", R: played back from a recording"
    } else {
        ""
    };
    add("source", &format!("{}{recorded}", row.source), theme.text());
    let (mark, style) = theme.signal(row.state);
    let why = if row.why.is_empty() {
        String::new()
    } else {
        format!(": {}", row.why)
    };
    add("state", &format!("{mark} {}{why}", row.state), style);
    match row.score {
        Some(score) => add("score", &score.to_string(), theme.text()),
        None => add(
            "score",
            &format!("{} unscored: no number is assumed", theme.marks().none),
            theme.warning(),
        ),
    }
    let clock = |at: chimera_domain::Timestamp| {
        format!(
            "{} ({} ago)",
            at.clock_in(&model.settings.zone),
            model.age(at)
        )
    };
    add("seen", &clock(row.ingested_at), theme.text());
    if let Some(at) = row.published_at {
        add("published", &clock(at), theme.text());
    }
    add("campaign", row.campaign.as_str(), theme.text());
    add("link", row.link.as_str(), theme.quiet());
    add("summary", row.summary.as_str(), theme.text());
    add("id", &row.id.to_string(), theme.quiet());
    add("trace", &row.trace_id.to_string(), theme.quiet());
    out
}
