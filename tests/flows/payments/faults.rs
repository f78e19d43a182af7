//! An endpoint that breaks in every way it can, while payments go through it.

use std::time::Duration;

use chimera_domain::{
    Usd,
    payment::PaymentState,
    ports::{DeskStore as _, PaymentStore as _, Signer as _},
};
use chimera_wallet::testing::{Fault, FaultyRpc};
use serde_json::{Value, json};

use super::house::{House, Pays, key, transfer};

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

// R6, R93: a payment nobody knows the end of is written off by a person, and only when the chain says that it can never be made: its
// place is used by another transaction in a block that stays, and nobody can hand in its authorization any more. What was set
// aside is free then, and counts nothing.
#[tokio::test]
async fn r6_only_what_can_never_be_made_is_written_off() {
    for pays in [Pays::Transfer, Pays::Authorized] {
        let is_authorized = matches!(pays, Pays::Authorized);
        let house = House::new(pays).await;
        let proxy = FaultyRpc::start(house.chain.url()).await.unwrap();
        let deaf = house.treasurer_through(house.store.clone(), proxy.url());
        let treasurer = house.treasurer();
        let id = house.approved(&deaf, "lost", "1").await;
        let waits = |told: Option<String>| told.expect("it may still be made");
        let told = waits(treasurer.may_still_be_made(id).await.unwrap());
        assert!(told.contains("approved"), "{told}");
        // Its bytes never arrive, and its place is taken by somebody with the key.
        proxy.every("eth_sendRawTransaction", 1, Fault::Unreached);
        deaf.tick().await.unwrap();
        house
            .store
            .doubt_payment(id, "its place is used")
            .await
            .unwrap();
        let told = waits(treasurer.may_still_be_made(id).await.unwrap());
        assert!(
            told.contains("is not used by another transaction"),
            "{told}"
        );
        let thief = key("thief").address();
        let theft = transfer(thief, 7_000_000);
        let taken = house.chain.execute(house.wallet, house.token, &theft);
        taken.await.unwrap();
        let told = waits(treasurer.may_still_be_made(id).await.unwrap());
        assert!(told.contains("in a block that stays"), "{told}");
        house.chain.mine(4).await.unwrap();
        if is_authorized {
            let told = waits(treasurer.may_still_be_made(id).await.unwrap());
            assert!(told.contains("can be handed in by anybody"), "{told}");
            let later = json!([1_000]);
            house.chain.ask("evm_increaseTime", later).await.unwrap();
            house.chain.mine(1).await.unwrap();
        }
        assert_eq!(treasurer.may_still_be_made(id).await.unwrap(), None);
        let payment = house.payment(id).await;
        let off = |why| {
            let store = house.store.clone();
            async move {
                store
                    .write_off_payment(id, payment.version, "ana@a", why)
                    .await
            }
        };
        assert!(off(" ").await.is_err());
        assert!(off("the key was stolen").await.unwrap().is_done());
        assert!(!off("again").await.unwrap().is_done());
        let ended = house.payment(id).await;
        assert_eq!(
            (ended.state, ended.counted),
            (PaymentState::Cancelled, Usd::ZERO)
        );
        house.store.verify_wallets().await.unwrap();
        assert_eq!(house.paid().await, 0);
    }
}

// R93: an endpoint is asked once a block what became of a payment, and not all the time.
#[tokio::test]
async fn r93_an_endpoint_is_asked_once_a_block() {
    let house = House::new(Pays::Authorized).await;
    house.chain.automine(false).await.unwrap();
    let proxy = FaultyRpc::start(house.chain.url()).await.unwrap();
    let treasurer = house.treasurer_through(house.store.clone(), proxy.url());
    let id = house.approved(&treasurer, "one", "1").await;
    while treasurer.tick().await.unwrap() {}
    assert_eq!(house.payment(id).await.state, PaymentState::Broadcast);
    let asked = || {
        (
            proxy.seen("eth_getTransactionReceipt"),
            proxy.seen("eth_sendRawTransaction"),
        )
    };
    let before = asked();
    for _ in 0..20 {
        treasurer.tick().await.unwrap();
    }
    assert_eq!(asked(), before, "no block came");
    house.chain.mine(1).await.unwrap();
    while treasurer.tick().await.unwrap() {}
    assert_eq!(house.payment(id).await.state, PaymentState::Mined);
    house.settle(&treasurer, 12).await;
    assert_eq!(house.payment(id).await.state, PaymentState::Posted);
}
