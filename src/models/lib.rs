//! Language models behind the port for tools: each is one tool of the server `models`, by the name the operator gave it.
//!
//! Knows providers, keys, time-outs and what an answer must look like; it does not know what is asked, who pays, or what
//! follows from an answer. [`Models`] is the way in. The shapes of the providers are the library's (`rig-core`), the way
//! to them is ours ([`http`]): so long, so many bytes, no redirect, and nothing that a key could leave by.
//!
//! An answer is given only when it is what the schema wants. One that is not is told as an answer of no use, because it
//! has been paid for; a call that failed is an error by what may be done about it ([`failure`]).

mod answers;
mod ask;
mod failure;
mod http;
mod settings;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use chimera_domain::{
    Ambient, Span, ToolError,
    model::{ASK_BYTES_MAX, Answer, Ask, SERVER},
    policy::Usage,
    ports::{ToolCall, ToolCaller, ToolReply},
};
use rig_core::{DynModel, operation::Completion, providers};
use tracing::warn;

pub use self::settings::{Answers, AnswersUse, ModelSettings, Provider, Secret, Settings};
use self::{answers::Kept, failure::Failure};

/// Every configured model.
pub struct Models {
    by_name: BTreeMap<String, Model>,
    kept: Option<Arc<Kept>>,
    ambient: Ambient,
}

/// One model with the way to it.
struct Model {
    settings: ModelSettings,
    /// What it is told by when answers are kept: provider, address and model, never the key.
    identity: String,
    way: DynModel<Completion>,
}

/// Why no model can be asked.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The HTTP client.
    #[error("no HTTP client can be made: {0}")]
    Client(#[source] reqwest::Error),
    /// The file of kept answers.
    #[error("the answers in {path} cannot be read: {source}")]
    Answers {
        /// Where they are.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
}

impl Models {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(settings: Settings, ambient: Ambient) -> Result<Self, SetupError> {
        let kept = settings
            .answers
            .as_ref()
            .map(Kept::open)
            .transpose()?
            .map(Arc::new);
        let mut by_name = BTreeMap::new();
        for model in settings.models {
            let way = http::Http::new(model.bytes_max).map_err(SetupError::Client)?;
            let connected = Model {
                identity: model.identity(),
                way: Client::of(&model, way).model(&model.model),
                settings: model,
            };
            by_name.insert(connected.settings.name.clone(), connected);
        }
        Ok(Self {
            by_name,
            kept,
            ambient,
        })
    }

    /// Asks a provider whether it is there and takes the key. Nothing is written, and no provider charges for it.
    ///
    /// # Errors
    /// By class, as [`ToolCaller::call`].
    pub async fn check(&self, name: &str) -> Result<(), ToolError> {
        let Some(model) = self.by_name.get(name) else {
            return Err(unknown(name));
        };
        let settings = &model.settings;
        let secret = settings.key.as_ref().map_or("", |key| key.expose());
        let asked = tokio::time::timeout(settings.timeout.to_std(), verify(settings)).await;
        match asked {
            Ok(Ok(())) => Ok(()),
            Ok(Err(failure)) => Err(failure.without(secret).told(name)),
            Err(_elapsed) => {
                let seconds = settings.timeout.millis() / 1_000;
                Err(Failure::Unclear(format!("no answer within {seconds} s")).told(name))
            }
        }
    }

    /// Asks one model, within its time.
    async fn ask(&self, model: &Model, ask: &Ask) -> Result<ToolReply, Failure> {
        let begun = self.ambient.now();
        let key = answers::key(&model.identity, model.settings.output_tokens_max, ask);
        if let Some(kept) = &self.kept {
            if let Some(answer) = kept.find(key, begun) {
                return Ok(reply(
                    &Answer {
                        cached: true,
                        ..answer
                    },
                    &free(),
                    Span::ZERO,
                ));
            }
            if kept.is_replayed() {
                return Err(Failure::Unreached(
                    "the recording has no answer to this question".to_owned(),
                ));
            }
        }
        let (answer, usage) = ask::ask(&model.way, &model.settings, ask).await?;
        if let Some(kept) = self.kept.clone()
            && answer.value.is_some()
        {
            let line = answer.clone();
            // An answer that is not kept costs another one later, nothing else.
            let written = tokio::task::spawn_blocking(move || kept.keep(key, begun, &line)).await;
            match written {
                Ok(Ok(())) => {}
                Ok(Err(error)) => warn!(%error, "an answer was not kept"),
                Err(error) => warn!(%error, "an answer was not kept"),
            }
        }
        Ok(reply(&answer, &usage, self.ambient.now().since(begun)))
    }
}

/// What an answer that was there already used.
const fn free() -> Usage {
    Usage {
        tokens: Some(0),
        tokens_out: Some(0),
        images: None,
        seconds: None,
    }
}

fn reply(answer: &Answer, usage: &Usage, latency: Span) -> ToolReply {
    ToolReply {
        structured: serde_json::to_value(answer).unwrap_or_default(),
        usage: *usage,
        simulated: false,
        latency,
    }
}

fn unknown(name: &str) -> ToolError {
    ToolError::Refused {
        server: SERVER.to_owned(),
        tool: name.to_owned(),
        why: "there is no model of this name in `models:`".to_owned(),
    }
}

/// A provider with an address and a key.
enum Client {
    Gemini(providers::gemini::Gemini),
    Openai(providers::openai::OpenAI),
    Anthropic(providers::anthropic::Anthropic),
}

impl Client {
    fn of(model: &ModelSettings, way: http::Http) -> Self {
        let key = model.key.clone().unwrap_or_default();
        match model.provider {
            Provider::Gemini => {
                let config = providers::gemini::GeminiConfig::new(key);
                let config = match &model.url {
                    Some(url) => config.with_base_url(url),
                    None => config,
                };
                Self::Gemini(config.connect(way))
            }
            Provider::Openai => {
                let config = providers::openai::OpenAIConfig::new(key);
                let config = match &model.url {
                    Some(url) => config.with_base_url(url),
                    None => config,
                };
                Self::Openai(config.connect(way))
            }
            Provider::Anthropic => {
                let config = providers::anthropic::AnthropicConfig::new(key);
                let config = match &model.url {
                    Some(url) => config.with_base_url(url),
                    None => config,
                };
                Self::Anthropic(config.connect(way))
            }
        }
    }

    fn model(&self, name: &str) -> DynModel<Completion> {
        match self {
            Self::Gemini(client) => client.completion(name).erase(),
            // The route that every compatible server has.
            Self::Openai(client) => client.chat(name).erase(),
            Self::Anthropic(client) => client.completion(name).erase(),
        }
    }
}

async fn verify(model: &ModelSettings) -> Result<(), Failure> {
    let way =
        http::Http::new(model.bytes_max).map_err(|error| Failure::Unreached(error.to_string()))?;
    let verified = match Client::of(model, way) {
        Client::Gemini(client) => client.verify().await,
        Client::Openai(client) => client.verify().await,
        Client::Anthropic(client) => client.verify().await,
    };
    verified.map_err(|error| Failure::of(&error))
}

#[async_trait]
impl ToolCaller for Models {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        let refused = |why: String| ToolError::Refused {
            server: SERVER.to_owned(),
            tool: call.tool.clone(),
            why,
        };
        let model = self
            .by_name
            .get(&call.tool)
            .ok_or_else(|| unknown(&call.tool))?;
        let ask: Ask = serde_json::from_value(call.arguments)
            .map_err(|error| refused(format!("this is no question: {error}")))?;
        if ask.system.len().saturating_add(ask.prompt.len()) > ASK_BYTES_MAX {
            return Err(refused(format!(
                "the question is longer than {ASK_BYTES_MAX} bytes"
            )));
        }
        self.ask(model, &ask)
            .await
            .map_err(|failure| failure.told(&call.tool))
    }
}
