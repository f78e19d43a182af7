//! Trends: what was perceived, how relevant it is, and what became of it.

use chimera_domain::{
    Safe,
    signal::SignalState,
    views::{By, SignalRow},
};
use ratatui::{Frame, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, list_title, rows, title},
};
use crate::{
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let head = list_title(model, part, &feeds(model), &model.trends);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.trends, frame, |_, row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
    });
}

/// Which feeds fail, and which nobody polls: what stands below may be old, and that nothing new comes says nothing.
pub(super) fn feeds(model: &Model) -> String {
    let Some(overview) = &model.overview else {
        return String::new();
    };
    let names = |word: &str, names: &[Safe]| {
        let names: Vec<&str> = names.iter().map(Safe::as_str).collect();
        (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
    };
    let failing = names("failing", &overview.resources_failing);
    let stale = names("STALE", &overview.resources_stale);
    let told: Vec<String> = failing.into_iter().chain(stale).collect();
    told.join(&format!(" {} ", model.theme.marks().dot))
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
        let way = model.way(Pane::Servers);
        return format!("No trends: feed `{feed}`{others} failed at its last poll ({way}).");
    }
    if let Some(feed) = overview.resources_stale.first() {
        let way = model.way(Pane::Servers);
        return format!(
            "No trends, and nobody polls: feed `{feed}` is STALE, it was due longer ago than it is polled ({way}). Does a swarm run?"
        );
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

/// Its columns. The same item stands once for each campaign that listens; without its name two rows look alike.
pub(super) const COLUMNS: &[Column<SignalRow>] = &[
    by(
        By::Perceived,
        &text("perceived", Shown::Always, &[(0, 6)], |model, row| {
            let time = row.ingested_at.clock_in(&model.settings.zone);
            (time, model.theme.quiet())
        }),
    ),
    by(
        By::Score,
        &figure("score", Shown::Usually, &[(0, 5)], |model, row| {
            let none = || model.theme.marks().none.to_owned();
            let score = row.score.map_or_else(none, |score| score.to_string());
            (score, model.theme.text())
        }),
    ),
    text("state", Shown::Always, &[(0, 2), (40, 12)], |model, row| {
        let (mark, style) = model.theme.signal(row.state);
        (format!("{mark} {}", row.state), style)
    }),
    text("recorded", Shown::Always, &[(0, 2)], |model, row| {
        let recorded = if row.recorded { "R" } else { "" };
        (recorded.to_owned(), model.theme.simulated())
    }),
    text("campaign", Shown::Usually, &[(56, 10)], |model, row| {
        (row.campaign.to_string(), model.theme.text())
    }),
    text(
        "source",
        Shown::Usually,
        &[(70, 11), (90, 19)],
        |model, row| (row.source.to_string(), model.theme.accent()),
    ),
    text("published", Shown::Asked, &[(0, 7)], |model, row| {
        let age = row.published_at.map(|at| model.age(at));
        (age.unwrap_or_default(), model.theme.quiet())
    }),
    rest("title", |model, row| {
        (row.title.to_string(), model.theme.text())
    }),
];

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
    if let Some(said) = row.said {
        add("said", &format!("{said} by a person"), theme.text());
    }
    match row.score {
        Some(score) => {
            add("score", &format!("{score} by {}", row.method), theme.text());
            if !row.why.as_str().contains(row.reason.as_str()) {
                add("because", row.reason.as_str(), theme.text());
            }
        }
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
