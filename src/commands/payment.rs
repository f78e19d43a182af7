//! `chimera cfo pay` and what follows from it: payments, people's words on them, and what does not fit.

mod breaks;

use std::sync::Arc;

use chimera_domain::{
    Outcome, Safe,
    cfo::PaymentPolicy,
    ids::{PaymentId, TraceId},
    payment::{Payment as Kept, PaymentRequest, PaymentState, Source},
    ports::{Proposed, Store},
};
use chimera_swarm::treasurer::{Treasurer, Treasury};
use serde_json::{Value, json};

use crate::{
    cli::{PayArgs, Payment},
    clock, compose,
    config::{Config, Home},
    fault::{Fault, chain},
    machine, out,
    treasury::{self, Policies},
};

/// Runs one verb.
///
/// # Errors
/// `Refused` when the CFO says no, `NotFound` and `Conflict` for what is not there or moved, `Usage` for a configuration
/// without payments.
pub fn run(home: &Home, verb: Payment, json: bool) -> Result<(), Fault> {
    let config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    let store = compose::open_store(&home.db_file(), clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    let store: Arc<dyn Store> = store;
    runtime.block_on(with_store(&config, store, verb, json))
}

async fn with_store(
    config: &Config,
    store: Arc<dyn Store>,
    verb: Payment,
    json: bool,
) -> Result<(), Fault> {
    match verb {
        Payment::Pay(args) => pay(config, store, &args, false, json).await,
        Payment::ForceApprove { pay: args, typed } => {
            let wanted = format!("pay {} {} to {}", args.amount, args.asset, args.to);
            if typed != wanted {
                return Err(Fault::Usage(format!(
                    "type what you are about to do: --typed '{wanted}'"
                )));
            }
            pay(config, store, &args, true, json).await
        }
        Payment::Payments { limit } => {
            let found = store.payments(limit.clamp(1, 1_000)).await?;
            let policy = in_force(config, store.as_ref()).await?;
            for one in &found {
                if json {
                    out::json(&value(one));
                } else {
                    out::line(line(policy.as_ref(), one));
                }
            }
            if !json && found.is_empty() {
                out::line("No payments yet. `chimera cfo pay` asks for one.");
            }
            Ok(())
        }
        Payment::ShowPayment { payment } => show(config, store.as_ref(), &payment, json).await,
        Payment::ApprovePayment { payment, digest } => {
            let found = kept(store.as_ref(), &payment).await?;
            let digest = digest
                .parse()
                .map_err(|error: chimera_domain::hash::InvalidHash| {
                    Fault::Usage(error.to_string())
                })?;
            let id = found.terms.payment_id;
            let said = store
                .approve_payment(id, found.version, digest, &machine::actor())
                .await?;
            let what = if done(said, id)? == PaymentState::Approved {
                (
                    "approved",
                    "approved; it is signed once the undo fuse is over (`chimera review undo` takes it back until then)",
                )
            } else {
                ("review", "your yes is kept; one more person is needed")
            };
            settled(json, id, what.0, what.1);
            Ok(())
        }
        Payment::RejectPayment { payment, why } => {
            let found = kept(store.as_ref(), &payment).await?;
            let id = found.terms.payment_id;
            let said = store
                .reject_payment(id, found.version, &machine::actor(), &why)
                .await?;
            done(said, id)?;
            settled(
                json,
                id,
                "rejected",
                "rejected; nothing of it is set aside any more",
            );
            Ok(())
        }
        Payment::WriteOffPayment {
            payment,
            why,
            dry_run,
        } => breaks::write_off(config, store, &payment, &why, dry_run, json).await,
        Payment::ReconcileWallet { agent } => breaks::reconcile(config, store, agent, json).await,
        Payment::CloseBreak { number, why } => {
            match store.close_break(number, &machine::actor(), &why).await? {
                Outcome::Done((), _) => {
                    if json {
                        out::json(&json!({"break": number, "state": "closed"}));
                    } else {
                        out::line(format!("break {number} is closed."));
                    }
                    Ok(())
                }
                Outcome::Conflict(conflict) => {
                    Err(Fault::Conflict(format!("break {number} is {conflict}")))
                }
                Outcome::NotFound => Err(Fault::NotFound(format!("there is no break {number}"))),
            }
        }
    }
}

/// A treasurer that asks chains and has no keys: it can propose and compare, and sign nothing.
async fn keyless(config: &Config, store: Arc<dyn Store>) -> Result<Treasurer, Fault> {
    let Some(file) = &config.policy.payments else {
        return Err(Fault::Usage(
            "budget.yaml has no `payments`, so nothing is paid; docs/wallets.md says what to write"
                .to_owned(),
        ));
    };
    let standing = store.payment_policy().await?;
    let policies = Policies {
        file,
        in_force: standing.policy(),
    };
    let treasury = Treasury {
        chains: treasury::chains(&config.wallets, &policies)?,
        ..Treasury::default()
    };
    Ok(Treasurer::new(store, treasury, clock::system()))
}

async fn pay(
    config: &Config,
    store: Arc<dyn Store>,
    args: &PayArgs,
    forced: bool,
    json: bool,
) -> Result<(), Fault> {
    let treasurer = keyless(config, store.clone()).await?;
    let Some(agent_id) = store.agent_named(&args.agent).await? else {
        return Err(Fault::NotFound(format!("there is no agent {}", args.agent)));
    };
    let ambient = clock::system();
    let payment_id = PaymentId::from_uuid(ambient.fresh());
    let category = args
        .category
        .parse()
        .map_err(|error: chimera_domain::UnknownWord| Fault::Usage(error.to_string()))?;
    let request = PaymentRequest {
        payment_id,
        key: args.key.clone().unwrap_or_else(|| payment_id.to_string()),
        agent_id,
        campaign_id: None,
        task_id: None,
        trace_id: TraceId::from_uuid(ambient.fresh()),
        source: Source::Manual,
        proposer: machine::actor(),
        counterparty: args.to.clone(),
        asset: args.asset.clone(),
        amount: args.amount.clone(),
        category,
        memo: args.purpose.clone(),
        opinion: None,
        forced,
    };
    if args.dry_run {
        let weighed = treasurer.weigh_payment(&args.agent, &request).await?;
        would(&weighed, json);
        return Ok(());
    }
    let proposed = treasurer.propose(&args.agent, &request).await?;
    tell(&proposed, json);
    if proposed.state == PaymentState::Refused {
        return Err(Fault::Refused(format!(
            "the CFO refuses it: {}",
            Safe::line(&proposed.why)
        )));
    }
    Ok(())
}

/// What would become of a wish, with every rule.
fn would(weighed: &Proposed, json: bool) {
    if json {
        out::json(&json!({
            "state": weighed.state,
            "why": weighed.why,
            "repeated": weighed.repeated,
            "dry_run": true,
            "lines": weighed.lines,
        }));
        return;
    }
    let again = if weighed.repeated {
        " (asked for already)"
    } else {
        ""
    };
    out::line(format!(
        "would be {}{again}: {}",
        weighed.state,
        Safe::line(&weighed.why)
    ));
    rules(&weighed.lines);
}

fn rules(lines: &[chimera_domain::cfo::Line]) {
    for line in lines {
        out::line(format!(
            "    {:<8} {:<26} {}{}",
            line.says,
            line.code,
            Safe::line(&line.observed),
            if line.limit.is_empty() {
                String::new()
            } else {
                format!("  [{}]", Safe::line(&line.limit))
            }
        ));
    }
}

fn tell(proposed: &Proposed, json: bool) {
    if json {
        out::json(&json!({
            "payment_id": proposed.payment_id,
            "state": proposed.state,
            "why": proposed.why,
            "repeated": proposed.repeated,
            "lines": proposed.lines,
        }));
        return;
    }
    let what = if proposed.state == PaymentState::Review {
        "waits for people"
    } else if proposed.state == PaymentState::Approved {
        "is approved; the swarm signs it next"
    } else {
        proposed.state.as_str()
    };
    let again = if proposed.repeated {
        " (asked for before)"
    } else {
        ""
    };
    out::line(format!(
        "{} {what}{again}: {}",
        proposed.payment_id,
        Safe::line(&proposed.why)
    ));
}

async fn kept(store: &dyn Store, text: &str) -> Result<Kept, Fault> {
    let id: PaymentId = text
        .parse()
        .map_err(|error: chimera_domain::ids::InvalidId| Fault::Usage(error.to_string()))?;
    store
        .payment(id)
        .await?
        .ok_or_else(|| Fault::NotFound(format!("there is no {id}")))
}

/// The policy in force, which may be tighter than the file; the file's where nothing ever was.
async fn in_force(config: &Config, store: &dyn Store) -> Result<Option<PaymentPolicy>, Fault> {
    let standing = store.payment_policy().await?;
    Ok(match standing.in_force {
        None => config.policy.payments.clone(),
        Some(_) => standing.policy().cloned(),
    })
}

fn amount(policy: Option<&PaymentPolicy>, one: &Kept) -> String {
    let decimals = policy
        .and_then(|policy| policy.asset(&one.terms.asset))
        .map(|asset| asset.decimals);
    match decimals {
        Some(decimals) => format!("{} {}", one.terms.amount.show(decimals), one.terms.asset),
        None => format!("{} base units of {}", one.terms.amount, one.terms.asset),
    }
}

fn line(policy: Option<&PaymentPolicy>, one: &Kept) -> String {
    format!(
        "{}  {:<9} {:>16} to {:<12} {:>10} USD  {}",
        one.terms.payment_id,
        one.state,
        amount(policy, one),
        one.terms.counterparty,
        one.counted.to_string(),
        Safe::line(&one.terms.memo),
    )
}

fn value(one: &Kept) -> Value {
    json!({
        "payment_id": one.terms.payment_id,
        "state": one.state,
        "version": one.version,
        "why": one.why,
        "terms": one.terms,
        "digest": one.terms.digest(),
        "counted_usd": one.counted,
        "source": one.source,
        "proposer": one.proposer,
        "category": one.category,
        "trace_id": one.trace_id,
        "at": one.at.to_rfc3339(),
        "expires_at": one.expires_at.to_rfc3339(),
        "transaction": one.found.map(|found| found.transaction),
        "block": one.found.map(|found| found.block),
    })
}

async fn show(config: &Config, store: &dyn Store, payment: &str, json: bool) -> Result<(), Fault> {
    let one = kept(store, payment).await?;
    let lines = store.payment_lines(one.terms.payment_id).await?;
    if json {
        let mut whole = value(&one);
        if let Value::Object(fields) = &mut whole {
            fields.insert("lines".to_owned(), json!(lines));
        }
        out::json(&whole);
        return Ok(());
    }
    let terms = &one.terms;
    out::line(format!(
        "{} is {}: {}",
        terms.payment_id,
        one.state,
        Safe::line(&one.why)
    ));
    let policy = in_force(config, store).await?;
    out::line(format!("  pays       {}", amount(policy.as_ref(), &one)));
    // The whole address: the ends alone are how one is taken for another.
    out::line(format!(
        "  to         {} at {}",
        terms.counterparty, terms.to
    ));
    out::line(format!("  from       {} at {}", terms.agent, terms.from));
    out::line(format!("  on         chain {}", terms.chain_id));
    out::line(format!("  for        {}", Safe::line(&terms.memo)));
    out::line(format!(
        "  asked by   {} ({}), {}",
        Safe::line(&one.proposer),
        one.source,
        one.at.to_rfc3339_seconds()
    ));
    out::line(format!("  counts     {} USD, gas included", one.counted));
    if let Some(found) = one.found {
        out::line(format!(
            "  on chain   {} in block {}",
            found.transaction, found.block
        ));
    }
    out::line(format!("  digest     {}", terms.digest()));
    out::line("  rules");
    rules(&lines);
    Ok(())
}

/// What was done, or how it is told that it was not.
fn done<T>(outcome: Outcome<T>, id: PaymentId) -> Result<T, Fault> {
    match outcome {
        Outcome::Done(value, _) => Ok(value),
        Outcome::Conflict(conflict) => Err(Fault::Conflict(format!("{id} is {conflict}"))),
        Outcome::NotFound => Err(Fault::NotFound(format!("there is no {id}"))),
    }
}

fn settled(json: bool, id: PaymentId, state: &str, text: &str) {
    if json {
        out::json(&json!({"payment_id": id, "state": state}));
    } else {
        out::line(format!("{id}: {text}."));
    }
}
