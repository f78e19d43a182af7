//! The panic guard around a tool call.
//!
//! A panicking tool would otherwise never answer, and its caller would wait for ever.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use rmcp::ErrorData;
use rmcp::RoleServer;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::{IntoCallToolResult, ToolCallContext};
use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ErrorCode};
use rmcp::service::RequestContext;

use super::Refusal;

/// Runs one tool; a panic inside it becomes an `internal` refusal that names the tool. Arguments of the wrong shape become
/// a refusal as well: a protocol error would be hidden from whoever wrote them, and would not be marked as simulated.
pub(crate) async fn call<S>(
    server: &S,
    router: &ToolRouter<S>,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
    simulated: bool,
) -> Result<CallToolResponse, ErrorData>
where
    S: Send + Sync + 'static,
{
    let tool = request.name.clone();
    let call = router.call(ToolCallContext::new(server, request, context));
    let refuse = |code, detail: String| {
        let mut refusal = Refusal::new(code, detail);
        refusal.simulated = simulated;
        refusal.into_call_tool_result()
    };
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(Ok(CallToolResponse::Complete(result)))
            if result.is_error == Some(true) && result.meta.is_none() =>
        {
            refuse("invalid_argument", text_of(&result))
        }
        Ok(Err(error)) if error.code == ErrorCode::INVALID_PARAMS && router.has_route(&tool) => {
            refuse("invalid_argument", error.message.into_owned())
        }
        Ok(answer) => answer,
        Err(_panic) => {
            tracing::error!(%tool, "a tool panicked");
            refuse(
                Refusal::INTERNAL,
                format!(
                    "the tool {tool} failed unexpectedly; the fault is in the server, not in the request"
                ),
            )
        }
    }
}

/// What the library says about arguments that do not fit the schema. Our own refusals always carry `_meta`.
fn text_of(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|block| block.as_text());
    texts
        .map(|text| text.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "the tool under test must panic"
    )]
    use rmcp::model::{CallToolResponse, ServerConfig};
    use rmcp::{ServerHandler, ServiceExt, tool, tool_handler, tool_router};

    use super::*;

    #[derive(Clone)]
    struct Clumsy {
        tool_router: ToolRouter<Self>,
    }

    #[tool_router]
    impl Clumsy {
        #[tool(name = "fall")]
        async fn fall(&self) -> String {
            panic!("on purpose")
        }
    }

    #[tool_handler(router = self.tool_router)]
    impl ServerHandler for Clumsy {
        fn get_info(&self) -> ServerConfig {
            ServerConfig::default()
        }

        async fn call_tool(
            &self,
            request: CallToolRequestParams,
            context: RequestContext<RoleServer>,
        ) -> Result<CallToolResponse, ErrorData> {
            call(self, &self.tool_router, request, context, true).await
        }
    }

    /// R44: a tool that panics still answers, as a refusal, and the server goes on serving.
    #[tokio::test]
    async fn r44_a_panicking_tool_answers() {
        let (ours, theirs) = tokio::io::duplex(4096);
        let server = Clumsy {
            tool_router: Clumsy::tool_router(),
        };
        tokio::spawn(async move { server.serve(theirs).await.unwrap().waiting().await });
        let client = ().serve(ours).await.unwrap();
        for _ in 0..2 {
            let answer = client
                .peer()
                .call_tool_once(CallToolRequestParams::new("fall"))
                .await
                .unwrap();
            let CallToolResponse::Complete(result) = answer else {
                panic!("not complete")
            };
            assert_eq!(result.is_error, Some(true));
        }
        client.cancel().await.unwrap();
    }
}
