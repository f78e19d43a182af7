//! Work that must not run on the asynchronous runtime: files, parsing, rendering.

use super::Refusal;

/// Runs `work` on the blocking pool and waits for it. A panic in it becomes an `internal` refusal.
pub(crate) async fn run<T, F>(work: F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Refusal> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|lost| {
            tracing::error!(error = %lost, "blocking work was lost");
            Err(Refusal::new(
                Refusal::INTERNAL,
                "the work failed unexpectedly; the fault is in the server, not in the request",
            ))
        })
}
