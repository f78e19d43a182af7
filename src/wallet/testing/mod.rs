//! A chain of one's own for tests, the contracts on it, keys without worth, and an endpoint that breaks as it is told.
//!
//! `chain.rs` starts the node (`make chain` brings it), `faults.rs` stands between us and it. What fails here is told as text:
//! a test that cannot have its chain fails, it is never skipped.

mod chain;
mod faults;
pub(crate) mod http;

use chimera_domain::{chain::keccak, ports::WalletError};
use zeroize::Zeroizing;

pub use self::{
    chain::{Lie, TestChain},
    faults::{Fault, FaultyRpc},
};
use crate::KeystoreSigner;

/// Why a test has no chain, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TestError(String);

impl TestError {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// A key that a test knows and nobody else uses; the same name gives the same one.
///
/// # Errors
/// For no name there is.
pub fn signer(name: &str) -> Result<KeystoreSigner, WalletError> {
    let bytes = keccak(&[b"a key for tests", name.as_bytes()]);
    KeystoreSigner::from_bytes(&Zeroizing::new(*bytes.as_bytes()))
}
