//! Stopping and starting again: a campaign, or everything. Queues are kept, epochs move.

use chimera_domain::{
    Outcome, StateVersion,
    campaign::{Campaign, CampaignState, FleetState, Halt, Scope},
    ids::CampaignId,
};
use rusqlite::params;

use super::super::{
    db::{AuditLine, Db, Fault, Verb, count},
    rows::{self, Cells},
};

pub(super) fn halt(
    db: &Db<'_>,
    scope: Scope,
    halt: Halt,
    actor: &str,
    why: &str,
) -> Verb<Outcome<u64>> {
    match (scope, halt) {
        (Scope::Campaign(_), Halt::Kill) => {
            Err(Fault::refused("a kill reaches the whole fleet or nothing"))
        }
        (Scope::Campaign(id), Halt::Pause) => halt_campaign(db, id, actor, why),
        (Scope::Fleet, halt) => halt_fleet(db, halt, actor, why),
    }
}

fn halt_campaign(db: &Db<'_>, id: CampaignId, actor: &str, why: &str) -> Verb<Outcome<u64>> {
    let Some(campaign) = db.campaign(id)? else {
        return Ok(Outcome::NotFound);
    };
    let under_way = count(db.number(
        "SELECT count(*) FROM effects WHERE state IN ('sent', 'uncertain') AND state = 'sent' AND campaign_id = ?1",
        [id.as_bytes()],
    )?);
    if campaign.state == CampaignState::Paused {
        return Ok(Outcome::Done(under_way, campaign.version));
    }
    let version = campaign.version.next();
    db.exec_one(
        "UPDATE campaigns SET state = 'paused', version = ?2, epoch = epoch + 1, halted_by = ?3, halted_at = ?4,
           halted_why = ?5
         WHERE campaign_id = ?1",
        params![id.as_bytes(), version.get(), actor, db.now.micros(), why],
    )?;
    trail(db, &campaign, "halt", CampaignState::Paused, actor, why)?;
    Ok(Outcome::Done(under_way, version))
}

fn trail(
    db: &Db<'_>,
    campaign: &Campaign,
    verb: &str,
    to: CampaignState,
    actor: &str,
    why: &str,
) -> Verb<()> {
    db.audit(&AuditLine {
        actor,
        subject: campaign.id.to_string(),
        verb,
        from: campaign.state.as_str(),
        to: to.as_str(),
        versions: (campaign.version.get(), campaign.version.next().get()),
        note: why,
        ..AuditLine::default()
    })
}

fn fleet(db: &Db<'_>) -> Verb<(FleetState, StateVersion)> {
    db.one("SELECT state, version FROM fleet", [], |row| {
        Ok((row.word("state")?, row.version("version")?))
    })?
    .ok_or_else(|| Fault::corrupt("the fleet row is missing"))
}

fn trail_fleet(
    db: &Db<'_>,
    verb: &str,
    from: (FleetState, StateVersion),
    to: FleetState,
    actor: &str,
    why: &str,
) -> Verb<()> {
    db.audit(&AuditLine {
        actor,
        subject: "fleet".to_owned(),
        verb,
        from: from.0.as_str(),
        to: to.as_str(),
        versions: (from.1.get(), from.1.next().get()),
        note: why,
        ..AuditLine::default()
    })
}

pub(in crate::sqlite) fn halt_fleet(
    db: &Db<'_>,
    halt: Halt,
    actor: &str,
    why: &str,
) -> Verb<Outcome<u64>> {
    let from = fleet(db)?;
    let under_way = count(db.number(
        "SELECT count(*) FROM effects WHERE state IN ('sent', 'uncertain') AND state = 'sent'",
        [],
    )?);
    let to = match (from.0, halt) {
        // A pause never softens a kill.
        (FleetState::Killed, _) | (_, Halt::Kill) => FleetState::Killed,
        (FleetState::Running | FleetState::Paused, Halt::Pause) => FleetState::Paused,
    };
    if to == from.0 {
        return Ok(Outcome::Done(under_way, from.1));
    }
    let version = from.1.next();
    db.exec_one(
        "UPDATE fleet SET state = ?1, version = ?2, halted_by = ?3, halted_at = ?4, halted_why = ?5",
        params![to.as_str(), version.get(), actor, db.now.micros(), why],
    )?;
    if from.0 == FleetState::Running {
        db.exec(
            "UPDATE campaigns SET version = version + 1, epoch = epoch + 1",
            [],
        )?;
    }
    trail_fleet(db, "halt", from, to, actor, why)?;
    Ok(Outcome::Done(under_way, version))
}

pub(super) fn resume(db: &Db<'_>, scope: Scope, actor: &str) -> Verb<Outcome<u64>> {
    match scope {
        Scope::Campaign(id) => resume_campaign(db, id, actor),
        Scope::Fleet => resume_fleet(db, actor),
    }
}

fn resume_campaign(db: &Db<'_>, id: CampaignId, actor: &str) -> Verb<Outcome<u64>> {
    let Some(campaign) = db.campaign(id)? else {
        return Ok(Outcome::NotFound);
    };
    if campaign.state == CampaignState::Running {
        return Ok(Outcome::Done(0, campaign.version));
    }
    let version = campaign.version.next();
    db.exec_one(
        "UPDATE campaigns SET state = 'running', version = ?2, halted_by = NULL, halted_at = NULL, halted_why = NULL
         WHERE campaign_id = ?1",
        params![id.as_bytes(), version.get()],
    )?;
    trail(db, &campaign, "resume", CampaignState::Running, actor, "")?;
    let returned = db.return_stale(id, campaign.epoch, actor)?;
    Ok(Outcome::Done(returned, version))
}

fn resume_fleet(db: &Db<'_>, actor: &str) -> Verb<Outcome<u64>> {
    let from = fleet(db)?;
    if from.0 == FleetState::Running {
        return Ok(Outcome::Done(0, from.1));
    }
    let version = from.1.next();
    db.exec_one(
        "UPDATE fleet SET state = 'running', version = ?1, halted_by = NULL, halted_at = NULL, halted_why = NULL",
        [version.get()],
    )?;
    trail_fleet(db, "resume", from, FleetState::Running, actor, "")?;
    // A campaign that was paused by itself stays so, with its queues, until it is resumed itself.
    let running = db.all(
        "SELECT * FROM campaigns WHERE state = 'running'",
        [],
        rows::campaign,
    )?;
    let mut returned = 0;
    for campaign in running {
        returned += db.return_stale(campaign.id, campaign.epoch, actor)?;
    }
    Ok(Outcome::Done(returned, version))
}
