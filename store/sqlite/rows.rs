//! Row to domain value: the one place that knows how values lie in columns.

use std::{collections::BTreeSet, fmt::Display, str::FromStr};

use chimera_domain::{
    ContentHash, Safe, Score, StateVersion, Timestamp, Usd,
    artifact::{Artifact, Blob},
    campaign::{Campaign, CampaignSpec},
    ids::{
        AgentId, AlertId, ArtifactId, CampaignId, ClaimId, EffectId, EntryId, IntentId, MuteId,
        PaymentId, ProposalId, PublicationId, ResourceId, SignalId, TaskId, TicketId, TraceId,
        TrendId, VerdictId,
    },
    resource::Resource,
    signal::{Relevance, Signal},
    task::Task,
};
use rusqlite::{Row, RowIndex};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::db::{Db, Fault, Verb, count};

/// An id that lies in a 16-byte column.
pub(crate) trait RowId: Sized {
    fn of(uuid: Uuid) -> Self;
}

macro_rules! row_ids {
    ($($name:ident)+) => {$(impl RowId for $name { fn of(uuid: Uuid) -> Self { Self::from_uuid(uuid) } })+};
}

row_ids! {
    AgentId CampaignId ResourceId SignalId TaskId ArtifactId VerdictId TicketId EffectId
    PublicationId IntentId EntryId ClaimId TraceId AlertId ProposalId TrendId MuteId PaymentId
}

/// A column by its name, or by its place where a row is read so often that the search for the name counts.
pub(crate) trait Column: RowIndex + Display + Copy {}
impl<T: RowIndex + Display + Copy> Column for T {}

/// Typed columns. What does not fit its type is corrupt, never a default.
pub(crate) trait Cells {
    fn id<T: RowId>(&self, column: impl Column) -> Verb<T>;
    fn maybe_id<T: RowId>(&self, column: impl Column) -> Verb<Option<T>>;
    fn hash(&self, column: impl Column) -> Verb<ContentHash>;
    fn version(&self, column: impl Column) -> Verb<StateVersion>;
    fn time(&self, column: impl Column) -> Verb<Timestamp>;
    fn maybe_time(&self, column: impl Column) -> Verb<Option<Timestamp>>;
    fn usd(&self, column: impl Column) -> Verb<Usd>;
    fn score(&self, column: impl Column) -> Verb<Score>;
    fn word<T: FromStr>(&self, column: impl Column) -> Verb<T>
    where
        T::Err: Display;
    fn maybe_word<T: FromStr>(&self, column: impl Column) -> Verb<Option<T>>
    where
        T::Err: Display;
    fn doc<T: DeserializeOwned>(&self, column: impl Column) -> Verb<T>;
    fn maybe_doc<T: DeserializeOwned>(&self, column: impl Column) -> Verb<Option<T>>;
    fn small(&self, column: impl Column) -> Verb<u32>;
    fn count(&self, column: impl Column) -> Verb<u64>;
    fn line(&self, column: impl Column) -> Verb<Safe>;
    fn text(&self, column: impl Column) -> Verb<String>;
    fn flag(&self, column: impl Column) -> Verb<bool>;
}

fn bad(column: impl Column, why: &dyn Display) -> Fault {
    Fault::corrupt(format!("column {column}: {why}"))
}

impl Cells for Row<'_> {
    fn id<T: RowId>(&self, column: impl Column) -> Verb<T> {
        let bytes: [u8; 16] = self.get(column)?;
        Ok(T::of(Uuid::from_bytes(bytes)))
    }
    fn maybe_id<T: RowId>(&self, column: impl Column) -> Verb<Option<T>> {
        let bytes: Option<[u8; 16]> = self.get(column)?;
        Ok(bytes.map(|b| T::of(Uuid::from_bytes(b))))
    }
    fn hash(&self, column: impl Column) -> Verb<ContentHash> {
        Ok(ContentHash::from_bytes(self.get(column)?))
    }
    fn version(&self, column: impl Column) -> Verb<StateVersion> {
        StateVersion::new(self.get(column)?).ok_or_else(|| bad(column, &"a version below 1"))
    }
    fn time(&self, column: impl Column) -> Verb<Timestamp> {
        Ok(Timestamp::from_micros(self.get(column)?))
    }
    fn maybe_time(&self, column: impl Column) -> Verb<Option<Timestamp>> {
        let micros: Option<i64> = self.get(column)?;
        Ok(micros.map(Timestamp::from_micros))
    }
    fn usd(&self, column: impl Column) -> Verb<Usd> {
        Ok(Usd::from_micros(self.get(column)?))
    }
    fn score(&self, column: impl Column) -> Verb<Score> {
        let ppm: u32 = self.get(column)?;
        Score::from_ppm(ppm).ok_or_else(|| bad(column, &"a score above one"))
    }
    fn word<T: FromStr>(&self, column: impl Column) -> Verb<T>
    where
        T::Err: Display,
    {
        let word: String = self.get(column)?;
        word.parse().map_err(|e: T::Err| bad(column, &e))
    }
    fn maybe_word<T: FromStr>(&self, column: impl Column) -> Verb<Option<T>>
    where
        T::Err: Display,
    {
        let word: Option<String> = self.get(column)?;
        word.map(|word| word.parse().map_err(|e: T::Err| bad(column, &e)))
            .transpose()
    }
    fn doc<T: DeserializeOwned>(&self, column: impl Column) -> Verb<T> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|e| bad(column, &e))
    }
    fn maybe_doc<T: DeserializeOwned>(&self, column: impl Column) -> Verb<Option<T>> {
        let text: Option<String> = self.get(column)?;
        text.map(|t| serde_json::from_str(&t).map_err(|e| bad(column, &e)))
            .transpose()
    }
    fn small(&self, column: impl Column) -> Verb<u32> {
        Ok(self.get(column)?)
    }
    fn count(&self, column: impl Column) -> Verb<u64> {
        let n: i64 = self.get(column)?;
        Ok(count(n))
    }
    fn line(&self, column: impl Column) -> Verb<Safe> {
        let text: Option<String> = self.get(column)?;
        Ok(Safe::line(text.as_deref().unwrap_or_default()))
    }
    fn text(&self, column: impl Column) -> Verb<String> {
        Ok(self.get(column)?)
    }
    fn flag(&self, column: impl Column) -> Verb<bool> {
        Ok(self.get(column)?)
    }
}

/// A document as its column keeps it.
pub(crate) fn json(value: &impl Serialize) -> Verb<String> {
    serde_json::to_string(value).map_err(|e| Fault::corrupt(format!("a document: {e}")))
}

pub(crate) fn signal(row: &Row<'_>) -> Verb<Signal> {
    Ok(Signal {
        id: row.id(0)?,
        version: row.version(1)?,
        campaign_id: row.id(2)?,
        trace_id: row.id(3)?,
        item: row.doc(4)?,
        ingested_at: row.time(5)?,
        stale: row.flag(6)?,
        near_duplicate_of: row.maybe_id(7)?,
        said: row.maybe_word(8)?,
    })
}

pub(crate) fn campaign(row: &Row<'_>) -> Verb<Campaign> {
    Ok(Campaign {
        id: row.id(0)?,
        agent_id: row.id(1)?,
        version: row.version(2)?,
        epoch: row.version(3)?,
        state: row.word(4)?,
        spec: row.doc(5)?,
        created_at: row.time(6)?,
    })
}

pub(crate) fn resource(row: &Row<'_>) -> Verb<Resource> {
    Ok(Resource {
        id: row.id("resource_id")?,
        version: row.version("version")?,
        spec: row.doc("spec")?,
        cursor: row.get("cursor")?,
        failures: row.small("failures")?,
        next_poll_at: row.time("next_poll_at")?,
    })
}

pub(crate) fn task(row: &Row<'_>) -> Verb<Task> {
    Ok(Task {
        id: row.id(0)?,
        version: row.version(1)?,
        agent_id: row.id(2)?,
        campaign_id: row.id(3)?,
        epoch: row.version(4)?,
        signal_id: row.maybe_id(5)?,
        trace_id: row.id(6)?,
        plan_attempt: row.small(7)?,
        attempt: row.small(8)?,
        state: row.word(9)?,
        reason: row.word(10)?,
        created_at: row.time(11)?,
        spec: row.doc(12)?,
    })
}

pub(crate) fn artifact(row: &Row<'_>) -> Verb<Artifact> {
    Ok(Artifact {
        id: row.id(0)?,
        task_id: row.id(1)?,
        body: row.doc(2)?,
        confidence: row.score(3)?,
        provenance: row.doc(4)?,
        created_at: row.time(5)?,
    })
}

impl Db<'_> {
    pub(crate) fn campaign(&self, id: CampaignId) -> Verb<Option<Campaign>> {
        self.one(
            concat!(
                "SELECT ",
                campaign_row!(),
                " FROM campaigns WHERE campaign_id = ?1"
            ),
            [id.as_bytes()],
            campaign,
        )
    }

    /// A campaign that a stored row refers to.
    pub(crate) fn campaign_of(&self, id: CampaignId) -> Verb<Campaign> {
        self.campaign(id)?
            .ok_or_else(|| Fault::corrupt(format!("campaign {id} is missing")))
    }

    pub(crate) fn spec_of(&self, id: CampaignId) -> Verb<CampaignSpec> {
        Ok(self.campaign_of(id)?.spec)
    }

    /// The signal a stored row refers to, with how relevant it was.
    pub(crate) fn signal_of(
        &self,
        id: Option<SignalId>,
    ) -> Verb<Option<(Signal, Option<Relevance>)>> {
        let Some(id) = id else { return Ok(None) };
        self.one(
            concat!(
                "SELECT ",
                signal_row!(),
                ", s.relevance FROM trend_signals s WHERE s.signal_id = ?1"
            ),
            [id.as_bytes()],
            |row| Ok((signal(row)?, row.maybe_doc(9)?)),
        )
    }

    pub(crate) fn task(&self, id: TaskId) -> Verb<Option<Task>> {
        self.one(
            concat!(
                "SELECT ",
                task_row!(),
                " FROM tasks t CROSS JOIN task_specs x ON x.task_id = t.task_id WHERE t.task_id = ?1"
            ),
            [id.as_bytes()],
            task,
        )
    }

    /// The result of a task that stands, with its place among the nodes of its plan.
    fn result_of(&self, task: TaskId) -> Verb<Option<(u32, Artifact)>> {
        self.one(
            concat!(
                "SELECT ",
                artifact_row!(),
                ", t.node_order FROM tasks t CROSS JOIN artifacts a
                   ON a.task_id = t.task_id AND a.artifact_id = t.artifact_id
                 WHERE t.task_id = ?1"
            ),
            [task.as_bytes()],
            |row| Ok((row.small(6)?, artifact(row)?)),
        )
    }

    /// The result of a task that stands.
    pub(crate) fn artifact_of(&self, task: TaskId) -> Verb<Option<Artifact>> {
        Ok(self.result_of(task)?.map(|(_, artifact)| artifact))
    }

    /// The results of every ancestor, the farthest first. One step up after the other and not one recursive
    /// question: a plan has few nodes, and the sorting of that question costs more than all these.
    pub(crate) fn ancestors(&self, task: TaskId) -> Verb<Vec<Artifact>> {
        let (mut near, mut seen) = (vec![task], BTreeSet::from([task]));
        let mut levels: Vec<Vec<(u32, Artifact)>> = Vec::new();
        while !near.is_empty() {
            let mut parents = Vec::new();
            for child in near {
                parents.extend(self.all(
                    "SELECT parent_id FROM task_edges WHERE child_id = ?1",
                    [child.as_bytes()],
                    |row| row.id::<TaskId>(0),
                )?);
            }
            parents.retain(|parent| seen.insert(*parent));
            let mut level = Vec::new();
            for parent in &parents {
                level.extend(self.result_of(*parent)?);
            }
            level.sort_by_key(|(order, _)| *order);
            levels.push(level);
            near = parents;
        }
        let farthest_first = levels.into_iter().rev().flatten();
        Ok(farthest_first.map(|(_, artifact)| artifact).collect())
    }

    /// The bytes under a hash, checked against it once more.
    pub(crate) fn blob(&self, sha256: ContentHash) -> Verb<Option<Blob>> {
        let blob = self.one(
            "SELECT mime, bytes FROM blobs WHERE sha256 = ?1",
            [sha256.as_bytes()],
            |row| {
                Ok(Blob {
                    mime: row.get("mime")?,
                    bytes: row.get("bytes")?,
                })
            },
        )?;
        match blob {
            Some(blob) if blob.sha256() != sha256 => Err(Fault::corrupt(format!(
                "the bytes stored under {sha256} are not those"
            ))),
            found => Ok(found),
        }
    }
}
