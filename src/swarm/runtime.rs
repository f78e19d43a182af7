//! The one loop all roles run in: step, then go on, wait for the bell, or back off.
//!
//! The path after a crash is the ordinary path: what a dead holder left is put in order once
//! ([`chimera_domain::ports::RuntimeStore::recover`]), and from then on the roles find it in the store like anything else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use chimera_domain::{
    Ambient, ContentHash, Span, StoreError,
    persona::Persona,
    policy::Policy,
    ports::{AskPayment, Lease, Recovery, ResourceReader, Skill, Store, ToolCaller},
    trend::SpotRule,
};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span, warn};

use crate::{
    drive::{RoleContext, Step, StepResult, drive},
    engagement::Engagement,
    executor::{Executor, Lanes},
    judge::Judge,
    metered::Till,
    planner::{Perceiver, Planner, Spotter, learn::School},
    treasurer::{Treasurer, Treasury},
    worker::Worker,
};

/// Why the swarm ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process runs the swarm on this database now.
    #[error("another process took over the swarm of this database")]
    LeaseLost(#[source] StoreError),
    /// The store could not be used at the start.
    #[error("the swarm could not start")]
    Store(#[source] StoreError),
}

/// How the swarm ended when it was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Roles that did not finish their step within the grace and were cut off. What they held is
    /// put in order at the next start.
    pub cut_off: usize,
}

/// Cadence and bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Workers side by side.
    pub workers: u32,
    /// Effects sent side by side.
    pub senders: u32,
    /// How many of them through one server.
    pub sends_max: SendsMax,
    /// The longest a role sleeps without a bell.
    pub idle: Span,
    /// How long the lease of the swarm holds unless renewed.
    pub lease_ttl: Span,
    /// How long a worker's claim holds unless renewed.
    pub claim_ttl: Span,
    /// How long after sending a platform's "not found" is not yet believed.
    pub read_back_patience: Span,
    /// How long a stop waits for steps under way.
    pub stop_grace: Span,
    /// From when on what signals tell together is a trend.
    pub spot: SpotRule,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: 4,
            senders: 4,
            sends_max: SendsMax::default(),
            idle: Span::from_millis(500),
            lease_ttl: Span::from_secs(10),
            claim_ttl: Span::from_secs(60),
            read_back_patience: Span::from_secs(30),
            stop_grace: Span::from_secs(5),
            spot: SpotRule::default(),
        }
    }
}

/// How many effects may be under way through one MCP server at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendsMax {
    /// Where nothing else is said.
    pub usual: u32,
    /// By the server's name.
    pub by_server: BTreeMap<String, u32>,
}

impl Default for SendsMax {
    fn default() -> Self {
        Self {
            usual: 2,
            by_server: BTreeMap::new(),
        }
    }
}

impl SendsMax {
    /// At least one: a limit of none would be a halt that nobody made.
    pub(crate) fn of(&self, server: &str) -> usize {
        let most = self.by_server.get(server).unwrap_or(&self.usual);
        usize::try_from(*most).unwrap_or(usize::MAX).max(1)
    }
}

/// Persona versions by hash, and the version that is active by slug.
#[derive(Debug, Default)]
pub struct Personas {
    by_hash: HashMap<ContentHash, Persona>,
    active: HashMap<String, ContentHash>,
}

impl Personas {
    /// Takes the loaded versions; of two with one slug the later is active.
    #[must_use]
    pub fn new(personas: Vec<Persona>) -> Self {
        let mut out = Self::default();
        for persona in personas {
            out.active.insert(persona.slug.clone(), persona.hash);
            out.by_hash.insert(persona.hash, persona);
        }
        out
    }

    /// The active version of a persona.
    #[must_use]
    pub fn active(&self, slug: &str) -> Option<&Persona> {
        self.active
            .get(slug)
            .and_then(|hash| self.by_hash.get(hash))
    }

    /// Exactly the version a task is bound to.
    #[must_use]
    pub fn locked(&self, hash: ContentHash) -> Option<&Persona> {
        self.by_hash.get(&hash)
    }
}

/// Everything the roles need.
pub struct Swarm {
    /// The store.
    pub store: Arc<dyn Store>,
    /// MCP tools.
    pub tools: Arc<dyn ToolCaller>,
    /// MCP resources.
    pub resources: Arc<dyn ResourceReader>,
    /// How each kind of task is done.
    pub skills: Vec<Arc<dyn Skill>>,
    /// The loaded personas.
    pub personas: Arc<Personas>,
    /// What everything is decided by.
    pub policy: Arc<Policy>,
    /// Clock and ids.
    pub ambient: Ambient,
    /// Chains and keys, as far as there are.
    pub treasury: Treasury,
    /// Cadence and bounds.
    pub settings: Settings,
}

impl std::fmt::Debug for Swarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Swarm")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Swarm {
    /// Runs under a lease until `stop` turns true.
    ///
    /// # Errors
    /// When the store cannot be used at the start, or another process takes the lease.
    pub async fn run(self, lease: Lease, stop: watch::Receiver<bool>) -> Result<Stopped, Error> {
        let recovery = self
            .store
            .recover(lease.fence)
            .await
            .map_err(Error::Store)?;
        report(recovery);
        let mut roles = JoinSet::new();
        let halt = CancellationToken::new();
        self.spawn_roles(&mut roles, lease.fence, &halt);
        let kept = keep_lease(self.store.clone(), lease, self.settings.lease_ttl, stop).await;
        // Roles see the stop at the end of their step.
        halt.cancel();
        let cut_off = wind_down(&mut roles, self.settings.stop_grace).await;
        let lease = kept.map_err(Error::LeaseLost)?;
        if let Err(error) = self.store.release_lease(&lease).await {
            warn!(%error, "the lease could not be given back; it runs out by itself");
        }
        info!(cut_off, "swarm stopped");
        Ok(Stopped { cut_off })
    }

    fn spawn_roles(&self, roles: &mut JoinSet<()>, fence: i64, stop: &CancellationToken) {
        for (name, role) in self.roles(fence, stop) {
            let context = RoleContext {
                bell: self.store.clone(),
                runtime: self.store.clone(),
                ambient: self.ambient.clone(),
                idle: self.settings.idle,
                stop: stop.clone(),
            };
            let span = info_span!("role", name);
            let role = async move { drive(&name, context, || role.step()).await };
            roles.spawn(role.instrument(span));
        }
    }

    /// Every role by name, in the order in which one signal meets them.
    pub(crate) fn roles(&self, fence: i64, stop: &CancellationToken) -> Vec<(String, Role)> {
        let till = Till {
            store: self.store.clone(),
            tools: self.tools.clone(),
            policy: self.policy.clone(),
            ambient: self.ambient.clone(),
        };
        let planner = Arc::new(Planner {
            store: self.store.clone(),
            personas: self.personas.clone(),
            policy: self.policy.clone(),
            ambient: self.ambient.clone(),
            school: School::default(),
        });
        let perceiver = Perceiver::new(
            self.store.clone(),
            self.resources.clone(),
            self.ambient.clone(),
        );
        let spotter = Spotter {
            store: self.store.clone(),
            rule: self.settings.spot,
            ambient: self.ambient.clone(),
            next: Mutex::default(),
        };
        let mut roles: Vec<(String, Role)> = vec![
            ("perceiver".into(), Role::Perceiver(perceiver)),
            ("spotter".into(), Role::Spotter(spotter)),
            ("planner".into(), Role::Planner(planner.clone())),
            ("replanner".into(), Role::Replanner(planner)),
        ];
        let treasurer = self.policy.payments.is_some().then(|| {
            Arc::new(Treasurer::new(
                self.store.clone(),
                self.treasury.clone(),
                self.ambient.clone(),
            ))
        });
        for n in 0..self.settings.workers.max(1) {
            let worker = Worker {
                store: self.store.clone(),
                skills: self.skills.clone(),
                personas: self.personas.clone(),
                till: till.clone(),
                ambient: self.ambient.clone(),
                fence,
                claim_ttl: self.settings.claim_ttl,
                asks: treasurer.clone().map(|it| it as Arc<dyn AskPayment>),
                stop: stop.clone(),
            };
            roles.push((format!("worker-{n}"), Role::Worker(worker)));
        }
        let judge = Judge {
            store: self.store.clone(),
            personas: self.personas.clone(),
            policy: self.policy.clone(),
        };
        roles.push(("judge".into(), Role::Judge(judge)));
        let executor = Arc::new(Executor {
            store: self.store.clone(),
            till,
            ambient: self.ambient.clone(),
            fence,
            read_back_patience: self.settings.read_back_patience,
            lanes: Lanes::new(self.settings.sends_max.clone()),
            ask_at: std::sync::atomic::AtomicI64::new(0),
        });
        roles.push(("read-back".into(), Role::ReadBack(executor.clone())));
        for n in 0..self.settings.senders.max(1) {
            roles.push((format!("sender-{n}"), Role::Sender(executor.clone())));
        }
        let engagement = Engagement {
            store: self.store.clone(),
            tools: self.tools.clone(),
            ambient: self.ambient.clone(),
        };
        roles.push(("engagement".into(), Role::Engagement(engagement)));
        if let Some(treasurer) = treasurer {
            roles.push(("treasurer".into(), Role::Treasurer(treasurer)));
        }
        roles.push(("sweeper".into(), Role::Sweeper(self.store.clone())));
        roles
    }
}

/// The closed list of roles.
pub(crate) enum Role {
    Perceiver(Perceiver),
    Spotter(Spotter),
    Planner(Arc<Planner>),
    Replanner(Arc<Planner>),
    Worker(Worker),
    Judge(Judge),
    ReadBack(Arc<Executor>),
    Sender(Arc<Executor>),
    Engagement(Engagement),
    Treasurer(Arc<Treasurer>),
    Sweeper(Arc<dyn Store>),
}

impl Role {
    pub(crate) async fn step(&self) -> StepResult {
        match self {
            Self::Perceiver(perceiver) => perceiver.step().await,
            Self::Spotter(spotter) => spotter.step().await,
            Self::Planner(planner) => planner.step().await,
            Self::Replanner(planner) => planner.replan().await,
            Self::Worker(worker) => worker.step().await,
            Self::Judge(judge) => judge.step().await,
            Self::ReadBack(executor) => executor.read_back().await,
            Self::Sender(executor) => executor.step().await,
            Self::Engagement(engagement) => engagement.step().await,
            Self::Treasurer(treasurer) => treasurer.step().await,
            Self::Sweeper(store) => sweep(store.as_ref()).await,
        }
    }
}

async fn sweep(store: &dyn Store) -> StepResult {
    let swept = store.sweep().await?;
    if swept != chimera_domain::ports::Swept::default() {
        info!(
            swept.claims,
            swept.escalated, swept.expired, "time ended something"
        );
    }
    Ok(Step::Rest)
}

/// Renews the lease until the stop; ends with an error when somebody else has it.
async fn keep_lease(
    store: Arc<dyn Store>,
    mut lease: Lease,
    ttl: Span,
    mut stop: watch::Receiver<bool>,
) -> Result<Lease, StoreError> {
    let every = Span::from_micros(ttl.micros() / 3);
    loop {
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return Ok(lease),
            () = tokio::time::sleep(every.to_std()) => {}
        }
        match store.renew_lease(&lease, ttl).await {
            Ok(renewed) => lease = renewed,
            Err(error @ StoreError::Fenced { .. }) => return Err(error),
            // The claims and effects of this process stay fenced in the store, so going on is safe.
            Err(error) => warn!(%error, "the lease could not be renewed; trying again"),
        }
    }
}

async fn wind_down(roles: &mut JoinSet<()>, grace: Span) -> usize {
    let all_done = async { while roles.join_next().await.is_some() {} };
    if tokio::time::timeout(grace.to_std(), all_done).await.is_ok() {
        return 0;
    }
    let left = roles.len();
    roles.shutdown().await;
    left
}

fn report(recovery: Recovery) {
    if recovery == Recovery::default() {
        info!("nothing was left over from before");
    } else {
        info!(
            tasks_returned = recovery.tasks_returned,
            effects_unresolved = recovery.effects_unresolved,
            tickets_waiting = recovery.tickets_waiting,
            "recovered what was left over from before"
        );
    }
}
