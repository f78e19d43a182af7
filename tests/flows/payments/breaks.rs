//! What does not fit between payments, ledger and chain is named, and nothing is named that fits.

use chimera_domain::{
    chain::Units,
    ports::{PaymentStore as _, Signer as _},
};

use super::{
    house::{DOLLARS, House, Pays, key, transfer},
    measured::many,
};

/// A house that has paid a few times.
async fn used() -> House {
    let house = House::new(Pays::Authorized).await;
    let treasurer = house.treasurer();
    for n in 0..4 {
        house
            .approved(&treasurer, &format!("honest {n}"), "1")
            .await;
    }
    house.settle(&treasurer, 16).await;
    house.chain.mine(4).await.unwrap();
    treasurer.reconcile("leo").await.unwrap();
    assert_eq!(house.breaks().await, Vec::<String>::new());
    house
}

/// What is found after something that somebody did with the wallet's key, and not through us.
async fn found_after(house: &House) -> Vec<String> {
    house.chain.mine(4).await.unwrap();
    house.treasurer().reconcile("leo").await.unwrap();
    house.breaks().await
}

// R100, R188: a movement that no payment made is named, with its transaction.
#[tokio::test]
async fn r100_a_movement_by_a_stolen_key_is_named_and_freezes_the_wallet() {
    let house = used().await;
    let thief = key("thief").address();
    let hash = house
        .chain
        .execute(house.wallet, house.token, &transfer(thief, 7_000_000))
        .await
        .unwrap();
    let breaks = found_after(&house).await;
    let foreign = |one: &&String| one.starts_with("foreign_movement") && one.contains(&hash);
    assert!(breaks.iter().any(|one| foreign(&one)), "{breaks:#?}");
    assert!(
        breaks.iter().any(|one| one.starts_with("foreign_nonce")),
        "{breaks:#?}"
    );
    let wish = house.wish("after", "USDC", "1");
    let refused = house.treasurer().propose("leo", &wish).await.unwrap();
    assert!(refused.why.starts_with("frozen.wallet"), "{}", refused.why);
}

// R100: a token that came from nowhere is nothing to us; that it leaves is.
#[tokio::test]
async fn r100_an_airdropped_token_is_no_break_until_somebody_sends_it_out() {
    let house = used().await;
    let dust = house.chain.token().await.unwrap();
    house
        .chain
        .mint(dust, house.wallet, Units::from_base(9))
        .await
        .unwrap();
    assert_eq!(found_after(&house).await, Vec::<String>::new());
    let thief = key("thief").address();
    house
        .chain
        .execute(house.wallet, dust, &transfer(thief, 9))
        .await
        .unwrap();
    let breaks = found_after(&house).await;
    assert!(
        breaks
            .iter()
            .any(|one| one.contains("a token that is in no policy")),
        "{breaks:#?}"
    );
}

// R100: power over its tokens that was given to somebody is named before it is used.
#[tokio::test]
async fn r100_an_allowance_is_named() {
    let house = used().await;
    let thief = key("thief").address();
    house
        .chain
        .approve(house.token, house.wallet, thief, Units::from_base(1))
        .await
        .unwrap();
    let breaks = found_after(&house).await;
    assert!(
        breaks.iter().any(|one| one.starts_with("allowance")),
        "{breaks:#?}"
    );
}

// R100: what a stranger has a token say of the wallet is no deed of the wallet, and freezes nothing.
#[tokio::test]
async fn r100_what_a_stranger_has_a_token_say_freezes_nothing() {
    let house = used().await;
    let (stranger, twin) = (key("stranger").address(), key("twin").address());
    house
        .chain
        .move_nothing(house.token, stranger, house.wallet, twin)
        .await
        .unwrap();
    let other = house.chain.token().await.unwrap();
    house
        .chain
        .move_nothing(other, stranger, house.wallet, twin)
        .await
        .unwrap();
    assert_eq!(found_after(&house).await, Vec::<String>::new());
}

// R100, R106: what comes in is entered, coins too, and nothing of it is a break.
#[tokio::test]
async fn r100_income_is_entered_and_is_no_break() {
    let house = used().await;
    house
        .chain
        .mint(house.token, house.wallet, Units::from_base(5_000_000))
        .await
        .unwrap();
    let rich = Units::from_base(50_000_000_000_000_000_000);
    house.chain.fund(house.wallet, rich).await.unwrap();
    assert_eq!(found_after(&house).await, Vec::<String>::new());
    let ledger = house.store.ledger_of(house.agent, "USDC").await.unwrap();
    assert_eq!(
        ledger.balance,
        Units::from_base(DOLLARS - 4_000_000 + 5_000_000)
    );
    let coins = house.store.ledger_of(house.agent, "ETH").await.unwrap();
    assert_eq!(coins.balance, rich);
}

// R100: many honest payments, with income between them, and not one break.
#[tokio::test]
async fn r100_honest_payments_are_never_a_break() {
    let house = House::new(Pays::Authorized).await;
    let treasurer = house.treasurer();
    // A gate makes forty; `make bench-reconcile` two hundred.
    let rounds = many("PAYMENTS", 40) / 4;
    for round in 0..rounds {
        for n in 0..4 {
            house
                .approved(&treasurer, &format!("{round} {n}"), "0.25")
                .await;
        }
        if round % 3 == 0 {
            house
                .chain
                .mint(house.token, house.wallet, Units::from_base(1_000))
                .await
                .unwrap();
        }
        house.settle(&treasurer, 12).await;
        treasurer.reconcile("leo").await.unwrap();
        assert_eq!(house.breaks().await, Vec::<String>::new());
    }
    assert_eq!(house.paid().await, u128::from(rounds) * 4 * 250_000);
}
