//! What the engagement sampler may ask for.

use async_trait::async_trait;

use super::Result;
use crate::{
    clock::Timestamp,
    ids::PublicationId,
    publication::{DuePublication, Sample},
    version::{Outcome, StateVersion},
};

/// The engagement sampler's store.
#[async_trait]
pub trait EngagementStore: Send + Sync {
    /// Publications whose next look is due, the longest due first.
    async fn due_publications(&self, limit: u32) -> Result<Vec<DuePublication>>;

    /// Records one look. Counters that fell are recorded as they are and raise an alert;
    /// `None` records only that nothing could be read, and when to look again.
    async fn commit_sample(
        &self,
        publication: PublicationId,
        version: StateVersion,
        sample: Option<Sample>,
        next_at: Timestamp,
    ) -> Result<Outcome<()>>;
}
