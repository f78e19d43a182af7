//! Presence: who runs the swarm, and what of announcing and listening there is not yet.

use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, screen, when};
use crate::{
    layout::Part,
    model::{Model, rows::PresenceRow},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.presence, "", frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "Nothing is known of presence.".into()
}

fn line(model: &Model, row: &PresenceRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (word, style) = if row.there {
        ("there", theme.good())
    } else {
        ("not there", theme.quiet())
    };
    Line::from(vec![
        col(theme, word, 10, style),
        col(theme, row.what, 17, theme.strong()),
        gap(1),
        col(
            theme,
            row.text.as_str(),
            columns.saturating_sub(28),
            theme.text(),
        ),
    ])
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.presence.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("what", row.what, theme.strong());
    add("state", row.text.as_str(), theme.text());
    let owner = model.overview.as_ref().and_then(|o| o.swarm.as_ref());
    if let Some(owner) = owner.filter(|_| row.what == "swarm") {
        let text = format!("{}, process {}", owner.host, owner.pid);
        add("on", &text, theme.text());
        add("since", &when(model, owner.since), theme.text());
        let text = format!(
            "its lease holds for {} unless renewed",
            model.until(owner.until)
        );
        add("lease", &text, theme.text());
    }
    out
}
