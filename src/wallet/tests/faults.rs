use std::time::Duration;

use chimera_domain::{
    Span,
    chain::{Hash32, Units},
    payment::Call,
    ports::{Chain as _, Refusal, Signer as _, WalletError},
};
use serde_json::{Value, json};

use super::{account, funded, mined, rpc, shared, sign, transaction, units};
use crate::{
    RpcChain, RpcSettings, Secret,
    testing::{Fault, FaultyRpc, TestChain},
};

async fn behind_faults() -> (FaultyRpc, RpcChain) {
    let faults = FaultyRpc::start(shared().url()).await.unwrap();
    let chain = rpc(faults.url(), &[]);
    (faults, chain)
}

// R93: what passes is passed: an endpoint that stumbles a few times still answers, and a read that failed changed nothing.
#[tokio::test]
async fn r93_a_chain_that_stumbles_still_answers() {
    let (faults, chain) = behind_faults().await;
    let expected = chain.balance(account(1), None, None).await;
    for fault in [
        Fault::TooMany,
        Fault::Down,
        Fault::Unreached,
        Fault::Lost,
        Fault::Cut,
        Fault::Garbage,
        Fault::Twice,
    ] {
        faults.next("eth_getBalance", 2, fault.clone());
        let before = faults.seen("eth_getBalance");
        assert_eq!(
            chain.balance(account(1), None, None).await,
            expected,
            "{fault:?}"
        );
        let tries = faults.seen("eth_getBalance") - before;
        assert!(
            tries == 3 || matches!(fault, Fault::Twice),
            "{fault:?}: {tries}"
        );
        faults.heal();
    }
}

// R93: what does not pass is an error of its class, after so many tries, and never an answer.
#[tokio::test]
async fn r93_each_fault_that_stays_has_its_class() {
    let check = |fault: Fault, expected: fn(&WalletError) -> bool| async move {
        let (faults, chain) = behind_faults().await;
        faults.every("eth_getBalance", 1, fault.clone());
        let error = chain.balance(account(1), None, None).await.unwrap_err();
        assert!(expected(&error), "{fault:?}: {error:?}");
        assert_eq!(faults.seen("eth_getBalance"), 5, "{fault:?}");
    };
    let limited = |error: &WalletError| {
        matches!(
            error,
            WalletError::Refused {
                kind: Refusal::RateLimited,
                ..
            }
        )
    };
    let unavailable = |error: &WalletError| matches!(error, WalletError::Unavailable { .. });
    tokio::join!(
        check(Fault::TooMany, limited),
        check(Fault::Down, unavailable),
        check(Fault::Unreached, unavailable),
        check(Fault::Lost, unavailable),
        check(Fault::Cut, unavailable),
        check(Fault::Garbage, unavailable),
        check(Fault::Huge, unavailable),
    );
}

// R93: an endpoint that never answers ends by itself, in the time that was given and not in that of its choice.
#[tokio::test]
async fn r93_an_endpoint_that_never_answers_is_not_waited_for() {
    let faults = FaultyRpc::start(shared().url()).await.unwrap();
    faults.every("eth_chainId", 1, Fault::Slow(Duration::from_secs(60)));
    let mut settings = RpcSettings::new(
        Secret::new(faults.url().to_owned()),
        TestChain::CHAIN_ID,
        Vec::new(),
    );
    settings.exchange = Span::from_millis(150);
    settings.patience = Span::from_millis(400);
    let chain = RpcChain::new(settings).unwrap();
    let begun = std::time::Instant::now();
    let error = chain.nonce(account(1), None).await.unwrap_err();
    assert!(
        matches!(error, WalletError::Unavailable { .. }),
        "{error:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(3));
}

// R93: an endpoint that changes to another chain in the middle is found out at once.
#[tokio::test]
async fn r93_a_chain_that_is_swapped_is_found_out() {
    let (faults, chain) = behind_faults().await;
    assert!(chain.head().await.is_ok());
    faults.next("eth_chainId", 1, Fault::Answers(json!("0x1")));
    let wrong = WalletError::WrongChain {
        found: 1,
        wanted: TestChain::CHAIN_ID,
    };
    assert_eq!(chain.balance(account(1), None, None).await, Err(wrong));
    assert!(chain.head().await.is_ok());
}

// R93: whatever happens to the answer, bytes that were handed in are in the chain once: the balance says so.
#[tokio::test]
async fn r93_bytes_go_in_once_whatever_happens_to_the_answer() {
    let (faults, chain) = behind_faults().await;
    let signer = funded(shared(), "answers", None).await;
    let mut expected = 0;
    let cases = [
        (Fault::Lost, Some(Refusal::Known)),
        (Fault::Cut, Some(Refusal::Known)),
        (Fault::Twice, Some(Refusal::Known)),
        (Fault::Denied, Some(Refusal::Other)),
        (Fault::TooMany, None),
        (Fault::Unreached, None),
    ];
    for (nonce, (fault, said)) in (0..).zip(cases) {
        let to = account(0xc1);
        let call = Call::Native {
            to,
            amount: units(1_000),
        };
        let signed = sign(&signer, transaction(nonce, call)).await;
        faults.next("eth_sendRawTransaction", 1, fault.clone());
        match (chain.send(&signed.raw).await, said) {
            (Ok(()), None) => {}
            // It may be in a block by the time the same bytes come again.
            (Err(WalletError::Refused { kind, .. }), Some(said)) => {
                assert!(
                    kind == said || kind == Refusal::NonceTooLow,
                    "{fault:?}: {kind:?}"
                );
            }
            other => panic!("{fault:?}: {other:?}"),
        }
        assert!(mined(&chain, signed.hash).await.succeeded);
        expected += 1_000;
        assert_eq!(
            chain.balance(to, None, None).await,
            Ok(units(expected)),
            "{fault:?}"
        );
        assert_eq!(chain.nonce(signer.address(), None).await, Ok(nonce + 1));
    }
}

// R93: answers that are false but well formed: a receipt that is not there yet, an old nonce, a receipt of something else.
#[tokio::test]
async fn r93_false_answers_are_taken_as_little_as_can_be() {
    let (faults, chain) = behind_faults().await;
    let signer = funded(shared(), "false", None).await;
    let call = Call::Native {
        to: account(0xc2),
        amount: units(1),
    };
    let signed = sign(&signer, transaction(0, call)).await;
    chain.send(&signed.raw).await.unwrap();
    mined(&chain, signed.hash).await;

    faults.next("eth_getTransactionReceipt", 1, Fault::Answers(Value::Null));
    assert_eq!(chain.receipt(signed.hash).await, Ok(None));
    let pending = json!({"transactionHash": signed.hash, "blockHash": null, "blockNumber": null});
    faults.next("eth_getTransactionReceipt", 1, Fault::Answers(pending));
    assert_eq!(chain.receipt(signed.hash).await, Ok(None));
    faults.next("eth_getTransactionCount", 1, Fault::Answers(json!("0x0")));
    assert_eq!(chain.nonce(signer.address(), None).await, Ok(0));
    assert_eq!(chain.nonce(signer.address(), None).await, Ok(1));

    let mut receipt = shared()
        .ask("eth_getTransactionReceipt", json!([signed.hash]))
        .await
        .unwrap();
    let unreadable = |error: &WalletError| matches!(error, WalletError::Unavailable { .. });
    for (name, value) in [
        ("transactionHash", json!(Hash32::from_bytes([1; 32]))),
        ("status", json!("0x2")),
        ("status", Value::Null),
        ("gasUsed", json!("21000")),
        ("effectiveGasPrice", Value::Null),
        ("blockNumber", json!("0x1ffffffffffffffffff")),
        ("logs", Value::Null),
    ] {
        let true_one = receipt[name].clone();
        receipt[name] = value.clone();
        faults.next(
            "eth_getTransactionReceipt",
            1,
            Fault::Answers(receipt.clone()),
        );
        let error = chain.receipt(signed.hash).await.unwrap_err();
        assert!(unreadable(&error), "{name} {value}: {error:?}");
        receipt[name] = true_one;
    }
    // What a chain on another chain takes for that one counts.
    let fee = chain.receipt(signed.hash).await.unwrap().unwrap().fee;
    receipt["l1Fee"] = json!("0x64");
    faults.next("eth_getTransactionReceipt", 1, Fault::Answers(receipt));
    let more = chain.receipt(signed.hash).await.unwrap().unwrap().fee;
    assert_eq!(more.checked_sub(fee), Some(units(100)));

    faults.next(
        "eth_getBlockByNumber",
        1,
        Fault::Answers(json!({"number": "0x7", "hash": Hash32::from_bytes([1; 32])})),
    );
    assert!(unreadable(&chain.block_hash(3).await.unwrap_err()));
    faults.next("eth_getBalance", 1, Fault::Answers(json!("a lot")));
    assert!(unreadable(
        &chain.balance(account(1), None, None).await.unwrap_err()
    ));
    faults.next(
        "eth_sendRawTransaction",
        1,
        Fault::Answers(json!(Hash32::from_bytes([9; 32]))),
    );
    let sent = sign(&signer, transaction(1, Call::Nothing)).await;
    let renamed = chain.send(&sent.raw).await;
    assert!(
        matches!(renamed, Err(WalletError::Contract { .. })),
        "{renamed:?}"
    );
    mined(&chain, sent.hash).await;

    // Events that nobody asked for.
    let log = json!({
        "address": account(5), "topics": [Hash32::from_bytes([3; 32])], "data": "0x", "blockNumber": "0x0", "logIndex": "0x0",
        "transactionHash": Hash32::from_bytes([1; 32]), "blockHash": Hash32::from_bytes([2; 32]),
    });
    faults.next("eth_getLogs", 1, Fault::Answers(json!([log])));
    assert!(unreadable(
        &chain.movements(account(1), 0..=0).await.unwrap_err()
    ));
    assert_eq!(chain.movements(account(1), 0..=0).await, Ok(Vec::new()));
    assert_eq!(Units::ZERO, units(0));
}

// R104: what could be a key in the address of an endpoint is in no error, even when the endpoint itself says it back.
#[tokio::test]
async fn r104_the_key_in_an_address_is_in_no_error() {
    let faults = FaultyRpc::start("http://127.0.0.1:1").await.unwrap();
    let key = "0123456789abcdef0123";
    let url = faults.url().replace("http://", "http://somebody:hushhush@");
    let url = format!("{url}/v3/{key}?token={key}");
    let chain = RpcChain::new(RpcSettings::new(
        Secret::new(url),
        TestChain::CHAIN_ID,
        Vec::new(),
    ))
    .unwrap();
    faults.every("eth_getBalance", 1, Fault::Garbage);
    let (unreached, garbage) = tokio::join!(
        chain.nonce(account(1), None),
        chain.balance(account(1), None, None),
    );
    for error in [unreached.unwrap_err(), garbage.unwrap_err()] {
        let told = format!("{error:?} {error} {chain:?}");
        for secret in [key, "hushhush", "somebody", "v3"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
