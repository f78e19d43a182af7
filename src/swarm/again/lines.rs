//! What differs between a decision and the same one made again, line by line.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Again, Difference};

/// Gathers what differs.
#[derive(Default)]
pub(super) struct Lines(Vec<Difference>);

impl Lines {
    pub(super) fn texts(&mut self, part: &str, stored: Option<&str>, again: Option<&str>) {
        if stored != again {
            self.0.push(Difference {
                part: part.to_owned(),
                stored: stored.map(str::to_owned),
                again: again.map(str::to_owned),
            });
        }
    }

    /// Compares two documents leaf by leaf, so that a difference names the line it is in.
    pub(super) fn values(
        &mut self,
        part: &str,
        stored: &impl serde::Serialize,
        again: &impl serde::Serialize,
    ) {
        let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
        flatten(part, &document(stored), &mut left);
        flatten(part, &document(again), &mut right);
        for (part, was) in &left {
            self.texts(part, Some(was), right.get(part).map(String::as_str));
        }
        for (part, is) in &right {
            if !left.contains_key(part) {
                self.texts(part, None, Some(is));
            }
        }
    }

    pub(super) fn end(self) -> Again {
        if self.0.is_empty() {
            Again::Same
        } else {
            Again::Different(self.0)
        }
    }
}

/// What cannot be written down differs from everything, so it is told as itself.
fn document(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| Value::String(error.to_string()))
}

fn flatten(at: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                flatten(&format!("{at}.{name}"), field, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (n, item) in items.iter().enumerate() {
                flatten(&format!("{at}[{n}]"), item, out);
            }
        }
        Value::String(text) => {
            out.insert(at.to_owned(), text.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            out.insert(at.to_owned(), value.to_string());
        }
    }
}
