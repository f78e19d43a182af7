//! Trends and mutes, page by page.

use chimera_domain::{
    Safe,
    ids::TrendId,
    trend::Standing,
    views::{By, MuteRow, Page, PageRequest, TrendItem, TrendRow},
};
use rusqlite::{Row, params, types::Value};

use super::{
    super::{
        db::{Db, Verb},
        rows::Cells,
    },
    filter::{Field, elsewhere, field},
    page::{Ids, List, Whole, one},
};

const TRENDS: &[Field] = &[field("state", "state"), field("word", "words")];
const MUTES: &[Field] = &[
    elsewhere(
        "agent",
        "slug",
        "m.agent_id IN (SELECT agent_id FROM agents WHERE ",
        ")",
    ),
    field("actor", "m.made_by"),
];

pub(in crate::sqlite) fn list(db: &Db<'_>, page: &PageRequest) -> Verb<Page<TrendRow>> {
    List {
        select: "*",
        from: "trends",
        only: "1 = 1",
        search: "(search || ' ' || state)",
        fields: TRENDS,
        orders: &[one(
            By::Urgency,
            "state = 'open' DESC, state = 'snoozed' DESC, per_hour DESC, volume DESC, last_at DESC, trend_id",
        )],
        ids: Ids::Bytes("trend_id"),
        whole: Whole::Found,
        args: vec![],
    }
    .page(db, page, |row| trend(db, row))
}

fn trend(db: &Db<'_>, row: &Row<'_>) -> Verb<TrendRow> {
    let id: TrendId = row.id("trend_id")?;
    let words: Vec<String> = row.doc("words")?;
    let standing: Standing = row.doc("standing")?;
    let items = db.all(
        "SELECT title, source, at FROM sightings WHERE trend_id = ?1 ORDER BY at DESC, item_key LIMIT ?2",
        params![id.as_bytes(), TrendRow::ITEMS_MAX],
        |row| {
            Ok(TrendItem {
                title: row.line("title")?,
                source: row.line("source")?,
                at: row.time("at")?,
            })
        },
    )?;
    Ok(TrendRow {
        id,
        version: row.version("version")?,
        state: row.word("state")?,
        title: row.line("title")?,
        words: Safe::line(&words.join(" ")),
        standing,
        method: row.line("method")?,
        found_at: row.time("found_at")?,
        measured_at: row.time("measured_at")?,
        snoozed_until: row.maybe_time("snoozed_until")?,
        moved_by: row.line("moved_by")?,
        items,
    })
}

pub(in crate::sqlite) fn mutes(db: &Db<'_>, page: &PageRequest) -> Verb<Page<MuteRow>> {
    List {
        select: "m.*, a.slug, (m.lifted_at IS NULL AND (m.until IS NULL OR m.until > ?1)) AS in_force",
        from: "muted_topics m LEFT JOIN agents a ON a.agent_id = m.agent_id",
        only: "?1 = ?1",
        search: "lower(m.words || ' ' || m.made_by || ' ' || coalesce(a.slug, ''))",
        fields: MUTES,
        orders: &[one(
            By::Urgency,
            "in_force DESC, m.made_at DESC, m.mute_id DESC",
        )],
        ids: Ids::Bytes("m.mute_id"),
        whole: Whole::Found,
        args: vec![Value::Integer(db.now.micros())],
    }
    .page(db, page, |row| {
        let agent: Option<String> = row.get("slug")?;
        let lifted_by: Option<String> = row.get("lifted_by")?;
        let lifted = lifted_by.zip(row.maybe_time("lifted_at")?);
        Ok(MuteRow {
            id: row.id("mute_id")?,
            agent: agent.map(|slug| Safe::line(&slug)),
            words: row.line("words")?,
            until: row.maybe_time("until")?,
            by: row.line("made_by")?,
            at: row.time("made_at")?,
            lifted: lifted.map(|(by, at)| (Safe::line(&by), at)),
            in_force: row.flag("in_force")?,
        })
    })
}
