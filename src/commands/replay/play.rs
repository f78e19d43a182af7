//! Plays a recording through the whole swarm at full speed and prints what was measured.
//!
//! Governors and back-pressure are lifted for the run, because the question is how fast signals become
//! tasks, not how many a day are allowed; the output says so. Nobody reviews, so tickets pile up.

use std::{path::Path, time::Duration};

use chimera_domain::{
    Span, Timestamp,
    ports::{DeskStore, Store},
    signal::SignalState,
    task::TaskState,
    views::{Measures, Overview, PageRequest, Quantiles},
};
use serde_json::json;
use tokio::time::Instant;

use super::fixed;
use crate::{
    cli::Replay,
    commands::hn,
    config::{Config, Feed, FeedLocation},
    fault::Fault,
    out,
    sandbox::Sandbox,
};

/// SC-001: a relevant signal must be tasks within this.
const SIGNAL_TO_TASK: Span = Span::from_secs(5);
/// SC-002: worker and judge together, median.
const WORK_TO_VERDICT: Span = Span::from_secs(10);
/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(200);

/// Runs the replay.
///
/// # Errors
/// When the recording cannot be read, or the run does not end in time.
pub(super) fn run(args: &Replay, keep: Option<&Path>, json: bool) -> Result<(), Fault> {
    let sandbox = Sandbox::make(keep)?;
    let mut config = sandbox.config()?;
    let (recording, described) = source(args, &sandbox)?;
    prepare(&mut config, &args.persona, recording.clone())?;
    let _flush = sandbox.log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::failed("cannot start the runtime", &e))?;
    if args.fixed_clock {
        let played = runtime.block_on(fixed::play(&sandbox, &config, &recording, args.speed));
        runtime.shutdown_timeout(Duration::from_secs(1));
        fixed::tell(&described, &played?, json);
        return Ok(());
    }
    let result = runtime.block_on(play(
        &sandbox,
        &config,
        Duration::from_secs(args.seconds_max),
    ));
    runtime.shutdown_timeout(Duration::from_secs(1));
    let played = result?;
    if json {
        out::json(
            &json!({"recording": described, "seconds": played.took.as_secs_f64(), "measures": played.measures}),
        );
    } else {
        print(&described, &played);
    }
    Ok(())
}

fn source(args: &Replay, sandbox: &Sandbox) -> Result<(std::path::PathBuf, String), Fault> {
    if let Some(history) = &args.hn {
        let path = sandbox.home.config_dir().join("replay.jsonl");
        let recorded = hn::record(history, &path)?;
        let described = format!(
            "{} snapshots, {} stories in {} observations",
            recorded.snapshots, recorded.stories, recorded.observations
        );
        return Ok((path, described));
    }
    let Some(path) = args.recording.clone() else {
        return Err(Fault::Usage("name a recording or a history".to_owned()));
    };
    let path = path
        .canonicalize()
        .map_err(|e| Fault::failed(&format!("cannot read {}", path.display()), &e))?;
    let described = path.display().to_string();
    Ok((path, described))
}

/// One feed, one campaign, no governors.
fn prepare(config: &mut Config, persona: &str, recording: std::path::PathBuf) -> Result<(), Fault> {
    config.feeds = vec![Feed {
        name: "replay".to_owned(),
        location: FeedLocation::Recording(recording),
        interval: Span::from_hours(24),
        age_max: None,
    }];
    config
        .campaigns
        .retain(|campaign| campaign.persona == persona);
    config.campaigns.truncate(1);
    if config.campaigns.is_empty() {
        return Err(Fault::Usage(format!(
            "no campaign of the default configuration has the persona `{persona}`"
        )));
    }
    let planner = &mut config.policy.planner;
    planner.plans_per_hour_max = u32::MAX;
    planner.plans_per_day_max = u32::MAX;
    planner.queue_depth_max = u32::MAX;
    planner.review_depth_max = u32::MAX;
    Ok(())
}

/// What a run gave.
struct Played {
    took: Duration,
    house: Overview,
    measures: Measures,
}

async fn play(sandbox: &Sandbox, config: &Config, patience: Duration) -> Result<Played, Fault> {
    let begun = Instant::now();
    let (store, running, _) = sandbox.begin(config, "chimera replay").await?;
    let ended = loop {
        tokio::time::sleep(LOOK).await;
        let house = store.overview().await?;
        if is_over(store.as_ref(), &house).await? {
            break Ok(house);
        }
        if !house.resources_failing.is_empty() {
            let health = store.resource_health(&PageRequest::first(1)).await?;
            let why = health.rows.into_iter().find_map(|row| row.last_error);
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            break Err(Fault::Failed(format!("the recording cannot be read{why}")));
        }
        if begun.elapsed() > patience {
            break Err(Fault::Failed(format!(
                "not over after {} s; signals {:?}, tasks {:?}",
                patience.as_secs(),
                house.signals,
                house.tasks
            )));
        }
    };
    let took = begun.elapsed();
    let measures = store.measures(Timestamp::from_micros(0)).await?;
    running.stop().await?;
    Ok(Played {
        took,
        house: ended?,
        measures,
    })
}

/// Nothing is left to read, to decide or to do.
async fn is_over(store: &dyn Store, house: &Overview) -> Result<bool, Fault> {
    let waiting = |state: TaskState| house.tasks.iter().any(|(s, n)| *s == state && *n > 0);
    let read = !house.signals.is_empty() && store.due_resources(1).await?.is_empty();
    let decided = !house
        .signals
        .iter()
        .any(|(state, n)| *state == SignalState::New && *n > 0);
    let busy = [
        TaskState::Pending,
        TaskState::Claimed,
        TaskState::Review,
        TaskState::Replan,
        TaskState::Publishing,
    ];
    let held = waiting(TaskState::Approved) && !house.fuses.is_empty();
    Ok(read && decided && !held && !busy.into_iter().any(waiting))
}

fn print(described: &str, played: &Played) {
    let m = &played.measures;
    out::line(format!(
        "replayed   {described}, in {:.1} s; governors and back-pressure lifted, nobody reviewing",
        played.took.as_secs_f64()
    ));
    out::line(format!(
        "signals    {} perceived, {} relevant, {} became tasks",
        m.signals, m.signals_relevant, m.signals_planned
    ));
    out::line(format!(
        "SC-001     {} (bar: 95 % within {SIGNAL_TO_TASK})",
        quantiles(m.signal_to_task)
    ));
    out::line(format!(
        "SC-002     {} (bar: median below {WORK_TO_VERDICT})",
        quantiles(m.work_to_verdict)
    ));
    let (approve, person, reject) = m.routes;
    out::line(format!(
        "verdicts   {approve} published by themselves, {person} for a person, {reject} refused"
    ));
    out::line(format!("published  {} (SIMULATED)", m.publications));
    out::line(format!(
        "money      {} USD spent, {} reserved (SIMULATED)",
        played.house.spent_day, played.house.reserved
    ));
    out::line(format!(
        "conflicts  {} lost races, each decided again",
        played.house.conflicts
    ));
}

fn quantiles(q: Option<Quantiles>) -> String {
    match q {
        None => "no data".to_owned(),
        Some(q) => format!(
            "n {}: p50 {}, p95 {}, p99 {}, max {}",
            q.n,
            ms(q.p50_us),
            ms(q.p95_us),
            ms(q.p99_us),
            ms(q.max_us)
        ),
    }
}

fn ms(us: u64) -> String {
    format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
}
