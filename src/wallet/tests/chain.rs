use chimera_domain::{
    chain::{EvmAddress, Hash32, Units, keccak},
    payment::Call,
    ports::{Chain as _, Movement, Refusal, Signer as _, Simulation, WalletError},
};

use super::{account, authorized, funded, pay, rpc, shared, sign, transaction, units};
use crate::{
    AUTHORIZATION_GAS, RpcChain, RpcSettings, Secret, SigningDomain,
    testing::{self, TestChain},
};

fn gas(simulation: &Simulation) -> u64 {
    match simulation {
        Simulation::Passes { gas } => *gas,
        Simulation::Fails { why } => panic!("{why}"),
    }
}

fn fails(simulation: Result<Simulation, WalletError>) -> String {
    match simulation {
        Ok(Simulation::Fails { why }) => why,
        other => panic!("{other:?}"),
    }
}

// R93: each kind of payment goes through as it was signed, and the chain's own word says so: receipt, events, balances, fee.
#[tokio::test]
async fn r93_each_kind_of_payment_goes_through_exactly_as_signed() {
    let node = shared();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(node, "kinds", Some(token)).await;
    let (from, to) = (signer.address(), account(0x21));
    let coins = rpc.balance(from, None, None).await.unwrap();

    let native = pay(
        &rpc,
        &signer,
        Call::Native {
            to,
            amount: units(12_345),
        },
    )
    .await;
    assert!(native.succeeded && native.movements.is_empty());
    assert_eq!(rpc.balance(to, None, None).await, Ok(units(12_345)));
    let left = coins
        .checked_sub(native.fee)
        .unwrap()
        .checked_sub(units(12_345));
    assert_eq!(rpc.balance(from, None, None).await.ok(), left);

    let transfer = Call::Transfer {
        token,
        to,
        amount: units(1_500_000),
    };
    let expected = gas(&rpc.simulate(from, &transfer).await.unwrap());
    let receipt = pay(&rpc, &signer, transfer).await;
    let moved = |amount| Movement {
        transaction: receipt.hash,
        block: receipt.block,
        log_index: receipt.movements[0].log_index,
        token,
        from,
        to,
        amount: units(amount),
    };
    assert_eq!(receipt.movements, [moved(1_500_000)]);
    assert!(receipt.succeeded && receipt.authorizations.is_empty());
    assert_eq!(
        rpc.balance(to, Some(token), None).await,
        Ok(units(1_500_000))
    );
    assert_eq!(
        rpc.balance(to, Some(token), Some(receipt.block - 1)).await,
        Ok(Units::ZERO)
    );
    assert_eq!(
        rpc.block_hash(receipt.block).await,
        Ok(Some(receipt.block_hash))
    );
    assert!(expected > 21_000);

    let until = rpc.head().await.unwrap().seconds + 600;
    let call = authorized(token, to, 250_000, 0x31, until);
    let nonce = Hash32::from_bytes([0x31; 32]);
    assert_eq!(rpc.authorization_used(token, from, nonce).await, Ok(false));
    assert_eq!(
        rpc.authorization_used_in(token, from, nonce, 0).await,
        Ok(None)
    );
    let receipt = pay(&rpc, &signer, call).await;
    assert!(receipt.succeeded);
    assert_eq!(receipt.authorizations, [(token, from, nonce)]);
    assert_eq!(receipt.movements.len(), 1);
    assert_eq!(receipt.movements[0].amount, units(250_000));
    assert_eq!(rpc.authorization_used(token, from, nonce).await, Ok(true));
    assert_eq!(
        rpc.authorization_used_in(token, from, nonce, 0).await,
        Ok(Some(receipt.hash))
    );

    let nothing = pay(&rpc, &signer, Call::Nothing).await;
    assert!(nothing.succeeded && nothing.movements.is_empty());
    assert_eq!(rpc.nonce(from, None).await, Ok(4));
}

// R93: what a simulation says an authorization takes is enough and not twice as much, whatever the account had before.
#[tokio::test]
async fn r93_the_gas_that_is_foreseen_is_enough() {
    let node = shared();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(node, "gas", Some(token)).await;
    let until = rpc.head().await.unwrap().seconds + 600;
    let price = |fee: Units, gas: u64| fee.base() / u128::from(gas);
    for (nonce, to) in [
        (1, account(0x41)),
        (2, account(0x41)),
        (3, signer.address()),
    ] {
        let call = authorized(token, to, u128::from(nonce), nonce, until);
        let foreseen = gas(&rpc.simulate(signer.address(), &call).await.unwrap());
        let receipt = node_gas(node, pay(&rpc, &signer, call).await.hash).await;
        assert!(receipt <= foreseen, "{receipt} of {foreseen}");
        assert!(
            foreseen - receipt < AUTHORIZATION_GAS,
            "{receipt} of {foreseen}"
        );
    }
    assert_eq!(price(units(42), 21), 2);
    let native = rpc
        .simulate(signer.address(), &Call::Nothing)
        .await
        .unwrap();
    assert_eq!(gas(&native), 21_000);
}

async fn node_gas(node: &TestChain, hash: Hash32) -> u64 {
    let receipt = node
        .ask("eth_getTransactionReceipt", serde_json::json!([hash]))
        .await
        .unwrap();
    let gas = receipt["gasUsed"].as_str().unwrap().to_owned();
    u64::from_str_radix(gas.trim_start_matches("0x"), 16).unwrap()
}

// R93: what would not go through is said before anything is signed, and in whose words.
#[tokio::test]
async fn r93_what_would_not_go_through_is_known_before() {
    let node = shared();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(node, "fails", Some(token)).await;
    let (from, to) = (signer.address(), account(0x51));
    let transfer = |token, amount| Call::Transfer {
        token,
        to,
        amount: units(amount),
    };
    let said = fails(rpc.simulate(from, &transfer(token, 100_000_001)).await);
    assert!(said.contains("exceeds balance"), "{said}");
    let said = fails(rpc.simulate(from, &transfer(account(0x52), 1)).await);
    assert!(said.contains("no code"), "{said}");
    let much = Call::Native {
        to,
        amount: units(2 * super::COIN),
    };
    let said = fails(rpc.simulate(from, &much).await);
    assert!(said.to_lowercase().contains("insufficient funds"), "{said}");

    let until = rpc.head().await.unwrap().seconds + 600;
    let call = authorized(token, to, 5, 0x53, until);
    pay(&rpc, &signer, call.clone()).await;
    assert!(fails(rpc.simulate(from, &call).await).contains("used before"));
    let other_name = Call::Authorized {
        token,
        signing_name: "USD Coin".to_owned(),
        signing_version: "2".to_owned(),
        to,
        amount: units(5),
        nonce: Hash32::from_bytes([0x54; 32]),
        valid_before: until,
    };
    assert!(fails(rpc.simulate(from, &other_name).await).contains("another name or version"));

    node.freeze(token, to).await.unwrap();
    let said = fails(rpc.simulate(from, &transfer(token, 1)).await);
    assert!(said.contains("blacklisted"), "{said}");
}

// R93: an authorization under an old nonce, or too late, reverts: the chain takes the fee and moves nothing.
#[tokio::test]
async fn r93_an_authorization_passes_once_and_not_too_late() {
    let node = shared();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(node, "once", Some(token)).await;
    let to = account(0x61);
    let now = rpc.head().await.unwrap().seconds;
    assert!(
        pay(&rpc, &signer, authorized(token, to, 5, 1, now + 600))
            .await
            .succeeded
    );
    // The same payment, signed again for longer: another transaction, the same nonce of the token.
    let again = pay(&rpc, &signer, authorized(token, to, 5, 1, now + 900)).await;
    assert!(!again.succeeded && again.fee > Units::ZERO);
    assert_eq!((again.movements.len(), again.authorizations.len()), (0, 0));
    let late = pay(&rpc, &signer, authorized(token, to, 5, 2, now - 1)).await;
    assert!(!late.succeeded);
    assert_eq!(rpc.balance(to, Some(token), None).await, Ok(units(5)));
    assert_eq!(
        rpc.authorization_used(token, signer.address(), Hash32::from_bytes([2; 32]))
            .await,
        Ok(false)
    );
}

// R98: a balance is a number or an error; a token that is none has no balance of nothing.
#[tokio::test]
async fn r98_a_balance_of_what_is_no_token_is_an_error() {
    let node = shared();
    let rpc = rpc(node.url(), &[]);
    let token = node.token().await.unwrap();
    assert_eq!(
        rpc.balance(account(0x71), Some(token), None).await,
        Ok(Units::ZERO)
    );
    let none = rpc.balance(account(0x71), Some(account(0x72)), None).await;
    assert!(
        matches!(none, Err(WalletError::Contract { .. })),
        "{none:?}"
    );
    let no_authorizations = node.lying_token(testing::Lie::Honest).await.unwrap();
    let none = rpc
        .authorization_used(no_authorizations, account(1), Hash32::from_bytes([1; 32]))
        .await;
    assert!(
        matches!(none, Err(WalletError::Contract { .. })),
        "{none:?}"
    );
    // More than is told apart is the most.
    node.fund(account(0x73), Units::MAX).await.unwrap();
    assert_eq!(rpc.balance(account(0x73), None, None).await, Ok(Units::MAX));
    let huge = serde_json::json!([account(0x74), format!("0x1{}", "0".repeat(40))]);
    node.ask("anvil_setBalance", huge).await.unwrap();
    assert_eq!(rpc.balance(account(0x74), None, None).await, Ok(Units::MAX));
}

// R93: a contract is known by its code; another code is another hash, no code is none.
#[tokio::test]
async fn r93_a_token_is_known_by_its_code() {
    let node = shared();
    let rpc = rpc(node.url(), &[]);
    let token = node.token().await.unwrap();
    let twin = node.token().await.unwrap();
    let other = node.lying_token(testing::Lie::Honest).await.unwrap();
    let code = node
        .ask("eth_getCode", serde_json::json!([token, "latest"]))
        .await
        .unwrap();
    let code = alloy::primitives::hex::decode(code.as_str().unwrap()).unwrap();
    let hash = rpc.code_hash(token).await.unwrap();
    assert_eq!(hash, Some(keccak(&[&code])));
    assert_eq!(rpc.code_hash(twin).await, Ok(hash));
    assert_ne!(rpc.code_hash(other).await, Ok(hash));
    assert_eq!(rpc.code_hash(account(0x75)).await, Ok(None));
}

// R100: everything that moved is found whatever the contract, once each, in the order of the chain, and only from what was
// asked for; power over tokens that was given is found, taken back is not.
#[tokio::test]
async fn r100_every_movement_and_every_allowance_of_an_account_is_found() {
    let node = shared();
    let (token, strange) = (node.token().await.unwrap(), node.token().await.unwrap());
    let rpc = rpc(node.url(), &[token]);
    let begin = rpc.head().await.unwrap().number + 1;
    let signer = funded(node, "moves", Some(token)).await;
    let from = signer.address();
    let to = account(0x81);
    pay(
        &rpc,
        &signer,
        Call::Transfer {
            token,
            to,
            amount: units(7),
        },
    )
    .await;
    pay(
        &rpc,
        &signer,
        Call::Transfer {
            token,
            to: from,
            amount: units(8),
        },
    )
    .await;
    node.mint(strange, from, units(9)).await.unwrap();
    let head = rpc.head().await.unwrap().number;
    let moves = rpc.movements(from, begin..=head).await.unwrap();
    let told: Vec<(EvmAddress, EvmAddress, EvmAddress, u128)> = moves
        .iter()
        .map(|moved| (moved.token, moved.from, moved.to, moved.amount.base()))
        .collect();
    let zero = EvmAddress::ZERO;
    assert_eq!(
        told,
        [
            (token, zero, from, 100_000_000),
            (token, from, to, 7),
            (token, from, from, 8),
            (strange, zero, from, 9)
        ]
    );
    assert!(
        moves
            .windows(2)
            .all(|two| (two[0].block, two[0].log_index) < (two[1].block, two[1].log_index))
    );
    assert_eq!(rpc.movements(to, begin..=head).await.unwrap().len(), 1);
    assert_eq!(rpc.movements(from, head..=head).await.unwrap().len(), 1);
    let none = rpc.movements(from, head..=begin).await;
    assert_eq!(none, Ok(Vec::new()));

    assert_eq!(rpc.allowances(from, begin..=head).await, Ok(Vec::new()));
    let given = node.approve(token, from, to, units(1)).await.unwrap();
    node.approve(token, from, to, Units::ZERO).await.unwrap();
    node.approve(token, to, from, units(1)).await.unwrap();
    let head = rpc.head().await.unwrap().number;
    assert_eq!(
        rpc.allowances(from, begin..=head).await,
        Ok(vec![given.parse().unwrap()])
    );
}

// R93: an endpoint of another chain is never believed, whatever it is asked.
#[tokio::test]
async fn r93_an_endpoint_of_another_chain_is_never_believed() {
    let node = shared();
    let url = || Secret::new(node.url().to_owned());
    let domain = SigningDomain {
        token: account(9),
        name: "Test USD".to_owned(),
        version: "2".to_owned(),
    };
    let other = RpcChain::new(RpcSettings::new(url(), 84_532, vec![domain])).unwrap();
    let wrong = WalletError::WrongChain {
        found: 31_337,
        wanted: 84_532,
    };
    let (who, hash) = (account(1), Hash32::from_bytes([1; 32]));
    assert_eq!(other.head().await, Err(wrong.clone()));
    assert_eq!(other.fees().await, Err(wrong.clone()));
    assert_eq!(other.nonce(who, None).await, Err(wrong.clone()));
    assert_eq!(other.balance(who, None, None).await, Err(wrong.clone()));
    assert_eq!(
        other.balance(who, Some(who), None).await,
        Err(wrong.clone())
    );
    assert_eq!(other.code_hash(who).await, Err(wrong.clone()));
    assert_eq!(
        other.simulate(who, &Call::Nothing).await,
        Err(wrong.clone())
    );
    assert_eq!(other.receipt(hash).await, Err(wrong.clone()));
    assert_eq!(other.block_hash(0).await, Err(wrong.clone()));
    assert_eq!(other.movements(who, 0..=0).await, Err(wrong.clone()));
    assert_eq!(other.allowances(who, 0..=0).await, Err(wrong.clone()));
    assert_eq!(
        other.authorization_used(who, who, hash).await,
        Err(wrong.clone())
    );
    assert_eq!(
        other.authorization_used_in(who, who, hash, 0).await,
        Err(wrong.clone())
    );
    let signer = testing::signer("elsewhere").unwrap();
    let signed = sign(&signer, transaction(0, Call::Nothing)).await;
    assert_eq!(other.send(&signed.raw).await, Err(wrong));

    // Bytes for another chain are refused by this one, and real money is asked for in the open nowhere.
    let here = rpc(node.url(), &[]);
    let elsewhere = chimera_domain::payment::Transaction {
        chain_id: 1,
        ..transaction(0, Call::Nothing)
    };
    let elsewhere = sign(&signer, elsewhere).await;
    let refused = here.send(&elsewhere.raw).await;
    assert!(
        matches!(
            refused,
            Err(WalletError::Refused {
                kind: Refusal::Other,
                ..
            })
        ),
        "{refused:?}"
    );
    let open = RpcSettings::new(
        Secret::new("http://rpc.example.org".to_owned()),
        1,
        Vec::new(),
    );
    assert!(RpcChain::new(open).is_err());
}

// R93: the chain's own word on where it is, and on what stays.
#[tokio::test]
async fn r93_the_head_says_what_is_final() {
    let node = TestChain::start(&["--slots-in-an-epoch", "1"]).unwrap();
    let rpc = rpc(node.url(), &[]);
    node.mine(5).await.unwrap();
    let head = rpc.head().await.unwrap();
    assert_eq!((head.number, head.finalized), (5, Some(3)));
    assert_eq!(rpc.block_hash(5).await, Ok(Some(head.hash)));
    assert_eq!(rpc.block_hash(6).await, Ok(None));
    assert!(head.seconds > 1_700_000_000);
    let fees = rpc.fees().await.unwrap();
    assert!(fees.base > 0 && fees.base < 2_000_000_000, "{fees:?}");
}

// R100: what a contract says of an account is no deed of the account: a stranger has the very token say that nothing moved from
// it, which costs its owner nothing and is told like any movement; whoever compares must not take it for a payment.
#[tokio::test]
async fn r100_a_stranger_can_have_a_token_say_that_nothing_moved_from_somebody() {
    let node = shared();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(node, "poisoned", Some(token)).await;
    let (victim, stranger, twin) = (signer.address(), account(0xd1), account(0xd2));
    let begin = rpc.head().await.unwrap().number + 1;
    node.move_nothing(token, stranger, victim, twin)
        .await
        .unwrap();
    let head = rpc.head().await.unwrap().number;
    let moves = rpc.movements(victim, begin..=head).await.unwrap();
    let [said] = moves.as_slice() else {
        panic!("{moves:?}");
    };
    assert_eq!(
        (said.token, said.from, said.to, said.amount),
        (token, victim, twin, Units::ZERO)
    );
    assert_eq!(
        rpc.nonce(victim, None).await,
        Ok(0),
        "the account did nothing"
    );
    assert_eq!(
        rpc.balance(victim, Some(token), None).await,
        Ok(units(100_000_000))
    );
}
