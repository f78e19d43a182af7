//! What the configuration says of models.

use std::path::PathBuf;

use chimera_domain::Span;
pub use rig_core::wire::Secret;

/// Everything the room is made from.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The models, each name once.
    pub models: Vec<ModelSettings>,
    /// Where answers are kept; `None` keeps none.
    pub answers: Option<Answers>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSettings {
    /// How the operator calls it.
    pub name: String,
    /// Whose protocol it speaks.
    pub provider: Provider,
    /// How its provider calls it.
    pub model: String,
    /// Where it is, if not where the provider usually is.
    pub url: Option<String>,
    /// The key; a server of one's own may want none.
    pub key: Option<Secret>,
    /// How long one question may take, all tries together.
    pub timeout: Span,
    /// The longest answer, thought included.
    pub output_tokens_max: u32,
    /// The longest reply that is read.
    pub bytes_max: usize,
}

impl ModelSettings {
    /// What makes two models the same one for a kept answer.
    pub(crate) fn identity(&self) -> String {
        let url = self.url.as_deref().unwrap_or_default();
        format!("{}\n{url}\n{}", self.provider.as_str(), self.model)
    }
}

/// Whose protocol a model speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Google's `generateContent`.
    Gemini,
    /// `chat/completions`, as OpenAI and most servers of one's own have it.
    Openai,
    /// Anthropic's `messages`.
    Anthropic,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 3] = [Self::Gemini, Self::Openai, Self::Anthropic];

    /// Its word in `chimera.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gemini => "gemini",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// Where answers are kept, and for how long they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The file, one answer a line.
    pub path: PathBuf,
    /// What it is for.
    pub used: AnswersUse,
}

/// What kept answers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswersUse {
    /// A question that was answered within this time is not asked again.
    Cache(Span),
    /// Nothing is asked: what is not in the file is not answered.
    Replay,
}
