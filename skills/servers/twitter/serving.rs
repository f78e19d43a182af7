//! The protocol side of the stand-in platform: what it announces, its resources, and the guard around its tools.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListResourceTemplatesResult,
    ListResourcesResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    Resource, ResourceTemplate, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler, tool_handler};

use super::{TwitterServer, stream};
use crate::wire::document::{FeedDocument, MIME, list_hints};
use crate::wire::trends::{TrendPlatform, TrendsArgs};
use crate::wire::{Refusal, clean, guard};

#[tool_handler(router = self.tool_router)]
impl ServerHandler for TwitterServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_resources().build())
            .with_server_info(Implementation::new("chimera-twitter", env!("CARGO_PKG_VERSION")))
            .with_instructions("A simulated social platform. Every answer says simulated: true; nothing is published anywhere.")
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        guard::call(self, &self.tool_router, request, context, true).await
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resource = |name: &str, what: &str| {
            Resource::new(format!("twitter://{name}"), name)
                .with_description(what)
                .with_mime_type(MIME)
        };
        let (ttl_ms, cache_scope) = list_hints(&context);
        Ok(ListResourcesResult {
            resources: vec![
                resource(
                    "mentions",
                    "What others said to us on the simulated platform, oldest first.",
                ),
                resource(
                    "trends",
                    "Hashtags and shared words of the last day on the simulated platform.",
                ),
            ],
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
                ResourceTemplate::new("twitter://mentions{?cursor}", "mentions")
                    .with_description(
                        "Mentions after a cursor; the cursor is next_cursor of the read before.",
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
        let document = self.document(&request.uri).await;
        document
            .map_err(|refusal| refusal.simulated().into_protocol())?
            .into_answer(&request.uri)
    }
}

impl TwitterServer {
    async fn document(&self, uri: &str) -> Result<FeedDocument, Refusal> {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let cursor = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("cursor="))
            .map(str::to_owned);
        let mentions = self.settings.mentions.clone();
        match path {
            "twitter://mentions" => {
                self.read(move |world, now| {
                    stream::mentions_document(
                        world,
                        stream::prepared(mentions.as_deref())?,
                        now,
                        cursor.as_deref(),
                    )
                })
                .await
            }
            "twitter://trends" => {
                let args = TrendsArgs::last_day(TrendPlatform::Twitter);
                let window = args.check()?;
                self.read(move |world, now| {
                    let trends = stream::rank(
                        &args,
                        world,
                        stream::prepared(mentions.as_deref())?,
                        now,
                        window,
                    );
                    Ok(stream::trends_document(trends, now))
                })
                .await
            }
            other => {
                let shown = clean::line(other, 100);
                Err(Refusal::new(
                    "not_found",
                    format!("there is no {shown}; resources/list shows the names"),
                ))
            }
        }
    }
}
