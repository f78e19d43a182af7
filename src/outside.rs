//! Where calls go: to a language model, or to an MCP server.

use std::sync::Arc;

use async_trait::async_trait;
use chimera_domain::{
    Ambient, ToolError, model,
    ports::{ToolCall, ToolCaller, ToolReply},
};
use chimera_mcp::Hub;
use chimera_models::{Answers, AnswersUse, Models};

use crate::{
    config::{Home, KeptAnswers, Minds},
    fault::{Fault, chain},
};

/// Everything tools are called through.
pub struct Outside {
    /// The MCP servers.
    pub hub: Arc<Hub>,
    models: Models,
}

impl Outside {
    /// Joins the servers with the language models that `minds` names.
    ///
    /// # Errors
    /// `Usage` when the kept answers cannot be read, or no model could ever be asked.
    pub fn new(hub: Arc<Hub>, minds: &Minds, home: &Home, ambient: Ambient) -> Result<Self, Fault> {
        let answers = match &minds.answers {
            _ if minds.models.is_empty() => None,
            KeptAnswers::For(age_max) => Some(Answers {
                path: home.answers_file(),
                used: AnswersUse::Cache(*age_max),
            }),
            KeptAnswers::Replay(path) => Some(Answers {
                path: path.clone(),
                used: AnswersUse::Replay,
            }),
        };
        let settings = chimera_models::Settings {
            models: minds.models.clone(),
            answers,
        };
        let models = Models::new(settings, ambient).map_err(|error| Fault::Usage(chain(&error)))?;
        Ok(Self { hub, models })
    }
}

#[async_trait]
impl ToolCaller for Outside {
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        if call.server == model::SERVER {
            self.models.call(call).await
        } else {
            self.hub.call(call).await
        }
    }
}
