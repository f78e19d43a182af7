//! What was published: where it is, how it does, and whether it still stands.

use chimera_domain::{
    publication::Sample,
    views::{PublicationRow, short_mark},
};
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, list_title, num, rows, title, whose};
use crate::{layout::Part, model::Model};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let head = list_title(model, "published", "", &model.publications);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(
        model,
        part,
        &model.publications,
        frame,
        |_, row, columns| line(model, row, columns),
    );
}

pub(super) fn empty(_: &Model) -> String {
    "Nothing was published yet.".into()
}

fn line(model: &Model, row: &PublicationRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let likes = row
        .last
        .as_ref()
        .map_or_else(|| theme.marks().none.to_owned(), |s| s.likes.to_string());
    let mut spans = vec![
        num(theme, &model.age(row.published_at), 6, theme.quiet()),
        gap(1),
        col(
            theme,
            short_mark(row.simulated, false),
            4,
            theme.simulated(),
        ),
        col(
            theme,
            if row.withdrawn.is_some() { "DOWN" } else { "" },
            5,
            theme.warning(),
        ),
        num(theme, &likes, 5, theme.text()),
        gap(1),
    ];
    let room = columns.saturating_sub(22);
    spans.extend(whose(theme, &row.account, &row.text, room));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.publications.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let clock = |at: chimera_domain::Timestamp| {
        format!(
            "{} ({} ago)",
            at.clock_in(&model.settings.zone),
            model.age(at)
        )
    };
    if let Some((at, why)) = &row.withdrawn {
        let text = format!("since {}: {why}", clock(*at));
        add("down", &text, theme.warning());
    }
    add("text", row.text.as_str(), theme.strong());
    add("out", &clock(row.published_at), theme.text());
    let simulated = if row.simulated {
        " (SIMULATED platform)"
    } else {
        ""
    };
    let place = format!("{} on {}{simulated}", row.account, row.channel);
    add("as", &place, theme.text());
    add("at", row.url.as_str(), theme.text());
    match &row.last {
        Some(sample) => add(
            "audience",
            &audience(sample, &clock(sample.at)),
            theme.text(),
        ),
        None => add("audience", "not looked at yet", theme.quiet()),
    }
    add("there", row.external_id.as_str(), theme.quiet());
    add("id", &row.id.to_string(), theme.quiet());
    add("trace", &row.trace_id.to_string(), theme.quiet());
    out
}

fn audience(sample: &Sample, at: &str) -> String {
    let views = sample
        .views
        .map_or_else(|| "views not told".to_owned(), |n| format!("{n} views"));
    let simulated = if sample.simulated { " SIMULATED" } else { "" };
    format!(
        "{} likes, {} shares, {} comments, {views}{simulated}, read {at}",
        sample.likes, sample.shares, sample.comments
    )
}
