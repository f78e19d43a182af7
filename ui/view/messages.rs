//! The last messages, and how bad a message is.

use chimera_domain::views::Severity;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::parts::{col, gap};
use crate::{model::Model, text::wrap, theme::Theme};

pub(super) fn severity(theme: Theme, severity: Severity) -> Style {
    match severity {
        Severity::Info => theme.good(),
        Severity::Warning => theme.warning(),
        Severity::Error => theme.danger(),
    }
}

pub(super) fn lines(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    for m in model.messages.all() {
        let style = severity(theme, m.severity);
        let time = m.at.clock_in(&model.settings.zone);
        for (i, text) in wrap(m.text.as_str(), columns.saturating_sub(16))
            .into_iter()
            .enumerate()
        {
            let (time, word) = if i == 0 {
                (time.as_str(), m.severity.as_str())
            } else {
                ("", "")
            };
            lines.push(Line::from(vec![
                gap(1),
                col(theme, time, 6, theme.quiet()),
                col(theme, word, 8, style),
                Span::raw(text),
            ]));
        }
    }
    if lines.is_empty() {
        lines.push(Line::styled(" No messages yet.", theme.quiet()));
    }
    lines
}
