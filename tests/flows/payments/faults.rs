//! An endpoint that breaks in every way it can, while payments go through it.

use std::time::Duration;

use chimera_domain::payment::PaymentState;
use chimera_domain::ports::PaymentStore as _;
use chimera_wallet::testing::{Fault, FaultyRpc};
use serde_json::{Value, json};

use super::house::{House, Pays};

const EACH: usize = 8;

/// Eight payments through a broken endpoint, which heals after a while; what the recipient has then.
async fn through(name: &str, method: &'static str, every: u32, fault: Fault, pays: Pays) {
    let house = House::new(pays).await;
    let proxy = FaultyRpc::start(house.chain.url()).await.unwrap();
    let treasurer = house.treasurer_through(house.store.clone(), proxy.url());
    let mut ids = Vec::new();
    for n in 0..EACH {
        ids.push(
            house
                .approved(&treasurer, &format!("{name} {n}"), "1")
                .await,
        );
    }
    proxy.every(method, every, fault);
    house.settle(&treasurer, 8).await;
    proxy.heal();
    house.settle(&treasurer, 30).await;
    let paid = house.paid().await;
    assert_eq!(
        paid, 8_000_000,
        "{name}: {paid} was paid instead of 8,000,000"
    );
    for id in ids {
        let payment = house.payment(id).await;
        assert_eq!(
            payment.state,
            PaymentState::Posted,
            "{name}: {}",
            payment.why
        );
    }
    assert_eq!(house.breaks().await, Vec::<String>::new(), "{name}");
    house.store.verify_wallets().await.unwrap();
}

macro_rules! faults {
    ($($(#[$about:meta])* $test:ident: $method:literal every $every:literal is $fault:expr;)+) => {$(
        $(#[$about])*
        #[tokio::test]
        async fn $test() {
            through(stringify!($test), $method, $every, $fault, Pays::Authorized).await;
            through(stringify!($test), $method, $every, $fault, Pays::Transfer).await;
        }
    )+};
}

// R93, R6: nothing is lost and nothing is paid twice through an endpoint that…
faults! {
    // …says that there were too many calls.
    r93_faults_too_many: "eth_sendRawTransaction" every 3 is Fault::TooMany;
    // …is down for a while.
    r93_faults_down: "eth_getTransactionReceipt" every 2 is Fault::Down;
    // …takes the bytes and loses the answer.
    r93_faults_lost_answers: "eth_sendRawTransaction" every 2 is Fault::Lost;
    // …cuts what it answers.
    r93_faults_cut_answers: "eth_sendRawTransaction" every 2 is Fault::Cut;
    // …hands everything in twice.
    r93_faults_handed_in_twice: "eth_sendRawTransaction" every 1 is Fault::Twice;
    // …takes the bytes and says that it did not.
    r93_faults_denied: "eth_sendRawTransaction" every 1 is Fault::Denied;
    // …knows nothing of receipts.
    r93_faults_null_receipts: "eth_getTransactionReceipt" every 2 is Fault::Answers(Value::Null);
    // …lags behind in its count of transactions.
    r93_faults_stale_nonces: "eth_getTransactionCount" every 2 is Fault::Answers(json!("0x0"));
    // …is on another chain every now and then.
    r93_faults_wrong_chain: "eth_chainId" every 5 is Fault::Answers(json!("0x1"));
    // …answers with something that is no answer.
    r93_faults_garbage: "eth_call" every 5 is Fault::Garbage;
    // …is slow.
    r93_faults_slow: "eth_sendRawTransaction" every 4 is Fault::Slow(Duration::from_millis(50));
}
