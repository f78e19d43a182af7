//! Personas: every version that was ever taken over, those in use first.

use chimera_domain::{Safe, views::PersonaRow};
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, num, screen, when};
use crate::{layout::Part, model::Model};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.personas, "", frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "No personas. They are folders with a SOUL.md, taken over at the next start of the swarm."
        .into()
}

fn line(model: &Model, row: &PersonaRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (word, style) = if row.campaigns.is_empty() {
        ("not used", theme.quiet())
    } else {
        ("in use", theme.good())
    };
    Line::from(vec![
        col(theme, word, 9, style),
        num(theme, &model.age(row.installed_at), 6, theme.quiet()),
        gap(1),
        col(theme, &row.hash.short(), 13, theme.quiet()),
        col(theme, row.slug.as_str(), 16, theme.strong()),
        gap(1),
        col(
            theme,
            &list(&row.campaigns),
            columns.saturating_sub(46),
            theme.accent(),
        ),
    ])
}

fn list(texts: &[Safe]) -> String {
    let texts: Vec<&str> = texts.iter().map(Safe::as_str).collect();
    texts.join(", ")
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.personas.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        if !text.is_empty() {
            labelled(theme, label, text, style, columns, &mut out);
        }
    };
    let text = format!("{} ({})", row.name, row.slug);
    add("persona", &text, theme.strong());
    let text = format!(
        "{}, taken over {}",
        row.hash.short(),
        when(model, row.installed_at)
    );
    add("version", &text, theme.text());
    if row.campaigns.is_empty() {
        let text = "by no campaign: another version took its place, or none is configured";
        add("used", text, theme.quiet());
    }
    add("used by", &list(&row.campaigns), theme.text());
    let places: Vec<String> = row
        .places
        .iter()
        .map(|(account, channel)| format!("{account} on {channel}"))
        .collect();
    add("posts as", &places.join(", "), theme.accent());
    add("sounds", &list(&row.traits), theme.text());
    for text in &row.directives {
        add("directive", text.as_str(), theme.text());
    }
    for text in &row.topics {
        add("topic", text.as_str(), theme.text());
    }
    add("never", &list(&row.banned), theme.warning());
    add("language", row.language.as_str(), theme.text());
    add("label", row.disclosure.as_str(), theme.text());
    let look = row
        .look
        .as_ref()
        .map_or("none: no picture is made without one", Safe::as_str);
    add("look", look, theme.text());
    add(
        "memory",
        "nothing is remembered between posts yet: that comes with later work",
        theme.quiet(),
    );
    for (i, text) in row.body.as_str().lines().enumerate() {
        add(if i == 0 { "prose" } else { "" }, text, theme.quiet());
    }
    out
}
