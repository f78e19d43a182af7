//! From the parser's model to `chimera.feed/1`: stable ids, plain text, bounds.

use feed_rs::model::{Content, Entry, Feed, Link};

use super::parse::Parsed;
use super::plain;
use crate::wire::document::{FeedDocument, Item};
use crate::wire::{clean, digest, time};

/// Items of one read; later ones are left out and the document says so.
pub(super) const ITEMS_MAX: usize = 500;
const TITLE_MAX: usize = 500;
const SUMMARY_MAX: usize = 2_000;
const NAME_MAX: usize = 200;
const URL_MAX: usize = 2_048;
const LABELS_MAX: usize = 20;
/// Markup longer than this is cut before it is read: the summary needs the beginning only.
const MARKUP_MAX: usize = 200_000;

/// The document of one read of the feed called `name`.
pub(super) fn document(name: &str, parsed: Parsed) -> FeedDocument {
    let Parsed {
        feed,
        format,
        encoding,
        notes,
    } = parsed;
    let mut document = FeedDocument::empty(name, format);
    document.encoding = Some(encoding);
    document.notes = notes;
    document.feed.title = feed
        .title
        .as_ref()
        .map(|title| plain::text(head(&title.content), TITLE_MAX))
        .unwrap_or_default();
    document.feed.link = best_link(&feed.links);
    if feed.entries.len() > ITEMS_MAX {
        document.notes.push(format!(
            "{} entries, the first {ITEMS_MAX} are returned",
            feed.entries.len()
        ));
    }
    document.items = feed
        .entries
        .iter()
        .take(ITEMS_MAX)
        .map(|entry| item(entry, &feed))
        .collect();
    let blank =
        |item: &&Item| item.title.is_empty() && item.summary.is_empty() && item.link.is_empty();
    let blanks = document.items.iter().filter(blank).count();
    if blanks > 0 {
        document
            .notes
            .push(format!("{blanks} entries have neither text nor link"));
    }
    document
}

fn item(entry: &Entry, feed: &Feed) -> Item {
    let title = entry
        .title
        .as_ref()
        .map(|title| plain::text(head(&title.content), TITLE_MAX))
        .unwrap_or_default();
    let summary = entry
        .summary
        .as_ref()
        .map(|text| text.content.as_str())
        .filter(|text| !text.trim().is_empty())
        .or_else(|| entry.content.as_ref().and_then(body));
    let summary = summary
        .map(|markup| plain::text(head(markup), SUMMARY_MAX))
        .unwrap_or_default();
    let link = best_link(&entry.links);
    Item {
        id: stable_id(&entry.id, &link, &title, &summary),
        title,
        summary,
        link,
        published: entry
            .published
            .or(entry.updated)
            .map(|at| time::rfc3339(at.timestamp_micros())),
        authors: labels(
            entry
                .authors
                .iter()
                .filter_map(|person| person.name.as_deref()),
        ),
        categories: labels(
            entry
                .categories
                .iter()
                .map(|category| category.label.as_deref().unwrap_or(&category.term)),
        ),
        language: entry
            .language
            .as_deref()
            .or(feed.language.as_deref())
            .map(|tag| clean::line(tag, 35)),
    }
}

fn body(content: &Content) -> Option<&str> {
    content.body.as_deref()
}

/// The first part of long markup, ended on a character.
fn head(markup: &str) -> &str {
    markup
        .get(..markup.floor_char_boundary(MARKUP_MAX))
        .unwrap_or(markup)
}

/// What the feed calls the entry, else its link, else a hash of its text: the same entry keeps its id across reads.
/// An id too long to carry is replaced by its hash.
fn stable_id(given: &str, link: &str, title: &str, summary: &str) -> String {
    let given = clean::line(given, usize::MAX);
    let id = [given.as_str(), link].into_iter().find(|id| !id.is_empty());
    match id {
        Some(id) if id.len() <= URL_MAX => id.to_owned(),
        Some(id) => hashed(id),
        None => hashed(&format!("{title}\n{summary}")),
    }
}

fn hashed(text: &str) -> String {
    let hash = digest::sha256(text.as_bytes());
    format!("sha256:{}", hash.get(..32).unwrap_or_default())
}

/// The page for people: the alternate link, else the first; only http and https, since others could act when opened.
fn best_link(links: &[Link]) -> String {
    let web = |link: &&Link| link.href.len() <= URL_MAX && is_web(&link.href);
    let page = |link: &&Link| link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    links
        .iter()
        .filter(web)
        .find(page)
        .or_else(|| links.iter().find(web))
        .map(|link| clean::line(&link.href, URL_MAX))
        .unwrap_or_default()
}

/// Whether a link leads to a web page.
pub(super) fn is_web(link: &str) -> bool {
    let lower = link
        .trim_start()
        .get(..8)
        .unwrap_or(link)
        .to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

fn labels<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for label in names.map(|name| plain::text(name, NAME_MAX)) {
        if !label.is_empty() && !labels.contains(&label) && labels.len() < LABELS_MAX {
            labels.push(label);
        }
    }
    labels
}

/// The bounds of this room applied to an item that a recording holds.
pub(super) fn bounded(raw: &Item) -> Item {
    let title = plain::text(head(&raw.title), TITLE_MAX);
    let summary = plain::text(head(&raw.summary), SUMMARY_MAX);
    let link = if raw.link.len() <= URL_MAX && is_web(&raw.link) {
        clean::line(&raw.link, URL_MAX)
    } else {
        String::new()
    };
    Item {
        id: stable_id(&raw.id, &link, &title, &summary),
        title,
        summary,
        link,
        published: raw
            .published
            .as_deref()
            .and_then(time::parse)
            .map(time::rfc3339),
        authors: labels(raw.authors.iter().map(String::as_str)),
        categories: labels(raw.categories.iter().map(String::as_str)),
        language: raw.language.as_deref().map(|tag| clean::line(tag, 35)),
    }
}
