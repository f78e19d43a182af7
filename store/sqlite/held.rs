//! Watching the write-ahead log: cut as soon as it can be, and an alert while somebody keeps it from being cut.

use std::sync::Arc;

use chimera_domain::{StoreError, ports::RuntimeStore, views::Severity};

use super::SqliteStore;

/// The alert of a log that cannot be cut.
const HELD: &str = "log_held";
const SUBJECT: &str = "database";

/// Watches the log of one database.
#[derive(Debug)]
pub struct LogWatch {
    store: Arc<SqliteStore>,
    /// What was told last; `None` until something could be told.
    told: Option<bool>,
}

impl LogWatch {
    /// For one database; nothing is told yet.
    #[must_use]
    pub const fn new(store: Arc<SqliteStore>) -> Self {
        Self { store, told: None }
    }

    /// Looks once: folds a log that is too long, also when nobody writes, and tells when it stays so and
    /// when that is over. What could not be told is told the next time.
    pub async fn look(&mut self) {
        let Some(log) = self.store.log().cloned() else {
            return;
        };
        let looked = tokio::task::spawn_blocking(move || {
            if log.is_held()
                && let Err(error) = log.fold()
            {
                tracing::warn!(%error, "the log could not be folded");
            }
            log.is_held().then(|| log.told())
        });
        let Ok(held) = looked.await else { return };
        if self.told == Some(held.is_some()) {
            return;
        }
        match self.tell(held.as_deref()).await {
            Ok(()) => self.told = Some(held.is_some()),
            Err(error) => tracing::warn!(%error, "an alert about the log could not be kept"),
        }
    }

    async fn tell(&self, held: Option<&str>) -> Result<(), StoreError> {
        let Some(held) = held else {
            return self.store.close_alert(HELD, SUBJECT).await;
        };
        tracing::warn!(held, "the log of the database cannot be cut");
        let text =
            format!("the log of the database has {held}; end it and the log shrinks by itself");
        self.store
            .raise_alert(Severity::Warning, HELD, SUBJECT, &text)
            .await
    }
}
