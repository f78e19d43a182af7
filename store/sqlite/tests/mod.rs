//! The conformance suite on SQLite, in a file and in memory, and what only a file can show.
//!
//! `files.rs` is opening, `faults.rs` what breaks, `processes.rs` two at once, `remains.rs` what the dead leave,
//! `rules.rs` the tables themselves, `log.rs` the log beside readers, `purge.rs` what may end, `record.rs` what
//! changes the record, `room.rs` a disk that is nearly full, `slot.rs` what moved under an approval without its
//! epoch, `upgrade.rs` a newer schema and the way back, `migrating.rs` a death on that way.

mod faults;
mod files;
mod log;
#[cfg(debug_assertions)] // in a release build nothing can be made to die
mod migrating;
mod payments;
mod policies;
mod processes;
mod purge;
mod record;
mod remains;
mod room;
mod rules;
mod slot;
mod upgrade;

use std::sync::{Arc, Mutex};

use chimera_domain::Ambient;
use tempfile::TempDir;

use crate::{
    Settings, SqliteStore,
    conformance::{Backend, Harness},
    open,
};

/// A database in a folder of its own; the folder lives as long as the opener.
pub(super) fn in_file() -> Harness {
    let dir = Arc::new(TempDir::new().unwrap());
    Harness::new(Arc::new(move |ambient| {
        open_at(&dir.path().join("chimera.db"), ambient)
    }))
}

pub(super) fn open_at(path: &std::path::Path, ambient: Ambient) -> Arc<SqliteStore> {
    open(Settings::file(path), ambient).unwrap()
}

/// A database in memory: opening it again gives the one there is.
pub(super) fn in_memory() -> Harness {
    let one: Mutex<Option<Arc<SqliteStore>>> = Mutex::new(None);
    Harness::new(Arc::new(move |ambient: Ambient| {
        let mut one = one.lock().unwrap();
        let store = one
            .get_or_insert_with(|| open(Settings::memory(), ambient).unwrap())
            .clone();
        store as Arc<dyn Backend>
    }))
}

mod file {
    crate::conformance!(crate::sqlite::tests::in_file);
}

mod memory {
    crate::conformance!(crate::sqlite::tests::in_memory);
}
