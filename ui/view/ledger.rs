//! The ledger: what is spent, reserved and left today, and every intent with both sides of its entries.

use chimera_domain::{
    spend::IntentState,
    views::{By, LedgerRow},
};
use ratatui::{Frame, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    headroom,
    parts::{labelled, list_title, rows, title},
    put,
};
use crate::{layout::Part, model::Model};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let head = list_title(model, part, "", &model.ledger);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    if part.inside().height > 1 {
        let line = headroom::gauge(model, usize::from(part.area.width));
        put(frame, part.inside(), 0, &line);
    }
    rows(model, part, &model.ledger, frame, |_, row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
    });
}

/// Always with the numbers: a bar alone says little.
pub(super) fn empty(model: &Model) -> String {
    match model.overview.as_ref().and_then(|o| o.cap_day) {
        Some(cap) => format!("Nothing was spent. The cap is {cap} USD a day."),
        None => "Nothing was spent, and no policy is installed: nothing can be.".into(),
    }
}

fn amount(row: &LedgerRow) -> String {
    match (row.actual, row.state) {
        (Some(actual), _) => actual.to_string(),
        (None, IntentState::Voided | IntentState::Refused) => format!("({})", row.estimate),
        (None, IntentState::Pending | IntentState::Posted | IntentState::Uncertain) => {
            format!("<={}", row.estimate)
        }
    }
}

pub(super) const COLUMNS: &[Column<LedgerRow>] = &[
    by(
        By::Booked,
        &text("booked", Shown::Always, &[(0, 6)], |model, row| {
            (row.at.clock_in(&model.settings.zone), model.theme.quiet())
        }),
    ),
    text("state", Shown::Always, &[(0, 12)], |model, row| {
        let (mark, style) = model.theme.intent(row.state);
        (format!("{mark} {}", row.state), style)
    }),
    figure("amount", Shown::Always, &[(0, 11)], |model, row| {
        (amount(row), model.theme.strong())
    }),
    text("bill", Shown::Always, &[(0, 4)], |model, row| {
        let bill = if row.simulated { "SIM" } else { "" };
        (bill.to_owned(), model.theme.simulated())
    }),
    figure("reserved", Shown::Asked, &[(0, 11)], |model, row| {
        (row.estimate.to_string(), model.theme.text())
    }),
    text("category", Shown::Usually, &[(70, 17)], |model, row| {
        (row.category.to_string(), model.theme.quiet())
    }),
    text("campaign", Shown::Usually, &[(110, 17)], |model, row| {
        (row.campaign.to_string(), model.theme.accent())
    }),
    rest("memo", |model, row| {
        (row.memo.to_string(), model.theme.text())
    }),
];

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.ledger.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (mark, style) = theme.intent(row.state);
    let simulated = if row.simulated {
        " (SIMULATED bill)"
    } else {
        ""
    };
    add("state", &format!("{mark} {}{simulated}", row.state), style);
    add("memo", row.memo.as_str(), theme.strong());
    add("reserved", &format!("{} USD", row.estimate), theme.text());
    let cost = row
        .actual
        .map_or_else(|| "not known yet".to_owned(), |a| format!("{a} USD"));
    add("cost", &cost, theme.text());
    if !row.why.is_empty() {
        add("why", row.why.as_str(), theme.warning());
    }
    add(
        "on",
        &format!("{} for campaign {}", row.category, row.campaign),
        theme.text(),
    );
    for e in &row.entries {
        let time = e.at.clock_in(&model.settings.zone);
        let text = format!(
            "#{} {time}  {} {} {}  {} USD  hash {}",
            e.seq,
            e.debit,
            theme.marks().arrow,
            e.credit,
            e.amount,
            e.hash
        );
        add("entry", &text, theme.text());
    }
    if row.entries.is_empty() {
        add("entry", "none: nothing was reserved", theme.quiet());
    }
    add("task", &row.task_id.to_string(), theme.quiet());
    add("id", &row.intent_id.to_string(), theme.quiet());
    out.extend(headroom::lines(model, Some(&row.campaign), columns));
    out
}
