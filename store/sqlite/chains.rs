//! The two hash chains, audit and ledger: where they end, and whether they are what they were.

use chimera_domain::{ContentHash, StoreError, Timestamp, spend};

use super::{
    SqliteStore,
    db::{AuditLine, Db, Fault, Verb, audit_genesis, count},
    rows::Cells,
};

/// Where the chains of one database ended at one moment. Kept outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Anchor {
    /// When.
    pub at: Timestamp,
    /// The last line of the audit, and its hash.
    pub audit_seq: i64,
    /// See there.
    pub audit_hash: ContentHash,
    /// The last entry of the ledger, and its hash.
    pub ledger_seq: i64,
    /// See there.
    pub ledger_hash: ContentHash,
}

impl SqliteStore {
    /// Where the audit and the ledger end now: their last places and hashes, to be kept elsewhere.
    ///
    /// # Errors
    /// As any read of the store.
    pub async fn anchor(&self) -> Result<Anchor, StoreError> {
        self.read("read the ends of the chains", |db| {
            let end = |table: &str, genesis: ContentHash| -> Verb<(i64, ContentHash)> {
                let last = db.one(
                    &format!("SELECT seq, hash FROM {table} ORDER BY seq DESC LIMIT 1"),
                    [],
                    |row| Ok((row.get("seq")?, row.hash("hash")?)),
                )?;
                Ok(last.unwrap_or((0, genesis)))
            };
            let (audit_seq, audit_hash) = end("audit", audit_genesis())?;
            let (ledger_seq, ledger_hash) = end("ledger_entries", spend::genesis())?;
            Ok(Anchor {
                at: db.now,
                audit_seq,
                audit_hash,
                ledger_seq,
                ledger_hash,
            })
        })
        .await
    }

    /// Writes into the audit that everything is about to be exported, by whom and whereto.
    ///
    /// # Errors
    /// As any verb of the store.
    pub async fn note_export(&self, actor: &str, to: &str) -> Result<(), StoreError> {
        let (actor, to) = (actor.to_owned(), to.to_owned());
        self.write("note an export", move |db| {
            db.audit(&AuditLine {
                actor: &actor,
                subject: "store".to_owned(),
                verb: "export",
                note: &to,
                ..AuditLine::default()
            })
        })
        .await
    }

    /// Walks the whole audit, and finds every anchor's line in it and in the ledger again: a line that
    /// was edited, removed or moved breaks the chain, a cut end or a chain written anew breaks an anchor.
    /// How many lines the audit has. Takes as long as it takes: beside a busy writer verify a copy.
    ///
    /// # Errors
    /// `Corrupt`, naming the first thing that does not hold.
    pub async fn verify_audit(&self, anchors: Vec<Anchor>) -> Result<u64, StoreError> {
        self.read_at_length("verify the audit", move |db| {
            let lines = walk(db)?;
            for anchor in &anchors {
                for (table, seq, hash) in [
                    ("audit", anchor.audit_seq, anchor.audit_hash),
                    ("ledger_entries", anchor.ledger_seq, anchor.ledger_hash),
                ] {
                    let there: Option<ContentHash> = db.one(
                        &format!("SELECT hash FROM {table} WHERE seq = ?1"),
                        [seq],
                        |row| row.hash("hash"),
                    )?;
                    if seq > 0 && there != Some(hash) {
                        return Err(Fault::corrupt(format!(
                            "line {seq} of {table} is not the one that was anchored at {}",
                            anchor.at.to_rfc3339_seconds()
                        )));
                    }
                }
            }
            Ok(lines)
        })
        .await
    }
}

/// Walks the audit from its first line: places without gaps, each hash over the line before. How many lines.
pub(super) fn walk(db: &Db<'_>) -> Verb<u64> {
    let mut place = 0;
    let mut prev = audit_genesis();
    db.all("SELECT * FROM audit ORDER BY seq", [], |row| {
        place += 1;
        let (actor, verb): (String, String) = (row.get("actor")?, row.get("verb")?);
        let (from, to): (String, String) = (row.get("from_state")?, row.get("to_state")?);
        let (reason, note): (String, String) = (row.get("reason")?, row.get("note")?);
        let line = AuditLine {
            actor: &actor,
            subject: row.get("subject")?,
            verb: &verb,
            from: &from,
            to: &to,
            reason: &reason,
            versions: (row.get("from_version")?, row.get("to_version")?),
            trace: row.maybe_id("trace_id")?,
            note: &note,
        };
        let seq: i64 = row.get("seq")?;
        let stored_prev: ContentHash = row.hash("prev_hash")?;
        let stored: ContentHash = row.hash("hash")?;
        if seq != place || stored_prev != prev || stored != line.hash(seq, row.time("at")?, prev)? {
            return Err(Fault::corrupt(format!("audit line {seq} was changed")));
        }
        prev = stored;
        Ok(())
    })?;
    Ok(count(place))
}
