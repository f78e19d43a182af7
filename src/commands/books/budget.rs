//! `chimera cfo check-budget`: what is left of every cap, the one that binds first.

use chimera_domain::{
    Timestamp, Usd,
    ports::Store,
    views::{
        Reality,
        headroom::{
            AgentHeadroom, CapRow, Headroom, Holding, Level, Pace, Purse, RunsOut, binding,
            economy_says,
        },
    },
};
use serde_json::{Value, json};

use crate::{commands::status, fault::Fault, out};

/// Prints what is left.
///
/// # Errors
/// When the database cannot be read; `NotFound` for an agent that is not there.
pub(super) async fn run(store: &dyn Store, agent: Option<&str>, json: bool) -> Result<(), Fault> {
    let house = store.overview().await?;
    let mut headroom = store.headroom().await?;
    if let Some(slug) = agent {
        headroom.agents.retain(|agent| agent.slug.as_str() == slug);
        if headroom.agents.is_empty() {
            return Err(Fault::NotFound(format!("there is no agent {slug}")));
        }
    }
    if json {
        let mut value = status::money_json(&house);
        if let Value::Object(fields) = &mut value {
            fields.insert("headroom".to_owned(), value_of(&headroom));
        }
        out::json(&value);
        return Ok(());
    }
    out::line(format!("today      {}", status::money(&house)));
    for campaign in &house.campaigns {
        out::line(format!(
            "campaign   {:20} {} of {} USD{}",
            campaign.name,
            campaign.spent,
            campaign.budget,
            Reality::of(campaign.spent, campaign.spent_simulated)
        ));
    }
    if headroom.zone.is_none() {
        out::line(
            "No policy is installed yet, so nothing can be spent; `chimera` installs budget.yaml.",
        );
        return Ok(());
    }
    if agent.is_none() {
        tell(&headroom, "tools", "all agents", &headroom.tools);
        match &headroom.payments {
            Some(purse) => tell(&headroom, "payments", "all agents", purse),
            None => out::line("payments   none: budget.yaml has no `payments` (docs/wallets.md)"),
        }
    }
    for agent in &headroom.agents {
        let slug = agent.slug.as_str();
        tell(&headroom, "tools", slug, &agent.tools);
        if let Some(cap) = agent.economy() {
            out::line(format!("             economy: {}", economy_says(cap)));
        }
        if let Some(purse) = &agent.payments {
            tell(&headroom, "payments", slug, purse);
        }
        for held in &agent.holdings {
            out::line(format!("wallet     {slug}  {}", holding(held, &headroom)));
        }
    }
    Ok(())
}

fn tell(headroom: &Headroom, budget: &str, whose: &str, purse: &Purse) {
    let used = purse.day().map_or(Usd::ZERO, |day| day.limit.used);
    out::line(format!(
        "{budget:<10} {whose}{}",
        Reality::of(used, purse.simulated)
    ));
    for (at, cap) in ordered(&purse.caps).into_iter().enumerate() {
        let binds = if at == 0 { "  BINDS" } else { "" };
        out::line(format!("             {}{binds}", told(cap)));
    }
    let Some(runs_out) = purse.runs_out(headroom.at) else {
        return;
    };
    let zone = headroom.zone.as_deref().unwrap_or("UTC");
    let pace = purse
        .pace
        .map_or_else(String::new, |pace| format!(", {}", pace.says()));
    out::line(format!(
        "             its day runs out: {}{pace}",
        runs_out.says(headroom.at, zone)
    ));
}

/// The caps, the one that binds first.
fn ordered(caps: &[CapRow]) -> Vec<&CapRow> {
    let mut caps: Vec<&CapRow> = caps.iter().collect();
    caps.sort_by_key(|cap| cap.left());
    caps
}

fn told(cap: &CapRow) -> String {
    let open = if cap.open.is_positive() {
        format!(", {} of it set aside", cap.open)
    } else {
        String::new()
    };
    let level = match cap.level() {
        Level::Room => String::new(),
        level @ (Level::Near | Level::Tight | Level::Spent) => format!(" {level}"),
    };
    format!(
        "{:<28} {:>10} USD left of {}: {} used{open} ({}%{level})",
        cap.name(),
        cap.left().to_string(),
        cap.limit.cap,
        cap.limit.used,
        cap.percent()
    )
}

fn holding(held: &Holding, headroom: &Headroom) -> String {
    let zone = headroom.zone.as_deref().unwrap_or("UTC");
    let worth = held.worth.map_or_else(
        || "nobody knows what it is worth".to_owned(),
        |usd| format!("worth {usd} USD"),
    );
    format!(
        "{}, {worth}; runs out: {}",
        held.amount(held.held),
        held.runs_out(headroom.at).says(headroom.at, zone)
    )
}

/// The same for programs.
pub(super) fn value_of(headroom: &Headroom) -> Value {
    let at = headroom.at;
    let agents: Vec<Value> = headroom.agents.iter().map(|a| agent(a, at)).collect();
    json!({
        "at": at.to_rfc3339(),
        "zone": headroom.zone,
        "tools": purse(&headroom.tools, at),
        "payments": headroom.payments.as_ref().map(|p| purse(p, at)),
        "agents": agents,
    })
}

fn agent(agent: &AgentHeadroom, at: Timestamp) -> Value {
    let holdings: Vec<Value> = agent
        .holdings
        .iter()
        .map(|held| {
            json!({
                "asset": held.asset, "decimals": held.decimals, "held_units": held.held.to_string(),
                "held": held.decimals.map(|decimals| held.held.show(decimals)),
                "worth_usd": held.worth,
                "spent_units": held.pace.map(|pace| pace.spent.to_string()),
                "spent_over_seconds": held.pace.map(|pace| pace.over.secs()),
                "runs_out": runs_out(held.runs_out(at)),
            })
        })
        .collect();
    json!({
        "agent_id": agent.agent_id,
        "agent": agent.slug,
        "tools": purse(&agent.tools, at),
        "payments": agent.payments.as_ref().map(|p| purse(p, at)),
        "economy": agent.economy().map(CapRow::name),
        "wallet": holdings,
    })
}

fn purse(purse: &Purse, at: Timestamp) -> Value {
    let caps: Vec<Value> = ordered(&purse.caps).into_iter().map(|cap| {
        json!({
            "limit": cap.limit.limit, "of": cap.of, "cap_usd": cap.limit.cap, "used_usd": cap.limit.used,
            "open_usd": cap.open, "left_usd": cap.left(), "percent": cap.percent(), "level": cap.level(),
        })
    }).collect();
    json!({
        "binding": binding(&purse.caps).map(CapRow::name),
        "caps": caps,
        "simulated_usd": purse.simulated,
        "uncertain_usd": purse.uncertain,
        "pace_usd_per_hour": purse.pace.as_ref().and_then(Pace::per_hour),
        "pace_over_seconds": purse.pace.map(|pace| pace.over.secs()),
        "day_runs_out": purse.runs_out(at).map(runs_out),
    })
}

fn runs_out(when: RunsOut) -> Value {
    let (state, at) = match when {
        RunsOut::NoData => ("no_data", None),
        RunsOut::Gone => ("gone", None),
        RunsOut::At(at) => ("at", Some(at.to_rfc3339())),
        RunsOut::NotToday => ("not_today", None),
    };
    json!({"state": state, "at": at})
}
