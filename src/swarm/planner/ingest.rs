//! From the text of a resource to feed items: bounded, cleaned, refused when it is not what it says.

use chimera_domain::{
    ContentHash, Timestamp,
    resource::{AUTHOR_CHARS_MAX, AUTHORS_MAX, FeedItem, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX},
    text::plain,
};

/// The document this planner reads; every bundled server writes it.
const SCHEMA: &str = "chimera.feed/1";
/// The most items one poll may bring; more is a broken server.
const ITEMS_MAX: usize = 2_000;

/// The longest remark on a document.
const NOTE_CHARS_MAX: usize = 300;

/// What one read of a resource brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) items: Vec<FeedItem>,
    pub(crate) cursor: Option<String>,
    /// What is odd about it.
    pub(crate) note: Option<String>,
    /// Whether more can be read at once.
    pub(crate) more: bool,
}

#[derive(serde::Deserialize)]
struct RawDocument {
    schema: String,
    feed: RawFeed,
    #[serde(default)]
    recorded: bool,
    items: Vec<RawItem>,
    next_cursor: Option<String>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    more: bool,
}

#[derive(serde::Deserialize)]
struct RawFeed {
    name: String,
    #[serde(default)]
    title: Option<String>,
}

#[derive(serde::Deserialize)]
struct RawItem {
    id: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
}

/// Reads a resource's text.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(crate) fn document(text: &str) -> Result<Document, String> {
    let raw: RawDocument =
        serde_json::from_str(text).map_err(|e| format!("not a {SCHEMA} document: {e}"))?;
    if raw.schema != SCHEMA {
        return Err(format!(
            "expected a {SCHEMA} document, found `{}`",
            plain(&raw.schema, 60)
        ));
    }
    if raw.items.len() > ITEMS_MAX {
        return Err(format!(
            "{} items in one answer (at most {ITEMS_MAX})",
            raw.items.len()
        ));
    }
    let source = raw
        .feed
        .title
        .filter(|title| !title.trim().is_empty())
        .unwrap_or(raw.feed.name);
    let source = plain(&source, 120);
    let items = raw
        .items
        .into_iter()
        .map(|item| item.bounded(&source, raw.recorded))
        .collect();
    Ok(Document {
        items,
        cursor: raw.next_cursor,
        note: (!raw.notes.is_empty()).then(|| plain(&raw.notes.join("; "), NOTE_CHARS_MAX)),
        more: raw.more,
    })
}

impl RawItem {
    fn bounded(self, source: &str, recorded: bool) -> FeedItem {
        let title = plain(self.title.as_deref().unwrap_or_default(), TITLE_CHARS_MAX);
        let summary = plain(
            self.summary.as_deref().unwrap_or_default(),
            SUMMARY_CHARS_MAX,
        );
        // An id may be any length; the key is bounded and still the same for the same id.
        let key = if self.id.len() <= 200 {
            self.id
        } else {
            ContentHash::of_bytes(self.id.as_bytes()).to_string()
        };
        let authors = self.authors.iter().take(AUTHORS_MAX);
        let authors = authors
            .map(|author| plain(author, AUTHOR_CHARS_MAX))
            .filter(|author| !author.trim().is_empty())
            .collect();
        FeedItem {
            key,
            title,
            summary,
            link: link(self.link.as_deref().unwrap_or_default()),
            published_at: self.published.as_deref().and_then(Timestamp::parse_rfc3339),
            source: source.to_owned(),
            authors,
            recorded,
        }
    }
}

/// Only web addresses are kept: a link is shown, cited and sent.
fn link(text: &str) -> String {
    let text = plain(text, 2_000);
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web && !text.contains([' ', '"', '<', '>']) {
        text
    } else {
        String::new()
    }
}

/// The URI to read from, with the cursor of the last read.
pub(crate) fn with_cursor(uri: &str, cursor: Option<&str>) -> String {
    let Some(cursor) = cursor else {
        return uri.to_owned();
    };
    let mut out = format!("{uri}{}cursor=", if uri.contains('?') { '&' } else { '?' });
    for byte in cursor.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // R28, R34: items come out bounded and clean, and a link that is no web address does not come out.
    #[test]
    fn r34_items_come_out_bounded_and_clean() {
        let text = serde_json::json!({
            "schema": "chimera.feed/1", "feed": {"name": "wire", "title": "The\u{1b}[2J Wire"}, "recorded": true,
            "items": [
                {"id": "1", "title": "A\u{202e}b", "link": "javascript:alert(1)", "published": "2026-11-21T12:00:00Z",
                 "authors": ["Ana\u{1b}[2J", " ", "b".repeat(200)]},
                {"id": "x".repeat(300), "summary": "s".repeat(5000), "link": "https://example.org/a"},
            ],
            "next_cursor": "7", "more": true,
        });
        let got = document(&text.to_string()).unwrap();
        assert_eq!((got.cursor.as_deref(), got.more), (Some("7"), true));
        let [first, second] = got.items.as_slice() else {
            panic!("two items")
        };
        assert_eq!(
            (
                first.title.as_str(),
                first.link.as_str(),
                first.source.as_str()
            ),
            ("Ab", "", "The [2J Wire")
        );
        assert!(first.published_at.is_some() && first.recorded);
        let authors: Vec<usize> = first.authors.iter().map(|a| a.chars().count()).collect();
        assert_eq!(
            (first.authors[0].as_str(), authors),
            ("Ana [2J", vec![7, AUTHOR_CHARS_MAX])
        );
        assert_eq!(
            (second.key.len(), second.summary.len(), second.link.as_str()),
            (64, SUMMARY_CHARS_MAX, "https://example.org/a")
        );
    }

    // R28: what is no feed document is refused with the reason.
    #[test]
    fn r28_what_is_no_document_is_refused() {
        assert!(
            document("<html>")
                .unwrap_err()
                .starts_with("not a chimera.feed/1 document")
        );
        assert!(
            document(r#"{"schema":"other/1","feed":{"name":"x"},"items":[]}"#)
                .unwrap_err()
                .contains("`other/1`")
        );
    }

    #[test]
    fn cursor_is_escaped() {
        assert_eq!(with_cursor("feed://a", None), "feed://a");
        assert_eq!(
            with_cursor("feed://a", Some("W/\"1 2\"")),
            "feed://a?cursor=W%2F%221%202%22"
        );
        assert_eq!(with_cursor("x://a?b=1", Some("7")), "x://a?b=1&cursor=7");
    }

    proptest! {
        // R28: no text makes the reader fail in any other way than with a sentence.
        #[test]
        fn r28_any_text_is_read_or_refused(text in ".*") {
            let _ = document(&text);
        }
    }
}
