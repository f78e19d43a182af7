//! `chimera eval sentiment`: how often the mood of a title is told right.

use chimera_domain::trend::Sentiment;
use chimera_minds::{
    eval::Counts,
    sentiment::{METHOD, sentiment},
};
use serde_json::json;

use super::{labelled::Labels, table::number};
use crate::{cli::SentimentArgs, fault::Fault, out};

/// What a title may be labelled.
const LABELS: [&str; 3] = ["glad", "gloomy", "none"];

pub(super) fn run(args: &SentimentArgs, json: bool) -> Result<(), Fault> {
    let labels = Labels::read(&args.data)?;
    let (mut glad, mut gloomy, mut right) = (Counts::default(), Counts::default(), 0_u64);
    for row in &labels.rows {
        let text = labels.first_of(row, &["title", "headline", "text"])?;
        let label = labels.label(row)?;
        if !LABELS.contains(&label.as_str()) {
            return Err(labels.wrong(row, "the label is none of glad, gloomy and none"));
        }
        let told = match sentiment(text).map(Sentiment::thousandths) {
            Some(1..) => "glad",
            Some(..0) => "gloomy",
            Some(0) | None => "none",
        };
        right += u64::from(told == label);
        count(&mut glad, told == "glad", label == "glad");
        count(&mut gloomy, told == "gloomy", label == "gloomy");
    }
    let moods = [("glad", &glad), ("gloomy", &gloomy)];
    if json {
        let of = |counts: &Counts| json!({"precision": counts.precision(), "recall": counts.recall(), "f1": counts.f1()});
        out::json(
            &json!({"what": "sentiment", "method": METHOD, "lines": labels.rows.len(), "right": right,
            "glad": of(&glad), "gloomy": of(&gloomy)}),
        );
        return Ok(());
    }
    out::line(format!(
        "moods by {METHOD}: {} lines, {right} told as they are labelled",
        labels.rows.len()
    ));
    for (name, counts) in moods {
        out::line(format!(
            "{name:<8} precision {} recall {} F1 {}",
            number(counts.precision()),
            number(counts.recall()),
            number(counts.f1())
        ));
    }
    Ok(())
}

fn count(counts: &mut Counts, told: bool, is: bool) {
    match (told, is) {
        (true, true) => counts.hits += 1,
        (true, false) => counts.false_alarms += 1,
        (false, true) => counts.misses += 1,
        (false, false) => counts.rejections += 1,
    }
}
