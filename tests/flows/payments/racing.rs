//! Several treasurers on one database, each with its own key and its own way to the chain.

use std::sync::Arc;

use chimera::compose;
use chimera_domain::{chain::Units, payment::PaymentState, ports::PaymentStore as _};

use super::house::{DOLLARS, House, Pays};

// R93: four of them race for 40 wishes; each wish is paid once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r93_racing_treasurers_pay_each_wish_once() {
    for pays in [Pays::Authorized, Pays::Transfer] {
        let house = Arc::new(House::new(pays).await);
        let mut racers = Vec::new();
        for racer in 0..4 {
            let store = compose::open_store(&house.file(), house.ambient.clone()).unwrap();
            let treasurer = house.treasurer_through(store, house.chain.url());
            let house = house.clone();
            racers.push(tokio::spawn(async move {
                // Each asks for all of them, under the same keys.
                for n in 0..40 {
                    let wish = house.wish(&format!("wish {n}"), "USDC", "0.50");
                    let proposed = treasurer.propose("leo", &wish).await.unwrap();
                    assert_ne!(proposed.state, PaymentState::Refused, "{}", proposed.why);
                    if n % 8 == racer {
                        treasurer.tick().await.unwrap();
                        // Income meanwhile, which each of them sees.
                        let cent = Units::from_base(10_000);
                        house
                            .chain
                            .mint(house.token, house.wallet, cent)
                            .await
                            .unwrap();
                    }
                }
                house.settle(&treasurer, 60).await;
            }));
        }
        for racer in racers {
            racer.await.unwrap();
        }
        assert_eq!(house.paid().await, 40 * 500_000);
        let payments = house.store.payments(100).await.unwrap();
        assert_eq!(payments.len(), 40);
        assert!(payments.iter().all(|one| one.state == PaymentState::Posted));
        house.treasurer().reconcile("leo").await.unwrap();
        assert_eq!(house.breaks().await, Vec::<String>::new());
        let ledger = house.store.ledger_of(house.agent, "USDC").await.unwrap();
        // Five rounds for each of the four.
        let came = 20 * 10_000;
        assert_eq!(
            ledger.balance,
            Units::from_base(DOLLARS + came - 40 * 500_000)
        );
        house.store.verify_wallets().await.unwrap();
    }
}
