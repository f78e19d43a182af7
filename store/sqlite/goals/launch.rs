//! Launching: all branches of a tree become plans, or none does.
//!
//! Each branch is a signal of its own, decided on by a person instead of a score; from there on nothing is different: the
//! same tasks, the same claims, the same judge.

use chimera_domain::{
    Outcome, StateVersion,
    campaign::Campaign,
    goal::{Launch, Launched, Proposal, ProposalState, Sprout, word},
    ids::{ResourceId, SignalId, TraceId},
    resource::FeedItem,
    signal::{Signal, SignalState},
};
use rusqlite::params;

use super::{
    super::{
        db::{Counted, Db, Fault, Verb},
        planner::{
            plans::{self, Moved},
            polls,
        },
        rows::{Cells, json},
    },
    keep,
    look::{Ground, caps_of, look},
};

/// Where goals are perceived: a resource that is never polled.
const SERVER: &str = "operator";
const URI: &str = "goal:";

pub(super) fn start(db: &Db<'_>, found: &Proposal, launch: &Launch) -> Verb<Outcome<Launched>> {
    if launch.tree != found.tree.hash() {
        let now = "another tree than was shown";
        return Ok(Outcome::Conflict(db.overtaken(found.version, now)));
    }
    let look = look(db, found)?;
    for ground in &look.grounds {
        if let Some(conflict) = db.halted(ground.campaign.id, found.version)? {
            return Ok(Outcome::Conflict(conflict));
        }
    }
    let wanted = word(look.reach());
    if launch.typed != wanted {
        return Err(Fault::refused(format!(
            "type `{wanted}` to launch: that is how far its posts get now"
        )));
    }
    let (Some(policy), true) = (&look.policy, look.wrong.is_empty()) else {
        let wrong: Vec<String> = look.wrong.iter().map(ToString::to_string).collect();
        return Err(Fault::refused(wrong.join("; ")));
    };
    let resource = resource(db)?;
    let mut launched = Launched {
        traces: Vec::new(),
        tasks: 0,
    };
    for (at, (sprout, branch)) in look.sprouts.iter().zip(&found.tree.branches).enumerate() {
        let Some(Ground { campaign, .. }) = look.ground(branch) else {
            return Err(Fault::corrupt(format!("post {} has no campaign", at + 1)));
        };
        let room = plans::binding_cap(db, campaign, caps_of(policy))?;
        if let Some((cap, until)) = room {
            return Err(Fault::refused(format!(
                "{cap} has no room for post {} of {}; it is worth trying again at {}",
                at + 1,
                look.sprouts.len(),
                until.to_rfc3339_seconds()
            )));
        }
        let key = format!("{}/{}", found.id, at + 1);
        let signal = perceive(db, campaign, resource, sprout, key)?;
        let decided = Moved {
            actor: &launch.actor,
            signal: &signal,
            from: SignalState::New,
            relevance: None,
        };
        decided.to(db, SignalState::Planned, "launched by a person", None)?;
        launched.tasks += plans::make(db, campaign, &signal, &sprout.graph, &launch.actor)?;
        launched.traces.push(signal.trace_id);
    }
    let (to, by) = (ProposalState::Launched, ("launch", launch.actor.as_str()));
    let kept = keep(db, found, to, &found.tree, &launched.traces, by)?;
    Ok(kept.map(|()| launched))
}

/// The resource that stands for what people ask for. Archived, so that nobody polls it.
fn resource(db: &Db<'_>) -> Verb<ResourceId> {
    db.exec(
        "INSERT INTO resources (resource_id, version, server, uri, spec, archived, failures, next_poll_at)
         VALUES (?1, 1, ?2, ?3, '{}', 1, 0, 0) ON CONFLICT (server, uri) DO NOTHING",
        params![
            ResourceId::from_uuid(db.ambient.fresh()).as_bytes(),
            SERVER,
            URI
        ],
    )?;
    let found = db.one(
        "SELECT resource_id FROM resources WHERE server = ?1 AND uri = ?2",
        [SERVER, URI],
        |row| row.id("resource_id"),
    )?;
    found.ok_or_else(|| Fault::corrupt("the resource of goals is missing"))
}

/// A branch as a signal of its campaign. Its key is the proposal's and its place, so that it is there once.
fn perceive(
    db: &Db<'_>,
    campaign: &Campaign,
    resource: ResourceId,
    sprout: &Sprout,
    key: String,
) -> Verb<Signal> {
    let item = FeedItem {
        key,
        ..sprout.item.clone()
    };
    let signal = Signal {
        id: SignalId::from_uuid(db.ambient.fresh()),
        version: StateVersion::FIRST,
        campaign_id: campaign.id,
        trace_id: TraceId::from_uuid(db.ambient.fresh()),
        ingested_at: db.now,
        stale: false,
        near_duplicate_of: None,
        said: None,
        item,
    };
    let item = &signal.item;
    let search = format!(
        "{} {} {} {} {}",
        item.title, item.summary, item.source, item.link, campaign.spec.name
    );
    db.exec_one(
        "INSERT INTO trend_signals (signal_id, version, campaign_id, resource_id, item_key, trace_id, item,
           title_normal, search, ingested_at, stale, state, why)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 'new', '')",
        params![
            signal.id.as_bytes(),
            campaign.id.as_bytes(),
            resource.as_bytes(),
            item.key,
            signal.trace_id.as_bytes(),
            json(item)?,
            polls::normal(&item.title),
            search.to_lowercase(),
            db.now.micros(),
        ],
    )?;
    db.counted(Counted::Signal, None, SignalState::New.as_str());
    Ok(signal)
}
