//! A wallet that is kept elsewhere, against a stand-in that checks whatever Coinbase checks, and can be made to cheat.

use std::sync::{Arc, Mutex};

use alloy::consensus::{SignableTransaction as _, TxEip1559};
use alloy::primitives::{B256, Signature, U256};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chimera_domain::{
    Ambient, ContentHash, Span,
    chain::Hash32,
    payment::{Call, Transaction},
    ports::{Refusal, Signer as _, WalletError},
    testing::{ManualClock, SeededIds},
};
use p256::{
    ecdsa::{VerifyingKey, signature::Verifier as _},
    pkcs8::EncodePrivateKey as _,
};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};

use super::{account, authorized, clearance, transaction, units};
use crate::{
    CdpSettings, CdpSigner, KeystoreSigner, Secret, abi,
    testing::{self, http},
};

const KEY_ID: &str = "organizations/o/apiKeys/k";

/// How the stand-in answers a demand that is in order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answers {
    /// As asked.
    Well,
    /// Signs another amount, under the same nonce.
    OtherAmount,
    /// Signs with a higher fee.
    OtherFee,
    /// Signs with another key.
    OtherKey,
    /// Gives the other form of the signature.
    High,
    /// Something else than a transaction.
    Garbage,
    /// An error.
    Says(&'static str),
    /// Nothing, and keeps the line.
    Never,
}

/// Everything the stand-in saw of one demand that it took.
#[derive(Debug)]
struct Seen {
    jti: String,
    path: String,
}

struct Platform {
    url: String,
    keeper: Arc<KeystoreSigner>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Platform {
    async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let keeper = Arc::new(testing::signer("kept elsewhere").unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let url = format!("http://{authority}/platform");
        let (key, log) = (keeper.clone(), seen.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = http::request(&mut stream).await.unwrap();
                let checked = check(&request, &authority, &log.lock().unwrap());
                let (status, body) = match (checked, answers) {
                    (Err(why), _) => (
                        "401 Unauthorized",
                        json!({"errorType": "unauthorized", "errorMessage": why}),
                    ),
                    (Ok(seen), Answers::Says(status)) => {
                        log.lock().unwrap().push(seen);
                        (
                            status,
                            json!({"errorType": "policy_violation", "errorMessage": "no rule accepts it"}),
                        )
                    }
                    (Ok(_), Answers::Never) => {
                        std::future::pending::<()>().await;
                        return;
                    }
                    (Ok(seen), _) => {
                        let body = sign(&key, &seen.path, &request.body, answers);
                        log.lock().unwrap().push(seen);
                        ("200 OK", body)
                    }
                };
                reply(&mut stream, status, &body.to_string()).await;
            }
        });
        Self { url, keeper, seen }
    }

    fn signer(&self) -> CdpSigner {
        self.signer_with(&ed25519(), self.keeper.address())
    }

    fn signer_with(&self, key: &str, address: chimera_domain::chain::EvmAddress) -> CdpSigner {
        let settings = CdpSettings {
            address,
            key_id: KEY_ID.to_owned(),
            key: Secret::new(key.to_owned()),
            wallet_key: Secret::new(
                STANDARD.encode(wallet_key().to_pkcs8_der().unwrap().as_bytes()),
            ),
            url: Some(self.url.clone()),
            timeout: Span::from_secs(2),
        };
        CdpSigner::new(&settings, ambient()).unwrap()
    }
}

fn ambient() -> Ambient {
    Ambient::new(ManualClock::new(), SeededIds::new(1))
}

async fn reply(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

fn wallet_key() -> p256::SecretKey {
    p256::SecretKey::from_slice(&[5; 32]).unwrap()
}

fn ed25519_pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[6; 32]).unwrap()
}

fn ed25519() -> String {
    let mut bytes = vec![6; 32];
    bytes.extend_from_slice(ed25519_pair().public_key().as_ref());
    STANDARD.encode(bytes)
}

/// The claims of a token, when its signature is that of the key.
fn claims(token: &str, verify: impl Fn(&[u8], &[u8]) -> bool) -> Result<(Value, Value), String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, signature] = parts.as_slice() else {
        return Err("a token has three parts".to_owned());
    };
    let read = |part: &str| -> Result<Value, String> {
        let bytes = URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|error| error.to_string())?;
        serde_json::from_slice(&bytes).map_err(|error| error.to_string())
    };
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|error| error.to_string())?;
    if !verify(format!("{head}.{claims}").as_bytes(), &signature) {
        return Err("the signature of the token is wrong".to_owned());
    }
    Ok((read(head)?, read(claims)?))
}

fn es256(key: &VerifyingKey, bytes: &[u8], signature: &[u8]) -> bool {
    p256::ecdsa::Signature::from_slice(signature)
        .is_ok_and(|signature| key.verify(bytes, &signature).is_ok())
}

/// With its keys in order, whatever order they came in.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}:{}", json!(name), sorted(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(sorted).collect::<Vec<_>>().join(",")
        ),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            plain.to_string()
        }
    }
}

/// Whatever Coinbase looks at before it signs.
fn check(request: &http::Request, authority: &str, seen: &[Seen]) -> Result<Seen, String> {
    let line = request.head.lines().next().unwrap();
    let path = line
        .strip_prefix("POST ")
        .and_then(|rest| rest.strip_suffix(" HTTP/1.1"))
        .ok_or("not a POST")?;
    let uri = format!("POST {authority}{path}");
    let header = |wanted: &str| {
        request.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case(wanted).then_some(value)
        })
    };
    let now = ambient().now().micros() / 1_000_000;
    let bearer = header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or("no bearer")?;
    let (head, api) = claims(bearer, |bytes, signature| {
        let ed = UnparsedPublicKey::new(&ED25519, ed25519_pair().public_key().as_ref().to_vec());
        let p = VerifyingKey::from(p256::ecdsa::SigningKey::from(wallet_key()));
        ed.verify(bytes, signature).is_ok() || es256(&p, bytes, signature)
    })?;
    let lives = |claims: &Value| claims["nbf"].as_i64() <= Some(now);
    if head["kid"] != KEY_ID
        || api["sub"] != KEY_ID
        || api["iss"] != "cdp"
        || api["uris"] != json!([uri])
    {
        return Err(format!("the token is for something else: {head} {api}"));
    }
    if !lives(&api)
        || api["exp"].as_i64() != Some(now + 120)
        || head["nonce"].as_str().is_none_or(|nonce| nonce.len() < 16)
    {
        return Err("the token does not hold now".to_owned());
    }
    let wallet = header("x-wallet-auth").ok_or("no wallet token")?;
    let (head, wallet) = claims(wallet, |bytes, signature| {
        es256(
            &VerifyingKey::from(p256::ecdsa::SigningKey::from(wallet_key())),
            bytes,
            signature,
        )
    })?;
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
    if head["alg"] != "ES256" || wallet["uris"] != json!([uri]) || !lives(&wallet) {
        return Err("the wallet token is for something else".to_owned());
    }
    if wallet["reqHash"] != ContentHash::of_bytes(sorted(&body).as_bytes()).to_string() {
        return Err("the wallet token is for another body".to_owned());
    }
    let jti = wallet["jti"].as_str().ok_or("no jti")?.to_owned();
    if seen.iter().any(|seen| seen.jti == jti) {
        return Err("the wallet token was used before".to_owned());
    }
    Ok(Seen {
        jti,
        path: path.to_owned(),
    })
}

fn sign(keeper: &KeystoreSigner, path: &str, body: &[u8], answers: Answers) -> Value {
    let body: Value = serde_json::from_slice(body).unwrap();
    let other = testing::signer("somebody else").unwrap();
    let key = if answers == Answers::OtherKey {
        &other
    } else {
        keeper
    };
    if path.ends_with("/sign/typed-data") {
        let digest = typed_digest(&body);
        let signature = key.sign_digest(digest).unwrap();
        return json!({"signature": alloy::primitives::hex::encode_prefixed(signature.as_bytes())});
    }
    assert!(path.ends_with("/sign/transaction"), "{path}");
    let unsigned = alloy::primitives::hex::decode(body["transaction"].as_str().unwrap()).unwrap();
    assert_eq!(unsigned[0], 2);
    let mut tx = <TxEip1559 as alloy::rlp::Decodable>::decode(&mut &unsigned[1..]).unwrap();
    match answers {
        Answers::OtherAmount => tx.value += U256::from(1),
        Answers::OtherFee => tx.max_fee_per_gas += 1,
        Answers::Garbage => return json!({"signedTransaction": "0x02c0"}),
        Answers::Well | Answers::OtherKey | Answers::High | Answers::Says(_) | Answers::Never => {}
    }
    let mut signature = key.sign_digest(tx.signature_hash()).unwrap();
    if answers == Answers::High {
        let order = U256::from_str_radix(
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
            16,
        )
        .unwrap();
        signature = Signature::new(signature.r(), order - signature.s(), !signature.v());
    }
    let mut raw = Vec::new();
    tx.into_signed(signature).eip2718_encode(&mut raw);
    json!({"signedTransaction": alloy::primitives::hex::encode_prefixed(raw)})
}

/// The digest of the typed data that came, from nothing but what came.
fn typed_digest(body: &Value) -> B256 {
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(body["primaryType"], "TransferWithAuthorization");
    assert_eq!(
        keys(&body["types"]),
        ["EIP712Domain", "TransferWithAuthorization"]
    );
    let (domain, message) = (&body["domain"], &body["message"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| U256::from_str_radix(&text(value), 10).unwrap();
    let address = |value: &Value| abi::address(text(value).parse().unwrap());
    let message = abi::TransferWithAuthorization {
        from: address(&message["from"]),
        to: address(&message["to"]),
        value: number(&message["value"]),
        validAfter: number(&message["validAfter"]),
        validBefore: number(&message["validBefore"]),
        nonce: abi::hash(text(&message["nonce"]).parse::<Hash32>().unwrap()),
    };
    message.digest(&abi::domain(
        domain["chainId"].as_u64().unwrap(),
        text(&domain["verifyingContract"]).parse().unwrap(),
        &text(&domain["name"]),
        &text(&domain["version"]),
    ))
}

fn native() -> Transaction {
    transaction(
        4,
        Call::Native {
            to: account(3),
            amount: units(77),
        },
    )
}

// R104: a wallet that is kept elsewhere signs what one of ours would, byte for byte, for each kind of payment; every demand
// carries both tokens, fresh and bound to it.
#[tokio::test]
async fn r104_a_wallet_kept_elsewhere_signs_the_same_bytes() {
    let platform = Platform::start(Answers::Well).await;
    let signer = platform.signer();
    let from = signer.address();
    assert_eq!(signer.kind(), "cdp");
    let token = account(9);
    let calls = [
        Call::Native {
            to: account(3),
            amount: units(77),
        },
        Call::Transfer {
            token,
            to: account(3),
            amount: units(u128::MAX),
        },
        authorized(token, account(3), 5, 8, 1_795_262_999),
        Call::Nothing,
    ];
    for (nonce, call) in (0..).zip(calls) {
        let transaction = transaction(nonce, call);
        let theirs = signer
            .sign(&clearance(from, transaction.clone()))
            .await
            .unwrap();
        assert_eq!(
            theirs,
            platform.keeper.sign_transaction(&transaction).unwrap()
        );
    }
    let seen = platform.seen.lock().unwrap();
    let asked: Vec<&str> = seen
        .iter()
        .map(|seen| seen.path.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        asked,
        [
            "transaction",
            "transaction",
            "typed-data",
            "transaction",
            "transaction"
        ]
    );
    assert!(
        seen.iter()
            .all(|seen| seen.path.contains(&from.to_string()))
    );
}

// R104: the older kind of API key, and keys that are none.
#[tokio::test]
async fn r104_both_kinds_of_api_keys_are_read() {
    let platform = Platform::start(Answers::Well).await;
    let sec1 = STANDARD.encode(wallet_key().to_sec1_der().unwrap());
    let pem = format!("-----BEGIN EC PRIVATE KEY-----\n{sec1}\n-----END EC PRIVATE KEY-----\n");
    let signer = platform.signer_with(&pem, platform.keeper.address());
    assert!(
        signer
            .sign(&clearance(signer.address(), native()))
            .await
            .is_ok()
    );
    assert_eq!(
        format!("{signer:?}"),
        format!("CdpSigner({})", signer.address())
    );

    let stranger = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let mut bytes = vec![7; 32];
    bytes.extend_from_slice(stranger.public_key().as_ref());
    let signer = platform.signer_with(&STANDARD.encode(&bytes), platform.keeper.address());
    let refused = signer.sign(&clearance(signer.address(), native())).await;
    assert!(
        matches!(refused, Err(WalletError::Key { .. })),
        "{refused:?}"
    );

    bytes[40] ^= 1; // the public half of another key
    for bad in [
        STANDARD.encode(&bytes),
        "no base64!".to_owned(),
        String::new(),
        pem.replace(&sec1, "AAAA"),
    ] {
        let settings = CdpSettings {
            address: account(1),
            key_id: KEY_ID.to_owned(),
            key: Secret::new(bad),
            wallet_key: Secret::new(sec1.clone()),
            url: None,
            timeout: Span::from_secs(1),
        };
        let made = CdpSigner::new(&settings, ambient());
        assert!(matches!(made, Err(WalletError::Key { .. })), "{made:?}");
    }
}

// R93: what comes back is believed when it is exactly what was cleared, signed by the wallet; each way to cheat is found.
#[tokio::test]
async fn r93_a_wallet_kept_elsewhere_that_signs_something_else_is_found_out() {
    let check = |answers, transaction: Transaction, expected: &'static str| async move {
        let platform = Platform::start(answers).await;
        let signer = platform.signer();
        match signer.sign(&clearance(signer.address(), transaction)).await {
            Err(WalletError::Contract { why }) => {
                assert!(why.contains(expected), "{answers:?}: {why}")
            }
            other => panic!("{answers:?}: {other:?}"),
        }
    };
    let inside = || transaction(1, authorized(account(9), account(3), 5, 8, 99));
    check(Answers::OtherAmount, native(), "not what was cleared").await;
    check(Answers::OtherFee, native(), "not what was cleared").await;
    check(Answers::OtherKey, native(), "not by").await;
    check(Answers::OtherKey, inside(), "somebody else").await;
    check(Answers::High, native(), "other form").await;
    check(Answers::Garbage, native(), "type 2").await;
}

// R93: each way not to answer has its class, and the wallet of somebody else is not asked at all.
#[tokio::test]
async fn r93_each_way_a_wallet_does_not_answer_has_its_class() {
    let ask = |answers| async move {
        let platform = Platform::start(answers).await;
        let signer = platform.signer();
        let error = signer
            .sign(&clearance(signer.address(), native()))
            .await
            .unwrap_err();
        (error, platform.seen.lock().unwrap().len())
    };
    let (denied, asked) = ask(Answers::Says("403 Forbidden")).await;
    let WalletError::Refused {
        kind: Refusal::Other,
        why,
    } = denied
    else {
        panic!("{denied:?}");
    };
    assert!(why.contains("policy_violation") && asked == 1, "{why}");
    let (slower, asked) = ask(Answers::Says("429 Too Many Requests")).await;
    assert!(
        matches!(
            slower,
            WalletError::Refused {
                kind: Refusal::RateLimited,
                ..
            }
        ),
        "{slower:?}"
    );
    assert_eq!(asked, 1, "a signature is asked for once");
    for answers in [Answers::Says("500 Internal Server Error"), Answers::Never] {
        let (error, _) = ask(answers).await;
        assert!(
            matches!(error, WalletError::Unavailable { .. }),
            "{error:?}"
        );
    }
    let platform = Platform::start(Answers::Well).await;
    let other = platform
        .signer()
        .sign(&clearance(account(1), native()))
        .await;
    assert!(matches!(other, Err(WalletError::Key { .. })), "{other:?}");
    assert!(platform.seen.lock().unwrap().is_empty());
}
