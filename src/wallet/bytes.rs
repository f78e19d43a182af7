//! Transactions as bytes, both ways: the closed list of what is ever signed.
//!
//! What cannot be written cannot be signed: there is no approval, no delegation (type 4), no code and no access list here.
//! Reading is as strict as writing: the same transaction has exactly one form, and anything else is refused.

use alloy::consensus::{SignableTransaction as _, Signed, TxEip1559};
use alloy::primitives::{B256, Bytes, Signature, TxKind, U256};
use alloy::sol_types::{Eip712Domain, SolCall as _};
use chimera_domain::{
    chain::{EvmAddress, Hash32},
    payment::{Call, Transaction},
    ports::{SignedTransaction, WalletError},
};

use crate::abi::{self, Token, TransferWithAuthorization};

/// More than any transaction that is signed here has.
const RAW_BYTES_MAX: usize = 2_048;

/// The authorization that has to be signed before the transaction that hands it in.
pub(crate) struct Authorization {
    pub(crate) message: TransferWithAuthorization,
    pub(crate) domain: Eip712Domain,
}

impl Authorization {
    pub(crate) fn digest(&self) -> B256 {
        self.message.digest(&self.domain)
    }
}

/// The authorization in a transaction, where it has one.
pub(crate) fn authorization(transaction: &Transaction, from: EvmAddress) -> Option<Authorization> {
    match &transaction.call {
        Call::Authorized {
            token,
            signing_name,
            signing_version,
            to,
            amount,
            nonce,
            valid_before,
        } => Some(Authorization {
            message: TransferWithAuthorization {
                from: abi::address(from),
                to: abi::address(*to),
                value: abi::amount(*amount),
                validAfter: U256::ZERO,
                validBefore: U256::from(*valid_before),
                nonce: abi::hash(*nonce),
            },
            domain: abi::domain(transaction.chain_id, *token, signing_name, signing_version),
        }),
        Call::Native { .. } | Call::Transfer { .. } | Call::Nothing => None,
    }
}

/// Joins a transaction and its signature, and takes the whole apart again.
///
/// # Errors
/// When what came out is not what went in.
pub(crate) fn signed(
    transaction: &Transaction,
    from: EvmAddress,
    unsigned: TxEip1559,
    signature: Signature,
) -> Result<SignedTransaction, WalletError> {
    let mut raw = Vec::with_capacity(512);
    unsigned.into_signed(signature).eip2718_encode(&mut raw);
    check(transaction, from, raw)
}

/// Whether bytes are exactly this transaction, signed by this wallet.
///
/// # Errors
/// When they are anything else.
pub(crate) fn check(
    transaction: &Transaction,
    from: EvmAddress,
    raw: Vec<u8>,
) -> Result<SignedTransaction, WalletError> {
    let bound = match &transaction.call {
        Call::Authorized {
            token,
            signing_name,
            signing_version,
            ..
        } => Some((*token, signing_name.as_str(), signing_version.as_str())),
        Call::Native { .. } | Call::Transfer { .. } | Call::Nothing => None,
    };
    let found = decode(&raw, |token| {
        bound.and_then(|(known, name, version)| (known == token).then_some((name, version)))
    })?;
    if found.sender != from {
        let sender = found.sender;
        return Err(odd(&format!("it was signed by {sender}, not by {from}")));
    }
    if found.transaction != *transaction {
        return Err(odd("what was signed is not what was cleared"));
    }
    Ok(SignedTransaction {
        raw,
        hash: found.hash,
        sender: found.sender,
    })
}

/// The transaction as it is signed; where it hands in an authorization, with the signature of that.
///
/// # Errors
/// When there is none where one is needed.
pub(crate) fn unsigned(
    transaction: &Transaction,
    from: EvmAddress,
    authorized: Option<Signature>,
) -> Result<TxEip1559, WalletError> {
    let (to, value, input) = match &transaction.call {
        Call::Native { to, amount } => (*to, abi::amount(*amount), Vec::new()),
        Call::Transfer { token, to, amount } => (
            *token,
            U256::ZERO,
            transfer(*to, abi::amount(*amount)).abi_encode(),
        ),
        Call::Authorized { token, .. } => {
            let message = authorization(transaction, from).map(|one| one.message);
            let (Some(message), Some(signature)) = (message, authorized) else {
                return Err(odd("its authorization is not signed"));
            };
            let call = Token::transferWithAuthorizationCall {
                from: message.from,
                to: message.to,
                value: message.value,
                validAfter: message.validAfter,
                validBefore: message.validBefore,
                nonce: message.nonce,
                v: 27 + u8::from(signature.v()),
                r: signature.r().into(),
                s: signature.s().into(),
            };
            (*token, U256::ZERO, call.abi_encode())
        }
        Call::Nothing => (from, U256::ZERO, Vec::new()),
    };
    Ok(TxEip1559 {
        chain_id: transaction.chain_id,
        nonce: transaction.nonce,
        gas_limit: transaction.gas_limit,
        max_fee_per_gas: transaction.fee_max,
        max_priority_fee_per_gas: transaction.tip_max,
        to: TxKind::Call(abi::address(to)),
        value,
        input: Bytes::from(input),
        ..TxEip1559::default()
    })
}

pub(crate) fn transfer(to: EvmAddress, value: U256) -> Token::transferCall {
    Token::transferCall {
        to: abi::address(to),
        value,
    }
}

/// Signed bytes, taken apart.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) sender: EvmAddress,
    pub(crate) transaction: Transaction,
    pub(crate) hash: Hash32,
}

/// Takes signed bytes apart. `bound` says to which name and version the signatures of a token are bound.
///
/// # Errors
/// When they are not in the one form of what is ever signed here.
pub(crate) fn decode<'a>(
    raw: &[u8],
    bound: impl Fn(EvmAddress) -> Option<(&'a str, &'a str)>,
) -> Result<Decoded, WalletError> {
    if raw.len() > RAW_BYTES_MAX {
        return Err(odd(&format!(
            "a transaction has at most {RAW_BYTES_MAX} bytes"
        )));
    }
    let mut rest = raw;
    let signed = Signed::<TxEip1559>::eip2718_decode(&mut rest)
        .map_err(|error| odd(&format!("it is no transaction of type 2: {error}")))?;
    let mut again = Vec::with_capacity(raw.len());
    signed.eip2718_encode(&mut again);
    if !rest.is_empty() || again != raw {
        return Err(odd("it is not in its one form"));
    }
    low(signed.signature())?;
    let sender = signed
        .recover_signer()
        .map_err(|_| odd("its signature is none"))?;
    let sender = abi::of_address(sender);
    let tx = signed.tx();
    if !tx.access_list.is_empty() {
        return Err(odd("it has an access list"));
    }
    Ok(Decoded {
        sender,
        transaction: Transaction {
            chain_id: tx.chain_id,
            nonce: tx.nonce,
            gas_limit: tx.gas_limit,
            fee_max: tx.max_fee_per_gas,
            tip_max: tx.max_priority_fee_per_gas,
            call: call(tx, sender, bound)?,
        },
        hash: abi::of_hash(*signed.hash()),
    })
}

fn call<'a>(
    tx: &TxEip1559,
    sender: EvmAddress,
    bound: impl Fn(EvmAddress) -> Option<(&'a str, &'a str)>,
) -> Result<Call, WalletError> {
    let TxKind::Call(to) = tx.to else {
        return Err(odd("it makes a contract"));
    };
    let to = abi::of_address(to);
    if tx.input.is_empty() {
        let amount = exact(tx.value)?;
        return Ok(if to == sender && tx.value.is_zero() {
            Call::Nothing
        } else {
            Call::Native { to, amount }
        });
    }
    if !tx.value.is_zero() {
        return Err(odd("it calls a contract and pays it too"));
    }
    let other = |_| odd("it calls what is never called");
    let selector = tx.input.get(..4).unwrap_or_default();
    if selector == Token::transferCall::SELECTOR {
        let call = Token::transferCall::abi_decode_validate(&tx.input).map_err(other)?;
        one_form(&call.abi_encode(), &tx.input)?;
        return Ok(Call::Transfer {
            token: to,
            to: abi::of_address(call.to),
            amount: exact(call.value)?,
        });
    }
    let call =
        Token::transferWithAuthorizationCall::abi_decode_validate(&tx.input).map_err(other)?;
    one_form(&call.abi_encode(), &tx.input)?;
    authorized(tx.chain_id, to, sender, &call, bound)
}

/// An authorization counts when its signer is the sender, under the name and version that the token is known by.
fn authorized<'a>(
    chain_id: u64,
    token: EvmAddress,
    sender: EvmAddress,
    call: &Token::transferWithAuthorizationCall,
    bound: impl Fn(EvmAddress) -> Option<(&'a str, &'a str)>,
) -> Result<Call, WalletError> {
    let (name, version) = bound(token).ok_or_else(|| {
        odd(&format!(
            "nobody said what signatures for the token {token} are bound to"
        ))
    })?;
    if abi::of_address(call.from) != sender || !call.validAfter.is_zero() {
        return Err(odd("its authorization is not the sender's own"));
    }
    let valid_before =
        u64::try_from(call.validBefore).map_err(|_| odd("its authorization never ends"))?;
    let parity = match call.v {
        27 => false,
        28 => true,
        _ => {
            return Err(odd("its authorization has a signature of no kind"));
        }
    };
    let signature = Signature::from_scalars_and_parity(call.r, call.s, parity);
    low(&signature)?;
    let message = TransferWithAuthorization {
        from: call.from,
        to: call.to,
        value: call.value,
        validAfter: call.validAfter,
        validBefore: call.validBefore,
        nonce: call.nonce,
    };
    let digest = message.digest(&abi::domain(chain_id, token, name, version));
    let signer = signature
        .recover_address_from_prehash(&digest)
        .map_err(|_| odd("the signature of its authorization is none"))?;
    if abi::of_address(signer) != sender {
        return Err(odd(
            "its authorization is signed by somebody else, or for another token",
        ));
    }
    Ok(Call::Authorized {
        token,
        signing_name: name.to_owned(),
        signing_version: version.to_owned(),
        to: abi::of_address(call.to),
        amount: exact(call.value)?,
        nonce: abi::of_hash(call.nonce),
        valid_before,
    })
}

/// Of the two forms of a signature only the lower one is one; tokens and chains refuse the other.
fn low(signature: &Signature) -> Result<(), WalletError> {
    match signature.normalize_s() {
        None => Ok(()),
        Some(_) => Err(odd("its signature is in the other form")),
    }
}

fn one_form(again: &[u8], input: &[u8]) -> Result<(), WalletError> {
    if again == input {
        Ok(())
    } else {
        Err(odd("its call is not in its one form"))
    }
}

fn exact(value: U256) -> Result<chimera_domain::chain::Units, WalletError> {
    u128::try_from(value)
        .map(chimera_domain::chain::Units::from_base)
        .map_err(|_| odd("it moves more than there is"))
}

fn odd(why: &str) -> WalletError {
    WalletError::Contract {
        why: format!("these are not the bytes that were meant: {why}"),
    }
}
