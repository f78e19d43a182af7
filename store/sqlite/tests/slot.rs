//! What no verb of ours does: something moved under an approval, and its campaign's epoch did not.

use crate::sqlite::{
    SqliteStore,
    db::{Db, Verb},
};
use crate::{Settings, conformance::Harness, open};

use std::sync::{Arc, Mutex};

/// A store, and a harness on it.
fn store() -> (Arc<SqliteStore>, Harness) {
    let slot = Arc::new(Mutex::new(None));
    let keep = slot.clone();
    let h = Harness::new(Arc::new(move |ambient| {
        let store = open(Settings::memory(), ambient).unwrap();
        *keep.lock().unwrap() = Some(store.clone());
        store
    }));
    let store = slot.lock().unwrap().clone().unwrap();
    (store, h)
}

// R195, R2, R18: an account or a content that is no longer the one that was approved is found when the slot comes, whatever
// moved it: nothing is sent, the line says what changed, and it is composed anew.
#[tokio::test]
async fn r195_another_account_or_content_is_found_when_the_slot_comes() {
    for (sql, line) in [
        (
            "UPDATE campaigns SET spec = json_set(spec, '$.account', '@other')",
            "account: approved for @fae on twitter through twitter, the campaign publishes as @other on twitter through twitter",
        ),
        (
            "UPDATE tasks SET content_hash = zeroblob(32) WHERE state = 'approved'",
            "content: what would go out is not what was decided on",
        ),
    ] {
        let (store, h) = store();
        let fence = h.begin().await;
        h.due_effect(fence, "x").await;
        let moved = store.write("move it", move |db: &Db<'_>| -> Verb<()> {
            Ok(db.conn.execute_batch(sql)?)
        });
        moved.await.unwrap();
        assert!(
            h.store().take_effect(fence).await.unwrap().is_none(),
            "{sql}"
        );
        let told = store.read("read the audit", move |db| {
            db.number(
                "SELECT count(*) FROM audit WHERE reason = 'moved' AND note = ?1",
                [line],
            )
        });
        assert_eq!(told.await.unwrap(), 1, "{sql}");
        h.claim(fence).await;
    }
}
