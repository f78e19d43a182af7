//! Answers that are kept: a question that was answered is not paid for twice, and a recording answers without a network.
//!
//! One line of JSON an answer, in a file that only its owner reads. It is no state: without it everything is asked anew.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{Mutex, PoisonError},
};

use chimera_domain::{
    ContentHash, Timestamp,
    model::{Answer, Ask},
};
use serde_json::{Value, json};

use crate::{
    SetupError,
    settings::{Answers, AnswersUse},
};

/// A file of kept answers that has grown longer is begun anew at the start.
const FILE_BYTES_MAX: u64 = 32 * 1_024 * 1_024;

/// The answers of one file.
pub(crate) struct Kept {
    used: AnswersUse,
    answers: Mutex<HashMap<ContentHash, (Timestamp, Answer)>>,
    /// Where new ones go; `None` where they are only read.
    file: Option<Mutex<File>>,
}

/// What a question is told by.
pub(crate) fn key(model: &str, output_tokens_max: u32, ask: &Ask) -> ContentHash {
    ContentHash::of_json(&json!([model, output_tokens_max, ask]))
}

impl Kept {
    pub(crate) fn open(settings: &Answers) -> Result<Self, SetupError> {
        let broken = |source| SetupError::Answers {
            path: settings.path.display().to_string(),
            source,
        };
        let (text, file) = match settings.used {
            AnswersUse::Replay => (
                std::fs::read_to_string(&settings.path).map_err(broken)?,
                None,
            ),
            AnswersUse::Cache(_) => {
                let (text, file) = open(&settings.path).map_err(broken)?;
                (text, Some(Mutex::new(file)))
            }
        };
        // A line that was cut by a crash is no answer.
        let answers = text.lines().filter_map(line).collect();
        Ok(Self {
            used: settings.used,
            answers: Mutex::new(answers),
            file,
        })
    }

    /// Whether nothing but what is kept is answered.
    pub(crate) fn is_replayed(&self) -> bool {
        self.used == AnswersUse::Replay
    }

    pub(crate) fn find(&self, key: ContentHash, now: Timestamp) -> Option<Answer> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, answer) = answers.get(&key)?;
        let counts = match self.used {
            AnswersUse::Replay => true,
            AnswersUse::Cache(age_max) => now.since(*at) <= age_max,
        };
        counts.then(|| answer.clone())
    }

    /// Keeps an answer. Blocks.
    pub(crate) fn keep(&self, key: ContentHash, at: Timestamp, answer: &Answer) -> io::Result<()> {
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, (at, answer.clone()));
        let Some(file) = &self.file else {
            return Ok(());
        };
        let line = json!({"key": key.to_string(), "at": at.to_rfc3339(), "answer": answer});
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes())
    }
}

fn open(path: &Path) -> io::Result<(String, File)> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let mut file = options.open(path)?;
    let mut text = String::new();
    if file.metadata()?.len() > FILE_BYTES_MAX {
        file.set_len(0)?;
    } else {
        file.read_to_string(&mut text)?;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        file.write_all(b"\n")?;
    }
    Ok((text, file))
}

fn line(line: &str) -> Option<(ContentHash, (Timestamp, Answer))> {
    let line: Value = serde_json::from_str(line).ok()?;
    let key = line.get("key")?.as_str()?.parse().ok()?;
    let at = Timestamp::parse_rfc3339(line.get("at")?.as_str()?)?;
    let answer = serde_json::from_value(line.get("answer")?.clone()).ok()?;
    Some((key, (at, answer)))
}
