//! Configuration: the values the swarm decides by, as the database holds them.

use chimera_domain::views::SettingRow;
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, screen};
use crate::{keymap::Action, layout::Part, model::Model};

/// The setting that can be tried on the past before it is changed.
const RELEVANCE: &str = "relevance_min";

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.config, "", frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "No policy is installed: nothing is planned, judged or spent. budget.yaml is taken over at the next start.".into()
}

fn line(model: &Model, row: &SettingRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let wide = (columns.saturating_sub(10) / 2).clamp(10, 32);
    Line::from(vec![
        col(theme, row.group.as_str(), 8, theme.quiet()),
        gap(1),
        col(theme, row.name.as_str(), wide, theme.strong()),
        gap(1),
        col(
            theme,
            row.value.as_str(),
            columns.saturating_sub(wide + 10),
            theme.text(),
        ),
    ])
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.config.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let name = format!("{} / {}", row.group, row.name);
    add("setting", &name, theme.strong());
    let value = if row.value.is_empty() {
        "nothing"
    } else {
        row.value.as_str()
    };
    add("value", value, theme.text());
    add("does", row.does.as_str(), theme.text());
    if row.name.as_str() == RELEVANCE {
        let key = model.key(Action::Hindsight);
        let text = format!("{key} shows what another one would have planned in the last 24 h");
        add("try", &text, theme.text());
    }
    add(
        "change",
        "in budget.yaml; it is taken over at the next start. How the process itself is set (servers, swarm, console) is in chimera.yaml and not in the database",
        theme.quiet(),
    );
    out
}
