//! Perception: polls what is due, several resources side by side, none waiting for another.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chimera_domain::{
    Ambient, Outcome, Span, StoreError,
    ids::ResourceId,
    ports::{PlannerStore, ResourceReader},
    resource::{Poll, Resource},
};
use tokio::{
    sync::Mutex,
    task::{JoinError, JoinSet},
};
use tracing::{debug, error, warn};

use super::ingest;
use crate::{
    backoff,
    drive::{Step, StepResult},
};

/// Resources polled side by side.
const POLLS_MAX: usize = 8;
/// Looked at for what is due: those under way stay due until they end.
const DUE_MAX: u32 = 16;
/// How long a step waits for a poll to end before it looks again for what became due meanwhile.
const LOOK: Duration = Duration::from_millis(500);
/// The longest a failing resource is left alone.
const POLL_BACKOFF_MAX: Span = Span::from_mins(10);
/// Where back-off begins.
const POLL_BACKOFF_MIN: Span = Span::from_secs(1);
/// Polls are spread by up to this share of their interval, so that they do not march in step.
const JITTER_SHARE: u64 = 10;

/// The ports of perception, and the polls under way.
pub(crate) struct Perceiver {
    eye: Arc<Eye>,
    under_way: Mutex<UnderWay>,
}

/// What one poll needs.
struct Eye {
    store: Arc<dyn PlannerStore>,
    resources: Arc<dyn ResourceReader>,
    ambient: Ambient,
}

#[derive(Default)]
struct UnderWay {
    polls: JoinSet<(ResourceId, Result<(), StoreError>)>,
    ids: HashSet<ResourceId>,
}

impl Perceiver {
    pub(crate) fn new(
        store: Arc<dyn PlannerStore>,
        resources: Arc<dyn ResourceReader>,
        ambient: Ambient,
    ) -> Self {
        let eye = Arc::new(Eye {
            store,
            resources,
            ambient,
        });
        Self {
            eye,
            under_way: Mutex::default(),
        }
    }

    /// Reads what is due, one after the other; how many there were.
    pub(crate) async fn in_turn(&self) -> Result<usize, StoreError> {
        let due = self.eye.store.due_resources(DUE_MAX).await?;
        for resource in &due {
            self.eye.poll(resource).await?;
        }
        Ok(due.len())
    }

    /// Starts what is due and takes in what has ended.
    pub(crate) async fn step(&self) -> StepResult {
        let mut under_way = self.under_way.lock().await;
        if under_way.ids.len() < POLLS_MAX {
            for resource in self.eye.store.due_resources(DUE_MAX).await? {
                if under_way.ids.len() < POLLS_MAX && under_way.ids.insert(resource.id) {
                    let eye = self.eye.clone();
                    under_way
                        .polls
                        .spawn(async move { (resource.id, eye.poll(&resource).await) });
                }
            }
        }
        if under_way.ids.is_empty() {
            return Ok(Step::Idle);
        }
        if let Ok(Some(ended)) = tokio::time::timeout(LOOK, under_way.polls.join_next()).await {
            under_way.take_in(ended)?;
            while let Some(ended) = under_way.polls.try_join_next() {
                under_way.take_in(ended)?;
            }
        }
        Ok(Step::Progress)
    }
}

impl UnderWay {
    fn take_in(
        &mut self,
        ended: Result<(ResourceId, Result<(), StoreError>), JoinError>,
    ) -> Result<(), StoreError> {
        match ended {
            Ok((id, result)) => {
                self.ids.remove(&id);
                result
            }
            Err(problem) => {
                // Which one it was is not told; all are polled afresh, which keeps nothing twice.
                error!(error = &problem as &dyn std::error::Error, "a poll died");
                *self = Self::default();
                Ok(())
            }
        }
    }
}

impl Eye {
    async fn poll(&self, resource: &Resource) -> Result<(), StoreError> {
        let uri = ingest::with_cursor(&resource.spec.uri, resource.cursor.as_deref());
        let read = match self.resources.read(&resource.spec.server, &uri).await {
            Ok(read) => ingest::document(&read.text),
            Err(error) => Err(error.to_string()),
        };
        let now = self.ambient.now();
        let poll = match read {
            Ok(document) => {
                let wait = if document.more {
                    Span::ZERO
                } else {
                    let interval = resource.spec.interval;
                    let spread = Span::from_micros(interval.micros() / JITTER_SHARE);
                    Span::from_micros(interval.micros() + self.ambient.jitter(spread).micros())
                };
                Poll::Read {
                    items: document.items,
                    cursor: document.cursor.or_else(|| resource.cursor.clone()),
                    note: document.note,
                    next_poll_at: now.plus(wait),
                }
            }
            Err(why) => {
                warn!(resource = %resource.spec.uri, failures = resource.failures + 1, why, "resource could not be read");
                let wait = backoff::delay(
                    &self.ambient,
                    POLL_BACKOFF_MIN,
                    POLL_BACKOFF_MAX,
                    resource.failures,
                );
                Poll::Failed {
                    why,
                    next_poll_at: now.plus(wait),
                }
            }
        };
        match self.store.commit_poll(resource, poll).await? {
            Outcome::Done(report, _) => {
                debug!(resource = %resource.spec.uri, report.seen, report.kept, report.duplicate, "polled");
            }
            // Somebody else polled it meanwhile; what it brought is unique in the store.
            Outcome::Conflict(_) | Outcome::NotFound => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chimera_domain::{
        StateVersion, ToolError,
        campaign::Campaign,
        ids::{AgentId, TaskId},
        lesson::Lessons,
        ports::{PlanDecision, Planned, Replan, ReplanCase, ResourceInfo, ResourceText, Result},
        resource::{PollReport, ResourceSpec},
        signal::{Relevance, Signal},
        testing::{ambient, uuid_of},
    };

    use super::*;

    /// A store whose resources are due until they were polled.
    #[derive(Default)]
    struct Shelf {
        polled: std::sync::Mutex<Vec<String>>,
    }

    fn resource(n: u128, uri: &str) -> Resource {
        Resource {
            id: ResourceId::from_uuid(uuid_of(n)),
            version: StateVersion::FIRST,
            spec: ResourceSpec {
                server: "feeds".into(),
                uri: uri.into(),
                interval: Span::from_secs(60),
                age_max: None,
            },
            cursor: None,
            failures: 0,
            next_poll_at: chimera_domain::Timestamp::default(),
        }
    }

    #[async_trait]
    impl PlannerStore for Shelf {
        async fn due_resources(&self, _: u32) -> Result<Vec<Resource>> {
            let polled = self.polled.lock().unwrap();
            let all = [resource(1, "feed://stuck"), resource(2, "feed://fine")];
            Ok(all
                .into_iter()
                .filter(|r| !polled.contains(&r.spec.uri))
                .collect())
        }
        async fn commit_poll(&self, resource: &Resource, _: Poll) -> Result<Outcome<PollReport>> {
            self.polled.lock().unwrap().push(resource.spec.uri.clone());
            Ok(Outcome::Done(PollReport::default(), StateVersion::FIRST))
        }
        async fn next_signals(&self, _: u32) -> Result<Vec<(Signal, Campaign)>> {
            Ok(vec![])
        }
        async fn commit_plan(
            &self,
            _: &Signal,
            _: Option<Relevance>,
            _: PlanDecision,
        ) -> Result<Outcome<Planned>> {
            Ok(Outcome::NotFound)
        }
        async fn lessons(&self, _: AgentId, _: i64) -> Result<Option<Lessons>> {
            Ok(None)
        }
        async fn mutes(&self) -> Result<Vec<chimera_domain::trend::Mute>> {
            Ok(vec![])
        }
        async fn next_replan(&self) -> Result<Option<ReplanCase>> {
            Ok(None)
        }
        async fn commit_replan(
            &self,
            _: TaskId,
            _: StateVersion,
            _: Replan,
        ) -> Result<Outcome<()>> {
            Ok(Outcome::NotFound)
        }
    }

    /// A server that never answers for one of its resources.
    struct Stuck;

    #[async_trait]
    impl ResourceReader for Stuck {
        async fn list(&self, _: &str) -> std::result::Result<Vec<ResourceInfo>, ToolError> {
            Ok(vec![])
        }
        async fn read(&self, _: &str, uri: &str) -> std::result::Result<ResourceText, ToolError> {
            if uri == "feed://stuck" {
                std::future::pending::<()>().await;
            }
            let text =
                r#"{"schema":"chimera.feed/1","feed":{"name":"fine"},"items":[]}"#.to_owned();
            Ok(ResourceText {
                uri: uri.to_owned(),
                mime: None,
                text,
            })
        }
    }

    // R28, T052: a resource that never answers keeps no other from being polled, and is not asked twice at once.
    #[tokio::test]
    async fn r28_a_stuck_resource_keeps_no_other_from_being_polled() {
        let store = Arc::new(Shelf::default());
        let perceiver = Perceiver::new(store.clone(), Arc::new(Stuck), ambient(1).0);
        assert_eq!(perceiver.step().await.unwrap(), Step::Progress);
        assert_eq!(*store.polled.lock().unwrap(), ["feed://fine"]);
        assert_eq!(perceiver.step().await.unwrap(), Step::Progress);
        assert_eq!(perceiver.under_way.lock().await.ids.len(), 1);
    }
}
