//! One poll: items become signals of every campaign that listens, and the cursor moves with them.

use chimera_domain::{
    Outcome, Span, Timestamp,
    ids::{CampaignId, SignalId, TraceId},
    resource::{FeedItem, Poll, PollReport, Resource},
    signal::SignalState,
    views::Severity,
};
use rusqlite::params;

use super::super::{
    db::{Counted, Db, Verb},
    rows::{Cells, json},
    trends,
};

/// Within this time the same title is taken for the same thing.
const ALIKE_WINDOW: Span = Span::from_hours(24);
/// From this many failures in a row a person is told.
const FAILURES_ALERT: u32 = 3;
/// The alert of a resource that fails.
const FAILING: &str = "resource_failing";

pub(super) fn commit(db: &Db<'_>, resource: &Resource, poll: &Poll) -> Verb<Outcome<PollReport>> {
    let stands = db.one(
        "SELECT version, failures FROM resources WHERE resource_id = ?1",
        [resource.id.as_bytes()],
        |row| Ok((row.version("version")?, row.small("failures")?)),
    )?;
    let Some((version, failures)) = stands else {
        return Ok(Outcome::NotFound);
    };
    if version != resource.version {
        return Ok(Outcome::Conflict(db.overtaken(version, "polled")));
    }
    let report = match poll {
        Poll::Read {
            items,
            cursor,
            note,
            next_poll_at,
        } => {
            let told = (cursor.as_deref(), note.as_deref());
            read(db, resource, items, told, *next_poll_at)?
        }
        Poll::Failed { why, next_poll_at } => {
            failed(db, resource, why, *next_poll_at, failures.saturating_add(1))?
        }
    };
    Ok(Outcome::Done(report, version.next()))
}

fn failed(
    db: &Db<'_>,
    resource: &Resource,
    why: &str,
    next_poll_at: Timestamp,
    failures: u32,
) -> Verb<PollReport> {
    db.exec_one(
        "UPDATE resources SET version = version + 1, failures = ?2, last_error = ?3, next_poll_at = ?4
         WHERE resource_id = ?1",
        params![resource.id.as_bytes(), failures, why, next_poll_at.micros()],
    )?;
    if failures >= FAILURES_ALERT {
        let uri = &resource.spec.uri;
        let text = format!("{uri} failed {failures} times in a row: {why}");
        db.alert(Severity::Warning, FAILING, &resource.id.to_string(), &text)?;
    }
    Ok(PollReport::default())
}

fn read(
    db: &Db<'_>,
    resource: &Resource,
    items: &[FeedItem],
    (cursor, note): (Option<&str>, Option<&str>),
    next_poll_at: Timestamp,
) -> Verb<PollReport> {
    let campaigns: Vec<(CampaignId, String)> = db.all(
        "SELECT campaign_id, name FROM campaigns WHERE archived = 0 ORDER BY name",
        [],
        |row| Ok((row.id(0)?, row.text(1)?)),
    )?;
    let mut report = PollReport {
        seen: u32::try_from(items.len()).unwrap_or(u32::MAX),
        ..PollReport::default()
    };
    for item in items {
        let mut kept = false;
        for campaign in &campaigns {
            kept |= keep(db, resource, campaign, item)?;
        }
        if kept {
            trends::see(db, resource, item)?;
            report.kept += 1;
        } else {
            report.duplicate += 1;
        }
    }
    db.exec_one(
        "UPDATE resources SET version = version + 1, failures = 0, last_error = NULL, cursor = ?2,
           next_poll_at = ?3, last_success_at = ?4, seen = seen + ?5, kept = kept + ?6,
           -- An unchanged document brings neither items nor a note: what was odd about it still is.
           note = CASE WHEN ?5 = 0 AND ?7 IS NULL THEN note ELSE ?7 END
         WHERE resource_id = ?1",
        params![
            resource.id.as_bytes(),
            cursor,
            next_poll_at.micros(),
            db.now.micros(),
            report.seen,
            report.kept,
            note,
        ],
    )?;
    db.close_alert(FAILING, &resource.id.to_string())?;
    Ok(report)
}

/// Whether the item is new to this campaign.
fn keep(
    db: &Db<'_>,
    resource: &Resource,
    (campaign, name): &(CampaignId, String),
    item: &FeedItem,
) -> Verb<bool> {
    let title = normal(&item.title);
    let alike: Option<SignalId> = if title.is_empty() {
        None
    } else {
        db.one(
            "SELECT signal_id FROM trend_signals
             WHERE campaign_id = ?1 AND title_normal = ?2 AND ingested_at >= ?3
               AND state IN ('new', 'held', 'planned')
             ORDER BY ingested_at, signal_id LIMIT 1",
            params![
                campaign.as_bytes(),
                title,
                db.now.minus(ALIKE_WINDOW).micros()
            ],
            |row| row.id("signal_id"),
        )?
    };
    let stale = match (resource.spec.age_max, item.published_at) {
        (Some(age_max), Some(published_at)) => db.now.since(published_at) > age_max,
        (None, _) | (_, None) => false,
    };
    let search = format!(
        "{} {} {} {} {}",
        item.title, item.summary, item.source, item.link, name
    );
    let rows = db.exec(
        "INSERT INTO trend_signals (signal_id, version, campaign_id, resource_id, item_key, trace_id, item,
           title_normal, search, ingested_at, stale, near_duplicate_of, state, why)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'new', '')
         ON CONFLICT (campaign_id, resource_id, item_key) DO NOTHING",
        params![
            SignalId::from_uuid(db.ambient.fresh()).as_bytes(),
            campaign.as_bytes(),
            resource.id.as_bytes(),
            item.key,
            TraceId::from_uuid(db.ambient.fresh()).as_bytes(),
            json(item)?,
            title,
            search.to_lowercase(),
            db.now.micros(),
            stale,
            alike.as_ref().map(SignalId::as_bytes),
        ],
    )?;
    if rows == 1 {
        db.counted(Counted::Signal, None, SignalState::New.as_str());
    }
    Ok(rows == 1)
}

/// A title as it is compared: words of letters and digits, lower case.
pub(in crate::sqlite) fn normal(title: &str) -> String {
    title
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Case, punctuation and white space do not make another title; another word does.
    #[test]
    fn titles_are_compared_by_their_words() {
        assert_eq!(
            normal("  Élan: the NEW—phone!  "),
            normal("élan the new phone")
        );
        assert_ne!(normal("the new phone"), normal("the old phone"));
        assert_eq!(normal("—!?"), "");
    }
}
