//! Who is asking: two tokens (JWT), each for one demand and two minutes. One is the API key's, the other the wallet's own
//! and bound to the bytes that are sent.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chimera_domain::{ContentHash, ports::WalletError};
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    pkcs8::DecodePrivateKey as _,
};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{Secret, secret::key as unusable};

/// How long a token holds.
const SECONDS: i64 = 120;

/// What is asked.
pub(super) struct Demand<'a> {
    /// `POST host/path`.
    pub(super) place: String,
    /// When, since 1970.
    pub(super) seconds: i64,
    /// The bytes that are sent.
    pub(super) body: &'a [u8],
}

/// The key of the API.
pub(super) struct ApiKey {
    id: String,
    key: Kind,
}

enum Kind {
    Ed25519(Ed25519KeyPair),
    P256(SigningKey),
}

impl ApiKey {
    pub(super) fn read(id: &str, secret: &Secret) -> Result<Self, WalletError> {
        let text = secret.expose().trim();
        let key = if text.starts_with("-----BEGIN") {
            let body: String = text
                .lines()
                .filter(|line| !line.starts_with("-----"))
                .collect();
            Kind::P256(p256(&Zeroizing::new(body))?)
        } else {
            let bytes = decoded(text)?;
            // The seed, and the public key that follows from it.
            let pair = bytes
                .split_at_checked(32)
                .and_then(|(seed, public)| {
                    Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()
                })
                .ok_or_else(|| strange("the API key"))?;
            Kind::Ed25519(pair)
        };
        Ok(Self {
            id: id.to_owned(),
            key,
        })
    }

    pub(super) fn token(&self, demand: &Demand<'_>) -> Result<String, WalletError> {
        let alg = match self.key {
            Kind::Ed25519(_) => "EdDSA",
            Kind::P256(_) => "ES256",
        };
        let head = json!({"alg": alg, "kid": self.id, "nonce": fresh()?, "typ": "JWT"});
        let claims = json!({
            "exp": demand.seconds + SECONDS,
            "iat": demand.seconds,
            "iss": "cdp",
            "nbf": demand.seconds,
            "sub": self.id,
            "uris": [demand.place],
        });
        Ok(token(&head, &claims, |bytes| match &self.key {
            Kind::Ed25519(key) => key.sign(bytes).as_ref().to_vec(),
            Kind::P256(key) => es256(key, bytes),
        }))
    }
}

/// The key that lets a wallet be used.
pub(super) struct WalletKey(SigningKey);

impl WalletKey {
    pub(super) fn read(secret: &Secret) -> Result<Self, WalletError> {
        p256(secret.expose().trim())
            .map(Self)
            .map_err(|_| strange("the wallet secret"))
    }

    pub(super) fn token(&self, demand: &Demand<'_>) -> Result<String, WalletError> {
        let head = json!({"alg": "ES256", "typ": "JWT"});
        let claims = json!({
            "iat": demand.seconds,
            "jti": fresh()?,
            "nbf": demand.seconds,
            "reqHash": ContentHash::of_bytes(demand.body).to_string(),
            "uris": [demand.place],
        });
        Ok(token(&head, &claims, |bytes| es256(&self.0, bytes)))
    }
}

fn token(head: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(head), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn es256(key: &SigningKey, bytes: &[u8]) -> Vec<u8> {
    let signature: Signature = key.sign(bytes);
    signature.to_bytes().to_vec()
}

/// From base64, in either of its two wrappings.
fn p256(text: &str) -> Result<SigningKey, WalletError> {
    let der = decoded(text)?;
    SecretKey::from_pkcs8_der(&der)
        .or_else(|_| SecretKey::from_sec1_der(&der))
        .map(|key| SigningKey::from(&key))
        .map_err(|_| strange("the API key"))
}

fn decoded(text: &str) -> Result<Zeroizing<Vec<u8>>, WalletError> {
    STANDARD
        .decode(text)
        .map(Zeroizing::new)
        .map_err(|_| strange("the key"))
}

fn fresh() -> Result<String, WalletError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| unusable(format!("there is nothing random here: {error}")))?;
    Ok(alloy::primitives::hex::encode(bytes))
}

fn strange(what: &str) -> WalletError {
    unusable(format!("{what} has another form than Coinbase gives it"))
}
