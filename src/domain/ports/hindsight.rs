//! What a face may ask of decisions on signals, which only the rules of the swarm can read.

use async_trait::async_trait;

use super::Result;
use crate::{clock::Timestamp, views::Weighing};

/// How signals were decided on, in a shape another threshold can be tried on.
#[async_trait]
pub trait Hindsight: Send + Sync {
    /// The scored signals since a moment, up to a limit of its own. It only reads.
    async fn weighed_since(&self, since: Timestamp) -> Result<Weighing>;
}
