//! `chimera planner threshold`: what another threshold of relevance would have planned, from the scores there are.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Span,
    ids::CampaignId,
    ports::Store,
    views::{Near, Trial, Tried, Weighing},
};
use chimera_swarm::threshold;
use serde_json::{Value, json};

use crate::{config, fault::Fault, out};

/// Tries a threshold on the last hours.
///
/// # Errors
/// `Usage` for what is no score; when the database cannot be read.
pub async fn run(store: &dyn Store, at: &str, hours: u32, json: bool) -> Result<(), Fault> {
    let at = config::given::score(at).map_err(Fault::Usage)?;
    let overview = store.overview().await?;
    let since = overview.at.minus(Span::from_hours(u64::from(hours)));
    let weighing = threshold::weighed(store, since).await?;
    let trial = Trial::of(&weighing, at);
    let names: BTreeMap<CampaignId, Safe> = overview
        .campaigns
        .into_iter()
        .map(|campaign| (campaign.id, campaign.name))
        .collect();
    if json {
        out::json(&value(hours, &weighing, &trial, &names));
    } else {
        print(hours, &weighing, &trial, &names);
    }
    Ok(())
}

fn print(hours: u32, weighing: &Weighing, trial: &Trial, names: &BTreeMap<CampaignId, Safe>) {
    let at = trial.at;
    out::line(format!(
        "at {at} you would have planned {} in the last {hours} h, before the caps",
        trial.told()
    ));
    if let Some(now) = weighing.in_force {
        out::line(format!(
            "the swarm plans at {now}; nothing is saved here: `thresholds: relevance` in budget.yaml, and start again"
        ));
    }
    if weighing.is_cut {
        out::line(format!(
            "only the first {} signals were looked at",
            weighing.rows.len()
        ));
    }
    if weighing.untold > 0 {
        out::line(format!(
            "{} decided signals do not say by what they were decided, and are left out",
            weighing.untold
        ));
    }
    for (id, tried) in &trial.campaigns {
        let name = names
            .get(id)
            .map_or_else(|| id.to_string(), Safe::to_string);
        out::line(format!(
            "\n{name} ({}): {} scored, {} planned, {} at {at}",
            tried.persona, tried.scored, tried.planned, tried.then
        ));
        for (side, near) in [("in ", &tried.above), ("out", &tried.below)] {
            for one in near {
                out::line(format!("  {side}  {}  {}", one.score, one.title.cut(90)));
            }
        }
    }
}

fn value(
    hours: u32,
    weighing: &Weighing,
    trial: &Trial,
    names: &BTreeMap<CampaignId, Safe>,
) -> Value {
    let (more, fewer) = trial.more_and_fewer();
    let (tasks_more, tasks_fewer) = trial.tasks_more_and_fewer();
    let near = |near: &[Near]| -> Vec<Value> {
        near.iter()
            .map(|one| json!({"signal_id": one.signal, "title": one.title, "relevance_score": one.score}))
            .collect()
    };
    let campaign = |(id, tried): (&CampaignId, &Tried)| {
        json!({
            "campaign_id": id, "campaign": names.get(id), "persona": tried.persona, "scored": tried.scored,
            "planned": tried.planned, "planned_at": tried.then,
            "just_in": near(&tried.above), "just_out": near(&tried.below),
        })
    };
    json!({
        "at": trial.at, "in_force": weighing.in_force, "hours": hours, "plans_more": more, "plans_fewer": fewer,
        "tasks_more": tasks_more, "tasks_fewer": tasks_fewer, "is_cut": weighing.is_cut,
        "untold": weighing.untold, "campaigns": trial.campaigns.iter().map(campaign).collect::<Vec<_>>(),
    })
}
