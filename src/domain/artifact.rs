//! Artifacts: what workers make, content-addressed, with where it came from and what it cost.

use crate::{
    ContentHash, Score, Usd,
    campaign::Channel,
    clock::Timestamp,
    ids::{ArtifactId, PaymentId, TaskId},
    look::Likeness,
    memory::Recalled,
    model::Opinion,
    payment::PaymentOrder,
    payment::PaymentState,
    tier::TierChoice,
};

/// One result of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// Its id.
    pub id: ArtifactId,
    /// The task it came from.
    pub task_id: TaskId,
    /// The kind of task, so that a later step finds the text among its inputs.
    pub body: Body,
    /// How sure the worker is.
    pub confidence: Score,
    /// Where it came from.
    pub provenance: Provenance,
    /// When it was handed in.
    pub created_at: Timestamp,
}

/// The content of an artifact.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// Facts on a trend.
    Research(Research),
    /// A draft text.
    Text(Draft),
    /// A picture or animation; the bytes are a blob of the same hash.
    Media(Media),
    /// Exactly what goes out.
    Post(Post),
    /// A payment that was asked for.
    Payment(AskedPayment),
}

/// A payment that a task asked for, and what the CFO said to it then. What becomes of it is not written here.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AskedPayment {
    /// The payment.
    pub payment_id: PaymentId,
    /// What was asked for.
    pub order: PaymentOrder,
    /// Where it stood.
    pub state: PaymentState,
    /// Why, in words.
    pub why: String,
}

/// Facts on a trend, each from a cited source.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Research {
    /// The trend's own title.
    pub title: String,
    /// What the sources say, in their words, cleaned.
    pub summary: String,
    /// Name of the main source.
    pub source: String,
    /// Where each fact is from.
    pub citations: Vec<Citation>,
    /// What was taken out of title and summary before any tool read them, and where it stood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redacted: Vec<String>,
    /// How relevant a language model that was asked thinks it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relevance: Option<AskedRelevance>,
}

/// What a language model thinks of the relevance of a signal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AskedRelevance {
    /// The model, as its provider names it, and the prompt it was asked by.
    pub by: String,
    /// How likely the signal is for the persona.
    pub score: Score,
    /// Why, in its words.
    pub why: String,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Citation {
    /// Its title.
    pub title: String,
    /// Its address, may be empty for a source without one.
    pub url: String,
}

/// A text that is not yet a post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Draft {
    /// The text, with disclosure and hashtags, as it would go out.
    pub text: String,
    /// Hashtags in it, without `#`.
    pub hashtags: Vec<String>,
    /// Where its claims are from.
    pub citations: Vec<Citation>,
}

/// A picture or animation by its hash.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Media {
    /// Hash of the bytes.
    pub sha256: ContentHash,
    /// MIME type.
    pub mime: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// What it shows, for those who cannot see it.
    pub alt_text: String,
    /// The locked look it was made with.
    pub character_reference_id: String,
}

/// Exactly what goes out. Its hash is what a decision is bound to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Post {
    /// The platform.
    pub channel: Channel,
    /// The account there.
    pub account: String,
    /// The text, byte for byte.
    pub text: String,
    /// Pictures in order.
    pub media: Vec<Media>,
    /// The label asked of the platform.
    pub disclosure: Disclosure,
    /// Where its claims are from; shown to the reviewer, not sent.
    pub citations: Vec<Citation>,
}

crate::words::words! {
    /// The label that says how much a machine did.
    pub enum Disclosure as "disclosure level" {
        /// A machine made and sends it.
        Automated = "automated",
        /// A machine helped a person.
        Assisted = "assisted",
    }
}

/// Where an artifact came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Provenance {
    /// Model and version, as the tool named it.
    pub model: String,
    /// The tools that were called, in order.
    pub tools: Vec<ToolUse>,
    /// The seed, where one was used.
    pub seed: Option<String>,
    /// The prompt with its version, where a language model was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Whose work this stands in for, and why: the first choice could not do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// What a second reader thinks of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<Opinion>,
    /// The structure it is written in, where the tool has structures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure: Option<String>,
    /// The tier of a moving picture, and what it was chosen by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<TierChoice>,
    /// How like a picture is to the reference of its persona's look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Likeness>,
    /// The agent's own posts that it was written with in mind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalled: Vec<Recalled>,
}

/// One tool call, for the record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ToolUse {
    /// `server/tool`.
    pub tool: String,
    /// How long it took.
    pub latency_ms: u64,
    /// What it cost; `None` is unknown, never nothing.
    pub cost_usd: Option<Usd>,
}

/// Bytes to be stored under their own hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// MIME type.
    pub mime: String,
}

impl Blob {
    /// The hash the bytes are stored under.
    #[must_use]
    pub fn sha256(&self) -> ContentHash {
        ContentHash::of_bytes(&self.bytes)
    }
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({} bytes of {})", self.bytes.len(), self.mime)
    }
}
