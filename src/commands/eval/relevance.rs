//! `chimera eval relevance`: every labelled line scored for every persona.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use chimera_domain::{
    Safe,
    persona::Persona,
    resource::{SUMMARY_CHARS_MAX, TITLE_CHARS_MAX},
    text::plain,
};
use chimera_minds::{
    eval::{Chance, Line, Ranked, interval, mean},
    relevance::{
        BASE_RATE_PERCENT, Decided, Interest, Learned, METHOD, Reading, Scored, Unscorable,
    },
};
use serde_json::json;

use super::{
    cannot_write,
    labelled::Labels,
    personas,
    table::{self, Figures, unit as unit_of, within},
};
use crate::{
    cli::{Labelled, RelevanceArgs},
    fault::{Fault, chain},
    out,
};

/// What one line says it is for.
struct Judged {
    reading: Reading,
    topic: String,
}

/// The measures of one persona.
struct Persons {
    slug: String,
    ranked: Ranked,
}

/// Which lines are a past that was decided on, and which are measured.
struct Split {
    past: Vec<Judged>,
    measured: Vec<Judged>,
}

pub(super) fn run(args: &RelevanceArgs, home: Option<&Path>, json: bool) -> Result<(), Fault> {
    let (from, personas) = personas(args.personas.as_deref(), home)?;
    let begun = Instant::now();
    let Split { past, measured } = split(args)?;
    check(&measured, &personas, &from)?;
    if measured
        .iter()
        .chain(&past)
        .any(|line| line.reading.is_empty())
    {
        return Err(Fault::Usage("a line has no word in its title".to_owned()));
    }
    let mut each: Vec<Persons> = Vec::new();
    let mut features = args.features.as_deref().map(Features::open).transpose()?;
    let decisions = usize::try_from(args.decisions).unwrap_or(0);
    for persona in &personas {
        let unscorable = |error: Unscorable| Fault::Usage(chain(&error));
        let interest = Interest::of(persona).map_err(unscorable)?;
        let mut chance = Chance::new(args.labelled.seed);
        let shown = shown(&past, &interest, decisions, &mut chance).map_err(unscorable)?;
        let decided: Vec<Decided<'_>> = shown
            .into_iter()
            .map(|line| Decided {
                reading: &line.reading,
                kept: line.topic == persona.slug,
            })
            .collect();
        let learned = Learned::of(&interest, &decided);
        let mut lines = Vec::with_capacity(measured.len());
        for (unit, line) in measured.iter().enumerate() {
            let scored = interest
                .score(&line.reading, learned.as_ref())
                .map_err(unscorable)?;
            let truth = line.topic == persona.slug;
            if let Some(features) = &mut features {
                features.write(&persona.slug, unit, truth, &scored)?;
            }
            lines.push(Line {
                score: unit_of(scored.score),
                truth,
                unit,
            });
        }
        each.push(Persons {
            slug: persona.slug.clone(),
            ranked: Ranked::of(lines),
        });
    }
    if let Some(features) = features {
        features.end()?;
    }
    let report = Report {
        decisions: args.decisions,
        from,
        units: measured.len(),
        each,
        seconds: begun.elapsed().as_secs_f64(),
    };
    report.print(&args.labelled, json);
    Ok(())
}

/// The lines of the files, read, and apart where there is something to learn from.
fn split(args: &RelevanceArgs) -> Result<Split, Fault> {
    let mut measured = judged(&Labels::read(&args.labelled.data)?)?;
    let past = match &args.decisions_from {
        Some(file) => judged(&Labels::read(file)?)?,
        None if args.decisions > 0 => {
            Chance::new(args.labelled.seed).shuffle(&mut measured);
            measured.split_off(measured.len() / 2)
        }
        None => Vec::new(),
    };
    Ok(Split { past, measured })
}

/// What an operator would have been shown and decided: drawn from twice as many of those that score highest by
/// the persona file alone.
fn shown<'p>(
    past: &'p [Judged],
    interest: &Interest,
    decisions: usize,
    chance: &mut Chance,
) -> Result<Vec<&'p Judged>, Unscorable> {
    if decisions == 0 {
        return Ok(Vec::new());
    }
    let mut scored = Vec::with_capacity(past.len());
    for line in past {
        scored.push((interest.score(&line.reading, None)?.score, line));
    }
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let mut shown: Vec<&Judged> = scored.into_iter().map(|(_, line)| line).collect();
    shown.truncate(decisions.saturating_mul(2));
    chance.shuffle(&mut shown);
    shown.truncate(decisions);
    Ok(shown)
}

/// A file of what scores were made from.
struct Features {
    file: String,
    out: BufWriter<File>,
}

impl Features {
    fn open(path: &Path) -> Result<Self, Fault> {
        let file = path.display().to_string();
        let out = File::create(path).map_err(|error| cannot_write(&file, &error))?;
        let out = BufWriter::new(out);
        Ok(Self { file, out })
    }

    fn write(
        &mut self,
        persona: &str,
        line: usize,
        right: bool,
        scored: &Scored,
    ) -> Result<(), Fault> {
        let value = json!({"persona": persona, "line": line, "right": right, "evidence": scored.evidence, "contrast": scored.contrast});
        writeln!(self.out, "{value}").map_err(|error| cannot_write(&self.file, &error))
    }

    fn end(mut self) -> Result<(), Fault> {
        self.out
            .flush()
            .map_err(|error| cannot_write(&self.file, &error))
    }
}

struct Report {
    decisions: u32,
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
                "what": "relevance", "method": METHOD, "decisions": self.decisions, "personas_from": self.from.display().to_string(),
                "lines": self.units, "at": at, "seed": labelled.seed, "draws": labelled.draws,
                "all": pooled.json(), "measures": whole, "personas": personas,
                "reliability": table::reliability_json(&table, BASE_RATE_PERCENT), "seconds": self.seconds,
            }));
            return;
        }
        out::line(format!(
            "relevance by {METHOD} after {} decisions a persona: {} lines, {} personas of {}, {} pairs of which {} are right",
            self.decisions,
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
        table::reliability(&table, BASE_RATE_PERCENT);
        out::line(format!(
            "{} lines read and scored for {} personas in {:.2} s on one core, with the reading of the files",
            self.units,
            self.each.len(),
            self.seconds
        ));
    }

    fn whole(&self, all: &Ranked, labelled: &Labelled) -> Vec<Whole> {
        type Measure<'m> = Box<dyn Fn(&[u32]) -> Option<f64> + 'm>;
        let at = unit_of(labelled.at);
        let mean_of = |of: fn(&Ranked, &[u32]) -> Option<f64>| -> Measure<'_> {
            Box::new(move |weights| {
                let each = self.each.iter().filter_map(|one| of(&one.ranked, weights));
                mean(each)
            })
        };
        let measures: [(&'static str, &'static str, Measure<'_>); 6] = [
            (
                "AUC, mean of personas",
                "auc",
                mean_of(|r, w| r.auc(Some(w))),
            ),
            (
                "average precision, mean",
                "average_precision",
                mean_of(|r, w| r.average_precision(Some(w))),
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
                reading: Reading::of(
                    &plain(labels.text(row, "title")?, TITLE_CHARS_MAX),
                    &plain(summary, SUMMARY_CHARS_MAX),
                ),
                // The folder of a persona has no `_` in its name; labels often do.
                topic: labels.text(row, "topic")?.replace('_', "-"),
            })
        })
        .collect()
}

/// The personas that are measured, and where they are from.
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
