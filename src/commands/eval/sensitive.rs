//! `chimera eval sensitive`: every labelled line read by the detector of sensitive subjects.

use std::time::Instant;

use chimera_domain::{Score, verdict::SensitiveTopic};
use chimera_minds::{
    eval::{Line, Ranked, interval, mean},
    sensitive,
};
use serde_json::json;

use super::{
    labelled::Labels,
    table::{self, Figures, number, unit},
};
use crate::{cli::DetectorArgs, fault::Fault, out};

/// Where a score says that the detector fires.
const FIRES: Score = Score::from_percent(50);
/// Labels of lines that are about nothing sensitive.
const HARMLESS: [&str; 4] = ["none", "safe", "harmless", "0"];

/// One line: what is right, and how strongly each topic was found.
struct Judged {
    /// `None` where the label names no topic: then only `any` can be measured.
    topic: Option<SensitiveTopic>,
    sensitive: bool,
    scores: Vec<(SensitiveTopic, Score)>,
}

impl Judged {
    fn score(&self, topic: SensitiveTopic) -> Score {
        let found = self.scores.iter().find(|(other, _)| *other == topic);
        found.map_or(Score::ZERO, |(_, score)| *score)
    }

    fn any(&self, topics: &[SensitiveTopic]) -> Score {
        let scores = topics.iter().map(|topic| self.score(*topic));
        scores.max().unwrap_or(Score::ZERO)
    }
}

pub(super) fn run(args: &DetectorArgs, json: bool) -> Result<(), Fault> {
    let labels = Labels::read(&args.data)?;
    let mut texts = Vec::with_capacity(labels.rows.len());
    for row in &labels.rows {
        let label = if args.harmless {
            "none".to_owned()
        } else {
            labels.label(row)?
        };
        texts.push((labels.text_of(row, args.column.as_deref())?, label));
    }
    let begun = Instant::now();
    let judged: Vec<Judged> = texts
        .iter()
        .map(|(text, label)| Judged {
            topic: topic(label),
            sensitive: !HARMLESS.contains(&label.as_str()),
            scores: scores(text),
        })
        .collect();
    let seconds = begun.elapsed().as_secs_f64();
    Report {
        topics: counted(&judged),
        judged,
        seconds,
    }
    .print(args, json);
    Ok(())
}

/// A label as a topic: `violence_crime` is violence.
fn topic(label: &str) -> Option<SensitiveTopic> {
    let first = label.split(['_', ' ', '/']).next().unwrap_or(label);
    label.parse().or_else(|_| first.parse()).ok()
}

/// The topics of the file; of a file that names none, those that every policy has.
fn counted(judged: &[Judged]) -> Vec<SensitiveTopic> {
    let named: Vec<SensitiveTopic> = SensitiveTopic::ALL
        .iter()
        .copied()
        .filter(|topic| judged.iter().any(|line| line.topic == Some(*topic)))
        .collect();
    if named.is_empty() {
        return SensitiveTopic::ALL.iter().copied().take(5).collect();
    }
    named
}

/// From [`FIRES`] up where the detector fires, below where it does not; how far by the model's margin.
fn scores(text: &str) -> Vec<(SensitiveTopic, Score)> {
    let (found, margins) = (sensitive::detect(text), sensitive::margins(text));
    let half = i64::from(FIRES.ppm());
    SensitiveTopic::ALL
        .iter()
        .map(|topic| {
            let fires = found.iter().any(|finding| finding.topic == *topic);
            let margin = margins.iter().find(|(other, _)| other == topic);
            let beyond = margin.map_or(-1_000, |(_, margin)| margin - sensitive::MARGIN_MIN);
            let by_margin = half + half * beyond / (1_000 + beyond.abs());
            let ppm = if fires {
                by_margin.max(half)
            } else {
                by_margin.min(half - 1)
            };
            let score = u32::try_from(ppm).ok().and_then(Score::from_ppm);
            (*topic, score.unwrap_or(Score::ZERO))
        })
        .collect()
}

struct Report {
    judged: Vec<Judged>,
    topics: Vec<SensitiveTopic>,
    seconds: f64,
}

impl Report {
    fn print(&self, args: &DetectorArgs, json: bool) {
        let any = self.ranked(|line| line.any(&self.topics), |line| line.sensitive);
        let each: Vec<(SensitiveTopic, Ranked)> = self
            .topics
            .iter()
            .filter(|topic| self.judged.iter().any(|line| line.topic == Some(**topic)))
            .map(|topic| {
                let ranked =
                    self.ranked(|line| line.score(*topic), |line| line.topic == Some(*topic));
                (*topic, ranked)
            })
            .collect();
        let at = unit(FIRES);
        let (lines, draws) = (self.judged.len(), usize::try_from(args.draws).unwrap_or(0));
        let macro_f1 = |weights: &[u32]| {
            mean(
                each.iter()
                    .filter_map(|(_, ranked)| ranked.at(at, Some(weights)).f1()),
            )
        };
        let once = vec![1; lines];
        type Measure<'m> = Box<dyn Fn(&[u32]) -> Option<f64> + 'm>;
        let measures: [(&str, &str, Measure<'_>); 4] = [
            ("F1, mean of topics", "f1", Box::new(macro_f1)),
            (
                "recall, any topic",
                "recall",
                Box::new(|w| any.at(at, Some(w)).recall()),
            ),
            (
                "false alarms, any topic",
                "false_alarm_rate",
                Box::new(|w| any.at(at, Some(w)).false_alarm_rate()),
            ),
            ("AUC, any topic", "auc", Box::new(|w| any.auc(Some(w)))),
        ];
        let whole: Vec<_> = measures
            .into_iter()
            .map(|(name, key, measure)| {
                let within = interval(lines, draws, args.seed, |weights| measure(weights));
                (name, key, measure(&once), within)
            })
            .collect();
        let figures = each
            .iter()
            .map(|(topic, ranked)| (topic.as_str(), Figures::of(ranked, FIRES)));
        let pooled = Figures::of(&any, FIRES);
        if json {
            let topics: serde_json::Map<_, _> = figures
                .map(|(name, f)| (name.to_owned(), f.json()))
                .collect();
            out::json(&json!({
                "what": "sensitive", "method": sensitive::VERSION, "lines": lines, "seed": args.seed, "draws": args.draws,
                "any": pooled.json(), "topics": topics, "measures": table::measures_json(&whole), "seconds": self.seconds,
            }));
            return;
        }
        out::line(format!(
            "sensitive subjects by {}: {lines} lines, {} of them sensitive",
            sensitive::VERSION,
            pooled.right
        ));
        out::line("");
        out::line(Figures::header("topic"));
        for (name, figures) in figures {
            out::line(figures.line(name));
        }
        out::line(pooled.line("any of these"));
        out::line("");
        table::measures(&whole);
        out::line(format!(
            "{lines} lines took {:.2} s on one core; false alarms {} of {}",
            self.seconds,
            pooled.counts.false_alarms,
            pooled.counts.false_alarms + pooled.counts.rejections
        ));
        out::line(format!(
            "precision, any topic {:>17}",
            number(pooled.counts.precision())
        ));
    }

    fn ranked(&self, score: impl Fn(&Judged) -> Score, truth: impl Fn(&Judged) -> bool) -> Ranked {
        Ranked::of(self.judged.iter().enumerate().map(|(at, line)| Line {
            score: unit(score(line)),
            truth: truth(line),
            unit: at,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R58: what fires has at least half, what does not has less, and a label is the topic it names.
    #[test]
    fn r58_a_score_says_whether_the_detector_fires() {
        let score = |text: &str, wanted: SensitiveTopic| {
            let found = scores(text).into_iter().find(|(topic, _)| *topic == wanted);
            found.unwrap().1
        };
        assert!(score("Her chemotherapy starts on Monday", SensitiveTopic::Health) >= FIRES);
        assert!(score("A linen shirt with horn buttons", SensitiveTopic::Health) < FIRES);
        assert_eq!(topic("violence_crime"), Some(SensitiveTopic::Violence));
        assert_eq!(topic("self_harm"), Some(SensitiveTopic::SelfHarm));
        assert_eq!(topic("unsafe"), None);
    }
}
