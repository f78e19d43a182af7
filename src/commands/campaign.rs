//! `chimera campaign`, `pause`, `kill`, `resume`: who may act.

use chimera_domain::{
    Outcome,
    campaign::{CampaignState, FleetState, Halt, Scope},
    ports::Store,
    views::{CampaignRow, Reality},
};
use serde_json::json;

use crate::{cli::CampaignCommand, fault::Fault, machine, out};

/// `chimera campaign …`
///
/// # Errors
/// `NotFound` for a campaign that is not there.
pub async fn run(store: &dyn Store, verb: CampaignCommand, json: bool) -> Result<(), Fault> {
    match verb {
        CampaignCommand::List => list(store, json).await,
        CampaignCommand::Pause { campaign, why } => {
            let row = find(store, &campaign).await?;
            halt(store, Scope::Campaign(row.id), Halt::Pause, &why.why, json).await
        }
        CampaignCommand::Resume { campaign } => {
            let row = find(store, &campaign).await?;
            resume(store, Scope::Campaign(row.id), json).await
        }
    }
}

/// Stops a campaign or everything.
///
/// # Errors
/// When the database cannot be written.
pub async fn halt(
    store: &dyn Store,
    scope: Scope,
    halt: Halt,
    why: &str,
    json: bool,
) -> Result<(), Fault> {
    let (what, undo) = match scope {
        Scope::Campaign(id) => ("the campaign is paused", format!("campaign resume {id}")),
        Scope::Fleet => ("everything is halted", "resume".to_owned()),
    };
    match store.halt(scope, halt, &machine::actor(), why).await? {
        Outcome::Done(under_way, _) if json => {
            out::json(&json!({"halt": halt, "effects_under_way": under_way}))
        }
        Outcome::Done(under_way, _) => {
            let under_way = match under_way {
                0 => "nothing was on its way".to_owned(),
                1 => "1 effect was already on its way".to_owned(),
                n => format!("{n} effects were already on their way"),
            };
            out::line(format!("{what}; {under_way}. `chimera {undo}` ends it"));
        }
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(Fault::NotFound("there is no such campaign".to_owned())),
    }
    Ok(())
}

/// Ends a halt.
///
/// # Errors
/// When the database cannot be written.
pub async fn resume(store: &dyn Store, scope: Scope, json: bool) -> Result<(), Fault> {
    match store.resume(scope, &machine::actor()).await? {
        Outcome::Done(rejudged, _) if json => {
            out::json(&json!({"resumed": true, "tasks_rejudged": rejudged}))
        }
        Outcome::Done(rejudged, _) => {
            let back = match rejudged {
                1 => "1 result goes back to the judge".to_owned(),
                n => format!("{n} results go back to the judge"),
            };
            let house = store.overview().await?;
            let mut verbs: Vec<String> = house
                .campaigns
                .iter()
                .filter(|row| row.state == CampaignState::Paused)
                .map(|row| format!("`chimera campaign resume {}`", row.name))
                .collect();
            if house.fleet != FleetState::Running {
                verbs.insert(0, "`chimera resume`".to_owned());
            }
            let still = if verbs.is_empty() {
                String::new()
            } else {
                format!("; what is still halted ends with {}", verbs.join(", "))
            };
            out::line(format!("resumed; {back}{still}"));
        }
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(Fault::NotFound("there is no such campaign".to_owned())),
    }
    Ok(())
}

async fn list(store: &dyn Store, json: bool) -> Result<(), Fault> {
    for row in store.overview().await?.campaigns {
        if json {
            out::json(
                &json!({"campaign_id": row.id, "name": row.name, "persona": row.persona, "channel": row.channel, "account": row.account, "state": row.state, "spent_usd": row.spent, "budget_usd": row.budget,
                    "spent_simulated_usd": row.spent_simulated, "simulated": row.simulated, "halted": row.halted.as_ref().map(|h| json!({"by": h.by, "at": h.at.to_rfc3339(), "why": h.why}))}),
            );
        } else {
            let mut notes = if row.simulated {
                "  publishes SIMULATED".to_owned()
            } else {
                String::new()
            };
            if let Some(h) = &row.halted {
                notes.push_str(&format!(
                    "  by {} at {}: {}",
                    h.by,
                    h.at.to_rfc3339_seconds(),
                    h.why
                ));
            }
            out::line(format!(
                "{}  {:20} {:8} {} {} on {}  {} of {} USD{}{notes}",
                row.id,
                row.name,
                row.state,
                row.persona,
                row.account,
                row.channel,
                row.spent,
                row.budget,
                Reality::of(row.spent, row.spent_simulated)
            ));
        }
    }
    Ok(())
}

async fn find(store: &dyn Store, campaign: &str) -> Result<CampaignRow, Fault> {
    let campaigns = store.overview().await?.campaigns;
    let names: Vec<String> = campaigns.iter().map(|row| row.name.to_string()).collect();
    campaigns
        .into_iter()
        .find(|row| row.name.as_str() == campaign || row.id.to_string() == campaign)
        .ok_or_else(|| {
            Fault::NotFound(format!(
                "there is no campaign `{campaign}`; there are: {}",
                names.join(", ")
            ))
        })
}
