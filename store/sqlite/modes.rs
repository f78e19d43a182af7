//! The modes: what is dry, what is live, and how far that lets each campaign's posts get.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use chimera_domain::{
    Outcome, Safe, StateVersion, Timestamp,
    campaign::Campaign,
    ids::CampaignId,
    mode::{self, Mode, ModeChange, ModeKind, ModeScope, Reach},
    views::{ModeRow, ReachRow},
};
use rusqlite::{
    Row, ToSql, params,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    db::{AuditLine, Db, Fault, Verb},
    rows::{self, Cells},
};

/// A mode as its row has it.
#[derive(Clone)]
struct Kept {
    mode: Mode,
    version: StateVersion,
    by: String,
    at: Timestamp,
    confirmed: String,
    why: String,
}

fn kept(row: &Row<'_>) -> Verb<Kept> {
    Ok(Kept {
        mode: row.word("mode")?,
        version: row.version("version")?,
        by: row.text("moved_by")?,
        at: row.time("moved_at")?,
        confirmed: row.text("confirmed")?,
        why: row.text("why")?,
    })
}

/// What a mode is about, as the column `subject` keeps it.
struct Subject<'a>(&'a ModeScope);

impl ToSql for Subject<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            ModeScope::Server(name) => name.as_str().into(),
            ModeScope::Agent(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            ModeScope::Campaign(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
        })
    }
}

fn bytes_of(scope: &ModeScope) -> Vec<u8> {
    match scope {
        ModeScope::Server(name) => name.as_bytes().to_vec(),
        ModeScope::Agent(id) => id.as_bytes().to_vec(),
        ModeScope::Campaign(id) => id.as_bytes().to_vec(),
    }
}

/// The campaigns a scope concerns, as a condition on its subject as `?1`.
const fn reached(scope: &ModeScope) -> &'static str {
    match scope {
        ModeScope::Server(_) => "publish_server = ?1",
        ModeScope::Agent(_) => "agent_id = ?1",
        ModeScope::Campaign(_) => "campaign_id = ?1",
    }
}

/// How far posts get, looked up once for each place a list comes upon.
pub(super) struct Reaches<'a> {
    db: &'a Db<'a>,
    known: RefCell<BTreeMap<(CampaignId, String), Reach>>,
}

impl Reaches<'_> {
    /// Of what a campaign sends through this server. Where it does not publish through it (any more),
    /// nothing it sends there gets anywhere.
    pub(super) fn of(&self, campaign: CampaignId, server: &str) -> Verb<Reach> {
        let place = (campaign, server.to_owned());
        if let Some(known) = self.known.borrow().get(&place) {
            return Ok(*known);
        }
        let reach = self.db.reach(campaign, server)?;
        self.known.borrow_mut().insert(place, reach);
        Ok(reach)
    }
}

impl Db<'_> {
    fn mode_of(&self, scope: &ModeScope) -> Verb<Option<Kept>> {
        self.one(
            "SELECT * FROM modes WHERE kind = ?1 AND subject = ?2",
            params![scope.kind().as_str(), Subject(scope)],
            kept,
        )
    }

    fn modes_of(&self, campaign: &Campaign) -> Verb<[Option<Kept>; 3]> {
        modes_of(campaign, |scope| self.mode_of(scope))
    }

    /// How far what this campaign sends through this server gets, as it stands now.
    pub(crate) fn reach(&self, campaign: CampaignId, server: &str) -> Verb<Reach> {
        if self.is_simulated(server)? {
            return Ok(Reach::StandIn);
        }
        let Some(campaign) = self.campaign(campaign)? else {
            return Ok(Reach::DryRun);
        };
        if campaign.spec.publish_server != server {
            return Ok(Reach::DryRun);
        }
        Ok(reach_of(false, &self.modes_of(&campaign)?))
    }

    /// For a list: how far what its rows are about gets.
    pub(super) fn reaches(&self) -> Reaches<'_> {
        Reaches {
            db: self,
            known: RefCell::default(),
        }
    }

    /// How far the posts of every campaign get, archived ones too: one look at all modes, and no more for each.
    pub(super) fn reach_of_each(&self) -> Verb<BTreeMap<CampaignId, Reach>> {
        let campaigns = self.all(
            concat!("SELECT ", campaign_row!(), " FROM campaigns"),
            [],
            rows::campaign,
        )?;
        self.reaches_of(&campaigns)
    }

    /// The same of campaigns that were read already.
    pub(super) fn reaches_of(&self, campaigns: &[Campaign]) -> Verb<BTreeMap<CampaignId, Reach>> {
        let stand_ins: BTreeSet<String> = self
            .all(
                "SELECT j.value AS server FROM fleet, json_each(fleet.simulated_servers) j",
                [],
                |row| row.text("server"),
            )?
            .into_iter()
            .collect();
        let modes = self.all("SELECT * FROM modes", [], |row| {
            let subject = row.get_ref("subject")?.as_bytes().unwrap_or_default();
            Ok(((row.word("kind")?, subject.to_vec()), kept(row)?))
        })?;
        let modes: BTreeMap<(ModeKind, Vec<u8>), Kept> = modes.into_iter().collect();
        let find = |scope: &ModeScope| Ok(modes.get(&(scope.kind(), bytes_of(scope))).cloned());
        let reach = |campaign: &Campaign| {
            let stand_in = stand_ins.contains(&campaign.spec.publish_server);
            let reach = reach_of(stand_in, &modes_of(campaign, find)?);
            Ok((campaign.id, reach))
        };
        campaigns.iter().map(reach).collect()
    }

    /// What was approved while it would have got elsewhere is judged again.
    pub(super) fn reached_elsewhere(
        &self,
        before: &BTreeMap<CampaignId, Reach>,
        actor: &str,
    ) -> Verb<u64> {
        let mut returned = 0;
        for (id, was) in before {
            let campaign = self.campaign_of(*id)?;
            let now = self.reach(campaign.id, &campaign.spec.publish_server)?;
            if now == *was {
                continue;
            }
            let (version, epoch) = (campaign.version.next(), campaign.epoch.next());
            self.exec_one(
                "UPDATE campaigns SET version = ?2, epoch = ?3 WHERE campaign_id = ?1",
                params![campaign.id.as_bytes(), version.get(), epoch.get()],
            )?;
            self.audit(&AuditLine {
                actor,
                subject: campaign.id.to_string(),
                verb: "reach",
                from: was.as_str(),
                to: now.as_str(),
                versions: (campaign.version.get(), version.get()),
                ..AuditLine::default()
            })?;
            // A halted one keeps its queues as they are until it is resumed.
            if self.works(&campaign)? {
                returned += self.return_stale(campaign.id, epoch, actor)?;
            }
        }
        Ok(returned)
    }
}

/// The three modes that decide about a campaign. Its own counts only for the place it was given for.
fn modes_of(
    campaign: &Campaign,
    find: impl Fn(&ModeScope) -> Verb<Option<Kept>>,
) -> Verb<[Option<Kept>; 3]> {
    let mut own = find(&ModeScope::Campaign(campaign.id))?;
    if let Some(kept) = &mut own
        && kept.confirmed != place_of(campaign)
    {
        kept.mode = Mode::DryRun;
    }
    Ok([
        find(&ModeScope::Server(campaign.spec.publish_server.clone()))?,
        find(&ModeScope::Agent(campaign.agent_id))?,
        own,
    ])
}

fn place_of(campaign: &Campaign) -> String {
    let spec = &campaign.spec;
    mode::place(&spec.account, spec.channel, &spec.publish_server)
}

fn reach_of(stand_in: bool, modes: &[Option<Kept>; 3]) -> Reach {
    let [server, agent, campaign] = modes
        .each_ref()
        .map(|kept| kept.as_ref().map_or(Mode::DryRun, |kept| kept.mode));
    Reach::of(stand_in, server, agent, campaign)
}

/// A person changes a mode. How many tasks go back to the judge.
pub(super) fn set(db: &Db<'_>, change: &ModeChange) -> Verb<Outcome<u64>> {
    let scope = &change.scope;
    let concerned = db.all(
        &format!(
            concat!(
                "SELECT ",
                campaign_row!(),
                " FROM campaigns WHERE archived = 0 AND {}"
            ),
            reached(scope)
        ),
        [Subject(scope)],
        rows::campaign,
    )?;
    if concerned.is_empty() {
        return Ok(Outcome::NotFound);
    }
    if change.mode == Mode::Live {
        may_go_live(db, &concerned, &change.confirmed)?;
    }
    let known = db.mode_of(scope)?;
    let confirmed = match change.mode {
        Mode::Live => change.confirmed.trim(),
        Mode::DryRun => "",
    };
    let (was, version) = known
        .as_ref()
        .map_or((Mode::DryRun, 0), |kept| (kept.mode, kept.version.get()));
    let same = known.as_ref().map_or("", |kept| kept.confirmed.as_str()) == confirmed;
    if was == change.mode && same {
        let version = StateVersion::new(version).unwrap_or(StateVersion::FIRST);
        return Ok(Outcome::Done(0, version));
    }
    let mut before = BTreeMap::new();
    for campaign in &concerned {
        let server = &campaign.spec.publish_server;
        before.insert(campaign.id, db.reach(campaign.id, server)?);
    }
    db.exec_one(
        "INSERT INTO modes (kind, subject, version, mode, confirmed, moved_by, moved_at, why)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (kind, subject) DO UPDATE SET version = excluded.version, mode = excluded.mode,
           confirmed = excluded.confirmed, moved_by = excluded.moved_by, moved_at = excluded.moved_at,
           why = excluded.why",
        params![
            scope.kind().as_str(),
            Subject(scope),
            version + 1,
            change.mode.as_str(),
            confirmed,
            change.actor,
            db.now.micros(),
            change.why,
        ],
    )?;
    let typed = if confirmed.is_empty() {
        String::new()
    } else {
        format!(" (typed: {confirmed})")
    };
    db.audit(&AuditLine {
        actor: &change.actor,
        subject: match scope {
            ModeScope::Server(name) => format!("server {name}"),
            ModeScope::Agent(id) => id.to_string(),
            ModeScope::Campaign(id) => id.to_string(),
        },
        verb: "set_mode",
        from: was.as_str(),
        to: change.mode.as_str(),
        versions: (version, version + 1),
        note: &format!("{}{typed}", change.why),
        ..AuditLine::default()
    })?;
    let returned = db.reached_elsewhere(&before, &change.actor)?;
    let version = StateVersion::new(version + 1).unwrap_or(StateVersion::FIRST);
    Ok(Outcome::Done(returned, version))
}

/// Only what a person typed goes live, and nothing is typed for what never leaves this machine.
fn may_go_live(db: &Db<'_>, concerned: &[Campaign], typed: &str) -> Verb<()> {
    let mut real = Vec::new();
    for campaign in concerned {
        if !db.is_simulated(&campaign.spec.publish_server)? {
            real.push(place_of(campaign));
        }
    }
    if real.is_empty() {
        let names: BTreeSet<_> = concerned.iter().map(|c| &c.spec.publish_server).collect();
        let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
        return Err(Fault::refused(format!(
            "{} is a stand-in: what it takes never leaves this machine, so there is nothing to let go live",
            names.join(", ")
        )));
    }
    let wanted = mode::confirmation(real);
    if typed.trim() == wanted {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "what goes public with it must be typed as it is: `{wanted}`"
    )))
}

/// How far each campaign's posts get, by name.
pub(super) fn list(db: &Db<'_>) -> Verb<Vec<ReachRow>> {
    let mut out = Vec::new();
    for campaign in db.campaigns()? {
        let modes = db.modes_of(&campaign)?;
        let stand_in = db.is_simulated(&campaign.spec.publish_server)?;
        let reach = reach_of(stand_in, &modes);
        let [of_server, of_agent, of_campaign] = modes.map(shown);
        out.push(ReachRow {
            campaign_id: campaign.id,
            agent_id: campaign.agent_id,
            campaign: Safe::line(&campaign.spec.name),
            persona: Safe::line(&campaign.spec.persona),
            account: Safe::line(&campaign.spec.account),
            channel: campaign.spec.channel,
            server: Safe::line(&campaign.spec.publish_server),
            reach,
            of_server,
            of_agent,
            of_campaign,
        });
    }
    Ok(out)
}

/// The mode of a server.
pub(super) fn of_server(db: &Db<'_>, name: &str) -> Verb<ModeRow> {
    let scope = ModeScope::Server(name.to_owned());
    Ok(shown(db.mode_of(&scope)?))
}

fn shown(kept: Option<Kept>) -> ModeRow {
    match kept {
        Some(kept) => ModeRow {
            mode: kept.mode,
            set: Some((Safe::line(&kept.by), kept.at)),
            confirmed: Safe::line(&kept.confirmed),
            why: Safe::line(&kept.why),
        },
        None => ModeRow {
            mode: Mode::DryRun,
            set: None,
            confirmed: Safe::default(),
            why: Safe::default(),
        },
    }
}
