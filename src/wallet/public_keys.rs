//! Keys that everybody has: those that development chains print when they start, and those that anybody can guess.
//!
//! Programs sweep whatever reaches them within seconds.

use chimera_domain::chain::EvmAddress;

/// The accounts of anvil and hardhat (`test test … junk`), then those of ganache (`myth like bonus …`).
const ADDRESSES: [&str; 30] = [
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
    "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
    "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
    "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
    "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
    "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
    "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
    "0xBcd4042DE499D14e55001CcbB24a551F3b954096",
    "0x71bE63f3384f5fb98995898A86B02Fb2426c5788",
    "0xFABB0ac9d68B0B445fB7357272Ff202C5651694a",
    "0x1CBd3b2770909D4e10f157cABC84C7264073C9Ec",
    "0xdF3e18d64BC6A983f673Ab319CCaE4f1a57C7097",
    "0xcd3B766CCDd6AE721141F452C550Ca635964ce71",
    "0x2546BcD3c84621e976D8185a91A922aE77ECEc30",
    "0xbDA5747bFD65F08deb54cb465eB87D40e51B197E",
    "0xdD2FD4581271e230360230F9337D5c0430Bf44C0",
    "0x8626f6940E2eb28930eFb4CeF49B2d1F2C9C1199",
    "0x90F8bf6A479f320ead074411a4B0e7944Ea8c9C1",
    "0xFFcf8FDEE72ac11b5c542428B35EEF5769C409f0",
    "0x22d491Bde2303f2f43325b2108D26f1eAbA1e32b",
    "0xE11BA2b4D45Eaed5996Cd0823791E0C93114882d",
    "0xd03ea8624C8C5987235048901fB614fDcA89b117",
    "0x95cED938F7991cd0dFcb48F0a06a40FA1aF46EBC",
    "0x3E5e9111Ae8eB78Fe1CC3bb8915d5D461F3Ef9A9",
    "0x28a8746e75304c0780E011BEd21C72cD78cd535E",
    "0xACa94ef8bD5ffEE41947b4585a84BdA5a3d3DA6E",
    "0x1dF62f291b2E969fB0849d99D9Ce41e2F137006e",
];

/// Keys below this are guesses.
const GUESSED_BELOW: u128 = 1 << 64;

/// Whether the key of an address is published.
#[must_use]
pub fn is_public(address: EvmAddress) -> bool {
    ADDRESSES.iter().any(|known| known.parse() == Ok(address))
}

/// Whether a key is one that anybody can guess: a small number.
pub(crate) fn is_guessed(key: &[u8; 32]) -> bool {
    let (high, low) = key.split_at(16);
    let low = low.try_into().map(u128::from_be_bytes);
    high.iter().all(|byte| *byte == 0) && low.is_ok_and(|low| low < GUESSED_BELOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R104: each line of the list is an address with its checksum, so that none is there in vain.
    #[test]
    fn r104_published_keys_are_known_by_their_address() {
        for text in ADDRESSES {
            assert_eq!(text.parse::<EvmAddress>().unwrap().to_string(), text);
        }
        assert!(is_public(ADDRESSES[0].to_lowercase().parse().unwrap()));
        assert!(!is_public(EvmAddress::from_bytes([7; 20])));
        let mut key = [0; 32];
        key[31] = 9;
        assert!(is_guessed(&key));
        key[0] = 1;
        assert!(!is_guessed(&key));
    }
}
