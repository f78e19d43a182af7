//! Chains of the EVM kind as money sees them: addresses, amounts in base units, assets and what their tokens can do.
//!
//! Text is read exactly or not at all, and an address that carries a checksum must carry the right one (EIP-55).

use std::{fmt, str::FromStr};

use sha3::{Digest, Keccak256};

use crate::{Timestamp, Usd, words::words};

/// An account or a contract of a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvmAddress([u8; 20]);

/// Thirty-two bytes that a chain names things by: a transaction, a block, a code, a nonce of an authorization.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash32([u8; 32]);

/// A text that is not an address or a hash of a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what} ({why})")]
pub struct InvalidHex {
    text: String,
    what: &'static str,
    why: &'static str,
}

/// Keccak-256, the hash of everything on these chains.
#[must_use]
pub fn keccak(parts: &[&[u8]]) -> Hash32 {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    Hash32(hasher.finalize().into())
}

fn unhex<const N: usize>(text: &str, what: &'static str) -> Result<[u8; N], InvalidHex> {
    let fail = |why| InvalidHex {
        text: text.chars().take(80).collect(),
        what,
        why,
    };
    let digits = text
        .strip_prefix("0x")
        .ok_or_else(|| fail("it begins with 0x"))?;
    if digits.len() != 2 * N || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(fail("a wrong number of hexadecimal digits"));
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| fail("not hexadecimal"))?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| fail("not hexadecimal"))?;
    }
    Ok(bytes)
}

fn hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
}

impl EvmAddress {
    /// The address that nobody has: what is sent there is lost.
    pub const ZERO: Self = Self([0; 20]);

    /// Takes the twenty bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The twenty bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Whether somebody who compares the ends alone would take one for the other: the same first and last four digits
    /// of two different addresses. So are poisoned histories made.
    #[must_use]
    pub fn looks_like(&self, other: &Self) -> bool {
        self != other && self.0[..2] == other.0[..2] && self.0[18..] == other.0[18..]
    }

    /// The ends, for a narrow column. Never for a decision.
    #[must_use]
    pub fn short(&self) -> String {
        let text = self.to_string();
        format!("{}…{}", &text[..6], &text[38..])
    }
}

impl fmt::Display for EvmAddress {
    /// With its checksum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = String::with_capacity(40);
        hex(&self.0, &mut digits);
        let hash = keccak(&[digits.as_bytes()]);
        let mut text = String::with_capacity(42);
        text.push_str("0x");
        for (at, digit) in digits.chars().enumerate() {
            let byte = hash.0[at / 2];
            let nibble = if at % 2 == 0 { byte >> 4 } else { byte & 15 };
            text.push(if nibble >= 8 {
                digit.to_ascii_uppercase()
            } else {
                digit
            });
        }
        f.pad(&text)
    }
}

impl FromStr for EvmAddress {
    type Err = InvalidHex;
    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        const WHAT: &str = "an address (expected 0x and 40 hexadecimal digits)";
        let address = Self(unhex(text, WHAT)?);
        let digits = &text[2..];
        let one_case = !digits.bytes().any(|b| b.is_ascii_uppercase())
            || !digits.bytes().any(|b| b.is_ascii_lowercase());
        if one_case || address.to_string() == text {
            Ok(address)
        } else {
            Err(InvalidHex {
                text: text.to_owned(),
                what: WHAT,
                why: "its checksum is wrong: a digit was mistyped, or its case was",
            })
        }
    }
}

impl Hash32 {
    /// Takes the bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = "0x".to_owned();
        hex(&self.0, &mut text);
        f.pad(&text)
    }
}

impl FromStr for Hash32 {
    type Err = InvalidHex;
    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        unhex(
            text,
            "a hash of a chain (expected 0x and 64 hexadecimal digits)",
        )
        .map(Self)
    }
}

/// Text forms that stand in JSON and YAML as they are printed.
macro_rules! as_text {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
as_text!(EvmAddress Hash32 Units);

/// An amount of an asset in its smallest unit. Up to 2^128, which holds every payment there is; what a strange
/// token claims beyond that is told as the most there is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Units(u128);

/// A text that is not an amount of an asset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount ({why})")]
pub struct InvalidUnits {
    text: String,
    why: String,
}

impl Units {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most that is told apart.
    pub const MAX: Self = Self(u128::MAX);

    /// From base units.
    #[must_use]
    pub const fn from_base(units: u128) -> Self {
        Self(units)
    }

    /// Base units.
    #[must_use]
    pub const fn base(self) -> u128 {
        self.0
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` below nothing.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// Reads a decimal amount of an asset exactly: no sign, no exponent, no more digits than the asset has.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str, decimals: u8) -> Result<Self, InvalidUnits> {
        let fail = |why: String| InvalidUnits {
            text: text.chars().take(80).collect(),
            why,
        };
        let (whole, rest) = match text.split_once('.') {
            Some((_, "")) => return Err(fail("nothing stands after the point".to_owned())),
            Some((whole, rest)) => (whole, rest),
            None => (text, ""),
        };
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(rest) {
            return Err(fail("expected digits and a point, as in 12.50".to_owned()));
        }
        let width = usize::from(decimals);
        if rest.len() > width {
            return Err(fail(format!("the asset has {decimals} decimals")));
        }
        format!("{whole}{rest:0<width$}")
            .parse()
            .map(Self)
            .map_err(|_| fail("too large".to_owned()))
    }

    /// The decimal amount of an asset, as many digits as it takes: `12.5`, `0.000001`, `7`.
    #[must_use]
    pub fn show(self, decimals: u8) -> String {
        let width = usize::from(decimals);
        let digits = format!("{:0>1$}", self.0, width + 1);
        let (whole, rest) = digits.split_at(digits.len() - width);
        let rest = rest.trim_end_matches('0');
        if rest.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{rest}")
        }
    }

    /// What it is worth at a price for a whole one, rounded up; `None` where it does not fit.
    #[must_use]
    pub fn worth(self, decimals: u8, price: Usd) -> Option<Usd> {
        let (all, one) = self.priced(decimals, price)?;
        i64::try_from(all.div_ceil(one)).ok().map(Usd::from_micros)
    }

    /// The same rounded down: for what comes in or is held, which is never told to be worth more than it is.
    #[must_use]
    pub fn worth_at_least(self, decimals: u8, price: Usd) -> Option<Usd> {
        let (all, one) = self.priced(decimals, price)?;
        i64::try_from(all / one).ok().map(Usd::from_micros)
    }

    /// Its base units times the price, and the base units of a whole one.
    fn priced(self, decimals: u8, price: Usd) -> Option<(u128, u128)> {
        let price = u128::try_from(price.micros()).ok()?;
        let one = 10u128.checked_pow(u32::from(decimals))?;
        Some((self.0.checked_mul(price)?, one))
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Units {
    type Err = InvalidUnits;
    /// Base units.
    fn from_str(text: &str) -> Result<Self, InvalidUnits> {
        Self::parse(text, 0)
    }
}

words! {
    /// How an asset is moved.
    pub enum Rail as "rail" {
        /// The chain's own coin, by a plain transaction.
        Native = "native",
        /// A token, by its `transfer`.
        Transfer = "transfer",
        /// A token, by an authorization that it lets through once for each nonce (EIP-3009).
        Authorization = "eip3009",
    }
}

/// Something of worth on one chain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Asset {
    /// What the policy calls it: `USDC`.
    pub name: String,
    /// The chain it is on, by the name the policy gives it.
    pub chain: String,
    /// How it is moved.
    pub rail: Rail,
    /// Digits after the point.
    pub decimals: u8,
    /// Its contract; none for the chain's own coin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// What a whole one is worth.
    pub price_usd: Usd,
    /// Until when that may be believed; afterwards nothing is paid in it.
    pub price_until: Timestamp,
}

/// The contract of a token.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Token {
    /// Where it is.
    pub address: EvmAddress,
    /// The Keccak-256 of its code. Another code is another token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_hash: Option<Hash32>,
    /// The name its signatures are bound to (EIP-712), where it takes authorizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_name: Option<String>,
    /// The version its signatures are bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_version: Option<String>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // The examples of EIP-55.
    const CHECKSUMMED: [&str; 4] = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn r96_an_address_with_a_wrong_checksum_is_refused() {
        for text in CHECKSUMMED {
            let address: EvmAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
            assert_eq!(text.to_lowercase().parse(), Ok(address));
            let wrong = text.replacen('A', "a", 1);
            assert!(
                wrong == text || wrong.parse::<EvmAddress>().is_err(),
                "{wrong}"
            );
        }
        for bad in [
            "",
            "0x",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
        ] {
            assert!(bad.parse::<EvmAddress>().is_err(), "{bad}");
        }
    }

    #[test]
    fn r96_two_addresses_with_the_same_ends_look_alike() {
        let address: EvmAddress = CHECKSUMMED[0].parse().unwrap();
        let mut other = address;
        other.0[7] ^= 1;
        assert!(address.looks_like(&other));
        assert!(!address.looks_like(&address));
        other.0[0] ^= 1;
        assert!(!address.looks_like(&other));
    }

    #[test]
    fn r92_amounts_of_an_asset_parse_exactly_or_not_at_all() {
        let check = |text: &str, decimals, base: Option<u128>| {
            assert_eq!(
                Units::parse(text, decimals).ok().map(Units::base),
                base,
                "{text}"
            );
        };
        check("0", 6, Some(0));
        check("1.5", 6, Some(1_500_000));
        check("0.000001", 6, Some(1));
        check("7", 0, Some(7));
        check(
            "340282366920938463463.374607431768211455",
            18,
            Some(u128::MAX),
        );
        for bad in [
            "",
            "-1",
            "+1",
            ".5",
            "1.",
            "1e3",
            "1_000",
            "0x1",
            " 1",
            "1,5",
            "NaN",
            "inf",
            "0.0000001",
            "340282366920938463463374607431769",
        ] {
            check(bad, 6, None);
        }
        assert!(Units::parse("1.0", 0).is_err());
    }

    proptest! {
        // R92: what is printed parses back to the same amount, whatever the asset's decimals.
        #[test]
        fn r92_amounts_of_an_asset_round_trip(base: u128, decimals in 0u8..30) {
            let units = Units::from_base(base);
            prop_assert_eq!(Units::parse(&units.show(decimals), decimals), Ok(units));
        }

        // R92: what something is worth is never told lower than it is.
        #[test]
        fn r92_worth_is_rounded_up_by_less_than_a_micro(base in 0u128..1_000_000_000_000, price in 0i64..10_000_000_000) {
            let got = Units::from_base(base).worth(6, Usd::from_micros(price)).unwrap();
            let exact = base * u128::try_from(price).unwrap();
            let got = u128::try_from(got.micros()).unwrap() * 1_000_000;
            prop_assert!(got >= exact && got - exact < 1_000_000);
        }
    }
}
