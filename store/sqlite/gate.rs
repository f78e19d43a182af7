//! Whether anything may act at all: the fleet, the campaign, its epoch, the lease, the policy.

use chimera_domain::{
    Conflict, ContentHash, Span, StateVersion, StoreError,
    campaign::{Campaign, FleetState},
    halt::Act,
    ids::{CampaignId, TraceId},
    policy::Policy,
};

use super::{
    db::{Db, Fault, Verb, count},
    rows::{self, Cells},
};

/// How long an approved effect is held before any policy was installed.
const FUSE_DEFAULT: Span = Span::from_secs(10);

impl Db<'_> {
    pub(crate) fn fleet_state(&self) -> Verb<FleetState> {
        self.one("SELECT state FROM fleet", [], |row| row.word("state"))?
            .ok_or_else(|| Fault::corrupt("the fleet row is missing"))
    }

    pub(crate) fn fleet_runs(&self) -> Verb<bool> {
        Ok(self.fleet_state()? == FleetState::Running)
    }

    /// Why nothing of this campaign may start now, if so: who stopped what, and when.
    pub(crate) fn halted(
        &self,
        campaign: CampaignId,
        actual: StateVersion,
    ) -> Verb<Option<Conflict>> {
        if self.runs(campaign)? {
            return Ok(None);
        }
        let (agent, archived) = self
            .one(
                "SELECT agent_id, archived FROM campaigns WHERE campaign_id = ?1",
                [campaign.as_bytes()],
                |row| Ok((row.id("agent_id")?, row.flag("archived")?)),
            )?
            .ok_or_else(|| Fault::corrupt(format!("campaign {campaign} is missing")))?;
        if let Some(halt) = self.stopped_by(Act::Work, agent, campaign, None)? {
            return Ok(Some(self.conflict(halt.conflict(actual))));
        }
        Ok(archived.then(|| self.overtaken(actual, "archived (its campaign)")))
    }

    /// Whether this campaign, its agent and the fleet run.
    pub(crate) fn runs(&self, campaign: CampaignId) -> Verb<bool> {
        Ok(self.number(
            "SELECT f.state = 'running' AND c.state = 'running' AND c.archived = 0 AND NOT EXISTS (
               SELECT 1 FROM halts h WHERE h.kind = 'agent' AND h.subject = c.agent_id)
             FROM fleet f, campaigns c WHERE c.campaign_id = ?1",
            [campaign.as_bytes()],
        )? == 1)
    }

    /// The epoch of a campaign a stored row refers to.
    pub(crate) fn epoch_of(&self, campaign: CampaignId) -> Verb<StateVersion> {
        self.one(
            "SELECT epoch FROM campaigns WHERE campaign_id = ?1",
            [campaign.as_bytes()],
            |row| row.version(0),
        )?
        .ok_or_else(|| Fault::corrupt(format!("campaign {campaign} is missing")))
    }

    /// A conflict when what was begun under `epoch` has been overtaken by the epoch that holds now.
    pub(crate) fn moved_on(
        &self,
        now: StateVersion,
        epoch: StateVersion,
        actual: StateVersion,
    ) -> Option<Conflict> {
        (now != epoch).then(|| {
            self.overtaken(
                actual,
                format!("superseded (its campaign is at epoch {})", now.get()),
            )
        })
    }

    /// Refuses whoever carries an old fence.
    pub(crate) fn check_fence(&self, held: i64) -> Verb<()> {
        let actual = self.number("SELECT fence FROM leases", [])?;
        if actual == held {
            Ok(())
        } else {
            Err(StoreError::Fenced { held, actual }.into())
        }
    }

    /// The installed policy.
    pub(crate) fn policy(&self) -> Verb<Option<Policy>> {
        self.one(
            "SELECT p.doc FROM fleet f JOIN policies p ON p.hash = f.policy_hash",
            [],
            |row| row.doc("doc"),
        )
    }

    pub(crate) fn policy_hash(&self) -> Verb<Option<ContentHash>> {
        self.one(
            "SELECT policy_hash FROM fleet WHERE policy_hash IS NOT NULL",
            [],
            |row| row.hash("policy_hash"),
        )
    }

    /// How long an approved effect is held for undo.
    pub(crate) fn fuse(&self) -> Verb<Span> {
        let micros: Option<Option<i64>> =
            self.one("SELECT undo_fuse FROM fleet", [], |row| Ok(row.get(0)?))?;
        Ok(micros
            .flatten()
            .map_or(FUSE_DEFAULT, |micros| Span::from_micros(count(micros))))
    }

    /// Whether effects through this server are stand-ins.
    pub(crate) fn is_simulated(&self, server: &str) -> Verb<bool> {
        Ok(self.number(
            "SELECT EXISTS (SELECT 1 FROM fleet, json_each(fleet.simulated_servers) j WHERE j.value = ?1)",
            [server],
        )? == 1)
    }

    /// Whether a person was ever asked about anything of this plan.
    pub(crate) fn was_asked(&self, plan: TraceId) -> Verb<bool> {
        Ok(self.number(
            "SELECT EXISTS (SELECT 1 FROM tickets WHERE trace_id = ?1)",
            [plan.as_bytes()],
        )? == 1)
    }

    /// Campaigns that take part, by name.
    pub(crate) fn campaigns(&self) -> Verb<Vec<Campaign>> {
        self.all(
            concat!(
                "SELECT ",
                campaign_row!(),
                " FROM campaigns WHERE archived = 0 ORDER BY name"
            ),
            [],
            rows::campaign,
        )
    }
}
