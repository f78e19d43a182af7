//! Reading a group of keys: each key once, by its type, and no key that is not known.
//!
//! Nothing here stops at the first mistake: a wrong value is noted and read as absent.

use super::{
    problem::{Log, Place, Wrong, nearest, quote},
    raw::{Entry, Node, Value},
};

/// A group of keys that is being read.
pub(super) struct Section<'n> {
    /// Where it begins.
    pub(super) at: Place,
    /// Its path for messages, empty at the top, else with a point at its end.
    prefix: String,
    entries: &'n [Entry],
    known: Vec<&'static str>,
}

impl<'n> Section<'n> {
    /// Reads `node` as a group of keys; anything else is noted.
    pub(super) fn of(node: &'n Node, path: &str, log: &mut Log) -> Option<Self> {
        match &node.value {
            Value::Map(entries) => Some(Self {
                at: node.at,
                prefix: if path.is_empty() {
                    String::new()
                } else {
                    format!("{path}.")
                },
                entries,
                known: Vec::new(),
            }),
            Value::Nothing | Value::Text(_) | Value::List(_) => {
                let what = if path.is_empty() {
                    "the file".to_owned()
                } else {
                    quote(path)
                };
                log.problem(
                    node.at,
                    format!(
                        "{what} must be a group of `key: value` lines, this is {}",
                        node.value.kind()
                    ),
                    "write one `key: value` per line, indented by two spaces below its group",
                );
                None
            }
        }
    }

    /// The full name of a key.
    pub(super) fn path(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The value of a key; absent when it is not there or empty.
    pub(super) fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.value.value != Value::Nothing).then_some(&entry.value)
    }

    /// The group under a key.
    pub(super) fn group(&mut self, key: &'static str, log: &mut Log) -> Option<Section<'n>> {
        let node = self.node(key)?;
        Section::of(node, &self.path(key), log)
    }

    /// The group under a key that must be there.
    pub(super) fn group_required(
        &mut self,
        key: &'static str,
        log: &mut Log,
    ) -> Option<Section<'n>> {
        match self.node(key) {
            Some(node) => Section::of(node, &self.path(key), log),
            None => {
                self.missing(key, log);
                None
            }
        }
    }

    /// The value of a key, parsed.
    pub(super) fn value<T>(
        &mut self,
        key: &'static str,
        log: &mut Log,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let node = self.node(key)?;
        parsed(node, &self.path(key), log, parse)
    }

    /// The value of a key that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        log: &mut Log,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let Some(node) = self.node(key) else {
            self.missing(key, log);
            return None;
        };
        parsed(node, &self.path(key), log, parse)
    }

    /// The items of a list under a key.
    pub(super) fn list(&mut self, key: &'static str, log: &mut Log) -> Option<&'n [Node]> {
        let node = self.node(key)?;
        items(node, &self.path(key), log)
    }

    /// A list of single values under a key, parsed one by one.
    pub(super) fn values<T>(
        &mut self,
        key: &'static str,
        log: &mut Log,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let path = self.path(key);
        let nodes = self.list(key, log)?;
        Some(
            nodes
                .iter()
                .filter_map(|node| parsed(node, &path, log, &parse))
                .collect(),
        )
    }

    /// Every entry, for groups whose keys are names.
    pub(super) const fn entries(&self) -> &'n [Entry] {
        self.entries
    }

    /// Notes a key that must be there and is not.
    pub(super) fn missing(&self, key: &str, log: &mut Log) {
        log.problem(
            self.at,
            format!("`{}` is missing", self.path(key)),
            format!("add `{key}:` to this group"),
        );
    }

    /// Notes every key that was not asked for.
    pub(super) fn finish(self, log: &mut Log) {
        for entry in self
            .entries
            .iter()
            .filter(|entry| !self.known.contains(&entry.key.as_str()))
        {
            let hint = match nearest(&entry.key, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            log.problem(
                entry.at,
                format!("the key {} is not known", quote(&self.path(&entry.key))),
                hint,
            );
        }
    }
}

/// The items of a list; anything else is noted.
pub(super) fn items<'n>(node: &'n Node, path: &str, log: &mut Log) -> Option<&'n [Node]> {
    match &node.value {
        Value::List(items) => Some(items),
        Value::Nothing => Some(&[]),
        Value::Text(_) | Value::Map(_) => {
            log.problem(
                node.at,
                format!("`{path}` must be a list, this is {}", node.value.kind()),
                "begin every item with `- `",
            );
            None
        }
    }
}

/// A single value, parsed; anything else is noted.
pub(super) fn parsed<T>(
    node: &Node,
    path: &str,
    log: &mut Log,
    parse: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Option<T> {
    match &node.value {
        Value::Text(text) => match parse(text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                log.problem(node.at, format!("`{path}`: {}", wrong.message), wrong.hint);
                None
            }
        },
        Value::Nothing => {
            log.problem(
                node.at,
                format!("`{path}` is empty"),
                "write a value, or remove the item",
            );
            None
        }
        Value::List(_) | Value::Map(_) => {
            log.problem(
                node.at,
                format!(
                    "`{path}` must be a single value, this is {}",
                    node.value.kind()
                ),
                "write the value on the line of its key",
            );
            None
        }
    }
}
