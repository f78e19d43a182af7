//! Keys in files: the JSON keystore that other wallets read too (version 3), in a folder of their owner alone.
//!
//! A file says its address in clear, so that a wallet is known without its password; when it is opened, the key must be
//! that of the address. Work on passwords takes most of a second: call these off the runtime.
//!
//! `sealed.rs` is the form, `files.rs` the folder.

mod files;
mod sealed;

use std::path::{Path, PathBuf};

use chimera_domain::{
    chain::EvmAddress,
    ports::{Signer as _, WalletError},
};
use zeroize::Zeroizing;

pub use self::sealed::Effort;
use crate::{Secret, secret::key as unusable, signer::KeystoreSigner};

/// Makes a new key and keeps it as `folder/name.json`.
///
/// # Errors
/// [`WalletError::Key`] when it cannot be kept; a file that is there is never written over.
pub fn create(
    folder: &Path,
    name: &str,
    password: &Secret,
    effort: Effort,
) -> Result<Kept, WalletError> {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|error| unusable(format!("there is nothing random here: {error}")))?;
        // All but one in 2^127 are keys.
        if KeystoreSigner::from_bytes(&bytes).is_ok() {
            break;
        }
    }
    keep(folder, name, &bytes, password, effort)
}

/// Keeps a key that was made elsewhere: sixty-four hexadecimal digits, or a keystore with its own password.
///
/// # Errors
/// [`WalletError::Key`] when it is none, or cannot be kept.
pub fn import(
    folder: &Path,
    name: &str,
    from: &Import<'_>,
    password: &Secret,
    effort: Effort,
) -> Result<Kept, WalletError> {
    let bytes = match from {
        Import::Hex(digits) => sealed::from_hex(digits)?,
        Import::Keystore { json, password } => sealed::open(json, password)?,
    };
    keep(folder, name, &bytes, password, effort)
}

/// Opens a key.
///
/// # Errors
/// [`WalletError::Key`]: no file, others may read it, a wrong password, a key that is not that of its address.
pub fn open(path: &Path, password: &Secret) -> Result<KeystoreSigner, WalletError> {
    let text = files::read(path)?;
    let signer = KeystoreSigner::from_bytes(&sealed::open(&text, password)?)?;
    match sealed::address(&text)? {
        Some(said) if said != signer.address() => Err(unusable(format!(
            "{} says {said} and keeps the key of {}",
            path.display(),
            signer.address()
        ))),
        Some(_) | None => Ok(signer),
    }
}

/// Whose key a file says it keeps, without opening it. Only opening proves it.
///
/// # Errors
/// [`WalletError::Key`] when there is no such file, others may read it, or it does not say.
pub fn address(path: &Path) -> Result<EvmAddress, WalletError> {
    sealed::address(&files::read(path)?)?
        .ok_or_else(|| unusable(format!("{} does not say whose key it is", path.display())))
}

/// Makes the key that follows another one and keeps it beside it: `name-2.json` after `name.json`. The old one stays, so
/// that both work until the new wallet is proven and the old one empty.
///
/// # Errors
/// As [`create`], and when there is no old one.
pub fn rotate(
    folder: &Path,
    name: &str,
    password: &Secret,
    effort: Effort,
) -> Result<Kept, WalletError> {
    let _old = address(&files::path(folder, name)?)?;
    let next = files::next_name(folder, name)?;
    create(folder, &next, password, effort)
}

/// Where a key comes from.
#[derive(Debug)]
pub enum Import<'a> {
    /// Hexadecimal digits, with or without 0x.
    Hex(&'a Secret),
    /// A keystore of another wallet.
    Keystore {
        /// Its text.
        json: &'a str,
        /// Its password.
        password: &'a Secret,
    },
}

/// A key that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Whose.
    pub address: EvmAddress,
    /// Where.
    pub path: PathBuf,
}

fn keep(
    folder: &Path,
    name: &str,
    bytes: &Zeroizing<[u8; 32]>,
    password: &Secret,
    effort: Effort,
) -> Result<Kept, WalletError> {
    let address = KeystoreSigner::from_bytes(bytes)?.address();
    let path = files::path(folder, name)?;
    let text = sealed::seal(bytes, address, password, effort)?;
    files::write(folder, &path, &text)?;
    // What cannot be opened again would be found out when there is money on it.
    let again = open(&path, password)?;
    if again.address() != address {
        return Err(unusable(format!(
            "{} was not kept as meant",
            path.display()
        )));
    }
    Ok(Kept { address, path })
}
