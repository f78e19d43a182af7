//! Every configured server behind the two ports of the domain.

use std::sync::Arc;

use async_trait::async_trait;
use chimera_domain::{
    ToolError,
    clock::{Ambient, Span},
    ids::TraceId,
    ports::{ResourceInfo, ResourceReader, ResourceText, ToolCall, ToolCaller, ToolReply},
};
use futures::future::join_all;
use rmcp::model::{
    CallToolRequestParams, ReadResourceRequestParams, ReadResourceResponse, RequestMetaObject,
    ResourceContents,
};
use tokio::time::Instant;

use crate::{
    call::{self, Failure},
    catalog::ToolInfo,
    health::ServerHealth,
    pager, reply,
    server::Server,
    settings::{CALL_TIMEOUT_MAX, Error, Settings},
};

/// Calls tools and reads resources of every configured server. Servers start when they are first needed.
///
/// Call [`Hub::shutdown`] before the runtime ends. A hub that is only dropped asks its servers to end, and
/// whatever the runtime then no longer waits for is killed with its process group.
pub struct Hub {
    servers: Vec<Arc<Server>>,
    ambient: Ambient,
}

impl Hub {
    /// Builds a hub; nothing is started yet.
    ///
    /// # Errors
    /// When a setting cannot work.
    pub fn new(settings: Settings, ambient: Ambient) -> Result<Self, Error> {
        settings.check()?;
        let servers = settings
            .servers
            .into_iter()
            .map(|server| Arc::new(Server::new(server, &settings.environment, ambient.clone())))
            .collect();
        Ok(Self { servers, ambient })
    }

    /// Every server as it is now, in the order of the settings. Never waits.
    #[must_use]
    pub fn health(&self) -> Vec<ServerHealth> {
        self.servers.iter().map(|server| server.health()).collect()
    }

    /// The tools of a server that exist for us, asked afresh.
    ///
    /// # Errors
    /// By class; see [`ToolError`].
    pub async fn list_tools(&self, server: &str) -> Result<Vec<ToolInfo>, ToolError> {
        let server = self.server(server, "tools/list")?;
        let deadline = deadline(server.settings.read_timeout);
        let listed = async {
            let session = server.session(deadline).await?;
            server.catalog(&session, deadline, true).await
        };
        let listed = listed.await.map(|catalog| server.show(&catalog));
        settle(server, "tools/list", listed)
    }

    /// Takes the changed tool definitions of a server as they were last listed; says of which tools.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn accept_changes(&self, server: &str) -> Result<Vec<String>, ToolError> {
        Ok(self.server(server, "tools/list")?.accept_changes())
    }

    /// Ends every server, all at the same time: closes its input, asks its process group after 3 s, kills it
    /// after 6 s. Calls under way end as if the server had died. May be called again.
    pub async fn shutdown(&self) {
        join_all(self.servers.iter().map(|server| server.shutdown())).await;
    }

    fn server(&self, name: &str, what: &str) -> Result<&Arc<Server>, ToolError> {
        self.servers
            .iter()
            .find(|server| server.name() == name)
            .ok_or_else(|| {
                Failure::Refused("no server of that name is configured".into()).at(name, what)
            })
    }

    /// A W3C trace parent: the trace of the walk, and a fresh span for this call.
    fn trace_parent(&self, trace: TraceId) -> String {
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
        let span = self.ambient.fresh();
        format!(
            "00-{}-{}-01",
            hex(trace.as_bytes()),
            hex(&span.as_bytes()[8..])
        )
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        for server in &self.servers {
            server.stop.cancel();
        }
    }
}

#[async_trait]
impl ToolCaller for Hub {
    #[tracing::instrument(name = "mcp.call", skip_all, fields(server = call.server, tool = call.tool, trace = %call.trace_id))]
    async fn call(&self, call: ToolCall) -> Result<ToolReply, ToolError> {
        let server = self.server(&call.server, &call.tool)?;
        let limit = call.deadline.unwrap_or(server.settings.call_timeout);
        let deadline = deadline(limit);
        let called = async {
            let session = server.session(deadline).await?;
            let tool = server.tool(&session, &call.tool, deadline).await?;
            let arguments = tool.check_input(call.arguments)?;
            let mut request =
                CallToolRequestParams::new(call.tool.clone()).with_arguments(arguments);
            let mut meta = RequestMetaObject::new();
            meta.set_traceparent(self.trace_parent(call.trace_id));
            request.meta = Some(meta);
            let work = async {
                let sent = Instant::now();
                // Once and not again: whether a repetition is safe, only our caller knows.
                let once = session.peer.call_tool_once(request);
                let response = call::answer(&session.peer, deadline, once).await?;
                reply::read(response, &tool, span_since(sent))
            };
            server.gated(deadline, work).await
        };
        let called = called.await;
        settle(server, &call.tool, called)
    }
}

#[async_trait]
impl ResourceReader for Hub {
    #[tracing::instrument(name = "mcp.list", skip(self))]
    async fn list(&self, server: &str) -> Result<Vec<ResourceInfo>, ToolError> {
        let server = self.server(server, "resources/list")?;
        let deadline = deadline(server.settings.read_timeout);
        let listed = async {
            let peer = &server.session(deadline).await?.peer;
            let pages = pager::all(|cursor| async move {
                let page = peer.list_resources(pager::request(cursor));
                let page = call::answer(peer, deadline, page).await?;
                Ok((page.resources, page.next_cursor))
            });
            match server.gated(deadline, pages).await {
                // A server without resources need not know the method.
                Err(Failure::Unknown(_)) => Ok(Vec::new()),
                listed => listed,
            }
        };
        let listed = listed.await.map(|resources| {
            let info = |resource: rmcp::model::Resource| ResourceInfo {
                uri: resource.uri,
                name: resource.name,
            };
            resources.into_iter().map(info).collect()
        });
        settle(server, "resources/list", listed)
    }

    #[tracing::instrument(name = "mcp.read", skip(self))]
    async fn read(&self, server: &str, uri: &str) -> Result<ResourceText, ToolError> {
        let server = self.server(server, uri)?;
        let deadline = deadline(server.settings.read_timeout);
        let read = async {
            let peer = &server.session(deadline).await?.peer;
            let once = peer.read_resource_once(ReadResourceRequestParams::new(uri));
            let work = async {
                match call::answer(peer, deadline, once).await? {
                    ReadResourceResponse::Complete(result) => text_of(uri, result.contents),
                    ReadResourceResponse::InputRequired(_) | _ => Err(Failure::Refused(
                        "it asks a person for input, which is not answered here".into(),
                    )),
                }
            };
            server.gated(deadline, work).await
        };
        let read = read.await;
        settle(server, uri, read)
    }
}

/// The one text of a resource; of several, the one with its very URI.
fn text_of(uri: &str, contents: Vec<ResourceContents>) -> Result<ResourceText, Failure> {
    let mut texts: Vec<ResourceText> = contents
        .into_iter()
        .filter_map(|contents| {
            let ResourceContents::TextResourceContents {
                uri,
                mime_type: mime,
                text,
                ..
            } = contents
            else {
                return None;
            };
            Some(ResourceText { uri, mime, text })
        })
        .collect();
    if texts.len() > 1 {
        texts.retain(|text| text.uri == uri);
    }
    match <[ResourceText; 1]>::try_from(texts) {
        Ok([text]) => Ok(text),
        Err(texts) => Err(Failure::Contract(format!(
            "one text was expected, {} came",
            texts.len()
        ))),
    }
}

fn deadline(limit: Span) -> Instant {
    Instant::now() + limit.min(CALL_TIMEOUT_MAX).to_std()
}

fn span_since(start: Instant) -> Span {
    Span::from_micros(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// Counts what became of a call, and says it in the words of the domain.
fn settle<T>(server: &Server, what: &str, done: Result<T, Failure>) -> Result<T, ToolError> {
    let done = done.map_err(|failure| failure.at(server.name(), what));
    server.count(&done);
    done
}
