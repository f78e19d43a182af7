//! `chimera eval confidence`: every labelled post judged by the real judge, under the rules of the house.
//!
//! `lines.rs` makes of a line the case that the judge gets, `report.rs` says how often it was right.

mod lines;
mod report;

use std::{path::Path, time::Instant};

use chimera_domain::{
    policy::{ConfidenceWindow, Policy},
    verdict::{Route, Verdict},
};
use chimera_swarm::decide;

use self::{lines::Posted, report::Report};
use super::{labelled::Labels, personas};
use crate::{
    cli::ConfidenceArgs,
    config::{ConfigError, Home, given},
    fault::{Fault, chain},
};

/// One line, and what the judge made of it.
struct Judged {
    line: usize,
    /// What a person would have done with it.
    right: Right,
    verdict: Verdict,
    /// Nobody can say how good it is: a check has no score, or a reader that was asked has no answer.
    unscored: bool,
    /// Whether the line says how sure the worker was.
    has_worker: bool,
}

/// What a line says is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Right {
    /// Whether a person would let it out.
    label: Option<bool>,
    route: Option<Route>,
}

impl Judged {
    fn is_wrong(&self) -> bool {
        self.right
            .route
            .is_some_and(|right| right != self.verdict.route)
    }
}

pub(super) fn run(args: &ConfidenceArgs, home: Option<&Path>, json: bool) -> Result<(), Fault> {
    let labels = Labels::read(&args.data)?;
    let (_, personas) = personas(args.personas.as_deref(), home)?;
    let policy = policy(args, home)?;
    let mut cases = Vec::with_capacity(labels.rows.len());
    for row in &labels.rows {
        cases.push((row.line(), Posted::read(&labels, row, args, &personas)?));
    }
    let begun = Instant::now();
    let judged: Vec<Judged> = cases
        .iter()
        .map(|(line, posted)| judge(*line, posted, &policy))
        .collect();
    let report = Report {
        judged,
        window: policy.judge.window,
        policy: policy.hash,
        seconds: begun.elapsed().as_secs_f64(),
    };
    report.print(args, json);
    Ok(())
}

fn judge(line: usize, posted: &Posted<'_>, policy: &Policy) -> Judged {
    let verdict = decide(&posted.case(policy), Some(posted.persona), policy);
    Judged {
        line,
        right: posted.right,
        unscored: verdict.confidence.is_none() || posted.is_unanswered(),
        has_worker: posted.worker.is_some(),
        verdict,
    }
}

/// The rules of the house, or those of the file that was named, with the thresholds that were given in place of theirs.
fn policy(args: &ConfidenceArgs, home: Option<&Path>) -> Result<Policy, Fault> {
    let usage = |error: ConfigError| Fault::Usage(chain(&error));
    let file = match &args.policy {
        Some(file) => file.clone(),
        None => Home::resolve(home).map_err(usage)?.budget_yaml(),
    };
    let mut policy = given::policy(&file).map_err(usage)?;
    let was = policy.judge.window;
    let window = ConfidenceWindow {
        auto_min: args.auto_approve.unwrap_or(was.auto_min),
        human_min: args.human_review.unwrap_or(was.human_min),
    };
    if window.human_min > window.auto_min {
        return Err(Fault::Usage(format!(
            "human_review {} is above auto_approve {}",
            window.human_min, window.auto_min
        )));
    }
    policy.judge.window = window;
    // What is shown to a person as a sample could have gone out alone, and that is what is measured.
    policy.judge.sample = None;
    Ok(policy)
}
