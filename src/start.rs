//! The three ways to start without a command: console with swarm, daemon, attached console.

use std::{sync::Arc, time::Duration};

use chimera_domain::{
    Ambient, Span,
    ports::{BellStore, ConsoleStore, Hindsight},
    views::SwarmOwner,
};
use chimera_store::SqliteStore;
use chimera_swarm::threshold::Past;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::{
    cli::Start,
    clock::{self, SystemClock},
    compose,
    config::{Config, Home, OnHangup, Theme},
    embedded::{Running, begin},
    fault::{Fault, chain},
    machine, out, telemetry,
};

/// The least guard on deciding over SSH.
const GUARD_SSH: Span = Span::from_millis(500);

/// Starts as asked and returns when it is over.
///
/// # Errors
/// As [`Fault`] says: configuration, database, another owner, no terminal.
pub fn run(home: &Home, start: &Start) -> Result<(), Fault> {
    let sandbox = home
        .ensure()
        .map_err(|error| Fault::Failed(chain(&error)))?;
    let first_run = sandbox.first_run;
    let mut config = Config::load(home).map_err(|error| Fault::Usage(chain(&error)))?;
    if !start.feed.is_empty() {
        config
            .replace_feeds(&start.feed)
            .map_err(|error| Fault::Usage(chain(&error)))?;
    }
    if !start.daemon && !machine::has_terminal() {
        return Err(Fault::NoTerminal(
            "the console needs a terminal; `chimera --daemon` runs without one, `chimera review list` shows the queue".to_owned(),
        ));
    }
    let echo = if start.daemon {
        telemetry::Echo::Stdout
    } else {
        telemetry::Echo::None
    };
    let _flush = telemetry::start(&home.logs_dir(), config.logging, echo)
        .map_err(|error| Fault::failed("cannot write logs", &error))?;
    compose::log_notices(&config, home);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("chimera-swarm")
        .build()
        .map_err(|error| Fault::failed("cannot start the runtime", &error))?;
    let ambient = clock::system();
    let open = if start.attach {
        compose::open_store_to_look_on
    } else {
        compose::open_store_to_run
    };
    let store = open(&home.db_file(), ambient.clone())?;
    let result = if start.daemon {
        runtime.block_on(daemon(home, &config, store, ambient, first_run))
    } else {
        console(&runtime, home, &config, start, store, ambient, first_run)
    };
    // In-process servers may sit in a blocking read; they hold nothing that must be saved.
    runtime.shutdown_timeout(Duration::from_secs(2));
    result
}

async fn daemon(
    home: &Home,
    config: &Config,
    store: Arc<SqliteStore>,
    ambient: Ambient,
    first_run: bool,
) -> Result<(), Fault> {
    let mut term = signal(SignalKind::terminate())
        .map_err(|error| Fault::failed("cannot listen for SIGTERM", &error))?;
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Fault::failed("cannot listen for SIGINT", &error))?;
    let running = match begin(home, config, store, ambient, "chimera --daemon").await? {
        Ok(running) => running,
        Err(owner) => return Err(already_run(home, owner.as_ref())),
    };
    // Started from a shell whose line drops, it goes on; there is nothing to reload yet.
    let mut hangup = signal(SignalKind::hangup())
        .map_err(|error| Fault::failed("cannot listen for SIGHUP", &error))?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            info!("SIGHUP: nothing to reload; a changed configuration counts from the next start");
        }
    });
    info!(home = %home.config_dir().display(), first_run, pid = std::process::id(), "daemon started");
    until_told(running, &mut term, &mut interrupt).await
}

/// Waits for a signal or the swarm's own end. A second signal ends the wait for an orderly stop.
async fn until_told(
    mut running: Running,
    term: &mut tokio::signal::unix::Signal,
    interrupt: &mut tokio::signal::unix::Signal,
) -> Result<(), Fault> {
    tokio::select! {
        _ = term.recv() => info!("SIGTERM: stopping"),
        _ = interrupt.recv() => info!("SIGINT: stopping"),
        fault = running.ended_by_itself() => return Err(fault),
    }
    tokio::select! {
        stopped = running.stop() => stopped.map(|stopped| info!(stopped.cut_off, "daemon stopped")),
        _ = term.recv() => Err(Fault::Failed("stopped at once by a second signal; what was under way is put in order at the next start".to_owned())),
        _ = interrupt.recv() => Err(Fault::Failed("stopped at once by a second signal; what was under way is put in order at the next start".to_owned())),
    }
}

fn console(
    runtime: &tokio::runtime::Runtime,
    home: &Home,
    config: &Config,
    start: &Start,
    store: Arc<SqliteStore>,
    ambient: Ambient,
    first_run: bool,
) -> Result<(), Fault> {
    let running = if start.attach {
        None
    } else {
        runtime
            .block_on(begin(home, config, store.clone(), ambient, "chimera"))?
            .ok()
    };
    let mut settings = chimera_ui::Settings::new(machine::actor());
    settings.attached = running.is_none();
    settings.zone.clone_from(&config.zone);
    settings.over_ssh = machine::over_ssh();
    // Over a slow line keys arrive long after what they were meant for was drawn.
    settings.guard = if settings.over_ssh {
        config.console.guard.max(GUARD_SSH)
    } else {
        config.console.guard
    };
    settings.ascii = start.ascii || config.console.ascii;
    settings.low_bandwidth = start.low_bandwidth || config.console.low_bandwidth;
    let theme = start.theme.unwrap_or(config.console.theme);
    settings.light = theme.is_light();
    settings.colour_blind = theme.is_colour_blind();
    settings.no_color = machine::no_color() || theme == Theme::Mono;
    settings.notify = config.console.notify;
    settings.pictures = config.console.pictures;
    settings.keys.clone_from(&config.console.keys);
    settings.term = machine::term();
    settings.log_path = home.logs_dir();
    settings.state_file = Some(home.console_file());
    settings.exports_dir = Some(home.exports_dir());
    settings.scratch = home.logs_dir();
    settings.editor = machine::editor();
    settings.notice = first_run.then(|| {
        format!(
            "First start: a sandbox was made in {}. Everything in it is SIMULATED or RECORDED.",
            home.config_dir().display()
        )
    });
    let desk: Arc<dyn ConsoleStore> = store.clone();
    let hindsight: Arc<dyn Hindsight> = Arc::new(Past(store.clone()));
    let bell: Arc<dyn BellStore> = store;
    let ended = chimera_ui::run(
        settings,
        desk,
        hindsight,
        bell,
        runtime.handle().clone(),
        Arc::new(SystemClock),
    );
    let exit = match ended {
        Ok(ended) => {
            // A terminal that is gone reads nothing.
            if let Some(waits) = ended
                .waits
                .filter(|_| ended.exit != chimera_ui::Exit::Hangup)
            {
                out::note(format!("{waits}; `chimera review list` shows them."));
            }
            ended.exit
        }
        Err(problem) => {
            if let Some(running) = running {
                runtime.block_on(running.stop())?;
            }
            return Err(Fault::NoTerminal(chain(&problem)));
        }
    };
    let Some(running) = running else {
        return Ok(());
    };
    match (exit, config.console.on_hangup) {
        (chimera_ui::Exit::Hangup, OnHangup::Keep) => {
            info!("the terminal is gone; the swarm goes on without it");
            runtime.block_on(headless(running))
        }
        (chimera_ui::Exit::Quit, _) => {
            runtime.block_on(running.stop())?;
            out::note(
                "The swarm has stopped. `chimera --daemon` keeps it running without a console.",
            );
            Ok(())
        }
        (chimera_ui::Exit::Hangup, OnHangup::Stop) | (chimera_ui::Exit::Terminated, _) => {
            runtime.block_on(running.stop()).map(drop)
        }
    }
}

async fn headless(running: Running) -> Result<(), Fault> {
    let mut term = signal(SignalKind::terminate())
        .map_err(|error| Fault::failed("cannot listen for SIGTERM", &error))?;
    let mut interrupt = signal(SignalKind::interrupt())
        .map_err(|error| Fault::failed("cannot listen for SIGINT", &error))?;
    until_told(running, &mut term, &mut interrupt).await
}

fn already_run(home: &Home, owner: Option<&SwarmOwner>) -> Fault {
    let who = owner.map_or_else(
        || "another process".to_owned(),
        |owner| {
            format!(
                "{} (pid {} on {}, since {})",
                owner.holder,
                owner.pid,
                owner.host,
                owner.since.to_rfc3339_seconds()
            )
        },
    );
    Fault::Conflict(format!(
        "the swarm of {} is already run by {who}; stop that process first, or open `chimera` to attach to it",
        home.config_dir().display()
    ))
}
