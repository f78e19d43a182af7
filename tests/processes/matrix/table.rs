//! What came of the runs, counted; one line a point, and a verdict.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
};

/// What one run left behind.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether the process died where it was to die.
    pub(super) died: bool,
    /// Posts that are on the platform once.
    pub(super) once: usize,
    /// Posts whose fate is in the hands of a person, who is told.
    pub(super) uncertain: usize,
    /// Posts that are on the platform more than once.
    pub(super) twice: usize,
    /// Posts that are nowhere.
    pub(super) lost: usize,
    /// Whatever else is not as promised, in words.
    pub(super) wrong: Vec<String>,
}

impl Outcome {
    /// A run that could not be brought to its end.
    fn stumbled(panic: &(dyn std::any::Any + Send)) -> Self {
        let said = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Self {
            wrong: vec![said.unwrap_or_default()],
            ..Self::default()
        }
    }
}

/// A line of the table.
#[derive(Debug)]
pub(super) struct Row {
    step: &'static str,
    point: String,
    runs: usize,
    died: usize,
    once: usize,
    uncertain: usize,
    twice: usize,
    lost: usize,
    whole: usize,
}

impl Row {
    pub(super) fn new(step: &'static str, point: String) -> Self {
        Self {
            step,
            point,
            runs: 0,
            died: 0,
            once: 0,
            uncertain: 0,
            twice: 0,
            lost: 0,
            whole: 0,
        }
    }

    fn holds(&self) -> bool {
        self.runs > 0
            && self.died == self.runs
            && self.whole == self.runs
            && self.twice + self.lost == 0
    }
}

/// The whole of it; filled from several threads.
pub(super) struct Table(Mutex<(Vec<Row>, Vec<String>)>);

impl Table {
    pub(super) fn new(rows: impl Iterator<Item = Row>) -> Self {
        Self(Mutex::new((rows.collect(), Vec::new())))
    }

    /// Does a run and counts it. What it stumbles over is a line of the table, not the end of it.
    pub(super) fn add_run(&self, at: usize, run: impl FnOnce() -> Outcome) {
        let outcome = catch_unwind(AssertUnwindSafe(run));
        self.add(
            at,
            outcome.unwrap_or_else(|panic| Outcome::stumbled(&*panic)),
        );
    }

    fn add(&self, at: usize, outcome: Outcome) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, problems) = &mut *inner;
        let row = &mut rows[at];
        row.runs += 1;
        row.died += usize::from(outcome.died);
        row.once += outcome.once;
        row.uncertain += outcome.uncertain;
        row.twice += outcome.twice;
        row.lost += outcome.lost;
        row.whole += usize::from(outcome.wrong.is_empty());
        let point = row.point.clone();
        problems.extend(
            outcome
                .wrong
                .into_iter()
                .map(|wrong| format!("{point}: {wrong}")),
        );
    }

    /// Prints it.
    ///
    /// # Panics
    /// When a line does not hold: a point that was not reached, a post that is out twice or not at all, a
    /// record or a purse that is not in order.
    pub(super) fn finish(self, title: &str) {
        let (rows, problems) = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let width = rows.iter().map(|row| row.point.len()).max().unwrap_or(0);
        let mut text = format!(
            "\n{title}\n{:10} {:width$} {:>5} {:>5} {:>6} {:>9} {:>5} {:>4} {:>6}\n",
            "step", "point", "runs", "died", "once", "uncertain", "twice", "lost", "whole"
        );
        for row in &rows {
            text.push_str(&format!(
                "{:10} {:width$} {:>5} {:>5} {:>6} {:>9} {:>5} {:>4} {:>6}{}\n",
                row.step,
                row.point,
                row.runs,
                row.died,
                row.once,
                row.uncertain,
                row.twice,
                row.lost,
                row.whole,
                if row.holds() { "" } else { "  BROKEN" }
            ));
        }
        eprintln!("{text}");
        assert!(
            rows.iter().all(Row::holds) && problems.is_empty(),
            "{text}\n{}",
            problems.join("\n")
        );
    }
}
