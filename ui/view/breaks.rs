//! Breaks: what does not fit between payments, ledger and chain. Mismatches only; an open one freezes its wallet.

use chimera_domain::views::BreakRow;
use ratatui::{Frame, text::Line};

use super::parts::{col, gap, labelled, screen, when};
use crate::{
    keymap::Action,
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    screen(model, part, &model.breaks, "", frame, |row, columns| {
        line(model, row, columns)
    });
}

pub(super) fn empty(_: &Model) -> String {
    "Payments, ledger and chain agree, as far as they were compared. The swarm compares each wallet every minute; `chimera cfo reconcile-wallet` does it now.".to_owned()
}

fn line(model: &Model, row: &BreakRow, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let (stands, style) = match row.closed {
        None => ("OPEN", theme.danger()),
        Some(_) => ("closed", theme.quiet()),
    };
    let rest = columns.saturating_sub(54).max(12);
    Line::from(vec![
        col(
            theme,
            &row.at.day_and_clock_in(&model.settings.zone),
            16,
            theme.quiet(),
        ),
        gap(1),
        col(theme, stands, 6, style),
        gap(1),
        col(theme, row.agent.as_str(), 9, theme.accent()),
        gap(1),
        col(theme, row.kind.as_str(), 18, style),
        gap(1),
        col(theme, row.detail.as_str(), rest, theme.text()),
    ])
}

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.breaks.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    add("kind", row.kind.as_str(), theme.strong());
    add("found", row.detail.as_str(), theme.text());
    add("wallet", row.agent.as_str(), theme.accent());
    add("when", &when(model, row.at), theme.text());
    match &row.closed {
        None => {
            let close = model.key_on(Pane::Breaks, Action::CloseBreak);
            add(
                "stands",
                &format!(
                    "open: nothing is paid from this wallet; {close} closes it, with what you found"
                ),
                theme.danger(),
            );
        }
        Some((by, at, why)) => {
            let text = format!("closed by {by}, {}: {why}", when(model, *at));
            add("stands", &text, theme.quiet());
        }
    }
    add("number", &row.id.to_string(), theme.quiet());
    out
}
