//! One server as its callers know it: its phase, its limits, its tools, and what became of the calls so far.
//!
//! It does not start or watch anything itself: `life.rs` runs the server and reports through [`Server::enter`].
//! Start reading at [`Server::session`] and [`Server::gated`]; what a server says of its tools is in `tools.rs`.

mod tools;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
};

use chimera_domain::{
    Safe,
    clock::{Ambient, Span, Timestamp},
};
use rmcp::{RoleClient, service::Peer};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
    time::{Duration, Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    call::Failure,
    catalog::Catalog,
    child::{Recipe, Ring},
    connect::{Connector, Era, Link},
    health::{ServerHealth, State},
    life,
    limits::{Breaker, Bucket},
    pin::Pins,
    settings::{ENVIRONMENT_ALLOWED, ServerSettings, Transport},
};

/// How many lines of its standard error a health report shows.
const STDERR_SHOWN: usize = 20;

/// What a server does now, with what belongs to it.
#[derive(Clone)]
pub(crate) enum Phase {
    Off,
    Starting,
    Ready(Arc<Session>),
    Backoff { n: u32, until: Instant, why: String },
    Quarantined { until: Instant, why: String },
    Stopped,
}

/// One connection as its callers share it.
pub(crate) struct Session {
    pub(crate) peer: Peer<RoleClient>,
    stale: Arc<AtomicBool>,
    catalog: tokio::sync::Mutex<Option<Arc<Catalog>>>,
}

/// One configured server.
pub(crate) struct Server {
    pub(crate) settings: ServerSettings,
    pub(crate) connector: Connector,
    pub(crate) stop: CancellationToken,
    ambient: Ambient,
    phase: watch::Sender<Phase>,
    task: Mutex<Option<JoinHandle<()>>>,
    pins: Mutex<Pins>,
    tally: Mutex<Tally>,
    permits: Semaphore,
    bucket: Option<Mutex<Bucket>>,
    breaker: Breaker,
}

/// What is counted and remembered.
struct Tally {
    since: Timestamp,
    last_error: Option<Safe>,
    era: Option<Era>,
    tools: Option<usize>,
    calls: u64,
    errors: u64,
    starts: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub(crate) fn new(peer: Peer<RoleClient>, stale: Arc<AtomicBool>) -> Self {
        Self {
            peer,
            stale,
            catalog: tokio::sync::Mutex::default(),
        }
    }
}

impl Server {
    pub(crate) fn new(
        settings: ServerSettings,
        environment: &[(String, String)],
        ambient: Ambient,
    ) -> Self {
        let connector = Connector {
            link: link(&settings.transport, environment),
            bytes_max: settings.bytes_max,
            start_timeout: settings.start_timeout.to_std(),
            errors: Ring::default(),
        };
        Self {
            connector,
            stop: CancellationToken::new(),
            phase: watch::Sender::new(Phase::Off),
            task: Mutex::default(),
            pins: Mutex::default(),
            tally: Mutex::new(Tally {
                since: ambient.now(),
                last_error: None,
                era: None,
                tools: None,
                calls: 0,
                errors: 0,
                starts: 0,
            }),
            permits: Semaphore::new(settings.concurrency_max),
            bucket: settings
                .rate_per_minute
                .map(|rate| Mutex::new(Bucket::new(rate))),
            breaker: Breaker::default(),
            ambient,
            settings,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    pub(crate) fn era(&self) -> Option<Era> {
        lock(&self.tally).era
    }

    pub(crate) fn remember(&self, era: Option<Era>) {
        lock(&self.tally).era = era;
    }

    /// Up to a quarter of a wait, so that servers which died together do not start together.
    pub(crate) fn jitter(&self, wait: Duration) -> Duration {
        let micros = u64::try_from(wait.as_micros() / 4).unwrap_or(u64::MAX);
        self.ambient.jitter(Span::from_micros(micros)).to_std()
    }

    /// Goes into a phase.
    pub(crate) fn enter(&self, phase: Phase) {
        let mut tally = lock(&self.tally);
        tally.since = self.ambient.now();
        match &phase {
            Phase::Starting => tally.starts += 1,
            Phase::Backoff { why, .. } | Phase::Quarantined { why, .. } => {
                tally.last_error = Some(Safe::line(why));
            }
            Phase::Off | Phase::Ready(_) | Phase::Stopped => {}
        }
        drop(tally);
        self.phase.send_replace(phase);
    }

    /// The session, once there is one.
    pub(crate) async fn session(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<Arc<Session>, Failure> {
        let mut phases = self.phase.subscribe();
        self.wake();
        loop {
            let held = match &*phases.borrow_and_update() {
                Phase::Off | Phase::Starting => None,
                Phase::Ready(session) if session.peer.is_transport_closed() => {
                    Some("its connection has just closed".into())
                }
                Phase::Ready(session) => return Ok(Arc::clone(session)),
                Phase::Backoff { until, why, .. } => Some(format!(
                    "it is started again in {} s: {why}",
                    seconds(*until)
                )),
                Phase::Quarantined { until, why } => Some(format!(
                    "it died too often and is left alone for {} s; restart chimera to try it now: {why}",
                    seconds(*until)
                )),
                Phase::Stopped => Some("the hub is shut down".into()),
            };
            if let Some(why) = held {
                return Err(Failure::Held(why));
            }
            if timeout_at(deadline, phases.changed()).await.is_err() {
                return Err(Failure::Held("it is still starting".into()));
            }
        }
    }

    /// Starts the life of this server, if it has none. One that broke is started anew.
    fn wake(self: &Arc<Self>) {
        let mut task = lock(&self.task);
        if task.as_ref().is_none_or(JoinHandle::is_finished) && !self.stop.is_cancelled() {
            *task = Some(tokio::spawn(life::run(Arc::clone(self))));
        }
    }

    /// Ends it and waits until it has ended.
    pub(crate) async fn shutdown(&self) {
        self.stop.cancel();
        // From here on nothing wakes it any more.
        let task = lock(&self.task).take();
        let idle = matches!(self.phase(), Phase::Off);
        let broken = match task {
            Some(task) => task.await.is_err(),
            None => false,
        };
        if broken {
            tracing::error!(server = self.name(), "the life of an MCP server broke");
        }
        if idle || broken {
            self.enter(Phase::Stopped);
        }
        let mut phases = self.phase.subscribe();
        // Somebody else may have asked for the same before. The sender is ours, so this only ends with the phase.
        let _ = phases
            .wait_for(|phase| matches!(phase, Phase::Stopped))
            .await;
    }

    /// Does work at the server, when breaker, concurrency and rate allow it, and notes whether it answered.
    pub(crate) async fn gated<T>(
        &self,
        deadline: Instant,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let pass = self.breaker.enter()?;
        let Ok(Ok(_permit)) = timeout_at(deadline, self.permits.acquire()).await else {
            let max = self.settings.concurrency_max;
            return Err(Failure::Held(format!("{max} calls are under way already")));
        };
        if let Some(bucket) = &self.bucket {
            lock(bucket).take()?;
        }
        let done = work.await;
        pass.note(&done);
        done
    }

    /// Counts a call and what became of it.
    pub(crate) fn count<T, E: std::fmt::Display>(&self, outcome: &Result<T, E>) {
        let mut tally = lock(&self.tally);
        tally.calls += 1;
        if let Err(error) = outcome {
            tally.errors += 1;
            tally.last_error = Some(Safe::line(&error.to_string()));
        }
    }

    pub(crate) fn health(&self) -> ServerHealth {
        let phase = self.phase();
        let at = |until: &Instant| {
            let wait = until.duration_since(Instant::now()).as_micros();
            let wait = Span::from_micros(u64::try_from(wait).unwrap_or(u64::MAX));
            Some(self.ambient.now().plus(wait))
        };
        let (state, next_retry) = match &phase {
            Phase::Off => (State::Off, None),
            Phase::Starting => (State::Starting, None),
            Phase::Ready(_) => (State::Ready, None),
            Phase::Backoff { n, until, .. } => (State::Backoff(*n), at(until)),
            Phase::Quarantined { until, .. } => (State::Quarantined, at(until)),
            Phase::Stopped => (State::Stopped, None),
        };
        let tools_changed = lock(&self.pins).changed();
        let tally = lock(&self.tally);
        ServerHealth {
            name: self.settings.name.clone(),
            state,
            since: tally.since,
            next_retry,
            breaker: self.breaker.state(),
            last_error: tally.last_error.clone(),
            stderr: self.connector.errors.last(STDERR_SHOWN, 0),
            tools: tally.tools,
            tools_changed,
            calls: tally.calls,
            errors: tally.errors,
            starts: tally.starts,
        }
    }
}

/// Until then, in whole seconds, never less than what is left.
fn seconds(until: Instant) -> u64 {
    until
        .duration_since(Instant::now())
        .as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

fn link(transport: &Transport, environment: &[(String, String)]) -> Link {
    match transport {
        Transport::InProcess(pipe) => Link::Pipe(Arc::clone(pipe)),
        Transport::Stdio {
            command,
            args,
            env,
            env_from,
            cwd,
        } => {
            let inherited = environment.iter().filter(|(name, _)| {
                ENVIRONMENT_ALLOWED.contains(&name.as_str()) || env_from.contains(name)
            });
            let environment: BTreeMap<_, _> = inherited.chain(env).cloned().collect();
            Link::Child(Recipe {
                command: command.clone(),
                args: args.clone(),
                environment,
                cwd: cwd.clone(),
            })
        }
    }
}
