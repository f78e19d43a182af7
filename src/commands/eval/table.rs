//! What every verb of `chimera eval` prints: figures, their intervals, and the reliability diagram.
#![expect(
    clippy::float_arithmetic,
    reason = "a share of a hundred, for a figure that is only printed"
)]

use chimera_domain::Score;
use chimera_minds::eval::{Counts, Ranked, Reliability};
use serde_json::{Value, json};

use crate::out;

/// Ranges of the reliability diagram.
const BINS: usize = 10;
/// The precision whose threshold is told beside the one that was asked about.
const PRECISION_LEAST: f64 = 0.8;
/// Cells of a bar.
const BAR: u32 = 40;

/// The measures of one set of judgements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) lines: usize,
    pub(super) right: u64,
    pub(super) auc: Option<f64>,
    pub(super) average_precision: Option<f64>,
    pub(super) counts: Counts,
}

impl Figures {
    pub(super) fn of(ranked: &Ranked, at: Score) -> Self {
        let counts = ranked.at(unit(at), None);
        Self {
            lines: ranked.len(),
            right: counts.hits + counts.misses,
            auc: ranked.auc(None),
            average_precision: ranked.average_precision(None),
            counts,
        }
    }

    /// The header above [`Self::line`].
    pub(super) fn header(what: &str) -> String {
        format!(
            "{what:<24} {:>6} {:>6} {:>6} {:>9} {:>6} {:>6}",
            "right", "AUC", "AP", "precision", "recall", "F1"
        )
    }

    pub(super) fn line(&self, name: &str) -> String {
        format!(
            "{name:<24} {:>6} {:>6} {:>6} {:>9} {:>6} {:>6}",
            self.right,
            number(self.auc),
            number(self.average_precision),
            number(self.counts.precision()),
            number(self.counts.recall()),
            number(self.counts.f1())
        )
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "lines": self.lines,
            "right": self.right,
            "auc": self.auc,
            "average_precision": self.average_precision,
            "hits": self.counts.hits,
            "false_alarms": self.counts.false_alarms,
            "misses": self.counts.misses,
            "precision": self.counts.precision(),
            "recall": self.counts.recall(),
            "f1": self.counts.f1(),
            "false_alarm_rate": self.counts.false_alarm_rate(),
        })
    }
}

/// A threshold as the number that scores are compared with.
pub(super) fn unit(score: Score) -> f64 {
    // Through text, as it is written everywhere else: 0.75 is the 0.75 a person typed.
    json!(score).as_f64().unwrap_or(f64::INFINITY)
}

/// Three decimals, or a dash where there is nothing to measure.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// A measure with its interval.
pub(super) fn within(value: Option<f64>, interval: Option<(f64, f64)>) -> String {
    match interval {
        Some((low, high)) => format!("{} [{low:.3}, {high:.3}]", number(value)),
        None => number(value),
    }
}

/// A measure of the whole: its name, its key, its value and its interval.
pub(super) type Measured<'m> = (&'m str, &'m str, Option<f64>, Option<(f64, f64)>);

/// The measures of the whole, one a line.
pub(super) fn measures(whole: &[Measured<'_>]) {
    for (name, _, value, interval) in whole {
        out::line(format!("{name:<34} {}", within(*value, *interval)));
    }
}

/// The same by key.
pub(super) fn measures_json(whole: &[Measured<'_>]) -> Value {
    whole
        .iter()
        .map(|(_, key, value, within)| {
            let within = within.map(|(low, high)| [low, high]);
            (
                (*key).to_owned(),
                json!({"value": value, "interval": within}),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// The reliability diagram: what was said beside what was, also where so many of a hundred lines are right.
pub(super) fn reliability(table: &Reliability, percent: u32) {
    let elsewhere = table.where_right_is(f64::from(percent) / 100.0);
    out::line(format!(
        "{:<11} {:>8} {:>6} {:>6} {:>6}  0 to 1: = was, > said",
        "score",
        "lines",
        "said",
        "was",
        format!("at {percent}%"),
    ));
    for (at, bin) in table.bins.iter().enumerate() {
        let to = table.bins.get(at + 1).map_or(1.0, |next| next.from);
        let share = elsewhere.as_ref().and_then(|(shares, _)| *shares.get(at)?);
        out::line(format!(
            "{:<11} {:>8} {:>6} {:>6} {:>6}  {}",
            format!("{:.1} to {to:.1}", bin.from),
            bin.lines,
            number(bin.said()),
            number(bin.was()),
            number(share),
            bar(bin.said(), bin.was())
        ));
    }
    out::line(format!(
        "calibration error {}, of the scores from 0.5 up {}; where {percent} of 100 lines are right {}",
        number(table.error()),
        number(table.error_from(0.5)),
        number(elsewhere.map(|(_, error)| error))
    ));
}

fn bar(said: Option<f64>, was: Option<f64>) -> String {
    let (Some(said), Some(was)) = (cells(said), cells(was)) else {
        return String::new();
    };
    (0..=BAR)
        .map(|cell| match cell {
            cell if cell == said => '>',
            cell if cell < was => '=',
            _ => ' ',
        })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

fn cells(share: Option<f64>) -> Option<u32> {
    let share = Score::from_unit(share?).ok()?;
    Some(share.ppm().saturating_mul(BAR) / Score::ONE.ppm())
}

/// Where a threshold would have to be for the precision that is wanted most often.
pub(super) fn at_precision(ranked: &Ranked) -> String {
    ranked.at_precision(PRECISION_LEAST).map_or_else(
        || format!("no threshold has a precision of {PRECISION_LEAST:.2}"),
        |(at, counts)| {
            format!(
                "the lowest threshold with a precision of {PRECISION_LEAST:.2} is {at:.3}, with a recall of {}",
                number(counts.recall())
            )
        },
    )
}

/// The calibration of all lines, in ten ranges.
pub(super) fn calibration(ranked: &Ranked) -> Reliability {
    ranked.reliability(BINS, None)
}

/// The same for a draw.
pub(super) fn calibration_error(ranked: &Ranked, weights: &[u32]) -> Option<f64> {
    ranked.reliability(BINS, Some(weights)).error()
}

pub(super) fn reliability_json(table: &Reliability, percent: u32) -> Value {
    let bins: Vec<Value> = table
        .bins
        .iter()
        .map(|bin| json!({"from": bin.from, "lines": bin.lines, "right": bin.right, "said": bin.said(), "was": bin.was()}))
        .collect();
    let elsewhere = table.where_right_is(f64::from(percent) / 100.0);
    json!({"error": table.error(), "error_from_half": table.error_from(0.5), "base_rate_percent": percent,
        "error_at_base_rate": elsewhere.map(|(_, error)| error), "bins": bins})
}
