//! A key under a password: Web3 Secret Storage, version 3. Written with scrypt, read with scrypt or PBKDF2.

use aes::Aes128;
use chimera_domain::{
    chain::{EvmAddress, keccak},
    ports::WalletError,
};
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit as _, StreamCipher as _},
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Secret, secret::key as unusable};

/// Memory and time that a strange file may ask for: 512 MiB.
const SCRYPT_BYTES_MAX: u64 = 512 * 1_024 * 1_024;
const ROUNDS_MAX: u32 = 10_000_000;
const LANES_MAX: u32 = 64;

/// How hard a password is to guess, as the base-two logarithm of scrypt's cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort(u8);

impl Effort {
    /// 2^18: 256 MiB and most of a second for each guess.
    pub const FULL: Self = Self(18);
    /// 2^12, for tests that make many keys. Nothing that guards money.
    #[cfg(any(test, feature = "testing"))]
    pub const TESTS: Self = Self(12);
}

#[derive(Serialize, Deserialize)]
struct File {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(alias = "Crypto")]
    crypto: Crypto,
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParams,
    ciphertext: String,
    kdf: String,
    kdfparams: KdfParams,
    mac: String,
}

#[derive(Serialize, Deserialize)]
struct CipherParams {
    iv: String,
}

#[derive(Serialize, Deserialize)]
struct KdfParams {
    dklen: u32,
    salt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prf: Option<String>,
}

/// Puts a key under a password.
pub(super) fn seal(
    bytes: &Zeroizing<[u8; 32]>,
    address: EvmAddress,
    password: &Secret,
    effort: Effort,
) -> Result<String, WalletError> {
    let (mut salt, mut iv) = ([0; 32], [0; 16]);
    for random in [salt.as_mut_slice(), iv.as_mut_slice()] {
        getrandom::fill(random)
            .map_err(|error| unusable(format!("there is nothing random here: {error}")))?;
    }
    let derived = by_scrypt(password, &salt, 1 << effort.0, 8, 1)?;
    let mut ciphertext = **bytes;
    crypt(&derived, &iv, &mut ciphertext)?;
    let file = File {
        address: Some(hex(address.as_bytes())),
        crypto: Crypto {
            cipher: "aes-128-ctr".to_owned(),
            cipherparams: CipherParams { iv: hex(&iv) },
            ciphertext: hex(&ciphertext),
            kdf: "scrypt".to_owned(),
            kdfparams: KdfParams {
                dklen: 32,
                salt: hex(&salt),
                n: Some(1 << effort.0),
                r: Some(8),
                p: Some(1),
                c: None,
                prf: None,
            },
            mac: hex(keccak(&[&derived[16..], &ciphertext]).as_bytes()),
        },
        version: 3,
    };
    serde_json::to_string_pretty(&file).map_err(|error| unusable(error.to_string()))
}

/// Takes a key out.
pub(super) fn open(text: &str, password: &Secret) -> Result<Zeroizing<[u8; 32]>, WalletError> {
    let File { crypto, .. } = parse(text)?;
    if crypto.cipher != "aes-128-ctr" {
        return Err(unusable("its keystore is of another cipher".to_owned()));
    }
    let params = &crypto.kdfparams;
    let salt = unhex(&params.salt)?;
    if params.dklen != 32 || salt.len() > 1_024 {
        return Err(strange());
    }
    let derived = match (crypto.kdf.as_str(), params) {
        (
            "scrypt",
            KdfParams {
                n: Some(n),
                r: Some(r),
                p: Some(p),
                ..
            },
        ) => by_scrypt(password, &salt, *n, *r, *p)?,
        (
            "pbkdf2",
            KdfParams {
                c: Some(c),
                prf: Some(prf),
                ..
            },
        ) if prf == "hmac-sha256" => {
            if *c == 0 || *c > ROUNDS_MAX {
                return Err(strange());
            }
            let mut derived = Zeroizing::new([0; 32]);
            pbkdf2::pbkdf2_hmac::<Sha256>(
                password.expose().as_bytes(),
                &salt,
                *c,
                derived.as_mut_slice(),
            );
            derived
        }
        _ => return Err(strange()),
    };
    let ciphertext = unhex(&crypto.ciphertext)?;
    let mac = unhex(&crypto.mac)?;
    if keccak(&[&derived[16..], &ciphertext]).as_bytes().as_slice() != mac {
        return Err(unusable(
            "the password is wrong, or the keystore is damaged".to_owned(),
        ));
    }
    let iv: [u8; 16] = unhex(&crypto.cipherparams.iv)?
        .try_into()
        .map_err(|_| strange())?;
    let mut bytes = Zeroizing::new([0; 32]);
    if ciphertext.len() != 32 {
        return Err(strange());
    }
    bytes.copy_from_slice(&ciphertext);
    crypt(&derived, &iv, &mut bytes)?;
    Ok(bytes)
}

/// Whose key it says it is.
pub(super) fn address(text: &str) -> Result<Option<EvmAddress>, WalletError> {
    let Some(said) = parse(text)?.address else {
        return Ok(None);
    };
    let digits = said.strip_prefix("0x").unwrap_or(&said);
    // Other wallets write it without 0x, and mostly without a checksum.
    let address = format!("0x{digits}")
        .parse()
        .or_else(|_| format!("0x{}", digits.to_ascii_lowercase()).parse());
    address.map(Some).map_err(|_| strange())
}

/// The key in hexadecimal digits.
pub(super) fn from_hex(digits: &Secret) -> Result<Zeroizing<[u8; 32]>, WalletError> {
    let text = digits.expose().trim();
    let text = text.strip_prefix("0x").unwrap_or(text);
    let mut bytes = Zeroizing::new([0; 32]);
    alloy::primitives::hex::decode_to_slice(text, bytes.as_mut_slice())
        .map_err(|_| unusable("a key has 64 hexadecimal digits".to_owned()))?;
    Ok(bytes)
}

fn parse(text: &str) -> Result<File, WalletError> {
    // What serde says could quote the file.
    let file: File = serde_json::from_str(text).map_err(|_| strange())?;
    if file.version == 3 {
        Ok(file)
    } else {
        Err(strange())
    }
}

fn by_scrypt(
    password: &Secret,
    salt: &[u8],
    n: u64,
    r: u32,
    p: u32,
) -> Result<Zeroizing<[u8; 32]>, WalletError> {
    let memory = u128::from(n) * u128::from(r) * 128;
    if !n.is_power_of_two() || n < 2 || p > LANES_MAX || memory > u128::from(SCRYPT_BYTES_MAX) {
        return Err(strange());
    }
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| strange())?;
    let params = scrypt::Params::new(log_n, r, p).map_err(|_| strange())?;
    let mut derived = Zeroizing::new([0; 32]);
    scrypt::scrypt(
        password.expose().as_bytes(),
        salt,
        &params,
        derived.as_mut_slice(),
    )
    .map_err(|_| strange())?;
    Ok(derived)
}

/// The same both ways.
fn crypt(
    derived: &Zeroizing<[u8; 32]>,
    iv: &[u8; 16],
    bytes: &mut [u8; 32],
) -> Result<(), WalletError> {
    Ctr128BE::<Aes128>::new_from_slices(&derived[..16], iv)
        .map_err(|_| strange())?
        .apply_keystream(bytes);
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    alloy::primitives::hex::encode(bytes)
}

fn unhex(text: &str) -> Result<Vec<u8>, WalletError> {
    alloy::primitives::hex::decode(text).map_err(|_| strange())
}

fn strange() -> WalletError {
    unusable("the file is no keystore that is read here (version 3, scrypt or PBKDF2)".to_owned())
}
