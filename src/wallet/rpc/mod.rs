//! A chain through one endpoint that speaks JSON-RPC.
//!
//! `ask.rs` makes exchanges (`http.rs`) of several calls with the question which chain answers,
//! `answers.rs` reads strictly what comes, `refusals.rs` knows words, `simulate.rs` and `search.rs` are the two questions that
//! take more than one call. Nothing is kept between questions, so that nothing can be out of date.

mod answers;
mod ask;
mod refusals;
mod search;
mod simulate;

use std::{fmt, ops::RangeInclusive};

use alloy::sol_types::SolCall;
use async_trait::async_trait;
use chimera_domain::{
    Span,
    cfo::is_test_chain,
    chain::{EvmAddress, Hash32, Units, keccak},
    payment::{Call, Transaction},
    ports::{Chain, Fees, Head, Movement, Receipt, Simulation, WalletError},
};
use serde_json::{Value, json};

pub use self::simulate::AUTHORIZATION_GAS;
use self::{
    answers::field,
    ask::{Way, call},
};
use crate::{
    Secret,
    abi::{self, Token},
    bytes,
    http::Http,
};

/// Where a chain is and how it is known.
#[derive(Debug, Clone)]
pub struct RpcSettings {
    /// The endpoint. Its address may have a key in it.
    pub url: Secret,
    /// The chain that it must be.
    pub chain_id: u64,
    /// What the signatures of tokens that take authorizations are bound to.
    pub domains: Vec<SigningDomain>,
    /// How long one exchange may take.
    pub exchange: Span,
    /// How long one question may take, all tries together.
    pub patience: Span,
}

impl RpcSettings {
    /// With the times that are usual.
    #[must_use]
    pub fn new(url: Secret, chain_id: u64, domains: Vec<SigningDomain>) -> Self {
        Self {
            url,
            chain_id,
            domains,
            exchange: Span::from_secs(10),
            patience: Span::from_secs(30),
        }
    }
}

/// What the signatures for one token are bound to (EIP-712).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningDomain {
    /// The token.
    pub token: EvmAddress,
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// A chain through one endpoint.
pub struct RpcChain {
    way: Way,
    domains: Vec<SigningDomain>,
}

impl RpcChain {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// When the address is none, or anybody could read along and change what is said of real money.
    pub fn new(settings: RpcSettings) -> Result<Self, WalletError> {
        let http = Http::new(&settings.url, settings.exchange.to_std())?;
        if !http.is_private() && !is_test_chain(settings.chain_id) {
            return Err(WalletError::Unavailable {
                why: format!(
                    "{} is asked over https alone, since this is no test chain",
                    http.host()
                ),
            });
        }
        Ok(Self {
            way: Way {
                http,
                chain_id: settings.chain_id,
                patience: settings.patience.to_std(),
            },
            domains: settings.domains,
        })
    }

    fn bound(&self, token: EvmAddress) -> Option<(&str, &str)> {
        self.domains
            .iter()
            .find(|domain| domain.token == token)
            .map(|domain| (domain.name.as_str(), domain.version.as_str()))
    }

    fn read<T>(&self, what: &str, value: Result<T, String>) -> Result<T, WalletError> {
        value.map_err(|why| self.way.unreadable(what, &why))
    }

    /// What a token answers; `what` names it where it is none.
    fn told<T>(
        &self,
        token: EvmAddress,
        what: &str,
        answer: ask::Answer,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<T, WalletError> {
        let no_token = |why: String| WalletError::Contract {
            why: format!("{token} is no token with {what}: {why}"),
        };
        match answer {
            Ok(value) => read(&value).map_err(no_token),
            Err(said) if refusals::is_revert(&said) => {
                Err(no_token(self.way.http.told(&said.message)))
            }
            Err(said) => Err(self.way.refused(&said)),
        }
    }
}

impl fmt::Debug for RpcChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "RpcChain({} at {})",
            self.way.chain_id,
            self.way.http.host()
        )
    }
}

/// A call of a contract that changes nothing.
fn view(token: EvmAddress, call: &impl SolCall, at: &str) -> ask::Call {
    let data = alloy::primitives::hex::encode_prefixed(call.abi_encode());
    ask::call("eth_call", json!([{"to": token, "data": data}, at]))
}

fn tag(at: Option<u64>) -> String {
    at.map_or_else(|| "latest".to_owned(), |block| format!("{block:#x}"))
}

#[async_trait]
impl Chain for RpcChain {
    async fn head(&self) -> Result<Head, WalletError> {
        let block = |at: &str| call("eth_getBlockByNumber", json!([at, false]));
        let [latest, finalized] = self.way.ask([block("latest"), block("finalized")]).await?;
        let latest = latest.map_err(|said| self.way.refused(&said))?;
        let number = |block: &Value| answers::u64(field(block, "number"));
        // A chain that knows no final blocks says so in one way or another.
        let finalized = match finalized {
            Ok(block) if !block.is_null() => Some(self.read("final block", number(&block))?),
            Ok(_) | Err(_) => None,
        };
        Ok(Head {
            number: self.read("block", number(&latest))?,
            hash: self.read("block", answers::hash(field(&latest, "hash")))?,
            seconds: self.read("block", answers::u64(field(&latest, "timestamp")))?,
            finalized,
        })
    }

    async fn fees(&self) -> Result<Fees, WalletError> {
        let [history, tip] = self
            .way
            .ask([
                call("eth_feeHistory", json!(["0x1", "latest", []])),
                call("eth_maxPriorityFeePerGas", json!([])),
            ])
            .await?;
        let history = history.map_err(|said| self.way.refused(&said))?;
        let tip = tip.map_err(|said| self.way.refused(&said))?;
        // The last one is that of the next block.
        let next = field(&history, "baseFeePerGas")
            .as_array()
            .and_then(|fees| fees.last())
            .unwrap_or(&Value::Null);
        Ok(Fees {
            base: self.read("base fee", answers::u128(next))?,
            tip: self.read("tip", answers::u128(&tip))?,
        })
    }

    async fn nonce(&self, account: EvmAddress, at: Option<u64>) -> Result<u64, WalletError> {
        let nonce = self
            .way
            .one("eth_getTransactionCount", json!([account, tag(at)]))
            .await?;
        self.read("nonce", answers::u64(&nonce))
    }

    async fn balance(
        &self,
        account: EvmAddress,
        token: Option<EvmAddress>,
        at: Option<u64>,
    ) -> Result<Units, WalletError> {
        let at = tag(at);
        let Some(token) = token else {
            let balance = self.way.one("eth_getBalance", json!([account, at])).await?;
            return self.read("balance", answers::units(&balance));
        };
        let balance_of = Token::balanceOfCall {
            account: abi::address(account),
        };
        let code = call("eth_getCode", json!([token, at]));
        let [balance, code] = self.way.ask([view(token, &balance_of, &at), code]).await?;
        let code = code.map_err(|said| self.way.refused(&said))?;
        if self.read("code", answers::code(&code))?.is_none() {
            return Err(WalletError::Contract {
                why: format!("{token} is no token: there is no code"),
            });
        }
        self.told(token, "balances", balance, answers::word)
            .map(abi::units)
    }

    async fn code_hash(&self, account: EvmAddress) -> Result<Option<Hash32>, WalletError> {
        let code = self
            .way
            .one("eth_getCode", json!([account, "latest"]))
            .await?;
        self.read("code", answers::code(&code))
    }

    async fn simulate(&self, from: EvmAddress, call: &Call) -> Result<Simulation, WalletError> {
        simulate::simulate(self, from, call).await
    }

    async fn send(&self, raw: &[u8]) -> Result<(), WalletError> {
        let bytes = alloy::primitives::hex::encode_prefixed(raw);
        let hash = self
            .way
            .one("eth_sendRawTransaction", json!([bytes]))
            .await?;
        let hash = self.read("answer", answers::hash(&hash))?;
        let ours = keccak(&[raw]);
        if hash == ours {
            Ok(())
        } else {
            Err(WalletError::Contract {
                why: format!("the endpoint calls {ours} by another name: {hash}"),
            })
        }
    }

    async fn receipt(&self, hash: Hash32) -> Result<Option<Receipt>, WalletError> {
        let receipt = self
            .way
            .one("eth_getTransactionReceipt", json!([hash]))
            .await?;
        self.read("receipt", answers::receipt(&receipt, hash))
    }

    async fn block_hash(&self, number: u64) -> Result<Option<Hash32>, WalletError> {
        let block = self
            .way
            .one("eth_getBlockByNumber", json!([tag(Some(number)), false]))
            .await?;
        if block.is_null() {
            return Ok(None);
        }
        if self.read("block", answers::u64(field(&block, "number")))? != number {
            return Err(self.way.unreadable("block", "it is another one"));
        }
        self.read("block", answers::hash(field(&block, "hash")))
            .map(Some)
    }

    async fn movements(
        &self,
        account: EvmAddress,
        blocks: RangeInclusive<u64>,
    ) -> Result<Vec<Movement>, WalletError> {
        search::movements(&self.way, account, blocks).await
    }

    async fn allowances(
        &self,
        account: EvmAddress,
        blocks: RangeInclusive<u64>,
    ) -> Result<Vec<Hash32>, WalletError> {
        search::allowances(&self.way, account, blocks).await
    }

    async fn authorization_used(
        &self,
        token: EvmAddress,
        authorizer: EvmAddress,
        nonce: Hash32,
    ) -> Result<bool, WalletError> {
        let state = Token::authorizationStateCall {
            authorizer: abi::address(authorizer),
            nonce: abi::hash(nonce),
        };
        let [used] = self.way.ask([view(token, &state, "latest")]).await?;
        self.told(token, "authorizations", used, answers::flag)
    }

    async fn authorization_used_in(
        &self,
        token: EvmAddress,
        authorizer: EvmAddress,
        nonce: Hash32,
        from_block: u64,
    ) -> Result<Option<Hash32>, WalletError> {
        let head = self.head().await?.number;
        search::used_in(&self.way, (token, authorizer, nonce), from_block..=head).await
    }

    fn decode(&self, raw: &[u8]) -> Result<(EvmAddress, Transaction), WalletError> {
        let found = bytes::decode(raw, |token| self.bound(token))?;
        if found.transaction.chain_id == self.way.chain_id {
            Ok((found.sender, found.transaction))
        } else {
            Err(WalletError::WrongChain {
                found: found.transaction.chain_id,
                wanted: self.way.chain_id,
            })
        }
    }
}
