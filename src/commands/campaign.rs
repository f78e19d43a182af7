//! `chimera campaign`: which there are, and holding one of them; what becomes of goals is in `goal.rs`.

use chimera_domain::{
    halt::{Halt, Scope},
    ports::Store,
    views::{CampaignRow, Reality, mark},
};
use serde_json::json;

use super::{goal, halt};
use crate::{cli::CampaignCommand, fault::Fault, out};

/// `chimera campaign …`
///
/// # Errors
/// `NotFound` for a campaign or a proposal that is not there; as the verbs of `goal.rs` say.
pub async fn run(store: &dyn Store, verb: CampaignCommand, json: bool) -> Result<(), Fault> {
    match verb {
        CampaignCommand::List => list(store, json).await,
        CampaignCommand::Pause { campaign, why } => {
            let row = find(store, &campaign).await?;
            halt::halt(store, Scope::Campaign(row.id), Halt::Pause, &why.why, json).await
        }
        CampaignCommand::Resume { campaign } => {
            let row = find(store, &campaign).await?;
            halt::end(store, Scope::Campaign(row.id), json).await
        }
        CampaignCommand::Compose {
            goal,
            campaign,
            file,
        } => {
            let row = find(store, &campaign).await?;
            goal::compose(store, &row, goal.as_deref(), file.as_deref(), json).await
        }
        CampaignCommand::Proposals => goal::list(store, json).await,
        CampaignCommand::Revise {
            proposal,
            file,
            if_version,
        } => goal::revise(store, &proposal, &file, if_version, json).await,
        CampaignCommand::Launch(args) => goal::launch(store, &args, json).await,
        CampaignCommand::Discard {
            proposal,
            if_version,
        } => goal::discard(store, &proposal, if_version, json).await,
    }
}

async fn list(store: &dyn Store, json: bool) -> Result<(), Fault> {
    for row in store.overview().await?.campaigns {
        if json {
            out::json(
                &json!({"campaign_id": row.id, "name": row.name, "persona": row.persona, "channel": row.channel, "account": row.account, "state": row.state, "spent_usd": row.spent, "budget_usd": row.budget,
                    "spent_simulated_usd": row.spent_simulated, "simulated": row.simulated, "dry_run": row.dry, "halted": row.halted.as_ref().map(|h| json!({"by": h.by, "at": h.at.to_rfc3339(), "why": h.why}))}),
            );
        } else {
            let mut notes = match mark(row.simulated, row.dry) {
                "" => String::new(),
                mark => format!("  publishes {mark}"),
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
