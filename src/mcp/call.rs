//! The one place that awaits a connected peer, and the one place that says what a failure means.
//!
//! The SDK has no timeouts: a server that hangs, answers with a wrong id or prints garbage would hold its caller for
//! ever. Dropping the future tells the server that nobody waits any more.

use chimera_domain::{ToolError, clock::Span, text};
use rmcp::{
    RoleClient,
    model::{ErrorCode, ErrorData},
    service::{Peer, ServiceError},
};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::frame;

/// The longest piece of a server's words kept in an error.
const WORDS_MAX: usize = 300;

/// Why a request failed, before server and tool are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// We held it back ourselves; says nothing about the server.
    Held(String),
    /// It could not be handed over, or the server says that it did nothing and may be asked again.
    NotSent(String),
    /// The server asks for patience.
    RateLimited(Option<Span>, String),
    /// The server said no.
    Refused(String),
    /// The method is not known there.
    Unknown(String),
    /// What came breaks a promise.
    Contract(String),
    /// It was handed over, and no answer came or one that leaves open what happened.
    Ambiguous(String),
}

impl Failure {
    /// The same in the words of the domain.
    pub(crate) fn at(self, server: &str, tool: &str) -> ToolError {
        let (server, tool) = (server.to_owned(), tool.to_owned());
        match self {
            Self::Held(why) | Self::NotSent(why) => ToolError::NotSent { server, why },
            Self::RateLimited(retry_after, why) => ToolError::RateLimited {
                server,
                retry_after,
                why,
            },
            Self::Refused(why) | Self::Unknown(why) => ToolError::Refused { server, tool, why },
            Self::Contract(why) => ToolError::Contract { server, tool, why },
            Self::Ambiguous(why) => ToolError::Ambiguous { server, tool, why },
        }
    }

    /// The same for a call that this request only prepared: whatever became of it, the call was not sent.
    pub(crate) fn while_preparing(self, doing: &str) -> Self {
        match self {
            Self::NotSent(why) | Self::Ambiguous(why) => {
                Self::NotSent(format!("could not {doing}: {why}"))
            }
            Self::Held(_)
            | Self::RateLimited(..)
            | Self::Refused(_)
            | Self::Unknown(_)
            | Self::Contract(_) => self,
        }
    }
}

/// Waits for one answer, until the deadline.
pub(crate) async fn answer<T>(
    peer: &Peer<RoleClient>,
    deadline: Instant,
    request: impl Future<Output = Result<T, ServiceError>>,
) -> Result<T, Failure> {
    // Only before the request is handed over do we know that it was not.
    if peer.is_transport_closed() {
        return Err(Failure::NotSent("the connection is closed".into()));
    }
    if deadline <= Instant::now() {
        return Err(Failure::Held("no time was left to send it".into()));
    }
    match timeout_at(deadline, request).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(classify(error)),
        Err(_) => Err(Failure::Ambiguous("no answer before the deadline".into())),
    }
}

fn classify(error: ServiceError) -> Failure {
    match error {
        ServiceError::McpError(error) => refusal(&error),
        // On a pipe: the line did not get through whole, and half a line is no message.
        ServiceError::TransportSend(error) => {
            Failure::NotSent(format!("it could not be written: {}", error.error))
        }
        ServiceError::TransportClosed => {
            Failure::Ambiguous("the connection closed before an answer came".into())
        }
        ServiceError::UnexpectedResponse => {
            Failure::Ambiguous("the answer is of a kind that does not belong to the request".into())
        }
        ServiceError::Cancelled { .. } => Failure::Ambiguous("the server cancelled it".into()),
        ServiceError::Timeout { .. }
        | ServiceError::SubscriptionLagged { .. }
        | ServiceError::InputRequiredRoundsExceeded { .. } => Failure::Ambiguous(words(&error)),
        _ => Failure::Ambiguous(words(&error)),
    }
}

fn refusal(error: &ErrorData) -> Failure {
    if error.code.0 == frame::TOO_LONG {
        return Failure::Contract(words(&error.message));
    }
    if let Some(stated) = stated(error.data.as_ref(), &error.message) {
        return stated;
    }
    if error.code == ErrorCode::METHOD_NOT_FOUND {
        return Failure::Unknown(words(&error.message));
    }
    let why = format!("{} ({})", words(&error.message), error.code.0);
    // A server that broke in the middle does not know how far it came.
    if error.code == ErrorCode::INTERNAL_ERROR {
        return Failure::Ambiguous(why);
    }
    Failure::Refused(why)
}

/// Reads the form in which our own servers say what became of a call that was not done:
/// `{"error":{"code":…,"retry_after_seconds":…}}`, as error data or as `_meta` of a result. A code that says no more
/// than no is not looked at.
pub(crate) fn stated(facts: Option<&Value>, said: &str) -> Option<Failure> {
    let error = facts?.get("error")?;
    let why = words(&said);
    match error.get("code")?.as_str()? {
        "rate_limited" => {
            let retry_after = error.get("retry_after_seconds").and_then(Value::as_u64);
            Some(Failure::RateLimited(retry_after.map(Span::from_secs), why))
        }
        "unavailable" => Some(Failure::NotSent(why)),
        "interrupted" | "internal" => Some(Failure::Ambiguous(why)),
        _ => None,
    }
}

/// A server's words as they may stand in an error: plain and short.
pub(crate) fn words(said: &impl ToString) -> String {
    text::plain(&said.to_string(), WORDS_MAX)
}

#[cfg(test)]
mod tests {
    use rmcp::transport::DynamicTransportError;
    use serde_json::json;

    use super::*;

    // T071: every way in which the SDK fails has one class, and only what surely was not sent may be repeated.
    #[test]
    fn t071_every_failure_has_one_class() {
        let check = |error: ServiceError, expected: &str, may_retry: bool| {
            let error = classify(error).at("s", "t");
            assert_eq!(error.to_string(), expected);
            assert_eq!(error.may_retry(), may_retry, "{error}");
        };
        let mcp =
            |code, message: &'static str, data| ErrorData::new(ErrorCode(code), message, data);
        check(
            ServiceError::TransportClosed,
            "s/t gave no answer: the connection closed before an answer came",
            false,
        );
        check(
            ServiceError::UnexpectedResponse,
            "s/t gave no answer: the answer is of a kind that does not belong to the request",
            false,
        );
        check(
            ServiceError::Cancelled { reason: None },
            "s/t gave no answer: the server cancelled it",
            false,
        );
        check(
            ServiceError::TransportSend(DynamicTransportError::from_parts(
                "pipe",
                std::any::TypeId::of::<()>(),
                "broken pipe".into(),
            )),
            "s was not reached: it could not be written: broken pipe",
            true,
        );
        check(
            ServiceError::McpError(mcp(-32_602, "no\u{1b}[31m such\u{202e} tool", None)),
            "s/t refused: no [31m such tool (-32602)",
            false,
        );
        check(
            ServiceError::McpError(mcp(-32_601, "nope", None)),
            "s/t refused: nope",
            false,
        );
        check(
            ServiceError::McpError(mcp(frame::TOO_LONG, "too long", None)),
            "s/t broke its contract: too long",
            false,
        );
        let limited = json!({"error": {"code": "rate_limited", "retry_after_seconds": 7}});
        check(
            ServiceError::McpError(mcp(-32_603, "slow down", Some(limited))),
            "s limits the rate: slow down",
            true,
        );
        check(
            ServiceError::McpError(mcp(-32_603, "it broke", None)),
            "s/t gave no answer: it broke (-32603)",
            false,
        );
        let coded = |code: &str| Some(json!({"error": {"code": code}}));
        check(
            ServiceError::McpError(mcp(-32_603, "not now", coded("unavailable"))),
            "s was not reached: not now",
            true,
        );
        check(
            ServiceError::McpError(mcp(-32_010, "cut off", coded("interrupted"))),
            "s/t gave no answer: cut off",
            false,
        );
        check(
            ServiceError::McpError(mcp(-32_010, "no", coded("source_unreadable"))),
            "s/t refused: no (-32010)",
            false,
        );
    }

    // T071: a call whose preparation failed was not sent, but a broken contract stays broken.
    #[test]
    fn t071_a_call_that_was_only_prepared_was_not_sent() {
        let failed = |failure: Failure| failure.while_preparing("list its tools");
        assert_eq!(
            failed(Failure::Ambiguous("no answer".into())),
            Failure::NotSent("could not list its tools: no answer".into())
        );
        assert_eq!(
            failed(Failure::Contract("x".into())),
            Failure::Contract("x".into())
        );
    }
}
