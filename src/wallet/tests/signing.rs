use alloy::consensus::{SignableTransaction as _, Signed, TxEip1559, TxEip2930, TxLegacy};
use alloy::primitives::{Bytes, Signature, TxKind, U256};
use alloy::sol_types::SolCall as _;
use chimera_domain::{
    chain::{EvmAddress, Hash32, Units},
    payment::{Call, Transaction},
    ports::{Chain as _, Signer as _, WalletError},
};
use proptest::prelude::*;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{account, clearance, rpc, sign, transaction, units};
use crate::{
    KeystoreSigner, RpcChain, RpcSettings, Secret, SigningDomain, abi, bytes,
    keystore::{self, Effort, Import},
    testing,
};

fn decode(raw: &[u8]) -> Result<bytes::Decoded, WalletError> {
    bytes::decode(raw, |token| {
        (token == account(9)).then_some(("Test USD", "2"))
    })
}

fn why<T: std::fmt::Debug>(result: Result<T, WalletError>) -> String {
    match result {
        Err(WalletError::Contract { why } | WalletError::Key { why }) => why,
        other => panic!("{other:?}"),
    }
}

// R93: another implementation (ethers, tests/chain/vectors.mjs) signs the same wishes with the same key; ours are the same
// bytes, and an authorization has the same digest.
#[tokio::test]
async fn r93_another_implementation_signs_the_same_bytes() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/chain/vectors.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let key = Secret::new(text(&vectors["key"]));
    let password = Secret::new("a password".to_owned());
    let kept = keystore::import(
        &folder.path().join("keys"),
        "vectors",
        &Import::Hex(&key),
        &password,
        Effort::TESTS,
    )
    .unwrap();
    let signer = keystore::open(&kept.path, &password).unwrap();
    assert_eq!(signer.address().to_string(), text(&vectors["address"]));
    let list = vectors["transactions"].as_array().unwrap();
    assert_eq!(list.len(), 6);
    for vector in list {
        let call: Call = serde_json::from_value(vector["call"].clone()).unwrap();
        let transaction = Transaction {
            chain_id: vector["chain_id"].as_u64().unwrap(),
            nonce: vector["nonce"].as_u64().unwrap(),
            gas_limit: vectors["gas_limit"].as_u64().unwrap(),
            fee_max: vectors["fee_max"].as_u64().unwrap().into(),
            tip_max: vectors["tip_max"].as_u64().unwrap().into(),
            call,
        };
        let signed = sign(&signer, transaction.clone()).await;
        let raw = alloy::primitives::hex::encode_prefixed(&signed.raw);
        assert_eq!(raw, text(&vector["raw"]), "{}", vector["name"]);
        assert_eq!(signed.hash.to_string(), text(&vector["hash"]));
        if let Call::Authorized {
            token,
            signing_name,
            signing_version,
            to,
            amount,
            nonce,
            valid_before,
        } = &transaction.call
        {
            let domain = abi::domain(transaction.chain_id, *token, signing_name, signing_version);
            let message = abi::TransferWithAuthorization {
                from: abi::address(signer.address()),
                to: abi::address(*to),
                value: abi::amount(*amount),
                validAfter: U256::ZERO,
                validBefore: U256::from(*valid_before),
                nonce: abi::hash(*nonce),
            };
            let separator = abi::of_hash(domain.separator()).to_string();
            assert_eq!(separator, text(&vector["domain_separator"]));
            let digest = abi::of_hash(message.digest(&domain)).to_string();
            assert_eq!(digest, text(&vector["digest"]));
        }
    }
}

fn any_call() -> impl Strategy<Value = Call> {
    let address = || any::<[u8; 20]>().prop_map(EvmAddress::from_bytes);
    let amount = || any::<u128>().prop_map(Units::from_base);
    prop_oneof![
        (address(), amount()).prop_map(|(to, amount)| Call::Native { to, amount }),
        (address(), address(), amount()).prop_map(|(token, to, amount)| Call::Transfer {
            token,
            to,
            amount
        }),
        (address(), amount(), any::<[u8; 32]>(), any::<u64>()).prop_map(
            |(to, amount, nonce, valid_before)| {
                Call::Authorized {
                    token: account(9),
                    signing_name: "Test USD".to_owned(),
                    signing_version: "2".to_owned(),
                    to,
                    amount,
                    nonce: Hash32::from_bytes(nonce),
                    valid_before,
                }
            }
        ),
        Just(Call::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // R93: what is signed reads back as what was cleared; any changed bit is another transaction, another sender, or none.
    #[test]
    fn r93_what_is_signed_reads_back_and_no_bit_of_it_is_free(
        (chain_id, nonce, gas_limit, fees) in (1..u64::MAX, any::<u64>(), any::<u64>(), (any::<u128>(), any::<u128>())),
        call in any_call(),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let signer = testing::signer("property").unwrap();
        let transaction = Transaction { chain_id, nonce, gas_limit, fee_max: fees.0.max(fees.1), tip_max: fees.0.min(fees.1), call };
        let signed = signer.sign_transaction(&transaction).unwrap();
        let found = decode(&signed.raw).unwrap();
        prop_assert_eq!(&found.transaction, &transaction);
        prop_assert_eq!((found.sender, found.hash), (signer.address(), signed.hash));
        let mut raw = signed.raw.clone();
        let at = at.index(raw.len());
        raw[at] ^= 1 << bit;
        if let Ok(other) = decode(&raw) {
            prop_assert!(other.sender != signer.address());
            prop_assert!(other.hash != signed.hash);
        }
        let mut longer = signed.raw;
        longer.push(0);
        prop_assert!(decode(&longer).is_err());
    }
}

// R104: a key signs for its own wallet, and one that everybody has for test chains alone, whatever was cleared.
#[tokio::test]
async fn r104_a_key_signs_for_its_wallet_and_a_published_one_only_on_test_chains() {
    let signer = testing::signer("mine").unwrap();
    let nothing = || transaction(0, Call::Nothing);
    let other = signer.sign(&clearance(account(1), nothing())).await;
    assert!(why(other).contains("was cleared"));

    let anvil = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    let guessed = format!("{:064x}", 1_000);
    for key in [anvil, guessed.as_str()] {
        let bytes: [u8; 32] = alloy::primitives::hex::decode(key)
            .unwrap()
            .try_into()
            .unwrap();
        let known = KeystoreSigner::from_bytes(&Zeroizing::new(bytes)).unwrap();
        assert!(known.is_public());
        assert!(
            known
                .sign(&clearance(known.address(), nothing()))
                .await
                .is_ok()
        );
        for chain_id in [1, 8_453, 10] {
            let real = Transaction {
                chain_id,
                ..nothing()
            };
            let refused = known.sign(&clearance(known.address(), real)).await;
            assert!(why(refused).contains("everybody has the key"), "{chain_id}");
        }
    }
    assert!(!signer.is_public());
    let real = Transaction {
        chain_id: 1,
        ..nothing()
    };
    assert!(
        signer
            .sign(&clearance(signer.address(), real))
            .await
            .is_ok()
    );
}

fn raw<
    T: alloy::consensus::transaction::RlpEcdsaEncodableTx
        + alloy::consensus::SignableTransaction<Signature>,
>(
    signer: &KeystoreSigner,
    unsigned: T,
) -> Vec<u8> {
    let signature = signer.sign_digest(unsigned.signature_hash()).unwrap();
    let mut raw = Vec::new();
    unsigned.into_signed(signature).eip2718_encode(&mut raw);
    raw
}

// R93: bytes that are signed well but are nothing we ever sign are refused: approvals, contracts, other types, lists, strange
// tokens, the other form of a signature.
#[tokio::test]
async fn r93_bytes_that_nobody_here_signs_are_not_read() {
    let signer = testing::signer("strange").unwrap();
    let to = TxKind::Call(abi::address(account(9)));
    let base = TxEip1559 {
        chain_id: 31_337,
        gas_limit: 21_000,
        to,
        ..TxEip1559::default()
    };
    let with = |input: &[u8], value: u64| TxEip1559 {
        input: Bytes::copy_from_slice(input),
        value: U256::from(value),
        ..base.clone()
    };
    let check = |raw: Vec<u8>, expected: &str| {
        let why = why(decode(&raw));
        assert!(why.contains(expected), "{why}");
    };
    assert!(decode(&raw(&signer, base.clone())).is_ok());
    let call = |signature: &str, words: usize| {
        let mut input =
            chimera_domain::chain::keccak(&[signature.as_bytes()]).as_bytes()[..4].to_vec();
        input.extend(
            std::iter::repeat_n([0; 31], words).flat_map(|word| word.into_iter().chain([1])),
        );
        input
    };
    for never in [
        "approve(address,uint256)",
        "increaseAllowance(address,uint256)",
        "setApprovalForAll(address,bool)",
        "transferFrom(address,address,uint256)",
        "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    ] {
        check(raw(&signer, with(&call(never, 7), 0)), "never called");
    }
    check(raw(&signer, with(&[1, 2, 3], 0)), "never called");
    let transfer = call("transfer(address,uint256)", 2);
    assert!(decode(&raw(&signer, with(&transfer, 0))).is_ok());
    check(raw(&signer, with(&transfer, 1)), "pays it too");
    let mut longer = transfer.clone();
    longer.push(0);
    check(raw(&signer, with(&longer, 0)), "it");
    let mut dirty = transfer;
    dirty[5] = 1; // above the address
    check(raw(&signer, with(&dirty, 0)), "it calls");
    check(
        raw(
            &signer,
            TxEip1559 {
                to: TxKind::Create,
                ..base.clone()
            },
        ),
        "makes a contract",
    );
    let list = vec![alloy::eips::eip2930::AccessListItem::default()];
    check(
        raw(
            &signer,
            TxEip1559 {
                access_list: list.into(),
                ..base.clone()
            },
        ),
        "access list",
    );
    check(
        raw(
            &signer,
            TxEip1559 {
                value: U256::MAX,
                ..base.clone()
            },
        ),
        "more than there is",
    );
    check(
        raw(
            &signer,
            TxEip2930 {
                chain_id: 31_337,
                to,
                ..TxEip2930::default()
            },
        ),
        "type 2",
    );
    check(
        raw(
            &signer,
            TxLegacy {
                chain_id: Some(31_337),
                to,
                ..TxLegacy::default()
            },
        ),
        "type 2",
    );
    check(vec![4, 0xc0], "type 2");
    check(vec![2; 5_000], "at most");

    let signature = signer.sign_digest(base.signature_hash()).unwrap();
    assert!(
        signature.normalize_s().is_none(),
        "the key signs in the lower form"
    );
    let order = U256::from_str_radix(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        16,
    )
    .unwrap();
    let twin = Signature::new(signature.r(), order - signature.s(), !signature.v());
    let mut high = Vec::new();
    Signed::new_unhashed(base, twin).eip2718_encode(&mut high);
    check(high, "other form");
}

// R93: an authorization inside is held against the name, the version and the chain it must be bound to.
#[tokio::test]
async fn r93_an_authorization_counts_only_for_the_token_it_is_bound_to() {
    let signer = testing::signer("bound").unwrap();
    let token = account(9);
    let call = super::authorized(token, account(2), 5, 7, 99);
    let signed = sign(&signer, transaction(3, call.clone())).await;
    let settings = |name: &str, chain_id| {
        let domain = SigningDomain {
            token,
            name: name.to_owned(),
            version: "2".to_owned(),
        };
        let url = Secret::new("http://127.0.0.1:1".to_owned());
        RpcChain::new(RpcSettings::new(url, chain_id, vec![domain])).unwrap()
    };
    let known = settings("Test USD", 31_337);
    assert_eq!(
        known.decode(&signed.raw),
        Ok((signer.address(), transaction(3, call)))
    );
    assert!(why(settings("USD Coin", 31_337).decode(&signed.raw)).contains("for another token"));
    assert!(why(rpc("http://127.0.0.1:1", &[]).decode(&signed.raw)).contains("nobody said"));
    assert_eq!(
        settings("Test USD", 84_532).decode(&signed.raw),
        Err(WalletError::WrongChain {
            found: 31_337,
            wanted: 84_532
        })
    );
}

// R104: neither a signer nor a secret prints what it keeps.
#[test]
fn r104_keys_do_not_print() {
    let signer = testing::signer("print").unwrap();
    assert_eq!(
        format!("{signer:?}"),
        format!("KeystoreSigner({})", signer.address())
    );
    assert_eq!(format!("{:?}", Secret::new("hush".to_owned())), "Secret");
    let url = "https://user:hush@example.org/v3/0123456789abcdef?key=fedcba9876543210";
    let chain =
        RpcChain::new(RpcSettings::new(Secret::new(url.to_owned()), 1, Vec::new())).unwrap();
    assert_eq!(format!("{chain:?}"), "RpcChain(1 at example.org)");
    assert_eq!(signer.kind(), "keystore");
    assert_eq!(units(1).to_string(), "1");
}

// R101: what a person is shown of a call is what its bytes begin with.
#[test]
fn r101_the_methods_shown_are_those_that_are_called() {
    let transfer = Call::Transfer {
        token: account(9),
        to: account(8),
        amount: Units::from_base(1),
    };
    assert_eq!(
        transfer.selector(),
        Some(abi::Token::transferCall::SELECTOR)
    );
    let authorized = Call::Authorized {
        token: account(9),
        signing_name: "Test USD".to_owned(),
        signing_version: "2".to_owned(),
        to: account(8),
        amount: Units::from_base(1),
        nonce: chimera_domain::chain::Hash32::from_bytes([1; 32]),
        valid_before: 1,
    };
    let called = abi::Token::transferWithAuthorizationCall::SELECTOR;
    assert_eq!(authorized.selector(), Some(called));
    assert_eq!(Call::Nothing.selector(), None);
}
