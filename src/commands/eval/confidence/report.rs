//! What is printed of judged lines: where they went, and how much the score is worth.

use chimera_domain::{ContentHash, Safe, policy::ConfidenceWindow, verdict::Route};
use chimera_minds::eval::{Counts, Line, Ranked, interval};
use serde_json::{Value, json};

use super::Judged;
use crate::{
    cli::ConfidenceArgs,
    commands::eval::table::{self, Figures, number, unit},
    out,
};

/// The base rate the reliability diagram is also told for: half of what is written is fit to go out.
const BASE_RATE_PERCENT: u32 = 50;

pub(super) struct Report {
    pub(super) judged: Vec<Judged>,
    pub(super) window: ConfidenceWindow,
    pub(super) policy: ContentHash,
    pub(super) seconds: f64,
}

/// The word of the glossary for a route.
const fn word(route: Route) -> &'static str {
    match route {
        Route::Approve => "approve",
        Route::HitlQueue => "human",
        Route::Reject => "reject",
    }
}

impl Report {
    pub(super) fn print(&self, args: &ConfidenceArgs, json: bool) {
        let routed = self.judged.iter().filter(|line| line.right.route.is_some());
        let routed = routed.count();
        let labelled = self.judged.iter().filter(|line| line.right.label.is_some());
        let labelled = labelled.count();
        let unscored = self.judged.iter().filter(|line| line.unscored).count();
        let workers = self.judged.iter().filter(|line| line.has_worker).count();
        if json {
            out::json(&json!({
                "what": "confidence", "lines": self.judged.len(), "unscored": unscored,
                "without_worker": self.judged.len() - workers, "policy": self.policy,
                "auto_approve": self.window.auto_min, "human_review": self.window.human_min,
                "seed": args.seed, "draws": args.draws,
                "routes": (routed > 0).then(|| self.routes_json(routed)),
                "labels": (labelled > 0).then(|| self.labels_json(args)),
                "seconds": self.seconds,
            }));
            return;
        }
        out::line(format!(
            "confidence by the judge, auto_approve {} and human_review {} (policy {}): {} lines, {unscored} of them unscored",
            self.window.auto_min,
            self.window.human_min,
            self.policy.short(),
            self.judged.len()
        ));
        if workers < self.judged.len() {
            out::line(format!(
                "{} lines do not say how sure the worker was: of those the judge's own score counts alone",
                self.judged.len() - workers
            ));
        }
        if routed > 0 {
            out::line("");
            self.print_routes(routed);
        }
        if labelled > 0 {
            out::line("");
            self.print_labels(args);
        }
        out::line(format!(
            "{} lines judged in {:.2} s on one core",
            self.judged.len(),
            self.seconds
        ));
    }

    fn count(&self, said: Route, right: Route) -> usize {
        let both = |line: &&Judged| line.verdict.route == said && line.right.route == Some(right);
        self.judged.iter().filter(both).count()
    }

    fn wrong(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|line| line.is_wrong())
    }

    fn print_routes(&self, routed: usize) {
        out::line(format!(
            "{:<24} {:>8} {:>8} {:>8}",
            "said, where right is", "approve", "human", "reject"
        ));
        for said in Route::ALL {
            let [approve, human, reject] = [Route::Approve, Route::HitlQueue, Route::Reject]
                .map(|right| self.count(*said, right));
            out::line(format!(
                "{:<24} {approve:>8} {human:>8} {reject:>8}",
                word(*said)
            ));
        }
        let wrong = self.wrong().count();
        out::line(format!(
            "routed right {} of {routed}, wrong {wrong}{}",
            routed - wrong,
            if wrong > 0 { ":" } else { "" }
        ));
        for line in self.wrong() {
            let (said, right) = (line.verdict.route, line.right.route);
            out::line(format!(
                "  line {}: {}, right is {}: {}",
                line.line,
                word(said),
                right.map_or("-", word),
                Safe::line(&line.verdict.reasons.join("; ")).as_str()
            ));
        }
    }

    fn routes_json(&self, routed: usize) -> Value {
        let mut table = serde_json::Map::new();
        for said in Route::ALL {
            let row: serde_json::Map<_, _> = Route::ALL
                .iter()
                .map(|right| (word(*right).to_owned(), self.count(*said, *right).into()))
                .collect();
            table.insert(word(*said).to_owned(), row.into());
        }
        let wrong: Vec<Value> = self
            .wrong()
            .map(|line| {
                json!({"line": line.line, "said": word(line.verdict.route), "right": line.right.route.map(word),
                    "confidence": line.verdict.confidence, "reasons": line.verdict.reasons})
            })
            .collect();
        json!({"lines": routed, "right": routed - wrong.len(), "said_where_right_is": table, "wrong": wrong})
    }

    /// The scores of the labelled lines that have one.
    fn scored(&self) -> Ranked {
        let lines = self.judged.iter().enumerate().filter_map(|(at, line)| {
            let score = line.verdict.confidence.filter(|_| !line.unscored)?;
            Some(Line {
                score: unit(score),
                truth: line.right.label?,
                unit: at,
            })
        });
        Ranked::of(lines)
    }

    /// The labelled lines by whether they would go out alone, whatever their score is.
    fn alone(&self) -> Ranked {
        let lines = self.judged.iter().enumerate().filter_map(|(at, line)| {
            Some(Line {
                score: if line.verdict.route == Route::Approve {
                    1.0
                } else {
                    0.0
                },
                truth: line.right.label?,
                unit: at,
            })
        });
        Ranked::of(lines)
    }

    fn measures(&self, args: &ConfidenceArgs) -> Vec<table::Measured<'static>> {
        let (scored, alone) = (self.scored(), self.alone());
        let at = unit(self.window.auto_min);
        let draws = usize::try_from(args.draws).unwrap_or(0);
        let false_auto = |counts: &Counts| counts.precision().map(share_of_wrong);
        type Measure<'m> = Box<dyn Fn(&[u32]) -> Option<f64> + 'm>;
        let measures: [(&str, &str, Measure<'_>); 8] = [
            (
                "precision, score at auto_approve",
                "precision",
                Box::new(|w| scored.at(at, Some(w)).precision()),
            ),
            (
                "recall, score at auto_approve",
                "recall",
                Box::new(|w| scored.at(at, Some(w)).recall()),
            ),
            (
                "F1, score at auto_approve",
                "f1",
                Box::new(|w| scored.at(at, Some(w)).f1()),
            ),
            ("AUC", "auc", Box::new(|w| scored.auc(Some(w)))),
            (
                "average precision",
                "average_precision",
                Box::new(|w| scored.average_precision(Some(w))),
            ),
            (
                "expected calibration error",
                "calibration_error",
                Box::new(|w| table::calibration_error(&scored, w)),
            ),
            (
                "wrong of what goes out alone",
                "false_auto_rate",
                Box::new(|w| false_auto(&alone.at(1.0, Some(w)))),
            ),
            (
                "goes out alone of what is wrong",
                "slip_rate",
                Box::new(|w| alone.at(1.0, Some(w)).false_alarm_rate()),
            ),
        ];
        let once = vec![1; self.judged.len()];
        measures
            .into_iter()
            .map(|(name, key, measure)| {
                let within = interval(self.judged.len(), draws, args.seed, |w| measure(w));
                (name, key, measure(&once), within)
            })
            .collect()
    }

    /// Right and wrong lines on each route.
    fn by_route(&self, route: Route) -> (usize, usize) {
        let on = |label: bool| {
            let it =
                |line: &&Judged| line.verdict.route == route && line.right.label == Some(label);
            self.judged.iter().filter(it).count()
        };
        (on(true), on(false))
    }

    fn print_labels(&self, args: &ConfidenceArgs) {
        let scored = self.scored();
        out::line(format!("{:<24} {:>8} {:>8}", "said", "fit", "not fit"));
        for route in Route::ALL {
            let (fit, unfit) = self.by_route(*route);
            out::line(format!("{:<24} {fit:>8} {unfit:>8}", word(*route)));
        }
        out::line("");
        out::line(Figures::header("score alone"));
        let at = format!("at {}", self.window.auto_min);
        out::line(Figures::of(&scored, self.window.auto_min).line(&at));
        let human = format!("at {}", self.window.human_min);
        out::line(Figures::of(&scored, self.window.human_min).line(&human));
        out::line("");
        table::measures(&self.measures(args));
        out::line(table::at_precision(&scored));
        out::line("");
        let diagram = table::calibration(&scored);
        table::reliability(&diagram, BASE_RATE_PERCENT);
        out::line(format!(
            "{} labelled lines have a score; precision at {} is {}",
            scored.len(),
            self.window.auto_min,
            number(scored.at(unit(self.window.auto_min), None).precision())
        ));
    }

    fn labels_json(&self, args: &ConfidenceArgs) -> Value {
        let scored = self.scored();
        let routes: serde_json::Map<_, _> = Route::ALL
            .iter()
            .map(|route| {
                let (fit, unfit) = self.by_route(*route);
                (
                    word(*route).to_owned(),
                    json!({"fit": fit, "not_fit": unfit}),
                )
            })
            .collect();
        json!({
            "scored": scored.len(),
            "routes": routes,
            "at_auto_approve": Figures::of(&scored, self.window.auto_min).json(),
            "at_human_review": Figures::of(&scored, self.window.human_min).json(),
            "measures": table::measures_json(&self.measures(args)),
            "operating_point": table::at_precision(&scored),
            "reliability": table::reliability_json(&table::calibration(&scored), BASE_RATE_PERCENT),
        })
    }
}

#[expect(
    clippy::float_arithmetic,
    reason = "a share of a hundred, for a figure that is only printed"
)]
fn share_of_wrong(right: f64) -> f64 {
    1.0 - right
}
