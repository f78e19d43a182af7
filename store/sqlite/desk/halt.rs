//! Stopping and starting again, whatever the scope: queues are kept, and where a halt voids, epochs move.

use chimera_domain::{
    Outcome, StateVersion,
    campaign::Campaign,
    halt::{Halt, Scope, Stage},
    views::Proof,
};
use rusqlite::params;

use super::{
    super::{
        db::{AuditLine, Db, Fault, Verb},
        halts::{LiveHalt, Server, Subject, reached},
        payments::people,
        rows::{self, json},
    },
    in_flight::{self, Flight},
};

/// What stands in the audit where nothing was halted.
const RUNNING: &str = "running";

pub(in crate::sqlite) fn halt(
    db: &Db<'_>,
    scope: &Scope,
    halt: Halt,
    actor: &str,
    why: &str,
) -> Verb<Outcome<u64>> {
    if !scope.may_be(halt) {
        let kind = scope.kind();
        let text = format!("{kind}: a kill would say no more than a pause; pause it instead");
        return Err(Fault::refused(text));
    }
    if !is_known(db, scope)? {
        return Ok(Outcome::NotFound);
    }
    let flight = Flight::read(db, scope)?;
    let under_way = flight.on_its_way(scope);
    let before = db.halt_of(scope)?;
    if let Some(live) = &before
        // A pause never softens a kill.
        && (live.level == halt || live.level == Halt::Kill)
    {
        return Ok(Outcome::Done(under_way, live.version));
    }
    let version = before
        .as_ref()
        .map_or(StateVersion::FIRST, |live| live.version.next());
    db.exec_one(
        "INSERT INTO halts (kind, subject, version, level, halted_by, halted_at, halted_why, in_flight)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (kind, subject) DO UPDATE SET version = excluded.version, level = excluded.level,
           halted_by = excluded.halted_by, halted_at = excluded.halted_at,
           halted_why = excluded.halted_why, in_flight = excluded.in_flight",
        params![
            scope.kind().as_str(),
            Subject(scope),
            version.get(),
            halt.as_str(),
            actor,
            db.now.micros(),
            why,
            json(&flight)?,
        ],
    )?;
    keep_beside(db, scope, halt.participle())?;
    let voided = before.as_ref().is_some_and(|live| scope.voids(live.level));
    if scope.voids(halt) && !voided {
        // Together with what is kept beside it, one update: the switch must not take long.
        let sql = format!(
            "UPDATE campaigns SET version = version + 1, epoch = epoch + 1 WHERE {}",
            reached(scope, Server::OfCampaigns)
        );
        db.exec(&sql, [Subject(scope)])?;
        people::void(db, scope, actor)?;
    }
    let from = before
        .as_ref()
        .map_or(RUNNING, |live| live.level.participle());
    let line = Line {
        verb: "halt",
        from,
        to: halt.participle(),
        versions: (version.get() - 1, version.get()),
    };
    trail(db, scope, &line, actor, why)?;
    Ok(Outcome::Done(under_way, version))
}

/// Whether there is such an agent, campaign or platform.
fn is_known(db: &Db<'_>, scope: &Scope) -> Verb<bool> {
    let sql = match scope {
        Scope::Fleet | Scope::Publishing | Scope::Spending => return Ok(true),
        Scope::Agent(_) => "SELECT EXISTS (SELECT 1 FROM agents WHERE agent_id = ?1)",
        Scope::Campaign(_) => "SELECT EXISTS (SELECT 1 FROM campaigns WHERE campaign_id = ?1)",
        Scope::Platform(_) => "SELECT EXISTS (SELECT 1 FROM campaigns WHERE publish_server = ?1)",
    };
    Ok(db.number(sql, [Subject(scope)])? == 1)
}

/// What the loops look at instead of the halts.
fn keep_beside(db: &Db<'_>, scope: &Scope, state: &str) -> Verb<()> {
    match scope {
        Scope::Fleet => db.exec_one(
            "UPDATE fleet SET state = ?1, version = version + 1",
            [state],
        ),
        Scope::Campaign(id) => db.exec_one(
            "UPDATE campaigns SET state = ?2, version = version + 1 WHERE campaign_id = ?1",
            params![id.as_bytes(), state],
        ),
        Scope::Publishing | Scope::Spending | Scope::Agent(_) | Scope::Platform(_) => Ok(()),
    }
}

struct Line<'a> {
    verb: &'a str,
    from: &'a str,
    to: &'a str,
    versions: (i64, i64),
}

fn trail(db: &Db<'_>, scope: &Scope, line: &Line<'_>, actor: &str, note: &str) -> Verb<()> {
    let subject = match scope {
        Scope::Fleet | Scope::Publishing | Scope::Spending => scope.kind().to_string(),
        Scope::Agent(id) => id.to_string(),
        Scope::Campaign(id) => id.to_string(),
        Scope::Platform(name) => format!("platform {name}"),
    };
    db.audit(&AuditLine {
        actor,
        subject,
        verb: line.verb,
        from: line.from,
        to: line.to,
        versions: line.versions,
        note,
        ..AuditLine::default()
    })
}

pub(super) fn resume(db: &Db<'_>, scope: &Scope, actor: &str) -> Verb<Outcome<u64>> {
    if !is_known(db, scope)? {
        return Ok(Outcome::NotFound);
    }
    let Some(live) = db.halt_of(scope)? else {
        return Ok(Outcome::Done(0, StateVersion::FIRST));
    };
    // The row goes, what became of what was in flight stays in the audit.
    let report = in_flight::report(db, &live)?;
    db.exec_one(
        "DELETE FROM halts WHERE kind = ?1 AND subject = ?2",
        params![scope.kind().as_str(), Subject(scope)],
    )?;
    keep_beside(db, scope, RUNNING)?;
    let line = Line {
        verb: "resume",
        from: live.level.participle(),
        to: RUNNING,
        versions: (live.version.get(), live.version.next().get()),
    };
    trail(db, scope, &line, actor, &in_words(&report.halt.proof))?;
    if *scope == Scope::Spending {
        let why = "money may be spent again";
        db.unblock_budget("ready_at > moved_at", why, actor)?;
    }
    let returned = if scope.voids(live.level) {
        judge_again(db, &live, actor)?
    } else {
        0
    };
    Ok(Outcome::Done(returned, live.version.next()))
}

fn in_words(proof: &Proof) -> String {
    let last = proof.last_effect_ended.map_or_else(String::new, |at| {
        format!("; the last effect ended at {}", at.to_rfc3339())
    });
    format!(
        "{} in flight at the halt, {} still under way, {} published after it{last}",
        proof.in_flight, proof.under_way, proof.slipped
    )
}

/// What was ticketed or approved before goes back to the judge, of every campaign that goes on now.
/// One that another halt still holds keeps its queues as they are until that one ends.
fn judge_again(db: &Db<'_>, live: &LiveHalt, actor: &str) -> Verb<u64> {
    let sql = format!(
        concat!("SELECT ", campaign_row!(), " FROM campaigns WHERE {}"),
        reached(&live.scope, Server::OfCampaigns)
    );
    let campaigns: Vec<Campaign> = db.all(&sql, [Subject(&live.scope)], rows::campaign)?;
    let mut returned = 0;
    for campaign in campaigns {
        if db.works(&campaign)? {
            returned += db.return_stale(campaign.id, campaign.epoch, actor)?;
        }
    }
    Ok(returned)
}

pub(super) fn resume_stage(db: &Db<'_>, stage: Stage, actor: &str) -> Verb<Outcome<u64>> {
    let Some(fleet) = db.halt_of(&Scope::Fleet)? else {
        return match stage.ends() {
            Some(scope) => resume(db, &scope, actor),
            None => Ok(Outcome::Done(0, StateVersion::FIRST)),
        };
    };
    for held in stage.holds_back() {
        let why = format!(
            "held back as the fleet went on; it was halted: {}",
            fleet.why
        );
        let _ = halt(db, held, Halt::Pause, actor, &why)?;
    }
    if let Some(scope) = stage.ends() {
        let _ = resume(db, &scope, actor)?;
    }
    resume(db, &Scope::Fleet, actor)
}
