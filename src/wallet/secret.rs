//! A text that nobody prints: a password, a key, an address of an endpoint that has a key in it.

use std::{fmt, fs::File, io::Read, os::unix::fs::MetadataExt, path::Path};

use chimera_domain::ports::WalletError;
use zeroize::Zeroizing;

/// Longer ones are none.
const BYTES_MAX: usize = 4_096;

/// A secret text. It does not print, and is overwritten when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Reads one line from whatever the operator hands it in by: a file descriptor, a pipe.
    ///
    /// # Errors
    /// [`WalletError::Key`] when it cannot be read, is empty or far too long.
    pub fn read(from: impl Read) -> Result<Self, WalletError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES_MAX + 1));
        let limit = u64::try_from(BYTES_MAX + 1).unwrap_or(u64::MAX);
        from.take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| key(format!("the secret is not read: {error}")))?;
        if bytes.len() > BYTES_MAX {
            return Err(key(format!("a secret has at most {BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| key("a secret is text".to_owned()))?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            return Err(key("the secret is empty".to_owned()));
        }
        Ok(Self::new(line.to_owned()))
    }

    /// Reads one line from a file that only its owner may read.
    ///
    /// # Errors
    /// [`WalletError::Key`] as [`Secret::read`], and when others may read the file.
    pub fn from_file(path: &Path) -> Result<Self, WalletError> {
        Self::read(owned(path)?)
    }

    /// The text, for where it is used.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Opens a file whose owner alone may read it. Rights are asked of what was opened, so that nobody swaps it in between.
pub(crate) fn owned(path: &Path) -> Result<File, WalletError> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| key(format!("{shown}: {error}")))?;
    let about = file
        .metadata()
        .map_err(|error| key(format!("{shown}: {error}")))?;
    if !about.is_file() {
        return Err(key(format!("{shown} is no file")));
    }
    if about.mode() & 0o077 != 0 {
        let mode = about.mode() & 0o777;
        return Err(key(format!(
            "others may read {shown} (mode {mode:o}); do chmod 600, and count the key as known if they could"
        )));
    }
    Ok(file)
}

pub(crate) const fn key(why: String) -> WalletError {
    WalletError::Key { why }
}
