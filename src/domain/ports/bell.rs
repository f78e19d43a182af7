//! What everybody who waits may ask for: whether anything changed.

use async_trait::async_trait;

use super::Result;
use crate::clock::Span;

/// The bell. It carries no data: whoever wakes re-reads. Losing a bell costs time, never truth.
#[async_trait]
pub trait BellStore: Send + Sync {
    /// The number of the last change. Rises with every commit of any process.
    async fn change_seq(&self) -> Result<u64>;

    /// Waits until something changed after `seq` or `patience` ran out; the number of the last change.
    async fn changed_since(&self, seq: u64, patience: Span) -> Result<u64>;
}
