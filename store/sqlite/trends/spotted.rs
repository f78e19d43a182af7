//! What one look of the spotter found, line by line.

use chimera_domain::{
    StateVersion,
    ids::TrendId,
    trend::{ItemName, Spotted, Told, TrendHead},
};
use rusqlite::params;

use super::{
    super::{
        db::{Db, Verb},
        rows::json,
    },
    Moved, SPOTTER, find, move_to,
};

/// Writes one line of a look; whether it was still so.
pub(super) fn write_down(db: &Db<'_>, spotted: &Spotted) -> Verb<bool> {
    match spotted {
        Spotted::Found { told, items } => found(db, told, items),
        Spotted::Measured {
            id,
            version,
            told,
            items,
            to,
        } => {
            let Some(head) = still(db, *id, *version)? else {
                return Ok(false);
            };
            if let Some(to) = to {
                move_to(db, &head, SPOTTER, &Moved::to(*to))?;
            }
            // Another number is no other trend: what a person saw of it still stands, so its version does.
            db.exec_one(
                "UPDATE trends SET title = ?2, words = ?3, standing = ?4, method = ?5, per_hour = ?6, volume = ?7,
                   last_at = ?8, search = ?9, measured_at = ?10
                 WHERE trend_id = ?1",
                params![
                    id.as_bytes(),
                    told.title,
                    json(&told.words)?,
                    json(&told.standing)?,
                    told.method,
                    told.standing.velocity.now.hundredths(),
                    told.standing.volume,
                    told.standing.last_at.micros(),
                    search(told),
                    db.now.micros(),
                ],
            )?;
            join(db, *id, items)?;
            Ok(true)
        }
        Spotted::Moved { id, version, to } => {
            let Some(head) = still(db, *id, *version)? else {
                return Ok(false);
            };
            move_to(db, &head, SPOTTER, &Moved::to(*to))?;
            Ok(true)
        }
    }
}

/// The trend, where it stands as it was read.
fn still(db: &Db<'_>, id: TrendId, version: StateVersion) -> Verb<Option<TrendHead>> {
    Ok(find(db, id)?.filter(|head| head.version == version))
}

/// A trend that is new; none where all of its items are of another one by now.
fn found(db: &Db<'_>, told: &Told, items: &[ItemName]) -> Verb<bool> {
    let mut free = false;
    for item in items {
        free |= db.number(
            "SELECT count(*) FROM sightings WHERE resource_id = ?1 AND item_key = ?2 AND trend_id IS NULL",
            params![item.resource.as_bytes(), item.key],
        )? > 0;
    }
    if !free {
        return Ok(false);
    }
    let id = TrendId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO trends (trend_id, version, state, title, words, standing, method, per_hour, volume, last_at, search,
           found_at, measured_at, moved_at, moved_by)
         VALUES (?1, 1, 'open', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?10, ?11)",
        params![
            id.as_bytes(),
            told.title,
            json(&told.words)?,
            json(&told.standing)?,
            told.method,
            told.standing.velocity.now.hundredths(),
            told.standing.volume,
            told.standing.last_at.micros(),
            search(told),
            db.now.micros(),
            SPOTTER,
        ],
    )?;
    join(db, id, items)?;
    Ok(true)
}

fn search(told: &Told) -> String {
    format!("{} {}", told.title, told.words.join(" ")).to_lowercase()
}

fn join(db: &Db<'_>, id: TrendId, items: &[ItemName]) -> Verb<()> {
    for item in items {
        db.exec(
            "UPDATE sightings SET trend_id = ?3 WHERE resource_id = ?1 AND item_key = ?2 AND trend_id IS NULL",
            params![item.resource.as_bytes(), item.key, id.as_bytes()],
        )?;
    }
    Ok(())
}
