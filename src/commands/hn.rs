//! Turns a Hacker News front-page history into a recording: one snapshot per scrape, in order.
//!
//! `hn_stories.jsonl` has one story a line (`id`, `title`, `url`), `hn_observations.csv` one row per
//! story and scrape (`ts,rank,id,points,comments`). A story stands in about fourteen snapshots.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::Write,
    path::Path,
};

use serde_json::{Value, json};

use crate::fault::Fault;

/// How much a recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Snapshots.
    pub snapshots: u64,
    /// Stories over all snapshots, each once.
    pub stories: u64,
    /// Rows over all snapshots.
    pub observations: u64,
}

/// Writes the recording.
///
/// # Errors
/// Naming the file and line that cannot be read.
pub fn record(history: &Path, recording: &Path) -> Result<Recorded, Fault> {
    let stories = stories(&history.join("hn_stories.jsonl"))?;
    let path = history.join("hn_observations.csv");
    let text = read(&path)?;
    let mut snapshots: BTreeMap<&str, Vec<(u32, &Value)>> = BTreeMap::new();
    let mut observations = 0;
    for (n, line) in text.lines().enumerate().skip(1) {
        let bad = |what: &str| Fault::Failed(format!("{}:{}: {what}", path.display(), n + 1));
        let mut fields = line.split(',');
        let (Some(at), Some(rank), Some(id)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(bad("expected ts,rank,id"));
        };
        let rank: u32 = rank.parse().map_err(|_| bad("the rank is not a number"))?;
        let story = stories
            .get(id)
            .ok_or_else(|| bad("the story is not in hn_stories.jsonl"))?;
        snapshots.entry(at).or_default().push((rank, story));
        observations += 1;
    }
    let file = fs::File::create(recording)
        .map_err(|e| Fault::failed(&format!("cannot write {}", recording.display()), &e))?;
    let mut out = std::io::BufWriter::new(file);
    let count = u64::try_from(snapshots.len()).unwrap_or(u64::MAX);
    for (at, mut rows) in snapshots {
        rows.sort_by_key(|(rank, _)| *rank);
        let items: Vec<&Value> = rows.into_iter().map(|(_, story)| story).collect();
        writeln!(out, "{}", json!({"at": at, "items": items}))
            .map_err(|e| Fault::failed("cannot write the recording", &e))?;
    }
    out.flush()
        .map_err(|e| Fault::failed("cannot write the recording", &e))?;
    Ok(Recorded {
        snapshots: count,
        stories: u64::try_from(stories.len()).unwrap_or(u64::MAX),
        observations,
    })
}

fn stories(path: &Path) -> Result<HashMap<String, Value>, Fault> {
    let mut out = HashMap::new();
    for (n, line) in read(path)?
        .split('\n')
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let bad = |what: String| Fault::Failed(format!("{}:{}: {what}", path.display(), n + 1));
        let story: Value = serde_json::from_str(line).map_err(|e| bad(e.to_string()))?;
        let id = match &story["id"] {
            Value::Number(id) => id.to_string(),
            Value::String(id) => id.clone(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(bad("no id".to_owned()));
            }
        };
        let link = story["url"]
            .as_str()
            .filter(|url| !url.is_empty())
            .map_or_else(
                || format!("https://news.ycombinator.com/item?id={id}"),
                str::to_owned,
            );
        let item = json!({"id": id, "title": story["title"], "link": link, "published": story["first_seen"]});
        out.insert(id, item);
    }
    Ok(out)
}

fn read(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path)
        .map_err(|e| Fault::failed(&format!("cannot read {}", path.display()), &e))
}
