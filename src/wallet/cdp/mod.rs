//! A wallet whose key Coinbase keeps (CDP server wallets, version 2): asked to sign, and never to pay.
//!
//! Its own call to pay takes no key that would make it safe to repeat for longer than a day, and chooses nonce and fees. So it
//! is asked for signatures alone (`sign/typed-data`, `sign/transaction`), and what comes back counts when it is exactly what
//! was cleared, signed by the wallet. `tokens.rs` says who is asking.

mod tokens;

use std::{fmt, time::Duration};

use alloy::consensus::SignableTransaction as _;
use alloy::primitives::Signature;
use async_trait::async_trait;
use chimera_domain::{
    Ambient, Span,
    cfo::Clearance,
    chain::{EvmAddress, Hash32},
    ports::{Refusal, SignedTransaction, Signer, WalletError},
};
use reqwest::header::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};

use self::tokens::{ApiKey, Demand, WalletKey};
use crate::{
    Secret, abi,
    bytes::{self, Authorization},
    http::{Failed, Http},
    secret::key as unusable,
};

/// Where they are.
const PLATFORM: &str = "https://api.cdp.coinbase.com/platform";

/// Who asks, and for which wallet.
#[derive(Debug, Clone)]
pub struct CdpSettings {
    /// The wallet.
    pub address: EvmAddress,
    /// The id of the API key.
    pub key_id: String,
    /// The API key: base64 of an Ed25519 key, or the PEM of a P-256 one.
    pub key: Secret,
    /// The wallet secret: base64 of a P-256 key.
    pub wallet_key: Secret,
    /// Where, if not where they usually are. Over https, or on the loopback.
    pub url: Option<String>,
    /// How long one signature may take.
    pub timeout: Span,
}

/// Signs with a key that Coinbase keeps.
pub struct CdpSigner {
    address: EvmAddress,
    api: ApiKey,
    wallet: WalletKey,
    http: Http,
    ambient: Ambient,
    timeout: Duration,
}

impl CdpSigner {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// When a key cannot be read, or the address is not over https.
    pub fn new(settings: &CdpSettings, ambient: Ambient) -> Result<Self, WalletError> {
        let url = settings.url.clone().unwrap_or_else(|| PLATFORM.to_owned());
        let timeout = settings.timeout.to_std();
        let http = Http::new(&Secret::new(url), timeout)?;
        if !http.is_private() {
            return Err(unusable(format!(
                "{} is asked over https alone",
                http.host()
            )));
        }
        Ok(Self {
            address: settings.address,
            api: ApiKey::read(&settings.key_id, &settings.key)?,
            wallet: WalletKey::read(&settings.wallet_key)?,
            http,
            ambient,
            timeout,
        })
    }

    /// Asks once. A signature that was lost is asked for again by whoever still wants it: it would be one of the same bytes.
    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        what: &str,
        body: &Value,
    ) -> Result<T, WalletError> {
        let url = self
            .http
            .below(&format!("/v2/evm/accounts/{}/sign/{what}", self.address));
        let body = body.to_string().into_bytes();
        let demand = Demand {
            place: format!("POST {}{}", self.http.authority(), url.path()),
            seconds: self.ambient.now().micros().div_euclid(1_000_000),
            body: &body,
        };
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", self.api.token(&demand)?);
        headers.insert("authorization", header(&bearer)?);
        headers.insert("x-wallet-auth", header(&self.wallet.token(&demand)?)?);
        let bytes = self
            .http
            .post_to(url, headers, body)
            .await
            .map_err(|failed| told(self.http.host(), failed))?;
        serde_json::from_slice(&bytes)
            .map_err(|_| unavailable(self.http.host(), "the answer is none"))
    }

    async fn authorize(&self, authorization: &Authorization) -> Result<Signature, WalletError> {
        #[derive(Deserialize)]
        struct Signed {
            signature: String,
        }
        let signed: Signed = self.ask("typed-data", &typed_data(authorization)).await?;
        let odd = |why: &str| WalletError::Contract {
            why: format!("the signature of the authorization is not what was asked for: {why}"),
        };
        let bytes: [u8; 65] = alloy::primitives::hex::decode(&signed.signature)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or_else(|| odd("expected 65 bytes"))?;
        let signature = Signature::from_raw_array(&bytes).map_err(|_| odd("it is none"))?;
        let signer = signature
            .recover_address_from_prehash(&authorization.digest())
            .map_err(|_| odd("it is none"))?;
        if abi::of_address(signer) == self.address {
            Ok(signature)
        } else {
            Err(odd("somebody else signed, or something else was signed"))
        }
    }

    async fn sign_cleared(&self, clearance: &Clearance) -> Result<SignedTransaction, WalletError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Signed {
            signed_transaction: String,
        }
        let transaction = clearance.transaction();
        let authorized = match bytes::authorization(transaction, self.address) {
            Some(authorization) => Some(self.authorize(&authorization).await?),
            None => None,
        };
        let unsigned = bytes::unsigned(transaction, self.address, authorized)?;
        let unsigned = alloy::primitives::hex::encode_prefixed(unsigned.encoded_for_signing());
        let signed: Signed = self
            .ask("transaction", &json!({"transaction": unsigned}))
            .await?;
        let raw = alloy::primitives::hex::decode(&signed.signed_transaction).map_err(|_| {
            WalletError::Contract {
                why: "what came back is no transaction".to_owned(),
            }
        })?;
        bytes::check(transaction, self.address, raw)
    }
}

impl fmt::Debug for CdpSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CdpSigner({})", self.address)
    }
}

#[async_trait]
impl Signer for CdpSigner {
    fn address(&self) -> EvmAddress {
        self.address
    }

    fn kind(&self) -> &'static str {
        "cdp"
    }

    async fn sign(&self, clearance: &Clearance) -> Result<SignedTransaction, WalletError> {
        if clearance.from() != self.address {
            return Err(unusable(format!(
                "it is the one of {}, and {} was cleared",
                self.address,
                clearance.from()
            )));
        }
        tokio::time::timeout(self.timeout, self.sign_cleared(clearance))
            .await
            .unwrap_or_else(|_elapsed| Err(unavailable(self.http.host(), "it took too long")))
    }
}

/// As `eth_signTypedData_v4` has it. Fields stand in the order of their names, as they are hashed for the wallet token.
fn typed_data(authorization: &Authorization) -> Value {
    let Authorization { message, domain } = authorization;
    let field = |name: &str, kind: &str| json!({"name": name, "type": kind});
    let address = |address| abi::of_address(address).to_string();
    json!({
        "domain": {
            "chainId": domain.chain_id.and_then(|id| u64::try_from(id).ok()),
            "name": domain.name,
            "verifyingContract": domain.verifying_contract.map(address),
            "version": domain.version,
        },
        "message": {
            "from": address(message.from),
            "nonce": Hash32::from_bytes(message.nonce.0),
            "to": address(message.to),
            "validAfter": message.validAfter.to_string(),
            "validBefore": message.validBefore.to_string(),
            "value": message.value.to_string(),
        },
        "primaryType": "TransferWithAuthorization",
        "types": {
            "EIP712Domain": [
                field("name", "string"),
                field("version", "string"),
                field("chainId", "uint256"),
                field("verifyingContract", "address"),
            ],
            "TransferWithAuthorization": [
                field("from", "address"),
                field("to", "address"),
                field("value", "uint256"),
                field("validAfter", "uint256"),
                field("validBefore", "uint256"),
                field("nonce", "bytes32"),
            ],
        },
    })
}

fn header(text: &str) -> Result<HeaderValue, WalletError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| unusable("its id is no text for a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn told(host: &str, failed: Failed) -> WalletError {
    match failed {
        Failed::Unclear(why) => unavailable(host, &why),
        Failed::TooMany { why, .. } => WalletError::Refused {
            kind: Refusal::RateLimited,
            why,
        },
        Failed::Unknown(why) => unusable(format!("{host}: {why}")),
        Failed::Refused(why) => WalletError::Refused {
            kind: Refusal::Other,
            why,
        },
    }
}

fn unavailable(host: &str, why: &str) -> WalletError {
    WalletError::Unavailable {
        why: format!("{host}: {why}"),
    }
}
