//! The journal: every write to the simulated platform, one JSON object per line, appended and synced before the answer.
//!
//! After a crash the last line may be torn; it was never answered, so it is cut off. Any other unreadable line means
//! that the file was damaged, and the server refuses to start rather than forget posts.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::post::Post;
use crate::Error;

/// One write. The tag is `kind`; new kinds may be added, old ones never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Entry {
    /// A post or a reply went online.
    Posted {
        /// The post as stored.
        post: Post,
    },
    /// A post went offline.
    Deleted {
        /// The post.
        post_id: String,
        /// The caller's reason.
        reason: String,
        /// The caller's key for this deletion.
        idempotency_key: String,
        /// UTC microseconds.
        at: i64,
    },
}

/// Why an entry was not appended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritten {
    /// The journal is as before.
    #[error("{0}")]
    Nothing(std::io::Error),
    /// Cutting the journal back failed as well: the entry may be there when it is opened again.
    #[error("{0}")]
    Unclear(std::io::Error),
}

/// An open journal, locked for this process.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Bytes of complete lines. A failed write is cut back to here.
    length: u64,
}

impl Journal {
    /// Opens or creates the file, takes its lock, and returns what it holds.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Entry>), Error> {
        let failed = |source: std::io::Error| Error::Journal {
            path: path.to_owned(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::JournalLocked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        // Only a line that ends counts as written.
        let whole = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let entries = entries(bytes.get(..whole).unwrap_or_default(), path)?;
        let length = u64::try_from(whole).unwrap_or(u64::MAX);
        if whole < bytes.len() {
            tracing::warn!(path = %path.display(), torn = bytes.len() - whole, "cut a torn line off the journal");
            file.set_len(length).map_err(failed)?;
            file.sync_data().map_err(failed)?;
        }
        sync_folder(path).map_err(failed)?;
        Ok((Self { file, length }, entries))
    }

    /// Appends one entry and returns when it is on the disk. After [`Unwritten::Unclear`] this journal must not be
    /// written again: what stands behind its complete lines is not known.
    pub(super) fn append(&mut self, entry: &Entry) -> Result<(), Unwritten> {
        let mut line =
            serde_json::to_vec(entry).map_err(|error| Unwritten::Nothing(error.into()))?;
        line.push(b'\n');
        if let Err(error) = self.write(&line) {
            return Err(match self.cut() {
                Ok(()) => Unwritten::Nothing(error),
                Err(_) => Unwritten::Unclear(error),
            });
        }
        self.length = self
            .length
            .saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Leaves no half line in front of the next one, and no whole line that was answered as unwritten.
    fn cut(&self) -> std::io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.sync_all()
    }

    fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(line)?;
        self.file.sync_data()
    }
}

fn entries(bytes: &[u8], path: &Path) -> Result<Vec<Entry>, Error> {
    bytes
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|source| Error::JournalCorrupt {
                path: PathBuf::from(path),
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// A new file survives a crash only when its folder is synced too.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use serde_json::json;

    use super::*;

    fn entry(at: i64) -> Entry {
        Entry::Deleted {
            post_id: "post_1".into(),
            reason: "x".into(),
            idempotency_key: format!("k{at}"),
            at,
        }
    }

    /// R4: at whatever byte a crash tears the last line, the entries before it are kept and writing goes on.
    #[test]
    fn r4_a_torn_last_line_is_cut_at_every_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&entry(1)).unwrap();
        let first = std::fs::metadata(&path).unwrap().len();
        journal.append(&entry(2)).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for end in usize::try_from(first).unwrap()..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let (mut journal, kept) = Journal::open(&path).unwrap();
            assert_eq!(kept, [entry(1)], "torn at byte {end}");
            journal.append(&entry(3)).unwrap();
            drop(journal);
            assert_eq!(Journal::open(&path).unwrap().1, [entry(1), entry(3)]);
        }
    }

    /// R4: a journal that can be neither written nor cut back does not claim that nothing happened.
    #[test]
    fn r4_a_failed_cut_is_unclear() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        std::fs::write(&path, "").unwrap();
        let mut journal = Journal {
            file: File::open(&path).unwrap(),
            length: 0,
        };
        assert!(matches!(
            journal.append(&entry(1)),
            Err(Unwritten::Unclear(_))
        ));
    }

    /// R4: lines from before accounts and alt texts load as posts without them.
    #[test]
    fn r4_old_lines_still_load() {
        let old = json!({"kind": "posted", "post": {
            "post_id": "post_1", "platform": "twitter", "text_content": "Hello",
            "media": [{"sha256": "00", "mime": "image/gif", "bytes": 9}],
            "disclosure_level": "automated", "idempotency_key": "k1", "at": 1,
        }});
        let Entry::Posted { post } = serde_json::from_value(old).unwrap() else {
            panic!("a post was expected")
        };
        assert_eq!((&*post.account, &*post.media[0].alt_text), ("", ""));
    }

    /// R4: damage in the middle is an error that names the line; nothing is forgotten silently.
    #[test]
    fn r4_damage_inside_the_journal_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        std::fs::write(&path, "{\"kind\":\"posted\"\n{}\n").unwrap();
        assert!(matches!(
            Journal::open(&path),
            Err(Error::JournalCorrupt { line: 1, .. })
        ));
    }

    /// R4: a second opener is told which file is in use instead of interleaving lines.
    #[test]
    fn r4_two_openers_do_not_interleave() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let held = Journal::open(&path).unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(matches!(error, Error::JournalLocked { .. }));
        assert!(error.to_string().contains(path.to_str().unwrap()));
        drop(held);
        assert!(Journal::open(&path).is_ok());
    }
}
