//! `fetch_trends`: its arguments, its answer, and how items become ranked trends.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Item;
use super::{Refusal, clean, digest, time, words};

/// The longest window the contract allows: seven days.
const WINDOW_MAX: i64 = 7 * 24 * 3600 * time::SECOND;
/// The newest observations that are ranked; older ones are left out.
const OBSERVATIONS_MAX: usize = 2_000;
const TRENDS_MAX: u32 = 50;
const CITATIONS_MAX: usize = 8;
const TOPICS_MAX: usize = 32;

#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(crate) struct TrendsArgs {
    /// Which platform the trends are wanted for.
    pub(crate) platform: TrendPlatform,
    /// Keep only trends that mention one of these; empty keeps all. At most 32.
    #[serde(default)]
    pub(crate) topics: Vec<String>,
    /// How far back to look, at most seven days: `24h`, `90m`, `7d`, `PT6H`.
    #[serde(default = "default_window")]
    pub(crate) time_window: String,
    /// Country or region wanted; an answer says when it could not be applied.
    #[serde(default)]
    pub(crate) geo: String,
    /// How many trends at most, 1 to 50.
    #[serde(default = "default_limit")]
    pub(crate) limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TrendPlatform {
    Twitter,
    Instagram,
    Tiktok,
    Youtube,
    Global,
}

/// Trends, the strongest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Trends {
    pub(crate) platform: TrendPlatform,
    pub(crate) time_window: String,
    /// When this was computed, RFC 3339 UTC.
    pub(crate) computed_at: String,
    pub(crate) trends: Vec<Trend>,
    pub(crate) sources_read: u32,
    /// Sources that could not be read; their items are missing from the answer.
    pub(crate) sources_failed: Vec<SourceFailure>,
    /// What the answer does not cover.
    pub(crate) notes: Vec<String>,
    /// True when the numbers come from the simulated platform.
    pub(crate) simulated: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Trend {
    /// Stable for the same leading item.
    pub(crate) trend_id: String,
    pub(crate) title: String,
    /// 0 to 1: 1 - 2^-(sum of 2^(-age / (window/4)) over the items). One item of this moment scores 0.5.
    pub(crate) momentum_score: f64,
    /// How many items of the window speak of it.
    pub(crate) volume: u32,
    /// -1 to 1 from a small English word list; null when none of its words occurs.
    pub(crate) sentiment: Option<f64>,
    pub(crate) summary: String,
    /// The words that hold the items together.
    pub(crate) topics: Vec<String>,
    pub(crate) source_citations: Vec<Citation>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Citation {
    pub(crate) url: String,
    pub(crate) title: String,
    /// The feed it was read from.
    pub(crate) source: String,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SourceFailure {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// One item as one source showed it.
pub(crate) struct Observation {
    pub(crate) item: Item,
    pub(crate) source: String,
    /// UTC microseconds; `None` when the source gave no time.
    pub(crate) at: Option<i64>,
}

fn default_window() -> String {
    "24h".to_owned()
}

fn default_limit() -> u32 {
    10
}

impl TrendsArgs {
    /// Everything of the last day, without a wish for topics.
    pub(crate) fn last_day(platform: TrendPlatform) -> Self {
        Self {
            platform,
            topics: Vec::new(),
            time_window: default_window(),
            geo: String::new(),
            limit: default_limit(),
        }
    }

    /// The window in microseconds, after checking every bound of the arguments.
    pub(crate) fn check(&self) -> Result<i64, Refusal> {
        let invalid = |detail: String| Err(Refusal::new("invalid_argument", detail));
        if !(1..=TRENDS_MAX).contains(&self.limit) {
            return invalid(format!(
                "limit must be 1 to {TRENDS_MAX}, not {}",
                self.limit
            ));
        }
        if self.topics.len() > TOPICS_MAX {
            return invalid(format!(
                "at most {TOPICS_MAX} topics, not {}",
                self.topics.len()
            ));
        }
        match time::window(&self.time_window) {
            Some(window) if window <= WINDOW_MAX => Ok(window),
            Some(_) => invalid("time_window must not be longer than 7d".to_owned()),
            None => invalid("time_window must be a length such as 24h, 90m or 7d".to_owned()),
        }
    }
}

struct Cluster<'a> {
    words: BTreeSet<String>,
    members: Vec<&'a Observation>,
}

/// The observations of the window that mention a wanted topic, the newest first. Items without a time count as if they
/// stood at the far end of the window.
pub(crate) fn relevant<'a>(
    args: &TrendsArgs,
    observations: &'a [Observation],
    now: i64,
    window: i64,
) -> Vec<&'a Observation> {
    let oldest = now.saturating_sub(window);
    let mut fresh: Vec<&Observation> = observations
        .iter()
        .filter(|seen| {
            seen.at
                .is_none_or(|at| at >= oldest && at <= now.saturating_add(window))
        })
        .filter(|seen| wanted(args, &seen.item))
        .collect();
    fresh.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.item.id.cmp(&b.item.id)));
    fresh.truncate(OBSERVATIONS_MAX);
    fresh
}

/// Groups observations that share their topic words and ranks the groups.
pub(crate) fn rank(
    args: &TrendsArgs,
    observations: &[Observation],
    now: i64,
    window: i64,
) -> Vec<Trend> {
    let trends = cluster(&relevant(args, observations, now, window))
        .into_iter()
        .filter_map(|group| {
            let lead = group.members.first()?;
            let subject = Subject {
                title: lead.item.title.clone(),
                basis: lead.item.id.clone(),
                topics: group.words.iter().take(8).cloned().collect(),
            };
            describe(subject, &group.members, now, window)
        })
        .collect();
    strongest(trends, args.limit)
}

fn wanted(args: &TrendsArgs, item: &Item) -> bool {
    let topics: Vec<&str> = args
        .topics
        .iter()
        .map(|topic| topic.trim())
        .filter(|topic| !topic.is_empty())
        .collect();
    if topics.is_empty() {
        return true;
    }
    let text = format!(
        "{} {} {}",
        item.title,
        item.summary,
        item.categories.join(" ")
    )
    .to_lowercase();
    topics.iter().any(|topic| {
        topic
            .to_lowercase()
            .split_whitespace()
            .all(|word| text.contains(word.trim_start_matches('#')))
    })
}

/// Greedy: an item joins the group whose first title shares at least two words and a third of all words with it.
fn cluster<'a>(observations: &[&'a Observation]) -> Vec<Cluster<'a>> {
    let mut groups: Vec<Cluster<'a>> = Vec::new();
    let mut by_word: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for seen in observations {
        let title_words = words::topical(&seen.item.title);
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for group in title_words
            .iter()
            .filter_map(|word| by_word.get(word))
            .flatten()
        {
            *shared.entry(*group).or_default() += 1;
        }
        let home = shared
            .into_iter()
            .filter(|(group, common)| {
                let union = groups[*group].words.len() + title_words.len() - common;
                *common >= 2 && *common * 3 >= union
            })
            .max_by_key(|(group, common)| (*common, std::cmp::Reverse(*group)));
        if let Some((group, _)) = home {
            groups[group].members.push(seen);
        } else {
            for word in &title_words {
                by_word.entry(word.clone()).or_default().push(groups.len());
            }
            groups.push(Cluster {
                words: title_words,
                members: vec![seen],
            });
        }
    }
    groups
}

/// What holds a trend together before it is measured.
pub(crate) struct Subject {
    pub(crate) title: String,
    /// What the id is made from: equal for the same subject.
    pub(crate) basis: String,
    pub(crate) topics: Vec<String>,
}

/// Measures one trend over its observations; `None` when there are none.
#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a score; times within a week fit a double exactly"
)]
pub(crate) fn describe(
    subject: Subject,
    members: &[&Observation],
    now: i64,
    window: i64,
) -> Option<Trend> {
    let weight: f64 = members
        .iter()
        .map(|seen| {
            let age = seen.at.map_or(window, |at| now.saturating_sub(at).max(0));
            (-4.0 * age as f64 / window as f64).exp2()
        })
        .sum();
    let text: String = members
        .iter()
        .map(|seen| format!("{} {} ", seen.item.title, seen.item.summary))
        .collect();
    let fullest = members.iter().max_by_key(|seen| seen.item.summary.len())?;
    let summary = if fullest.item.summary.is_empty() {
        fullest.item.title.clone()
    } else {
        clean::clamp(&fullest.item.summary, 500)
    };
    let hash = digest::sha256(subject.basis.as_bytes());
    Some(Trend {
        trend_id: format!("trend_{}", hash.get(..16).unwrap_or_default()),
        title: subject.title,
        momentum_score: (1.0 - (-weight).exp2()).clamp(0.0, 1.0),
        volume: u32::try_from(members.len()).unwrap_or(u32::MAX),
        sentiment: words::mood(&text),
        summary,
        topics: subject.topics,
        source_citations: citations(members),
    })
}

/// Orders trends by momentum, then volume, then title, and keeps as many as were asked for.
pub(crate) fn strongest(mut trends: Vec<Trend>, limit: u32) -> Vec<Trend> {
    trends.sort_by(|a, b| {
        b.momentum_score
            .total_cmp(&a.momentum_score)
            .then_with(|| b.volume.cmp(&a.volume))
            .then_with(|| a.title.cmp(&b.title))
    });
    trends.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    trends
}

fn citations(members: &[&Observation]) -> Vec<Citation> {
    let mut known = BTreeSet::new();
    members
        .iter()
        .filter(|seen| !seen.item.link.is_empty() && known.insert(seen.item.link.as_str()))
        .take(CITATIONS_MAX)
        .map(|seen| Citation {
            url: seen.item.link.clone(),
            title: seen.item.title.clone(),
            source: seen.source.clone(),
        })
        .collect()
}
