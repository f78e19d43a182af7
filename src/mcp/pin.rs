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

/// The pins of one server.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    accepted: BTreeMap<String, ContentHash>,
    changed: BTreeMap<String, ContentHash>,
}

impl Pins {
    /// Looks at a definition; says whether the tool may be used.
    pub(crate) fn see(&mut self, name: &str, hash: ContentHash) -> bool {
        let pinned = *self.accepted.entry(name.to_owned()).or_insert(hash);
        if pinned == hash {
            self.changed.remove(name);
        } else {
            self.changed.insert(name.to_owned(), hash);
        }
        pinned == hash
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
        assert!(pins.see("post", a));
        assert!(!pins.see("post", b));
        assert!(pins.is_changed("post"));
        assert!(pins.see("post", a));
        assert_eq!(pins.changed(), Vec::<String>::new());
        assert!(!pins.see("post", b));
        assert_eq!(pins.accept(), ["post"]);
        assert!(pins.see("post", b));
        assert!(!pins.see("post", a));
    }
}
