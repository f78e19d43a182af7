//! The crash matrix: the process ends by SIGKILL at every named point of a post's walk, once in the gate and
//! many times with `make crash-matrix`. Whatever died, what is left comes to rest with every post out exactly once.

mod house;
mod points;
mod power;
mod table;

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use self::{
    house::Stages,
    points::{AROUND_THE_EFFECT, Point},
    power::CUTS,
    table::{Row, Table},
};
use crate::support::quiet;

/// A point that is not around the effect is died at this much less often.
const SELDOM: u32 = 5;

/// How often each point around the effect is died at: `CRASH_MATRIX_RUNS`, or once.
#[allow(
    clippy::disallowed_methods,
    reason = "a test has no configuration; this is how make asks for the long form"
)]
pub(super) fn runs() -> u32 {
    match std::env::var("CRASH_MATRIX_RUNS") {
        Ok(text) => text.parse().expect("CRASH_MATRIX_RUNS is a number"),
        Err(_) => 1,
    }
}

/// Does the jobs on as many threads as there are cores, in order.
fn in_parallel<T: Send>(jobs: Vec<T>, work: impl Fn(T) + Sync) {
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().min(4));
    let jobs = Mutex::new(VecDeque::from(jobs));
    let next = || {
        jobs.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = next() {
                    work(job);
                }
            });
        }
    });
}

// R5, R6, R93, R172, R182: a process killed at any named point of claim, execute, judge, approve, send, settle, migrate,
// backup and restore leaves nothing lost, nothing doubled, no money set aside, and a whole record.
#[test]
fn r172_every_point_is_survived() {
    let _quiet = quiet();
    let runs = runs();
    // In the gate one post; in the long form three, so that a death has neighbours and comes at different passes.
    let stages = Stages::build(if runs == 1 { 1 } else { 3 });
    let points: Vec<Point> = points::all();
    let times = |at: usize| {
        if AROUND_THE_EFFECT.contains(&points[at].name().as_str()) {
            runs
        } else {
            runs.div_ceil(SELDOM)
        }
    };
    let jobs: Vec<(usize, u32)> = (0..points.len())
        .flat_map(|point| (0..times(point)).map(move |run| (point, run)))
        .collect();
    let table = Table::new(points.iter().map(|point| Row::new(point.row, point.name())));
    in_parallel(jobs, |(at, run)| {
        table.add_run(at, || points[at].run(&stages, run));
    });
    table.finish("killed at a named point");
}

// R5, R182: the power fails at a random instant of a swarm at work, the end of the log torn at a random byte: what is
// left opens, is whole, and publishes nothing twice. Copies taken file by file while it works open and are whole too.
#[test]
fn r5_the_power_fails_at_any_instant() {
    let _quiet = quiet();
    let runs = runs();
    let posts = if runs == 1 { 2 } else { 5 };
    let house = power::house(posts);
    let jobs: Vec<(usize, u32)> = (0..runs)
        .flat_map(|run| (0..CUTS.len()).map(move |cut| (cut, run)))
        .collect();
    let table = Table::new(
        CUTS.iter()
            .map(|cut| Row::new("power", cut.name().to_owned())),
    );
    in_parallel(jobs, |(at, run)| {
        table.add_run(at, || CUTS[at].run(&house, posts, run));
    });
    table.finish("the power fails at a random instant");
}
