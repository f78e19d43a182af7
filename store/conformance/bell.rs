//! What the bell promises.

use chimera_domain::{Span, views::Severity};

use super::{Harness, done};

/// A commit rings whoever waits, reading does not, and a lost race is no change.
pub async fn a_change_rings_and_a_read_does_not(h: Harness) {
    let fence = h.begin().await;
    let store = h.store();
    let seq = store.change_seq().await.unwrap();
    store.overview().await.unwrap();
    assert!(
        store
            .claim_task(fence, Span::from_secs(1))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(store.change_seq().await.unwrap(), seq);

    let waiting = h.store();
    let woken = tokio::spawn(async move { waiting.changed_since(seq, Span::from_secs(30)).await });
    tokio::task::yield_now().await;
    store
        .raise_alert(Severity::Info, "code", "subject", "text")
        .await
        .unwrap();
    assert!(woken.await.unwrap().unwrap() > seq);
}

/// A heartbeat wakes nobody: only its holder waits for it.
pub async fn a_heartbeat_does_not_ring(h: Harness) {
    let fence = h.begin().await;
    h.pending("a").await;
    let claim = h.claim(fence).await.claim;
    let store = h.store();
    let seq = store.change_seq().await.unwrap();
    done(
        store
            .renew_claim(&claim, Span::from_secs(60))
            .await
            .unwrap(),
    );
    assert_eq!(store.change_seq().await.unwrap(), seq);
}

/// Without a change the wait ends when patience does, with the number that still stands.
pub async fn patience_ends_a_wait(h: Harness) {
    let store = h.store();
    let seq = store.change_seq().await.unwrap();
    assert_eq!(
        store
            .changed_since(seq, Span::from_millis(20))
            .await
            .unwrap(),
        seq
    );
}
