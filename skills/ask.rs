//! Asking a language model, through the tools, so that each answer is paid for.

use chimera_domain::{
    ToolError,
    artifact::ToolUse,
    model::{Answer, Ask, SERVER},
    ports::{SkillInput, ToolCall, ToolCaller},
};
use serde::de::DeserializeOwned;

/// An answer, and the call that it came by.
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    pub(crate) by: ToolUse,
}

impl Answered {
    /// The answer as the type it must have, or why it is of no use.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, String> {
        match (self.answer.value, self.answer.problem) {
            (Some(value), _) => serde_json::from_value(value).map_err(|error| error.to_string()),
            (None, Some(problem)) => Err(problem),
            (None, None) => Err("the answer is empty".to_owned()),
        }
    }
}

/// Asks the model of this name.
pub(crate) async fn ask(
    input: &SkillInput<'_>,
    tools: &dyn ToolCaller,
    model: &str,
    ask: &Ask,
) -> Result<Answered, ToolError> {
    let contract = |why: String| ToolError::Contract {
        server: SERVER.to_owned(),
        tool: model.to_owned(),
        why,
    };
    let call = ToolCall {
        server: SERVER.to_owned(),
        tool: model.to_owned(),
        arguments: serde_json::to_value(ask).map_err(|error| contract(error.to_string()))?,
        deadline: None,
        trace_id: input.work.task.trace_id,
    };
    let reply = tools.call(call).await?;
    let answer =
        serde_json::from_value(reply.structured).map_err(|error| contract(error.to_string()))?;
    Ok(Answered {
        answer,
        by: ToolUse {
            tool: format!("{SERVER}/{model}"),
            latency_ms: reply.latency.millis(),
            cost_usd: None,
        },
    })
}
