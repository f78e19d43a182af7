//! The `feeds` server: documents of the open web and recordings of them, as resources.
//!
//! It decodes, repairs and cleans; it does not judge, store or schedule. A source that cannot be read fails alone.
//! Start at [`parse`] for the way from bytes to entries and at [`read`] for the kinds of sources.

mod charset;
mod entity;
mod fetch;
mod items;
mod parse;
mod plain;
mod read;
mod rebuild;
mod recording;
mod soup;
mod source;
mod tag;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures::StreamExt;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListResourceTemplatesResult,
    ListResourcesResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    Resource, ResourceTemplate, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, Json, RoleServer, ServerHandler, tool, tool_handler, tool_router};

use crate::wire::document::{MIME, list_hints};
use crate::wire::trends::{self, Observation, SourceFailure, Trends, TrendsArgs};
use crate::wire::{Refusal, clean, guard, schema, time};
use read::Reader;
use source::Place;
pub use source::{FeedsSettings, Location, Source};

/// Sources read at the same time by one `fetch_trends`.
const PARALLEL: usize = 8;
/// Sources named as failed in one answer.
const FAILURES_MAX: usize = 50;

/// The server; cheap to clone, all clones share one reader.
#[derive(Clone)]
pub(crate) struct FeedsServer {
    tool_router: ToolRouter<Self>,
    reader: Arc<Reader>,
}

#[tool_router]
impl FeedsServer {
    pub(crate) fn new(settings: FeedsSettings) -> Self {
        Self {
            tool_router: schema::plain(Self::tool_router()),
            reader: Arc::new(Reader::new(settings)),
        }
    }

    #[tool(
        name = "fetch_trends",
        title = "Fetch trends",
        description = "Reads every configured feed and ranks what they write about by how recent and how frequent it is.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = true
        )
    )]
    async fn fetch_trends(
        &self,
        Parameters(args): Parameters<TrendsArgs>,
    ) -> Result<Json<Trends>, Refusal> {
        let window = args.check()?;
        let now = (self.reader.settings.clock)();
        let sources = self.reader.list().await?;
        let reads = sources.into_iter().map(|source| {
            let reader = Arc::clone(&self.reader);
            async move {
                let name = source.name.clone();
                let cursor = reader
                    .position(&name)
                    .filter(|_| matches!(source.place, Place::Recording(_)));
                (name, reader.read(source, cursor).await)
            }
        });
        let mut answer = Trends {
            platform: args.platform,
            time_window: args.time_window.clone(),
            computed_at: time::rfc3339(now),
            trends: Vec::new(),
            sources_read: 0,
            sources_failed: Vec::new(),
            notes: Vec::new(),
            simulated: false,
        };
        let mut observations = Vec::new();
        let mut reads = futures::stream::iter(reads).buffered(PARALLEL);
        while let Some((name, outcome)) = reads.next().await {
            match outcome {
                Ok(document) => {
                    answer.sources_read = answer.sources_read.saturating_add(1);
                    // The moment of a recording is its own present, not ours.
                    let shift = document
                        .recorded_at
                        .as_deref()
                        .and_then(time::parse)
                        .map_or(0, |at| now - at);
                    observations.extend(document.items.into_iter().map(|item| {
                        Observation {
                            at: item
                                .published
                                .as_deref()
                                .and_then(time::parse)
                                .map(|at| at.saturating_add(shift)),
                            source: name.clone(),
                            item,
                        }
                    }));
                }
                Err(refusal) if answer.sources_failed.len() < FAILURES_MAX => {
                    answer.sources_failed.push(SourceFailure {
                        name,
                        reason: refusal.detail,
                    });
                }
                Err(_) => {}
            }
        }
        if !args.geo.trim().is_empty() {
            answer
                .notes
                .push("feeds carry no place, so geo was not applied".to_owned());
        }
        let ranked =
            tokio::task::spawn_blocking(move || trends::rank(&args, &observations, now, window))
                .await;
        answer.trends = ranked
            .map_err(|_| Refusal::new("internal", "ranking the items failed unexpectedly"))?;
        Ok(Json(answer))
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for FeedsServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(
            ServerCapabilities::builder()
                .enable_tools()
                .enable_resources()
                .build(),
        )
        .with_server_info(Implementation::new(
            "chimera-feeds",
            env!("CARGO_PKG_VERSION"),
        ))
        .with_instructions(
            "Read feed://<name> for entries; pass next_cursor back to read only what changed.",
        )
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        guard::call(self, &self.tool_router, request, context, false).await
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let sources = self.reader.list().await.map_err(Refusal::into_protocol)?;
        let resources = sources
            .into_iter()
            .map(|source| {
                let kind = match source.place {
                    Place::File(_) => "A feed document in a file.",
                    Place::Http(_) => "A feed on the web, fetched when it changed.",
                    Place::Recording(_) => "A recording, replayed line by line with the cursor.",
                    Place::Broken(_) => "A source that cannot be read at present.",
                };
                Resource::new(format!("feed://{}", source.name), source.name)
                    .with_description(kind)
                    .with_mime_type(MIME)
            })
            .collect();
        let (ttl_ms, cache_scope) = list_hints(&context);
        Ok(ListResourcesResult {
            resources,
            ttl_ms,
            cache_scope,
            ..ListResourcesResult::default()
        })
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let (ttl_ms, cache_scope) = list_hints(&context);
        Ok(ListResourceTemplatesResult {
            resource_templates: vec![
                ResourceTemplate::new("feed://{name}{?cursor}", "feed")
                    .with_description(
                        "A feed from a cursor on; the cursor is next_cursor of the read before.",
                    )
                    .with_mime_type(MIME),
            ],
            ttl_ms,
            cache_scope,
            ..ListResourceTemplatesResult::default()
        })
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (name, cursor) = address(&request.uri).map_err(Refusal::into_protocol)?;
        let document = async {
            self.reader
                .read(self.reader.find(&name).await?, cursor)
                .await
        };
        document
            .await
            .map_err(Refusal::into_protocol)?
            .into_answer(&request.uri)
    }
}

/// The name and the cursor of `feed://<name>` or `feed://<name>?cursor=<c>`.
fn address(uri: &str) -> Result<(String, Option<String>), Refusal> {
    let rest = uri.strip_prefix("feed://").ok_or_else(|| {
        let shown = clean::line(uri, 100);
        Refusal::new("not_found", format!("{shown} is not a feed:// address"))
    })?;
    let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
    let cursor = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("cursor="))
        .map(unescape);
    Ok((
        unescape(name.trim_end_matches('/')),
        cursor.filter(|text| !text.is_empty()),
    ))
}

/// Percent-decoding; a `%` that starts no escape stays.
fn unescape(text: &str) -> String {
    let (mut out, bytes, mut at) = (Vec::with_capacity(text.len()), text.as_bytes(), 0);
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
