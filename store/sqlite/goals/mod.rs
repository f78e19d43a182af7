//! Goals planned by hand: a tree is kept while people edit it, each edit by the version they saw.
//!
//! It does not know what is wrong with a tree: `domain/goal` does. `look.rs` holds one against what there is, `launch.rs`
//! makes the tasks of one that is sound.

mod launch;
mod look;

use async_trait::async_trait;
use chimera_domain::{
    Conflict, Outcome, StateVersion,
    goal::{Launch, Launched, Preview, Proposal, ProposalState, Tree},
    ids::{CampaignId, ProposalId, TraceId},
    ports::{GoalStore, PROPOSALS_MAX, Result},
};
use rusqlite::{Row, params};

use super::{
    SqliteStore,
    db::{AuditLine, Db, Verb},
    rows::{Cells, json},
};

#[async_trait]
impl GoalStore for SqliteStore {
    async fn propose(
        &self,
        campaign: CampaignId,
        tree: &Tree,
        rules: &[String],
        actor: &str,
    ) -> Result<Outcome<ProposalId>> {
        let (tree, rules, actor) = (tree.clone(), rules.to_vec(), actor.to_owned());
        self.write("propose a plan", move |db| {
            propose(db, campaign, &tree, &rules, &actor)
        })
        .await
    }

    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>> {
        self.read("read a proposal", move |db| read(db, id)).await
    }

    async fn open_proposals(&self) -> Result<Vec<Proposal>> {
        self.read("read the proposals", |db| {
            db.all(
                "SELECT * FROM proposals WHERE state = 'open' ORDER BY moved_at DESC, proposal_id DESC LIMIT ?1",
                [PROPOSALS_MAX],
                proposal,
            )
        })
        .await
    }

    async fn revise(
        &self,
        id: ProposalId,
        version: StateVersion,
        tree: &Tree,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let (tree, actor) = (tree.clone(), actor.to_owned());
        self.write("revise a proposal", move |db| {
            moved(db, id, version, |db, found| {
                let to = ProposalState::Open;
                keep(db, found, to, &tree, &[], ("revise", &actor))
            })
        })
        .await
    }

    async fn discard(
        &self,
        id: ProposalId,
        version: StateVersion,
        actor: &str,
    ) -> Result<Outcome<()>> {
        let actor = actor.to_owned();
        self.write("discard a proposal", move |db| {
            moved(db, id, version, |db, found| {
                let to = ProposalState::Discarded;
                keep(db, found, to, &found.tree, &[], ("discard", &actor))
            })
        })
        .await
    }

    async fn preview(&self, id: ProposalId) -> Result<Option<Preview>> {
        self.read("preview a proposal", move |db| match read(db, id)? {
            Some(found) => look::preview(db, &found).map(Some),
            None => Ok(None),
        })
        .await
    }

    async fn launch(&self, order: &Launch) -> Result<Outcome<Launched>> {
        let order = order.clone();
        self.write("launch a plan", move |db| {
            moved(db, order.id, order.version, |db, found| {
                launch::start(db, found, &order)
            })
        })
        .await
    }
}

fn proposal(row: &Row<'_>) -> Verb<Proposal> {
    Ok(Proposal {
        id: row.id("proposal_id")?,
        version: row.version("version")?,
        campaign_id: row.id("campaign_id")?,
        state: row.word("state")?,
        tree: row.doc("tree")?,
        rules: row.doc("rules")?,
        moved_by: row.text("moved_by")?,
        moved_at: row.time("moved_at")?,
        traces: row.doc("traces")?,
    })
}

fn read(db: &Db<'_>, id: ProposalId) -> Verb<Option<Proposal>> {
    db.one(
        "SELECT * FROM proposals WHERE proposal_id = ?1",
        [id.as_bytes()],
        proposal,
    )
}

fn propose(
    db: &Db<'_>,
    campaign: CampaignId,
    tree: &Tree,
    rules: &[String],
    actor: &str,
) -> Verb<Outcome<ProposalId>> {
    if db.campaign(campaign)?.is_none() {
        return Ok(Outcome::NotFound);
    }
    let id = ProposalId::from_uuid(db.ambient.fresh());
    db.exec_one(
        "INSERT INTO proposals (proposal_id, version, campaign_id, state, tree, rules, traces, created_at, moved_by, moved_at)
         VALUES (?1, 1, ?2, 'open', ?3, ?4, '[]', ?5, ?6, ?5)",
        params![
            id.as_bytes(),
            campaign.as_bytes(),
            json(tree)?,
            json(&rules)?,
            db.now.micros(),
            actor,
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: id.to_string(),
        verb: "propose",
        to: ProposalState::Open.as_str(),
        versions: (0, 1),
        note: &tree.goal,
        ..AuditLine::default()
    })?;
    Ok(Outcome::Done(id, StateVersion::FIRST))
}

/// Moves a proposal that is open and stands at this version.
fn moved<T>(
    db: &Db<'_>,
    id: ProposalId,
    version: StateVersion,
    how: impl FnOnce(&Db<'_>, &Proposal) -> Verb<Outcome<T>>,
) -> Verb<Outcome<T>> {
    let Some(found) = read(db, id)? else {
        return Ok(Outcome::NotFound);
    };
    if found.version != version || found.state != ProposalState::Open {
        let now = match found.state {
            ProposalState::Open => "revised",
            ProposalState::Launched | ProposalState::Discarded => found.state.as_str(),
        };
        return Ok(Outcome::Conflict(db.conflict(Conflict {
            actual: found.version,
            now: now.to_owned(),
            by: Some(found.moved_by),
            at: Some(found.moved_at),
        })));
    }
    how(db, &found)
}

fn keep(
    db: &Db<'_>,
    found: &Proposal,
    to: ProposalState,
    tree: &Tree,
    traces: &[TraceId],
    (verb, actor): (&str, &str),
) -> Verb<Outcome<()>> {
    let next = found.version.next();
    db.exec_one(
        "UPDATE proposals SET version = ?2, state = ?3, tree = ?4, traces = ?5, moved_by = ?6, moved_at = ?7
         WHERE proposal_id = ?1",
        params![
            found.id.as_bytes(),
            next.get(),
            to.as_str(),
            json(tree)?,
            json(&traces)?,
            actor,
            db.now.micros(),
        ],
    )?;
    db.audit(&AuditLine {
        actor,
        subject: found.id.to_string(),
        verb,
        from: found.state.as_str(),
        to: to.as_str(),
        versions: (found.version.get(), next.get()),
        note: &tree.goal,
        ..AuditLine::default()
    })?;
    Ok(Outcome::Done((), next))
}
