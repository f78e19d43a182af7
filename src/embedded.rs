//! A swarm that runs in this process: taking the right to, starting it, stopping it in order.

use std::{fs, path::PathBuf, sync::Arc};

use chimera_domain::{
    Ambient, Safe,
    ports::{Acquired, DeskStore, LeaseRequest, PolicyStore as _, RuntimeStore},
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
    outside::Outside,
    treasury::{self, Policies},
    upkeep::{Probe, Room, Upkeep},
};

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
    let upkeep = Upkeep {
        store: store.clone(),
        storage: config.store,
        anchors: home.anchors_file(),
        probe: disk_probe(home),
    };
    upkeep.begin().await;
    let servers = Servers {
        feeds: &config.feeds,
        journal: &platform_journal(home),
        ambient: &ambient,
    };
    let hub = compose::hub(&servers, &config.servers, Vec::new())?;
    let outside = Outside::new(hub.clone(), &config.minds, home, ambient.clone())?;
    let policy = config.policy_at(ambient.now());
    let (wallets, file) = (config.wallets.clone(), policy.payments.clone());
    let standing = store.payment_policy().await?;
    // A key takes most of a second to open.
    let opened = tokio::task::spawn_blocking(move || {
        let policies = file.as_ref().map(|file| Policies {
            file,
            in_force: standing.policy(),
        });
        treasury::treasury(&wallets, policies.as_ref())
    })
    .await;
    let treasury = opened.map_err(|error| Fault::failed("the keys were not opened", &error))??;
    let swarm = compose::swarm(store, Arc::new(outside), config, policy, treasury, ambient);
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        let ended = tokio::select! {
            ended = swarm.run(lease, stopped) => ended,
            never = upkeep.run() => match never {},
        };
        upkeep.write_anchor().await;
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

/// How much room the disk of the database has.
fn disk_probe(home: &Home) -> Probe {
    let database = home.db_file();
    Arc::new(move || Room::at(&database, 0).map(|room| room.free_bytes))
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
