//! A refusal: a tool ran, did not do what was asked, and says why in words a caller can act on.

use rmcp::ErrorData;
use rmcp::handler::server::tool::IntoCallToolResult;
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, ErrorCode, JsonObject, MetaObject,
};
use serde_json::{Value, json};

/// Why a call was refused. The code is stable; the detail is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Stable machine-readable word, for example `over_limit`.
    pub(crate) code: &'static str,
    /// What was wrong and what to do, one sentence.
    pub(crate) detail: String,
    /// For `rate_limited`: how long to wait.
    pub(crate) retry_after_seconds: Option<u32>,
    /// Whether the answer must be marked as coming from the simulated platform.
    pub(crate) simulated: bool,
}

/// The protocol's number for a refusal that has none of its own: from the range that is left to servers.
const REFUSED: ErrorCode = ErrorCode(-32_010);

impl Refusal {
    /// Nothing happened, for certain, and the same call may be tried again later. Only `rate_limited` says the same.
    pub(crate) const UNAVAILABLE: &'static str = "unavailable";
    /// It was begun and nobody knows whether it happened: look before it is tried again.
    pub(crate) const INTERRUPTED: &'static str = "interrupted";
    /// A fault of the server; whether anything happened is as unknown as after [`Refusal::INTERRUPTED`].
    pub(crate) const INTERNAL: &'static str = "internal";

    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after_seconds: None,
            simulated: false,
        }
    }

    /// The same refusal, marked as an answer of the simulated platform.
    pub(crate) fn simulated(mut self) -> Self {
        self.simulated = true;
        self
    }

    /// The same refusal for a resource read, where the protocol has error objects instead of results.
    pub(crate) fn into_protocol(self) -> ErrorData {
        let data = Some(Value::Object(self.facts()));
        let message = format!("{}: {}", self.code, self.detail);
        match self.code {
            "not_found" => ErrorData::resource_not_found(message, data),
            "invalid_argument" => ErrorData::invalid_params(message, data),
            // An internal error leaves open what happened; a refusal does not.
            Self::INTERNAL | Self::INTERRUPTED => ErrorData::internal_error(message, data),
            _ => ErrorData::new(REFUSED, message, data),
        }
    }

    fn facts(&self) -> JsonObject {
        let mut error = json!({"code": self.code, "detail": self.detail});
        if let Some(seconds) = self.retry_after_seconds {
            error["retry_after_seconds"] = json!(seconds);
        }
        let mut facts = JsonObject::new();
        facts.insert("error".into(), error);
        if self.simulated {
            facts.insert("simulated".into(), Value::Bool(true));
        }
        facts
    }
}

/// A refusal has no structured content: that must match the tool's output schema, which describes successes.
/// The machine-readable form travels in `_meta` instead, as `{"error":{code,detail,retry_after_seconds?},"simulated"?}`.
impl IntoCallToolResult for Refusal {
    fn into_call_tool_result(self) -> Result<CallToolResponse, ErrorData> {
        let text = format!("{}: {}", self.code, self.detail);
        let result = CallToolResult::error(vec![ContentBlock::text(text)])
            .with_meta(Some(MetaObject::from(self.facts())));
        Ok(result.into())
    }
}
