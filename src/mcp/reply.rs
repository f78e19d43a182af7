//! From an answer of a tool to the domain's [`ToolReply`]: structure, usage, and whether it is a stand-in.

use chimera_domain::{clock::Span, policy::Usage, ports::ToolReply};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, MetaObject};
use serde_json::Value;

use crate::{
    call::{self, Failure},
    catalog::Tool,
};

/// Reads one answer and holds it against the tool's output schema.
pub(crate) fn read(
    response: CallToolResponse,
    tool: &Tool,
    latency: Span,
) -> Result<ToolReply, Failure> {
    let result = match response {
        CallToolResponse::Complete(result) => result,
        // A person is asked by us, through the review queue; never by a server, and never answered by an agent.
        CallToolResponse::InputRequired(_) => {
            return Err(Failure::Refused(
                "it asks a person for input, which is not answered here".into(),
            ));
        }
        CallToolResponse::Task(_) => return Err(Failure::Ambiguous("it became a task".into())),
        _ => {
            return Err(Failure::Ambiguous(
                "its answer is of an unknown kind".into(),
            ));
        }
    };
    let meta = facts(result.meta.as_ref());
    if result.is_error == Some(true) {
        let said = text(&result).unwrap_or("it gave no reason");
        return Err(call::stated(meta.as_ref(), said)
            .unwrap_or_else(|| Failure::Refused(call::words(&said))));
    }
    let structured = structured(result, tool)?;
    let simulated = [Some(&structured), meta.as_ref()]
        .into_iter()
        .flatten()
        .any(|facts| facts.get("simulated") == Some(&Value::Bool(true)));
    Ok(ToolReply {
        usage: usage(&structured),
        structured,
        simulated,
        latency,
    })
}

fn structured(result: CallToolResult, tool: &Tool) -> Result<Value, Failure> {
    if tool.promises_structure() {
        let Some(structured) = result.structured_content else {
            return Err(Failure::Contract(
                "it promises structured content and gave none".into(),
            ));
        };
        tool.check_output(&structured)?;
        return Ok(structured);
    }
    if let Some(structured) = result.structured_content {
        return Ok(structured);
    }
    text(&result)
        .and_then(|text| serde_json::from_str(text).ok())
        .filter(Value::is_object)
        .ok_or_else(|| {
            Failure::Contract("it gave neither structured content nor a JSON object as text".into())
        })
}

/// The text of an answer that has one piece of text; what stands beside it (pictures, links) is not looked at.
fn text(result: &CallToolResult) -> Option<&str> {
    let mut texts = result.content.iter().filter_map(ContentBlock::as_text);
    match (texts.next(), texts.next()) {
        (Some(only), None) => Some(&only.text),
        (Some(_) | None, _) => None,
    }
}

fn facts(meta: Option<&MetaObject>) -> Option<Value> {
    serde_json::to_value(meta?).ok()
}

/// What the server says it used. Half a statement is none: a bill that leaves something out would be too low.
fn usage(structured: &Value) -> Usage {
    let said = |name: &str| count(structured.get("usage")?.get(name)?);
    let both = said("tokens_in")
        .zip(said("tokens_out"))
        .and_then(|(taken, given)| taken.checked_add(given));
    Usage {
        tokens: said("tokens").or(both),
        tokens_out: said("tokens_out"),
        images: said("images"),
        seconds: said("seconds"),
    }
}

/// A count; a fraction is rounded up, as a bill would be.
fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let fraction = value.as_f64().filter(|number| *number >= 0.0)?;
        format!("{:.0}", fraction.ceil()).parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_json(output_schema: Option<Value>, result: Value) -> Result<ToolReply, Failure> {
        let mut tool = json!({"name": "t", "inputSchema": {"type": "object"}});
        if let Some(schema) = output_schema {
            tool["outputSchema"] = schema;
        }
        let tool = Tool::new(serde_json::from_value(tool).unwrap());
        let result: CallToolResult = serde_json::from_value(result).unwrap();
        read(result.into(), &tool, Span::ZERO)
    }

    fn promise() -> Option<Value> {
        Some(
            json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}),
        )
    }

    // R44: where structure is promised, text is an error, and so is another structure.
    #[test]
    fn r44_a_promised_structure_is_given_or_it_is_an_error() {
        let check = |schema: Option<Value>, result: Value, expected: Result<Value, &str>| {
            let got = read_json(schema, result).map(|reply| reply.structured);
            assert_eq!(
                got,
                expected.map_err(|why| Failure::Contract(why.to_owned()))
            );
        };
        let text = |text: &str| json!({"content": [{"type": "text", "text": text}]});
        check(
            promise(),
            json!({"structuredContent": {"id": "7"}}),
            Ok(json!({"id": "7"})),
        );
        check(
            promise(),
            text(r#"{"id":"7"}"#),
            Err("it promises structured content and gave none"),
        );
        check(
            promise(),
            json!({"structuredContent": {"id": 7}}),
            Err("its answer breaks its output schema at /id: 7 is not of type \"string\""),
        );
        check(None, json!({"structuredContent": [1]}), Ok(json!([1])));
        check(None, text(r#"{"id":"7"}"#), Ok(json!({"id": "7"})));
        for prose in ["posted!", "[1]", "7"] {
            check(
                None,
                text(prose),
                Err("it gave neither structured content nor a JSON object as text"),
            );
        }
        check(
            None,
            json!({"content": []}),
            Err("it gave neither structured content nor a JSON object as text"),
        );
    }

    // T071: what a tool calls an error is a refusal, unless its code says that nothing happened or that nobody knows; a
    // rate limit is told apart and says when to come back.
    #[test]
    fn t071_an_error_answer_is_a_refusal() {
        let error = |meta: Value| json!({"isError": true, "_meta": meta, "content": [{"type": "text", "text": "too\u{7} long"}]});
        assert_eq!(
            read_json(promise(), error(json!({}))),
            Err(Failure::Refused("too long".into()))
        );
        assert_eq!(
            read_json(promise(), json!({"isError": true, "content": []})),
            Err(Failure::Refused("it gave no reason".into()))
        );
        let limited = json!({"error": {"code": "rate_limited", "retry_after_seconds": 30}});
        assert_eq!(
            read_json(None, error(limited)),
            Err(Failure::RateLimited(
                Some(Span::from_secs(30)),
                "too long".into()
            ))
        );
        for (code, expected) in [
            ("unavailable", Failure::NotSent("too long".into())),
            ("interrupted", Failure::Ambiguous("too long".into())),
            ("internal", Failure::Ambiguous("too long".into())),
            ("over_limit", Failure::Refused("too long".into())),
        ] {
            let meta = json!({"error": {"code": code}});
            assert_eq!(read_json(promise(), error(meta)), Err(expected));
        }
    }

    // R48: usage is what the server says; what it does not say, or says by half, is unknown.
    #[test]
    fn r48_usage_is_what_the_server_says() {
        let check = |usage: Value, tokens, tokens_out, images, seconds| {
            let reply = read_json(None, json!({"structuredContent": {"usage": usage}})).unwrap();
            let expected = Usage {
                tokens,
                tokens_out,
                images,
                seconds,
            };
            assert_eq!(reply.usage, expected);
        };
        check(json!({"tokens": 12}), Some(12), None, None, None);
        check(
            json!({"tokens_in": 12, "tokens_out": 30}),
            Some(42),
            Some(30),
            None,
            None,
        );
        check(json!({"tokens_in": 12}), None, None, None, None);
        check(
            json!({"images": 2, "seconds": 3.2}),
            None,
            None,
            Some(2),
            Some(4),
        );
        check(json!({"tokens": -1, "images": "2"}), None, None, None, None);
        check(json!(null), None, None, None, None);
    }

    // R7: a stand-in that says so is known as one, wherever it says so.
    #[test]
    fn r7_a_stand_in_is_known() {
        let check = |result: Value, simulated| {
            assert_eq!(read_json(None, result).unwrap().simulated, simulated);
        };
        check(json!({"structuredContent": {"simulated": true}}), true);
        check(
            json!({"structuredContent": {}, "_meta": {"simulated": true}}),
            true,
        );
        check(json!({"structuredContent": {"simulated": "true"}}), false);
        check(json!({"structuredContent": {}}), false);
    }
}
