//! The pages of the file: looked through while the swarm runs, so that a large one does not delay its start.

use chimera_domain::{StoreError, ports::RuntimeStore, views::Severity};
use chimera_store::SqliteStore;
use tracing::{error, warn};

/// The alert of a file with damaged pages.
const DAMAGED: &str = "database_damaged";
/// The alert of a file that was not looked through.
const UNSEEN: &str = "database_unchecked";
const SUBJECT: &str = "database";

/// Looks through the file once; a person is told of what is wrong with it.
pub(super) async fn look_through(store: &SqliteStore) {
    let told = match store.look_through().await {
        Ok(()) => seen(store).await,
        Err(damage @ StoreError::Corrupt { .. }) => {
            error!(%damage, "the database is damaged");
            let text = format!(
                "{damage}; stop everything, keep the file, look with `chimera store verify`, and go back to a copy with `chimera store restore`"
            );
            store
                .raise_alert(Severity::Error, DAMAGED, SUBJECT, &text)
                .await
        }
        // Too large for one look, or the disk does not answer: that nobody looked must not pass for sound.
        Err(other) => {
            warn!(%other, "the database was not looked through");
            let text = format!(
                "the database was not looked through: {other}. `chimera store verify` does it on a copy, however large it is"
            );
            store
                .raise_alert(Severity::Warning, UNSEEN, SUBJECT, &text)
                .await
        }
    };
    if let Err(error) = told {
        warn!(%error, "an alert about the database could not be kept");
    }
}

/// It is sound: what was told before is over.
async fn seen(store: &SqliteStore) -> Result<(), StoreError> {
    store.close_alert(DAMAGED, SUBJECT).await?;
    store.close_alert(UNSEEN, SUBJECT).await
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chimera_domain::{Span, ports::DeskStore};
    use chimera_store::Settings;

    use super::*;
    use crate::{clock, compose};

    const FILL: u64 = 600;

    /// Counted, for the list reads the very text that is damaged.
    async fn told(store: &SqliteStore) -> u64 {
        store.overview().await.unwrap().alerts_open
    }

    // R152: damage in a large file that the start did not see is told while it runs; a sound one is not accused.
    #[tokio::test]
    async fn r152_damaged_pages_are_told_while_it_runs() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("chimera.db");
        let store = compose::open_store(&path, clock::system()).unwrap();
        // So many that the file is larger than what a start looks through.
        for n in 0..FILL {
            let (subject, text) = (n.to_string(), "x".repeat(16_000));
            store
                .raise_alert(Severity::Info, "fill", &subject, &text)
                .await
                .unwrap();
        }
        look_through(&store).await;
        assert_eq!(told(&store).await, FILL);
        // A look that does not come to its end is told too, until one does.
        let settings = Settings {
            read_max: Span::from_micros(1),
            ..Settings::file(&path)
        };
        let hurried = chimera_store::open(settings, clock::system()).unwrap();
        look_through(&hurried).await;
        assert_eq!(told(&store).await, FILL + 1);
        drop(hurried);
        look_through(&store).await;
        assert_eq!(told(&store).await, FILL);
        drop(store);
        let mut bytes = fs::read(&path).unwrap();
        assert!(bytes.len() > 8 * 1024 * 1024, "{}", bytes.len());
        // The middle of one long text: what it goes on with is nowhere.
        let page = bytes
            .chunks_exact_mut(4_096)
            .find(|page| page[..4] != [0; 4] && page[4..].iter().all(|byte| *byte == b'x'))
            .unwrap();
        page[..4].fill(0xff);
        fs::write(&path, bytes).unwrap();
        let store = compose::open_store(&path, clock::system()).unwrap();
        look_through(&store).await;
        assert_eq!(told(&store).await, FILL + 1);
    }
}
