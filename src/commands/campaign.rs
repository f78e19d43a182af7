//! `chimera campaign`, `pause`, `kill`, `resume`: who may act.

use chimera_domain::{
    Outcome,
    campaign::{Halt, Scope},
    ports::Store,
    views::CampaignRow,
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
    match store.halt(scope, halt, &machine::actor(), why).await? {
        Outcome::Done(under_way, _) if json => {
            out::json(&json!({"halt": halt, "effects_under_way": under_way}))
        }
        Outcome::Done(0, _) => {
            out::line("halted; nothing was on its way. `chimera resume` ends it")
        }
        Outcome::Done(n, _) => out::line(format!(
            "halted; {n} effects were already on their way. `chimera resume` ends it"
        )),
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
        Outcome::Done(n, _) => {
            out::line(format!("running again; {n} results go back to the judge"))
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
                &json!({"campaign_id": row.id, "name": row.name, "persona": row.persona, "channel": row.channel, "account": row.account, "state": row.state, "spent_usd": row.spent, "budget_usd": row.budget}),
            );
        } else {
            out::line(format!(
                "{}  {:20} {:8} {} {} on {}  {} of {} USD",
                row.id,
                row.name,
                row.state,
                row.persona,
                row.account,
                row.channel,
                row.spent,
                row.budget
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
