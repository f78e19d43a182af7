//! The card of a payment: what would be signed, taken apart; why a person is asked; what the CFO saw; what approving does.

use chimera_domain::{
    Safe, Usd,
    cfo::Rule,
    payment::PaymentState,
    second::person_of,
    spend::Limit,
    ticket::RejectClass,
    views::{HaltRow, PaymentAsked, TicketCard, mark},
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    card,
    card_body::{NARROW, asked_for, put_by},
    header,
    parts::{gap, labelled},
};
use crate::{keymap::Action, model::Model};

/// What goes out: how much, from where, to where, by which call. All of it must have been on screen before a yes.
pub(super) fn outgoing(
    model: &Model,
    card: &TicketCard,
    asked: &PaymentAsked,
    columns: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let paid = &asked.row;
    let (sign, sign_style) = match mark(card.row.simulated, false) {
        "" => ("REAL MONEY", theme.danger()),
        _ if columns < NARROW => ("TEST", theme.simulated()),
        _ => ("TEST NETWORK", theme.simulated()),
    };
    let mut lines = vec![Line::from(vec![
        gap(1),
        Span::styled(paid.amount.to_string(), theme.strong()),
        gap(2),
        Span::styled(sign, sign_style),
    ])];
    let mut add = |label: &str, text: &str, style: Style| {
        labelled(theme, label, text, style, columns, &mut lines);
    };
    let to = format!("{} at {}", paid.counterparty, asked.to);
    add("to", &to, theme.text());
    let known = match asked.known {
        Some(0) => ("never paid before", theme.warning()),
        Some(1) => ("paid once before", theme.text()),
        Some(2) => ("paid twice before", theme.text()),
        Some(_) => ("paid often before", theme.text()),
        None => ("nobody knows whether it was paid before", theme.danger()),
    };
    add("", known.0, known.1);
    let from = format!("{} at {}", paid.agent, asked.from);
    add("from", &from, theme.text());
    if let Some((held, at)) = &asked.balance {
        let at = at.clock_in(&model.settings.zone);
        add("", &format!("holds {held} at {at}"), theme.quiet());
    }
    let chain = format!("{} (chain {})", paid.chain, asked.chain_id);
    add("on", &chain, theme.text());
    add("for", paid.memo.as_str(), theme.text());
    let gas = match asked.fee {
        Some(fee) => format!("{} USD, of it at most {fee} for gas", paid.counted),
        None => format!("{} USD", paid.counted),
    };
    add("counts", &gas, theme.text());
    add("calls", asked.call.method.as_str(), theme.text());
    for (name, value) in &asked.call.arguments {
        add("", &format!("{name} {value}"), theme.text());
    }
    lines
}

/// Why a person is asked, how risky it is, and every rule of the CFO, what stands in the way first.
pub(super) fn why(
    model: &Model,
    card: &TicketCard,
    asked: &PaymentAsked,
    columns: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    asked_for(model, card, columns, &mut lines);
    let mut add = |label: &str, text: &str, style: Style| {
        labelled(theme, label, text, style, columns, &mut lines);
    };
    let given: Vec<String> = asked
        .approvals
        .iter()
        .map(|one| format!("{} at {}", one.by, one.at.clock_in(&model.settings.zone)))
        .collect();
    let given = match given.len() {
        0 => "nobody yet".to_owned(),
        _ => given.join(", "),
    };
    let people = format!(
        "{given}; {} of another name than {} needed",
        asked.people,
        paid_by(asked)
    );
    add("approved", &people, theme.text());
    match asked.risk {
        Some(score) if asked.factors.is_empty() => {
            add(
                "risk",
                &format!("{score}, nothing adds to it"),
                theme.text(),
            );
        }
        Some(score) => add("risk", &score.to_string(), theme.text()),
        None => add("risk", "could not be scored", theme.danger()),
    }
    for one in &asked.factors {
        let factor = one.factor.as_str().replace('_', " ");
        let text = format!("{} {factor}: {}", one.adds, one.observed);
        add("", &text, theme.warning());
    }
    for (i, limit) in headroom(asked).into_iter().enumerate() {
        let label = if i == 0 { "caps" } else { "" };
        add(label, &told(limit, asked.row.counted), theme.text());
    }
    let refuses = asked.rules.iter().filter(|rule| rule.says != Rule::Allow);
    let allows = asked.rules.iter().filter(|rule| rule.says == Rule::Allow);
    for (i, rule) in refuses.chain(allows).enumerate() {
        let label = if i == 0 { "rules" } else { "" };
        let (mark, style) = match rule.says {
            Rule::Allow => (theme.marks().yes, theme.quiet()),
            Rule::Review => ("?", theme.warning()),
            Rule::Refuse => (theme.marks().no, theme.danger()),
        };
        let limit = match rule.limit.is_empty() {
            true => String::new(),
            false => format!(" [{}]", rule.limit),
        };
        let text = format!("{mark} {} {}{limit}", rule.code, rule.observed);
        add(label, &text, style);
    }
    lines
}

/// The caps with the least left first: those that a payment meets first.
fn headroom(asked: &PaymentAsked) -> Vec<&Limit> {
    let mut limits: Vec<&Limit> = asked.limits.iter().collect();
    limits.sort_by_key(|limit| limit.cap.checked_sub(limit.used).unwrap_or(Usd::ZERO));
    limits
}

/// A cap, and what is left of it with this payment.
fn told(limit: &Limit, counted: Usd) -> String {
    let Limit { limit, cap, used } = limit;
    let left = cap
        .checked_sub(*used)
        .and_then(|left| left.checked_sub(counted));
    let name = limit.replace('_', " ");
    match left.filter(|left| *left >= Usd::ZERO) {
        Some(left) => format!("{name}: {used} of {cap} used, {left} left after it"),
        None => format!("{name}: {used} of {cap} used, it does not fit"),
    }
}

/// What is behind it: who asked, for which campaign and task, and until when it may be answered.
pub(super) fn behind(
    model: &Model,
    card: &TicketCard,
    asked: &PaymentAsked,
    columns: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    let mut add = |label: &str, text: &str, style: Style| {
        labelled(theme, label, text, style, columns, &mut lines);
    };
    let paid = &asked.row;
    let by = format!(
        "{} ({}), budget {}",
        paid_by(asked),
        paid.source,
        paid.category
    );
    add("asked by", &by, theme.text());
    if !card.row.campaign.is_empty() {
        add("campaign", card.row.campaign.as_str(), theme.text());
    }
    if let Some(trend) = &asked.trend {
        add("trend", trend.as_str(), theme.text());
    }
    add(
        "stands",
        &format!("{}: {}", paid.state, paid.why),
        theme.text(),
    );
    let zone = &model.settings.zone;
    if paid.state == PaymentState::Review {
        let at = paid.expires_at.clock_in(zone);
        let left = model.until(paid.expires_at);
        let text = format!("in {left} ({at}), then it is not paid; time never approves");
        add("ends", &text, theme.text());
    }
    put_by(model, card, columns, &mut lines);
    let mut add = |label: &str, text: &str| {
        labelled(theme, label, text, theme.quiet(), columns, &mut lines);
    };
    if let Some(at) = asked.decided_at {
        let at = at.clock_in(zone);
        let text =
            format!("what the CFO saw is of {at}; it is asked again before anything is signed");
        add("seen", &text);
    }
    if let Some(hash) = &paid.transaction {
        add("on chain", hash.as_str());
    }
    add("digest", &card.content_hash.to_string());
    add("id", &paid.id.to_string());
    if let Some(task) = asked.task_id {
        add("task", &task.to_string());
    }
    add("trace", &card.trace_id.to_string());
    lines
}

fn paid_by(asked: &PaymentAsked) -> Safe {
    Safe::line(person_of(asked.row.proposer.as_str()))
}

/// What the key would do to a payment that waits.
pub(super) fn waiting(
    model: &Model,
    card: &TicketCard,
    asked: &PaymentAsked,
    halt: Option<&HaltRow>,
) -> (String, Style) {
    let theme = model.theme;
    if person_of(&model.settings.actor) == person_of(asked.row.proposer.as_str()) {
        let reject = model.key(Action::Reject);
        let text = format!("You asked for it: another person approves it; {reject} takes it back");
        return (text, theme.warning());
    }
    if let Some(told) = card::approved_first(model) {
        return (told, theme.warning());
    }
    let paid = &asked.row;
    let what = format!("{} to {}", paid.amount, paid.counterparty);
    if let Some(halt) = halt {
        let text = format!(
            "Approve = kept, and not signed while {} is {} (! resumes)",
            halt.what,
            header::done(halt)
        );
        return (text, theme.warning());
    }
    let missing = asked
        .people
        .saturating_sub(u32::try_from(asked.approvals.len()).unwrap_or(u32::MAX));
    if missing > 1 {
        let text = format!(
            "Approve = first of {}; nothing is signed before another person approves {what}, too",
            asked.people
        );
        return (text, theme.warning());
    }
    let mark = match card.row.simulated {
        true => ", on a test network",
        false => ", REAL MONEY",
    };
    let text = format!(
        "Approve = {what}{mark}, signed in {} if the CFO still allows it, {} USD at most",
        card.fuse, paid.counted
    );
    let style = if card.row.simulated {
        theme.strong()
    } else {
        theme.danger()
    };
    (text, style)
}

/// What became of it, in a word.
pub(super) fn became(model: &Model, state: PaymentState) -> (&'static str, Style) {
    let theme = model.theme;
    match state {
        PaymentState::Approved => ("HELD", theme.warning()),
        PaymentState::Signed | PaymentState::Broadcast => ("HANDED IN", theme.accent()),
        PaymentState::Mined => ("IN A BLOCK that may vanish", theme.accent()),
        PaymentState::Posted => ("PAID", theme.good()),
        PaymentState::Uncertain => ("UNSURE", theme.danger()),
        PaymentState::Reverted => ("FAILED on the chain, its gas is spent", theme.danger()),
        PaymentState::Cancelled => ("CANCELLED", theme.quiet()),
        PaymentState::Review
        | PaymentState::Refused
        | PaymentState::Rejected
        | PaymentState::Expired => ("NOT PAID", theme.quiet()),
    }
}

/// What goes out when it is approved, in a few words.
pub(super) fn goes(card: &TicketCard, mark: &str) -> String {
    match card.payment() {
        Some(asked) => {
            let paid = &asked.row;
            let network = match card.row.simulated {
                true => ", on a test network",
                false => ", REAL MONEY",
            };
            format!(
                "{} to {} at {}{network}",
                paid.amount, paid.counterparty, asked.to
            )
        }
        None => format!(
            "1 post to {} on {}{mark}",
            card.row.account, card.row.channel
        ),
    }
}

/// What is asked for beside a no.
pub(super) fn note(model: &Model, class: RejectClass) -> String {
    let card = model.review.card.as_ref();
    if card.is_some_and(|card| card.payment().is_some()) {
        return "why it is not paid, may be empty; there is no way back:".to_owned();
    }
    let word = class.as_str().replace('_', " ");
    format!("{word}; a note for the next attempt, may be empty:")
}
