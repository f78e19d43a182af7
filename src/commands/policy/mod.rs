//! `chimera cfo policy` and what follows from it: what is in force, what a person lets in, what a file leaves open.
//!
//! It decides nothing: which way a change goes is `cfo::change`, and what holds is what the store says.

mod show;
mod trial;

use chimera_domain::{
    Outcome,
    cfo::{self, Lint, PaymentPolicy},
    ports::{PolicyDesk, PolicyStore, WaitingPolicy},
};
use serde_json::json;

use crate::{
    cli::PolicyVerb,
    clock, compose,
    config::{Config, Home, given},
    fault::{Fault, chain},
    machine, out,
};

/// Runs one verb.
///
/// # Errors
/// `Usage` for a configuration without payments or words that were not typed, `NotFound` where nothing waits, `Conflict`
/// where somebody else was faster or the file says something else by now, `Refused` where a lint finds something.
pub fn run(home: &Home, verb: PolicyVerb, json: bool) -> Result<(), Fault> {
    if let PolicyVerb::Lint { policy } = verb {
        let file = match policy {
            Some(file) => {
                given::policy(&file)
                    .map_err(|error| Fault::Usage(chain(&error)))?
                    .payments
            }
            None => load(home)?.policy.payments,
        };
        return lint(&payments(file)?, json);
    }
    let path = home.db_file();
    if !path.exists() {
        return Err(Fault::NotFound(format!(
            "there is no database at {}; `chimera` or `chimera --daemon` makes one",
            path.display()
        )));
    }
    let store = compose::open_store(&path, clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    runtime.block_on(async {
        match verb {
            PolicyVerb::Policy { history } => {
                let file = load(home)?.policy.payments;
                show::run(store.as_ref(), file.as_ref(), history, json).await
            }
            PolicyVerb::Loosen { typed, why } => {
                let file = load(home)?.policy.payments;
                loosen(store.as_ref(), file.as_ref(), &typed, &why, json).await
            }
            PolicyVerb::TakeBackLoosening { why } => take_back(store.as_ref(), &why, json).await,
            PolicyVerb::Trial(args) => trial::run(store.as_ref(), &args, json).await,
            PolicyVerb::Lint { .. } => Ok(()), // done above: it needs no database
        }
    })
}

fn load(home: &Home) -> Result<Config, Fault> {
    Config::load(home).map_err(|error| Fault::Usage(chain(&error)))
}

fn payments(found: Option<PaymentPolicy>) -> Result<PaymentPolicy, Fault> {
    found.ok_or_else(|| {
        Fault::Usage(
            "the file has no `payments`, so nothing is paid; docs/wallets.md says what to write"
                .to_owned(),
        )
    })
}

async fn waiting(store: &dyn PolicyStore) -> Result<WaitingPolicy, Fault> {
    store.payment_policy().await?.waits.ok_or_else(|| {
        Fault::NotFound(
            "nothing looser waits; what budget.yaml loosens is held back when the swarm starts with it"
                .to_owned(),
        )
    })
}

async fn loosen<S: PolicyStore + PolicyDesk>(
    store: &S,
    file: Option<&PaymentPolicy>,
    typed: &str,
    why: &str,
    json: bool,
) -> Result<(), Fault> {
    let waits = waiting(store).await?;
    if file.map(PaymentPolicy::hash) != Some(waits.hash) {
        return Err(Fault::Conflict(
            "budget.yaml says something else by now than what waits: start the swarm with it, then look again with \
             `chimera cfo policy`"
                .to_owned(),
        ));
    }
    let words = waits.words();
    if typed != words {
        return Err(Fault::Usage(format!(
            "type what you are about to do: --typed '{words}'"
        )));
    }
    let said = store
        .confirm_loosening(waits.hash, typed, &machine::actor(), why)
        .await?;
    match said {
        Outcome::Done(effective, _) => {
            if json {
                out::json(&json!({"hash": waits.hash, "effective_at": effective.to_rfc3339()}));
            } else {
                out::line(format!(
                    "it takes effect at {}; until then `chimera cfo take-back-loosening --why …` stops it.",
                    effective.to_rfc3339_seconds()
                ));
            }
            Ok(())
        }
        Outcome::Conflict(conflict) => Err(Fault::Conflict(format!("what waits is {conflict}"))),
        Outcome::NotFound => Err(Fault::NotFound("it waits no longer".to_owned())),
    }
}

async fn take_back<S: PolicyStore + PolicyDesk>(
    store: &S,
    why: &str,
    json: bool,
) -> Result<(), Fault> {
    let waits = waiting(store).await?;
    if waits.confirmed.is_none() {
        return Err(Fault::NotFound(
            "nobody has let it in, so there is nothing to take back".to_owned(),
        ));
    }
    match store
        .take_back_loosening(waits.hash, &machine::actor(), why)
        .await?
    {
        Outcome::Done((), _) => {
            if json {
                out::json(&json!({"hash": waits.hash, "state": "waiting"}));
            } else {
                out::line("taken back; it waits for a person again.");
            }
            Ok(())
        }
        Outcome::Conflict(conflict) => Err(Fault::Conflict(format!("what waits is {conflict}"))),
        Outcome::NotFound => Err(Fault::NotFound("it waits no longer".to_owned())),
    }
}

fn lint(policy: &PaymentPolicy, json: bool) -> Result<(), Fault> {
    let found = cfo::lint(policy, clock::system().now());
    for one in &found {
        if json {
            out::json(&json!(one));
        } else {
            out::line(told(one));
        }
    }
    if found.is_empty() {
        if !json {
            out::line("every kind of payment is answered for, and every line can be reached.");
        }
        return Ok(());
    }
    Err(Fault::Refused(match found.len() {
        1 => "1 thing to look at".to_owned(),
        n => format!("{n} things to look at"),
    }))
}

/// One lint in two lines.
pub(crate) fn told(lint: &Lint) -> String {
    format!(
        "{:<13} payments.{}: {}\n              {}: {}",
        lint.kind, lint.at, lint.says, lint.code, lint.write
    )
}
