//! `chimera live`, `chimera dry`: what reaches a platform, and the words a person must type for it.

use chimera_domain::{
    Outcome,
    mode::{self, Mode, ModeChange, ModeKind, ModeScope, Reach},
    ports::Store,
    views::{CampaignRow, ModeRow, ReachRow},
};
use serde_json::{Value, json};

use crate::{
    cli::{DryArgs, LiveArgs, LiveLook, ModeOf},
    fault::Fault,
    machine, out,
};

/// `chimera live …`
///
/// # Errors
/// `NotFound` for what is not there, `Refused` when what goes public was not typed, or is a stand-in.
pub async fn live(store: &dyn Store, args: LiveArgs, json: bool) -> Result<(), Fault> {
    if matches!(args.look, Some(LiveLook::Status)) {
        return status(store, json).await;
    }
    let order = args.order;
    let named = named(store, &order.of).await?;
    if order.dry_run {
        let would = after(store, &named, Mode::Live).await?;
        tell(&would, &named, json, true);
        if !json {
            out::line(format!("to type: --confirm '{}'", named.typed));
        }
        return Ok(());
    }
    set(
        store,
        &named,
        Mode::Live,
        order.confirm,
        order.why.why,
        json,
    )
    .await
}

/// `chimera dry …`
///
/// # Errors
/// `NotFound` for what is not there.
pub async fn dry(store: &dyn Store, args: DryArgs, json: bool) -> Result<(), Fault> {
    let named = named(store, &args.of).await?;
    if args.dry_run {
        let would = after(store, &named, Mode::DryRun).await?;
        tell(&would, &named, json, true);
        return Ok(());
    }
    set(
        store,
        &named,
        Mode::DryRun,
        String::new(),
        args.why.why,
        json,
    )
    .await
}

/// What the flags name, with the campaigns it concerns.
struct Named {
    scope: ModeScope,
    campaigns: Vec<CampaignRow>,
    /// What must be typed to let it go live.
    typed: String,
}

/// By which names a campaign is found.
type Names = fn(&CampaignRow) -> [String; 2];

async fn named(store: &dyn Store, of: &ModeOf) -> Result<Named, Fault> {
    let rows = store.overview().await?.campaigns;
    let (kind, name, names): (&str, &str, Names) = match (&of.server, &of.agent, &of.campaign) {
        (Some(name), _, _) => ("server", name, |row| {
            [row.server.to_string(), row.server.to_string()]
        }),
        (_, Some(name), _) => ("agent", name, |row| {
            [row.persona.to_string(), row.agent_id.to_string()]
        }),
        (_, _, name) => ("campaign", name.as_deref().unwrap_or_default(), |row| {
            [row.name.to_string(), row.id.to_string()]
        }),
    };
    let known: Vec<String> = rows.iter().map(|row| names(row)[0].clone()).collect();
    let campaigns: Vec<CampaignRow> = rows
        .into_iter()
        .filter(|row| names(row).iter().any(|own| own == name))
        .collect();
    let Some(first) = campaigns.first() else {
        return Err(super::halt::none(kind, name, known));
    };
    let scope = match kind {
        "server" => ModeScope::Server(first.server.to_string()),
        "agent" => ModeScope::Agent(first.agent_id),
        _ => ModeScope::Campaign(first.id),
    };
    // A stand-in publishes nothing, so nothing is typed for it.
    let real = campaigns.iter().filter(|row| !row.simulated || row.dry);
    let places =
        real.map(|row| mode::place(row.account.as_str(), row.channel, row.server.as_str()));
    let typed = mode::confirmation(places);
    Ok(Named {
        scope,
        campaigns,
        typed,
    })
}

async fn set(
    store: &dyn Store,
    named: &Named,
    mode: Mode,
    confirmed: String,
    why: String,
    json: bool,
) -> Result<(), Fault> {
    let change = ModeChange {
        scope: named.scope.clone(),
        mode,
        confirmed,
        actor: machine::actor(),
        why,
    };
    let rejudged = match store.set_mode(&change).await? {
        Outcome::Done(rejudged, _) => rejudged,
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => {
            let kind = named.scope.kind();
            return Err(Fault::NotFound(format!("there is no such {kind}")));
        }
    };
    let rows = concerned(store, named).await?;
    tell(&rows, named, json, false);
    if !json && rejudged > 0 {
        let back = match rejudged {
            1 => "1 result goes back to the judge".to_owned(),
            n => format!("{n} results go back to the judge"),
        };
        out::line(format!("{back}: it was approved for elsewhere"));
    }
    Ok(())
}

async fn concerned(store: &dyn Store, named: &Named) -> Result<Vec<ReachRow>, Fault> {
    let mut rows = store.reaches().await?;
    rows.retain(|row| named.campaigns.iter().any(|own| own.id == row.campaign_id));
    Ok(rows)
}

/// How it would stand after a change.
async fn after(store: &dyn Store, named: &Named, mode: Mode) -> Result<Vec<ReachRow>, Fault> {
    let mut rows = concerned(store, named).await?;
    for row in &mut rows {
        match named.scope.kind() {
            ModeKind::Server => row.of_server.mode = mode,
            ModeKind::Agent => row.of_agent.mode = mode,
            ModeKind::Campaign => row.of_campaign.mode = mode,
        }
        let stand_in = row.reach == Reach::StandIn;
        row.reach = Reach::of(
            stand_in,
            row.of_server.mode,
            row.of_agent.mode,
            row.of_campaign.mode,
        );
    }
    Ok(rows)
}

fn tell(rows: &[ReachRow], named: &Named, json: bool, would: bool) {
    for row in rows {
        if json {
            let mut value = value(row);
            value["dry_run_of_command"] = would.into();
            if would {
                value["to_type"] = named.typed.as_str().into();
            }
            out::json(&value);
        } else {
            out::line(format!(
                "{}{}",
                if would { "would be: " } else { "" },
                line(row)
            ));
        }
    }
}

async fn status(store: &dyn Store, json: bool) -> Result<(), Fault> {
    let rows = store.reaches().await?;
    for row in &rows {
        if json {
            out::json(&value(row));
        } else {
            out::line(line(row));
        }
    }
    if json {
        return Ok(());
    }
    let live = rows.iter().filter(|row| row.reach == Reach::Live).count();
    out::line(match (rows.len(), live) {
        (0, _) => "There are no campaigns; nothing can be published.".to_owned(),
        (all, 0) => format!("Nothing reaches a platform: 0 of {all} campaigns are live."),
        (all, live) => format!("{live} of {all} campaigns are LIVE."),
    });
    Ok(())
}

fn line(row: &ReachRow) -> String {
    let place = format!("{} on {} through {}", row.account, row.channel, row.server);
    let what = match row.reach {
        Reach::Live => "LIVE     ",
        Reach::DryRun => "DRY RUN  ",
        Reach::StandIn => "SIMULATED",
    };
    let held = if row.reach == Reach::DryRun {
        format!("  dry: {}", dry_ones(row).join(", "))
    } else {
        String::new()
    };
    format!("{what}  {:20} {place}{held}", row.campaign)
}

/// Which of the three hold it back, each with the command that would not.
fn dry_ones(row: &ReachRow) -> Vec<String> {
    let is_dry = |mode: &ModeRow| mode.mode == Mode::DryRun;
    let mut dry = Vec::new();
    if is_dry(&row.of_server) {
        dry.push(format!(
            "its server (`chimera live --server {}`)",
            row.server
        ));
    }
    if is_dry(&row.of_agent) {
        dry.push(format!(
            "its agent (`chimera live --agent {}`)",
            row.persona
        ));
    }
    if is_dry(&row.of_campaign) {
        let elsewhere = if row.of_campaign.confirmed.is_empty() {
            String::new()
        } else {
            format!(", let go live for {} only", row.of_campaign.confirmed)
        };
        let name = &row.campaign;
        dry.push(format!(
            "itself{elsewhere} (`chimera live --campaign {name}`)"
        ));
    }
    dry
}

fn value(row: &ReachRow) -> Value {
    json!({"campaign_id": row.campaign_id, "campaign": row.campaign, "persona": row.persona, "account": row.account,
        "channel": row.channel, "server": row.server, "reach": row.reach, "simulated": row.reach != Reach::Live,
        "dry_run": row.reach == Reach::DryRun, "modes": {"server": mode_value(&row.of_server),
        "agent": mode_value(&row.of_agent), "campaign": mode_value(&row.of_campaign)}})
}

fn mode_value(mode: &ModeRow) -> Value {
    let (by, at) = mode
        .set
        .clone()
        .map_or((None, None), |(by, at)| (Some(by), Some(at.to_rfc3339())));
    json!({"mode": mode.mode, "by": by, "at": at, "confirmed": mode.confirmed, "why": mode.why})
}
