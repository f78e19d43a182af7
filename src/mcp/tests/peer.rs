//! A peer that says exactly what a test wants, as raw JSON lines.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chimera_domain::{
    ToolError,
    clock::Span,
    ids::TraceId,
    ports::{ToolCall, ToolCaller, ToolReply},
    testing,
};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};

use crate::{Hub, ServerHealth, ServerSettings, Settings, Transport};

/// The server's half of a pipe.
pub(super) struct Wire {
    input: Lines<BufReader<ReadHalf<DuplexStream>>>,
    output: WriteHalf<DuplexStream>,
}

impl Wire {
    /// The next message, once there is one.
    pub(super) async fn next(&mut self) -> Option<Value> {
        let line = self.input.next_line().await.ok()??;
        Some(serde_json::from_str(&line).unwrap())
    }

    pub(super) async fn raw(&mut self, text: &str) {
        // The other side may be gone; a test that minds will notice.
        let _ = self.output.write_all(text.as_bytes()).await;
    }

    pub(super) async fn send(&mut self, message: &Value) {
        self.raw(&format!("{message}\n")).await;
    }

    pub(super) async fn answer(&mut self, request: &Value, result: Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": request["id"], "result": result}))
            .await;
    }

    pub(super) async fn refuse(&mut self, request: &Value, code: i64, data: Value) {
        let error = json!({"code": code, "message": "no", "data": data});
        self.send(&json!({"jsonrpc": "2.0", "id": request["id"], "error": error}))
            .await;
    }

    /// Answers as a well-behaved server of the older protocol with these tools, until something else is asked.
    pub(super) async fn behave(&mut self, tools: &Value) -> Option<Value> {
        loop {
            let message = self.next().await?;
            match message["method"].as_str() {
                Some("server/discover") => self.refuse(&message, -32_601, json!(null)).await,
                Some("initialize") => self.answer(&message, welcome()).await,
                Some("tools/list") => self.answer(&message, json!({"tools": tools})).await,
                Some("notifications/initialized") => {}
                _ => return Some(message),
            }
        }
    }

    /// Waits without a word until the other side is gone.
    pub(super) async fn hang(&mut self) {
        while self.next().await.is_some() {}
    }
}

pub(super) fn welcome() -> Value {
    json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {"listChanged": true}, "resources": {}}, "serverInfo": {"name": "peer", "version": "1"}})
}

/// A tool `post` that takes a text and promises an id.
pub(super) fn post() -> Value {
    json!([{
        "name": "post", "description": "Posts.",
        "inputSchema": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "outputSchema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    }])
}

/// A server inside this process that follows a script; the script learns how often it was connected to before.
pub(super) fn scripted<F>(script: impl Fn(usize, Wire) -> F + Send + Sync + 'static) -> Transport
where
    F: Future<Output = ()> + Send + 'static,
{
    let connections = AtomicUsize::new(0);
    Transport::InProcess(Arc::new(move || {
        let (ours, theirs) = tokio::io::duplex(64 * 1_024);
        let (input, output) = tokio::io::split(theirs);
        let wire = Wire {
            input: BufReader::new(input).lines(),
            output,
        };
        let n = connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(script(n, wire));
        ours
    }))
}

/// A server that behaves, and answers the first call as the script says.
pub(super) fn answering<F>(
    tools: Value,
    script: impl Fn(Wire, Value) -> F + Send + Sync + 'static,
) -> Transport
where
    F: Future<Output = ()> + Send + 'static,
{
    let script = Arc::new(script);
    scripted(move |_, mut wire| {
        let (tools, script) = (tools.clone(), Arc::clone(&script));
        async move {
            if let Some(call) = wire.behave(&tools).await {
                script(wire, call).await;
            }
        }
    })
}

/// A hub with one server `s`.
pub(super) fn hub(transport: Transport, change: impl FnOnce(&mut ServerSettings)) -> Hub {
    let mut server = ServerSettings::new("s", transport);
    change(&mut server);
    let environment = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("NAMED", "1"),
        ("SECRET", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let settings = Settings {
        servers: vec![server],
        environment,
    };
    Hub::new(settings, testing::ambient(7).0).unwrap()
}

pub(super) fn health(hub: &Hub) -> ServerHealth {
    hub.health().remove(0)
}

pub(super) fn call_of(tool: &str, arguments: Value) -> ToolCall {
    ToolCall {
        server: "s".into(),
        tool: tool.into(),
        arguments,
        deadline: None,
        trace_id: TraceId::from_uuid(testing::uuid_of(9)),
    }
}

/// Calls `post` with a text.
pub(super) async fn call_post(hub: &Hub) -> Result<ToolReply, ToolError> {
    hub.call(call_of("post", json!({"text": "hello"}))).await
}

/// The class of an outcome and why, in short: `ambiguous: no answer before the deadline`.
pub(super) fn class<T>(outcome: Result<T, ToolError>) -> String {
    match outcome {
        Ok(_) => "ok".into(),
        Err(ToolError::NotSent { why, .. }) => format!("not sent: {why}"),
        Err(ToolError::RateLimited {
            retry_after, why, ..
        }) => {
            format!(
                "rate limited for {}: {why}",
                retry_after.unwrap_or(Span::ZERO)
            )
        }
        Err(ToolError::Refused { why, .. }) => format!("refused: {why}"),
        Err(ToolError::Contract { why, .. }) => format!("contract: {why}"),
        Err(ToolError::Ambiguous { why, .. }) => format!("ambiguous: {why}"),
        Err(ToolError::Budget { why, .. }) => format!("budget: {why}"),
    }
}
