//! What the runtime may ask for: the lease, the sweep, the setup.

use async_trait::async_trait;

use super::Result;
use crate::{
    clock::{Span, Timestamp},
    persona::Persona,
    policy::Policy,
    resource::ResourceSpec,
    views::{Severity, SwarmOwner},
};

/// The runtime's store.
#[async_trait]
pub trait RuntimeStore: Send + Sync {
    /// Takes the right to run the swarm on this database, if nobody holds it or its holder's lease ran out.
    async fn acquire_lease(&self, request: &LeaseRequest) -> Result<Acquired>;

    /// Holds the lease for `ttl` from now.
    ///
    /// # Errors
    /// `Fenced` when somebody else has it: the swarm must stop.
    async fn renew_lease(&self, lease: &Lease, ttl: Span) -> Result<Lease>;

    /// Gives the lease back. Repeatable.
    async fn release_lease(&self, lease: &Lease) -> Result<()>;

    /// Puts what a dead holder left in order: claims of older fences become `pending` again. A task
    /// that was under way at twice [`crate::task::ATTEMPTS_MAX`] deaths may be what kills, and becomes `dead`.
    async fn recover(&self, fence: i64) -> Result<Recovery>;

    /// Makes the database agree with the configuration: personas by hash, campaigns by name,
    /// resources by URI, the policy by hash. Nothing is deleted; a campaign's budget or goal that
    /// changed moves its version and epoch.
    async fn install(&self, setup: &Setup) -> Result<()>;

    /// Ends what time ended: claims past their lease become `pending`, tasks whose cap has room again run
    /// again, tickets past the first
    /// deadline escalate, past the second expire (their task goes to `replan`). Time never approves.
    async fn sweep(&self) -> Result<Swept>;

    /// Raises an alert; one with the same code and subject that is open is counted up instead.
    async fn raise_alert(
        &self,
        severity: Severity,
        code: &str,
        subject: &str,
        text: &str,
    ) -> Result<()>;

    /// What an alert warned of is over. Repeatable.
    async fn close_alert(&self, code: &str, subject: &str) -> Result<()>;
}

/// Who wants to run the swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRequest {
    /// How it was started (`chimera`, `chimera --daemon`).
    pub holder: String,
    /// Host name.
    pub host: String,
    /// Process id.
    pub pid: u32,
    /// Whether a holder on this host whose process is gone may be replaced at once: the caller has
    /// looked. The pid it found gone.
    pub known_dead_pid: Option<u32>,
    /// How long it holds unless renewed.
    pub ttl: Span,
}

/// The right to run the swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Rises with every holder; what an older one claimed no longer counts.
    pub fence: i64,
    /// When it ends unless renewed.
    pub until: Timestamp,
}

/// Whether the lease was free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// It is ours.
    Ours(Lease),
    /// Somebody else has it.
    Held(SwarmOwner),
}

/// What a dead holder had left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Tasks that were being worked on and run again.
    pub tasks_returned: u64,
    /// Effects that were on their way and must be asked for.
    pub effects_unresolved: u64,
    /// Tickets that wait.
    pub tickets_waiting: u64,
}

/// What the configuration says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// Persona versions.
    pub personas: Vec<Persona>,
    /// Campaigns.
    pub campaigns: Vec<crate::campaign::CampaignSpec>,
    /// Resources.
    pub resources: Vec<ResourceSpec>,
    /// The policy.
    pub policy: Policy,
    /// Servers whose effects are stand-ins.
    pub simulated_servers: Vec<String>,
}

/// What time ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Claims that ran out.
    pub claims: u64,
    /// Tickets past the first deadline.
    pub escalated: u64,
    /// Tickets past the second.
    pub expired: u64,
}
