//! `chimera store export`: everything the database says, as JSON Lines; the shape is in `docs/export.md`.

use std::{
    collections::HashMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use chimera_domain::text;
use chimera_store::{EXPORT_FORMAT, ExportError, back_up, export};
use serde_json::{Value, json};

use super::Passing;
use crate::{
    clock,
    config::Home,
    fault::{Fault, chain},
    machine, on_store, out,
};

/// The file that says that the others are all there is.
const MANIFEST: &str = "manifest.json";

pub(super) fn run(home: &Home, to: &Path, as_json: bool) -> Result<(), Fault> {
    let stdout = to == Path::new("-");
    if !stdout && to.exists() {
        return Err(there_already(to));
    }
    let database = home.db_file();
    on_store(&database, async |store| {
        // Before the copy, so that the export holds it.
        let told = if stdout {
            "to standard output"
        } else {
            "to a folder"
        };
        Ok(store.note_export(&machine::actor(), told).await?)
    })?;
    let mut folder = if stdout {
        None
    } else {
        Some(Folder::make(to)?)
    };
    let copy = Passing::beside(&database);
    back_up(&database, &copy.0).map_err(|error| Fault::Database(chain(&error)))?;
    let at = clock::system().now();
    let counts = export(&copy.0, |record, value| match &mut folder {
        Some(folder) => folder.write(record, &value),
        None => {
            out::json(&value);
            Ok(())
        }
    })
    .map_err(|error| told(&error))?;
    let records: serde_json::Map<String, Value> = counts
        .iter()
        .map(|(record, count)| ((*record).to_owned(), json!(count)))
        .collect();
    let manifest =
        json!({"record": "manifest", "format": EXPORT_FORMAT, "at": at, "records": records});
    let Some(folder) = folder else {
        out::json(&manifest);
        return Ok(());
    };
    folder
        .finish(&manifest)
        .map_err(|error| told(&ExportError::Write(error)))?;
    if as_json {
        out::json(&manifest);
    } else {
        let lines: u64 = counts.iter().map(|(_, count)| count).sum();
        out::line(format!(
            "{lines} records of {} kinds are in {}; {MANIFEST} counts them.",
            counts.len(),
            to.display()
        ));
    }
    Ok(())
}

fn told(error: &ExportError) -> Fault {
    match error {
        ExportError::Database(_) | ExportError::Row { .. } => Fault::Database(chain(error)),
        ExportError::Write(_) => Fault::Failed(chain(error)),
    }
}

fn there_already(path: &Path) -> Fault {
    Fault::Usage(format!(
        "{} exists already; name a folder that does not",
        path.display()
    ))
}

/// A folder with one file for each kind that has a record.
struct Folder {
    path: PathBuf,
    files: HashMap<&'static str, BufWriter<File>>,
}

impl Folder {
    /// A new one: nothing that is there is ever written over.
    fn make(path: &Path) -> Result<Self, Fault> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                files: HashMap::new(),
            }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(there_already(path)),
            Err(error) => Err(Fault::failed(
                &format!("cannot make {}", path.display()),
                &error,
            )),
        }
    }

    fn write(&mut self, record: &'static str, value: &Value) -> io::Result<()> {
        let file = match self.files.entry(record) {
            std::collections::hash_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let file = create(&self.path.join(format!("{record}.jsonl")))?;
                new.insert(BufWriter::new(file))
            }
        };
        writeln!(file, "{}", text::json(&value.to_string()))
    }

    /// The manifest last, and only when all before is on the disk.
    fn finish(self, manifest: &Value) -> io::Result<()> {
        for file in self.files.into_values() {
            file.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
        }
        let mut file = create(&self.path.join(MANIFEST))?;
        writeln!(file, "{manifest}")?;
        file.sync_all()?;
        fs::File::open(&self.path)?.sync_all()
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}
