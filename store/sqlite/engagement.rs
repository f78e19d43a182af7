//! The engagement sampler's verbs: what is due, and what was counted.

use async_trait::async_trait;
use chimera_domain::{
    Outcome, StateVersion, Timestamp,
    ids::PublicationId,
    ports::{EngagementStore, Result},
    publication::{DuePublication, Sample},
    views::Severity,
};
use rusqlite::params;

use super::{
    SqliteStore,
    db::{Db, Verb, int},
    rows::{Cells, json},
};

/// The most rows one question gives.
const LIMIT_MAX: u32 = 500;

#[async_trait]
impl EngagementStore for SqliteStore {
    async fn due_publications(&self, limit: u32) -> Result<Vec<DuePublication>> {
        self.read("find due publications", move |db| {
            db.all(
                "SELECT * FROM publications WHERE next_look_at <= ?1 AND withdrawn_at IS NULL ORDER BY next_look_at LIMIT ?2",
                params![db.now.micros(), limit.min(LIMIT_MAX)],
                |row| {
                    Ok(DuePublication {
                        id: row.id("publication_id")?,
                        version: row.version("version")?,
                        server: row.text("server")?,
                        external_id: row.text("external_id")?,
                        trace_id: row.id("trace_id")?,
                        published_at: row.time("published_at")?,
                        last: row.maybe_doc("last_sample")?,
                    })
                },
            )
        })
        .await
    }

    async fn commit_sample(
        &self,
        publication: PublicationId,
        version: StateVersion,
        sample: Option<Sample>,
        next_at: Timestamp,
    ) -> Result<Outcome<()>> {
        self.write("record a sample", move |db| {
            commit(db, publication, version, sample, next_at)
        })
        .await
    }
}

fn commit(
    db: &Db<'_>,
    id: PublicationId,
    version: StateVersion,
    sample: Option<Sample>,
    next_at: Timestamp,
) -> Verb<Outcome<()>> {
    let stands = db.one(
        "SELECT version, last_sample FROM publications WHERE publication_id = ?1",
        [id.as_bytes()],
        |row| {
            Ok((
                row.version("version")?,
                row.maybe_doc::<Sample>("last_sample")?,
            ))
        },
    )?;
    let Some((actual, last)) = stands else {
        return Ok(Outcome::NotFound);
    };
    if actual != version {
        return Ok(Outcome::Conflict(db.overtaken(actual, "looked at")));
    }
    if let Some(sample) = sample {
        db.exec_one(
            "INSERT INTO engagement_samples VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                id.as_bytes(),
                sample.at.micros(),
                int(sample.likes),
                int(sample.shares),
                int(sample.comments),
                sample.views.map(int),
                sample.simulated,
            ],
        )?;
        if last.is_some_and(|last| fell(&last, &sample)) {
            let text = format!("the counters of publication {} fell", id.short());
            db.alert(Severity::Info, "engagement_fell", &id.to_string(), &text)?;
        }
    }
    db.exec_one(
        "UPDATE publications SET version = version + 1, next_look_at = ?2, last_sample = coalesce(?3, last_sample)
         WHERE publication_id = ?1",
        params![
            id.as_bytes(),
            next_at.micros(),
            sample.as_ref().map(json).transpose()?
        ],
    )?;
    Ok(Outcome::Done((), version.next()))
}

fn fell(last: &Sample, now: &Sample) -> bool {
    now.likes < last.likes
        || now.shares < last.shares
        || now.comments < last.comments
        || matches!((last.views, now.views), (Some(before), Some(after)) if after < before)
}
