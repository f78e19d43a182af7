//! Language models: what one is asked, and what it answered. A model is called as a tool of the server [`SERVER`], by
//! the name the operator gave it, so that its money is set aside, booked and refused like any other tool's.

use serde_json::Value;

use crate::{ContentHash, Score, verdict::Check};

/// The server whose tools are the language models.
pub const SERVER: &str = "models";

/// The longest request that is sent, in bytes of both its texts. A token is at least a byte, so it bounds the bill.
pub const ASK_BYTES_MAX: usize = 16_000;

/// What a model is asked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Who speaks and what is wanted: ours alone, never a word from outside.
    pub system: String,
    /// The material, with everything from outside fenced in.
    pub prompt: String,
    /// What the answer must be, as a JSON schema of an object.
    pub schema: Value,
    /// How often the same was asked before and its answer was of no use: another number is another question.
    #[serde(default)]
    pub again: u32,
}

/// What a model answered. An answer that is of no use is one all the same: it has been paid for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Answer {
    /// The answer, as the schema wants it; untrusted data. `None` when it is of no use.
    pub value: Option<Value>,
    /// Why it is of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The model that answered, as its provider names it.
    pub model: String,
    /// Whether it was answered before, and cost nothing now.
    #[serde(default)]
    pub cached: bool,
}

/// What a model that did not write a post thinks of it. It can only take away: a reader that was talked over lets
/// nothing out that the checks would not.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Opinion {
    /// What was read: of any other content it says nothing.
    pub content: ContentHash,
    /// The model, as its provider names it, and the prompt with its version.
    pub reader: String,
    /// What it thinks, or why nobody knows, which sends the post to a person.
    pub remarks: Result<Vec<Remark>, String>,
}

/// What it thinks of one side of a post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remark {
    /// Which side.
    pub check: Check,
    /// How good it is.
    pub score: Score,
    /// Why; untrusted.
    pub why: String,
}
