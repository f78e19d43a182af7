//! Trends: what the spotter found, and what people did about it. It does not decide what is a trend.
//!
//! `spotted.rs` writes down what one look found, `convert.rs` makes plans of a trend, `mutes.rs` holds the topics that somebody wants to hear no more of.

mod convert;
mod mutes;
mod spotted;

use async_trait::async_trait;
use chimera_domain::{
    Conflict, Outcome, Span, StateVersion, Timestamp,
    ids::{MuteId, TrendId},
    ports::{Result, SIGHTINGS_MAX, SpotterStore, TrendStore},
    resource::{FeedItem, Resource},
    trend::{ConvertFor, ItemName, NewMute, Sighting, Spotted, TrendHead, TrendState},
    views::{MuteRow, Page, PageRequest, TrendRow},
};
use rusqlite::{Row, params};

use super::{
    SqliteStore,
    db::{AuditLine, Db, Fault, Verb},
    desk,
    rows::Cells,
};

/// The most trends one look gives.
const HEADS_MAX: u32 = 1_000;
/// How long a sighting is kept: longer than any window may be.
const SIGHTINGS_KEPT: Span = Span::from_hours(7 * 24);
/// The most old sightings one look forgets.
const FORGOTTEN_MAX: u32 = 2_000;
/// Who moves a trend when no person does.
const SPOTTER: &str = "spotter";

#[async_trait]
impl SpotterStore for SqliteStore {
    async fn sightings(&self, since: Timestamp) -> Result<Vec<Sighting>> {
        if self.is_held_back() {
            return Ok(Vec::new());
        }
        self.read("read what was seen", move |db| {
            db.all(
                "SELECT * FROM sightings WHERE at > ?1 ORDER BY at DESC LIMIT ?2",
                params![since.micros(), SIGHTINGS_MAX],
                |row| {
                    Ok(Sighting {
                        item: ItemName {
                            resource: row.id("resource_id")?,
                            key: row.text("item_key")?,
                        },
                        title: row.text("title")?,
                        source: row.text("source")?,
                        at: row.time("at")?,
                        trend: row.maybe_id("trend_id")?,
                    })
                },
            )
        })
        .await
    }

    async fn trend_heads(&self, since: Timestamp) -> Result<Vec<TrendHead>> {
        if self.is_held_back() {
            return Ok(Vec::new());
        }
        self.read("read the trends", move |db| {
            db.all(
                "SELECT trend_id, version, state, snoozed_until FROM trends
                 WHERE state IN ('open', 'snoozed') OR last_at > ?1 ORDER BY trend_id DESC LIMIT ?2",
                params![since.micros(), HEADS_MAX],
                head,
            )
        })
        .await
    }

    async fn commit_spotted(&self, spotted: &[Spotted]) -> Result<u32> {
        let looked = spotted.to_vec();
        self.write("write down what was spotted", move |db| {
            let mut written = 0;
            for one in &looked {
                written += u32::from(spotted::write_down(db, one)?);
            }
            db.exec(
                "DELETE FROM sightings WHERE (resource_id, item_key) IN
                   (SELECT resource_id, item_key FROM sightings WHERE at < ?1 ORDER BY at LIMIT ?2)",
                params![db.now.minus(SIGHTINGS_KEPT).micros(), FORGOTTEN_MAX],
            )?;
            Ok(written)
        })
        .await
    }
}

#[async_trait]
impl TrendStore for SqliteStore {
    async fn trends(&self, page: &PageRequest) -> Result<Page<TrendRow>> {
        let page = page.clone();
        self.read("read the trends", move |db| desk::trends::list(db, &page))
            .await
    }

    async fn convert_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        wanted: &ConvertFor,
        actor: &str,
    ) -> Result<Outcome<u32>> {
        let (wanted, actor) = (wanted.clone(), actor.to_owned());
        self.write("convert a trend", move |db| {
            convert::convert(db, trend, version, &wanted, &actor)
        })
        .await
    }

    async fn snooze_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        until: Timestamp,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("snooze a trend", move |db| {
            if until <= db.now {
                return Err(Fault::refused(
                    "a trend is snoozed until a moment that comes",
                ));
            }
            let moved = person_moves(db, trend, version, TrendState::Snoozed, &actor, |next| {
                Moved {
                    snoozed_until: Some(until),
                    note: until.to_rfc3339_seconds(),
                    ..Moved::to(next)
                }
            })?;
            Ok(moved)
        })
        .await
    }

    async fn mute_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        mute: &NewMute,
        actor: &str,
    ) -> Result<Outcome<MuteId>> {
        let (mute, actor) = (mute.clone(), actor.to_owned());
        self.write("mute a trend", move |db| {
            if let Err(lost) = waiting(db, trend, version)? {
                return Ok(lost.map());
            }
            let id = mutes::make(db, &mute, &actor)?;
            let moved = person_moves(db, trend, version, TrendState::Muted, &actor, |next| {
                Moved {
                    mute: Some(id),
                    note: mute.words.clone(),
                    ..Moved::to(next)
                }
            })?;
            Ok(match moved {
                Outcome::Done((), next) => Outcome::Done(id, next),
                Outcome::Conflict(conflict) => Outcome::Conflict(conflict),
                Outcome::NotFound => Outcome::NotFound,
            })
        })
        .await
    }

    async fn mute_topic(&self, mute: &NewMute, actor: &str) -> Result<MuteId> {
        let (mute, actor) = (mute.clone(), actor.to_owned());
        self.write("mute a topic", move |db| mutes::make(db, &mute, &actor))
            .await
    }

    async fn unmute(&self, mute: MuteId, actor: &str) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("take a mute back", move |db| mutes::lift(db, mute, &actor))
            .await
    }

    async fn mute_list(&self, page: &PageRequest) -> Result<Page<MuteRow>> {
        let page = page.clone();
        self.read("read the mutes", move |db| desk::trends::mutes(db, &page))
            .await
    }
}

fn head(row: &Row<'_>) -> Verb<TrendHead> {
    Ok(TrendHead {
        id: row.id("trend_id")?,
        version: row.version("version")?,
        state: row.word("state")?,
        snoozed_until: row.maybe_time("snoozed_until")?,
    })
}

fn find(db: &Db<'_>, trend: TrendId) -> Verb<Option<TrendHead>> {
    db.one(
        "SELECT trend_id, version, state, snoozed_until FROM trends WHERE trend_id = ?1",
        [trend.as_bytes()],
        head,
    )
}

/// An item is kept as seen, once; what was there already stays as it was.
pub(super) fn see(db: &Db<'_>, resource: &Resource, item: &FeedItem) -> Verb<()> {
    let at = match item.published_at {
        // A recording tells of another time.
        Some(published) if !item.recorded && published <= db.now => published,
        Some(_) | None => db.now,
    };
    db.exec(
        "INSERT INTO sightings (resource_id, item_key, title, source, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (resource_id, item_key) DO NOTHING",
        params![
            resource.id.as_bytes(),
            item.key,
            item.title,
            item.source,
            at.micros()
        ],
    )?;
    Ok(())
}

/// A move of a trend, and what is kept with it.
struct Moved {
    to: TrendState,
    snoozed_until: Option<Timestamp>,
    mute: Option<MuteId>,
    note: String,
}

impl Moved {
    const fn to(to: TrendState) -> Self {
        Self {
            to,
            snoozed_until: None,
            mute: None,
            note: String::new(),
        }
    }
}

/// Moves a trend that was just read, with its line in the audit.
fn move_to(db: &Db<'_>, head: &TrendHead, actor: &str, moved: &Moved) -> Verb<StateVersion> {
    let next = head.version.next();
    db.exec_one(
        "UPDATE trends SET version = ?2, state = ?3, snoozed_until = ?4, mute_id = ?5, moved_at = ?6, moved_by = ?7
         WHERE trend_id = ?1",
        params![
            head.id.as_bytes(),
            next.get(),
            moved.to.as_str(),
            moved.snoozed_until.map(Timestamp::micros),
            moved.mute.as_ref().map(MuteId::as_bytes),
            db.now.micros(),
            actor,
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: head.id.to_string(),
        verb: "move_trend",
        from: head.state.as_str(),
        to: moved.to.as_str(),
        versions: (head.version.get(), next.get()),
        note: &moved.note,
        ..AuditLine::default()
    })?;
    Ok(next)
}

/// What a person lost to.
enum Lost {
    Conflict(Conflict),
    NotFound,
}

impl Lost {
    fn map<T>(self) -> Outcome<T> {
        match self {
            Self::Conflict(conflict) => Outcome::Conflict(conflict),
            Self::NotFound => Outcome::NotFound,
        }
    }
}

/// The trend, where it stands as it was shown and waits for a person.
fn waiting(
    db: &Db<'_>,
    trend: TrendId,
    version: StateVersion,
) -> Verb<std::result::Result<TrendHead, Lost>> {
    let found = db.one(
        "SELECT trend_id, version, state, snoozed_until, moved_by, moved_at FROM trends WHERE trend_id = ?1",
        [trend.as_bytes()],
        |row| Ok((head(row)?, row.text("moved_by")?, row.time("moved_at")?)),
    )?;
    let Some((head, by, at)) = found else {
        return Ok(Err(Lost::NotFound));
    };
    if head.version == version && head.state.waits() {
        return Ok(Ok(head));
    }
    Ok(Err(Lost::Conflict(db.conflict(Conflict {
        actual: head.version,
        now: head.state.to_string(),
        by: Some(by),
        at: Some(at),
    }))))
}

fn person_moves(
    db: &Db<'_>,
    trend: TrendId,
    version: StateVersion,
    to: TrendState,
    actor: &str,
    moved: impl FnOnce(TrendState) -> Moved,
) -> Verb<Outcome<()>> {
    let head = match waiting(db, trend, version)? {
        Ok(head) => head,
        Err(lost) => return Ok(lost.map()),
    };
    let next = move_to(db, &head, actor, &moved(to))?;
    Ok(Outcome::Done((), next))
}
