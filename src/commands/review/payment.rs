//! A payment that waits for a person, in words and as JSON.

use chimera_domain::{
    Safe,
    second::person_of,
    views::{PaymentAsked, TicketCard},
};
use serde_json::{Value, json};

/// Everything a decision on it needs, each with what it is called. Texts may be from outside.
pub(in crate::commands) fn parts(
    card: &TicketCard,
    asked: &PaymentAsked,
) -> Vec<(&'static str, Safe)> {
    let paid = &asked.row;
    let line = |text: String| Safe::line(&text);
    let reality = match card.row.simulated {
        true => "on a test network",
        false => "REAL MONEY",
    };
    let mut parts = vec![
        ("pays", line(format!("{}, {reality}", paid.amount))),
        // The whole address: the ends alone are how one is taken for another.
        ("to", line(format!("{} at {}", paid.counterparty, asked.to))),
        ("from", line(format!("{} at {}", paid.agent, asked.from))),
        (
            "on",
            line(format!("{} (chain {})", paid.chain, asked.chain_id)),
        ),
        ("for", paid.memo.clone()),
        ("calls", asked.call.method.clone()),
    ];
    for (name, value) in &asked.call.arguments {
        parts.push(("", line(format!("{name} {value}"))));
    }
    let fee = asked
        .fee
        .map_or_else(String::new, |fee| format!(", of it at most {fee} for gas"));
    parts.push(("counts", line(format!("{} USD{fee}", paid.counted))));
    if let Some((held, at)) = &asked.balance {
        let at = at.to_rfc3339_seconds();
        parts.push(("wallet", line(format!("held {held} at {at}"))));
    }
    parts.push((
        "known",
        line(match asked.known {
            Some(0) => "never paid before".to_owned(),
            Some(times) => format!("paid {times} times or more before"),
            None => "nobody knows whether it was paid before".to_owned(),
        }),
    ));
    parts.push((
        "risk",
        line(asked.risk.map_or_else(
            || "could not be scored".to_owned(),
            |score| score.to_string(),
        )),
    ));
    for one in &asked.factors {
        let text = format!("{} {}: {}", one.adds, one.factor, one.observed);
        parts.push(("", line(text)));
    }
    for limit in &asked.limits {
        let text = format!("{}: {} of {} USD used", limit.limit, limit.used, limit.cap);
        parts.push(("cap", line(text)));
    }
    for rule in &asked.rules {
        let limit = match rule.limit.is_empty() {
            true => String::new(),
            false => format!(" [{}]", rule.limit),
        };
        let text = format!("{} {}: {}{limit}", rule.says, rule.code, rule.observed);
        parts.push(("rule", line(text)));
    }
    parts.push((
        "asked by",
        line(format!("{} ({})", paid.proposer, paid.source)),
    ));
    parts.push(("people", line(format!("{} must approve", asked.people))));
    for one in &asked.approvals {
        let text = format!("{} at {}", one.by, one.at.to_rfc3339_seconds());
        parts.push(("approved", line(text)));
    }
    parts.push(("stands", line(format!("{}: {}", paid.state, paid.why))));
    if let Some(hash) = &paid.transaction {
        parts.push(("on chain", hash.clone()));
    }
    parts
}

/// What approving does, before it is done.
pub(in crate::commands) fn consequence(
    card: &TicketCard,
    asked: &PaymentAsked,
    actor: &str,
) -> String {
    let paid = &asked.row;
    if person_of(actor) == person_of(paid.proposer.as_str()) {
        return "would be refused: you asked for it, and somebody else approves it".to_owned();
    }
    let missing = usize::try_from(asked.people)
        .unwrap_or(usize::MAX)
        .saturating_sub(asked.approvals.len());
    if missing > 1 {
        return format!(
            "would be the first of {} approvals; nothing is signed before another person approves it, too",
            asked.people
        );
    }
    let reality = match card.row.simulated {
        true => "on a test network",
        false => "REAL MONEY",
    };
    format!(
        "would pay {} to {} at {} ({reality}) after {}, for at most {} USD, if the CFO still allows it then",
        paid.amount, paid.counterparty, asked.to, card.fuse, paid.counted
    )
}

/// The part of a ticket's JSON that only a payment has.
pub(super) fn json(asked: &PaymentAsked) -> Value {
    let paid = &asked.row;
    json!({
        "payment": {
            "payment_id": paid.id,
            "state": paid.state,
            "why": paid.why,
            "amount": paid.amount,
            "counted_usd": paid.counted,
            "fee_usd_max": asked.fee,
            "counterparty": paid.counterparty,
            "to": asked.to,
            "from": asked.from,
            "chain": paid.chain,
            "chain_id": asked.chain_id,
            "token": asked.token,
            "memo": paid.memo,
            "category": paid.category,
            "source": paid.source,
            "proposer": paid.proposer,
            "call": {
                "method": asked.call.method,
                "arguments": asked.call.arguments.iter().map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>(),
            },
            "paid_before": asked.known,
            "balance": asked.balance.as_ref().map(|(held, at)| json!({"held": held, "at": at.to_rfc3339()})),
            "risk": asked.risk,
            "risk_factors": asked.factors.iter().map(|one| json!({"factor": one.factor, "adds": one.adds, "observed": one.observed})).collect::<Vec<_>>(),
            "rules": asked.rules.iter().map(|rule| json!({"code": rule.code, "says": rule.says, "observed": rule.observed, "limit": rule.limit})).collect::<Vec<_>>(),
            "caps": asked.limits,
            "people": asked.people,
            "approvals": asked.approvals.iter().map(|one| json!({"by": one.by, "at": one.at.to_rfc3339()})).collect::<Vec<_>>(),
            "transaction": paid.transaction,
            "expires_at": paid.expires_at.to_rfc3339(),
        },
        "task_id": asked.task_id,
    })
}
