//! What is said to contracts and what they say: the closed list, as they define it.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "what the macro makes has neither, and is for this room alone"
)]

use std::borrow::Cow;

use alloy::{
    primitives::{Address, B256, U256},
    sol,
    sol_types::{Eip712Domain, SolStruct as _},
};
use chimera_domain::chain::{EvmAddress, Hash32, Units};

sol! {
    interface Token {
        event Transfer(address indexed from, address indexed to, uint256 value);
        event Approval(address indexed owner, address indexed spender, uint256 value);
        event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
        event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);

        function balanceOf(address account) external view returns (uint256);
        function transfer(address to, uint256 value) external returns (bool);
        function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);
        function DOMAIN_SEPARATOR() external view returns (bytes32);
        function transferWithAuthorization(
            address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce,
            uint8 v, bytes32 r, bytes32 s
        ) external;
    }

    struct TransferWithAuthorization {
        address from;
        address to;
        uint256 value;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 nonce;
    }
}

impl TransferWithAuthorization {
    /// What is signed for a token whose signatures are bound to this name and version.
    pub(crate) fn digest(&self, domain: &Eip712Domain) -> B256 {
        self.eip712_signing_hash(domain)
    }
}

/// What signatures for a token are bound to.
pub(crate) fn domain(chain_id: u64, token: EvmAddress, name: &str, version: &str) -> Eip712Domain {
    Eip712Domain {
        name: Some(Cow::Owned(name.to_owned())),
        version: Some(Cow::Owned(version.to_owned())),
        chain_id: Some(U256::from(chain_id)),
        verifying_contract: Some(address(token)),
        salt: None,
    }
}

pub(crate) fn address(address: EvmAddress) -> Address {
    Address::from(*address.as_bytes())
}

pub(crate) fn hash(hash: Hash32) -> B256 {
    B256::from(*hash.as_bytes())
}

pub(crate) fn amount(units: Units) -> U256 {
    U256::from(units.base())
}

pub(crate) fn of_address(address: Address) -> EvmAddress {
    EvmAddress::from_bytes(address.into_array())
}

pub(crate) const fn of_hash(hash: B256) -> Hash32 {
    Hash32::from_bytes(hash.0)
}

/// What does not fit is told as the most.
pub(crate) fn units(value: U256) -> Units {
    u128::try_from(value).map_or(Units::MAX, Units::from_base)
}
