//! One call against one kind of bad peer: the right class, and never later than the deadline.

use std::{sync::Arc, time::Duration};

use chimera_domain::{clock::Span, ports::ToolCaller};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, sleep, timeout},
};

use super::peer::{
    Wire, answering, call_of, call_post, class, health, hub, post, scripted, welcome,
};
use crate::{BreakerState, State, Transport};

/// Calls once; the outcome must be `expected` after exactly so many seconds of virtual time.
async fn check(transport: Transport, expected: &str, after_secs: u64) {
    let hub = hub(transport, |server| server.bytes_max = 4_096);
    let start = Instant::now();
    let outcome = class(call_post(&hub).await);
    assert_eq!(outcome, expected);
    assert_eq!(start.elapsed().as_secs(), after_secs, "{expected}");
    hub.shutdown().await;
}

/// A server that answers the call with this result.
fn giving(result: Value) -> Transport {
    answering(post(), move |mut wire, call| {
        let result = result.clone();
        async move {
            wire.answer(&call, result).await;
            wire.hang().await;
        }
    })
}

const NO_ANSWER: &str = "ambiguous: no answer before the deadline";

// T071, R41: a peer that never answers properly costs the deadline and no more, and what became of the call is unknown.
#[tokio::test(start_paused = true)]
async fn t071_no_proper_answer_is_ambiguous_at_the_deadline() {
    let hang = answering(post(), |mut wire, _| async move { wire.hang().await });
    check(hang, NO_ANSWER, 30).await;
    let wrong_id = answering(post(), |mut wire, mut call| async move {
        call["id"] = json!(4_711);
        let fine = json!({"content": [], "structuredContent": {"id": "1"}});
        wire.answer(&call, fine).await;
        wire.hang().await;
    });
    check(wrong_id, NO_ANSWER, 30).await;
    let garbage = answering(post(), |mut wire, _| async move {
        wire.raw("Traceback (most recent call last):\n{\"jsonrpc\": \n\u{0}\n[]\n")
            .await;
        wire.hang().await;
    });
    check(garbage, NO_ANSWER, 30).await;
    let half = answering(post(), |mut wire, call| async move {
        wire.raw(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{},", call["id"]))
            .await;
        wire.hang().await;
    });
    check(half, NO_ANSWER, 30).await;
    let empty = giving(json!({}));
    let odd = "ambiguous: the answer is of a kind that does not belong to the request";
    check(empty, odd, 0).await;
}

// T071: a peer that dies with the call in its hands is known at once, and what became of the call is unknown.
#[tokio::test(start_paused = true)]
async fn t071_death_with_a_call_in_hand_is_ambiguous_at_once() {
    let dies = answering(post(), |_wire, _call| async {});
    check(
        dies,
        "ambiguous: the connection closed before an answer came",
        0,
    )
    .await;
}

// R41: an answer above the limit is an error at once, wherever its id stands, and the connection lives on.
#[tokio::test(start_paused = true)]
async fn r41_an_answer_above_the_limit_is_a_contract_error() {
    let long = "x".repeat(50_000);
    let transport = scripted(move |_, mut wire| {
        let long = long.clone();
        async move {
            while let Some(call) = wire.behave(&post()).await {
                let fine = json!({"content": [], "structuredContent": {"id": "1"}});
                match call["params"]["arguments"]["text"].as_str() {
                    Some("head") => wire.answer(&call, json!({"content": [], "x": long})).await,
                    Some("tail") => {
                        let id = &call["id"];
                        let line = format!(r#"{{"result":"{long}","jsonrpc":"2.0","id":{id}}}"#);
                        wire.raw(&(line + "\n")).await;
                    }
                    _ => wire.answer(&call, fine).await,
                }
            }
        }
    });
    let hub = hub(transport, |server| server.bytes_max = 4_096);
    let start = Instant::now();
    for text in ["head", "tail"] {
        let outcome = hub.call(call_of("post", json!({"text": text}))).await;
        assert_eq!(
            class(outcome),
            "contract: the answer is longer than 4096 bytes"
        );
    }
    assert_eq!(class(call_post(&hub).await), "ok");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(health(&hub).starts, 1);
}

// R44: what comes back is held against what was promised.
#[tokio::test(start_paused = true)]
async fn r44_answers_are_held_against_the_output_schema() {
    let lie = json!({"content": [], "structuredContent": {"id": 7}});
    let why = r#"contract: its answer breaks its output schema at /id: 7 is not of type "string""#;
    check(giving(lie), why, 0).await;
    let text = json!({"content": [{"type": "text", "text": "{\"id\":\"7\"}"}]});
    let why = "contract: it promises structured content and gave none";
    check(giving(text), why, 0).await;
    let fine = json!({"content": [], "structuredContent": {"id": "7"}});
    check(giving(fine), "ok", 0).await;
}

// R44: arguments that do not fit never reach the server.
#[tokio::test(start_paused = true)]
async fn r44_arguments_are_checked_before_the_call() {
    let (seen, mut asked) = mpsc::channel(9);
    let transport = answering(post(), move |_, call| {
        let seen = seen.clone();
        async move { seen.send(call).await.unwrap() }
    });
    let hub = hub(transport, |_| ());
    let check = async |arguments: Value, expected: &str| {
        assert_eq!(class(hub.call(call_of("post", arguments)).await), expected);
    };
    check(
        json!({"text": 7}),
        r#"contract: the arguments do not fit at /text: 7 is not of type "string""#,
    )
    .await;
    check(
        json!({}),
        r#"contract: the arguments do not fit at the whole: "text" is a required property"#,
    )
    .await;
    check(
        json!([1]),
        r#"contract: the arguments do not fit at the whole: [1] is not of type "object""#,
    )
    .await;
    assert!(asked.try_recv().is_err());
}

// T071: a refusal is a refusal in every form, a rate limit is told apart, and a question to a person is not answered.
#[tokio::test(start_paused = true)]
async fn t071_refusals_and_rate_limits_are_told_apart() {
    let error = json!({"isError": true, "content": [{"type": "text", "text": "over the limit"}]});
    check(giving(error), "refused: over the limit", 0).await;
    let question =
        json!({"resultType": "input_required", "requestState": "x", "inputRequests": {}});
    let why = "refused: it asks a person for input, which is not answered here";
    check(giving(question), why, 0).await;
    let rpc = |data: Value| {
        answering(post(), move |mut wire, call| {
            let data = data.clone();
            async move {
                wire.refuse(&call, -32_602, data).await;
                wire.hang().await;
            }
        })
    };
    check(rpc(json!(null)), "refused: no (-32602)", 0).await;
    let limited = json!({"error": {"code": "rate_limited", "retry_after_seconds": 7}});
    check(rpc(limited), "rate limited for 7s: no", 0).await;
}

// R41: a server that asks something of us gets no, not silence.
#[tokio::test(start_paused = true)]
async fn r41_questions_of_a_server_are_refused() {
    let transport = answering(post(), |mut wire, call| async move {
        wire.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "elicitation/create", "params": {"message": "your password?", "requestedSchema": {"type": "object", "properties": {}}}}))
            .await;
        let answer = wire.next().await.unwrap();
        assert_eq!(answer["error"]["code"], json!(-32_601), "{answer}");
        let fine = json!({"content": [], "structuredContent": {"id": "7"}});
        wire.answer(&call, fine).await;
        wire.hang().await;
    });
    check(transport, "ok", 0).await;
}

// R41: whoever stops waiting tells the server, and the trace of the walk travels with the call.
#[tokio::test(start_paused = true)]
async fn r41_a_dropped_call_is_cancelled_and_carries_its_trace() {
    let (seen, mut asked) = mpsc::channel::<Value>(9);
    let transport = answering(post(), move |mut wire, call| {
        let seen = seen.clone();
        async move {
            seen.send(call).await.unwrap();
            while let Some(message) = wire.next().await {
                seen.send(message).await.unwrap();
            }
        }
    });
    let hub = hub(transport, |_| ());
    assert!(
        timeout(Duration::from_secs(5), call_post(&hub))
            .await
            .is_err()
    );
    let call = asked.recv().await.unwrap();
    let trace = call["params"]["_meta"]["traceparent"].as_str().unwrap();
    assert!(
        trace.starts_with("00-019a0000000070008000000000000009-"),
        "{trace}"
    );
    assert!(trace.ends_with("-01") && trace.len() == 55, "{trace}");
    let cancelled = asked.recv().await.unwrap();
    assert_eq!(cancelled["method"], json!("notifications/cancelled"));
    assert_eq!(cancelled["params"]["requestId"], call["id"]);
}

// R43: calls above the limit wait their turn; one whose turn never comes was not sent.
#[tokio::test(start_paused = true)]
async fn r43_calls_wait_their_turn() {
    let under_way = Arc::new(Mutex::new((0_u32, 0_u32)));
    let counted = Arc::clone(&under_way);
    let transport = scripted(move |_, wire| slow(wire, Arc::clone(&counted)));
    let hub = hub(transport, |server| server.concurrency_max = 2);
    let hub = &hub;
    let calls = (0..6).map(|n| async move {
        let mut call = call_of("post", json!({"text": "hello"}));
        // The third pair would come through at 24 s.
        call.deadline = Some(Span::from_secs(if n < 4 { 30 } else { 20 }));
        class(hub.call(call).await)
    });
    let outcomes = futures::future::join_all(calls).await;
    let ok = outcomes.iter().filter(|class| *class == "ok").count();
    let held = "not sent: 2 calls are under way already";
    let held = outcomes.iter().filter(|class| *class == held).count();
    assert_eq!((ok, held), (4, 2), "{outcomes:?}");
    assert_eq!(under_way.lock().await.1, 2, "most at the same time");
}

/// Answers each call after 12 s; counts how many are under way now and at most.
async fn slow(mut wire: Wire, under_way: Arc<Mutex<(u32, u32)>>) {
    let mut waiting: Vec<(Instant, Value)> = Vec::new();
    loop {
        let due = waiting.first().map(|(due, _)| *due);
        tokio::select! {
            call = async { wire.behave(&post()).await } => {
                let Some(call) = call else { return };
                if call["method"] == "tools/call" {
                    waiting.push((Instant::now() + Duration::from_secs(12), call));
                    let mut count = under_way.lock().await;
                    count.0 += 1;
                    count.1 = count.1.max(count.0);
                }
            }
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let (_, call) = waiting.remove(0);
                under_way.lock().await.0 -= 1;
                wire.answer(&call, json!({"content": [], "structuredContent": {"id": "1"}})).await;
            }
        }
    }
}

// R43: our own rate limit says when to come back and sends nothing.
#[tokio::test(start_paused = true)]
async fn r43_the_rate_is_limited_before_anything_is_sent() {
    let transport = scripted(|_, mut wire| async move {
        while let Some(call) = wire.behave(&post()).await {
            wire.answer(
                &call,
                json!({"content": [], "structuredContent": {"id": "1"}}),
            )
            .await;
        }
    });
    let hub = hub(transport, |server| server.rate_per_minute = Some(2));
    assert_eq!(class(call_post(&hub).await), "ok");
    assert_eq!(class(call_post(&hub).await), "ok");
    let limited = "rate limited for 30s: our own limit is 2 a minute";
    assert_eq!(class(call_post(&hub).await), limited);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(class(call_post(&hub).await), "ok");
}

// R43: after five calls without an answer nothing more is sent for 30 s; then one call finds out.
#[tokio::test(start_paused = true)]
async fn r43_the_breaker_spares_a_server_that_does_not_answer() {
    let transport = scripted(|_, mut wire| async move {
        let mut calls = 0;
        while let Some(call) = wire.behave(&post()).await {
            calls += u32::from(call["method"] == "tools/call");
            if calls > 5 {
                let fine = json!({"content": [], "structuredContent": {"id": "1"}});
                wire.answer(&call, fine).await;
            }
        }
    });
    let hub = hub(transport, |_| ());
    for _ in 0..5 {
        assert_eq!(class(call_post(&hub).await), NO_ANSWER);
    }
    assert_eq!(health(&hub).breaker, BreakerState::Open);
    let start = Instant::now();
    assert_eq!(
        class(call_post(&hub).await),
        "not sent: 5 calls in a row got no answer; the next one may go in 30 s"
    );
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(health(&hub).breaker, BreakerState::HalfOpen);
    assert_eq!(class(call_post(&hub).await), "ok");
    let health = health(&hub);
    assert_eq!(health.breaker, BreakerState::Closed);
    assert_eq!((health.calls, health.errors), (7, 6));
}

// T071: a call to a server that nobody configured, or after the end, goes nowhere and says so.
#[tokio::test(start_paused = true)]
async fn t071_no_server_no_call() {
    let hub = hub(giving(welcome()), |_| ());
    let mut stray = call_of("post", json!({"text": "x"}));
    stray.server = "t".into();
    assert_eq!(
        class(hub.call(stray).await),
        "refused: no server of that name is configured"
    );
    hub.shutdown().await;
    assert_eq!(
        class(call_post(&hub).await),
        "not sent: the hub is shut down"
    );
    assert_eq!(health(&hub).state, State::Stopped);
}
