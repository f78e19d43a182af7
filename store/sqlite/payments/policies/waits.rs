//! What is looser: it waits for a person, then for its time, and ends where the file says something else.

use chimera_domain::{
    ContentHash, Outcome, StateVersion, Timestamp,
    cfo::{self, Change, PaymentPolicy},
    policy::Policy,
    ports::{Confirmed, loosening_words},
    views::Severity,
};
use rusqlite::params;

use super::{
    super::super::{
        db::{AuditLine, Db, Fault, Verb},
        rows::Cells,
    },
    INSTALL, SUBJECT, before_versions, enter, keep, newest, put, standing,
};

/// The alert of something looser that waits for a person.
const WAITS: &str = "policy_loosening_waits";
/// The alert of something looser that a person let in, and that others may still take back.
const COMES: &str = "policy_loosens_soon";
/// So many differences are told in an alert.
const TOLD: usize = 5;

/// What the file says and what is not in force.
pub(super) struct Waiting {
    id: i64,
    version: StateVersion,
    pub(super) hash: ContentHash,
    pub(super) policy: PaymentPolicy,
    pub(super) at: Timestamp,
    pub(super) confirmed: Option<Confirmed>,
}

pub(super) fn waiting(db: &Db<'_>) -> Verb<Option<Waiting>> {
    db.one(
        "SELECT l.*, p.doc FROM payment_loosenings l JOIN payment_policies p ON p.hash = l.hash
         WHERE l.ended_at IS NULL",
        [],
        |row| {
            let confirmed = match row.maybe_time("effective_at")? {
                None => None,
                Some(effective_at) => Some(Confirmed {
                    by: row.text("confirmed_by")?,
                    why: row.text("confirmed_why")?,
                    at: row.time("confirmed_at")?,
                    effective_at,
                }),
            };
            Ok(Waiting {
                id: row.get("loosening_id")?,
                version: row.version("version")?,
                hash: row.hash("hash")?,
                policy: row.doc("doc")?,
                at: row.time("at")?,
                confirmed,
            })
        },
    )
}

/// Takes over what a file says: what tightens holds from here on, what loosens waits for a person. The very first policy has
/// nothing to be looser than, and is taken as it is.
pub(crate) fn install(db: &Db<'_>, before: Option<&Policy>, file: &Policy) -> Verb<()> {
    ripen(db)?;
    let wanted = file.payments.as_ref();
    if newest(db)?.is_none()
        && let Some(old) = before_versions(db, before)?
    {
        put(db, &old)?;
    }
    let Some(known) = newest(db)? else {
        return match wanted {
            None => Ok(()),
            Some(first) => enter(db, Some(first), db.now, INSTALL, "the first one there was"),
        };
    };
    let old = known.policy.as_ref().map(|(_, policy)| policy);
    let stands = cfo::stand(old, wanted);
    if stands.holds.as_ref() != old {
        enter(
            db,
            stands.holds.as_ref(),
            db.now,
            INSTALL,
            "what budget.yaml tightens",
        )?;
    }
    match wanted {
        Some(wanted) if !stands.waits.is_empty() => {
            wait(db, wanted, stands.holds.as_ref(), &stands.waits)
        }
        Some(_) | None => match waiting(db)? {
            Some(found) => end(db, &found, "budget.yaml asks for it no longer", INSTALL),
            None => Ok(()),
        },
    }
}

/// Something looser waits, and somebody should know. What waited before is given up where it is not the same.
fn wait(
    db: &Db<'_>,
    wanted: &PaymentPolicy,
    holds: Option<&PaymentPolicy>,
    changes: &[Change],
) -> Verb<()> {
    let hash = wanted.hash();
    match waiting(db)? {
        Some(found) if found.hash == hash => return Ok(()),
        Some(found) => end(db, &found, "budget.yaml says something else now", INSTALL)?,
        None => {}
    }
    keep(db, hash, wanted)?;
    db.exec_one(
        "INSERT INTO payment_loosenings (version, hash, at) VALUES (1, ?1, ?2)",
        params![hash.as_bytes(), db.now.micros()],
    )?;
    db.audit(&AuditLine {
        actor: INSTALL,
        subject: SUBJECT.to_owned(),
        verb: "hold_back_policy",
        to: &hash.to_string(),
        versions: (0, 1),
        note: &told(changes),
        ..AuditLine::default()
    })?;
    warn(db, hash, changes, holds.unwrap_or(wanted))
}

fn warn(db: &Db<'_>, hash: ContentHash, changes: &[Change], delays: &PaymentPolicy) -> Verb<()> {
    let text = format!(
        "budget.yaml loosens payments, and that does not hold yet: {}. Look with `chimera cfo policy`, then let it in with \
         `chimera cfo loosen --typed '{}' --why …`; it takes effect {} later",
        told(changes),
        loosening_words(hash),
        delays.loosen_after
    );
    db.alert(Severity::Warning, WAITS, SUBJECT, &text)
}

/// The first few differences in one line.
fn told(changes: &[Change]) -> String {
    let mut lines: Vec<String> = changes
        .iter()
        .take(TOLD)
        .map(|change| format!("{} {} to {}", change.field, change.from, change.to))
        .collect();
    if changes.len() > TOLD {
        lines.push(format!("and {} more", changes.len() - TOLD));
    }
    lines.join("; ")
}

pub(super) fn confirm(
    db: &Db<'_>,
    hash: ContentHash,
    typed: &str,
    actor: &str,
    why: &str,
) -> Verb<Outcome<Timestamp>> {
    ripen(db)?;
    let Some(found) = waiting(db)? else {
        return Ok(Outcome::NotFound);
    };
    if found.hash != hash {
        return Ok(Outcome::Conflict(db.overtaken(
            found.version,
            format!("something else that waits ({})", found.hash.short()),
        )));
    }
    let words = loosening_words(hash);
    if typed != words {
        return Err(Fault::refused(format!(
            "what is let in was not typed: {words}"
        )));
    }
    if why.trim().is_empty() {
        return Err(Fault::refused("a reason is missing"));
    }
    if let Some(known) = &found.confirmed {
        // Said twice by the same person it is the same word.
        if known.by == actor {
            return Ok(Outcome::Done(known.effective_at, found.version));
        }
        let mut conflict = db.overtaken(found.version, "confirmed");
        (conflict.by, conflict.at) = (Some(known.by.clone()), Some(known.at));
        return Ok(Outcome::Conflict(conflict));
    }
    let stands = standing(db)?;
    // Out of nothing it is the policy itself that says how long.
    let delay = stands.policy().unwrap_or(&found.policy).loosen_after;
    let (next, effective) = (found.version.next(), db.now.plus(delay));
    db.exec_one(
        "UPDATE payment_loosenings SET version = ?2, confirmed_by = ?3, confirmed_why = ?4, confirmed_at = ?5,
           effective_at = ?6 WHERE loosening_id = ?1",
        params![
            found.id,
            next.get(),
            actor,
            why,
            db.now.micros(),
            effective.micros()
        ],
    )?;
    moved(db, &found, next, "confirm_loosening", actor, why)?;
    db.close_alert(WAITS, SUBJECT)?;
    let changes = stands.waits.map(|waits| waits.changes).unwrap_or_default();
    let text = format!(
        "{actor} lets payments be looser from {} on: {}. `chimera cfo take-back-loosening --why …` stops it",
        effective.to_rfc3339_seconds(),
        told(&changes)
    );
    db.alert(Severity::Warning, COMES, SUBJECT, &text)?;
    Ok(Outcome::Done(effective, next))
}

pub(super) fn take_back(
    db: &Db<'_>,
    hash: ContentHash,
    actor: &str,
    why: &str,
) -> Verb<Outcome<()>> {
    ripen(db)?;
    let Some(found) = waiting(db)?.filter(|found| found.hash == hash) else {
        return Ok(Outcome::NotFound);
    };
    if why.trim().is_empty() {
        return Err(Fault::refused("a reason is missing"));
    }
    if found.confirmed.is_none() {
        return Ok(Outcome::Done((), found.version));
    }
    let next = found.version.next();
    db.exec_one(
        "UPDATE payment_loosenings SET version = ?2, confirmed_by = NULL, confirmed_why = NULL, confirmed_at = NULL,
           effective_at = NULL WHERE loosening_id = ?1",
        params![found.id, next.get()],
    )?;
    moved(db, &found, next, "take_back_loosening", actor, why)?;
    db.close_alert(COMES, SUBJECT)?;
    let stands = standing(db)?;
    let changes = stands
        .waits
        .as_ref()
        .map(|waits| waits.changes.clone())
        .unwrap_or_default();
    warn(db, hash, &changes, stands.policy().unwrap_or(&found.policy))?;
    Ok(Outcome::Done((), next))
}

fn moved(
    db: &Db<'_>,
    found: &Waiting,
    next: StateVersion,
    verb: &'static str,
    actor: &str,
    why: &str,
) -> Verb<()> {
    db.audit(&AuditLine {
        actor,
        subject: SUBJECT.to_owned(),
        verb,
        to: &found.hash.to_string(),
        versions: (found.version.get(), next.get()),
        note: why,
        ..AuditLine::default()
    })
}

/// What waits ends, whatever was said of it.
fn end(db: &Db<'_>, found: &Waiting, why: &str, actor: &str) -> Verb<()> {
    let next = found.version.next();
    db.exec_one(
        "UPDATE payment_loosenings SET version = ?2, ended_at = ?3, ended_why = ?4 WHERE loosening_id = ?1",
        params![found.id, next.get(), db.now.micros(), why],
    )?;
    moved(db, found, next, "end_loosening", actor, why)?;
    db.close_alert(WAITS, SUBJECT)?;
    db.close_alert(COMES, SUBJECT)
}

pub(super) fn is_due(db: &Db<'_>) -> Verb<bool> {
    let due = db.number(
        "SELECT EXISTS (SELECT 1 FROM payment_loosenings WHERE ended_at IS NULL AND effective_at <= ?1)",
        [db.now.micros()],
    )?;
    Ok(due == 1)
}

/// What was confirmed and whose time has come is in force.
pub(crate) fn ripen(db: &Db<'_>) -> Verb<()> {
    if !is_due(db)? {
        return Ok(());
    }
    let Some(found) = waiting(db)? else {
        return Ok(());
    };
    let Some(confirmed) = found.confirmed.clone() else {
        return Ok(());
    };
    enter(
        db,
        Some(&found.policy),
        confirmed.effective_at,
        &confirmed.by,
        &confirmed.why,
    )?;
    end(db, &found, "it took effect", &confirmed.by)
}
