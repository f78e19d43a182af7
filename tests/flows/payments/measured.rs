//! How long it takes to compare a wallet with a long past, on a real chain, beside what the chain takes to tell it.
//!
//! A gate runs it small. `make bench-reconcile MOVES=10000` runs it as long as the bar says, and prints what it measured.

#![allow(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::time::Instant;

use chimera_domain::{
    chain::Units,
    ports::{Chain as _, PaymentStore as _},
};
use serde_json::json;

use super::house::{House, Pays};

/// As many as an environment variable says.
pub(super) fn many(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => otherwise,
    }
}

// R100: every movement of a long past is entered once, to the last unit, and none of it is a break.
#[tokio::test]
async fn r100_a_long_past_is_compared_whole() {
    let moves = many("MOVES", 100);
    let house = House::new(Pays::Authorized).await;
    let treasurer = house.treasurer();
    house.approved(&treasurer, "one of ours", "1").await;
    house.settle(&treasurer, 12).await;
    treasurer.reconcile("leo").await.unwrap();
    let rpc = house.rpc(house.chain.url());
    let from = rpc.head().await.unwrap().number + 1;
    for n in 1..=moves {
        let amount = Units::from_base(u128::from(n));
        let minted = house.chain.mint(house.token, house.wallet, amount);
        minted.await.unwrap();
    }
    house.chain.mine(4).await.unwrap();
    let before = house.store.ledger_of(house.agent, "USDC").await.unwrap();
    let head = rpc.head().await.unwrap().number;
    let begun = Instant::now();
    let told = rpc.movements(house.wallet, from..=head).await.unwrap();
    let chain = begun.elapsed();
    let begun = Instant::now();
    treasurer.reconcile("leo").await.unwrap();
    let compared = begun.elapsed();
    let after = house.store.ledger_of(house.agent, "USDC").await.unwrap();
    let income = u128::from(moves) * u128::from(moves + 1) / 2;
    assert_eq!(told.len(), usize::try_from(moves).unwrap());
    assert_eq!(after.balance.base(), before.balance.base() + income);
    assert_eq!(house.breaks().await, Vec::<String>::new());
    println!(
        "{}",
        json!({"workload": "reconcile", "moves": moves, "chain_tells_ms": chain.as_millis(), "compared_ms": compared.as_millis()})
    );
}
