//! The ledger: what is spent, reserved and left today, and every intent with both sides of its entries.

use chimera_domain::{
    Usd,
    spend::IntentState,
    views::{By, LedgerRow},
};
use ratatui::{
    Frame,
    text::{Line, Span},
};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{gap, labelled, list_title, rows, title},
    put,
};
use crate::{layout::Part, model::Model, text::width};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let head = list_title(model, part, "", &model.ledger);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    if part.inside().height > 1 {
        let line = gauge(model, usize::from(part.area.width));
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

fn gauge(model: &Model, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let Some(o) = &model.overview else {
        return Line::styled(" reading…", theme.quiet());
    };
    let cap = o
        .cap_day
        .map_or_else(|| "no cap".to_owned(), |cap| format!("{cap} USD"));
    let mut spans = vec![
        gap(1),
        Span::styled(o.spent_day.to_string(), theme.strong()),
        Span::styled(" spent + ", theme.quiet()),
        Span::styled(
            if o.uncertain_day.is_positive() {
                format!("{} unsure + ", o.uncertain_day)
            } else {
                String::new()
            },
            theme.danger(),
        ),
        Span::styled(o.reserved.to_string(), theme.text()),
        Span::styled(" reserved of ", theme.quiet()),
        Span::styled(cap, theme.strong()),
    ];
    let used: usize = spans.iter().map(|s| width(&s.content)).sum();
    let Some(cap) = o.cap_day.filter(|c| c.is_positive()) else {
        return Line::from(spans);
    };
    let gone = o.spent_day.checked_add(o.uncertain_day).unwrap_or(cap);
    let percent = share(gone, cap, 100);
    let tail = format!(" {percent}%");
    let room = columns.saturating_sub(used + tail.len() + 3).min(40);
    if room >= 8 {
        let spent = share(gone, cap, room).min(room);
        let reserved = share(o.reserved, cap, room).min(room - spent);
        let marks = theme.marks();
        let style = if percent >= 90 {
            theme.danger()
        } else {
            theme.accent()
        };
        spans.extend([
            gap(2),
            Span::styled(marks.spent.repeat(spent), style),
            Span::styled(marks.reserved.repeat(reserved), theme.warning()),
            Span::styled(marks.left.repeat(room - spent - reserved), theme.quiet()),
        ]);
    }
    spans.push(Span::styled(tail, theme.text()));
    Line::from(spans)
}

fn share(part: Usd, whole: Usd, of: usize) -> usize {
    let part = u128::try_from(part.micros()).unwrap_or(0);
    let whole = u128::try_from(whole.micros()).unwrap_or(0).max(1);
    let of = u128::try_from(of).unwrap_or(0);
    usize::try_from(part * of / whole).unwrap_or(usize::MAX)
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
    out
}
