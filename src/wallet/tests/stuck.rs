use chimera_domain::{
    chain::Units,
    payment::{Call, Transaction},
    ports::{Chain as _, Refusal, Signer as _, WalletError},
};

use super::{account, authorized, funded, mined, pay, rpc, sign, transaction, units};
use crate::testing::TestChain;

fn refusal(result: Result<(), WalletError>) -> Refusal {
    match result {
        Err(WalletError::Refused { kind, .. }) => kind,
        other => panic!("{other:?}"),
    }
}

// R93: handing in again is known, the same place again is underpriced, a dearer one takes it, the old one is in no block for
// ever and its nonce too low; and a place is also taken by nothing at all.
#[tokio::test]
async fn r93_a_stuck_payment_is_replaced_or_cancelled_at_its_place() {
    let node = TestChain::start(&[]).unwrap();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(&node, "stuck", Some(token)).await;
    node.automine(false).await.unwrap();
    let to = account(0xa1);
    let call = |amount| Call::Transfer {
        token,
        to,
        amount: units(amount),
    };

    let first = sign(&signer, transaction(0, call(5))).await;
    assert_eq!(rpc.send(&first.raw).await, Ok(()));
    assert_eq!(refusal(rpc.send(&first.raw).await), Refusal::Known);
    assert_eq!(rpc.receipt(first.hash).await, Ok(None));
    assert_eq!(
        rpc.nonce(signer.address(), None).await,
        Ok(0),
        "only blocks count"
    );

    let same_fee = sign(&signer, transaction(0, call(6))).await;
    assert_eq!(refusal(rpc.send(&same_fee.raw).await), Refusal::Underpriced);
    let dearer = |call| Transaction {
        fee_max: 22_500_000_000,
        tip_max: 1_125_000_000,
        ..transaction(0, call)
    };
    let bump = sign(&signer, dearer(call(5))).await;
    assert_eq!(rpc.send(&bump.raw).await, Ok(()));
    node.mine(1).await.unwrap();
    assert!(mined(&rpc, bump.hash).await.succeeded);
    assert_eq!(rpc.receipt(first.hash).await, Ok(None));
    assert_eq!(refusal(rpc.send(&first.raw).await), Refusal::NonceTooLow);
    assert_eq!(
        rpc.balance(to, Some(token), None).await,
        Ok(units(5)),
        "once"
    );

    // A nonce too far waits for ever, quietly; the gap is filled and both go.
    let far = sign(&signer, transaction(2, call(7))).await;
    assert_eq!(rpc.send(&far.raw).await, Ok(()));
    node.mine(1).await.unwrap();
    assert_eq!(rpc.receipt(far.hash).await, Ok(None));

    // Nothing takes the place of a payment, which then can never be made.
    let until = rpc.head().await.unwrap().seconds + 600;
    let stuck = sign(
        &signer,
        transaction(1, authorized(token, to, 9, 0xa2, until)),
    )
    .await;
    assert_eq!(rpc.send(&stuck.raw).await, Ok(()));
    let cancel = Transaction {
        nonce: 1,
        ..dearer(Call::Nothing)
    };
    let cancel = sign(&signer, cancel).await;
    assert_eq!(rpc.send(&cancel.raw).await, Ok(()));
    node.mine(1).await.unwrap();
    assert!(mined(&rpc, cancel.hash).await.succeeded);
    assert!(mined(&rpc, far.hash).await.succeeded);
    assert_eq!(rpc.receipt(stuck.hash).await, Ok(None));
    assert_eq!(rpc.balance(to, Some(token), None).await, Ok(units(12)));

    let poor = crate::testing::signer("poor").unwrap();
    let poor = sign(
        &poor,
        transaction(
            0,
            Call::Native {
                to,
                amount: units(1),
            },
        ),
    )
    .await;
    assert_eq!(
        refusal(rpc.send(&poor.raw).await),
        Refusal::InsufficientFunds
    );
}

// R93: a block that is taken back takes its payment with it: receipt and balance are as before, the block has another hash,
// and the same bytes go in again, once.
#[tokio::test]
async fn r93_a_block_that_is_taken_back_takes_its_payment_with_it() {
    let node = TestChain::start(&[]).unwrap();
    let token = node.token().await.unwrap();
    let rpc = rpc(node.url(), &[token]);
    let signer = funded(&node, "reorg", Some(token)).await;
    node.mine(3).await.unwrap();
    let to = account(0xb1);
    let call = Call::Transfer {
        token,
        to,
        amount: units(5),
    };
    let signed = sign(&signer, transaction(0, call)).await;
    rpc.send(&signed.raw).await.unwrap();
    let before = mined(&rpc, signed.hash).await;

    node.reorg(2).await.unwrap();
    assert_eq!(rpc.receipt(signed.hash).await, Ok(None));
    assert_eq!(rpc.nonce(signer.address(), None).await, Ok(0));
    assert_eq!(rpc.balance(to, Some(token), None).await, Ok(Units::ZERO));
    let now = rpc.block_hash(before.block).await.unwrap();
    assert!(now.is_some() && now != Some(before.block_hash));
    let head = rpc.head().await.unwrap().number;
    assert_eq!(rpc.movements(to, 0..=head).await, Ok(Vec::new()));

    rpc.send(&signed.raw).await.unwrap();
    let after = mined(&rpc, signed.hash).await;
    assert!(after.succeeded && after.block_hash != before.block_hash);
    assert_eq!(rpc.balance(to, Some(token), None).await, Ok(units(5)));
    let next = pay(&rpc, &signer, Call::Nothing).await;
    assert!(next.succeeded);
}
