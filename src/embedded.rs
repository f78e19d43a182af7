//! A swarm that runs in this process: taking the right to, starting it, stopping it in order.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chimera_domain::{
    Ambient, Safe,
    ports::{Acquired, DeskStore, LeaseRequest, RuntimeStore},
    views::SwarmOwner,
};
use chimera_store::SqliteStore;
use chimera_swarm::Stopped;
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
};
use tracing::{error, warn};

use crate::{
    compose::{self, Servers},
    config::{Config, Home},
    fault::{Fault, chain},
    machine::{self, AliveLock},
};

/// How often the ends of audit and ledger are written down outside the database.
const ANCHOR_EVERY: Duration = Duration::from_secs(3_600);

/// A swarm that runs in this process.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<Stopped, chimera_swarm::Error>>,
}

impl Running {
    /// Stops in order: roles finish their step, the lease is given back, the servers are closed.
    pub(crate) async fn stop(self) -> Result<Stopped, Fault> {
        let _ = self.stop.send(true);
        told(self.task.await)
    }

    /// Waits until the swarm ends by itself, which it does only when it must; why it did.
    pub(crate) async fn ended_by_itself(&mut self) -> Fault {
        match told((&mut self.task).await) {
            Ok(_) => Fault::Failed("the swarm ended without being told to".to_owned()),
            Err(fault) => fault,
        }
    }
}

fn told(ended: Result<Result<Stopped, chimera_swarm::Error>, JoinError>) -> Result<Stopped, Fault> {
    match ended {
        Ok(Ok(stopped)) => Ok(stopped),
        Ok(Err(lost @ chimera_swarm::Error::LeaseLost(_))) => Err(Fault::Conflict(chain(&lost))),
        Ok(Err(other @ chimera_swarm::Error::Store(_))) => Err(Fault::Database(chain(&other))),
        Err(panicked) => Err(Fault::failed("the swarm died", &panicked)),
    }
}

/// Takes the lock and the lease and starts the swarm; the owner when somebody else runs it.
pub(crate) async fn begin(
    home: &Home,
    config: &Config,
    store: Arc<SqliteStore>,
    ambient: Ambient,
    holder: &str,
) -> Result<Result<Running, Option<SwarmOwner>>, Fault> {
    let lock_path = lock_path(home);
    let lock = AliveLock::try_take(&lock_path)
        .map_err(|error| Fault::failed(&format!("cannot lock {}", lock_path.display()), &error))?;
    let owner = store.overview().await?.swarm;
    let Some(alive) = lock else {
        return Ok(Err(owner));
    };
    let cadence = compose::cadence(config);
    let host = machine::host();
    // We have the lock, so whoever holds a lease from this host is dead.
    let known_dead_pid = owner
        .as_ref()
        .filter(|owner| owner.host == Safe::line(&host))
        .map(|owner| owner.pid);
    let request = LeaseRequest {
        holder: holder.to_owned(),
        host,
        pid: std::process::id(),
        known_dead_pid,
        ttl: cadence.lease_ttl,
    };
    let lease = match store.acquire_lease(&request).await? {
        Acquired::Ours(lease) => lease,
        Acquired::Held(owner) => return Ok(Err(Some(owner))),
    };
    store.install(&config.setup(ambient.now())).await?;
    let anchors = home.anchors_file();
    write_anchor(&store, &anchors).await;
    let servers = Servers {
        feeds: &config.feeds,
        journal: &platform_journal(home),
        ambient: &ambient,
    };
    let hub = compose::hub(&servers, &config.servers, Vec::new())?;
    let chained = store.clone();
    let swarm = compose::swarm(
        store,
        hub.clone(),
        config.personas.clone(),
        config.policy_at(ambient.now()),
        cadence,
        ambient,
    );
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        let mut hourly = tokio::time::interval(ANCHOR_EVERY);
        hourly.tick().await;
        let running = swarm.run(lease, stopped);
        tokio::pin!(running);
        let ended = loop {
            tokio::select! {
                ended = &mut running => break ended,
                _ = hourly.tick() => write_anchor(&chained, &anchors).await,
            }
        };
        write_anchor(&chained, &anchors).await;
        if let Err(problem) = &ended {
            error!(error = chain(problem), "the swarm ended by itself");
        }
        hub.shutdown().await;
        // Only now may another process begin: a console may outlive its swarm.
        drop(alive);
        ended
    });
    write_pid(home);
    Ok(Ok(Running { stop, task }))
}

/// Writes down outside the database where its chains end, so that a cut end or a chain that was written
/// anew can be told. That it could not be written stops nothing.
async fn write_anchor(store: &SqliteStore, file: &Path) {
    let line = match store.anchor().await {
        Ok(anchor) => serde_json::json!(anchor).to_string(),
        Err(error) => return warn!(%error, "the ends of the chains could not be read"),
    };
    let path = file.to_owned();
    match tokio::task::spawn_blocking(move || append(&path, &line)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => warn!(%error, file = %file.display(), "an anchor could not be written"),
        Err(error) => warn!(%error, "an anchor could not be written"),
    }
}

fn append(file: &Path, line: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options
        .open(file)?
        .write_all(format!("{line}\n").as_bytes())
}

pub(crate) fn lock_path(home: &Home) -> PathBuf {
    home.db_file().with_extension("lock")
}

/// The pid stands in the lock file for people who look; nothing reads it back.
fn write_pid(home: &Home) {
    if let Err(error) = fs::write(lock_path(home), format!("{}\n", std::process::id())) {
        warn!(%error, "the pid could not be written into the lock file");
    }
}

/// Where the bundled stand-in platform keeps what was posted.
pub(crate) fn platform_journal(home: &Home) -> PathBuf {
    home.platform_dir().join("platform.jsonl")
}
