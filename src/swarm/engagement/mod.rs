//! The engagement sampler: looks at what is public, less often as it ages.
//!
//! It records what the platform says and draws no conclusions yet; threshold rules read the samples.

use std::sync::Arc;

use chimera_domain::{
    Ambient, Span, Timestamp, ToolError,
    ports::{Store, ToolCall, ToolCaller},
    publication::{DuePublication, Sample},
};
use serde_json::json;
use tracing::{debug, warn};

use crate::drive::{Step, StepResult};

/// Publications looked at in one step.
const LOOKS_MAX: u32 = 16;
/// The shortest time between two looks at one publication.
const LOOK_MIN: Span = Span::from_secs(15);
/// The longest.
const LOOK_MAX: Span = Span::from_hours(6);
/// The next look comes after this share of the publication's age.
const AGE_SHARE: u64 = 10;

/// The engagement sampler's ports.
pub(crate) struct Engagement {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tools: Arc<dyn ToolCaller>,
    pub(crate) ambient: Ambient,
}

#[derive(serde::Deserialize)]
struct Metrics {
    likes: u64,
    shares: u64,
    comments: u64,
    views: Option<u64>,
    #[serde(default)]
    simulated: bool,
}

impl Engagement {
    pub(crate) async fn step(&self) -> StepResult {
        let due = self.store.due_publications(LOOKS_MAX).await?;
        if due.is_empty() {
            return Ok(Step::Idle);
        }
        for publication in due {
            let sample = match self.look(&publication).await {
                Ok(sample) => Some(sample),
                Err(error) => {
                    warn!(publication = %publication.id, %error, "engagement could not be read");
                    None
                }
            };
            debug!(publication = %publication.id, ?sample, "looked at");
            let now = self.ambient.now();
            let next_at = now.plus(next_look(publication.published_at, now));
            // A conflict means that somebody else looked at the same moment.
            let _ = self
                .store
                .commit_sample(publication.id, publication.version, sample, next_at)
                .await?;
        }
        Ok(Step::Progress)
    }

    async fn look(&self, publication: &DuePublication) -> Result<Sample, ToolError> {
        let call = ToolCall {
            server: publication.server.clone(),
            tool: "get_metrics".to_owned(),
            arguments: json!({"post_id": publication.external_id}),
            deadline: None,
            trace_id: publication.trace_id,
        };
        let reply = self.tools.call(call).await?;
        let metrics: Metrics =
            serde_json::from_value(reply.structured).map_err(|error| ToolError::Contract {
                server: publication.server.clone(),
                tool: "get_metrics".to_owned(),
                why: error.to_string(),
            })?;
        Ok(Sample {
            at: self.ambient.now(),
            likes: metrics.likes,
            shares: metrics.shares,
            comments: metrics.comments,
            views: metrics.views,
            simulated: metrics.simulated || reply.simulated,
        })
    }
}

fn next_look(published_at: Timestamp, now: Timestamp) -> Span {
    Span::from_micros(now.since(published_at).micros() / AGE_SHARE).clamp(LOOK_MIN, LOOK_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R86: looks grow rarer with age and never stop.
    #[test]
    fn r86_looks_grow_rarer_with_age() {
        let at = |age: Span| {
            next_look(
                Timestamp::from_micros(0),
                Timestamp::from_micros(0).plus(age),
            )
        };
        assert_eq!(at(Span::ZERO), LOOK_MIN);
        assert_eq!(at(Span::from_hours(10)), Span::from_hours(1));
        assert_eq!(at(Span::from_hours(24 * 365)), LOOK_MAX);
    }
}
