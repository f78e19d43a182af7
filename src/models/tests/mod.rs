//! The room against endpoints that behave and that do not.

mod endpoint;

use chimera_domain::{
    ids::TraceId,
    testing::{ambient, uuid_of},
};
use serde_json::{Value, json};

use self::endpoint::{Endpoint, Turn, chat, http, ok};
use super::*;

const KEY: &str = "sk-canary-5f0e9a";

fn settings(endpoint: &Endpoint) -> ModelSettings {
    ModelSettings {
        name: "small".into(),
        provider: Provider::Openai,
        model: "small".into(),
        url: Some(endpoint.url.clone()),
        key: Some(KEY.into()),
        timeout: Span::from_secs(20),
        output_tokens_max: 400,
        bytes_max: 64 * 1_024,
    }
}

fn models(settings: ModelSettings, answers: Option<Answers>) -> Models {
    let models = vec![settings];
    Models::new(Settings { models, answers }, ambient(1).0).unwrap()
}

fn question() -> Ask {
    Ask {
        system: "You write.".into(),
        prompt: "Material: linen.".into(),
        schema: json!({
            "type": "object",
            "properties": {"text": {"type": "string", "minLength": 1}},
            "required": ["text"],
            "additionalProperties": false,
        }),
        again: 0,
    }
}

fn call(ask: &Ask) -> ToolCall {
    ToolCall {
        server: SERVER.into(),
        tool: "small".into(),
        arguments: serde_json::to_value(ask).unwrap(),
        deadline: None,
        trace_id: TraceId::from_uuid(uuid_of(1)),
    }
}

async fn asked(endpoint: &Endpoint) -> Result<Answer, ToolError> {
    answered(&models(settings(endpoint), None)).await
}

async fn answered(models: &Models) -> Result<Answer, ToolError> {
    let reply = models.call(call(&question())).await?;
    Ok(serde_json::from_value(reply.structured).unwrap())
}

const GOOD: &str = r#"{"text": "Linen."}"#;

// R64: each provider is asked in its own shape, under its own key, with the schema, and its usage is read.
#[tokio::test]
async fn r64_each_provider_is_spoken_to_in_its_own_shape() {
    let gemini = json!({
        "candidates": [{"content": {"parts": [{"text": GOOD}], "role": "model"}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 120, "candidatesTokenCount": 20, "thoughtsTokenCount": 10, "totalTokenCount": 150},
        "modelVersion": "small-2026-11",
    });
    let anthropic = json!({
        "id": "m1", "type": "message", "role": "assistant", "model": "small-2026-11",
        "content": [{"type": "text", "text": GOOD}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 120, "output_tokens": 30},
    });
    for (provider, reply, path, header, schema_at, system_at) in [
        (
            Provider::Openai,
            chat(GOOD),
            "/chat/completions",
            format!("authorization: Bearer {KEY}"),
            "/response_format/json_schema/schema",
            "/messages/0/content/0/text",
        ),
        (
            Provider::Gemini,
            gemini,
            "/models/small:generateContent",
            format!("x-goog-api-key: {KEY}"),
            "/generationConfig/responseJsonSchema",
            "/systemInstruction/parts/0/text",
        ),
        (
            Provider::Anthropic,
            anthropic,
            "/v1/messages",
            format!("x-api-key: {KEY}"),
            "/output_config/format/schema",
            "/system/0/text",
        ),
    ] {
        let endpoint = Endpoint::start(vec![ok(&reply)]).await;
        let models = models(
            ModelSettings {
                provider,
                ..settings(&endpoint)
            },
            None,
        );
        let reply = models.call(call(&question())).await.unwrap();
        let answer: Answer = serde_json::from_value(reply.structured).unwrap();
        assert_eq!(answer.value, Some(json!({"text": "Linen."})), "{answer:?}");
        assert_eq!(answer.model, "small-2026-11", "{provider:?}");
        assert_eq!(
            (reply.usage.tokens, reply.usage.tokens_out),
            (Some(150), Some(30)),
            "{provider:?}"
        );
        let seen = endpoint.seen();
        let [request] = seen.as_slice() else {
            panic!("{provider:?} was asked {} times", seen.len());
        };
        let head = request.head.to_lowercase();
        let address = request.head.lines().next().unwrap();
        assert!(
            address.contains(path) && !address.contains(KEY),
            "{address}"
        );
        assert!(head.contains(&header.to_lowercase()), "{}", request.head);
        let at = |pointer: &str| request.body.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(at(schema_at)["type"], "object", "{}", request.body);
        assert_eq!(at(system_at), "You write.", "{}", request.body);
        assert!(request.body.to_string().contains("400"), "{}", request.body);
    }
}

// R50, R53: whatever an endpoint says, what comes of it is an answer that the schema allows, an answer of no use that
// says why, or an error of one class. There is no score and no text that nobody gave.
#[tokio::test]
async fn r53_an_answer_of_no_use_says_why_and_is_paid_for() {
    let finished = |reason: &str| {
        let mut reply = chat(GOOD);
        reply["choices"][0]["finish_reason"] = json!(reason);
        reply
    };
    let fenced = format!("```json\n{GOOD}\n```");
    let deep = "[".repeat(10_000);
    let long = json!({"text": "x".repeat(10), "more": 1}).to_string();
    let echo = json!({"text": format!("the key is {KEY}")}).to_string();
    for (reply, problem) in [
        (chat(&fenced), None),
        (finished("length"), Some("cut at its longest")),
        (finished("content_filter"), Some("held the answer back")),
        (chat("Linen."), Some("not JSON")),
        (chat(""), Some("not JSON")),
        (chat(&deep), Some("not JSON")),
        (chat("{\"text\": \"\"}"), Some("not what was asked for")),
        (chat("{\"text\": 1.0e999}"), Some("not JSON")),
        (chat("null"), Some("not what was asked for")),
        (chat(&long), Some("not what was asked for")),
        (chat(&echo), Some("repeats the key")),
    ] {
        let endpoint = Endpoint::start(vec![ok(&reply)]).await;
        let models = models(settings(&endpoint), None);
        let reply = models.call(call(&question())).await.unwrap();
        let answer: Answer = serde_json::from_value(reply.structured).unwrap();
        assert_eq!(reply.usage.tokens, Some(150));
        match problem {
            None => assert!(answer.value.is_some(), "{answer:?}"),
            Some(why) => {
                assert_eq!(answer.value, None);
                assert!(answer.problem.clone().unwrap().contains(why), "{answer:?}");
            }
        }
        assert!(!format!("{answer:?}").contains(KEY));
        assert_eq!(endpoint.seen().len(), 1, "it is asked again by who pays");
    }
}

fn class(error: &ToolError) -> &'static str {
    match error {
        ToolError::NotSent { .. } => "not sent",
        ToolError::RateLimited { .. } => "rate limited",
        ToolError::Refused { .. } => "refused",
        ToolError::Contract { .. } => "contract",
        ToolError::Ambiguous { .. } => "ambiguous",
        ToolError::Budget { .. } => "budget",
    }
}

// R50, R53: each way an endpoint can fail has its class, is tried as often as is safe, and gives away no key.
#[tokio::test]
async fn r53_each_failure_has_its_class() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let whole = chat(GOOD).to_string();
    let half = format!(
        "{head}content-length: {}\r\n\r\n{}",
        whole.len(),
        &whole[..40]
    );
    let told = format!("{{\"error\": {{\"message\": \"bad key {KEY}\"}}}}");
    let cases: Vec<(&str, Turn, &str, usize)> = vec![
        (
            "a wrong key",
            http("401 Unauthorized", "", &told),
            "refused",
            1,
        ),
        (
            "no money",
            http("402 Payment Required", "", &told),
            "refused",
            1,
        ),
        (
            "no such model",
            http("404 Not Found", "", &told),
            "refused",
            1,
        ),
        (
            "a bad request",
            http("400 Bad Request", "", &told),
            "refused",
            1,
        ),
        (
            "a redirect",
            http("302 Found", "location: http://127.0.0.1:1/\r\n", ""),
            "refused",
            1,
        ),
        (
            "busy",
            http("429 Too Many Requests", "retry-after: 0\r\n", &told),
            "rate limited",
            3,
        ),
        (
            "busy for an hour",
            http("429 Too Many Requests", "retry-after: 3600\r\n", &told),
            "rate limited",
            1,
        ),
        (
            "overloaded",
            http("503 Service Unavailable", "retry-after: 0\r\n", &told),
            "rate limited",
            3,
        ),
        (
            "broken",
            http("500 Internal Server Error", "", &told),
            "ambiguous",
            1,
        ),
        ("cut", Turn::Say(half.into_bytes()), "ambiguous", 1),
        ("hung up", Turn::Hang, "ambiguous", 1),
        (
            "no HTTP",
            Turn::Say(b"\x00\x16\x03\x01 SSH-2.0\r\n\r\n".to_vec()),
            "ambiguous",
            1,
        ),
        (
            "no JSON",
            http("200 OK", "", "<html>welcome</html>"),
            "contract",
            1,
        ),
        (
            "half a reply",
            http("200 OK", "", "{\"choices\": \"none\"}"),
            "contract",
            1,
        ),
        (
            "without end",
            Turn::Flood(format!("{head}transfer-encoding: identity\r\n\r\n").into_bytes()),
            "contract",
            1,
        ),
        (
            "longer than is read",
            http(
                "200 OK",
                "",
                &format!("{{\"a\": \"{}\"}}", "x".repeat(70_000)),
            ),
            "contract",
            1,
        ),
    ];
    for (name, turn, expected, asked_times) in cases {
        let endpoint = Endpoint::start(vec![turn]).await;
        let error = asked(&endpoint).await.unwrap_err();
        assert_eq!(class(&error), expected, "{name}: {error}");
        assert!(!error.to_string().contains(KEY), "{name}: {error}");
        assert_eq!(endpoint.seen().len(), asked_times, "{name}");
        if let ToolError::RateLimited { retry_after, .. } = error {
            assert!(retry_after.is_some(), "{name}");
        }
    }
    // Nobody there.
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let endpoint = Endpoint::start(vec![Turn::Hang]).await;
    let nobody = models(
        ModelSettings {
            url: Some(gone),
            ..settings(&endpoint)
        },
        None,
    );
    assert_eq!(class(&answered(&nobody).await.unwrap_err()), "not sent");
}

// R50: an endpoint that does not answer, or not to its end, costs its time and no more, and is let go.
#[tokio::test]
async fn r50_an_endpoint_that_stalls_costs_its_time_only() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"
        .to_vec();
    for said in [Vec::new(), head] {
        let endpoint = Endpoint::start(vec![Turn::Stall(said)]).await;
        let models = models(
            ModelSettings {
                timeout: Span::from_millis(150),
                ..settings(&endpoint)
            },
            None,
        );
        let error = answered(&models).await.unwrap_err();
        assert_eq!(class(&error), "ambiguous", "{error}");
        endpoint.left().await;
    }
}

// R50: what is busy once is asked again, and answers.
#[tokio::test]
async fn r50_what_was_busy_is_asked_again() {
    let busy = http("429 Too Many Requests", "retry-after: 0\r\n", "");
    let endpoint = Endpoint::start(vec![busy, ok(&chat(GOOD))]).await;
    let answer = asked(&endpoint).await.unwrap();
    assert_eq!(answer.value, Some(json!({"text": "Linen."})));
    assert_eq!(endpoint.seen().len(), 2);
}

// R48: a provider that does not say what it used leaves the cost unknown.
#[tokio::test]
async fn r48_usage_that_is_not_told_is_unknown() {
    let mut reply = chat(GOOD);
    reply.as_object_mut().unwrap().remove("usage");
    let endpoint = Endpoint::start(vec![ok(&reply)]).await;
    let models = models(settings(&endpoint), None);
    let reply = models.call(call(&question())).await.unwrap();
    assert_eq!((reply.usage.tokens, reply.usage.tokens_out), (None, None));
}

// R50: a question that was answered is not paid for twice, also after a crash in the middle of a line; another question,
// another model and an answer of no use are asked anew. A recording answers without any network, and only what is in it.
#[tokio::test]
async fn r50_an_answer_is_kept_and_a_recording_answers_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.jsonl");
    let answers = |used| {
        Some(Answers {
            path: path.clone(),
            used,
        })
    };
    let cache = AnswersUse::Cache(Span::from_hours(1));
    let endpoint = Endpoint::start(vec![ok(&chat("no JSON")), ok(&chat(GOOD))]).await;
    let settings = settings(&endpoint);
    let first = models(settings.clone(), answers(cache));
    assert_eq!(answered(&first).await.unwrap().value, None);
    let paid = answered(&first).await.unwrap();
    assert!(paid.value.is_some() && !paid.cached);
    let reply = first.call(call(&question())).await.unwrap();
    assert_eq!(
        (reply.usage.tokens, reply.usage.tokens_out),
        (Some(0), Some(0))
    );
    assert_eq!(endpoint.seen().len(), 2);
    drop(first);

    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(KEY) && text.ends_with('\n'));
    std::fs::write(&path, format!("{text}{{\"key\": \"cut")).unwrap();
    let second = models(settings.clone(), answers(cache));
    assert!(answered(&second).await.unwrap().cached);
    let other = Ask {
        again: 1,
        ..question()
    };
    let anew = second.call(call(&other)).await.unwrap();
    assert_eq!(anew.structured["cached"], Value::Bool(false));
    assert_eq!(endpoint.seen().len(), 3);
    drop(second);

    let replayed = models(settings, answers(AnswersUse::Replay));
    assert!(answered(&replayed).await.unwrap().cached);
    assert!(replayed.call(call(&other)).await.is_ok());
    let unknown = Ask {
        again: 2,
        ..question()
    };
    let error = replayed.call(call(&unknown)).await.unwrap_err();
    assert_eq!(class(&error), "not sent");
    assert_eq!(endpoint.seen().len(), 3);
}

// R151: what is no question, too long, or for a model that is not there is refused before anything is sent.
#[tokio::test]
async fn r151_what_is_no_question_is_refused() {
    let endpoint = Endpoint::start(vec![ok(&chat(GOOD))]).await;
    let models = models(settings(&endpoint), None);
    let long = Ask {
        prompt: "x".repeat(ASK_BYTES_MAX),
        ..question()
    };
    let stranger = ToolCall {
        tool: "large".into(),
        ..call(&question())
    };
    let none = ToolCall {
        arguments: json!({"prompt": "hello", "tools": []}),
        ..call(&question())
    };
    for call in [call(&long), stranger, none] {
        let error = models.call(call).await.unwrap_err();
        assert_eq!(class(&error), "refused", "{error}");
    }
    assert_eq!(endpoint.seen().len(), 0);
}

// R50: whether a provider is there and takes the key is found out without a question; each way it may not be has its class.
#[tokio::test]
async fn r50_a_provider_is_checked_without_a_question() {
    let told = format!("{{\"error\": {{\"message\": \"bad key {KEY}\"}}}}");
    for (turn, expected) in [
        (ok(&json!({"object": "list", "data": []})), None),
        (http("401 Unauthorized", "", &told), Some("refused")),
        (
            http("503 Service Unavailable", "", ""),
            Some("rate limited"),
        ),
        (Turn::Hang, Some("ambiguous")),
    ] {
        for provider in Provider::ALL {
            let endpoint = Endpoint::start(vec![turn.clone()]).await;
            let models = models(
                ModelSettings {
                    provider,
                    ..settings(&endpoint)
                },
                None,
            );
            let checked = models.check("small").await;
            let found = checked.as_ref().err().map(class);
            assert_eq!(found, expected, "{provider:?}: {checked:?}");
            assert!(!format!("{checked:?}").contains(KEY));
            let seen = endpoint.seen();
            assert!(
                seen[0].head.starts_with("GET ")
                    && !seen[0].head.lines().next().unwrap().contains(KEY)
            );
        }
    }
}
