//! What a verb sees of a connection, and how its failures are sorted.

use std::cell::{Cell, RefCell};

use chimera_domain::{
    Ambient, Conflict, ContentHash, StateVersion, StoreError, Timestamp, ids::TraceId,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Params, Row, params};

/// Why a verb did not do what it was asked, before anybody knows what it was doing.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite said no.
    Sql(rusqlite::Error),
    /// The verb itself said no.
    Store(StoreError),
}

/// What a verb gives.
pub(crate) type Verb<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// A stored value breaks a promise.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Corrupt { what: what.into() })
    }

    /// The caller asked for what the state machine refuses.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::Store(StoreError::Refused { what: what.into() })
    }

    /// As the caller of a port sees it.
    pub(crate) fn into_store(self, doing: &'static str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Sql(error) => sort(&error, doing),
        }
    }
}

/// Sorts by what the caller can do: wait, stop because of data, or stop because of itself.
pub(crate) fn sort(error: &rusqlite::Error, doing: &'static str) -> StoreError {
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Refused { what: why },
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::OperationAborted
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::SchemaChanged,
        ) => StoreError::Unavailable { doing, why },
        _ => StoreError::Corrupt {
            what: format!("trying to {doing}: {why}"),
        },
    }
}

/// A connection inside one transaction, with the time and the ids of the verb.
pub(crate) struct Db<'a> {
    pub conn: &'a Connection,
    pub ambient: &'a Ambient,
    /// The moment of the verb: every row it writes carries the same.
    pub now: Timestamp,
    pub batch: &'a Batch,
}

/// What a census counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Task,
    Signal,
    Ticket,
}

impl Counted {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Signal => "signal",
            Self::Ticket => "ticket",
        }
    }
}

/// What the verbs of one commit add up, to be written once at its end.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Lost races: counted outside the verbs' own savepoints, for most of them undo nothing.
    conflicts: Cell<i64>,
    /// The same by the verb that lost.
    lost: RefCell<Vec<(&'static str, i64)>>,
    /// The last line of the audit, once it has been read.
    audit: Cell<Option<(i64, ContentHash)>>,
    /// Changes of the census.
    census: RefCell<Vec<(Counted, &'static str, i64)>>,
}

impl Batch {
    pub(crate) fn conflicts(&self) -> i64 {
        self.conflicts.get()
    }

    /// A verb has run; what was lost since there were so many conflicts was lost by it.
    pub(crate) fn lost_by(&self, verb: &'static str, before: i64) {
        let lost = self.conflicts.get() - before;
        if lost > 0 {
            self.lost.borrow_mut().push((verb, lost));
        }
    }

    /// Where a verb begins.
    pub(crate) fn mark(&self) -> usize {
        self.census.borrow().len()
    }

    /// The verb that began there was undone.
    pub(crate) fn undo(&self, mark: usize) {
        self.census.borrow_mut().truncate(mark);
        self.audit.set(None);
    }

    /// What is to be added to which count, each named once.
    pub(crate) fn counts(&self) -> Vec<(&'static str, &'static str, i64)> {
        let census = self.census.borrow();
        let census = census
            .iter()
            .map(|(kind, state, by)| (kind.as_str(), *state, *by));
        let lost = self.lost.borrow();
        let lost = lost.iter().map(|(verb, by)| ("lost", *verb, *by));
        let mut sums: Vec<(&'static str, &'static str, i64)> = Vec::new();
        for (kind, name, by) in census.chain(lost) {
            match sums.iter_mut().find(|(k, n, _)| *k == kind && *n == name) {
                Some((_, _, sum)) => *sum += by,
                None => sums.push((kind, name, by)),
            }
        }
        sums.retain(|(_, _, by)| *by != 0);
        sums
    }
}

impl Db<'_> {
    /// Runs a statement; how many rows it touched.
    pub(crate) fn exec(&self, sql: &str, args: impl Params) -> Verb<usize> {
        Ok(self.conn.prepare_cached(sql)?.execute(args)?)
    }

    /// Runs a statement that must touch exactly one row: the verb has just read it.
    pub(crate) fn exec_one(&self, sql: &str, args: impl Params) -> Verb<()> {
        match self.exec(sql, args)? {
            1 => Ok(()),
            rows => Err(Fault::corrupt(format!("{rows} rows were touched by {sql}"))),
        }
    }

    /// The first row, if any.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        args: impl Params,
        map: impl FnOnce(&Row<'_>) -> Verb<T>,
    ) -> Verb<Option<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(args)?;
        rows.next()?.map(map).transpose()
    }

    /// Every row.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        args: impl Params,
        mut map: impl FnMut(&Row<'_>) -> Verb<T>,
    ) -> Verb<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(args)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(map(row)?);
        }
        Ok(out)
    }

    /// One number, 0 where there is none.
    pub(crate) fn number(&self, sql: &str, args: impl Params) -> Verb<i64> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let found: Option<Option<i64>> = statement.query_row(args, |row| row.get(0)).optional()?;
        Ok(found.flatten().unwrap_or(0))
    }

    /// A lost race: counted, and told to the loser.
    pub(crate) fn conflict(&self, conflict: Conflict) -> Conflict {
        self.batch.conflicts.set(self.batch.conflicts.get() + 1);
        conflict
    }

    /// A lost race of which no more is known than what stands now.
    pub(crate) fn overtaken(&self, actual: StateVersion, now: impl Into<String>) -> Conflict {
        self.conflict(Conflict {
            actual,
            now: now.into(),
            by: None,
            at: None,
        })
    }

    /// Something came into a state, or left it.
    pub(crate) fn counted(&self, kind: Counted, from: Option<&'static str>, to: &'static str) {
        let mut census = self.batch.census.borrow_mut();
        census.extend(from.map(|from| (kind, from, -1)));
        census.push((kind, to, 1));
    }

    /// Something that was in a state is no more.
    pub(crate) fn gone(&self, kind: Counted, from: &'static str) {
        self.batch.census.borrow_mut().push((kind, from, -1));
    }

    /// How many are in these states, with what this batch has changed so far.
    pub(crate) fn census(&self, kind: Counted, states: &[&str]) -> Verb<i64> {
        let mut sum: i64 = self
            .batch
            .census
            .borrow()
            .iter()
            .filter(|(k, state, _)| *k == kind && states.contains(state))
            .map(|(_, _, by)| by)
            .sum();
        let rows = self.all(
            "SELECT name, n FROM counts WHERE kind = ?1",
            [kind.as_str()],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
        )?;
        let of_these = rows
            .iter()
            .filter(|(state, _)| states.contains(&state.as_str()));
        sum += of_these.map(|(_, n)| n).sum::<i64>();
        Ok(sum)
    }

    /// How many there are in all.
    pub(crate) fn census_all(&self, kind: Counted) -> Verb<i64> {
        let kept = self.number("SELECT sum(n) FROM counts WHERE kind = ?1", [kind.as_str()])?;
        let census = self.batch.census.borrow();
        let of_batch = census.iter().filter(|(k, _, _)| *k == kind);
        Ok(kept + of_batch.map(|(_, _, by)| by).sum::<i64>())
    }

    /// The last line of the audit: read once a batch, for nobody else writes while it goes on.
    fn audit_end(&self) -> Verb<(i64, ContentHash)> {
        if let Some(end) = self.batch.audit.get() {
            return Ok(end);
        }
        let last = self.one(
            "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, ContentHash::from_bytes(row.get(1)?))),
        )?;
        Ok(last.unwrap_or((0, audit_genesis())))
    }

    /// Writes one line of the audit, chained to the line before.
    pub(crate) fn audit(&self, line: &AuditLine<'_>) -> Verb<()> {
        let (last, prev) = self.audit_end()?;
        let seq = last + 1;
        let hash = line.hash(seq, self.now, prev)?;
        self.exec_one(
            "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                seq,
                self.now.micros(),
                line.actor,
                line.subject,
                line.verb,
                line.from,
                line.to,
                line.reason,
                line.versions.0,
                line.versions.1,
                line.trace.as_ref().map(TraceId::as_bytes),
                line.note,
                prev.as_bytes(),
                hash.as_bytes(),
            ],
        )?;
        self.batch.audit.set(Some((seq, hash)));
        Ok(())
    }
}

/// The hash before the first line.
pub(crate) fn audit_genesis() -> ContentHash {
    ContentHash::of_bytes(b"chimera audit")
}

/// One line of the audit: who did what to what, and why.
#[derive(Debug, Default)]
pub(crate) struct AuditLine<'a> {
    pub actor: &'a str,
    /// The id in its text form, or `fleet`, `lease`, `policy`.
    pub subject: String,
    pub verb: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub reason: &'a str,
    /// From and to.
    pub versions: (i64, i64),
    pub trace: Option<TraceId>,
    pub note: &'a str,
}

impl AuditLine<'_> {
    /// A JSON list and not an object: the order is fixed by us, and no field can pose as another.
    pub(crate) fn hash(&self, seq: i64, at: Timestamp, prev: ContentHash) -> Verb<ContentHash> {
        let content = (
            seq,
            at,
            self.actor,
            &self.subject,
            self.verb,
            self.from,
            self.to,
            self.reason,
            self.versions.0,
            self.versions.1,
            self.trace,
            self.note,
            prev,
        );
        let content = serde_json::to_vec(&content)
            .map_err(|e| Fault::corrupt(format!("an audit line: {e}")))?;
        Ok(ContentHash::of_bytes(&content))
    }
}

/// A count as a column keeps it.
pub(crate) fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A column as a count; what is below nothing is nothing.
pub(crate) fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
