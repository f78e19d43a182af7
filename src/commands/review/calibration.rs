//! `chimera review calibration`: whether the judge is as sure as it should be, with how much there is behind each number.

use chimera_domain::{
    Span,
    ports::Store,
    views::{Advice, Move, ProbeTally, Share, Tally, calibration},
};
use serde_json::{Value, json};

use crate::{clock, fault::Fault, out};

pub(super) async fn run(store: &dyn Store, since: Span, json: bool) -> Result<(), Fault> {
    let judged = store.judged(clock::system().now().minus(since)).await?;
    let found = calibration(&judged);
    if json {
        let buckets: Vec<Value> = found
            .buckets
            .iter()
            .map(|bucket| json!({"from": bucket.from, "to": bucket.to, "answers": tally_json(&bucket.tally)}))
            .collect();
        out::json(&json!({
            "since": since.to_string(),
            "buckets": buckets,
            "unscored": tally_json(&found.unscored),
            "sampled": tally_json(&found.sampled),
            "went_alone": {"published": found.alone.published, "taken_down": share_json(found.alone.down_share())},
            "wrong_alone": share_json(found.sampled.not_kept_share()),
            "reversed": share_json(found.reversed),
            "auto_approve": found.window.map(|window| window.auto_min),
            "human_review": found.window.map(|window| window.human_min),
            "probes": found.probes.iter().map(probe_json).collect::<Vec<_>>(),
            "advice": advice_json(&found.advice),
            "tried": found.tried.iter().map(move_json).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    out::line(format!(
        "What people answered in the last {since}, by how sure the judge was:"
    ));
    out::line(format!(
        "  {:12} {:>7} {:>7} {:>7} {:>7}  let out as it was",
        "confidence", "answers", "as is", "edited", "refused"
    ));
    for bucket in &found.buckets {
        line(&format!("{} to {}", bucket.from, bucket.to), &bucket.tally);
    }
    line("unscored", &found.unscored);
    out::line(match found.sampled.n() {
        0 => "Nobody saw a sample of what goes out alone (n = 0): `thresholds: sample` in budget.yaml sends a share of it to a person.".to_owned(),
        _ => format!(
            "Of what could have gone out alone and was shown to a person, not let out as it was: {}.",
            found.sampled.not_kept_share()
        ),
    });
    out::line(format!(
        "{} went out alone; taken down since: {}.",
        found.alone.published,
        found.alone.down_share()
    ));
    out::line(format!("Answers taken back: {}.", found.reversed));
    for (i, person) in found.probes.iter().enumerate() {
        let label = if i == 0 {
            "Probes, which count nowhere else:\n"
        } else {
            ""
        };
        out::line(format!("{label}  {person}"));
    }
    out::line(format!("Advice: {}.", found.advice));
    if !found.tried.is_empty() {
        out::line("Lower thresholds would have meant:");
        for step in &found.tried {
            out::line(format!("  {step}"));
        }
        out::line(
            "`chimera replay --threshold auto_approve=SCORE` makes every stored verdict again with one.",
        );
    }
    Ok(())
}

fn line(name: &str, tally: &Tally) {
    let share = tally.kept_share();
    out::line(format!(
        "  {name:12} {:>7} {:>7} {:>7} {:>7}  {share}",
        tally.n(),
        tally.kept,
        tally.edited,
        tally.refused
    ));
}

fn tally_json(tally: &Tally) -> Value {
    json!({
        "n": tally.n(),
        "kept": tally.kept,
        "edited": tally.edited,
        "refused": tally.refused,
        "kept_percent": tally.kept_percent(),
    })
}

fn share_json(share: Share) -> Value {
    json!({"part": share.part, "n": share.n, "percent": share.percent(), "interval": share.interval()})
}

fn move_json(step: &Move) -> Value {
    json!({"from": step.from, "to": step.to, "moved": step.moved, "refused": step.refused, "edited": step.edited,
        "refusals": step.refusals, "days": step.days})
}

fn probe_json(person: &ProbeTally) -> Value {
    let looked = person.looked.map(|q| json!({"n": q.n, "p50_us": q.p50_us}));
    json!({"reviewer": person.who, "caught": share_json(person.caught), "looked": looked})
}

fn advice_json(advice: &Advice) -> Value {
    let (word, step) = match advice {
        Advice::NoThreshold => ("no_threshold", None),
        Advice::Unknown { .. } => ("unknown", None),
        Advice::Stay { .. } => ("stay", None),
        Advice::Lower(step) => ("lower", Some(step)),
        Advice::Raise(step) => ("raise", Some(step)),
        Advice::TooOften(_) => ("too_often", None),
    };
    json!({"advice": word, "text": advice.to_string(), "move": step.map(move_json)})
}
