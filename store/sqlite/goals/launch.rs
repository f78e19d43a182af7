//! Launching: all branches of a tree become plans, or none does.
//!
//! Each branch is a signal of its own, decided on by a person instead of a score; from there on nothing is different: the
//! same tasks, the same claims, the same judge.

use chimera_domain::{
    Outcome, StateVersion, Usd,
    campaign::Campaign,
    goal::{Estimate, Launch, Launched, Preview, Proposal, ProposalState, Sprout, Terms, word},
    ids::{ResourceId, SignalId, TraceId},
    mode::Reach,
    persona::Persona,
    policy::Policy,
    ports::PlanCaps,
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
        spend,
    },
    keep,
};

/// Where goals are perceived: a resource that is never polled.
const SERVER: &str = "operator";
const URI: &str = "goal:";

/// What launching would do now.
pub(super) fn preview(db: &Db<'_>, found: &Proposal) -> Verb<Preview> {
    let look = look(db, found)?;
    Ok(Preview {
        campaign: look.campaign.spec.name.clone(),
        approval: look.approval(),
        estimate: look.estimate,
        caps: look.caps,
        reach: look.reach,
        wrong: look.wrong,
    })
}

/// A proposal with all that decides whether it can be launched.
struct Look {
    campaign: Campaign,
    reach: Reach,
    estimate: Estimate,
    caps: Vec<(String, Usd, Usd)>,
    sprouts: Vec<Sprout>,
    policy: Option<Policy>,
    wrong: Vec<String>,
}

fn look(db: &Db<'_>, found: &Proposal) -> Verb<Look> {
    let campaign = db.campaign_of(found.campaign_id)?;
    let mut look = Look {
        reach: db.reach(campaign.id, &campaign.spec.publish_server)?,
        estimate: Estimate::default(),
        caps: Vec::new(),
        sprouts: Vec::new(),
        policy: None,
        wrong: Vec::new(),
        campaign,
    };
    let persona: Option<Persona> = db.one(
        "SELECT p.doc FROM campaigns c JOIN personas p ON p.hash = c.persona_hash WHERE c.campaign_id = ?1",
        [look.campaign.id.as_bytes()],
        |row| row.doc("doc"),
    )?;
    let policy: Option<Policy> = db.one(
        "SELECT p.doc FROM fleet f JOIN policies p ON p.hash = f.policy_hash",
        [],
        |row| row.doc("doc"),
    )?;
    let (Some(persona), Some(policy)) = (persona, policy) else {
        let wrong = found.tree.wrongs();
        look.wrong.extend(wrong.iter().map(ToString::to_string));
        look.wrong
            .push("its persona or the policy is not installed: start the swarm once".into());
        return Ok(look);
    };
    let terms = Terms {
        campaign: &look.campaign.spec,
        persona: &persona,
        policy: &policy,
    };
    match found.tree.sprouts(terms, || db.ambient.fresh()) {
        Ok(sprouts) => look.sprouts = sprouts,
        Err(wrong) => look.wrong.extend(wrong.iter().map(ToString::to_string)),
    }
    look.estimate = found
        .tree
        .estimate(&policy, &look.campaign.spec.publish_server);
    money(db, &policy, &mut look)?;
    look.policy = Some(policy);
    Ok(look)
}

/// Holds the estimate against what never frees by itself; what frees with time only waits.
fn money(db: &Db<'_>, policy: &Policy, look: &mut Look) -> Verb<()> {
    let Some(most) = look.estimate.most else {
        look.wrong.push("what it may cost is no amount".into());
        return Ok(());
    };
    let (id, agent) = (look.campaign.id, look.campaign.agent_id);
    let used = Usd::from_micros(db.number(
        "SELECT counted FROM campaigns WHERE campaign_id = ?1",
        [id.as_bytes()],
    )?);
    let left = |cap: Usd, used: Usd| cap.checked_sub(used).unwrap_or(Usd::ZERO).max(Usd::ZERO);
    let cap = look.campaign.spec.budget_usd_max;
    let room = left(cap, used);
    if most > room {
        look.wrong.push(format!(
            "it may cost {most} USD, and of the campaign's {cap} USD {room} are left"
        ));
    }
    look.caps.push(("campaign_total".into(), cap, room));
    let cap = policy.budget.agent_day_usd_max;
    let used = spend::day_use(db, agent, &policy.budget.zone, cap, most)?.used;
    look.caps.push(("agent_day".into(), cap, left(cap, used)));
    if most > cap {
        look.wrong.push(format!(
            "it may cost {most} USD, and its agent spends at most {cap} USD a day"
        ));
    }
    Ok(())
}

impl Look {
    fn approval(&self) -> String {
        let Some(policy) = &self.policy else {
            return String::new();
        };
        let window = policy.judge.window;
        let mut told = format!(
            "each post is judged: at {} or above it may go out by itself, but for a sensitive topic and a first post; from {} on a person is asked; below it is refused",
            window.auto_min, window.human_min
        );
        if self.reach == Reach::Live && policy.judge.second_approver.first_live_post {
            told.push_str("; a first live post needs two people");
        }
        told
    }
}

pub(super) fn start(db: &Db<'_>, found: &Proposal, launch: &Launch) -> Verb<Outcome<Launched>> {
    if launch.tree != found.tree.hash() {
        let now = "another tree than was shown";
        return Ok(Outcome::Conflict(db.overtaken(found.version, now)));
    }
    if let Some(conflict) = db.halted(found.campaign_id, found.version)? {
        return Ok(Outcome::Conflict(conflict));
    }
    let look = look(db, found)?;
    let wanted = word(look.reach);
    if launch.typed != wanted {
        return Err(Fault::refused(format!(
            "type `{wanted}` to launch: that is how far its posts get now"
        )));
    }
    let (Some(policy), true) = (&look.policy, look.wrong.is_empty()) else {
        return Err(Fault::refused(look.wrong.join("; ")));
    };
    let resource = resource(db)?;
    let mut launched = Launched {
        traces: Vec::new(),
        tasks: 0,
    };
    for (at, sprout) in look.sprouts.iter().enumerate() {
        let planner = &policy.planner;
        let caps = PlanCaps {
            per_hour: planner.plans_per_hour_max,
            per_day: planner.plans_per_day_max,
            queue_depth: planner.queue_depth_max,
            review_depth: planner.review_depth_max,
        };
        if let Some((cap, until)) = plans::binding_cap(db, &look.campaign, caps)? {
            return Err(Fault::refused(format!(
                "{cap} has no room for post {} of {}; it is worth trying again at {}",
                at + 1,
                look.sprouts.len(),
                until.to_rfc3339_seconds()
            )));
        }
        let key = format!("{}/{}", found.id, at + 1);
        let signal = perceive(db, &look.campaign, resource, sprout, key)?;
        let decided = Moved {
            actor: &launch.actor,
            signal: &signal,
            from: SignalState::New,
            relevance: None,
        };
        decided.to(db, SignalState::Planned, "launched by a person", None)?;
        launched.tasks += plans::make(db, &look.campaign, &signal, &sprout.graph, &launch.actor)?;
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
