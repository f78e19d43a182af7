//! Payments: money that leaves wallets on chains, each with its transactions and both sides of its entries.

use chimera_domain::{
    payment::PaymentState,
    views::{By, PaymentRow},
};
use ratatui::{Frame, style::Style, text::Line};

use super::{
    columns::{self, Column, Shown, by, figure, rest, text},
    parts::{labelled, list_title, rows, title},
};
use crate::{
    layout::Part,
    model::{Model, Pane},
};

pub(super) fn draw(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let head = list_title(model, part, "", &model.payments);
    let focused = model.focus.pane == part.pane && !model.focus.detail;
    title(model, part.area, focused, &head, frame);
    rows(model, part, &model.payments, frame, |_, row, columns| {
        columns::line(model, part.pane, COLUMNS, row, columns)
    });
}

pub(super) fn empty(model: &Model) -> String {
    let way = model.way(Pane::Review);
    format!(
        "No payments. Wallets are set up in budget.yaml and chimera.yaml; `chimera cfo pay` asks for one, and what needs a person waits in {way}."
    )
}

/// Its sign, and how bad it is.
fn stands(model: &Model, state: PaymentState) -> (&'static str, Style) {
    let theme = model.theme;
    let marks = theme.marks();
    match state {
        PaymentState::Posted => (marks.yes, theme.good()),
        PaymentState::Review => ("?", theme.warning()),
        PaymentState::Approved
        | PaymentState::Signed
        | PaymentState::Broadcast
        | PaymentState::Mined => (marks.dot, theme.accent()),
        PaymentState::Uncertain => ("!", theme.danger()),
        PaymentState::Refused | PaymentState::Reverted => (marks.no, theme.danger()),
        PaymentState::Rejected | PaymentState::Expired | PaymentState::Cancelled => {
            (marks.empty, theme.quiet())
        }
    }
}

pub(super) const COLUMNS: &[Column<PaymentRow>] = &[
    by(
        By::Booked,
        &text("booked", Shown::Always, &[(0, 6)], |model, row| {
            (row.at.clock_in(&model.settings.zone), model.theme.quiet())
        }),
    ),
    text("state", Shown::Always, &[(0, 12)], |model, row| {
        let (mark, style) = stands(model, row.state);
        (format!("{mark} {}", row.state), style)
    }),
    figure("amount", Shown::Always, &[(0, 14)], |model, row| {
        (row.amount.to_string(), model.theme.strong())
    }),
    text("bill", Shown::Always, &[(0, 5)], |model, row| {
        let bill = if row.simulated { "TEST" } else { "REAL" };
        let style = if row.simulated {
            model.theme.simulated()
        } else {
            model.theme.danger()
        };
        (bill.to_owned(), style)
    }),
    figure("counted", Shown::Usually, &[(70, 10)], |model, row| {
        (row.counted.to_string(), model.theme.text())
    }),
    text("agent", Shown::Usually, &[(60, 9)], |model, row| {
        (row.agent.to_string(), model.theme.accent())
    }),
    text("to", Shown::Always, &[(50, 13)], |model, row| {
        (row.counterparty.to_string(), model.theme.text())
    }),
    text("chain", Shown::Asked, &[(0, 13)], |model, row| {
        (row.chain.to_string(), model.theme.quiet())
    }),
    text("category", Shown::Asked, &[(0, 17)], |model, row| {
        (row.category.to_string(), model.theme.quiet())
    }),
    rest("memo", |model, row| {
        let text = match row.state {
            PaymentState::Refused => format!("{}: {}", row.why, row.memo),
            PaymentState::Review
            | PaymentState::Approved
            | PaymentState::Signed
            | PaymentState::Broadcast
            | PaymentState::Mined
            | PaymentState::Posted
            | PaymentState::Rejected
            | PaymentState::Expired
            | PaymentState::Cancelled
            | PaymentState::Reverted
            | PaymentState::Uncertain => row.memo.to_string(),
        };
        (text, model.theme.text())
    }),
];

pub(super) fn detail(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let Some(row) = model.payments.row() else {
        return Vec::new();
    };
    let theme = model.theme;
    let zone = &model.settings.zone;
    let mut out = Vec::new();
    let mut add = |label: &str, text: &str, style: Style| {
        labelled(theme, label, text, style, columns, &mut out);
    };
    let (mark, style) = stands(model, row.state);
    let network = if row.simulated {
        ", on a test network"
    } else {
        ", REAL MONEY"
    };
    add("state", &format!("{mark} {}{network}", row.state), style);
    add("why", row.why.as_str(), theme.text());
    let pays = format!("{} to {}", row.amount, row.counterparty);
    add("pays", &pays, theme.strong());
    add("for", row.memo.as_str(), theme.text());
    let from = match row.chain.is_empty() {
        true => row.agent.to_string(),
        false => format!("{} on {}", row.agent, row.chain),
    };
    add("from", &from, theme.text());
    add(
        "counts",
        &format!("{} USD, gas included", row.counted),
        theme.text(),
    );
    let by = format!("{} ({}), budget {}", row.proposer, row.source, row.category);
    add("asked by", &by, theme.text());
    if !row.campaign.is_empty() {
        add("campaign", row.campaign.as_str(), theme.text());
    }
    if row.state == PaymentState::Review {
        let way = model.way(Pane::Review);
        let text = format!("a person decides it in review ({way})");
        add("waits", &text, theme.warning());
    }
    if row.state == PaymentState::Uncertain {
        let text = "it counts until its end is known; the chain is asked on. Once it can never be made, `chimera cfo write-off-payment` frees it";
        add("look", text, theme.warning());
    }
    for one in &row.attempts {
        let block = one
            .block
            .map_or_else(String::new, |block| format!(" in block {block}"));
        let text = format!(
            "{} {} at place {}{block}, signed {}: {}",
            one.kind,
            one.state,
            one.nonce,
            one.at.clock_in(zone),
            one.hash
        );
        add("signed", &text, theme.text());
    }
    if let Some(hash) = &row.transaction {
        add("found in", hash.as_str(), theme.text());
    }
    for one in &row.entries {
        let text = format!(
            "#{} {}  {} {} {}  {}  hash {}",
            one.seq,
            one.at.clock_in(zone),
            one.debit,
            theme.marks().arrow,
            one.credit,
            one.amount,
            one.hash
        );
        add("entry", &text, theme.text());
    }
    if row.entries.is_empty() {
        add("entry", "none: nothing was set aside", theme.quiet());
    }
    if let Some(digest) = &row.digest {
        add("digest", &digest.to_string(), theme.quiet());
    }
    add("id", &row.id.to_string(), theme.quiet());
    out
}
