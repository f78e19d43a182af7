//! Pinned tool definitions: what a tool said of itself when it was first seen is what it must go on saying.
//!
//! A tool whose name, description or schema changes is blocked until an operator accepts the change. The pins
//! live as long as this process; a lock file that outlives it comes with the issue on persistence.

use std::collections::BTreeMap;

use chimera_domain::ContentHash;
use rmcp::model::Tool;
use serde_json::json;

/// The hash of what a tool says of itself.
pub(crate) fn hash(tool: &Tool) -> ContentHash {
    ContentHash::of_json(&json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "input_schema": *tool.input_schema,
        "output_schema": tool.output_schema.as_deref(),
    }))
}

/// So many tools of one server are pinned; further ones do not exist for us. A server that invents names without end
/// would otherwise fill the memory.
const PINS_MAX: usize = 10_000;

/// What a definition is when it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// What it was, or new.
    Same,
    /// Something else than it was: blocked.
    Changed,
    /// One too many.
    TooMany,
}

/// The pins of one server.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    accepted: BTreeMap<String, ContentHash>,
    changed: BTreeMap<String, ContentHash>,
}

impl Pins {
    /// Looks at a definition.
    pub(crate) fn see(&mut self, name: &str, hash: ContentHash) -> Seen {
        match self.accepted.get(name) {
            Some(pinned) if *pinned == hash => {
                self.changed.remove(name);
                Seen::Same
            }
            Some(_) => {
                self.changed.insert(name.to_owned(), hash);
                Seen::Changed
            }
            None if self.accepted.len() >= PINS_MAX => Seen::TooMany,
            None => {
                self.accepted.insert(name.to_owned(), hash);
                Seen::Same
            }
        }
    }

    /// The tools that are blocked.
    pub(crate) fn changed(&self) -> Vec<String> {
        self.changed.keys().cloned().collect()
    }

    /// Whether the tool is blocked.
    pub(crate) fn is_changed(&self, name: &str) -> bool {
        self.changed.contains_key(name)
    }

    /// Takes every change as the new pin; says which tools they were.
    pub(crate) fn accept(&mut self) -> Vec<String> {
        let changed = std::mem::take(&mut self.changed);
        let names = changed.keys().cloned().collect();
        self.accepted.extend(changed);
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(description: &str, schema: &serde_json::Value) -> Tool {
        serde_json::from_value(
            json!({"name": "post", "description": description, "inputSchema": schema}),
        )
        .unwrap()
    }

    // R42: any change of what a tool says of itself changes its hash; the order of keys does not.
    #[test]
    fn r42_the_hash_is_of_the_definition() {
        let one = tool("Posts.", &json!({"type": "object", "title": "a"}));
        assert_eq!(
            hash(&one),
            hash(&tool("Posts.", &json!({"title": "a", "type": "object"})))
        );
        assert_ne!(
            hash(&one),
            hash(&tool("Posts!", &json!({"type": "object", "title": "a"})))
        );
        assert_ne!(
            hash(&one),
            hash(&tool("Posts.", &json!({"type": "object"})))
        );
    }

    // R42: a changed tool is blocked until the change is accepted, or taken back.
    #[test]
    fn r42_a_change_blocks_until_accepted_or_taken_back() {
        let (a, b) = (ContentHash::of_bytes(b"a"), ContentHash::of_bytes(b"b"));
        let mut pins = Pins::default();
        assert_eq!(pins.see("post", a), Seen::Same);
        assert_eq!(pins.see("post", b), Seen::Changed);
        assert!(pins.is_changed("post"));
        assert_eq!(pins.see("post", a), Seen::Same);
        assert_eq!(pins.changed(), Vec::<String>::new());
        assert_eq!(pins.see("post", b), Seen::Changed);
        assert_eq!(pins.accept(), ["post"]);
        assert_eq!(pins.see("post", b), Seen::Same);
        assert_eq!(pins.see("post", a), Seen::Changed);
    }

    // R163: a server that invents names without end finds an end.
    #[test]
    fn r163_pins_are_bounded() {
        let hash = ContentHash::of_bytes(b"a");
        let mut pins = Pins::default();
        for n in 0..PINS_MAX {
            assert_eq!(pins.see(&n.to_string(), hash), Seen::Same);
        }
        assert_eq!(pins.see("one more", hash), Seen::TooMany);
        assert_eq!(pins.see("7", hash), Seen::Same);
    }
}
