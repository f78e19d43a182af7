//! The bell: in this process after each commit, across processes by looking while somebody waits
//! (`lookout.rs`).

use async_trait::async_trait;
use chimera_domain::{
    Span,
    ports::{BellStore, Result},
};
use tokio::time::{Instant, timeout_at};

use super::{SqliteStore, db::count, lookout::Lookout};

/// Nobody waits longer than this, however patient.
const PATIENCE_MAX: std::time::Duration = std::time::Duration::from_secs(86_400);

#[async_trait]
impl BellStore for SqliteStore {
    async fn change_seq(&self) -> Result<u64> {
        // One row and not `PRAGMA data_version`: as cheap, the same on every reader, and it says how far.
        self.read("read the bell", |db| {
            Ok(count(db.number(
                "SELECT n FROM counts WHERE kind = 'change' AND name = 'seq'",
                [],
            )?))
        })
        .await
    }

    async fn changed_since(&self, seq: u64, patience: Span) -> Result<u64> {
        let start = Instant::now();
        let end = start
            .checked_add(patience.to_std())
            .unwrap_or(start + PATIENCE_MAX);
        let mut bell = self.ring.subscribe();
        // Our own commits ring. Those of other processes need a look.
        let _looking = self.lookout.as_ref().map(Lookout::wait);
        loop {
            bell.mark_unchanged();
            let now = self.change_seq().await?;
            if now > seq || Instant::now() >= end {
                return Ok(now);
            }
            let _ = timeout_at(end, bell.changed()).await;
        }
    }
}
