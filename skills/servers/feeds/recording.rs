//! A recording: a JSON Lines file whose lines are successive reads of a feed, replayed by cursor.
//!
//! The file is read through once to note where each line begins; a read then seeks to one line. The end of a line is
//! `\n` and nothing else, because titles contain the other characters that Unicode calls line ends.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::items::{self, ITEMS_MAX};
use crate::wire::document::{FeedDocument, Item};
use crate::wire::{Refusal, time};

/// Lines noted at most; a longer file is refused, so that memory stays bounded.
const LINES_MAX: usize = 1_000_000;

/// Where the lines of one file are.
#[derive(Debug)]
pub(super) struct Recording {
    path: PathBuf,
    /// Start and length of each line that is not blank, in bytes, without its line end.
    lines: Vec<(u64, u64)>,
    /// Size of the file when it was read through; another size means another file.
    size: u64,
}

#[derive(Deserialize)]
struct Line {
    at: String,
    items: Vec<Item>,
}

impl Recording {
    /// Reads through the file and notes its lines.
    pub(super) fn open(path: &Path) -> Result<Self, Refusal> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let (mut lines, mut start, mut line) = (Vec::new(), 0_u64, Vec::new());
        loop {
            line.clear();
            let taken = reader
                .read_until(b'\n', &mut line)
                .map_err(|error| unreadable(path, &error))?;
            if taken == 0 {
                break;
            }
            let taken = u64::try_from(taken).unwrap_or(u64::MAX);
            if !line.trim_ascii().is_empty() {
                let end = u64::from(line.ends_with(b"\n"));
                lines.push((start, taken - end));
            }
            start += taken;
            if lines.len() > LINES_MAX {
                return Err(Refusal::new(
                    "source_unreadable",
                    format!(
                        "the recording {} has more than {LINES_MAX} lines",
                        path.display()
                    ),
                ));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            lines,
            size: start,
        })
    }

    /// Whether the file still has the size that was noted.
    pub(super) fn is_current(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|facts| facts.len() == self.size)
    }

    /// The read at `cursor`, a line index that begins with 0. Past the end: no items and the same cursor again.
    pub(super) fn read(
        &self,
        name: &str,
        cursor: Option<&str>,
        max_bytes: u64,
    ) -> Result<FeedDocument, Refusal> {
        let index = match cursor {
            None | Some("") => 0,
            Some(text) => text.parse::<usize>().map_err(|_| {
                Refusal::new(
                    "invalid_argument",
                    format!("the cursor of the recording {name} must be a line number"),
                )
            })?,
        };
        let place = self.path.display();
        let mut document = FeedDocument::empty(name, "recording");
        document.recorded = true;
        document.feed.title = name.to_owned();
        let Some((start, length)) = self.lines.get(index).copied() else {
            document.next_cursor = Some(index.to_string());
            document.notes.push("the recording has ended".to_owned());
            return Ok(document);
        };
        if length > max_bytes {
            return Err(Refusal::new(
                "too_large",
                format!(
                    "line {} of the recording {place} has {length} bytes, more than {max_bytes}",
                    index + 1
                ),
            ));
        }
        let line = self.line(start, length)?;
        let line: Line = serde_json::from_slice(&line).map_err(|error| {
            Refusal::new(
                "source_unreadable",
                format!(
                    "line {} of the recording {place} is not a read: {error}",
                    index + 1
                ),
            )
        })?;
        let at = time::parse(&line.at).ok_or_else(|| {
            Refusal::new(
                "source_unreadable",
                format!(
                    "line {} of the recording {place} has no valid time",
                    index + 1
                ),
            )
        })?;
        document.recorded_at = Some(time::rfc3339(at));
        if line.items.len() > ITEMS_MAX {
            document.notes.push(format!(
                "{} items, the first {ITEMS_MAX} are returned",
                line.items.len()
            ));
        }
        document.items = line
            .items
            .iter()
            .take(ITEMS_MAX)
            .map(items::bounded)
            .collect();
        document.next_cursor = Some((index + 1).to_string());
        document.more = index + 1 < self.lines.len();
        Ok(document)
    }

    fn line(&self, start: u64, length: u64) -> Result<Vec<u8>, Refusal> {
        let read = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(start))?;
            let mut line = Vec::new();
            file.take(length).read_to_end(&mut line)?;
            std::io::Result::Ok(line)
        };
        read().map_err(|error| unreadable(&self.path, &error))
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refusal {
    Refusal::new(
        "source_unreadable",
        format!("cannot read the recording {}: {error}", path.display()),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn recording(text: &str) -> (tempfile::TempDir, Recording) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        std::fs::write(&path, text).unwrap();
        let recording = Recording::open(&path).unwrap();
        (folder, recording)
    }

    /// R28: a cursor walks every line once, keeps `more` true until the last, and rests at the end.
    #[test]
    fn a_cursor_walks_to_the_end_and_rests_there() {
        let (_folder, recording) = recording(
            "{\"at\":\"2026-01-01T00:00:00Z\",\"items\":[{\"title\":\"a\u{2028}b\",\"link\":\"https://x/1\"}]}\n\n\
             {\"at\":\"2026-01-01T00:30:00Z\",\"items\":[]}",
        );
        let first = recording.read("r", None, 1 << 20).unwrap();
        assert_eq!(
            (first.items.len(), first.next_cursor.as_deref(), first.more),
            (1, Some("1"), true)
        );
        assert_eq!(
            first.items.first().map(|item| item.title.as_str()),
            Some("a b")
        );
        assert_eq!(first.recorded_at.as_deref(), Some("2026-01-01T00:00:00Z"));
        let last = recording.read("r", Some("1"), 1 << 20).unwrap();
        assert_eq!((last.next_cursor.as_deref(), last.more), (Some("2"), false));
        let end = recording.read("r", Some("2"), 1 << 20).unwrap();
        assert_eq!(
            (end.items.len(), end.next_cursor.as_deref(), end.more),
            (0, Some("2"), false)
        );
    }

    /// R28: a damaged line is refused by its number and the lines around it stay readable.
    #[test]
    fn a_damaged_line_is_refused_by_number() {
        let (_folder, recording) =
            recording("nonsense\n{\"at\":\"2026-01-01T00:00:00Z\",\"items\":[]}\n");
        let refusal = recording.read("r", None, 1 << 20).unwrap_err();
        assert!(refusal.detail.contains("line 1"), "{}", refusal.detail);
        assert!(recording.read("r", Some("1"), 1 << 20).is_ok());
        assert_eq!(
            recording.read("r", Some("x"), 1 << 20).unwrap_err().code,
            "invalid_argument"
        );
    }
}
