//! What one call costs: through the hub to a server of the SDK in this process, and as a bare line of JSON over the
//! same kind of pipe. Run with `cargo run --release -p chimera-mcp --example call_cost`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is run by a person"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chimera_domain::{
    clock::{Ambient, Clock, IdSource, Timestamp},
    ids::TraceId,
    ports::{ToolCall, ToolCaller},
};
use chimera_mcp::{Hub, ServerSettings, Settings, Transport};
use rmcp::{
    Json, ServerHandler, ServiceExt,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{ServerCapabilities, ServerConfig},
    tool, tool_handler, tool_router,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use uuid::Uuid;

const CALLS: usize = 5_000;

#[derive(Clone)]
struct Echo {
    tool_router: ToolRouter<Self>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Said {
    text: String,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct Heard {
    text: String,
}

#[tool_router]
impl Echo {
    #[tool(name = "echo", description = "Says it again.")]
    async fn echo(&self, Parameters(said): Parameters<Said>) -> Json<Heard> {
        Json(Heard { text: said.text })
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0)
    }
}

impl IdSource for Still {
    fn fresh(&self) -> Uuid {
        Uuid::from_u128(7)
    }
    fn pick(&self, _below: u64) -> u64 {
        0
    }
}

#[tokio::main]
async fn main() {
    let pipe = Transport::InProcess(Arc::new(|| {
        let (ours, theirs) = tokio::io::duplex(64 * 1_024);
        tokio::spawn(async move {
            let echo = Echo {
                tool_router: Echo::tool_router(),
            };
            echo.serve(theirs).await.unwrap().waiting().await
        });
        ours
    }));
    let settings = Settings {
        servers: vec![ServerSettings::new("echo", pipe)],
        environment: vec![],
    };
    let hub = Hub::new(settings, Ambient::new(Arc::new(Still), Arc::new(Still))).unwrap();
    let call = ToolCall {
        server: "echo".into(),
        tool: "echo".into(),
        arguments: json!({"text": "hello"}),
        deadline: None,
        trace_id: TraceId::from_uuid(Uuid::from_u128(7)),
    };
    for round in ["warming up", "through the hub"] {
        let mut took = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let start = Instant::now();
            hub.call(call.clone()).await.unwrap();
            took.push(start.elapsed());
        }
        report(round, took);
    }
    hub.shutdown().await;
    report("bare line", bare().await);
}

/// The same text as a line of JSON there and back, parsed on both sides.
async fn bare() -> Vec<Duration> {
    let (ours, theirs) = tokio::io::duplex(64 * 1_024);
    tokio::spawn(async move {
        let (input, mut output) = tokio::io::split(theirs);
        let mut lines = BufReader::new(input).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            let message: Value = serde_json::from_str(&line).unwrap();
            let line = format!("{message}\n");
            output.write_all(line.as_bytes()).await.unwrap();
        }
    });
    let (input, mut output) = tokio::io::split(ours);
    let mut lines = BufReader::new(input).lines();
    let message =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"text": "hello"}});
    let mut took = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let start = Instant::now();
        output
            .write_all(format!("{message}\n").as_bytes())
            .await
            .unwrap();
        let line = lines.next_line().await.unwrap().unwrap();
        let _: Value = serde_json::from_str(&line).unwrap();
        took.push(start.elapsed());
    }
    took
}

fn report(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |hundredth: usize| took[took.len() * hundredth / 100];
    println!(
        "{what:>16}: p50 {:>9.1?}  p99 {:>9.1?}  ({} calls)",
        at(50),
        at(99),
        took.len()
    );
}
