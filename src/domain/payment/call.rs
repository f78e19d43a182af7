//! What a transaction does, and by which method of which contract.

use crate::chain::{Asset, EvmAddress, Hash32, Rail, Units, keccak};

/// What a transaction does. There is no approval of others, no delegation and no code of one's own among it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Call {
    /// Moves the chain's coin.
    Native {
        /// To whom.
        to: EvmAddress,
        /// How much.
        amount: Units,
    },
    /// Moves a token.
    Transfer {
        /// The token.
        token: EvmAddress,
        /// To whom.
        to: EvmAddress,
        /// How much.
        amount: Units,
    },
    /// Moves a token by an authorization that the sender signs too (EIP-3009 `transferWithAuthorization`).
    Authorized {
        /// The token.
        token: EvmAddress,
        /// The name its signatures are bound to.
        signing_name: String,
        /// The version its signatures are bound to.
        signing_version: String,
        /// To whom.
        to: EvmAddress,
        /// How much.
        amount: Units,
        /// What makes it pass once.
        nonce: Hash32,
        /// Until when it passes, seconds since 1970.
        valid_before: u64,
    },
    /// Moves nothing, to the sender itself: takes the place of a transaction that does not get through.
    Nothing,
}

impl Call {
    /// The call that moves an amount of an asset, as far as it matters before it is signed: an authorization has no nonce
    /// and no end yet.
    #[must_use]
    pub fn moving(asset: &Asset, to: EvmAddress, amount: Units) -> Self {
        match (&asset.token, asset.rail) {
            (None, _) => Self::Native { to, amount },
            (Some(token), Rail::Authorization) => Self::Authorized {
                token: token.address,
                signing_name: token.signing_name.clone().unwrap_or_default(),
                signing_version: token.signing_version.clone().unwrap_or_default(),
                to,
                amount,
                nonce: Hash32::from_bytes([0; 32]),
                valid_before: u64::MAX,
            },
            (Some(token), Rail::Native | Rail::Transfer) => Self::Transfer {
                token: token.address,
                to,
                amount,
            },
        }
    }

    /// The method of the token's contract that it calls, as contracts are called; none where it calls none.
    #[must_use]
    pub const fn method(&self) -> Option<&'static str> {
        match self {
            Self::Native { .. } | Self::Nothing => None,
            Self::Transfer { .. } => Some("transfer(address,uint256)"),
            Self::Authorized { .. } => Some(
                "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)",
            ),
        }
    }

    /// The four bytes its data begins with, where it calls a contract.
    #[must_use]
    pub fn selector(&self) -> Option<[u8; 4]> {
        let hash = keccak(&[self.method()?.as_bytes()]);
        let [a, b, c, d, ..] = *hash.as_bytes();
        Some([a, b, c, d])
    }

    /// Where it moves what, if it moves anything: token, recipient and amount.
    #[must_use]
    pub const fn moves(&self) -> Option<(Option<EvmAddress>, EvmAddress, Units)> {
        match self {
            Self::Native { to, amount } => Some((None, *to, *amount)),
            Self::Transfer { token, to, amount }
            | Self::Authorized {
                token, to, amount, ..
            } => Some((Some(*token), *to, *amount)),
            Self::Nothing => None,
        }
    }
}
