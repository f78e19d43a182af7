//! Bytes from the disk to text, bounded.

use std::{fs::File, io::Read, path::Path};

use super::problem::{Log, Place};

/// The longest YAML file.
pub(super) const YAML_BYTES_MAX: usize = 1 << 20;
/// The longest SOUL.md.
pub(super) const SOUL_BYTES_MAX: usize = 256 << 10;

/// Reads a file up to one byte more than `bytes_max`, so that the reader of the text can tell it is too long.
pub(super) fn bytes(path: &Path, bytes_max: usize, hint: &str, log: &mut Log) -> Option<Vec<u8>> {
    let read = || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(bytes_max)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    match read() {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            log.problem(
                Place::FILE,
                format!("the file cannot be read: {error}"),
                hint,
            );
            None
        }
    }
}

/// UTF-8 text without a byte order mark.
pub(super) fn text<'b>(bytes: &'b [u8], log: &mut Log) -> Option<&'b str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let hint = if utf16 {
                "it looks like UTF-16; save it as UTF-8"
            } else {
                "save the file as UTF-8"
            };
            log.problem(Place::line(line), "the file is not UTF-8 text", hint);
            None
        }
    }
}
