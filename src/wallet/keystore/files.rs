//! The folder of keys: its owner's alone, and nothing in it is ever written over.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chimera_domain::ports::WalletError;

use crate::secret::{key as unusable, owned};

/// A keystore has about five hundred bytes.
const FILE_BYTES_MAX: u64 = 16 * 1_024;
/// So often a key is followed by another.
const ROTATIONS_MAX: u32 = 1_000;

/// Where a key of this name is.
pub(super) fn path(folder: &Path, name: &str) -> Result<PathBuf, WalletError> {
    let plain = !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain {
        Ok(folder.join(format!("{name}.json")))
    } else {
        Err(unusable(format!(
            "`{name}` names no key: up to 64 small letters, digits and hyphens"
        )))
    }
}

/// The first free name after this one.
pub(super) fn next_name(folder: &Path, name: &str) -> Result<String, WalletError> {
    for number in 2..ROTATIONS_MAX {
        let next = format!("{name}-{number}");
        if !path(folder, &next)?.exists() {
            return Ok(next);
        }
    }
    Err(unusable(format!("there are too many keys after `{name}`")))
}

pub(super) fn read(path: &Path) -> Result<String, WalletError> {
    let mut text = String::new();
    owned(path)?
        .take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| broken(path, &error))?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        return Err(unusable(format!("{} is no keystore", path.display())));
    }
    Ok(text)
}

/// Writes a whole file or none, and never over another one.
pub(super) fn write(folder: &Path, path: &Path, text: &str) -> Result<(), WalletError> {
    own(folder).map_err(|error| broken(folder, &error))?;
    let mode = fs::metadata(folder)
        .map_err(|error| broken(folder, &error))?
        .mode();
    if mode & 0o077 != 0 {
        return Err(unusable(format!(
            "others may look into {} (mode {:o}); do chmod 700",
            folder.display(),
            mode & 0o777
        )));
    }
    let part = path.with_extension("part");
    let done = write_new(&part, text)
        .and_then(|()| fs::hard_link(&part, path)) // fails where something is, which a rename does not
        .and_then(|()| File::open(folder)?.sync_all());
    let _part_is_gone = fs::remove_file(&part);
    done.map_err(|error| broken(path, &error))
}

fn own(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn broken(path: &Path, error: &io::Error) -> WalletError {
    unusable(format!("{}: {error}", path.display()))
}
