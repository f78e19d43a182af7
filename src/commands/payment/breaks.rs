//! What does not fit between payments, ledger and chain: compared now, and payments that can never be made given up.

use std::sync::Arc;

use chimera_domain::{Safe, ports::Store, wallet::Break};
use serde_json::{Value, json};

use super::{done, in_force, kept, keyless, settled};
use crate::{
    config::Config,
    fault::{Fault, chain},
    machine, out,
};

/// Gives up a payment nobody knows the end of, once the chain says that it can never be made.
pub(super) async fn write_off(
    config: &Config,
    store: Arc<dyn Store>,
    payment: &str,
    why: &str,
    dry_run: bool,
    json: bool,
) -> Result<(), Fault> {
    let found = kept(store.as_ref(), payment).await?;
    let id = found.terms.payment_id;
    let may = keyless(config, store.clone())
        .await?
        .may_still_be_made(id)
        .await;
    if let Some(told) = may.map_err(|error| Fault::Failed(chain(&error)))? {
        return Err(Fault::Refused(format!(
            "{id} is not written off: {}",
            Safe::line(&told)
        )));
    }
    if dry_run {
        settled(
            json,
            id,
            "uncertain",
            "it can never be made any more; without --dry-run it is written off",
        );
        return Ok(());
    }
    let said = store
        .write_off_payment(id, found.version, &machine::actor(), why)
        .await?;
    done(said, id)?;
    settled(
        json,
        id,
        "cancelled",
        "written off; what was set aside for it is free. Its break freezes the wallet until you close it: `chimera cfo close-break`",
    );
    Ok(())
}

pub(super) async fn reconcile(
    config: &Config,
    store: Arc<dyn Store>,
    agent: Option<String>,
    json: bool,
) -> Result<(), Fault> {
    let treasurer = keyless(config, store.clone()).await?;
    let policy = in_force(config, store.as_ref()).await?;
    let slugs: Vec<String> = match agent {
        Some(agent) => vec![agent],
        None => policy
            .map(|policy| {
                policy
                    .agents
                    .iter()
                    .map(|agent| agent.agent.clone())
                    .collect()
            })
            .unwrap_or_default(),
    };
    for slug in &slugs {
        treasurer
            .reconcile(slug)
            .await
            .map_err(|error| Fault::Failed(chain(&error)))?;
    }
    let breaks = store.breaks().await?;
    for one in &breaks {
        if json {
            out::json(&break_value(one));
        } else {
            out::line(format!(
                "{:>5}  {:<10} {:<20} {}  {}",
                one.id,
                one.agent,
                one.kind,
                one.at.to_rfc3339_seconds(),
                Safe::line(&one.detail)
            ));
        }
    }
    if breaks.is_empty() {
        if !json {
            out::line(format!(
                "{} compared: payments, ledger and chain agree.",
                match slugs.len() {
                    1 => "1 wallet".to_owned(),
                    n => format!("{n} wallets"),
                }
            ));
        }
        return Ok(());
    }
    Err(Fault::Refused(format!(
        "{} do not fit, and their wallets are frozen; look, then `chimera cfo close-break NUMBER --why …`",
        breaks.len()
    )))
}

fn break_value(one: &Break) -> Value {
    json!({
        "break": one.id,
        "agent": one.agent,
        "kind": one.kind,
        "detail": one.detail,
        "at": one.at.to_rfc3339(),
    })
}
