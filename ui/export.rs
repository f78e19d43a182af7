//! What is filtered, as a file: CSV for a spreadsheet, JSON Lines for a program.
//!
//! Written beside the draw path, a page at a time, under another name until it is whole.

use std::{
    collections::HashSet,
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chimera_domain::{
    Safe, StoreError, Timestamp,
    ids::TraceId,
    ports::ConsoleStore,
    text,
    views::{IDS_MAX, Order, PAGE_MAX, PageRequest},
};
use serde_json::Value;

use crate::model::{
    Pane,
    record::{Part, Record, Recorded, object},
};

/// More rows than this are another tool's: `chimera store export` has all of them.
const ROWS_MAX: u32 = 200_000;

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
}

impl Format {
    pub(crate) const ALL: [Self; 2] = [Self::Csv, Self::JsonLines];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON Lines",
        }
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// A row as a line, the names of its columns before the first one.
    fn line(self, record: &Record, is_first: bool, out: &mut String) {
        match self {
            Self::JsonLines => {
                out.push_str(&object(record).to_string());
                out.push('\n');
            }
            Self::Csv => {
                if is_first {
                    let names: Vec<&str> = record.iter().map(|(name, _)| *name).collect();
                    out.push_str(&names.join(","));
                    out.push_str("\r\n");
                }
                let cells: Vec<String> = record.iter().map(|(_, value)| cell(value)).collect();
                out.push_str(&cells.join(","));
                out.push_str("\r\n");
            }
        }
    }
}

/// A cell: numbers as they are, all else as text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text::cell(text),
        Value::Array(_) | Value::Object(_) => text::cell(&value.to_string()),
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Export {
    pub(crate) pane: Pane,
    /// Whose walk, on the screen of one.
    pub(crate) trace: Option<TraceId>,
    /// Only these rows; empty for all that is filtered.
    pub(crate) only: Vec<String>,
    pub(crate) order: Option<Order>,
    /// The rows, where a screen has all of them and the store none.
    pub(crate) at_hand: Vec<Record>,
    pub(crate) filter: String,
    pub(crate) format: Format,
    pub(crate) folder: PathBuf,
    pub(crate) at: Timestamp,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    pub(crate) file: PathBuf,
    pub(crate) rows: u64,
    /// The list has more rows than an export takes.
    pub(crate) cut: bool,
}

/// Writes all rows that the filter lets through.
pub(crate) async fn export(store: &dyn ConsoleStore, wanted: &Export) -> Result<Exported, Safe> {
    let time = wanted.at.to_rfc3339_seconds().replace([':', '-'], "");
    let name = format!("{}-{time}.{}", wanted.pane.name(), wanted.format.ending());
    let file = wanted.folder.join(&name);
    let draft = wanted.folder.join(format!(".{name}.part"));
    let written = write(store, wanted, &draft, &file).await;
    if written.is_err() {
        // What failed is told; a draft that cannot be removed either changes nothing about it.
        drop(on_disk(move || std::fs::remove_file(&draft)).await);
    }
    let (rows, cut) = written?;
    Ok(Exported { file, rows, cut })
}

/// How many rows it wrote, and whether there are more than it takes.
async fn write(
    store: &dyn ConsoleStore,
    wanted: &Export,
    draft: &Path,
    file: &Path,
) -> Result<(u64, bool), Safe> {
    let on = |error: io::Error| Safe::line(&format!("{}: {error}", wanted.folder.display()));
    let own = draft.to_owned();
    let mut out = on_disk(move || begin(&own)).await.map_err(on)?;
    let mut seen = HashSet::new();
    let mut page = PageRequest {
        // What is marked is written whether the filter hides it or not.
        filter: if wanted.only.is_empty() {
            wanted.filter.clone()
        } else {
            String::new()
        },
        only: wanted.only.clone(),
        order: wanted.order,
        ..PageRequest::first(PAGE_MAX)
    };
    let mut rows = 0;
    let cut = loop {
        let (records, total) = if matches!(wanted.pane, Pane::Measures | Pane::Presence) {
            let total = u64::try_from(wanted.at_hand.len()).unwrap_or(u64::MAX);
            (wanted.at_hand.clone(), total)
        } else {
            let found = records(store, wanted.pane, wanted.trace, &page).await;
            found.map_err(|why| Safe::line(&why.to_string()))?
        };
        let got = u32::try_from(records.len()).unwrap_or(PAGE_MAX);
        let mut text = String::new();
        for record in records {
            // What came in above meanwhile moved rows to the next page, where they come again.
            let id = record.first().map(|(_, id)| id.to_string());
            if seen.insert(id) {
                wanted.format.line(&record, rows == 0, &mut text);
                rows += 1;
            }
        }
        let more = move || out.write_all(text.as_bytes()).map(|()| out);
        out = on_disk(more).await.map_err(on)?;
        page.offset += got;
        if got < PAGE_MAX || u64::from(page.offset) >= total {
            break false;
        }
        if page.offset >= ROWS_MAX {
            break true;
        }
    };
    let (own, place) = (draft.to_owned(), file.to_owned());
    let end = move || {
        out.sync_all()?;
        std::fs::rename(&own, &place)
    };
    on_disk(end).await.map_err(on)?;
    Ok((rows, cut))
}

/// Does something slow on a thread that may be.
pub(crate) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

/// Makes the folder that a file goes into, for this person alone.
pub(crate) fn begin_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn begin(draft: &Path) -> io::Result<File> {
    begin_folder(draft)?;
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(draft)
}

/// One page of a screen's list as records, with the length of the list.
pub(crate) async fn records(
    store: &dyn ConsoleStore,
    pane: Pane,
    trace: Option<TraceId>,
    page: &PageRequest,
) -> Result<(Vec<Record>, u64), StoreError> {
    macro_rules! of {
        ($page:expr) => {{
            let found = $page;
            (
                found.rows.iter().map(Recorded::record).collect(),
                found.total,
            )
        }};
    }
    Ok(match pane {
        Pane::Trends => of!(store.signal_feed(page).await?),
        Pane::Dag => of!(store.task_list(page, None).await?),
        Pane::Review => of!(store.review_queue(page).await?),
        Pane::Ledger => of!(store.ledger(page).await?),
        Pane::Outbox => of!(store.open_effects(page).await?),
        Pane::Published => of!(store.publications(page).await?),
        Pane::Campaigns => of!(crate::desk::window(store.reaches().await?, page)?),
        Pane::Fleet => of!(store.fleet(page).await?),
        Pane::Tasks => of!(store.tasks(page).await?),
        Pane::Alerts => of!(store.alerts(page).await?),
        Pane::Audit => of!(store.audit(page).await?),
        Pane::Trace => match trace {
            Some(trace) => of!(store.walk(trace, page).await?),
            None => (Vec::new(), 0),
        },
        Pane::Servers => of!(store.links(page).await?),
        Pane::Personas => of!(store.personas(page).await?),
        Pane::Config => of!(store.settings(page).await?),
        Pane::Grouped => of!(store.trends(page).await?),
        Pane::Mutes => of!(store.mute_list(page).await?),
        Pane::Payments => of!(store.payment_list(page).await?),
        Pane::Breaks => of!(store.break_list(page).await?),
        // Made from what is on screen; the store has no such list.
        Pane::Measures | Pane::Presence => (Vec::new(), 0),
    })
}

/// The ids of a list from its start, at most as many as can be asked for again, with the length of the list.
pub(crate) async fn ids(
    store: &dyn ConsoleStore,
    pane: Pane,
    wanted: &PageRequest,
) -> Result<(Vec<String>, u64), StoreError> {
    let mut page = PageRequest {
        offset: 0,
        limit: PAGE_MAX,
        ..wanted.clone()
    };
    let mut ids = Vec::new();
    loop {
        let (records, total) = records(store, pane, None, &page).await?;
        let got = u32::try_from(records.len()).unwrap_or(PAGE_MAX);
        ids.extend(records.iter().filter_map(|record| Part::Id.of(record)));
        page.offset += got;
        if got < PAGE_MAX || ids.len() >= IDS_MAX {
            ids.truncate(IDS_MAX);
            return Ok((ids, total));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // R134: a cell that a spreadsheet would calculate is text, numbers stay numbers, and nothing leaves its cell.
    #[test]
    fn r134_cells_are_text_and_stay_in_their_place() {
        for (value, written) in [
            (json!("plain"), "plain"),
            (
                json!("=HYPERLINK(\"http://x\")"),
                "\"'=HYPERLINK(\"\"http://x\"\")\"",
            ),
            (json!("  +1"), "'  +1"),
            (json!("@fae"), "'@fae"),
            (json!("-1"), "'-1"),
            (json!(-1), "-1"),
            (json!("a,b\nc"), "\"a,b\nc\""),
            (json!(null), ""),
            (json!(["x", "y"]), "\"[\"\"x\"\",\"\"y\"\"]\""),
            (json!(true), "true"),
        ] {
            assert_eq!(cell(&value), written);
        }
    }

    // R134: the first line of a table names its columns; a line of JSON is whole.
    #[test]
    fn r134_both_forms() {
        let record: Record = vec![("id", json!("x1")), ("mark", json!("SIMULATED"))];
        let mut csv = String::new();
        Format::Csv.line(&record, true, &mut csv);
        Format::Csv.line(&record, false, &mut csv);
        assert_eq!(csv, "id,mark\r\nx1,SIMULATED\r\nx1,SIMULATED\r\n");
        let mut lines = String::new();
        Format::JsonLines.line(&record, true, &mut lines);
        assert_eq!(lines, "{\"id\":\"x1\",\"mark\":\"SIMULATED\"}\n");
    }
}
