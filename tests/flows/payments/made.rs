//! One payment after the other, on every rail, and what tokens and chains do to them.

use chimera_domain::{
    cfo::Rule,
    chain::{EvmAddress, Hash32, Units, keccak},
    ids::PaymentId,
    payment::PaymentState,
    ports::{Chain as _, PaymentStore as _, Signer as _},
};
use chimera_swarm::treasurer::Treasurer;
use chimera_wallet::testing::{Lie, TestChain};

use super::house::{COINS, DOLLARS, House, Pays, key, transfer};

async fn paid_on(pays: Pays, amount: &str) -> House {
    let house = House::new(pays).await;
    let treasurer = house.treasurer();
    let id = house.approved(&treasurer, "one", amount).await;
    house.settle(&treasurer, 12).await;
    let payment = house.payment(id).await;
    assert_eq!(payment.state, PaymentState::Posted, "{}", payment.why);
    assert_eq!(house.breaks().await, Vec::<String>::new());
    house.store.verify_wallets().await.unwrap();
    house
}

// R93, R102, T119, T121: from the wish to a block that stays, on each rail; the chain and the ledger say the same.
#[tokio::test]
async fn r93_a_payment_is_made_once_on_every_rail_and_posted_when_its_block_stays() {
    for pays in [Pays::Authorized, Pays::Transfer] {
        let house = paid_on(pays, "1.50").await;
        assert_eq!(house.paid().await, 1_500_000);
        let ledger = house.store.ledger_of(house.agent, "USDC").await.unwrap();
        assert_eq!(ledger.balance, Units::from_base(DOLLARS - 1_500_000));
    }
    let house = paid_on(Pays::Coin, "0.001").await;
    let rpc = house.rpc(house.chain.url());
    let has = rpc.balance(house.to, None, None).await.unwrap();
    assert_eq!(has, Units::from_base(1_000_000_000_000_000));
    // What gas cost is in the ledger, to the last unit.
    let left = rpc.balance(house.wallet, None, None).await.unwrap();
    assert!(left.base() < COINS - has.base());
    let ledger = house.store.ledger_of(house.agent, "ETH").await.unwrap();
    assert_eq!(ledger.balance, left);
}

// R93: a block that vanishes takes the payment with it; the same bytes are handed in again, and it is made once.
#[tokio::test]
async fn r93_a_payment_whose_block_vanishes_is_made_again_and_once() {
    for pays in [Pays::Authorized, Pays::Transfer] {
        let house = House::new(pays).await;
        let treasurer = house.treasurer();
        let id = house.approved(&treasurer, "one", "1.50").await;
        while treasurer.tick().await.unwrap() {}
        assert_eq!(house.payment(id).await.state, PaymentState::Mined);
        house.chain.mine(1).await.unwrap();
        house.chain.reorg(3).await.unwrap();
        house.settle(&treasurer, 16).await;
        assert_eq!(house.payment(id).await.state, PaymentState::Posted);
        assert_eq!(house.paid().await, 1_500_000);
        assert_eq!(house.breaks().await, Vec::<String>::new());
    }
}

// R93: a transaction that is in no block is helped on at the same place by a higher fee, and only one of the two pays.
#[tokio::test]
async fn r93_a_stuck_payment_is_helped_on_at_its_own_place() {
    let house = House::new(Pays::Authorized).await;
    let treasurer = house.treasurer();
    house.chain.automine(false).await.unwrap();
    let id = house.approved(&treasurer, "one", "1.50").await;
    while treasurer.tick().await.unwrap() {}
    // It leaves the waiting room of the node, and blocks go by without it.
    let open = house.store.open_payments().await.unwrap();
    let first = open[0].1[0].hash;
    house
        .chain
        .ask(
            "anvil_dropTransaction",
            serde_json::json!([first.to_string()]),
        )
        .await
        .unwrap();
    house.chain.mine(7).await.unwrap();
    while treasurer.tick().await.unwrap() {}
    let open = house.store.open_payments().await.unwrap();
    assert_eq!(open[0].1.len(), 2, "it was not helped on");
    house.chain.automine(true).await.unwrap();
    house.settle(&treasurer, 16).await;
    assert_eq!(house.payment(id).await.state, PaymentState::Posted);
    assert_eq!(house.paid().await, 1_500_000);
}

/// Bytes of a waiting transaction that anybody can read.
async fn input_of(house: &House, hash: Hash32) -> String {
    let asked = serde_json::json!([hash.to_string()]);
    let seen = house
        .chain
        .ask("eth_getTransactionByHash", asked)
        .await
        .unwrap();
    seen["input"].as_str().unwrap().to_owned()
}

/// A stranger calls the token and offers more for it than we do.
async fn overtake(house: &House, input: &str) {
    let stranger = key("stranger").address();
    let coins = Units::from_base(COINS);
    house.chain.fund(stranger, coins).await.unwrap();
    let ask = serde_json::json!([{
        "from": stranger, "to": house.token, "input": input, "gas": "0x4c4b40",
        "maxFeePerGas": "0x174876e800", "maxPriorityFeePerGas": "0x174876e800",
    }]);
    house.chain.ask("eth_sendTransaction", ask).await.unwrap();
}

/// What the token's owner says of an account: frozen, or not any more.
fn blacklist(account: EvmAddress, frozen: bool) -> String {
    let selector = keccak(&[b"blacklist(address,bool)"]).to_string();
    let account = account.to_string().to_lowercase();
    format!(
        "{}{:0>64}{:064x}",
        &selector[..10],
        &account[2..],
        u8::from(frozen)
    )
}

// R93, R100: somebody who hands in our authorization before us pays for us, once; what our own transaction cost is in the
// ledger, nothing after it is held up, and no wallet is frozen.
#[tokio::test]
async fn r93_an_authorization_that_a_stranger_hands_in_is_paid_once_and_freezes_nothing() {
    let house = House::new(Pays::Authorized).await;
    let treasurer = house.treasurer();
    house.chain.automine(false).await.unwrap();
    let id = house.approved(&treasurer, "one", "1.50").await;
    while treasurer.tick().await.unwrap() {}
    let ours = house.store.open_payments().await.unwrap()[0].1[0].hash;
    overtake(&house, &input_of(&house, ours).await).await;
    house.chain.mine(1).await.unwrap();
    house.chain.automine(true).await.unwrap();
    house.settle(&treasurer, 16).await;
    let payment = house.payment(id).await;
    assert_eq!(payment.state, PaymentState::Posted, "{}", payment.why);
    assert_ne!(payment.found.unwrap().transaction, ours);
    let next = house.approved(&treasurer, "next", "1").await;
    house.settle(&treasurer, 16).await;
    assert_eq!(house.payment(next).await.state, PaymentState::Posted);
    assert_eq!(house.paid().await, 2_500_000);
    treasurer.reconcile("leo").await.unwrap();
    assert_eq!(house.breaks().await, Vec::<String>::new());
    let rpc = house.rpc(house.chain.url());
    let left = rpc.balance(house.wallet, None, None).await.unwrap();
    let ledger = house.store.ledger_of(house.agent, "ETH").await.unwrap();
    assert_eq!(ledger.balance, left);
}

/// A house whose payment failed in a block because the token froze the wallet just before it.
async fn failed(house: &House) -> (Treasurer, PaymentId, String) {
    let treasurer = house.treasurer();
    house.chain.automine(false).await.unwrap();
    let id = house.approved(&treasurer, "one", "1.50").await;
    while treasurer.tick().await.unwrap() {}
    let ours = house.store.open_payments().await.unwrap()[0].1[0].hash;
    let input = input_of(house, ours).await;
    overtake(house, &blacklist(house.wallet, true)).await;
    house.chain.mine(1).await.unwrap();
    house.chain.automine(true).await.unwrap();
    house.settle(&treasurer, 8).await;
    let payment = house.payment(id).await;
    assert_eq!(payment.state, PaymentState::Broadcast, "{}", payment.why);
    assert!(payment.counted.is_positive());
    overtake(house, &blacklist(house.wallet, false)).await;
    (treasurer, id, input)
}

// R93: a failed transaction has told everybody its authorization: while that holds anybody may hand it in, and its money stays
// set aside. When nobody can any more the money is free, and the gas is in the ledger.
#[tokio::test]
async fn r93_a_failed_authorization_counts_until_nobody_can_use_it_any_more() {
    let house = House::new(Pays::Authorized).await;
    let (treasurer, id, input) = failed(&house).await;
    overtake(&house, &input).await;
    house.settle(&treasurer, 12).await;
    assert_eq!(house.payment(id).await.state, PaymentState::Posted);
    assert_eq!(house.paid().await, 1_500_000);
    treasurer.reconcile("leo").await.unwrap();
    assert_eq!(house.breaks().await, Vec::<String>::new());

    let house = House::new(Pays::Authorized).await;
    let (treasurer, id, _) = failed(&house).await;
    let later = serde_json::json!([900]);
    house.chain.ask("evm_increaseTime", later).await.unwrap();
    house.settle(&treasurer, 12).await;
    assert_eq!(house.payment(id).await.state, PaymentState::Reverted);
    assert_eq!(house.paid().await, 0);
    let ledger = house.store.ledger_of(house.agent, "USDC").await.unwrap();
    assert_eq!(ledger.balance, Units::from_base(DOLLARS));
    treasurer.reconcile("leo").await.unwrap();
    assert_eq!(house.breaks().await, Vec::<String>::new());
}

// R100: a token that lies is believed in nothing: what is not exactly the payment freezes the wallet and is for a person.
#[tokio::test]
async fn r100_a_lying_token_is_never_posted() {
    for lie in [
        Lie::OnlySays,
        Lie::TakesFee,
        Lie::MovesMore,
        Lie::SaysMore,
        Lie::AnswersFalse,
    ] {
        let chain = TestChain::start(&[]).unwrap();
        let token = chain.lying_token(lie).await.unwrap();
        let house = House::on(chain, Pays::Token(token)).await;
        let treasurer = house.treasurer();
        let wish = house.wish("one", "USDC", "1.50");
        let proposed = treasurer.propose("leo", &wish).await.unwrap();
        house.settle(&treasurer, 10).await;
        let state = if proposed.state == PaymentState::Refused {
            PaymentState::Refused
        } else {
            house.payment(proposed.payment_id).await.state
        };
        assert!(
            matches!(
                state,
                PaymentState::Uncertain | PaymentState::Refused | PaymentState::Approved
            ),
            "{lie:?}: {state}"
        );
        let frozen = !house.breaks().await.is_empty();
        assert_eq!(frozen, state == PaymentState::Uncertain, "{lie:?}");
    }
}

// R98: what the wallet does not have is not paid, and neither is what it has no gas for; each is a reason of its own.
#[tokio::test]
async fn r98_without_balance_or_gas_nothing_is_paid() {
    let house = House::new(Pays::Authorized).await;
    let treasurer = house.treasurer();
    let refusal = async |key: &str| {
        let wish = house.wish(key, "USDC", "2");
        let said = treasurer.propose("leo", &wish).await.unwrap();
        assert_eq!(said.state, PaymentState::Refused, "{}", said.why);
        let refusing = said.lines.iter().filter(|line| line.says == Rule::Refuse);
        refusing.map(|line| line.code.clone()).collect::<Vec<_>>()
    };
    house
        .chain
        .fund(house.wallet, Units::from_base(1_000))
        .await
        .unwrap();
    assert!(refusal("no gas").await.contains(&"balance.gas".to_owned()));
    house
        .chain
        .fund(house.wallet, Units::from_base(COINS))
        .await
        .unwrap();
    let out = transfer(key("thief").address(), DOLLARS - 1_000_000);
    house
        .chain
        .execute(house.wallet, house.token, &out)
        .await
        .unwrap();
    let codes = refusal("no balance").await;
    assert!(
        codes.contains(&"balance.insufficient".to_owned()),
        "{codes:?}"
    );
}
