//! Wallets and chains of the EVM kind behind the ports `Signer` and `Chain`: keys, bytes, and the way to an endpoint.
//!
//! Knows how a cleared transaction becomes bytes and how a chain is asked; it does not know what is paid, why, or what
//! follows from an answer. [`keystore`] keeps keys, [`KeystoreSigner`] signs with one of them, [`CdpSigner`] with one
//! that is kept elsewhere, [`RpcChain`] asks a chain.
//!
//! Nothing here signs a hash, a message or bytes that came from outside: `bytes.rs` holds the closed list of what is ever
//! signed, and what was signed is taken apart again before anybody gets it. What an endpoint says is a claim: it is bounded,
//! read strictly, and another chain id than the pinned one voids it.

mod abi;
mod bytes;
mod cdp;
mod http;
pub mod keystore;
mod public_keys;
mod rpc;
mod secret;
mod signer;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

#[cfg(test)]
mod tests;

pub use self::{
    cdp::{CdpSettings, CdpSigner},
    public_keys::is_public,
    rpc::{AUTHORIZATION_GAS, RpcChain, RpcSettings, SigningDomain},
    secret::Secret,
    signer::KeystoreSigner,
};
