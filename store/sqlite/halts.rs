//! The live halts: which there are, what they reach, and which one stands in the way.

use chimera_domain::{
    Conflict, StateVersion, Timestamp,
    campaign::Campaign,
    halt::{Act, Halt, Scope, ScopeKind},
    ids::{AgentId, CampaignId},
};
use rusqlite::{
    Row, ToSql, params,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    db::{Db, Verb},
    rows::Cells,
};

/// A halt as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct LiveHalt {
    pub scope: Scope,
    pub level: Halt,
    pub version: StateVersion,
    pub by: String,
    pub at: Timestamp,
    pub why: String,
}

impl LiveHalt {
    pub(crate) fn of(row: &Row<'_>) -> Verb<Self> {
        let scope = match row.word::<ScopeKind>("kind")? {
            ScopeKind::Fleet => Scope::Fleet,
            ScopeKind::Publishing => Scope::Publishing,
            ScopeKind::Spending => Scope::Spending,
            ScopeKind::Agent => Scope::Agent(row.id("subject")?),
            ScopeKind::Campaign => Scope::Campaign(row.id("subject")?),
            ScopeKind::Platform => Scope::Platform(row.text("subject")?),
        };
        Ok(Self {
            scope,
            level: row.word("level")?,
            version: row.version("version")?,
            by: row.text("halted_by")?,
            at: row.time("halted_at")?,
            why: row.text("halted_why")?,
        })
    }

    /// What whoever is stopped by it is told.
    pub(crate) fn words(&self) -> String {
        let what = match self.scope {
            Scope::Fleet => "the whole fleet",
            Scope::Publishing => "all publishing",
            Scope::Spending => "all spending",
            Scope::Agent(_) => "its agent",
            Scope::Campaign(_) => "its campaign",
            Scope::Platform(_) => "its platform",
        };
        format!("{} ({what})", self.level.participle())
    }

    pub(crate) fn conflict(self, actual: StateVersion) -> Conflict {
        Conflict {
            actual,
            now: self.words(),
            by: Some(self.by),
            at: Some(self.at),
        }
    }
}

/// What a scope is about, as the column `subject` keeps it.
pub(crate) struct Subject<'a>(pub &'a Scope);

impl ToSql for Subject<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Scope::Fleet | Scope::Publishing | Scope::Spending => "".into(),
            Scope::Agent(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Scope::Campaign(id) => ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes())),
            Scope::Platform(name) => name.as_str().into(),
        })
    }
}

/// The rows a scope reaches, as a condition on its subject as `?1`.
pub(crate) const fn reached(scope: &Scope, server: Server) -> &'static str {
    match (scope, server) {
        (Scope::Fleet | Scope::Publishing | Scope::Spending, _) => "?1 = ''",
        (Scope::Agent(_), _) => "agent_id = ?1",
        (Scope::Campaign(_), _) => "campaign_id = ?1",
        (Scope::Platform(_), Server::OfEffects) => "server = ?1",
        (Scope::Platform(_), Server::OfCampaigns) => "publish_server = ?1",
    }
}

/// Where a table says through which server it publishes.
#[derive(Clone, Copy)]
pub(crate) enum Server {
    OfEffects,
    OfCampaigns,
}

impl Db<'_> {
    /// Every live halt, widest first.
    pub(crate) fn live_halts(&self) -> Verb<Vec<LiveHalt>> {
        let mut halts = self.all("SELECT * FROM halts", [], LiveHalt::of)?;
        halts.sort_by(|a, b| a.scope.cmp(&b.scope));
        Ok(halts)
    }

    pub(crate) fn halt_of(&self, scope: &Scope) -> Verb<Option<LiveHalt>> {
        self.one(
            "SELECT * FROM halts WHERE kind = ?1 AND subject = ?2",
            params![scope.kind().as_str(), Subject(scope)],
            LiveHalt::of,
        )
    }

    /// The widest live halt that stops such an act of this agent and campaign, and through this
    /// platform where the act is known to go there. One probe for each scope that could.
    pub(crate) fn stopped_by(
        &self,
        act: Act,
        agent: AgentId,
        campaign: impl Into<Option<CampaignId>>,
        platform: Option<&str>,
    ) -> Verb<Option<LiveHalt>> {
        let campaign: Option<CampaignId> = campaign.into();
        let halts = self.all(
            "WITH asked (kind, subject) AS (VALUES ('fleet', ''), ('publishing', ''), ('spending', ''),
               ('agent', ?1), ('campaign', ?2), ('platform', ?3))
             SELECT h.* FROM asked CROSS JOIN halts h ON h.kind = asked.kind AND h.subject = asked.subject",
            params![agent.as_bytes(), campaign.as_ref().map(CampaignId::as_bytes), platform],
            LiveHalt::of,
        )?;
        Ok(halts.into_iter().find(|halt| halt.scope.stops(act)))
    }

    /// Whether neither this campaign nor its agent nor the fleet is halted, also when it is archived.
    pub(crate) fn works(&self, campaign: &Campaign) -> Verb<bool> {
        let found = self.stopped_by(Act::Work, campaign.agent_id, campaign.id, None)?;
        Ok(found.is_none())
    }

    /// Whether this very scope is halted.
    pub(crate) fn is_halted(&self, scope: &Scope) -> Verb<bool> {
        Ok(self.number(
            "SELECT EXISTS (SELECT 1 FROM halts WHERE kind = ?1 AND subject = ?2)",
            params![scope.kind().as_str(), Subject(scope)],
        )? == 1)
    }
}
