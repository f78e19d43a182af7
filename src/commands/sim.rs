//! `chimera sim`: seeded simulations of the whole swarm, and the first seed that breaks a promise.

use std::time::Instant;

use serde_json::json;

use crate::{
    cli::SimArgs,
    fault::Fault,
    out,
    sandbox::Sandbox,
    sim::{self, Report, Settings},
};
use chimera_domain::Span;

/// Runs the seeds one after the other.
///
/// # Errors
/// `Failed` when a promise was broken; the report names the seed that shows it again.
pub fn run(args: &SimArgs, json: bool) -> Result<(), Fault> {
    let sandbox = Sandbox::make(None)?;
    let config = sandbox.config()?;
    let like = config
        .personas
        .first()
        .ok_or_else(|| Fault::Failed("no persona is shipped".to_owned()))?;
    let begun = Instant::now();
    let (mut broken, mut runs) = (Vec::new(), 0_u64);
    for seed in args.seed..args.seed.saturating_add(args.seeds) {
        let settings = settings(args, seed);
        let report = sim::run(&settings, &config.policy, like)?;
        runs += 1;
        tell(&report, args, json);
        if !report.violations.is_empty() {
            broken.push(seed);
            if !args.keep_going {
                break;
            }
        }
    }
    if !json {
        out::line(format!(
            "{runs} seeds in {:.1} s, {} broken",
            begun.elapsed().as_secs_f64(),
            broken.len()
        ));
    }
    match broken.first() {
        None => Ok(()),
        Some(seed) => Err(Fault::Failed(format!(
            "a promise was broken; `chimera sim --seed {seed} --seeds 1` with the same options shows it again"
        ))),
    }
}

fn settings(args: &SimArgs, seed: u64) -> Settings {
    Settings {
        agents: args.agents,
        span: Span::from_mins(args.minutes.saturating_add(args.days.saturating_mul(1_440))),
        items_per_hour: args.items_per_hour,
        faults: args.faults,
        mutation: args.mutation,
        ..Settings::small(seed)
    }
}

fn tell(report: &Report, args: &SimArgs, json: bool) {
    if json {
        out::json(&json!(report));
        return;
    }
    let t = &report.tally;
    if report.violations.is_empty() && args.seeds > 1 {
        return;
    }
    out::line(format!(
        "seed {}  {} verbs, {} tool calls, {} items, {} posts, {} decisions ({} came too late, {} taken back)",
        report.seed, t.verbs, t.tool_calls, t.items, t.posts, t.decisions, t.losers_told, t.undone
    ));
    out::line(format!(
        "        {} kills, {} suspensions, {} store faults, {} tool faults, {} clock jumps, {} halts, {} settled by hand",
        t.crashes,
        t.freezes,
        t.store_faults,
        t.tool_faults,
        t.clock_jumps,
        t.halts,
        t.resolved_by_hand
    ));
    out::line(format!("        digest {}", report.digest.short()));
    for line in &report.trail {
        out::line(format!("    {line}"));
    }
    for violation in &report.violations {
        out::line(format!("BROKEN  {violation}"));
    }
}
