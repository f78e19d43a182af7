//! One read of one source, whatever kind it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::fetch::{Fetched, Fetcher, Validators};
use super::recording::Recording;
use super::source::{self, FeedsSettings, Place, Resolved};
use super::{items, parse};
use crate::wire::document::FeedDocument;
use crate::wire::{Refusal, blocking};

/// Reads sources and keeps what makes the next read cheap: line indices and one HTTP client.
pub(super) struct Reader {
    pub(super) settings: FeedsSettings,
    fetcher: Fetcher,
    recordings: Mutex<BTreeMap<PathBuf, Arc<Recording>>>,
    /// The cursor each recording was last read at, so that `fetch_trends` sees the same moment as the reader.
    positions: Mutex<BTreeMap<String, String>>,
}

impl Reader {
    pub(super) fn new(settings: FeedsSettings) -> Self {
        Self {
            settings,
            fetcher: Fetcher::default(),
            recordings: Mutex::default(),
            positions: Mutex::default(),
        }
    }

    /// Every source, in order.
    pub(super) async fn list(&self) -> Result<Vec<Resolved>, Refusal> {
        let sources = self.settings.sources.clone();
        blocking::run(move || Ok(source::resolve(&sources))).await
    }

    /// The source called `name`.
    pub(super) async fn find(&self, name: &str) -> Result<Resolved, Refusal> {
        let (sources, name) = (self.settings.sources.clone(), name.to_owned());
        blocking::run(move || source::find(&sources, &name)).await
    }

    /// Reads a source from `cursor` on.
    pub(super) async fn read(
        self: &Arc<Self>,
        source: Resolved,
        cursor: Option<String>,
    ) -> Result<FeedDocument, Refusal> {
        let Resolved { name, place } = source;
        match place {
            Place::File(path) => {
                let max_bytes = self.settings.max_bytes;
                blocking::run(move || {
                    let bytes = file(&path, max_bytes)?;
                    let validators = Validators::of(&bytes);
                    if Validators::from_cursor(cursor.as_deref()).hash == validators.hash {
                        return Ok(unchanged(&name, cursor));
                    }
                    let place = path.display().to_string();
                    parsed(&name, &place, &bytes, None, &validators)
                })
                .await
            }
            Place::Http(url) => self.fetched(name, &url, cursor).await,
            Place::Recording(path) => {
                let reader = Arc::clone(self);
                blocking::run(move || {
                    let recording = reader.recording(&path)?;
                    let document =
                        recording.read(&name, cursor.as_deref(), reader.settings.max_bytes)?;
                    let mut positions = reader
                        .positions
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner);
                    positions.insert(name, cursor.unwrap_or_default());
                    Ok(document)
                })
                .await
            }
            Place::Broken(reason) => Err(Refusal::new("source_unreadable", reason)),
        }
    }

    /// Where the recording called `name` was last read; `None` before the first read.
    pub(super) fn position(&self, name: &str) -> Option<String> {
        let positions = self
            .positions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        positions.get(name).cloned()
    }

    async fn fetched(
        &self,
        name: String,
        url: &str,
        cursor: Option<String>,
    ) -> Result<FeedDocument, Refusal> {
        let known = Validators::from_cursor(cursor.as_deref());
        let (timeout, max_bytes) = (self.settings.fetch_timeout, self.settings.max_bytes);
        match self.fetcher.fetch(url, &known, timeout, max_bytes).await? {
            Fetched::NotModified => Ok(unchanged(&name, cursor)),
            Fetched::Body {
                bytes,
                charset,
                validators,
            } => {
                let place = url.to_owned();
                blocking::run(move || {
                    parsed(&name, &place, &bytes, charset.as_deref(), &validators)
                })
                .await
            }
        }
    }

    fn recording(&self, path: &Path) -> Result<Arc<Recording>, Refusal> {
        let mut recordings = self
            .recordings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = recordings.get(path).filter(|known| known.is_current()) {
            return Ok(Arc::clone(known));
        }
        let opened = Arc::new(Recording::open(path)?);
        recordings.insert(path.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }
}

fn unchanged(name: &str, cursor: Option<String>) -> FeedDocument {
    let mut document = FeedDocument::empty(name, "unchanged");
    document.not_modified = true;
    document.next_cursor = cursor;
    document
}

fn parsed(
    name: &str,
    place: &str,
    bytes: &[u8],
    charset: Option<&str>,
    validators: &Validators,
) -> Result<FeedDocument, Refusal> {
    let parsed = parse::parse(bytes, charset).map_err(|reason| {
        Refusal::new(
            "not_a_feed",
            format!("cannot read {place} as a feed: {reason}"),
        )
    })?;
    let mut document = items::document(name, parsed);
    document.next_cursor = validators.to_cursor();
    Ok(document)
}

/// The whole file, refused when it is longer than the bound. Reads one byte more than allowed to notice that, because
/// the size that a file system states may be wrong.
fn file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Refusal> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    let bytes = read().map_err(|error| {
        Refusal::new(
            "source_unreadable",
            format!("cannot read {}: {error}", path.display()),
        )
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > max_bytes {
        return Err(Refusal::new(
            "too_large",
            format!("{} is longer than {max_bytes} bytes", path.display()),
        ));
    }
    Ok(bytes)
}
