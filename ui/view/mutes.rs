//! Mutes: the topics that somebody wants to hear no more of, and those that were taken back.

use chimera_domain::views::MuteRow;
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, screen, when};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.mutes, "", frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    let (mute, way) = (
        model.key_on(Pane::Mutes, Action::Mute),
        model.way(Pane::Grouped),
    );
    format!(
        "Nothing is muted. {mute} mutes a topic in words; a trend is muted where it stands ({way})."
    )
}

fn standing(model: &Model, row: &MuteRow) -> String {
    let zone = &model.settings.zone;
    match (&row.lifted, row.until) {
        (Some((by, at)), _) => format!("taken back by {by}, {}", at.day_and_clock_in(zone)),
        (None, None) => "for ever".to_owned(),
        (None, Some(until)) if row.in_force => format!("until {}", until.day_and_clock_in(zone)),
        (None, Some(until)) => format!("over since {}", until.day_and_clock_in(zone)),
    }
}

fn whose(row: &MuteRow) -> &str {
    row.agent
        .as_ref()
        .map_or("everybody", |agent| agent.as_str())
}

fn line(model: &Model, row: &MuteRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let style = if row.in_force {
        theme.text()
    } else {
        theme.quiet()
    };
    let words = columns.saturating_sub(45).max(12);
    let rest = columns.saturating_sub(words + 14);
    Line::from(vec![
        col(theme, row.words.as_str(), words, style),
        gap(1),
        col(theme, whose(row), 12, style),
        gap(1),
        col(theme, &standing(model, row), rest, style),
    ])
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.mutes.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("words", row.words.as_str(), theme.strong());
    add(
        "means",
        "what has all of them is left, with this as the reason",
        theme.text(),
    );
    add("for", whose(row), theme.text());
    add("holds", &standing(model, row), theme.text());
    let made = format!("by {}, {}", row.by, when(model, row.at));
    add("made", &made, theme.text());
    add("id", &row.id.to_string(), theme.quiet());
    out
}
