use chimera_domain::{
    chain::{EvmAddress, Units},
    payment::Call,
    ports::{Chain as _, Receipt, Signer as _, Simulation},
};

use super::{account, funded, pay, rpc, shared, units};
use crate::testing::Lie;

const AMOUNT: u128 = 1_000;

/// What a payment in a lying token looks like: before, in its receipt, and in the balances after it.
struct Seen {
    simulation: Simulation,
    receipt: Receipt,
    got: Units,
    paid: Units,
    from: EvmAddress,
    to: EvmAddress,
}

async fn look(lie: Lie, byte: u8) -> Seen {
    let node = shared();
    let token = node.lying_token(lie).await.unwrap();
    let rpc = rpc(node.url(), &[]);
    let signer = funded(node, &format!("{lie:?}"), Some(token)).await;
    let (from, to) = (signer.address(), account(byte));
    let call = Call::Transfer {
        token,
        to,
        amount: units(AMOUNT),
    };
    let before = rpc.balance(from, Some(token), None).await.unwrap();
    let simulation = rpc.simulate(from, &call).await.unwrap();
    let receipt = pay(&rpc, &signer, call).await;
    let after = rpc.balance(from, Some(token), None).await.unwrap();
    Seen {
        simulation,
        receipt,
        got: rpc.balance(to, Some(token), None).await.unwrap(),
        paid: before.checked_sub(after).unwrap(),
        from,
        to,
    }
}

impl Seen {
    /// What the events say: from whom, to whom, how much.
    fn told(&self) -> Vec<(EvmAddress, EvmAddress, u128)> {
        let moves = self.receipt.movements.iter();
        moves
            .map(|moved| (moved.from, moved.to, moved.amount.base()))
            .collect()
    }

    fn passes(&self) -> bool {
        matches!(self.simulation, Simulation::Passes { .. })
    }
}

// R93: each lie a token can tell is seen in the simulation, in the events or in the balances; the status of the receipt
// alone says nothing, for it is the same in almost all.
#[tokio::test]
async fn r93_each_lie_of_a_token_shows_somewhere() {
    let honest = look(Lie::Honest, 0x90).await;
    assert!(honest.passes() && honest.receipt.succeeded);
    assert_eq!(honest.told(), [(honest.from, honest.to, AMOUNT)]);
    assert_eq!((honest.got, honest.paid), (units(AMOUNT), units(AMOUNT)));

    let answers_false = look(Lie::AnswersFalse, 0x91).await;
    assert!(!answers_false.passes(), "the simulation says no");
    assert!(answers_false.receipt.succeeded && answers_false.told().is_empty());
    assert_eq!(answers_false.got, Units::ZERO);

    let only_says = look(Lie::OnlySays, 0x92).await;
    assert!(only_says.passes() && only_says.receipt.succeeded);
    assert_eq!(only_says.told(), [(only_says.from, only_says.to, AMOUNT)]);
    assert_eq!(
        (only_says.got, only_says.paid),
        (Units::ZERO, Units::ZERO),
        "the balances say so"
    );

    let takes_fee = look(Lie::TakesFee, 0x93).await;
    assert!(takes_fee.passes() && takes_fee.receipt.succeeded);
    assert_eq!(
        takes_fee.told()[0],
        (takes_fee.from, takes_fee.to, AMOUNT - AMOUNT / 100)
    );
    assert_eq!((takes_fee.got, takes_fee.paid), (units(990), units(1_000)));

    let answers_nothing = look(Lie::AnswersNothing, 0x94).await;
    assert!(answers_nothing.passes() && answers_nothing.receipt.succeeded);
    assert_eq!(answers_nothing.got, units(AMOUNT));

    let burns_gas = look(Lie::BurnsGas, 0x95).await;
    assert!(!burns_gas.passes() && !burns_gas.receipt.succeeded);
    assert!(burns_gas.told().is_empty() && burns_gas.receipt.fee > Units::ZERO);
    assert_eq!(burns_gas.paid, Units::ZERO);

    let moves_more = look(Lie::MovesMore, 0x96).await;
    assert!(moves_more.passes());
    assert_eq!(
        moves_more.told(),
        [(moves_more.from, moves_more.to, AMOUNT + 1)]
    );
    assert_eq!(moves_more.paid, units(AMOUNT + 1));

    let says_more = look(Lie::SaysMore, 0x97).await;
    assert_eq!(says_more.told().len(), 2);
    assert_eq!(says_more.paid, units(AMOUNT));
}
