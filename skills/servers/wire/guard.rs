//! The panic guard around a tool call.
//!
//! A panicking tool would otherwise never answer, and its caller would wait for ever.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use rmcp::ErrorData;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::{IntoCallToolResult, ToolCallContext};
use rmcp::model::{CallToolRequestParams, CallToolResponse};
use rmcp::service::RequestContext;
use rmcp::RoleServer;

use super::Refusal;

/// Runs one tool; a panic inside it becomes an `internal` refusal that names the tool.
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
    match AssertUnwindSafe(call).catch_unwind().await {
        Ok(answer) => answer,
        Err(_panic) => {
            tracing::error!(%tool, "a tool panicked");
            let mut refusal = Refusal::new(
                "internal",
                format!("the tool {tool} failed unexpectedly; the fault is in the server, not in the request"),
            );
            refusal.simulated = simulated;
            refusal.into_call_tool_result()
        }
    }
}
