//! Bytes to a feed: decode, try the strict parser, repair when it fails or loses entries.

use std::borrow::Cow;

use feed_rs::model::{Feed, FeedType};
use serde_json::Value;

use super::charset::{self, Decoded};
use super::rebuild;
use super::soup::{self, Tree};

/// Deeper documents are not given to the strict parser, which may recurse.
const STRICT_DEPTH_MAX: usize = 100;

/// A feed that was read.
pub(super) struct Parsed {
    pub(super) feed: Feed,
    /// `rss2`, `rss1`, `rss0`, `atom` or `json`.
    pub(super) format: &'static str,
    pub(super) encoding: String,
    pub(super) notes: Vec<String>,
}

/// Reads a feed of any dialect. The error is a sentence that says what the document is or lacks.
pub(super) fn parse(bytes: &[u8], transport_charset: Option<&str>) -> Result<Parsed, String> {
    let decoded = charset::decode(bytes, transport_charset);
    let text = decoded
        .text
        .trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
    if text.is_empty() {
        return Err("the document is empty".to_owned());
    }
    let mut parsed = if text.starts_with('{') {
        json(text, &decoded)
    } else {
        markup(text, &decoded)
    }?;
    if parsed.feed.entries.is_empty() {
        parsed.notes.push("the feed has no entries".to_owned());
    }
    Ok(parsed)
}

fn markup(text: &str, decoded: &Decoded) -> Result<Parsed, String> {
    let start = text
        .find('<')
        .ok_or("the document is plain text, not a feed")?;
    let text = without_prolog(text.get(start..).unwrap_or_default());
    let tree = soup::read(&text);
    let format = rebuild::dialect(&tree).ok_or_else(|| foreign(&tree))?;
    let expected = rebuild::entries(&tree).len();

    let strict = if tree.depth <= STRICT_DEPTH_MAX {
        parser()
            .parse(text.as_bytes())
            .map_err(|error| error.to_string())
    } else {
        Err("the document is nested too deeply".to_owned())
    };
    let notes = decoded.notes.clone();
    let damage = match strict {
        Ok(feed) if feed.entries.len() >= expected => {
            return Ok(Parsed {
                format: format_of(&feed.feed_type),
                feed,
                encoding: decoded.encoding.clone(),
                notes,
            });
        }
        Ok(feed) => format!(
            "a strict reading finds {} of {expected} entries",
            feed.entries.len()
        ),
        Err(reason) => reason,
    };
    let rebuilt = rebuild::rebuild(&tree).ok_or_else(|| foreign(&tree))?;
    let feed = parser()
        .parse(rebuilt.xml.as_bytes())
        .map_err(|error| format!("the document is damaged beyond repair: {error}"))?;
    let mut parsed = Parsed {
        feed,
        format: rebuilt.format,
        encoding: decoded.encoding.clone(),
        notes,
    };
    debug_assert_eq!(format, parsed.format, "one tree has one dialect");
    parsed.notes.push(format!(
        "repaired: {}",
        crate::wire::clean::line(&damage, 200)
    ));
    Ok(parsed)
}

fn json(text: &str, decoded: &Decoded) -> Result<Parsed, String> {
    let mut notes = decoded.notes.clone();
    let feed = match parser().parse(text.as_bytes()) {
        Ok(feed) => feed,
        Err(reason) => {
            let mut value: Value = serde_json::from_str(text)
                .map_err(|error| format!("the document is broken JSON: {error}"))?;
            mend(&mut value).ok_or("the document is JSON but not a JSON Feed: it has no items")?;
            notes.push(format!(
                "repaired: {}",
                crate::wire::clean::line(&reason.to_string(), 200)
            ));
            parser()
                .parse(value.to_string().as_bytes())
                .map_err(|error| format!("the JSON Feed is damaged beyond repair: {error}"))?
        }
    };
    Ok(Parsed {
        feed,
        format: "json",
        encoding: decoded.encoding.clone(),
        notes,
    })
}

/// Keeps of a JSON Feed the fields a reader needs, each in the type the specification wants.
fn mend(value: &mut Value) -> Option<()> {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let fields = [
        "id",
        "url",
        "external_url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "date_published",
        "language",
    ];
    let items: Vec<Value> = value
        .get("items")?
        .as_array()?
        .iter()
        .filter(|item| item.is_object())
        .map(|item| {
            let kept = fields.iter().filter_map(|field| {
                Some(((*field).to_owned(), Value::String(text(item.get(*field))?)))
            });
            Value::Object(kept.collect())
        })
        .collect();
    *value = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": text(value.get("title")).unwrap_or_default(),
        "home_page_url": text(value.get("home_page_url")),
        "items": items,
    });
    Some(())
}

fn parser() -> feed_rs::parser::Parser {
    // Missing ids stay empty here: our own rule for a stable id follows in `items`.
    feed_rs::parser::Builder::new()
        .id_generator(|_, _, _| String::new())
        .build()
}

/// The text is already decoded, so a prolog that names another character set would only mislead the parser. Comments
/// may stand before it, though they must not.
fn without_prolog(text: &str) -> Cow<'_, str> {
    let Some(start) = text.find("<?xml").filter(|start| {
        text.get(start + 5..)
            .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    }) else {
        return Cow::Borrowed(text);
    };
    let (before, prolog) = text.split_at(start);
    let after = prolog
        .split_once("?>")
        .or(prolog.split_once('>'))
        .map_or("", |(_, body)| body);
    if before.is_empty() {
        Cow::Borrowed(after.trim_start())
    } else {
        Cow::Owned(format!("{before}{after}"))
    }
}

fn foreign(tree: &Tree) -> String {
    let root = tree
        .elements
        .get(1)
        .map(|element| element.name.clone())
        .unwrap_or_default();
    match root.as_str() {
        "" => "the document has no element, so it is no feed".to_owned(),
        "html" => "the document is a web page, not a feed".to_owned(),
        name => {
            let name = crate::wire::clean::line(name, 40);
            format!(
                "the root element <{name}> belongs to no feed format (expected rss, RDF, feed or a JSON Feed)"
            )
        }
    }
}

fn format_of(kind: &FeedType) -> &'static str {
    match kind {
        FeedType::Atom => "atom",
        FeedType::JSON => "json",
        FeedType::RSS0 => "rss0",
        FeedType::RSS1 => "rss1",
        FeedType::RSS2 => "rss2",
    }
}
