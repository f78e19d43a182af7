//! The feeds of `chimera.yaml`: what is perceived, from where and how often.
//!
//! A feed is an address, a file or a folder, in one string or with its settings. A folder is listed when
//! the configuration is loaded: each file in it is a feed.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use chimera_domain::{Span, resource::ResourceSpec};

use super::{
    FEEDS_SERVER,
    problem::{Log, Place, Wrong, quote},
    process::Surroundings,
    raw::{Node, Value},
    section::Section,
    values,
};

const FEEDS_MAX: usize = 500;
/// Servers of other people are not asked more often.
const HTTP_INTERVAL_MIN: Span = Span::from_secs(30);
const LOCAL_INTERVAL_MIN: Span = Span::from_secs(1);
const INTERVAL: Span = Span::from_mins(5);
const AGE_MAX: Span = Span::from_hours(48);

/// One feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Unique without regard to case; its URI is `feed://<name>`.
    pub name: String,
    /// Where it is.
    pub location: FeedLocation,
    /// How long between two polls.
    pub interval: Span,
    /// Items older than this when first seen are not converted; `None` takes every age.
    pub age_max: Option<Span>,
}

/// Where a feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedLocation {
    /// An `http` or `https` address.
    Http(String),
    /// One feed document.
    File(PathBuf),
    /// A JSON Lines recording of earlier reads, replayed.
    Recording(PathBuf),
}

impl Feed {
    /// The resource that is polled.
    #[must_use]
    pub fn resource(&self) -> ResourceSpec {
        ResourceSpec {
            server: FEEDS_SERVER.to_owned(),
            uri: format!("feed://{}", self.name),
            interval: self.interval,
            age_max: self.age_max,
        }
    }
}

/// Where a feed is, before a folder is listed.
enum Origin {
    Http(String),
    File(PathBuf),
    Recording(PathBuf),
    Directory(PathBuf),
}

/// Reads the list.
pub(super) fn read(nodes: &[Node], around: Surroundings<'_>, log: &mut Log) -> Vec<Feed> {
    let mut feeds = Feeds::default();
    for (index, node) in nodes.iter().enumerate() {
        let path = format!("feeds[{index}]");
        match &node.value {
            Value::Text(text) => match short_form(text, around.base) {
                Ok(origin) => feeds.add(node.at, None, origin, &Timing::default(), log),
                Err(wrong) => {
                    log.problem(node.at, format!("`{path}`: {}", wrong.message), wrong.hint)
                }
            },
            Value::Map(_) => {
                if let Some(section) = Section::of(node, &path, log) {
                    read_long(section, around.base, &mut feeds, log);
                }
            }
            Value::Nothing | Value::List(_) => log.problem(
                node.at,
                format!(
                    "`{path}` must be an address, a path or a group of keys, this is {}",
                    node.value.kind()
                ),
                "write `- https://…`, `- path/to/feed.xml` or `- {name: …, url: …}`",
            ),
        }
    }
    feeds.read
}

/// Reads feeds in the short form from a command line.
pub(super) fn read_given(given: &[String], log: &mut Log) -> Vec<Feed> {
    let base = std::env::current_dir().unwrap_or_default();
    let mut feeds = Feeds::default();
    for text in given {
        match short_form(text, &base) {
            Ok(origin) => feeds.add(Place::FILE, None, origin, &Timing::default(), log),
            Err(wrong) => log.problem(Place::FILE, wrong.message, wrong.hint),
        }
    }
    feeds.read
}

#[derive(Default)]
struct Timing {
    interval: Option<Span>,
    /// The outer `None` is unsaid, the inner one is `none`.
    age_max: Option<Option<Span>>,
}

#[derive(Default)]
struct Feeds {
    read: Vec<Feed>,
    taken: BTreeSet<String>,
}

fn read_long(mut section: Section<'_>, base: &Path, feeds: &mut Feeds, log: &mut Log) {
    let at = section.at;
    let name = section.value("name", log, values::name);
    let origins = [
        section.value("url", log, |text| address(text).map(Origin::Http)),
        section.value("file", log, |text| {
            existing(base, text, Path::is_file, "file").map(Origin::File)
        }),
        section.value("directory", log, |text| {
            existing(base, text, Path::is_dir, "folder").map(Origin::Directory)
        }),
        section.value("recording", log, |text| {
            existing(base, text, Path::is_file, "file").map(Origin::Recording)
        }),
    ];
    let places = ["url", "file", "directory", "recording"]
        .into_iter()
        .filter(|key| section.entries().iter().any(|entry| entry.key == *key))
        .count();
    let least = if matches!(origins.first(), Some(Some(_))) {
        HTTP_INTERVAL_MIN
    } else {
        LOCAL_INTERVAL_MIN
    };
    let timing = Timing {
        interval: section.value("every", log, values::span_from(least)),
        age_max: section.value("max_age", log, |text| {
            if text == "none" {
                Ok(None)
            } else {
                values::span(text).map(Some)
            }
        }),
    };
    section.finish(log);
    if places != 1 {
        log.problem(
            at,
            format!("a feed is in one place, {places} are given"),
            "give exactly one of url, file, directory, recording",
        );
        return;
    }
    if let Some(origin) = origins.into_iter().flatten().next() {
        feeds.add(at, name, origin, &timing, log);
    }
}

impl Feeds {
    fn add(
        &mut self,
        at: Place,
        name: Option<String>,
        origin: Origin,
        timing: &Timing,
        log: &mut Log,
    ) {
        let (derived, location) = match origin {
            Origin::Http(url) => (host_and_path(&url), FeedLocation::Http(url)),
            Origin::File(path) => (stem(&path), FeedLocation::File(path)),
            Origin::Recording(path) => (stem(&path), FeedLocation::Recording(path)),
            Origin::Directory(path) => return self.add_directory(at, &path, timing, log),
        };
        let name = match name {
            Some(name) if self.taken.contains(&name.to_lowercase()) => {
                log.problem(
                    at,
                    format!("a second feed is called {}", quote(&name)),
                    "give every feed its own name; case does not count",
                );
                return;
            }
            Some(name) => name,
            None => self.free_name(&derived),
        };
        if self.read.len() >= FEEDS_MAX {
            log.problem(at, format!("more than {FEEDS_MAX} feeds"), "leave some out");
            return;
        }
        self.taken.insert(name.to_lowercase());
        // What lies in a file was put there to be read, however old it is.
        let usual_age = match location {
            FeedLocation::Http(_) => Some(AGE_MAX),
            FeedLocation::File(_) | FeedLocation::Recording(_) => None,
        };
        self.read.push(Feed {
            name,
            location,
            interval: timing.interval.unwrap_or(INTERVAL),
            age_max: timing.age_max.unwrap_or(usual_age),
        });
    }

    fn add_directory(&mut self, at: Place, path: &Path, timing: &Timing, log: &mut Log) {
        let files = match files(path) {
            Ok(files) => files,
            Err(error) => {
                log.problem(
                    at,
                    format!("cannot list the folder {}: {error}", path.display()),
                    "check the path and its permissions",
                );
                return;
            }
        };
        if files.is_empty() {
            log.notice(
                at,
                format!("the folder {} has no feeds in it", path.display()),
                "put feed files into it and reload",
            );
        }
        for file in files {
            let origin = if is_recording(&file) {
                Origin::Recording(file)
            } else {
                Origin::File(file)
            };
            if self.read.len() > FEEDS_MAX {
                return;
            }
            self.add(at, None, origin, timing, log);
        }
    }

    /// The name, made safe for a URI and unique without case.
    fn free_name(&self, wanted: &str) -> String {
        let safe: String = wanted
            .chars()
            .take(48)
            .map(|c| {
                if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let base = match safe.trim_matches('-') {
            "" => "feed",
            name => name,
        };
        let unique = (1..=FEEDS_MAX + 1)
            .map(|count| {
                if count == 1 {
                    base.to_owned()
                } else {
                    format!("{base}-{count}")
                }
            })
            .find(|name| !self.taken.contains(&name.to_lowercase()));
        unique.unwrap_or_else(|| base.to_owned())
    }
}

fn short_form(text: &str, base: &Path) -> Result<Origin, Wrong> {
    if text.contains("://") {
        return address(text).map(Origin::Http);
    }
    let path = existing(base, text, Path::exists, "file or folder")?;
    Ok(if path.is_dir() {
        Origin::Directory(path)
    } else if is_recording(&path) {
        Origin::Recording(path)
    } else {
        Origin::File(path)
    })
}

pub(super) fn address(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default();
    if host.contains('@') {
        return Err(Wrong::new(
            "the address holds a name or password",
            "an address is shown on screens and in logs; leave the credentials out",
        ));
    }
    let clean = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if host.is_empty() || host.starts_with(':') || !clean {
        return Err(Wrong::new(
            format!("{} is not an address", quote(text)),
            "write https:// or http://, a host and a path, or the path of a file",
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn existing(
    base: &Path,
    text: &str,
    is: fn(&Path) -> bool,
    what: &str,
) -> Result<PathBuf, Wrong> {
    let path = base.join(text);
    if text.is_empty() || text.contains('\0') || !is(&path) {
        return Err(Wrong::new(
            format!("there is no {what} {}", quote(text)),
            format!("paths begin at {}; check the spelling", base.display()),
        ));
    }
    Ok(path)
}

fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    const KINDS: [&str; 6] = ["xml", "rss", "atom", "rdf", "json", "jsonl"];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let kind = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        if KINDS.contains(&kind.as_str()) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_recording(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl"))
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn host_and_path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_start_matches("www.")
        .trim_end_matches('/')
        .to_owned()
}
