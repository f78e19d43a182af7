//! `chimera halt`, `kill`, `resume`: who and what may act, and the proof of what was stopped.

use chimera_domain::{
    Outcome,
    halt::{Halt, Scope, ScopeKind, Stage},
    ports::Store,
    views::{CampaignRow, EffectRow, HaltReport, HaltRow, mark_after},
};
use serde_json::{Value, json};

use crate::{
    cli::{HaltOrder, ResumeArgs, ScopeArgs},
    fault::Fault,
    machine, out,
};

/// How many posts are shown that leave next.
const LEAVING: u32 = 10;

/// `chimera halt …`, `chimera kill …`
///
/// # Errors
/// `NotFound` for an agent, a campaign or a platform that is not there, `Refused` for a kill of what can
/// only be paused.
pub async fn order(
    store: &dyn Store,
    order: &HaltOrder,
    halt: Halt,
    json: bool,
) -> Result<(), Fault> {
    let scope = named(store, &order.scope).await?;
    if !order.dry_run {
        return self::halt(store, scope, halt, &order.why.why, json).await;
    }
    let (kind, done) = (scope.kind(), halt.participle());
    if !scope.may_be(halt) {
        return Err(Fault::Refused(format!(
            "`{kind}` can be paused, not killed"
        )));
    }
    if json {
        out::json(
            &json!({"dry_run": true, "scope": kind, "halt": halt, "voids_approvals": scope.voids(halt)}),
        );
        return Ok(());
    }
    let approved = if scope.voids(halt) {
        "what was approved before would be judged again after it"
    } else {
        "what is approved would wait as it is"
    };
    out::line(format!(
        "would be {done}: {}; {approved}; queues are kept",
        words(&scope)
    ));
    Ok(())
}

/// Stops what the scope reaches.
///
/// # Errors
/// When the database cannot be written, and as [`order`].
pub async fn halt(
    store: &dyn Store,
    scope: Scope,
    halt: Halt,
    why: &str,
    json: bool,
) -> Result<(), Fault> {
    let (kind, back) = (scope.kind(), way_back(&scope));
    let what = words(&scope);
    let done = halt.participle();
    match store.halt(scope, halt, &machine::actor(), why).await? {
        Outcome::Done(under_way, _) if json => {
            let key = if kind == ScopeKind::Spending {
                "reservations_under_way"
            } else {
                "effects_under_way"
            };
            out::json(&json!({"halt": halt, "scope": kind, key: under_way}));
        }
        Outcome::Done(under_way, _) => {
            let thing = if kind == ScopeKind::Spending {
                ("paid call was", "paid calls were")
            } else {
                ("effect was", "effects were")
            };
            let under_way = match under_way {
                0 => "nothing was on its way".to_owned(),
                1 => format!("1 {} already on its way", thing.0),
                n => format!("{n} {} already on their way", thing.1),
            };
            out::line(format!(
                "{done}: {what}; {under_way}. `chimera {back}` ends it, `chimera halt status` tells what became of what was in flight"
            ));
        }
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(nobody(kind)),
    }
    Ok(())
}

/// `chimera resume …`
///
/// # Errors
/// `NotFound` for an agent, a campaign or a platform that is not there.
pub async fn resume(store: &dyn Store, args: &ResumeArgs, json: bool) -> Result<(), Fault> {
    let stage = args.stage.map(Stage::from);
    let scope = named(store, &args.scope).await?;
    if args.dry_run {
        return would_resume(store, &scope, stage, json).await;
    }
    match stage {
        Some(stage) => {
            let outcome = store.resume_stage(stage, &machine::actor()).await?;
            tell(store, outcome, ScopeKind::Fleet, json).await
        }
        None => end(store, scope, json).await,
    }
}

/// Ends one halt.
///
/// # Errors
/// When the database cannot be written, and as [`resume`].
pub async fn end(store: &dyn Store, scope: Scope, json: bool) -> Result<(), Fault> {
    let kind = scope.kind();
    let outcome = store.resume(scope, &machine::actor()).await?;
    tell(store, outcome, kind, json).await
}

async fn tell(
    store: &dyn Store,
    outcome: Outcome<u64>,
    kind: ScopeKind,
    json: bool,
) -> Result<(), Fault> {
    let rejudged = match outcome {
        Outcome::Done(rejudged, _) => rejudged,
        Outcome::Conflict(conflict) => return Err(conflict.into()),
        Outcome::NotFound => return Err(nobody(kind)),
    };
    let halts = store.overview().await?.halts;
    if json {
        let still: Vec<Value> = halts.iter().map(row_json).collect();
        out::json(&json!({"resumed": true, "tasks_rejudged": rejudged, "still_halted": still}));
        return Ok(());
    }
    let back = match rejudged {
        1 => "1 result goes back to the judge".to_owned(),
        n => format!("{n} results go back to the judge"),
    };
    let verbs: Vec<String> = halts
        .iter()
        .map(|h| format!("`chimera {}`", back_of(h)))
        .collect();
    let still = if verbs.is_empty() {
        String::new()
    } else {
        format!("; what is still halted ends with {}", verbs.join(", "))
    };
    out::line(format!("resumed; {back}{still}"));
    if halts.iter().any(|halt| halt.scope == Scope::Publishing) {
        show_leaving(&store.leaving(LEAVING).await?);
    }
    Ok(())
}

async fn would_resume(
    store: &dyn Store,
    scope: &Scope,
    stage: Option<Stage>,
    json: bool,
) -> Result<(), Fault> {
    let house = store.overview().await?;
    let is_live = |scope: &Scope| house.halts.iter().any(|halt| halt.scope == *scope);
    let fleet = is_live(&Scope::Fleet);
    let mut ends = Vec::new();
    match stage {
        Some(stage) => {
            ends.extend(fleet.then_some(Scope::Fleet));
            ends.extend(stage.ends());
        }
        None => ends.push(scope.clone()),
    }
    ends.retain(is_live);
    let held = stage.filter(|_| fleet).map_or(&[][..], Stage::holds_back);
    let leaving = store.leaving(LEAVING).await?;
    if json {
        let rows: Vec<Value> = leaving.iter().map(leaving_json).collect();
        let kinds = |scopes: &[Scope]| scopes.iter().map(Scope::kind).collect::<Vec<_>>();
        out::json(
            &json!({"dry_run": true, "ends": kinds(&ends), "holds_back": kinds(held), "leaves_next": rows}),
        );
        return Ok(());
    }
    let list = |scopes: &[Scope]| scopes.iter().map(words).collect::<Vec<_>>().join(", ");
    if ends.is_empty() {
        out::line("nothing would change: that is not halted");
    } else {
        out::line(format!("would go on: {}", list(&ends)));
    }
    if !held.is_empty() {
        out::line(format!("would stay paused: {}", list(held)));
    }
    show_leaving(&leaving);
    Ok(())
}

/// What leaves when publishing goes on, before it does.
fn show_leaving(rows: &[EffectRow]) {
    if rows.is_empty() {
        out::line(
            "nothing waits to leave; what was approved before the halt is judged again first",
        );
        return;
    }
    out::line("leaves next, when nothing stops it any more:");
    for row in rows {
        let simulated = mark_after(row.simulated, row.dry);
        out::line(format!(
            "  {}  {} on {} through {}{simulated}  {}",
            row.due_at.to_rfc3339_seconds(),
            row.account,
            row.channel,
            row.server,
            row.text
        ));
    }
}

/// `chimera halt status`
///
/// # Errors
/// When the database cannot be read.
pub async fn status(store: &dyn Store, json: bool) -> Result<(), Fault> {
    let reports = store.halt_reports().await?;
    if reports.is_empty() && !json {
        out::line(
            "nothing is halted; `chimera halt` holds everything, `chimera halt --help` names the parts",
        );
    }
    for report in &reports {
        if json {
            out::json(&report_json(report));
        } else {
            show(report);
        }
    }
    Ok(())
}

fn show(report: &HaltReport) {
    let halt = &report.halt;
    out::line(format!(
        "{} {} by {} at {}: {}",
        halt.what,
        halt.level.participle(),
        halt.by.by,
        halt.by.at.to_rfc3339_seconds(),
        halt.by.why
    ));
    out::line(format!("  keeps      {} approved posts", halt.keeps));
    out::line(format!(
        "  in flight  {} at the halt, {} still under way, {} published after it",
        halt.proof.in_flight, halt.proof.under_way, halt.proof.slipped
    ));
    for thing in &report.in_flight {
        let ended = match thing.ended_at {
            Some(at) => format!("{} after the halt", at.since(halt.by.at)),
            None => "not over".to_owned(),
        };
        let slipped = if thing.slipped { ", SLIPPED PAST" } else { "" };
        out::line(format!(
            "    {:11} {} {}, {ended}{slipped}: {}",
            thing.kind, thing.id, thing.now, thing.label
        ));
    }
    if let Some(at) = halt.proof.last_effect_ended {
        let after = at.since(halt.by.at);
        out::line(format!(
            "  last effect in flight ended {after} after the halt"
        ));
    }
    if halt.scope.stops(chimera_domain::halt::Act::Publish) {
        out::line(match report.began_after {
            0 => "  after it   nothing was sent".to_owned(),
            n => format!("  after it   {n} WERE SENT, which must not be: report this"),
        });
    }
    out::line(format!("  ends with  `chimera {}`", back_of(halt)));
}

/// A live halt as JSON.
#[must_use]
pub fn row_json(halt: &HaltRow) -> Value {
    json!({"scope": halt.scope.kind(), "what": halt.what, "level": halt.level, "by": halt.by.by,
        "at": halt.by.at.to_rfc3339(), "why": halt.by.why, "keeps": halt.keeps})
}

fn report_json(report: &HaltReport) -> Value {
    let proof = report.halt.proof;
    let in_flight: Vec<Value> = report
        .in_flight
        .iter()
        .map(|thing| {
            json!({"kind": thing.kind, "id": thing.id, "label": thing.label, "now": thing.now,
                "ended_at": thing.ended_at.map(chimera_domain::Timestamp::to_rfc3339), "slipped_past": thing.slipped})
        })
        .collect();
    json!({"halt": row_json(&report.halt), "in_flight": in_flight, "under_way": proof.under_way,
        "last_effect_ended_at": proof.last_effect_ended.map(chimera_domain::Timestamp::to_rfc3339),
        "slipped_past": proof.slipped, "began_after": report.began_after})
}

fn leaving_json(row: &EffectRow) -> Value {
    json!({"effect_id": row.id, "text": row.text, "account": row.account, "channel": row.channel,
        "server": row.server, "due_at": row.due_at.to_rfc3339(), "simulated": row.simulated, "dry_run": row.dry})
}

/// The command that ends a halt, without the name of the program.
fn way_back(scope: &Scope) -> String {
    match scope {
        Scope::Fleet => "resume".to_owned(),
        Scope::Publishing | Scope::Spending => format!("resume --{}", scope.kind()),
        Scope::Agent(id) => format!("resume --agent {id}"),
        Scope::Campaign(id) => format!("campaign resume {id}"),
        Scope::Platform(name) => format!("resume --platform {name}"),
    }
}

/// As [`way_back`], with the name that is shown.
fn back_of(halt: &HaltRow) -> String {
    let name = halt.what.as_str().split_once(' ').map(|(_, name)| name);
    match (&halt.scope, name) {
        (Scope::Agent(_), Some(name)) => format!("resume --agent {name}"),
        (Scope::Campaign(_), Some(name)) => format!("campaign resume {name}"),
        (scope, _) => way_back(scope),
    }
}

fn words(scope: &Scope) -> String {
    match scope {
        Scope::Fleet => "everything".to_owned(),
        Scope::Publishing | Scope::Spending => format!("all {}", scope.kind()),
        Scope::Agent(_) => "the agent with its campaigns".to_owned(),
        Scope::Campaign(_) => "the campaign".to_owned(),
        Scope::Platform(name) => format!("the platform {name}"),
    }
}

fn nobody(kind: ScopeKind) -> Fault {
    Fault::NotFound(format!("there is no such {kind}"))
}

/// The scope the flags name; without any it is everything. The house is read for names only: nothing
/// may slow down a switch that needs none.
async fn named(store: &dyn Store, args: &ScopeArgs) -> Result<Scope, Fault> {
    if args.publishing {
        return Ok(Scope::Publishing);
    }
    if args.spending {
        return Ok(Scope::Spending);
    }
    let rows = match (&args.agent, &args.campaign, &args.platform) {
        (None, None, None) => return Ok(Scope::Fleet),
        _ => store.overview().await?.campaigns,
    };
    let names = |name: fn(&CampaignRow) -> String| rows.iter().map(name).collect();
    if let Some(name) = &args.agent {
        let mut rows = rows.iter();
        rows.find(|row| row.persona.as_str() == name || row.agent_id.to_string() == *name)
            .map(|row| Scope::Agent(row.agent_id))
            .ok_or_else(|| none("agent", name, names(|row| row.persona.to_string())))
    } else if let Some(name) = &args.campaign {
        let mut rows = rows.iter();
        rows.find(|row| row.name.as_str() == name || row.id.to_string() == *name)
            .map(|row| Scope::Campaign(row.id))
            .ok_or_else(|| none("campaign", name, names(|row| row.name.to_string())))
    } else {
        let name = args.platform.as_deref().unwrap_or_default();
        let mut rows = rows.iter();
        rows.find(|row| row.server.as_str() == name)
            .map(|row| Scope::Platform(row.server.to_string()))
            .ok_or_else(|| none("platform", name, names(|row| row.server.to_string())))
    }
}

pub(super) fn none(kind: &str, name: &str, mut known: Vec<String>) -> Fault {
    known.sort_unstable();
    known.dedup();
    let known = known.join(", ");
    Fault::NotFound(format!("there is no {kind} `{name}`; there are: {known}"))
}
