//! `chimera eval clusters`: titles of a file put together by the story they tell, window by window.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use chimera_domain::{Safe, Timestamp, trend::Sentiment};
use chimera_minds::{
    clusters::{Cluster, Item, METHOD, Window, clusters},
    eval::{Chance, Counts},
};
use serde_json::{Value, json};

use super::{
    labelled::{Labels, Row},
    table::number,
};
use crate::{cli::ClustersArgs, fault::Fault, out};

/// Columns a title may stand in.
const TITLES: [&str; 2] = ["title", "headline"];
/// Columns a time may stand in.
const TIMES: [&str; 4] = ["time", "first_seen", "published", "date"];
/// Titles of a cluster that are printed.
const TITLES_SHOWN: usize = 6;

/// A window with what was found in it.
struct Looked {
    until: Timestamp,
    found: Vec<Cluster>,
}

pub(super) fn run(args: &ClustersArgs, json: bool) -> Result<(), Fault> {
    if args.window.micros() == 0 {
        return Err(Fault::Usage("--window must be longer than nothing".into()));
    }
    let labels = Labels::read(&args.data)?;
    let mut items = labels
        .rows
        .iter()
        .map(|row| {
            Ok(Item {
                at: time_of(&labels, row)?,
                title: title_of(&labels, row)?,
                source: row.text("source").unwrap_or_default(),
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    items.sort_by_key(|item| (item.at, item.title, item.source));
    let (looked, took, largest) = walk(&items, args);
    let judged = args
        .judged
        .as_deref()
        .map(|file| judged(&Labels::read(file)?, &items, &looked))
        .transpose()?;
    if args.pairs > 0 {
        for (a, b) in drawn(&items, &looked, args) {
            out::json(&json!({"a": a, "b": b, "same": ""}));
        }
        return Ok(());
    }
    let together: usize = looked
        .iter()
        .flat_map(|window| &window.found)
        .map(|cluster| cluster.members.len())
        .sum();
    let count = looked
        .iter()
        .map(|window| window.found.len())
        .sum::<usize>();
    if json {
        let shown: Vec<Value> = best(&looked)
            .take(args.show)
            .map(|(until, cluster)| told(&items, until, cluster))
            .collect();
        out::json(
            &json!({"what": "clusters", "method": METHOD, "lines": items.len(), "windows": looked.len(),
            "largest_window": largest, "clusters": count, "together": together, "seconds": took.as_secs_f64(),
            "shown": shown, "judged": judged.as_ref().map(judged_json)}),
        );
        return Ok(());
    }
    out::line(format!(
        "stories by {METHOD}: {} lines in {} windows, {count} clusters of {together} lines",
        items.len(),
        looked.len()
    ));
    for (until, cluster) in best(&looked).take(args.show) {
        show(&items, until, cluster);
    }
    out::line("");
    if let Some(counts) = &judged {
        out::line(format!(
            "judged pairs: {} together and the same story, {} together and not, {} apart and the same; precision {}, recall {}",
            counts.hits,
            counts.false_alarms,
            counts.misses,
            number(counts.precision()),
            number(counts.recall())
        ));
    }
    out::line(format!(
        "{} windows took {:.2} s on one core; the largest has {largest} lines",
        looked.len(),
        took.as_secs_f64()
    ));
    Ok(())
}

/// One window behind the other, from the first line on; those that are empty are passed over.
fn walk(items: &[Item<'_>], args: &ClustersArgs) -> (Vec<Looked>, Duration, usize) {
    let (mut looked, mut took, mut largest) = (Vec::new(), Duration::ZERO, 0);
    let mut from = 0;
    while let Some(first) = items.get(from) {
        // The beginning of a window does not belong to it.
        let until = first.at.plus(args.window);
        let until = Timestamp::from_micros(until.micros() - 1);
        let rest = items.get(from..).unwrap_or_default();
        let inside = rest.iter().take_while(|item| item.at <= until).count();
        let window = Window {
            until,
            span: args.window,
        };
        let begun = Instant::now();
        let mut found = clusters(rest.get(..inside).unwrap_or_default(), window);
        took += begun.elapsed();
        for cluster in &mut found {
            cluster.headline += from;
            for member in &mut cluster.members {
                *member += from;
            }
        }
        largest = largest.max(inside);
        looked.push(Looked { until, found });
        from += inside;
    }
    (looked, took, largest)
}

/// All clusters, what grew fastest in its window first.
fn best(looked: &[Looked]) -> impl Iterator<Item = (Timestamp, &Cluster)> {
    let mut all: Vec<(Timestamp, &Cluster)> = looked
        .iter()
        .flat_map(|window| window.found.iter().map(|found| (window.until, found)))
        .collect();
    all.sort_by_key(|(until, cluster)| {
        let standing = &cluster.standing;
        (
            std::cmp::Reverse((standing.velocity.now, standing.volume)),
            *until,
        )
    });
    all.into_iter()
}

fn show(items: &[Item<'_>], until: Timestamp, cluster: &Cluster) {
    let standing = &cluster.standing;
    out::line("");
    out::line(format!(
        "{}  {} in the window, {} sources, {} an hour now and {} before, mood {}: {}",
        until.to_rfc3339_seconds(),
        standing.volume,
        standing.sources,
        standing.velocity.now,
        standing.velocity.before,
        mood(standing.sentiment),
        cluster.words.join(" ")
    ));
    for member in cluster.members.iter().take(TITLES_SHOWN) {
        let title = items.get(*member).map_or("", |item| item.title);
        let mark = if *member == cluster.headline {
            '>'
        } else {
            ' '
        };
        out::line(format!("  {mark} {}", Safe::line(title).as_str()));
    }
    let more = cluster.members.len().saturating_sub(TITLES_SHOWN);
    if more > 0 {
        out::line(format!("    and {more} more"));
    }
}

fn mood(sentiment: Option<Sentiment>) -> String {
    sentiment.map_or_else(|| "-".to_owned(), |mood| mood.to_string())
}

fn told(items: &[Item<'_>], until: Timestamp, cluster: &Cluster) -> Value {
    let title = |at: usize| items.get(at).map_or("", |item| item.title);
    let titles: Vec<&str> = cluster.members.iter().map(|at| title(*at)).collect();
    json!({"until": until, "headline": title(cluster.headline), "words": cluster.words, "standing": cluster.standing,
        "titles": titles})
}

/// Pairs of different titles that stand together, drawn by the seed.
fn drawn<'a>(
    items: &[Item<'a>],
    looked: &[Looked],
    args: &ClustersArgs,
) -> Vec<(&'a str, &'a str)> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for cluster in looked.iter().flat_map(|window| &window.found) {
        let titles: Vec<&str> = cluster
            .members
            .iter()
            .filter_map(|at| Some(items.get(*at)?.title))
            .collect();
        for (at, a) in titles.iter().enumerate() {
            let others = titles.iter().skip(at + 1).filter(|b| *b != a);
            pairs.extend(others.map(|b| (*a, *b)));
        }
    }
    Chance::new(args.seed).shuffle(&mut pairs);
    pairs.truncate(args.pairs);
    pairs
}

/// What was judged against what is together in any window.
fn judged(labels: &Labels, items: &[Item<'_>], looked: &[Looked]) -> Result<Counts, Fault> {
    let mut stands: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let all = looked.iter().flat_map(|window| &window.found);
    for (number, cluster) in all.enumerate() {
        for member in &cluster.members {
            let title = items.get(*member).map_or("", |item| item.title);
            stands.entry(title).or_default().push(number);
        }
    }
    let mut counts = Counts::default();
    for row in &labels.rows {
        let in_of = |column: &str| -> Result<&[usize], Fault> {
            let title = labels.text(row, column)?;
            Ok(stands.get(title).map_or(&[], Vec::as_slice))
        };
        let (a, b) = (in_of("a")?, in_of("b")?);
        let together = a.iter().any(|number| b.contains(number));
        let same = labels.word(row, "same")? == "1";
        match (together, same) {
            (true, true) => counts.hits += 1,
            (true, false) => counts.false_alarms += 1,
            (false, true) => counts.misses += 1,
            (false, false) => counts.rejections += 1,
        }
    }
    Ok(counts)
}

fn judged_json(counts: &Counts) -> Value {
    json!({"hits": counts.hits, "false_alarms": counts.false_alarms, "misses": counts.misses,
        "precision": counts.precision(), "recall": counts.recall()})
}

fn title_of<'r>(labels: &Labels, row: &'r Row) -> Result<&'r str, Fault> {
    labels.first_of(row, &TITLES)
}

/// A time, or the day it is the beginning of.
fn time_of(labels: &Labels, row: &Row) -> Result<Timestamp, Fault> {
    let text = labels.first_of(row, &TIMES)?;
    Timestamp::parse_rfc3339(text)
        .or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| labels.wrong(row, &format!("`{}` is no time", Safe::line(text).as_str())))
}
