//! MCP behind two traits: tools are called, resources are read.

use async_trait::async_trait;
use serde_json::Value;

use crate::{ToolError, clock::Span, ids::TraceId, policy::Usage};

/// Calls tools of MCP servers.
#[async_trait]
pub trait ToolCaller: Send + Sync {
    /// Calls one tool and validates both sides against its schemas. Never retries: whether that is
    /// safe, only the caller knows.
    ///
    /// # Errors
    /// By class; see [`ToolError`].
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError>;
}

/// Reads resources of MCP servers.
#[async_trait]
pub trait ResourceReader: Send + Sync {
    /// Every resource the server lists, bounded.
    ///
    /// # Errors
    /// By class; see [`ToolError`].
    async fn list(&self, server: &str) -> Result<Vec<ResourceInfo>, ToolError>;

    /// The text of one resource, bounded.
    ///
    /// # Errors
    /// By class; see [`ToolError`].
    async fn read(&self, server: &str, uri: &str) -> Result<ResourceText, ToolError>;
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The MCP server by its configured name.
    pub server: String,
    /// The tool by its own name there.
    pub tool: String,
    /// Its arguments, an object.
    pub arguments: Value,
    /// How long an answer may take; `None` for the server's own limit.
    pub deadline: Option<Span>,
    /// From perception to ledger.
    pub trace_id: TraceId,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolReply {
    /// The structured content; untrusted data.
    pub structured: Value,
    /// What the server says it used (`usage` in the structured content).
    pub usage: Usage,
    /// Whether the server says it is a stand-in (`simulated` in the structured content).
    pub simulated: bool,
    /// How long it took.
    pub latency: Span,
}

/// One resource as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceInfo {
    /// Its URI.
    pub uri: String,
    /// Its name; untrusted.
    pub name: String,
}

/// The text of one resource; untrusted data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceText {
    /// Its URI.
    pub uri: String,
    /// Its MIME type, where the server says.
    pub mime: Option<String>,
    /// The text.
    pub text: String,
}
