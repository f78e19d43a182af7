//! SHA-256 as lower-case hexadecimal: the name of every piece of content.

use sha2::{Digest, Sha256};

/// The 64 hexadecimal digits of the SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The first 8 bytes of the SHA-256 of `text` as a number: a seed that follows from content alone.
pub(crate) fn seed(text: &str) -> u64 {
    let mut first = [0; 8];
    for (slot, byte) in first.iter_mut().zip(Sha256::digest(text.as_bytes())) {
        *slot = byte;
    }
    u64::from_be_bytes(first)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R49: content is named by the published SHA-256, checked on the standard's own example.
    #[test]
    fn names_content_by_sha256() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
