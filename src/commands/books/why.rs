//! `chimera cfo why`: from an intent, a payment or an entry back to what led to it.

use chimera_domain::{
    ports::Store,
    views::journal::{BookedFor, BookedSubject, WhyPaid},
};
use serde_json::{Value, json};

use super::{export, mark};
use crate::{fault::Fault, out};

/// Prints why.
///
/// # Errors
/// `Usage` for what is no id of any of these, `NotFound` for what is not there.
pub(super) async fn run(store: &dyn Store, of: &str, json: bool) -> Result<(), Fault> {
    let subject: BookedSubject = of.parse().map_err(Fault::Usage)?;
    let Some(why) = store.why_paid(subject).await? else {
        return Err(Fault::NotFound(format!(
            "there is no {of}; `chimera cfo view-ledger`, `payments` and `export` show what there is"
        )));
    };
    if json {
        out::json(&value(&why));
    } else {
        tell(&why);
    }
    Ok(())
}

fn name(of: BookedFor) -> String {
    match of {
        BookedFor::Intent(id) => id.to_string(),
        BookedFor::Payment(id) => id.to_string(),
        BookedFor::Nothing => "it".to_owned(),
    }
}

fn tell(why: &WhyPaid) {
    let simulated = mark(why.simulated);
    let simulated = if simulated.is_empty() {
        String::new()
    } else {
        format!(" {simulated}")
    };
    out::line(format!(
        "{} is {}: {}{simulated}",
        name(why.of),
        why.state,
        why.amount
    ));
    out::line(format!("  for        {}", why.memo));
    let campaign = if why.campaign.is_empty() {
        "no campaign".to_owned()
    } else {
        format!("campaign {}", why.campaign)
    };
    let category = why
        .category
        .map_or_else(String::new, |on| format!(", {on}"));
    out::line(format!("  whose      {}, {campaign}{category}", why.agent));
    out::line(format!(
        "  asked by   {}, {}",
        why.asked_by,
        why.at.to_rfc3339_seconds()
    ));
    match &why.task {
        Some(task) => out::line(format!(
            "  task       {} {} ({}) of: {}",
            task.id, task.node, task.state, task.title
        )),
        None => out::line("  task       none: no plan of the swarm is behind it"),
    }
    if let Some(signal) = &why.signal {
        let score = signal
            .score
            .map_or_else(|| "no score".to_owned(), |s| s.to_string());
        out::line(format!(
            "  signal     {} {} ({}), {score}: {}",
            signal.id, signal.title, signal.source, signal.why
        ));
    }
    for decision in &why.decisions {
        let hash = decision
            .hash
            .map_or_else(String::new, |hash| format!("  {hash}"));
        out::line(format!(
            "  decided    {} {}: {}{hash}",
            decision.at.to_rfc3339_seconds(),
            decision.by,
            decision.says
        ));
    }
    for entry in &why.entries {
        out::line(format!("  entry      {}", export::told(entry)));
    }
    if why.entries.is_empty() {
        out::line("  entry      none: nothing was set aside");
    }
    if let Some(trace) = why.trace_id {
        out::line(format!(
            "  walk       {trace}; `t` in the console shows all of it"
        ));
    }
}

fn value(why: &WhyPaid) -> Value {
    let (intent, payment) = export::ids(why.of);
    let decisions: Vec<Value> = why
        .decisions
        .iter()
        .map(|d| json!({"at": d.at.to_rfc3339(), "by": d.by, "says": d.says, "hash": d.hash}))
        .collect();
    json!({
        "intent_id": intent,
        "payment_id": payment,
        "state": why.state,
        "amount": why.amount,
        "memo": why.memo,
        "agent": why.agent,
        "campaign": (!why.campaign.is_empty()).then_some(&why.campaign),
        "category": why.category,
        "asked_by": why.asked_by,
        "at": why.at.to_rfc3339(),
        "simulated": why.simulated,
        "trace_id": why.trace_id,
        "task": why.task.as_ref().map(|t| json!({"task_id": t.id, "node": t.node, "state": t.state, "title": t.title})),
        "signal": why.signal.as_ref().map(|s| json!({"signal_id": s.id, "title": s.title, "source": s.source, "relevance_score": s.score, "why": s.why})),
        "decisions": decisions,
        "entries": why.entries.iter().map(export::value).collect::<Vec<_>>(),
    })
}
