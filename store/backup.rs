//! Copies of a database: taken while it is written to, whole or not there.

use std::{fs, io, path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, backup::Backup};

use crate::{
    OpenError,
    open::{create_private, draft_of, give_name},
};

/// Pages copied between two looks at the other users of the file.
const PAGES_PER_STEP: i32 = 1_024;
const STEP_PAUSE: Duration = Duration::from_millis(1);

/// Copies the database at `from` to `to`, which must not exist; others may go on writing meanwhile, and
/// what they commit is either in the copy or not. How many bytes it has.
///
/// # Errors
/// By kind; see [`OpenError`]. Nothing stands at `to` then.
pub fn back_up(from: &Path, to: &Path) -> Result<u64, OpenError> {
    let file = to.display().to_string();
    let io = |e: io::Error| OpenError::of_io(&file, &e);
    let sql = |e: rusqlite::Error| OpenError::of_sql(&file, &e);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)
        .map_err(|e| OpenError::of_sql(&from.display().to_string(), &e))?;
    let draft = draft_of(to);
    create_private(&draft).map_err(io)?;
    let copied = (|| {
        let mut copy = Connection::open(&draft).map_err(sql)?;
        Backup::new(&source, &mut copy)
            .and_then(|backup| backup.run_to_completion(PAGES_PER_STEP, STEP_PAUSE, None))
            .map_err(sql)?;
        // One file and no log beside it: that is what people copy around.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
            .map_err(sql)?;
        drop(copy);
        fs::File::open(&draft)
            .and_then(|copy| copy.sync_all())
            .map_err(io)?;
        if !give_name(&draft, to).map_err(io)? {
            return Err(io(io::Error::other("it exists already")));
        }
        Ok(fs::metadata(to).map_err(io)?.len())
    })();
    // Nothing depends on the draft; that it could not be removed changes nothing about what is told.
    let _ = fs::remove_file(&draft);
    copied
}
