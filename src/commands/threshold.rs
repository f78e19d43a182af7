//! `chimera planner threshold`: what another threshold of relevance would have planned, from the scores there are.

use std::collections::BTreeMap;

use chimera_domain::{
    Safe, Score, Span,
    basis::StoredDecision,
    ids::CampaignId,
    ports::{DecisionKind, Store},
};
use chimera_swarm::{
    again::TASKS_PER_PLAN,
    threshold::{Near, Trial, Tried},
};
use serde_json::{Value, json};

use super::replay::each;
use crate::{config, fault::Fault, out};

/// Tries a threshold on the last hours.
///
/// # Errors
/// `Usage` for what is no score; when the database cannot be read.
pub async fn run(store: &dyn Store, at: &str, hours: u32, json: bool) -> Result<(), Fault> {
    let at = config::given::score(at).map_err(Fault::Usage)?;
    let overview = store.overview().await?;
    let since = overview.at.minus(Span::from_hours(u64::from(hours)));
    let mut trial = Trial::of(at);
    each(store, DecisionKind::Relevance, since, |decision| {
        if let StoredDecision::Relevance(stored) = decision {
            trial.take(stored);
        }
        Ok(())
    })
    .await?;
    let names: BTreeMap<CampaignId, Safe> = overview
        .campaigns
        .into_iter()
        .map(|campaign| (campaign.id, campaign.name))
        .collect();
    if json {
        out::json(&value(at, hours, &trial, &names));
    } else {
        print(at, hours, &trial, &names);
    }
    Ok(())
}

/// In words: `14 more tasks`.
fn told(trial: &Trial) -> String {
    let (more, fewer) = trial.more_and_fewer();
    let of = |plans: u64, word: &str| {
        let trends = if plans == 1 { "trend" } else { "trends" };
        let tasks = plans.saturating_mul(TASKS_PER_PLAN);
        format!("{plans} {trends} {word} ({tasks} tasks)")
    };
    match (more, fewer) {
        (0, 0) => "no trend more or fewer".to_owned(),
        (more, 0) => of(more, "more"),
        (0, fewer) => of(fewer, "fewer"),
        (more, fewer) => format!("{} and {}", of(more, "more"), of(fewer, "fewer")),
    }
}

fn print(at: Score, hours: u32, trial: &Trial, names: &BTreeMap<CampaignId, Safe>) {
    out::line(format!(
        "at {at} you would have planned {} in the last {hours} h, before the caps",
        told(trial)
    ));
    if trial.untold > 0 {
        out::line(format!(
            "{} decided signals do not say by what they were decided, and are left out",
            trial.untold
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

fn value(at: Score, hours: u32, trial: &Trial, names: &BTreeMap<CampaignId, Safe>) -> Value {
    let (more, fewer) = trial.more_and_fewer();
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
        "at": at, "hours": hours, "plans_more": more, "plans_fewer": fewer,
        "tasks_more": more.saturating_mul(TASKS_PER_PLAN), "tasks_fewer": fewer.saturating_mul(TASKS_PER_PLAN),
        "untold": trial.untold, "campaigns": trial.campaigns.iter().map(campaign).collect::<Vec<_>>(),
    })
}
