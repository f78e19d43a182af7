//! The room as a whole: on a real chain, behind an endpoint that breaks, and against what another implementation signs.

mod cdp;
mod chain;
mod faults;
mod keys;
mod lies;
mod signing;
mod stuck;

use std::sync::OnceLock;

use chimera_domain::{
    Span,
    cfo::Clearance,
    chain::{EvmAddress, Hash32, Units},
    ids::PaymentId,
    payment::{Call, Transaction},
    ports::{Chain, Receipt, SignedTransaction, Signer},
};

use crate::{
    KeystoreSigner, RpcChain, RpcSettings, Secret, SigningDomain,
    testing::{self, TestChain},
};

const COIN: u128 = 1_000_000_000_000_000_000;

/// One node for the tests that leave its blocks alone; it ends with this process.
fn shared() -> &'static TestChain {
    static CHAIN: OnceLock<TestChain> = OnceLock::new();
    CHAIN.get_or_init(|| TestChain::start(&["--slots-in-an-epoch", "1"]).unwrap())
}

fn rpc(url: &str, tokens: &[EvmAddress]) -> RpcChain {
    let domains = tokens
        .iter()
        .map(|token| SigningDomain {
            token: *token,
            name: "Test USD".to_owned(),
            version: "2".to_owned(),
        })
        .collect();
    let mut settings = RpcSettings::new(Secret::new(url.to_owned()), TestChain::CHAIN_ID, domains);
    settings.exchange = Span::from_secs(5);
    RpcChain::new(settings).unwrap()
}

const fn units(base: u128) -> Units {
    Units::from_base(base)
}

fn account(byte: u8) -> EvmAddress {
    EvmAddress::from_bytes([byte; 20])
}

fn transaction(nonce: u64, call: Call) -> Transaction {
    Transaction {
        chain_id: TestChain::CHAIN_ID,
        nonce,
        gas_limit: 200_000,
        fee_max: 20_000_000_000,
        tip_max: 1_000_000_000,
        call,
    }
}

fn clearance(from: EvmAddress, transaction: Transaction) -> Clearance {
    Clearance::for_tests(
        PaymentId::from_uuid(uuid::Uuid::from_u128(1)),
        from,
        transaction,
    )
}

async fn sign(signer: &KeystoreSigner, transaction: Transaction) -> SignedTransaction {
    let cleared = clearance(signer.address(), transaction);
    signer.sign(&cleared).await.unwrap()
}

/// A wallet with coins, and with a hundred of a token.
async fn funded(chain: &TestChain, name: &str, token: Option<EvmAddress>) -> KeystoreSigner {
    let signer = testing::signer(name).unwrap();
    chain.fund(signer.address(), units(COIN)).await.unwrap();
    if let Some(token) = token {
        let hundred = units(100_000_000);
        chain.mint(token, signer.address(), hundred).await.unwrap();
    }
    signer
}

/// Signs, hands in, and waits for the block.
async fn pay(rpc: &RpcChain, signer: &KeystoreSigner, call: Call) -> Receipt {
    let nonce = rpc.nonce(signer.address(), None).await.unwrap();
    let signed = sign(signer, transaction(nonce, call)).await;
    rpc.send(&signed.raw).await.unwrap();
    mined(rpc, signed.hash).await
}

async fn mined(rpc: &RpcChain, hash: Hash32) -> Receipt {
    for _ in 0..500 {
        if let Some(receipt) = rpc.receipt(hash).await.unwrap() {
            return receipt;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{hash} is in no block");
}

fn authorized(
    token: EvmAddress,
    to: EvmAddress,
    amount: u128,
    nonce: u8,
    valid_before: u64,
) -> Call {
    Call::Authorized {
        token,
        signing_name: "Test USD".to_owned(),
        signing_version: "2".to_owned(),
        to,
        amount: units(amount),
        nonce: Hash32::from_bytes([nonce; 32]),
        valid_before,
    }
}

// The contracts on the chain of the tests, and what ethers signed, are what their sources make.
#[test]
fn contracts_compile_to_what_is_checked_in() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/chain");
    let made = std::process::Command::new("node")
        .args(["contracts.mjs", "--check"])
        .current_dir(folder)
        .output()
        .expect("node is missing; the tests need Node 20, and `make chain`");
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(
        made.status.success(),
        "run `make chain`, then `make contracts`:\n{said}"
    );
}
