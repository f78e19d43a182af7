//! Signs with a key that this process holds.

use std::fmt;

use alloy::consensus::SignableTransaction as _;
use alloy::primitives::{B256, Signature};
use async_trait::async_trait;
use chimera_domain::{
    cfo::{Clearance, is_test_chain},
    chain::EvmAddress,
    payment::Transaction,
    ports::{SignedTransaction, Signer, WalletError},
};
use k256::ecdsa::SigningKey;
use zeroize::Zeroizing;

use crate::{
    abi, bytes,
    public_keys::{is_guessed, is_public},
    secret::key as unusable,
};

/// A key that was taken out of its keystore. It does not print, and is overwritten when it goes.
pub struct KeystoreSigner {
    key: SigningKey,
    address: EvmAddress,
    known_to_all: bool,
}

impl KeystoreSigner {
    /// In the lower form. For nobody outside of this room: a digest could be that of anything.
    pub(crate) fn sign_digest(&self, digest: B256) -> Result<Signature, WalletError> {
        self.key
            .sign_prehash_recoverable(digest.as_slice())
            .map(Signature::from)
            .map_err(|_| unusable("it does not sign".to_owned()))
    }

    /// A transaction of this wallet, signed.
    pub(crate) fn sign_transaction(
        &self,
        transaction: &Transaction,
    ) -> Result<SignedTransaction, WalletError> {
        let authorized = bytes::authorization(transaction, self.address)
            .map(|authorization| self.sign_digest(authorization.digest()))
            .transpose()?;
        let unsigned = bytes::unsigned(transaction, self.address, authorized)?;
        let signature = self.sign_digest(unsigned.signature_hash())?;
        bytes::signed(transaction, self.address, unsigned, signature)
    }

    /// From the thirty-two bytes of a key.
    pub(crate) fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Result<Self, WalletError> {
        let key = SigningKey::from_slice(bytes.as_slice())
            .map_err(|_| unusable("these bytes are no key".to_owned()))?;
        let address = abi::of_address(alloy::primitives::Address::from_private_key(&key));
        Ok(Self {
            key,
            address,
            known_to_all: is_public(address) || is_guessed(bytes),
        })
    }

    /// Whether everybody has this key. It then signs for test chains alone.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.known_to_all
    }
}

impl fmt::Debug for KeystoreSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeystoreSigner({})", self.address)
    }
}

#[async_trait]
impl Signer for KeystoreSigner {
    fn address(&self) -> EvmAddress {
        self.address
    }

    fn kind(&self) -> &'static str {
        "keystore"
    }

    async fn sign(&self, clearance: &Clearance) -> Result<SignedTransaction, WalletError> {
        let transaction = clearance.transaction();
        if clearance.from() != self.address {
            return Err(unusable(format!(
                "it is the one of {}, and {} was cleared",
                self.address,
                clearance.from()
            )));
        }
        if self.known_to_all && !is_test_chain(transaction.chain_id) {
            return Err(unusable(format!(
                "everybody has the key of {}; it is for test chains alone",
                self.address
            )));
        }
        self.sign_transaction(transaction)
    }
}
