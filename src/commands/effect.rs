//! `chimera effect`: what is on its way out, and what a person says of it when nobody knows.

use chimera_domain::{
    Outcome, StateVersion,
    effect::{EffectKind, EffectState, Resolution},
    ids::{EffectId, PublicationId},
    ports::Store,
    views::{EffectRow, PageRequest, READINGS, mark},
};
use serde_json::{Value, json};

use crate::{
    cli::{Effect, Fate, PageArgs},
    commands::page,
    fault::Fault,
    machine, out,
};

/// Runs one verb.
///
/// # Errors
/// `NotFound` for an effect that is not there, `Conflict` for one that is not uncertain any more.
pub async fn run(store: &dyn Store, verb: Effect, json: bool) -> Result<(), Fault> {
    match verb {
        Effect::List(args) => list(store, &args, json).await,
        Effect::Withdraw {
            publication,
            why,
            by_hand,
        } => withdraw(store, &publication, (&why, by_hand), json).await,
        Effect::Resolve {
            effect,
            fate,
            if_version,
        } => resolve(store, &effect, fate, if_version, json).await,
    }
}

async fn list(store: &dyn Store, args: &PageArgs, json: bool) -> Result<(), Fault> {
    let open = store.open_effects(&page(args)).await?;
    for row in &open.rows {
        if json {
            out::json(&value(row));
        } else {
            out::line(line(row));
            if is_doubted(row) {
                show_readings(row);
            }
        }
    }
    if !json {
        out::line(match open.total {
            0 => "Nothing is on its way.".to_owned(),
            total => format!("{} of {total} on their way.", open.rows.len()),
        });
    }
    Ok(())
}

/// Whether a person has to say what became of a post. A withdrawal says in its alert what to do.
fn is_doubted(row: &EffectRow) -> bool {
    row.state == EffectState::Uncertain && row.kind == EffectKind::Publish
}

/// What it can mean and what follows, under the row of an effect nobody knows the fate of.
fn show_readings(row: &EffectRow) {
    out::line(
        "    look at the platform, and say what you saw; until then it is asked for by its key and never repeated",
    );
    for reading in &READINGS {
        out::line(format!(
            "    {}: `{}`\n        {}",
            reading.seen,
            reading.command(row.id),
            reading.then
        ));
    }
}

fn line(row: &EffectRow) -> String {
    let simulated = mark(row.simulated, row.dry);
    let takes_down = match row.kind {
        EffectKind::Publish => "",
        EffectKind::Withdraw => "WITHDRAWS ",
    };
    let space = if simulated.is_empty() { "" } else { " " };
    let why = if row.why.is_empty() {
        String::new()
    } else {
        format!("  [{}]", row.why.cut(80))
    };
    format!(
        "{}  {:9} {}  {simulated}{space}{takes_down}{} on {}  {}{why}",
        row.id,
        row.state,
        row.due_at.to_rfc3339_seconds(),
        row.account,
        row.channel,
        row.text.cut(60)
    )
}

fn value(row: &EffectRow) -> Value {
    let doubts = READINGS.iter().filter(|_| is_doubted(row));
    let readings: Vec<Value> = doubts
        .map(|reading| json!({"seen": reading.seen, "command": reading.command(row.id), "then": reading.then}))
        .collect();
    json!({"effect_id": row.id, "state_version": row.version, "kind": row.kind, "state": row.state, "ticket_id": row.ticket_id, "text": row.text,
        "account": row.account, "channel": row.channel, "server": row.server, "idempotency_key": row.idempotency_key,
        "attempt": row.attempt, "due_at": row.due_at.to_rfc3339(), "moved_at": row.moved_at.to_rfc3339(), "why": row.why,
        "simulated": row.simulated, "dry_run": row.dry, "readings": readings})
}

async fn withdraw(
    store: &dyn Store,
    publication: &str,
    (why, by_hand): (&str, bool),
    json: bool,
) -> Result<(), Fault> {
    let id: PublicationId = publication
        .parse()
        .map_err(|error: chimera_domain::ids::InvalidId| Fault::Usage(error.to_string()))?;
    if why.trim().is_empty() {
        return Err(Fault::Usage("say why: `--why WHY`".to_owned()));
    }
    let gone = || {
        Fault::NotFound(format!(
            "there is no publication {publication}; `chimera engagement view-metrics` shows them"
        ))
    };
    let actor = machine::actor();
    if by_hand {
        return match store.withdrawn_by_hand(id, why, &actor).await? {
            Outcome::Done((), _) => {
                if json {
                    out::json(&json!({"publication_id": id, "withdrawn": true}));
                } else {
                    out::line("noted as withdrawn; nothing was sent");
                }
                Ok(())
            }
            Outcome::Conflict(conflict) => Err(conflict.into()),
            Outcome::NotFound => Err(gone()),
        };
    }
    match store.withdraw(id, why, &actor).await? {
        Outcome::Done(effect, version) if json => {
            out::json(&json!({"publication_id": id, "effect_id": effect, "state_version": version}))
        }
        Outcome::Done(effect, _) => out::line(format!(
            "{effect} asks the platform to take it down as soon as nothing is halted; `chimera effect list` shows it until it is"
        )),
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(gone()),
    }
    Ok(())
}

async fn resolve(
    store: &dyn Store,
    effect: &str,
    fate: Fate,
    if_version: Option<i64>,
    json: bool,
) -> Result<(), Fault> {
    let id: EffectId = effect
        .parse()
        .map_err(|error: chimera_domain::ids::InvalidId| Fault::Usage(error.to_string()))?;
    let gone = || {
        Fault::NotFound(format!(
            "no effect {effect} is on its way; `chimera effect list` shows them"
        ))
    };
    let version = match if_version {
        Some(seen) => StateVersion::new(seen)
            .ok_or_else(|| Fault::Usage(format!("{seen} is no version; they begin with 1")))?,
        None => {
            let open = store.open_effects(&PageRequest::first(200)).await?;
            let found = open.rows.iter().find(|row| row.id == id).ok_or_else(gone)?;
            found.version
        }
    };
    let (resolution, told) = match fate {
        Fate {
            published: Some(place),
            ..
        } => (Resolution::Published { place }, "it counts as published"),
        Fate {
            give_up: Some(why), ..
        } => (Resolution::GiveUp { why }, "given up; it is not sent again"),
        Fate { .. } => (
            Resolution::SendAgain,
            "it is sent again, under the same key",
        ),
    };
    match store
        .resolve_effect(id, version, resolution, &machine::actor())
        .await?
    {
        Outcome::Done((), version) if json => {
            out::json(&json!({"effect_id": id, "state_version": version}))
        }
        Outcome::Done(..) => out::line(told),
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(gone()),
    }
    Ok(())
}
