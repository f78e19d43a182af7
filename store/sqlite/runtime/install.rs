//! The setup: the database agrees with the configuration, and what changed moves epochs.

use chimera_domain::{
    ContentHash, StateVersion,
    campaign::{Campaign, CampaignSpec},
    ids::{AgentId, CampaignId, ResourceId},
    ports::Setup,
    resource::ResourceSpec,
    views::Severity,
};
use rusqlite::params;

use super::super::{
    db::{AuditLine, Db, Fault, Verb, int},
    payments,
    rows::{self, Cells, json},
};

const ACTOR: &str = "install";
/// The alert of a campaign that was removed while work of it waited.
const REMOVED: &str = "campaign_removed";

pub(super) fn run(db: &Db<'_>, setup: &Setup) -> Verb<()> {
    let before = db.reach_of_each()?;
    for persona in &setup.personas {
        db.exec(
            "INSERT INTO personas (hash, slug, doc, installed_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hash) DO NOTHING",
            params![
                persona.hash.as_bytes(),
                persona.slug,
                json(persona)?,
                db.now.micros()
            ],
        )?;
    }
    policy(db, setup)?;
    for spec in &setup.campaigns {
        let persona = setup.personas.iter().find(|p| p.slug == spec.persona);
        campaign(db, spec, persona.map(|p| p.hash))?;
    }
    let names: Vec<&str> = setup.campaigns.iter().map(|c| c.name.as_str()).collect();
    let gone = db.all(
        concat!(
            "SELECT ",
            campaign_row!(),
            " FROM campaigns WHERE archived = 0 AND name NOT IN (SELECT value FROM json_each(?1))"
        ),
        [json(&names)?],
        rows::campaign,
    )?;
    for campaign in gone {
        move_on(db, &campaign, "archived")?;
        db.exec_one(
            "UPDATE campaigns SET archived = 1 WHERE campaign_id = ?1",
            [campaign.id.as_bytes()],
        )?;
        removed(db, &campaign)?;
    }
    for spec in &setup.resources {
        resource(db, spec)?;
    }
    let places: Vec<[&str; 2]> = setup
        .resources
        .iter()
        .map(|r| [r.server.as_str(), r.uri.as_str()])
        .collect();
    db.exec(
        "UPDATE resources SET archived = 1, version = version + 1 WHERE archived = 0
           AND json_array(server, uri) NOT IN (SELECT value FROM json_each(?1))",
        [json(&places)?],
    )?;
    // A stand-in that is one no longer, or an account that was not typed: approved for somewhere else.
    db.reached_elsewhere(&before, ACTOR)?;
    Ok(())
}

fn policy(db: &Db<'_>, setup: &Setup) -> Verb<()> {
    let hash = setup.policy.hash;
    db.exec(
        "INSERT INTO policies (hash, doc, installed_at) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING",
        params![hash.as_bytes(), json(&setup.policy)?, db.now.micros()],
    )?;
    // What was installed before is what the first kept version of the policy of payments begins with.
    payments::policies::install(db, db.policy()?.as_ref(), &setup.policy)?;
    let before = db.policy_hash()?;
    let simulated = json(&setup.simulated_servers)?;
    // Only what differs is written: a restart with the same configuration rings no bell.
    db.exec(
        "UPDATE fleet SET policy_hash = ?1, simulated_servers = ?2, undo_fuse = ?3
         WHERE policy_hash IS NOT ?1 OR simulated_servers <> ?2 OR undo_fuse IS NOT ?3",
        params![
            hash.as_bytes(),
            simulated,
            int(setup.policy.judge.undo_fuse.micros())
        ],
    )?;
    if before != Some(hash) {
        db.audit(&AuditLine {
            actor: ACTOR,
            subject: "policy".to_owned(),
            verb: "install",
            from: &before.map(|h| h.to_string()).unwrap_or_default(),
            to: &hash.to_string(),
            ..AuditLine::default()
        })?;
    }
    if before.is_some_and(|before| before != hash) {
        // Other caps: what money stood in the way of is tried again.
        db.unblock_budget("1 = 1", "the policy changed", ACTOR)?;
        // What was approved under other rules is judged again before it may leave.
        for campaign in db.campaigns()? {
            move_on(db, &campaign, "judged by another policy")?;
        }
    }
    Ok(())
}

fn agent(db: &Db<'_>, slug: &str) -> Verb<AgentId> {
    db.exec(
        "INSERT INTO agents (agent_id, slug, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (slug) DO NOTHING",
        params![
            AgentId::from_uuid(db.ambient.fresh()).as_bytes(),
            slug,
            db.now.micros()
        ],
    )?;
    db.one(
        "SELECT agent_id FROM agents WHERE slug = ?1",
        [slug],
        |row| row.id("agent_id"),
    )?
    .ok_or_else(|| Fault::corrupt(format!("agent {slug} is missing")))
}

fn campaign(db: &Db<'_>, spec: &CampaignSpec, persona: Option<ContentHash>) -> Verb<()> {
    let agent = agent(db, &spec.persona)?;
    let persona_bytes = persona.as_ref().map(ContentHash::as_bytes);
    let found = db.one(
        concat!(
            "SELECT ",
            campaign_row!(),
            ", persona_hash, archived FROM campaigns WHERE name = ?1"
        ),
        [&spec.name],
        |row| {
            let hash: Option<[u8; 32]> = row.get("persona_hash")?;
            let hash = hash.map(ContentHash::from_bytes);
            Ok((rows::campaign(row)?, hash, row.flag("archived")?))
        },
    )?;
    let Some((known, known_persona, archived)) = found else {
        let id = CampaignId::from_uuid(db.ambient.fresh());
        db.exec_one(
            "INSERT INTO campaigns (campaign_id, agent_id, name, version, epoch, state, archived, spec,
               persona_hash, publish_server, channel, created_at)
             VALUES (?1, ?2, ?3, 1, 1, 'running', 0, ?4, ?5, ?6, ?7, ?8)",
            params![
                id.as_bytes(),
                agent.as_bytes(),
                spec.name,
                json(spec)?,
                persona_bytes,
                spec.publish_server,
                spec.channel.as_str(),
                db.now.micros(),
            ],
        )?;
        return db.audit(&AuditLine {
            actor: ACTOR,
            subject: id.to_string(),
            verb: "install",
            to: "running",
            versions: (0, 1),
            ..AuditLine::default()
        });
    };
    if known.spec == *spec && known_persona == persona && !archived {
        return Ok(());
    }
    db.exec_one(
        "UPDATE campaigns SET agent_id = ?2, spec = ?3, persona_hash = ?4, publish_server = ?5, channel = ?6,
           archived = 0
         WHERE campaign_id = ?1",
        params![
            known.id.as_bytes(),
            agent.as_bytes(),
            json(spec)?,
            persona_bytes,
            spec.publish_server,
            spec.channel.as_str(),
        ],
    )?;
    db.close_alert(REMOVED, &known.id.to_string())?;
    move_on(db, &known, "edited")
}

/// What waits of a campaign that is no longer configured is kept, and somebody is told.
fn removed(db: &Db<'_>, campaign: &Campaign) -> Verb<()> {
    let waiting = db.number(
        "SELECT count(*) FROM tasks WHERE campaign_id = ?1
           AND state IN ('pending', 'claimed', 'review', 'ticketed', 'approved', 'replan', 'blocked')",
        [campaign.id.as_bytes()],
    )?;
    if waiting == 0 {
        return Ok(());
    }
    let text = format!(
        "`{}` is no longer configured, and {waiting} of its tasks wait for it: put it back to go on with them",
        campaign.spec.name
    );
    db.alert(Severity::Warning, REMOVED, &campaign.id.to_string(), &text)
}

/// The campaign goes on under a new epoch: what waited for a decision or for its fuse is judged again.
fn move_on(db: &Db<'_>, campaign: &Campaign, what: &str) -> Verb<()> {
    let (version, epoch): (StateVersion, StateVersion) =
        (campaign.version.next(), campaign.epoch.next());
    db.exec_one(
        "UPDATE campaigns SET version = ?2, epoch = ?3 WHERE campaign_id = ?1",
        params![campaign.id.as_bytes(), version.get(), epoch.get()],
    )?;
    db.audit(&AuditLine {
        actor: ACTOR,
        subject: campaign.id.to_string(),
        verb: "install",
        from: campaign.state.as_str(),
        to: campaign.state.as_str(),
        reason: what,
        versions: (campaign.version.get(), version.get()),
        ..AuditLine::default()
    })?;
    // A halted one keeps its queues as they are until it is resumed.
    if db.works(campaign)? {
        db.return_stale(campaign.id, epoch, ACTOR)?;
    }
    Ok(())
}

fn resource(db: &Db<'_>, spec: &ResourceSpec) -> Verb<()> {
    let doc = json(spec)?;
    db.exec(
        "INSERT INTO resources (resource_id, version, server, uri, spec, archived, failures, next_poll_at)
         VALUES (?1, 1, ?2, ?3, ?4, 0, 0, ?5)
         ON CONFLICT (server, uri) DO UPDATE SET spec = excluded.spec, archived = 0, version = version + 1
           WHERE spec <> excluded.spec OR archived = 1",
        params![
            ResourceId::from_uuid(db.ambient.fresh()).as_bytes(),
            spec.server,
            spec.uri,
            doc,
            db.now.micros(),
        ],
    )?;
    Ok(())
}
