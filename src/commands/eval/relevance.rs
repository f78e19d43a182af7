//! `chimera eval relevance`: every labelled line scored for every persona.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use chimera_domain::{
    Safe,
    persona::Persona,
    resource::{FeedItem, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX},
    text::plain,
};
use chimera_minds::eval::{Line, Ranked, interval};
use serde_json::json;

use super::{
    labelled::Labels,
    table::{self, Figures, number, unit, within},
};
use crate::{
    cli::{Labelled, RelevanceArgs},
    config::{ConfigError, Home, given},
    fault::{Fault, chain},
    out,
};

/// Where the personas of the project's own measurements are.
const PERSONAS: &str = "tests/evals/personas";

/// What one line says it is for.
struct Judged {
    item: FeedItem,
    topic: String,
}

/// The measures of one persona.
struct Persons {
    slug: String,
    ranked: Ranked,
}

pub(super) fn run(args: &RelevanceArgs, home: Option<&Path>, json: bool) -> Result<(), Fault> {
    let (from, personas) = personas(args.personas.as_deref(), home)?;
    let judged = judged(&Labels::read(&args.labelled.data)?)?;
    check(&judged, &personas, &from)?;
    let begun = Instant::now();
    let mut method = String::new();
    let mut each: Vec<Persons> = Vec::new();
    for persona in &personas {
        let mut lines = Vec::with_capacity(judged.len());
        for (unit, line) in judged.iter().enumerate() {
            let scored = chimera_swarm::relevance(&line.item, persona)
                .map_err(|error| Fault::Failed(chain(&error)))?;
            lines.push(Line {
                score: table::unit(scored.score),
                truth: line.topic == persona.slug,
                unit,
            });
            method = scored.method;
        }
        each.push(Persons {
            slug: persona.slug.clone(),
            ranked: Ranked::of(lines),
        });
    }
    let seconds = begun.elapsed().as_secs_f64();
    let report = Report {
        method,
        from,
        units: judged.len(),
        each,
        seconds,
    };
    report.print(&args.labelled, json);
    Ok(())
}

struct Report {
    method: String,
    from: PathBuf,
    units: usize,
    each: Vec<Persons>,
    seconds: f64,
}

/// A measure of all personas, and where it lies in 95 of 100 draws.
struct Whole {
    name: &'static str,
    key: &'static str,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
}

impl Report {
    fn print(&self, labelled: &Labelled, json: bool) {
        let at = labelled.at;
        let all = Ranked::of(self.each.iter().flat_map(|one| one.ranked.lines()).copied());
        let figures: Vec<(&str, Figures)> = self
            .each
            .iter()
            .map(|one| (one.slug.as_str(), Figures::of(&one.ranked, at)))
            .collect();
        let whole = self.whole(&all, labelled);
        let table = table::calibration(&all);
        let pooled = Figures::of(&all, at);
        if json {
            let personas: serde_json::Map<_, _> = figures
                .iter()
                .map(|(slug, figures)| ((*slug).to_owned(), figures.json()))
                .collect();
            let whole: serde_json::Map<_, _> = whole
                .iter()
                .map(|m| (m.key.to_owned(), json!({"value": m.value, "interval": m.interval.map(|(low, high)| [low, high])})))
                .collect();
            out::json(&json!({
                "what": "relevance", "method": self.method, "personas_from": self.from.display().to_string(),
                "lines": self.units, "at": at, "seed": labelled.seed, "draws": labelled.draws,
                "all": pooled.json(), "measures": whole, "personas": personas,
                "reliability": table::reliability_json(&table), "seconds": self.seconds,
            }));
            return;
        }
        out::line(format!(
            "relevance by {}: {} lines, {} personas of {}, {} pairs of which {} are right",
            self.method,
            self.units,
            self.each.len(),
            Safe::line(&self.from.display().to_string()),
            pooled.lines,
            pooled.right
        ));
        out::line("");
        out::line(Figures::header(&format!("persona, at {at}")));
        for (slug, figures) in &figures {
            out::line(figures.line(slug));
        }
        out::line(pooled.line("all pairs"));
        out::line("");
        for measure in &whole {
            out::line(format!(
                "{:<34} {}",
                measure.name,
                within(measure.value, measure.interval)
            ));
        }
        out::line(table::at_precision(&all));
        out::line("");
        table::reliability(&table);
        out::line(format!(
            "of the scores from 0.5 up the calibration error is {}",
            number(table.error_from(0.5))
        ));
        out::line(format!(
            "{} lines for {} personas took {:.2} s on one core",
            self.units,
            self.each.len(),
            self.seconds
        ));
    }

    fn whole(&self, all: &Ranked, labelled: &Labelled) -> Vec<Whole> {
        type Measure<'m> = Box<dyn Fn(&[u32]) -> Option<f64> + 'm>;
        let at = unit(labelled.at);
        let mean = |of: fn(&Ranked, &[u32]) -> Option<f64>| -> Measure<'_> {
            Box::new(move |weights| {
                let each = self.each.iter().filter_map(|one| of(&one.ranked, weights));
                chimera_minds::eval::mean(each)
            })
        };
        let measures: [(&'static str, &'static str, Measure<'_>); 6] = [
            ("AUC, mean of personas", "auc", mean(|r, w| r.auc(Some(w)))),
            (
                "average precision, mean",
                "average_precision",
                mean(|r, w| r.average_precision(Some(w))),
            ),
            (
                "precision, all pairs",
                "precision",
                Box::new(|w| all.at(at, Some(w)).precision()),
            ),
            (
                "recall, all pairs",
                "recall",
                Box::new(|w| all.at(at, Some(w)).recall()),
            ),
            (
                "F1, all pairs",
                "f1",
                Box::new(|w| all.at(at, Some(w)).f1()),
            ),
            (
                "expected calibration error",
                "calibration_error",
                Box::new(|w| table::calibration_error(all, w)),
            ),
        ];
        let draws = usize::try_from(labelled.draws).unwrap_or(0);
        let once = vec![1; self.units];
        measures
            .into_iter()
            .map(|(name, key, measure)| Whole {
                name,
                key,
                value: measure(&once),
                interval: interval(self.units, draws, labelled.seed, |weights| measure(weights)),
            })
            .collect()
    }
}

fn judged(labels: &Labels) -> Result<Vec<Judged>, Fault> {
    labels
        .rows
        .iter()
        .map(|row| {
            let summary = row.text("summary").unwrap_or_default();
            Ok(Judged {
                item: FeedItem {
                    key: String::new(),
                    title: plain(labels.text(row, "title")?, TITLE_CHARS_MAX),
                    summary: plain(summary, SUMMARY_CHARS_MAX),
                    link: String::new(),
                    published_at: None,
                    source: String::new(),
                    recorded: true,
                },
                // The folder of a persona has no `_` in its name; labels often do.
                topic: labels.text(row, "topic")?.replace('_', "-"),
            })
        })
        .collect()
}

/// The personas that are measured, and where they are from.
fn personas(given: Option<&Path>, home: Option<&Path>) -> Result<(PathBuf, Vec<Persona>), Fault> {
    let usage = |error: ConfigError| Fault::Usage(chain(&error));
    let own = Path::new(PERSONAS);
    let from = match given {
        Some(given) => given.to_owned(),
        None if own.is_dir() => own.to_owned(),
        None => Home::resolve(home).map_err(usage)?.personas_dir(),
    };
    let personas = given::personas(&from).map_err(usage)?;
    Ok((from, personas))
}

/// Every persona needs lines that are for it and lines that are not: without them nothing can be measured.
fn check(judged: &[Judged], personas: &[Persona], from: &Path) -> Result<(), Fault> {
    let missing: Vec<&str> = personas
        .iter()
        .map(|persona| persona.slug.as_str())
        .filter(|slug| {
            let right = judged.iter().filter(|line| line.topic == *slug).count();
            right == 0 || right == judged.len()
        })
        .collect();
    if missing.is_empty() && !personas.is_empty() {
        return Ok(());
    }
    Err(Fault::Usage(format!(
        "the personas of {} cannot be measured with this file: {}",
        from.display(),
        if personas.is_empty() {
            "there are none".to_owned()
        } else {
            format!(
                "it needs lines that are for each of them and lines that are not, and has not for {}",
                missing.join(", ")
            )
        }
    )))
}
