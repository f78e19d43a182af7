//! Copies of a database: taken while it is written to, whole or not there. And a file made anew without its holes.

use std::{fs, io, path::Path, time::Duration};

use chimera_domain::death;
use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
    ffi,
};

use crate::{
    OpenError,
    open::{create_private, discard, draft_of, give_name, refuse_orphan_log},
};

/// How long a lock of somebody else is waited for.
const BUSY: Duration = Duration::from_secs(5);
/// Pages copied at once.
const PAGES_PER_STEP: i32 = 64;
/// What a step that was kept from copying is told as.
const LOCKED: ffi::Error = ffi::Error {
    code: ErrorCode::DatabaseBusy,
    extended_code: ffi::SQLITE_BUSY,
};

/// Copies the database at `from` to `to`, which must not exist; others may go on writing meanwhile, and
/// what they commit while it is copied is not in the copy. How many bytes it has.
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
    source.busy_timeout(BUSY).map_err(sql)?;
    refuse_orphan_log(to)?;
    let draft = draft_of(to);
    create_private(&draft).map_err(io)?;
    let copied = (|| {
        let mut copy = Connection::open(&draft).map_err(sql)?;
        copy_pages(&source, &mut copy, || death::at("backup", "after-step")).map_err(sql)?;
        // One file and no log beside it: that is what people copy around.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
            .map_err(sql)?;
        drop(copy);
        fs::File::open(&draft)
            .and_then(|copy| copy.sync_all())
            .map_err(io)?;
        death::at("backup", "before-name");
        if !give_name(&draft, to).map_err(io)? {
            return Err(io(io::Error::other("it exists already")));
        }
        death::at("backup", "after-name");
        Ok(fs::metadata(to).map_err(io)?.len())
    })();
    // Nothing depends on the draft; that it could not be removed changes nothing about what is told.
    let _ = discard(&draft);
    copied
}

/// Writes the database at `path` anew without what is free in it. Nobody else may use it meanwhile, and there
/// must be room for it twice more. How many bytes it has then.
///
/// # Errors
/// By kind; see [`OpenError`]. The database is as it was then.
pub fn vacuum(path: &Path) -> Result<u64, OpenError> {
    let file = path.display().to_string();
    let db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .and_then(|db| {
        db.busy_timeout(BUSY)?;
        db.execute_batch("VACUUM")?;
        db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(db)
    })
    .map_err(|e| OpenError::of_sql(&file, &e))?;
    drop(db);
    fs::metadata(path)
        .map(|found| found.len())
        .map_err(|e| OpenError::of_io(&file, &e))
}

/// Copies one snapshot: without it every commit of another process begins the copy anew, and that of a large file
/// beside a busy swarm may never end. `between` is called after each step but the last.
fn copy_pages(
    source: &Connection,
    copy: &mut Connection,
    mut between: impl FnMut(),
) -> rusqlite::Result<()> {
    let snapshot = source.unchecked_transaction()?;
    snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let backup = Backup::new(&snapshot, copy)?;
    loop {
        match backup.step(PAGES_PER_STEP)? {
            StepResult::Done => return Ok(()),
            StepResult::More => between(),
            // Nobody else knows the draft, and the snapshot is held: whoever is in the way will not go by itself.
            StepResult::Busy | StepResult::Locked | _ => {
                return Err(rusqlite::Error::SqliteFailure(LOCKED, None));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R152, T210: a copy is one snapshot and comes to its end, although others commit between any two of its steps.
    #[test]
    fn r152_a_backup_beside_a_busy_writer_ends() {
        let dir = tempfile::TempDir::new().unwrap();
        let writer = Connection::open(dir.path().join("busy.db")).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER, b BLOB);
                 INSERT INTO t VALUES (0, zeroblob(2000000));",
            )
            .unwrap();
        let source = Connection::open(dir.path().join("busy.db")).unwrap();
        let mut copy = Connection::open(dir.path().join("copy.db")).unwrap();
        let mut commits = 0;
        copy_pages(&source, &mut copy, || {
            commits += 1;
            assert!(commits < 100, "the copy begins anew with every commit");
            writer
                .execute("INSERT INTO t VALUES (?1, NULL)", [commits])
                .unwrap();
        })
        .unwrap();
        assert!(commits > 2, "too few steps to show anything");
        let newest: i64 = copy
            .query_row("SELECT max(n) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(newest, 0, "what was committed meanwhile is not in it");
    }
}
