//! What would become of a call, asked of the chain before anything is signed.

use alloy::sol_types::SolCall as _;
use chimera_domain::{
    chain::{EvmAddress, Hash32, Units},
    payment::Call,
    ports::{Simulation, WalletError},
};
use serde_json::{Value, json};

use super::{
    RpcChain, answers,
    ask::{Answer, call},
    refusals, view,
};
use crate::{
    abi::{self, Token},
    bytes,
};

/// No payment needs more; what takes more is a trap.
const GAS_MAX: u64 = 5_000_000;

/// What `transferWithAuthorization` takes beyond the `transfer` that stands for it here, since there is no signature yet:
/// its longer input, the signature, the nonce that is kept, and one more event.
pub const AUTHORIZATION_GAS: u64 = 50_000;

pub(super) async fn simulate(
    chain: &RpcChain,
    from: EvmAddress,
    what: &Call,
) -> Result<Simulation, WalletError> {
    match what {
        Call::Native { to, amount } => plain(chain, from, *to, *amount).await,
        Call::Nothing => plain(chain, from, from, Units::ZERO).await,
        Call::Transfer { token, to, amount } => {
            let ask = transfer(from, *token, &bytes::transfer(*to, abi::amount(*amount)));
            let [code, said, gas] = chain.way.ask(token_calls(*token, &ask)).await?;
            transferred(chain, *token, code, said, gas, 0)
        }
        Call::Authorized {
            token,
            signing_name,
            signing_version,
            to,
            amount,
            nonce,
            ..
        } => {
            let ask = transfer(from, *token, &bytes::transfer(*to, abi::amount(*amount)));
            let [code, said, gas] = token_calls(*token, &ask);
            let used = Token::authorizationStateCall {
                authorizer: abi::address(from),
                nonce: abi::hash(*nonce),
            };
            let [code, said, gas, used, bound] = chain
                .way
                .ask([
                    code,
                    said,
                    gas,
                    view(*token, &used, "latest"),
                    view(*token, &Token::DOMAIN_SEPARATORCall {}, "latest"),
                ])
                .await?;
            let domain = abi::domain(chain.way.chain_id, *token, signing_name, signing_version);
            let simulation = transferred(chain, *token, code, said, gas, AUTHORIZATION_GAS)?;
            if matches!(simulation, Simulation::Fails { .. }) {
                return Ok(simulation);
            }
            let fails = authorization(chain, used, bound, abi::of_hash(domain.separator()))?;
            Ok(fails.unwrap_or(simulation))
        }
    }
}

fn gas_max() -> String {
    format!("{GAS_MAX:#x}")
}

fn transfer(from: EvmAddress, token: EvmAddress, call: &Token::transferCall) -> Value {
    let data = alloy::primitives::hex::encode_prefixed(call.abi_encode());
    json!({"from": from, "to": token, "data": data, "gas": gas_max()})
}

fn token_calls(token: EvmAddress, ask: &Value) -> [super::ask::Call; 3] {
    [
        call("eth_getCode", json!([token, "latest"])),
        call("eth_call", json!([ask, "latest"])),
        call("eth_estimateGas", json!([ask, "latest"])),
    ]
}

/// Not every node looks whether the coins are there when it estimates.
async fn plain(
    chain: &RpcChain,
    from: EvmAddress,
    to: EvmAddress,
    amount: Units,
) -> Result<Simulation, WalletError> {
    let value = format!("{:#x}", amount.base());
    let ask = json!({"from": from, "to": to, "value": value, "gas": gas_max()});
    let [balance, gas] = chain
        .way
        .ask([
            call("eth_getBalance", json!([from, "latest"])),
            call("eth_estimateGas", json!([ask, "latest"])),
        ])
        .await?;
    let balance = balance.map_err(|said| chain.way.refused(&said))?;
    if chain.read("balance", answers::units(&balance))? < amount {
        return Ok(fails("insufficient funds".to_owned()));
    }
    passes(chain, gas, 0)
}

/// A transfer passes when there is a token, it does not say no, and there is an end to the gas it takes.
fn transferred(
    chain: &RpcChain,
    token: EvmAddress,
    code: Answer,
    said: Answer,
    gas: Answer,
    more: u64,
) -> Result<Simulation, WalletError> {
    let code = code.map_err(|said| chain.way.refused(&said))?;
    if chain.read("code", answers::code(&code))?.is_none() {
        return Ok(fails(format!("{token} is no token: there is no code")));
    }
    let said = match said {
        Ok(said) => chain.read("answer", answers::bytes(&said))?,
        Err(said) => return failed(chain, &said),
    };
    // The oldest tokens answer nothing, the others yes.
    let yes = said.is_empty() || (said.len() == 32 && said[..31] == [0; 31] && said[31] == 1);
    if !yes {
        return Ok(fails("the token answers that it would not".to_owned()));
    }
    passes(chain, gas, more)
}

/// What stands against an authorization, if anything does.
fn authorization(
    chain: &RpcChain,
    used: Answer,
    bound: Answer,
    separator: Hash32,
) -> Result<Option<Simulation>, WalletError> {
    match used {
        Ok(used) => match answers::flag(&used) {
            Ok(false) => {}
            Ok(true) => return Ok(Some(fails("the authorization was used before".to_owned()))),
            Err(_) => return Ok(Some(fails("the token takes no authorizations".to_owned()))),
        },
        Err(said) => return failed(chain, &said).map(Some),
    }
    match bound {
        Ok(bound) if answers::hash(&bound) == Ok(separator) => Ok(None),
        Ok(_) => Ok(Some(fails(
            "the token's signatures are bound to another name or version".to_owned(),
        ))),
        Err(said) => failed(chain, &said).map(Some),
    }
}

fn passes(chain: &RpcChain, gas: Answer, more: u64) -> Result<Simulation, WalletError> {
    match gas {
        Ok(gas) => Ok(Simulation::Passes {
            gas: chain.read("gas", answers::u64(&gas))?.saturating_add(more),
        }),
        Err(said) => failed(chain, &said),
    }
}

fn failed(chain: &RpcChain, said: &super::ask::Said) -> Result<Simulation, WalletError> {
    if refusals::is_revert(said) {
        Ok(fails(chain.way.http.told(&said.message)))
    } else {
        Err(chain.way.refused(said))
    }
}

const fn fails(why: String) -> Simulation {
    Simulation::Fails { why }
}
