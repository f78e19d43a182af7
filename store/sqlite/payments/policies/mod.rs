//! The policies of payments: what is in force, what a file would loosen, and what a person lets in after its time.
//!
//! What a file says is taken over at an [`install`], and of it only what tightens. The store decides for every process: what
//! is in force is the last row, and what was confirmed becomes it in whatever comes first after its time. `waits.rs` is what
//! is looser, from the file to its time; `first.rs` reads decisions for another policy to be tried on.

mod first;
mod waits;

use async_trait::async_trait;
use chimera_domain::{
    ContentHash, Outcome, Timestamp,
    cfo::{self, FirstDecision, PaymentPolicy},
    policy::Policy,
    ports::{PolicyDesk, PolicyStanding, PolicyStore, PolicyVersion, Result, WaitingPolicy},
};
use rusqlite::{Row, params};

use super::super::{
    SqliteStore,
    db::{AuditLine, Db, Verb, int},
    rows::{Cells, json},
};
pub(crate) use waits::{install, ripen};

/// Who takes over what a file says.
const INSTALL: &str = "install";
/// What the lines of the audit and the alerts are about.
const SUBJECT: &str = "payments";
/// What a page of decisions holds at most.
const PAGE_MAX: u32 = 1_000;

#[async_trait]
impl PolicyStore for SqliteStore {
    async fn payment_policy(&self) -> Result<PolicyStanding> {
        let (due, found) = self
            .read("read the policy of payments", |db| {
                Ok((waits::is_due(db)?, standing(db)?))
            })
            .await?;
        if !due {
            return Ok(found);
        }
        self.write("let a looser policy take effect", |db| {
            ripen(db)?;
            standing(db)
        })
        .await
    }

    async fn payment_policies(&self, limit: u32) -> Result<Vec<PolicyVersion>> {
        self.read("read the policies of payments", move |db| {
            db.all(
                &format!("{VERSIONS} ORDER BY v.seq DESC LIMIT ?1"),
                [limit],
                version,
            )
        })
        .await
    }

    async fn first_decisions(
        &self,
        since: Timestamp,
        after: i64,
        limit: u32,
    ) -> Result<(Vec<FirstDecision>, Option<i64>)> {
        self.read("read decisions on payments", move |db| {
            first::read(db, since, after, limit.clamp(1, PAGE_MAX))
        })
        .await
    }
}

#[async_trait]
impl PolicyDesk for SqliteStore {
    async fn confirm_loosening(
        &self,
        hash: ContentHash,
        typed: &str,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<Timestamp>> {
        let (typed, actor, why) = (typed.to_owned(), actor.to_owned(), why.to_owned());
        self.write("let in a looser policy", move |db| {
            waits::confirm(db, hash, &typed, &actor, &why)
        })
        .await
    }

    async fn take_back_loosening(
        &self,
        hash: ContentHash,
        actor: &str,
        why: &str,
    ) -> Result<Outcome<()>> {
        let (actor, why) = (actor.to_owned(), why.to_owned());
        self.write("keep a policy as it is", move |db| {
            waits::take_back(db, hash, &actor, &why)
        })
        .await
    }
}

const VERSIONS: &str = "SELECT v.seq, v.hash, v.since, v.actor, v.why, p.doc
     FROM payment_policy_versions v LEFT JOIN payment_policies p ON p.hash = v.hash";

fn version(row: &Row<'_>) -> Verb<PolicyVersion> {
    let hash: Option<[u8; 32]> = row.get("hash")?;
    let hash = hash.map(ContentHash::from_bytes);
    Ok(PolicyVersion {
        seq: row.count("seq")?,
        policy: hash.zip(row.maybe_doc("doc")?),
        since: row.time("since")?,
        by: row.text("actor")?,
        why: row.text("why")?,
    })
}

fn newest(db: &Db<'_>) -> Verb<Option<PolicyVersion>> {
    db.one(
        &format!("{VERSIONS} ORDER BY v.seq DESC LIMIT 1"),
        [],
        version,
    )
}

/// What is in force and what waits, as the rows say.
pub(crate) fn standing(db: &Db<'_>) -> Verb<PolicyStanding> {
    let in_force = match newest(db)? {
        Some(version) => Some(version),
        None => before_versions(db, db.policy()?.as_ref())?,
    };
    let waits = waits::waiting(db)?.map(|found| {
        let holds = in_force
            .as_ref()
            .and_then(|version| version.policy.as_ref());
        WaitingPolicy {
            changes: cfo::stand(holds.map(|(_, policy)| policy), Some(&found.policy)).waits,
            hash: found.hash,
            policy: found.policy,
            since: found.at,
            confirmed: found.confirmed,
        }
    });
    Ok(PolicyStanding { in_force, waits })
}

/// What was in force in a database from before versions were kept.
fn before_versions(db: &Db<'_>, whole: Option<&Policy>) -> Verb<Option<PolicyVersion>> {
    let Some(whole) = whole else {
        return Ok(None);
    };
    let Some(payments) = &whole.payments else {
        return Ok(None);
    };
    let since = db.one(
        "SELECT installed_at FROM policies WHERE hash = ?1",
        [whole.hash.as_bytes()],
        |row| row.time("installed_at"),
    )?;
    Ok(Some(PolicyVersion {
        seq: 1,
        policy: Some((payments.hash(), payments.clone())),
        since: since.unwrap_or(db.now),
        by: INSTALL.to_owned(),
        why: "it was in force when versions began to be kept".to_owned(),
    }))
}

/// The policy that decides now: what was confirmed counts from its time on, whoever looks first.
pub(super) fn in_force(db: &Db<'_>, whole: &Policy) -> Verb<Option<PaymentPolicy>> {
    if waits::is_due(db)?
        && let Some(found) = waits::waiting(db)?
    {
        return Ok(Some(found.policy));
    }
    let version = match newest(db)? {
        Some(version) => Some(version),
        None => before_versions(db, Some(whole))?,
    };
    Ok(version
        .and_then(|version| version.policy)
        .map(|(_, policy)| policy))
}

/// Another policy is in force from some moment on.
fn enter(
    db: &Db<'_>,
    policy: Option<&PaymentPolicy>,
    since: Timestamp,
    actor: &str,
    why: &str,
) -> Verb<()> {
    let seq = newest(db)?.map_or(1, |version| version.seq.saturating_add(1));
    put(
        db,
        &PolicyVersion {
            seq,
            policy: policy.map(|policy| (policy.hash(), policy.clone())),
            since,
            by: actor.to_owned(),
            why: why.to_owned(),
        },
    )
}

fn put(db: &Db<'_>, version: &PolicyVersion) -> Verb<()> {
    let before = newest(db)?.and_then(|version| version.policy);
    let hash = match &version.policy {
        None => None,
        Some((hash, policy)) => {
            keep(db, *hash, policy)?;
            Some(*hash)
        }
    };
    db.exec_one(
        "INSERT INTO payment_policy_versions (seq, hash, since, actor, why) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            int(version.seq),
            hash.as_ref().map(ContentHash::as_bytes),
            version.since.micros(),
            version.by,
            version.why
        ],
    )?;
    let shown = |hash: Option<ContentHash>| hash.map(|hash| hash.to_string()).unwrap_or_default();
    db.audit(&AuditLine {
        actor: &version.by,
        subject: SUBJECT.to_owned(),
        verb: "install_policy",
        from: &shown(before.map(|(hash, _)| hash)),
        to: &shown(hash),
        note: &version.why,
        ..AuditLine::default()
    })
}

fn keep(db: &Db<'_>, hash: ContentHash, policy: &PaymentPolicy) -> Verb<()> {
    db.exec(
        "INSERT INTO payment_policies (hash, doc) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
        params![hash.as_bytes(), json(policy)?],
    )?;
    Ok(())
}
