//! A client that is connected to one of our servers, with short names for what tests do.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ProtocolVersion,
    ReadResourceRequestParams, ResourceContents, Tool,
};
use rmcp::service::{RunningService, ServiceError};
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::{Bundled, Clock, Error, TwitterSettings, serve};

/// 2026-11-21T12:00:00Z.
pub(super) const NOON: i64 = 1_795_262_400_000_000;

/// A clock that stands still until a test moves it.
#[derive(Clone)]
pub(super) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(super) fn at(micros: i64) -> Self {
        Self(Arc::new(AtomicI64::new(micros)))
    }

    pub(super) fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub(super) fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || hand.0.load(Ordering::SeqCst))
    }
}

pub(super) fn twitter(folder: &Path, hand: &Hand) -> TwitterSettings {
    TwitterSettings::new(folder.join("journal.jsonl"), hand.clock())
}

pub(super) struct Peer {
    pub(super) client: RunningService<RoleClient, ()>,
    server: JoinHandle<Result<(), Error>>,
}

impl Peer {
    /// Connects in the modern era.
    pub(super) async fn connect(server: Bundled) -> Self {
        let modern = ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        };
        Self::connect_in(server, modern).await
    }

    pub(super) async fn connect_in(server: Bundled, era: ClientLifecycleMode) -> Self {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let server = tokio::spawn(serve(server, theirs));
        let client = ().serve_with_lifecycle(ours, era).await.unwrap();
        Self { client, server }
    }

    pub(super) async fn tools(&self) -> Vec<Tool> {
        self.client.list_tools(None).await.unwrap().tools
    }

    pub(super) async fn raw(
        &self,
        tool: &str,
        args: Value,
    ) -> Result<CallToolResult, ServiceError> {
        let Value::Object(arguments) = args else {
            panic!("arguments are an object")
        };
        let call = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        match self.client.peer().call_tool_once(call).await? {
            CallToolResponse::Complete(result) => Ok(result),
            CallToolResponse::InputRequired(_) | CallToolResponse::Task(_) => {
                panic!("{tool} did not complete")
            }
            _ => panic!("{tool} gave an unknown kind of answer"),
        }
    }

    /// Calls a tool that must succeed; its structured answer is checked against the tool's own output schema.
    pub(super) async fn call(&self, tool: &str, args: Value) -> Value {
        let result = self.raw(tool, args).await.unwrap();
        assert_ne!(result.is_error, Some(true), "{tool}: {:?}", result.content);
        let answer = result.structured_content.unwrap();
        let tools = self.tools().await;
        let published = tools
            .iter()
            .find(|published| published.name == tool)
            .unwrap();
        let schema = Value::Object(published.output_schema.as_ref().unwrap().as_ref().clone());
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&answer)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{tool}");
        answer
    }

    /// Calls a tool that must refuse; returns the facts of the refusal.
    pub(super) async fn refused(&self, tool: &str, args: Value) -> Value {
        let result = self.raw(tool, args).await.unwrap();
        assert_eq!(result.is_error, Some(true), "{tool} did not refuse");
        assert!(result.structured_content.is_none());
        Value::Object(result.meta.unwrap().0)
    }

    pub(super) async fn read(&self, uri: &str) -> Value {
        self.try_read(uri).await.unwrap()
    }

    pub(super) async fn try_read(&self, uri: &str) -> Result<Value, ServiceError> {
        let result = self
            .client
            .read_resource(ReadResourceRequestParams::new(uri))
            .await?;
        match result.contents.as_slice() {
            [
                ResourceContents::TextResourceContents {
                    text, mime_type, ..
                },
            ] => {
                assert_eq!(mime_type.as_deref(), Some("application/json"));
                Ok(serde_json::from_str(text).unwrap())
            }
            other => panic!("one text was expected, not {other:?}"),
        }
    }

    /// Hangs up and waits until the server has let go of everything.
    pub(super) async fn hang_up(self) {
        self.client.cancel().await.unwrap();
        self.server.await.unwrap().unwrap();
    }
}
