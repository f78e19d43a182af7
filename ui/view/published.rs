//! What was published: where it is, how it does, and whether it still stands.

use chimera_domain::{
    publication::Sample,
    views::{By, PublicationRow, short_mark},
};
use ratatui::{Frame, style::Style, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, list_title, rows, title},
};
use crate::{
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let head = list_title(model, part, "", &model.publications);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(
        model,
        part,
        &model.publications,
        frame,
        |_, row, columns| columns::line(model, part.pane, COLUMNS, row, columns),
    );
}

pub(super) fn empty(model: &Model) -> String {
    let next = match model.overview.as_ref().map_or(0, |o| o.tickets_waiting) {
        0 => "What is approved goes out when its undo time is over.".to_owned(),
        1 => format!(
            "One post waits for a decision ({}).",
            model.way(Pane::Review)
        ),
        n => format!(
            "{n} posts wait for a decision ({}).",
            model.way(Pane::Review)
        ),
    };
    format!("Nothing was published yet. {next}")
}

/// A count of the last look, or a sign that nobody looked yet.
fn counted(model: &Model, row: &PublicationRow, of: fn(&Sample) -> Option<u64>) -> (String, Style) {
    let count = row.last.as_ref().and_then(of);
    let text = count.map_or_else(|| model.theme.marks().none.to_owned(), |n| n.to_string());
    (text, model.theme.text())
}

pub(super) const COLUMNS: &[Column<PublicationRow>] = &[
    by(
        By::Published,
        &figure("published", Shown::Always, &[(0, 7)], |model, row| {
            (model.age(row.published_at), model.theme.quiet())
        }),
    ),
    text("reach", Shown::Always, &[(0, 4)], |model, row| {
        let mark = short_mark(row.simulated, false);
        (mark.to_owned(), model.theme.simulated())
    }),
    text("down", Shown::Always, &[(0, 5)], |model, row| {
        let down = if row.withdrawn.is_some() { "DOWN" } else { "" };
        (down.to_owned(), model.theme.warning())
    }),
    by(
        By::Likes,
        &figure("likes", Shown::Usually, &[(0, 6)], |model, row| {
            counted(model, row, |sample| Some(sample.likes))
        }),
    ),
    figure("shares", Shown::Asked, &[(0, 6)], |model, row| {
        counted(model, row, |sample| Some(sample.shares))
    }),
    figure("comments", Shown::Asked, &[(0, 6)], |model, row| {
        counted(model, row, |sample| Some(sample.comments))
    }),
    figure("views", Shown::Asked, &[(0, 7)], |model, row| {
        counted(model, row, |sample| sample.views)
    }),
    text("account", Shown::Usually, &[(58, 15)], |model, row| {
        (row.account.to_string(), model.theme.accent())
    }),
    text("channel", Shown::Asked, &[(0, 9)], |model, row| {
        (row.channel.to_string(), model.theme.quiet())
    }),
    rest("text", |model, row| {
        (row.text.to_string(), model.theme.text())
    }),
];

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
