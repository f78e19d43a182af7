//! What somebody does to the tables of payments behind the program's back is found.

use std::sync::{Arc, Mutex};

use chimera_domain::ports::PaymentStore as _;

use super::rules::run;
use crate::{
    Settings, SqliteStore,
    conformance::{Harness, payments},
    open,
};

async fn used() -> (Arc<SqliteStore>, Harness) {
    let slot = Arc::new(Mutex::new(None));
    let keep = slot.clone();
    let h = Harness::new(Arc::new(move |ambient| {
        let store = open(Settings::memory(), ambient).unwrap();
        *keep.lock().unwrap() = Some(store.clone());
        store
    }));
    let store: Arc<SqliteStore> = slot.lock().unwrap().clone().unwrap();
    payments::used(&h).await;
    (store, h)
}

// R100: an entry that was edited, removed, doubled or cut off, a payment that says something else, caps that forget: each is
// named.
#[tokio::test]
async fn r100_each_change_behind_our_back_is_named() {
    for (sql, found) in [
        (
            "DROP TRIGGER wallet_entries_fixed; UPDATE wallet_entries SET usd = usd + 1 WHERE seq = 3",
            "wallet entry 3: its hash is not",
        ),
        (
            "DROP TRIGGER wallet_entries_kept; DELETE FROM wallet_entries WHERE seq = 2",
            "wallet entry 2: it is missing",
        ),
        (
            "DROP TRIGGER wallet_entries_kept; DELETE FROM wallet_entries WHERE seq = (SELECT max(seq) FROM wallet_entries)",
            "do not come to what it is",
        ),
        (
            "INSERT INTO wallet_entries SELECT seq + 1, randomblob(16), agent_id, payment_id, asset, debit, credit, amount, usd,
               chain_hash, block, at, hash, hash FROM wallet_entries WHERE seq = (SELECT max(seq) FROM wallet_entries)",
            "its hash is not",
        ),
        (
            "UPDATE wallet_balances SET held = zeroblob(16) WHERE asset = 'USDC'",
            "should hold",
        ),
        (
            "DROP TRIGGER payments_fixed; UPDATE payments SET terms = json_set(terms, '$.amount', '9')",
            "is not what was decided on",
        ),
        (
            "UPDATE payment_hours SET counted = 0 WHERE scope = 'house'",
            "the caps count 0.00 USD",
        ),
        (
            "UPDATE payments SET counted = 0 WHERE settled_at IS NOT NULL",
            "and 0.00 were settled",
        ),
    ] {
        let (store, _h) = used().await;
        run(&store, sql).await.unwrap();
        let error = store.verify_wallets().await.unwrap_err();
        assert!(error.to_string().contains(found), "{sql}: {error}");
    }
}

// R11, R5: the tables themselves refuse what no program may do to a payment.
#[tokio::test]
async fn r5_the_tables_refuse_what_no_program_may_do() {
    for sql in [
        "UPDATE payments SET state = 'approved', version = version + 1 WHERE state = 'posted'",
        "UPDATE payments SET state = 'rejected' WHERE state = 'approved'",
        "UPDATE payments SET terms = json_set(terms, '$.amount', '9')",
        "DELETE FROM payments",
        "UPDATE payment_attempts SET raw = x'00'",
        "DELETE FROM payment_attempts",
        "INSERT OR REPLACE INTO payment_attempts SELECT * FROM payment_attempts LIMIT 1",
        "UPDATE wallet_entries SET usd = 0",
        "DELETE FROM wallet_entries",
        "INSERT OR REPLACE INTO wallet_entries SELECT * FROM wallet_entries WHERE seq = 1",
        "DELETE FROM payment_approvals",
        "UPDATE payment_decisions SET verdict = 'allow'",
    ] {
        let (store, _h) = used().await;
        let said = run(&store, sql).await;
        // Nobody approved anything here: there is no row to delete.
        let nothing = sql.contains("approvals");
        assert!(said.is_err() != nothing, "{sql}");
        store.verify_wallets().await.unwrap();
    }
}
