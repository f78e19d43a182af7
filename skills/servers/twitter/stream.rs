//! What the platform can be heard saying: mentions and trends, in the same shape as any feed.

use std::collections::BTreeMap;
use std::path::Path;

use unicode_segmentation::UnicodeSegmentation;

use super::world::World;
use crate::wire::document::{FeedDocument, Item};
use crate::wire::trends::{self, Observation, Subject, Trend, TrendsArgs};
use crate::wire::{Refusal, clean, time, words};

/// Mentions handed out by one read.
const MENTIONS_MAX: usize = 200;
/// Bytes of the file of prepared mentions.
const PREPARED_MAX: u64 = 8 << 20;

/// Mentions that the operator prepared: a JSON Lines file of items, each with `published`. No file, no mentions.
pub(super) fn prepared(path: Option<&Path>) -> Result<Vec<Item>, Refusal> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let failed = |reason: String| {
        Refusal::new(
            "source_unreadable",
            format!("cannot read the mentions {}: {reason}", path.display()),
        )
    };
    let size = std::fs::metadata(path)
        .map_err(|error| failed(error.to_string()))?
        .len();
    if size > PREPARED_MAX {
        return Err(failed(format!("more than {PREPARED_MAX} bytes")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let items = text
        .split('\n')
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    items
        .map(|(index, line)| {
            let item: Item = serde_json::from_str(line)
                .map_err(|error| failed(format!("line {}: {error}", index + 1)))?;
            let at = item.published.as_deref().and_then(time::parse);
            let at =
                at.ok_or_else(|| failed(format!("line {} has no valid `published`", index + 1)))?;
            Ok(Item {
                id: clean::line(&item.id, 200),
                title: clean::line(&item.title, 500),
                summary: clean::line(&item.summary, 2_000),
                link: clean::line(&item.link, 2_048),
                published: Some(time::rfc3339(at)),
                ..item
            })
        })
        .collect()
}

/// Everything said to us until `now`: prepared mentions and replies to posts, oldest first.
fn mentions(world: &World, prepared: Vec<Item>, now: i64) -> Vec<(i64, Item)> {
    let mut all: Vec<(i64, Item)> = prepared
        .into_iter()
        .filter_map(|item| Some((item.published.as_deref().and_then(time::parse)?, item)))
        .chain(
            world
                .online()
                .filter(|post| !post.in_reply_to.is_empty())
                .map(|post| (post.at, item_of(post))),
        )
        .filter(|(at, _)| *at <= now)
        .collect();
    all.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    all
}

fn item_of(post: &super::post::Post) -> Item {
    Item {
        id: post.post_id.clone(),
        title: clean::line(&post.text_content, 500),
        summary: String::new(),
        link: post.url(),
        published: Some(time::rfc3339(post.at)),
        authors: Vec::new(),
        categories: hashtags(&post.text_content),
        language: None,
    }
}

/// The mentions after `cursor`, which is the time and id of the last one seen.
pub(super) fn mentions_document(
    world: &World,
    prepared: Vec<Item>,
    now: i64,
    cursor: Option<&str>,
) -> Result<FeedDocument, Refusal> {
    let seen = match cursor {
        None | Some("") => None,
        Some(text) => {
            let parts = text
                .split_once('.')
                .and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.to_owned())));
            Some(parts.ok_or_else(|| {
                Refusal::new("invalid_argument", "the cursor is not one of this resource")
            })?)
        }
    };
    let fresh: Vec<(i64, Item)> = mentions(world, prepared, now)
        .into_iter()
        .filter(|(at, item)| {
            seen.as_ref()
                .is_none_or(|(last, id)| (*at, &item.id) > (*last, id))
        })
        .collect();
    let mut document = simulated("mentions", "Mentions");
    document.more = fresh.len() > MENTIONS_MAX;
    document.not_modified = fresh.is_empty() && seen.is_some();
    let shown = fresh.get(..MENTIONS_MAX).unwrap_or(&fresh);
    document.next_cursor = shown
        .last()
        .map(|(at, item)| format!("{at}.{}", item.id))
        .or(cursor.map(str::to_owned));
    document.items = fresh
        .into_iter()
        .take(MENTIONS_MAX)
        .map(|(_, item)| item)
        .collect();
    Ok(document)
}

/// The present trends as items.
pub(super) fn trends_document(trends: Vec<Trend>, now: i64) -> FeedDocument {
    let mut document = simulated("trends", "Trends");
    document.items = trends
        .into_iter()
        .map(|trend| Item {
            id: trend.trend_id,
            summary: format!("{} posts. {}", trend.volume, trend.summary),
            title: trend.title,
            link: trend
                .source_citations
                .into_iter()
                .next()
                .map(|citation| citation.url)
                .unwrap_or_default(),
            published: Some(time::rfc3339(now)),
            categories: trend.topics,
            ..Item::default()
        })
        .collect();
    if document.items.is_empty() {
        document
            .notes
            .push("nothing was posted or mentioned in the last day".to_owned());
    }
    document
}

fn simulated(name: &str, title: &str) -> FeedDocument {
    let mut document = FeedDocument::empty(name, "simulated");
    document.feed.title = title.to_owned();
    document.feed.link = format!("https://twitter.simulated.invalid/{name}");
    document.simulated = true;
    document
}

/// Hashtags, and words that two or more posts or mentions share, ranked like any trend.
pub(super) fn rank(
    args: &TrendsArgs,
    world: &World,
    prepared: Vec<Item>,
    now: i64,
    window: i64,
) -> Vec<Trend> {
    let own = world
        .online()
        .filter(|post| post.in_reply_to.is_empty())
        .map(|post| (post.at, item_of(post)));
    let observations: Vec<Observation> = own
        .chain(mentions(world, prepared, now))
        .map(|(at, item)| Observation {
            at: Some(at),
            source: "twitter".to_owned(),
            item,
        })
        .collect();
    let mut by_subject: BTreeMap<String, Vec<&Observation>> = BTreeMap::new();
    for seen in trends::relevant(args, &observations, now, window) {
        let text = format!("{} {}", seen.item.title, seen.item.summary);
        let tags = hashtags(&text);
        let tagged = |word: &String| tags.iter().any(|tag| tag.eq_ignore_ascii_case(word));
        let words = words::topical(&text)
            .into_iter()
            .filter(|word| !tagged(word));
        let subjects: std::collections::BTreeSet<String> = tags
            .iter()
            .map(|tag| format!("#{}", tag.to_lowercase()))
            .chain(words)
            .collect();
        for subject in subjects {
            by_subject.entry(subject).or_default().push(seen);
        }
    }
    let trends = by_subject
        .into_iter()
        .filter(|(subject, members)| subject.starts_with('#') || members.len() > 1)
        .filter_map(|(subject, members)| {
            let subject = Subject {
                title: subject.clone(),
                topics: vec![subject.trim_start_matches('#').to_owned()],
                basis: subject,
            };
            trends::describe(subject, &members, now, window)
        })
        .collect();
    trends::strongest(trends, args.limit)
}

/// The distinct hashtags of a text, without `#`, as written first.
fn hashtags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for (at, _) in text.match_indices('#') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let Some(tag) = rest
            .unicode_words()
            .next()
            .filter(|word| rest.starts_with(word))
        else {
            continue;
        };
        if !tags.iter().any(|known| known.eq_ignore_ascii_case(tag)) && tags.len() < 30 {
            tags.push(tag.to_owned());
        }
    }
    tags
}
