//! One question: asked within its time, again where that costs nothing, and its answer held to the schema.

use chimera_domain::{
    Span,
    model::{Answer, Ask},
    policy::Usage,
};
use rig_core::{
    DynModel,
    completion::{CompletionRequest, CompletionResponse, FinishReason},
    operation::Completion,
};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    failure::{Failure, said},
    settings::ModelSettings,
};

/// How often a provider that is busy or away is tried.
const TRIES: u32 = 3;
/// How long is waited before the second try where nobody said how long; twice that before the third.
const PAUSE_MILLIS: u64 = 500;

/// Asks, and takes the answer apart.
pub(crate) async fn ask(
    way: &DynModel<Completion>,
    model: &ModelSettings,
    ask: &Ask,
) -> Result<(Answer, Usage), Failure> {
    let until = Instant::now() + model.timeout.to_std();
    let secret = model.key.as_ref().map_or("", |key| key.expose());
    let mut tries = 0;
    loop {
        tries += 1;
        let called = timeout_at(until, way.call(request(model, ask))).await;
        let failure = match called {
            Ok(Ok(response)) => return Ok(answer(&response, model, ask, secret)),
            Ok(Err(error)) => Failure::of(&error).without(secret),
            Err(_elapsed) => {
                let seconds = model.timeout.millis() / 1_000;
                return Err(Failure::Unclear(format!("no answer within {seconds} s")));
            }
        };
        let pause = failure
            .after()
            .unwrap_or(Span::from_millis(PAUSE_MILLIS * u64::from(tries)));
        let too_late = Instant::now() + pause.to_std() >= until;
        if !failure.may_pass() || tries >= TRIES || too_late {
            return Err(failure);
        }
        sleep(pause.to_std()).await;
    }
}

fn request(model: &ModelSettings, ask: &Ask) -> CompletionRequest {
    let mut request = CompletionRequest::new(ask.prompt.as_str())
        .preamble(ask.system.as_str())
        .max_tokens(u64::from(model.output_tokens_max));
    request.output_schema = ask.schema.clone().try_into().ok();
    request
}

/// What was answered, and what it took. An answer that cannot be used says why.
fn answer(
    response: &CompletionResponse,
    model: &ModelSettings,
    ask: &Ask,
    secret: &str,
) -> (Answer, Usage) {
    let (value, problem) = match value(response, &ask.schema, secret) {
        Ok(value) => (Some(value), None),
        Err(problem) => (None, Some(problem)),
    };
    let named = response.origin.response_model.as_deref();
    let answer = Answer {
        value,
        problem,
        model: said(named.unwrap_or(&model.model)),
        cached: false,
    };
    let (into, out) = (response.usage.input_tokens, response.usage.output_tokens);
    let usage = Usage {
        tokens: into.zip(out).and_then(|(into, out)| into.checked_add(out)),
        tokens_out: out,
        ..Usage::default()
    };
    (answer, usage)
}

fn value(response: &CompletionResponse, schema: &Value, secret: &str) -> Result<Value, String> {
    match response.finish_reason() {
        Some(FinishReason::Length) => return Err("the answer was cut at its longest".to_owned()),
        Some(FinishReason::ContentFilter) => {
            return Err("the provider held the answer back".to_owned());
        }
        Some(_) | None => {}
    }
    if let Some(error) = &response.error {
        return Err(format!("the model did not answer: {}", said(error)));
    }
    let text = response.text();
    if !secret.is_empty() && text.contains(secret) {
        return Err("the answer repeats the key".to_owned());
    }
    let value: Value = serde_json::from_str(unfenced(&text))
        .map_err(|error| format!("the answer is not JSON: {error}"))?;
    let validator = jsonschema::validator_for(schema)
        .map_err(|error| format!("the schema of the question is none: {error}"))?;
    let broken = validator.iter_errors(&value).next().map(|error| {
        format!(
            "the answer is not what was asked for: {} at `{}`",
            said(&error.to_string()),
            said(&error.instance_path().to_string())
        )
    });
    broken.map_or(Ok(value), Err)
}

/// Without the fence that models of one's own like to put around JSON.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
    else {
        return text;
    };
    inner.strip_suffix("```").unwrap_or(inner).trim()
}
