//! Trends: what signals together tell, how fast there are more of them, and what was done about it.

use chimera_domain::{
    trend::{Sentiment, TrendState, Velocity},
    views::TrendRow,
};
use ratatui::{Frame, style::Style, text::Line};

use super::{
    parts::{col, gap, labelled, num, screen, when},
    spark,
};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
    theme::Theme,
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let feeds = super::trends::feeds(model);
    screen(
        model,
        part,
        &model.grouped,
        &feeds,
        frame,
        |row, columns| line(model, row, columns),
    );
}

pub(super) fn empty(model: &Model) -> String {
    // A feed that fails or that nobody polls is no quiet hour.
    if !super::trends::feeds(model).is_empty() {
        return super::trends::empty(model);
    }
    let way = model.way(Pane::Trends);
    format!(
        "No trends: nothing grew fast enough yet, as `trends:` in chimera.yaml says. The signals stand one by one under {way}."
    )
}

fn style(theme: Theme, state: TrendState) -> Style {
    match state {
        TrendState::Open => theme.strong(),
        TrendState::Snoozed | TrendState::Converted => theme.text(),
        TrendState::Muted | TrendState::Faded => theme.quiet(),
    }
}

/// Which way it goes, never by colour alone.
const fn arrow(theme: Theme, velocity: Velocity) -> &'static str {
    let (now, before) = (velocity.now.hundredths(), velocity.before.hundredths());
    match (now > before, now < before, theme.ascii) {
        (true, _, false) => "▲",
        (true, _, true) => "^",
        (_, true, false) => "▼",
        (_, true, true) => "v",
        (false, false, _) => "=",
    }
}

fn mood(sentiment: Option<Sentiment>) -> String {
    sentiment.map_or_else(String::new, |mood| mood.to_string())
}

fn line(model: &Model, row: &TrendRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let standing = &row.standing;
    let velocity = standing.velocity;
    let values = [velocity.before, velocity.now].map(|rate| u64::from(rate.hundredths()));
    let speed = format!("{}/h {}", velocity.now, arrow(theme, velocity));
    let mut spans = vec![
        col(theme, row.state.as_str(), 9, style(theme, row.state)),
        gap(1),
        col(theme, &spark::line(theme, &values, 2), 2, theme.accent()),
        num(theme, &speed, 10, theme.strong()),
        num(theme, &standing.volume.to_string(), 5, theme.text()),
        gap(1),
    ];
    let mut room = columns.saturating_sub(28);
    if room >= 46 {
        let sources = match standing.sources {
            1 => "1 source".to_owned(),
            n => format!("{n} sources"),
        };
        spans.extend([
            num(theme, &sources, 11, theme.quiet()),
            num(theme, &mood(standing.sentiment), 6, theme.text()),
            gap(1),
        ]);
        room -= 18;
    }
    spans.push(col(
        theme,
        row.title.as_str(),
        room,
        style(theme, row.state),
    ));
    Line::from(spans)
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.grouped.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let standing = &row.standing;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("title", row.title.as_str(), theme.strong());
    let until = row.snoozed_until.map_or_else(String::new, |until| {
        format!(" until {}", until.clock_in(&model.settings.zone))
    });
    let state = format!("{}{until}, by {}", row.state, row.moved_by);
    add("state", &state, style(theme, row.state));
    add("words", row.words.as_str(), theme.accent());
    let velocity = standing.velocity;
    let speed = format!(
        "{} new an hour now, {} before {}",
        velocity.now,
        velocity.before,
        arrow(theme, velocity)
    );
    add("velocity", &speed, theme.text());
    let volume = format!(
        "{} signals in the window, from {} sources",
        standing.volume, standing.sources
    );
    add("volume", &volume, theme.text());
    let told = match standing.sentiment {
        Some(mood) => format!("{mood} of -1 to 1, by counted words"),
        None => format!("{} no word that says one", theme.marks().none),
    };
    add("sentiment", &told, theme.text());
    add("first", &when(model, standing.first_at), theme.text());
    add("last", &when(model, standing.last_at), theme.text());
    for item in &row.items {
        let text = format!(
            "{} {}: {}",
            item.at.clock_in(&model.settings.zone),
            item.source,
            item.title
        );
        add("signal", &text, theme.text());
    }
    let measured = format!("{} by {}", when(model, row.measured_at), row.method);
    add("measured", &measured, theme.quiet());
    add("found", &when(model, row.found_at), theme.quiet());
    add("id", &row.id.to_string(), theme.quiet());
    if row.state == TrendState::Muted {
        let way = format!(
            "{} lists what is muted, {} takes it back",
            model.way(Pane::Mutes),
            model.key_on(Pane::Mutes, Action::Unmute)
        );
        add("back", &way, theme.quiet());
    }
    out
}
