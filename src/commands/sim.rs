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
        if let Some(file) = settings.database.as_ref().filter(|file| file.exists()) {
            return Err(Fault::Failed(format!(
                "{} exists already: a soak makes its own database, one for each seed",
                file.display()
            )));
        }
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
        database: args.database.clone(),
        ..Settings::small(seed)
    }
}

fn tell(report: &Report, args: &SimArgs, json: bool) {
    if json {
        out::json(&json!(report));
        return;
    }
    let t = &report.tally;
    if report.violations.is_empty() && args.seeds > 1 && report.weights.is_empty() {
        return;
    }
    out::line(format!(
        "seed {}  {} verbs, {} tool calls, {} items, {} posts, {} decisions ({} came too late, {} the first of two, {} taken back)",
        report.seed,
        t.verbs,
        t.tool_calls,
        t.items,
        t.posts,
        t.decisions,
        t.losers_told,
        t.firsts,
        t.undone
    ));
    out::line(format!(
        "        {} kills, {} suspensions, {} store faults, {} tool faults, {} clock jumps, {} halts, {} changes of mode, {} taken down, {} settled by hand",
        t.crashes,
        t.freezes,
        t.store_faults,
        t.tool_faults,
        t.clock_jumps,
        t.halts,
        t.modes,
        t.withdrawn,
        t.resolved_by_hand
    ));
    out::line(format!(
        "        longest wait {} s, digest {}",
        t.longest_wait_s,
        report.digest.short()
    ));
    for w in &report.weights {
        let mib =
            |kib: Option<u64>| kib.map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string());
        out::line(format!(
            "        after {:>5} min: {} MiB of memory and {} MiB of mapped files, {} KiB of database, {} KiB of log",
            w.minute,
            mib(w.own_kib),
            mib(w.mapped_kib),
            w.database_bytes / 1024,
            w.log_bytes / 1024
        ));
    }
    for line in &report.trail {
        out::line(format!("    {line}"));
    }
    for violation in &report.violations {
        out::line(format!("BROKEN  {violation}"));
    }
}
