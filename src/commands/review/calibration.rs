//! `chimera review calibration`: whether the judge is as sure as it should be, with how much there is behind each number.

use chimera_domain::{
    Span,
    ports::Store,
    views::{Tally, calibration},
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
            "went_alone": {"published": found.alone.published, "taken_down": found.alone.taken_down},
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
    out::line(match found.sampled.not_kept_percent() {
        Some(percent) => format!(
            "Of {} that could have gone out alone and were shown to a person, {percent} % were not let out as they were.",
            found.sampled.n()
        ),
        None => "Nobody saw a sample of what goes out alone (n = 0): `thresholds: sample` in budget.yaml sends a share of it to a person.".to_owned(),
    });
    out::line(format!(
        "{} went out alone; {} of them were taken down since.",
        found.alone.published, found.alone.taken_down
    ));
    Ok(())
}

fn line(name: &str, tally: &Tally) {
    let share = tally
        .kept_percent()
        .map_or_else(|| "no data".to_owned(), |percent| format!("{percent} %"));
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
