//! What no program may do to what is kept of policies, and a database from before any was kept.

use std::sync::{Arc, Mutex};

use chimera_domain::{
    ContentHash, Span, Usd,
    cfo::PaymentPolicy,
    ports::{PolicyStore as _, RuntimeStore as _},
    testing::payment_policy,
};

use super::rules::run;
use crate::{Settings, SqliteStore, conformance::Harness, open};

fn house() -> (Arc<SqliteStore>, Harness) {
    let slot = Arc::new(Mutex::new(None));
    let keep = slot.clone();
    let h = Harness::new(Arc::new(move |ambient| {
        let store = open(Settings::memory(), ambient).unwrap();
        *keep.lock().unwrap() = Some(store.clone());
        store
    }));
    let store: Arc<SqliteStore> = slot.lock().unwrap().clone().unwrap();
    (store, h)
}

async fn install(store: &SqliteStore, h: &Harness, payments: Option<&PaymentPolicy>) {
    let mut setup = h.setup();
    setup.policy.hash = ContentHash::of_bytes(&serde_json::to_vec(&payments).unwrap());
    setup.policy.payments = payments.cloned();
    store.install(&setup).await.unwrap();
}

fn pair(h: &Harness) -> (PaymentPolicy, PaymentPolicy) {
    let old = payment_policy(h.ambient.now().plus(Span::from_hours(24)));
    let mut looser = old.clone();
    looser.house.day = Usd::from_micros(900_000_000);
    (old, looser)
}

// R103: a database that had a policy of payments before versions were kept goes on with exactly it: the first start of this
// program is no way to loosen it.
#[tokio::test]
async fn r103_an_older_database_goes_on_with_the_policy_it_had() {
    let (store, h) = house();
    let (old, looser) = pair(&h);
    install(&store, &h, None).await;
    let doc = serde_json::to_string(&old).unwrap();
    let sql = format!("UPDATE policies SET doc = json_set(doc, '$.payments', json('{doc}'))");
    run(&store, Box::leak(sql.into_boxed_str())).await.unwrap();
    let before = store.payment_policy().await.unwrap();
    assert_eq!(before.policy(), Some(&old));
    assert!(store.payment_policies(9).await.unwrap().is_empty());
    install(&store, &h, Some(&looser)).await;
    let now = store.payment_policy().await.unwrap();
    assert_eq!((now.policy(), now.waits.is_some()), (Some(&old), true));
    assert_eq!(now.in_force, before.in_force);
    assert_eq!(store.payment_policies(9).await.unwrap().len(), 1);
}

// R103: the tables themselves refuse to forget or change what was in force, what waits, or who let it in.
#[tokio::test]
async fn r103_the_tables_refuse_to_forget_or_change_a_policy() {
    for (sql, says) in [
        ("DELETE FROM payment_policies", "append-only"),
        ("UPDATE payment_policies SET doc = '{}'", "append-only"),
        ("DELETE FROM payment_policy_versions", "append-only"),
        (
            "UPDATE payment_policy_versions SET since = 0",
            "append-only",
        ),
        (
            "INSERT INTO payment_policy_versions SELECT 9, hash, since, actor, why FROM payment_policy_versions",
            "append-only",
        ),
        (
            "INSERT OR REPLACE INTO payment_policy_versions SELECT seq, NULL, since, 'eve', why FROM payment_policy_versions",
            "append-only",
        ),
        ("DELETE FROM payment_loosenings", "kept"),
        (
            "UPDATE payment_loosenings SET version = 2, at = 0",
            "does not change",
        ),
        (
            "UPDATE payment_loosenings SET effective_at = 0",
            "without a new version",
        ),
        (
            "UPDATE payment_loosenings SET version = 2, effective_at = 0",
            "CHECK",
        ),
        (
            "UPDATE payment_loosenings SET version = 2, ended_at = 0",
            "CHECK",
        ),
        (
            "INSERT INTO payment_loosenings (version, hash, at) SELECT 1, hash, 0 FROM payment_loosenings",
            "UNIQUE",
        ),
    ] {
        let (store, h) = house();
        let (old, looser) = pair(&h);
        install(&store, &h, Some(&old)).await;
        install(&store, &h, Some(&looser)).await;
        let said = format!("{:?}", run(&store, sql).await.unwrap_err());
        assert!(said.contains(says), "{sql}: {said}");
    }
}
