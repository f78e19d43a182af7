//! Starting, dying, coming back, and being left alone, in virtual time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chimera_domain::clock::Span;
use rmcp::{
    Json, ServerHandler, ServiceExt,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::peer::{Wire, call_post, class, health, hub, post, scripted, welcome};
use crate::{State, Transport};

/// A server of the SDK: it speaks both protocols.
#[derive(Clone)]
pub(super) struct Poster {
    tool_router: ToolRouter<Self>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Text {
    text: String,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Posted {
    id: String,
}

#[tool_router]
impl Poster {
    pub(super) fn new() -> Self {
        Self {
            tool_router: Self::tool_router(),
        }
    }

    #[tool(name = "post", description = "Posts.")]
    async fn post(&self, Parameters(text): Parameters<Text>) -> Json<Posted> {
        Json(Posted {
            id: text.text.to_uppercase(),
        })
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Poster {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

// R41: a server of the SDK inside this process is called in the newer protocol, over nothing but a pipe.
#[tokio::test(start_paused = true)]
async fn r41_a_real_server_is_called_over_a_pipe() {
    let transport = Transport::InProcess(Arc::new(|| {
        let (ours, theirs) = tokio::io::duplex(64 * 1_024);
        tokio::spawn(async move { Poster::new().serve(theirs).await.unwrap().waiting().await });
        ours
    }));
    let hub = hub(transport, |_| ());
    assert_eq!(health(&hub).state, State::Off, "started when needed");
    let reply = call_post(&hub).await.unwrap();
    assert_eq!(reply.structured, json!({"id": "HELLO"}));
    let health = health(&hub);
    assert_eq!(
        (health.state, health.tools, health.calls, health.errors),
        (State::Ready, Some(1), 1, 0)
    );
    hub.shutdown().await;
}

/// Answers one call after another as a server of either protocol; `modern` decides which.
async fn converse(mut wire: Wire, modern: bool) {
    while let Some(message) = wire.next().await {
        let complete = |mut result: Value| {
            if modern {
                result["resultType"] = json!("complete");
            }
            result
        };
        match message["method"].as_str() {
            Some("server/discover") if modern => {
                let found = json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "serverInfo": {"name": "peer", "version": "1"}, "ttlMs": 0, "cacheScope": "private"});
                wire.answer(&message, complete(found)).await;
            }
            Some("initialize") if !modern => wire.answer(&message, welcome()).await,
            Some("tools/list") => {
                wire.answer(
                    &message,
                    complete(json!({"tools": post(), "ttlMs": 0, "cacheScope": "private"})),
                )
                .await;
            }
            Some("tools/call") => {
                wire.answer(
                    &message,
                    complete(json!({"content": [], "structuredContent": {"id": "1"}})),
                )
                .await;
            }
            Some(method) if method.starts_with("notifications/") => {}
            _ => wire.refuse(&message, -32_601, json!(null)).await,
        }
    }
}

/// Calls until it works, for at most two minutes; gives how long that took and how many connections it needed.
async fn first_answer(
    script: impl Fn(usize, Wire) -> futures::future::BoxFuture<'static, ()> + Send + Sync + 'static,
) -> (u64, usize) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let transport = scripted(move |n, wire| {
        counted.fetch_add(1, Ordering::SeqCst);
        script(n, wire)
    });
    let hub = hub(transport, |_| ());
    let start = Instant::now();
    while call_post(&hub).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(120));
        sleep(Duration::from_millis(100)).await;
    }
    (
        start.elapsed().as_secs(),
        connections.load(Ordering::SeqCst),
    )
}

// R41: a server that reads nothing for its first 12 s is reached on the second try, in either protocol: the SDK's
// probing alone loses it for good.
#[tokio::test(start_paused = true)]
async fn r41_slow_starters_are_reached_in_either_protocol() {
    for modern in [false, true] {
        let got = first_answer(move |_, wire| {
            Box::pin(async move {
                sleep(Duration::from_secs(12)).await;
                converse(wire, modern).await;
            })
        })
        .await;
        assert_eq!(got, (24, 2), "modern: {modern}");
    }
}

// R41: a server that calls every method a success, even one it does not know, is reached through the handshake.
#[tokio::test(start_paused = true)]
async fn r41_a_server_that_answers_everything_is_reached() {
    let got = first_answer(|_, mut wire| {
        Box::pin(async move {
            while let Some(message) = wire.next().await {
                match message["method"].as_str() {
                    Some("server/discover") => wire.answer(&message, json!({})).await,
                    _ if message["id"].is_null() => {}
                    Some("initialize") => wire.answer(&message, welcome()).await,
                    Some("tools/list") => {
                        wire.answer(&message, json!({"tools": post()})).await;
                    }
                    _ => {
                        let fine = json!({"content": [], "structuredContent": {"id": "1"}});
                        wire.answer(&message, fine).await;
                    }
                }
            }
        })
    })
    .await;
    assert_eq!(got, (0, 2));
}

// R41: a server that leaves when it is probed is reached through the handshake.
#[tokio::test(start_paused = true)]
async fn r41_a_server_that_leaves_at_the_probe_is_reached() {
    let got = first_answer(|n, mut wire| {
        Box::pin(async move {
            if n == 0 {
                wire.next().await;
            } else {
                converse(wire, false).await;
            }
        })
    })
    .await;
    assert_eq!(got, (0, 2));
}

// R41: one that swallows the probe is reached within the start budget, and the protocol found is remembered: the next
// connection needs one try.
#[tokio::test(start_paused = true)]
async fn r41_the_protocol_found_is_remembered() {
    let transport = scripted(|_, mut wire| async move {
        let Some(first) = wire.next().await else {
            return;
        };
        if first["method"] != "initialize" {
            return wire.hang().await;
        }
        wire.answer(&first, welcome()).await;
        if let Some(call) = wire.behave(&post()).await {
            let fine = json!({"content": [], "structuredContent": {"id": "1"}});
            wire.answer(&call, fine).await;
        }
    });
    let hub = hub(transport, |_| ());
    let start = Instant::now();
    let first = class(call_post(&hub).await);
    assert_eq!(first, "not sent: it is still starting");
    assert_eq!(start.elapsed().as_secs(), 30);
    assert_eq!(class(call_post(&hub).await), "ok");
    sleep(Duration::from_millis(100)).await;
    assert!(matches!(health(&hub).state, State::Backoff(1)));
    sleep(Duration::from_secs(2)).await;
    let again = Instant::now();
    assert_eq!(class(call_post(&hub).await), "ok");
    assert_eq!(again.elapsed().as_secs(), 0, "no second search");
}

// T052: a server that never starts is tried five times with growing waits, says why, is left alone for ten minutes,
// and comes back by itself once it can.
#[tokio::test(start_paused = true)]
async fn t052_a_server_that_never_starts_is_left_alone_for_ten_minutes() {
    let fixed = Arc::new(AtomicUsize::new(0));
    let works = Arc::clone(&fixed);
    let transport = scripted(move |_, wire| {
        let works = works.load(Ordering::SeqCst) == 1;
        async move {
            if works {
                converse(wire, false).await;
            }
        }
    });
    let hub = hub(transport, |_| ());
    let start = Instant::now();
    let first = class(call_post(&hub).await);
    assert!(
        first.starts_with(
            "not sent: it is started again in 2 s: the handshake failed: connection closed"
        ),
        "{first}"
    );
    let down = health(&hub);
    assert_eq!(down.state, State::Backoff(1));
    let wait = down.next_retry.unwrap().since(down.since);
    assert!(
        (Span::from_secs(1)..=Span::from_millis(1_250)).contains(&wait),
        "{wait}"
    );
    sleep(Duration::from_secs(60)).await;
    let down = health(&hub);
    assert_eq!((down.state, down.starts), (State::Quarantined, 5));
    let why = class(call_post(&hub).await);
    assert!(
        why.starts_with("not sent: it died too often and is left alone for 5"),
        "{why}"
    );
    assert_eq!(start.elapsed().as_secs(), 60, "no call waited");

    fixed.store(1, Ordering::SeqCst);
    sleep(Duration::from_secs(600)).await;
    assert_eq!(class(call_post(&hub).await), "ok");
    assert_eq!(health(&hub).state, State::Ready);
}

// T052: a server that dies after a call comes back by itself; calls in between are not sent and do not wait.
#[tokio::test(start_paused = true)]
async fn t052_a_dead_server_comes_back_by_itself() {
    let transport = scripted(|_, mut wire| async move {
        if let Some(call) = wire.behave(&post()).await {
            let fine = json!({"content": [], "structuredContent": {"id": "1"}});
            wire.answer(&call, fine).await;
        }
    });
    let hub = hub(transport, |_| ());
    assert_eq!(class(call_post(&hub).await), "ok");
    sleep(Duration::from_millis(100)).await;
    let down = class(call_post(&hub).await);
    assert!(
        down.starts_with("not sent: it is started again in"),
        "{down}"
    );
    sleep(Duration::from_secs(2)).await;
    assert_eq!(health(&hub).state, State::Ready, "nobody had to ask");
    assert_eq!(class(call_post(&hub).await), "ok");
    assert_eq!(health(&hub).starts, 2);
}

// R41: shutting down in the middle of a start does not wait for it.
#[tokio::test(start_paused = true)]
async fn r41_a_start_can_be_broken_off() {
    let hub = Arc::new(hub(
        scripted(|_, mut wire| async move { wire.hang().await }),
        |_| (),
    ));
    let caller = {
        let hub = Arc::clone(&hub);
        tokio::spawn(async move { class(call_post(&hub).await) })
    };
    sleep(Duration::from_secs(1)).await;
    assert_eq!(health(&hub).state, State::Starting);
    let start = Instant::now();
    hub.shutdown().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(caller.await.unwrap(), "not sent: the hub is shut down");
}
