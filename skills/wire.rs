//! What the skills share of the tools' shapes.

use chimera_domain::{
    ToolError,
    artifact::{Artifact, Body, Draft, Media, Provenance, Research, ToolUse},
    ports::{SkillInput, ToolCall, ToolReply},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The server that makes text and media.
pub(crate) const STUDIO: &str = "studio";

/// A call on behalf of the task, under a key that is the same when a crash repeats it.
pub(crate) fn call(input: &SkillInput<'_>, tool: &str, mut arguments: Value) -> ToolCall {
    if let Some(fields) = arguments.as_object_mut() {
        fields.insert(
            "idempotency_key".to_owned(),
            Value::String(input.work.task.id.to_string()),
        );
    }
    ToolCall {
        server: STUDIO.to_owned(),
        tool: tool.to_owned(),
        arguments,
        deadline: None,
        trace_id: input.work.task.trace_id,
    }
}

/// The structured answer as the type it must have.
pub(crate) fn parse<T: DeserializeOwned>(tool: &str, reply: &ToolReply) -> Result<T, ToolError> {
    serde_json::from_value(reply.structured.clone())
        .map_err(|error| contract(tool, error.to_string()))
}

pub(crate) fn contract(tool: &str, why: String) -> ToolError {
    ToolError::Contract {
        server: STUDIO.to_owned(),
        tool: tool.to_owned(),
        why,
    }
}

/// The plan did not hand over what the step needs: the work of another step, not of a tool.
pub(crate) fn missing(skill: &str, what: &str) -> ToolError {
    ToolError::Refused {
        server: "plan".to_owned(),
        tool: skill.to_owned(),
        why: format!("the plan has no {what}"),
    }
}

/// Where a result came from, when one tool made it.
pub(crate) fn provenance(
    tool: &str,
    model: String,
    seed: Option<String>,
    reply: &ToolReply,
) -> Provenance {
    Provenance {
        model,
        tools: vec![ToolUse {
            tool: format!("{STUDIO}/{tool}"),
            latency_ms: reply.latency.millis(),
            cost_usd: None,
        }],
        seed,
        ..Provenance::default()
    }
}

pub(crate) fn research<'a>(input: &SkillInput<'a>) -> Option<(&'a Artifact, &'a Research)> {
    input
        .work
        .inputs
        .iter()
        .rev()
        .find_map(|artifact| match &artifact.body {
            Body::Research(research) => Some((artifact, research)),
            Body::Text(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => None,
        })
}

pub(crate) fn draft<'a>(input: &SkillInput<'a>) -> Option<(&'a Artifact, &'a Draft)> {
    input
        .work
        .inputs
        .iter()
        .rev()
        .find_map(|artifact| match &artifact.body {
            Body::Text(draft) => Some((artifact, draft)),
            Body::Research(_) | Body::Media(_) | Body::Post(_) | Body::Payment(_) => None,
        })
}

pub(crate) fn media<'a>(input: &SkillInput<'a>) -> Vec<(&'a Artifact, &'a Media)> {
    input
        .work
        .inputs
        .iter()
        .filter_map(|artifact| match &artifact.body {
            Body::Media(media) => Some((artifact, media)),
            Body::Research(_) | Body::Text(_) | Body::Post(_) | Body::Payment(_) => None,
        })
        .collect()
}
