//! The configured sources and what they resolve to: one readable feed per name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Clock;
use crate::wire::{Refusal, clean};

/// Files of one directory at most; the rest is not listed.
const DIRECTORY_MAX: usize = 2_000;
const NAME_MAX: usize = 100;

/// What the `feeds` server reads and how much of it.
#[derive(Clone)]
pub struct FeedsSettings {
    /// The sources, in the order in which they are listed.
    pub sources: Vec<Source>,
    /// How long one HTTP source may take, redirects included.
    pub fetch_timeout: Duration,
    /// The longest document in bytes, after decompression; longer ones are refused.
    pub max_bytes: u64,
    /// The present, for the age of items.
    pub clock: Clock,
}

impl FeedsSettings {
    /// Settings with the usual bounds: 10 s per fetch (less than a client waits, so that it hears which address is slow) and 8 MiB per document.
    #[must_use]
    pub fn new(sources: Vec<Source>, clock: Clock) -> Self {
        Self {
            sources,
            fetch_timeout: Duration::from_secs(10),
            max_bytes: 8 << 20,
            clock,
        }
    }
}

/// One configured source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Becomes `feed://<name>`; characters outside `A-Z a-z 0-9 . _ -` are replaced by `-`.
    pub name: String,
    /// Where the feed is.
    pub location: Location,
}

/// Where a source's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// One feed document.
    File(PathBuf),
    /// Every file in it is one source, named by its stem; `*.jsonl` files are recordings.
    Directory(PathBuf),
    /// An `http` or `https` address, fetched with conditional requests.
    Http(String),
    /// A JSON Lines file of earlier reads, `{"at":"RFC3339","items":[...]}` per line, replayed by cursor.
    Recording(PathBuf),
}

/// A source that is one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// Unique and safe in a URI.
    pub(super) name: String,
    pub(super) place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    Http(String),
    Recording(PathBuf),
    /// A directory that could not be listed stays visible as one failing source.
    Broken(String),
}

/// Lists every feed behind the settings. Reads directories, so it belongs on the blocking pool.
pub(super) fn resolve(sources: &[Source]) -> Vec<Resolved> {
    let mut taken = BTreeSet::new();
    let mut resolved = Vec::new();
    for source in sources {
        match &source.location {
            Location::File(path) => add(
                &mut resolved,
                &mut taken,
                &source.name,
                Place::File(path.clone()),
            ),
            Location::Recording(path) => add(
                &mut resolved,
                &mut taken,
                &source.name,
                Place::Recording(path.clone()),
            ),
            Location::Http(url) => add(
                &mut resolved,
                &mut taken,
                &source.name,
                Place::Http(url.clone()),
            ),
            Location::Directory(path) => match files(path) {
                Ok(files) => {
                    for file in files {
                        let stem = file
                            .file_stem()
                            .map(|stem| stem.to_string_lossy().into_owned())
                            .unwrap_or_default();
                        let recorded = file.extension().is_some_and(|ending| ending == "jsonl");
                        let place = if recorded {
                            Place::Recording(file)
                        } else {
                            Place::File(file)
                        };
                        add(&mut resolved, &mut taken, &stem, place);
                    }
                }
                Err(error) => {
                    let reason = format!("cannot list the directory {}: {error}", path.display());
                    add(
                        &mut resolved,
                        &mut taken,
                        &source.name,
                        Place::Broken(reason),
                    );
                }
            },
        }
    }
    resolved
}

/// The source of that name. Names are compared without case when no exact one exists, because a client may have
/// normalised the URI.
pub(super) fn find(sources: &[Source], name: &str) -> Result<Resolved, Refusal> {
    let resolved = resolve(sources);
    let exact = resolved.iter().find(|source| source.name == name);
    exact
        .or_else(|| {
            resolved
                .iter()
                .find(|source| source.name.eq_ignore_ascii_case(name))
        })
        .cloned()
        .ok_or_else(|| {
            let name = clean::line(name, NAME_MAX);
            Refusal::new(
                "not_found",
                format!("no source is called {name}; resources/list shows the names"),
            )
        })
}

fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && std::fs::metadata(entry.path()).is_ok_and(|facts| facts.is_file()) {
            files.push(entry.path());
        }
    }
    files.sort();
    files.truncate(DIRECTORY_MAX);
    Ok(files)
}

fn add(resolved: &mut Vec<Resolved>, taken: &mut BTreeSet<String>, name: &str, place: Place) {
    let safe: String = name
        .chars()
        .take(NAME_MAX)
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let base = if safe.trim_matches('-').is_empty() {
        "feed".to_owned()
    } else {
        safe
    };
    // Distinct without case too, for the same reason as in `find`.
    let unique = (1_u32..)
        .map(|count| {
            if count == 1 {
                base.clone()
            } else {
                format!("{base}-{count}")
            }
        })
        .find(|candidate| taken.insert(candidate.to_lowercase()));
    if let Some(name) = unique {
        resolved.push(Resolved { name, place });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R28: every configured source gets a name of its own that is safe in a URI, a broken one included.
    #[test]
    fn names_are_safe_and_unique() {
        let file = |name: &str| Source {
            name: name.to_owned(),
            location: Location::File(PathBuf::from("x")),
        };
        let missing = Source {
            name: "gone".to_owned(),
            location: Location::Directory(PathBuf::from("/nonexistent/chimera")),
        };
        let names: Vec<String> = resolve(&[
            file("a b"),
            file("A-B"),
            file("日本"),
            file("日本"),
            missing,
        ])
        .into_iter()
        .map(|source| source.name)
        .collect();
        assert_eq!(names, ["a-b", "A-B-2", "feed", "feed-2", "gone"]);
    }
}
