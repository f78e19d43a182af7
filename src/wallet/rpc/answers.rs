//! Answers of an endpoint, read strictly: what is not exactly what the protocol says is no answer.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::{SolEvent as _, SolValue as _};
use chimera_domain::{
    chain::{EvmAddress, Hash32, Units, keccak},
    ports::{Movement, Receipt},
};
use serde_json::Value;

use crate::abi::{self, Token};

/// Events of one transaction, or of one search; more are no answer that can be looked at.
const LOGS_MAX: usize = 20_000;

pub(super) fn u256(value: &Value) -> Result<U256, String> {
    let digits = value
        .as_str()
        .and_then(|text| text.strip_prefix("0x"))
        .filter(|digits| !digits.is_empty() && digits.len() <= 64)
        .ok_or("expected a number that begins with 0x")?;
    U256::from_str_radix(digits, 16).map_err(|_| "expected hexadecimal digits".to_owned())
}

pub(super) fn u64(value: &Value) -> Result<u64, String> {
    u64::try_from(u256(value)?).map_err(|_| "the number is too large".to_owned())
}

pub(super) fn u128(value: &Value) -> Result<u128, String> {
    u128::try_from(u256(value)?).map_err(|_| "the number is too large".to_owned())
}

pub(super) fn units(value: &Value) -> Result<Units, String> {
    u256(value).map(abi::units)
}

pub(super) fn hash(value: &Value) -> Result<Hash32, String> {
    let text = value.as_str().ok_or("expected a hash")?;
    text.parse()
        .map_err(|error: chimera_domain::chain::InvalidHex| error.to_string())
}

fn address(value: &Value) -> Result<EvmAddress, String> {
    let text = value.as_str().ok_or("expected an address")?;
    // Some write it with a checksum, and not all the right one.
    text.to_ascii_lowercase()
        .parse()
        .map_err(|error: chimera_domain::chain::InvalidHex| error.to_string())
}

pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    value
        .as_str()
        .and_then(|text| text.strip_prefix("0x"))
        .and_then(|digits| alloy::primitives::hex::decode(digits).ok())
        .ok_or_else(|| "expected bytes that begin with 0x".to_owned())
}

/// The hash of code; none where there is none.
pub(super) fn code(value: &Value) -> Result<Option<Hash32>, String> {
    let code = bytes(value)?;
    Ok((!code.is_empty()).then(|| keccak(&[&code])))
}

/// The one word that a contract answers.
pub(super) fn word(value: &Value) -> Result<U256, String> {
    let bytes = bytes(value)?;
    U256::abi_decode_validate(&bytes)
        .ok()
        .filter(|_| bytes.len() == 32)
        .ok_or_else(|| "expected one word".to_owned())
}

/// Yes or no, as a contract answers it.
pub(super) fn flag(value: &Value) -> Result<bool, String> {
    match word(value)? {
        U256::ZERO => Ok(false),
        U256::ONE => Ok(true),
        _ => Err("expected yes or no".to_owned()),
    }
}

/// An event.
pub(super) struct Log {
    pub(super) address: EvmAddress,
    pub(super) topics: Vec<B256>,
    data: Vec<u8>,
    pub(super) transaction: Hash32,
    pub(super) block: u64,
    block_hash: Hash32,
    index: u64,
}

/// Events of blocks. One without a block, or one that was taken back, is none.
pub(super) fn logs(value: &Value) -> Result<Vec<Log>, String> {
    let logs = value
        .as_array()
        .filter(|logs| logs.len() <= LOGS_MAX)
        .ok_or("expected a list of events, and not too many")?;
    logs.iter()
        .filter(|log| {
            log.get("removed").and_then(Value::as_bool) != Some(true)
                && !field(log, "blockNumber").is_null()
        })
        .map(log)
        .collect()
}

fn log(value: &Value) -> Result<Log, String> {
    let topics = field(value, "topics").as_array().ok_or("expected topics")?;
    Ok(Log {
        address: address(field(value, "address"))?,
        topics: topics
            .iter()
            .map(|topic| hash(topic).map(abi::hash))
            .collect::<Result<_, _>>()?,
        data: bytes(field(value, "data"))?,
        transaction: hash(field(value, "transactionHash"))?,
        block: u64(field(value, "blockNumber"))?,
        block_hash: hash(field(value, "blockHash"))?,
        index: u64(field(value, "logIndex"))?,
    })
}

impl Log {
    /// Tokens that moved. Things without an amount have a fourth topic and are no money.
    pub(super) fn movement(&self) -> Option<Movement> {
        if self.topics.len() != 3 || self.data.len() != 32 {
            return None;
        }
        let moved =
            Token::Transfer::decode_raw_log_validate(self.topics.iter().copied(), &self.data)
                .ok()?;
        Some(Movement {
            transaction: self.transaction,
            block: self.block,
            log_index: self.index,
            token: self.address,
            from: abi::of_address(moved.from),
            to: abi::of_address(moved.to),
            amount: abi::units(moved.value),
        })
    }

    fn authorization(&self) -> Option<(EvmAddress, EvmAddress, Hash32)> {
        let used = Token::AuthorizationUsed::decode_raw_log_validate(
            self.topics.iter().copied(),
            &self.data,
        )
        .ok()?;
        let authorizer: Address = used.authorizer;
        Some((
            self.address,
            abi::of_address(authorizer),
            abi::of_hash(used.nonce),
        ))
    }

    /// Whether it gives somebody power over tokens; taking it back is an event of the same kind.
    pub(super) fn gives_power(&self) -> bool {
        let value = match self.topics.as_slice() {
            // Of a single thing the event has no data: whoever is named has the power, nobody is the zero address.
            [kind, _, spender, _] if *kind == Token::Approval::SIGNATURE_HASH => *spender,
            _ => B256::from_slice(
                &self
                    .data
                    .get(..32)
                    .map_or([0xff; 32], |word| word.try_into().unwrap_or([0xff; 32])),
            ),
        };
        value != B256::ZERO
    }
}

/// A receipt; none while it is in no block.
pub(super) fn receipt(value: &Value, asked: Hash32) -> Result<Option<Receipt>, String> {
    if value.is_null() || field(value, "blockHash").is_null() {
        return Ok(None);
    }
    let hash_of = |name| hash(field(value, name));
    let hash = hash_of("transactionHash")?;
    if hash != asked {
        return Err("it is that of another transaction".to_owned());
    }
    let block = u64(field(value, "blockNumber"))?;
    let block_hash = hash_of("blockHash")?;
    let succeeded = match u64(field(value, "status"))? {
        0 => false,
        1 => true,
        _ => return Err("expected whether it succeeded".to_owned()),
    };
    let logs = logs(field(value, "logs"))?;
    let elsewhere =
        |log: &Log| log.transaction != hash || log.block_hash != block_hash || log.block != block;
    if logs.iter().any(elsewhere) {
        return Err("it has an event of another transaction".to_owned());
    }
    Ok(Some(Receipt {
        hash,
        sender: address(field(value, "from"))?,
        succeeded,
        block,
        block_hash,
        fee: fee(value)?,
        movements: logs.iter().filter_map(Log::movement).collect(),
        authorizations: logs.iter().filter_map(Log::authorization).collect(),
    }))
}

/// What it cost: gas, and what chains upon another chain take for that one (`l1Fee`).
fn fee(value: &Value) -> Result<Units, String> {
    let gas = u256(field(value, "gasUsed"))?;
    let price = u256(field(value, "effectiveGasPrice"))?;
    let below = match field(value, "l1Fee") {
        Value::Null => U256::ZERO,
        fee @ (Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_)) => u256(fee)?,
    };
    Ok(abi::units(gas.saturating_mul(price).saturating_add(below)))
}

/// A field, or null.
pub(super) fn field<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&Value::Null)
}
