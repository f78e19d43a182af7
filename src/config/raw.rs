//! YAML as it stands in the file: every value with its place and its exact text.
//!
//! Not derived serde structs, for two reasons. They stop at the first mistake, and an operator wants all
//! of them; and an amount must never pass through a float, so the text of `12.50` is needed, not its
//! number. Whoever reads a [`Node`] refuses keys it does not know ([`super::section`]).
//!
//! Bounded: depth, nodes and alias expansion; duplicate keys, merge keys and a second document are refused.

use std::fmt;

use chimera_domain::Safe;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{
    Error, Location, NonFiniteFloatPolicy, Spanned,
    options::{AliasLimits, DuplicateKeyPolicy, MergeKeyPolicy},
};

use super::problem::{Place, quote};

const DEPTH_MAX: usize = 32;
const NODES_MAX: usize = 100_000;
const ALIASES_MAX: usize = 100;
const REPLAYED_MAX: usize = 10_000;
const MESSAGE_COLUMNS: usize = 160;

/// One YAML value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: Place,
    pub(super) value: Value,
}

/// What a YAML value is. Numbers and truth values stay text; who asks for one parses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Empty, `~` or `null`.
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Place,
    pub(super) value: Node,
}

/// Why a text is not YAML that we take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: Place,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Value {
    /// The kind in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Text(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) => "a group of keys",
        }
    }
}

/// Parses one YAML document; `None` when there is nothing in it. `text` has no byte order mark.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Fault> {
    if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(None);
    }
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        alias_limits: limits(),
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            flow_nesting_limit: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_aliases: ALIASES_MAX,
            max_anchors: ALIASES_MAX,
        },
    };
    let shape: Spanned<Shape> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| fault(text, &error))?;
    let node = node(text, shape);
    Ok((node.value != Value::Nothing).then_some(node))
}

fn limits() -> AliasLimits {
    serde_saphyr::alias_limits! {
        max_total_replayed_events: REPLAYED_MAX,
        max_replay_stack_depth: 8,
        max_alias_expansions_per_anchor: ALIASES_MAX,
    }
}

/// What the parser gives; the text of numbers is still in the source.
enum Shape {
    Nothing,
    /// The parser took it for a number or a truth value; we want what was written.
    AsWritten,
    Text(String),
    List(Vec<Spanned<Shape>>),
    Map(Vec<(Spanned<String>, Spanned<Shape>)>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::AsWritten)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::AsWritten)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::AsWritten)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::AsWritten)
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut entries: Vec<(Spanned<String>, Spanned<Shape>)> = Vec::new();
        while let Some(entry) = map.next_entry::<Spanned<String>, Spanned<Shape>>()? {
            if entry.0.value.is_empty() {
                return Err(A::Error::custom("a key is empty"));
            }
            entries.push(entry);
        }
        Ok(Shape::Map(entries))
    }
}

fn place(location: Location) -> Place {
    let whole = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    Place {
        line: whole(location.line()),
        column: whole(location.column()),
    }
}

fn node(source: &str, shape: Spanned<Shape>) -> Node {
    let at = place(shape.referenced);
    let value = match shape.value {
        Shape::Nothing => Value::Nothing,
        Shape::AsWritten => Value::Text(written(source, shape.defined)),
        Shape::Text(text) => Value::Text(text),
        Shape::List(items) => {
            Value::List(items.into_iter().map(|item| node(source, item)).collect())
        }
        Shape::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    at: place(key.referenced),
                    key: key.value,
                    value: node(source, value),
                })
                .collect(),
        ),
    };
    Node { at, value }
}

/// The source text behind a location. A location outside of it reads as empty, which no number parses from.
fn written(source: &str, location: Location) -> String {
    let span = location.span();
    span.byte_offset()
        .zip(span.byte_len())
        .and_then(|(start, length)| {
            let start = usize::try_from(start).ok()?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            source.get(start..end)
        })
        .map(|text| text.trim().to_owned())
        .unwrap_or_default()
}

/// The parser's errors in an operator's words.
fn fault(source: &str, error: &Error) -> Fault {
    let mut error = error.without_snippet();
    while let Error::AliasError { error: inner, .. } = error {
        error = inner.without_snippet();
    }
    let at = error.location().map_or(Place { line: 1, column: 1 }, place);
    let text = error.without_snippet().to_string();
    let text = Safe::line(text.split(" at line ").next().unwrap_or_default())
        .cut(MESSAGE_COLUMNS)
        .to_string();
    let tab = if text.contains("tab") {
        tab_below(source, at.line)
    } else {
        None
    };
    let told = |at, message: String, hint: &str| Fault {
        at,
        message,
        hint: hint.to_owned(),
    };
    if let Error::DuplicateMappingKey { key, .. } = error {
        let key = key.as_deref().map(quote).unwrap_or_default();
        told(
            at,
            format!("the key {key} stands here a second time"),
            "keep one of the two; they do not add up",
        )
    } else if let Error::MergeKeyNotAllowed { .. } = error {
        told(
            at,
            "merge keys (`<<`) are not taken".to_owned(),
            "write the keys out, so that whoever reads the file sees what holds",
        )
    } else if let Error::MultipleDocuments { .. } = error {
        told(
            at,
            "a second document begins here".to_owned(),
            "keep one document; remove the `---` line",
        )
    } else if is_bomb(error) {
        told(
            at,
            "the document is nested too deeply, too long, or expands too many aliases".to_owned(),
            "write the values out instead of referring to them",
        )
    } else if let Some(at) = tab {
        told(
            at,
            "a tab stands in the indentation".to_owned(),
            "indent with spaces",
        )
    } else {
        told(
            at,
            format!("this is not valid YAML: {text}"),
            "check the indentation, quotes and brackets here and on the line above; quote text that holds `: ` or `#`",
        )
    }
}

/// The first tab in the indentation from a line on; the parser names the value that it breaks, not the tab.
fn tab_below(source: &str, line: usize) -> Option<Place> {
    let lines = source
        .lines()
        .enumerate()
        .skip(line.saturating_sub(1))
        .take(20);
    lines
        .filter_map(|(index, line)| {
            let indent = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
            indent
                .enumerate()
                .find(|(_, c)| *c == '\t')
                .map(|(column, _)| Place {
                    line: index + 1,
                    column: column + 1,
                })
        })
        .next()
}

const fn is_bomb(error: &Error) -> bool {
    matches!(
        error,
        Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. }
            | Error::AliasReplayCounterOverflow { .. }
            | Error::RecursiveReferencesRequireWeakTypes { .. }
    )
}
