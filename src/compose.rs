//! Joins the rooms: opens the store, starts the MCP servers, and hands each room its own ports.

use std::{path::Path, sync::Arc};

use chimera_domain::{Ambient, Span, death, policy::Policy, ports::Store};
use chimera_mcp::{Hub, ServerSettings, Transport};
use chimera_servers::{Bundled, FeedsSettings, Location, Source, StudioSettings, TwitterSettings};
use chimera_store::{Memory, OpenError, SqliteStore};
use chimera_swarm::{Personas, SendsMax, Swarm, treasurer::Treasury};
use tracing::{error, warn};

use crate::{
    config::{Config, Feed, FeedLocation, Home, Server},
    fault::{Fault, chain},
    outside::Outside,
};

/// A pipe to an in-process server holds this much unread.
const PIPE_BYTES: usize = 256 * 1024;
/// Media and whole feeds travel in one answer.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// How long a large file is looked through before anything is served; the rest of it is while it runs.
const CHECK_AT_START: Span = Span::from_millis(30);
/// Readers of one process.
const READERS: usize = 3;

/// Opens the database of a home.
///
/// # Errors
/// `Database`, saying what is wrong with which file.
pub fn open_store(path: &Path, ambient: Ambient) -> Result<Arc<SqliteStore>, Fault> {
    open_checked(path, ambient, Span::ZERO, Memory::WORKS)
}

/// As [`open_store`], for a start that goes on for hours: a large file is looked through for a while, too.
///
/// # Errors
/// `Database`, saying what is wrong with which file.
pub fn open_store_to_run(path: &Path, ambient: Ambient) -> Result<Arc<SqliteStore>, Fault> {
    open_checked(path, ambient, CHECK_AT_START, Memory::WORKS)
}

/// As [`open_store`], for a console that looks at what another process does, and has checked.
///
/// # Errors
/// `Database`, saying what is wrong with which file.
pub fn open_store_to_look_on(path: &Path, ambient: Ambient) -> Result<Arc<SqliteStore>, Fault> {
    open_checked(path, ambient, Span::ZERO, Memory::LOOKS_ON)
}

fn open_checked(
    path: &Path,
    ambient: Ambient,
    check_max: Span,
    memory: Memory,
) -> Result<Arc<SqliteStore>, Fault> {
    let settings = chimera_store::Settings {
        readers: READERS,
        check_max,
        memory,
        ..chimera_store::Settings::file(path)
    };
    chimera_store::open(settings, ambient)
        .map_err(|error: OpenError| Fault::Database(chain(&error)))
}

/// What the bundled servers are built from.
pub struct Servers<'a> {
    /// The feeds to serve.
    pub feeds: &'a [Feed],
    /// Where the stand-in platform keeps what was posted.
    pub journal: &'a Path,
    /// Clock and ids.
    pub ambient: &'a Ambient,
}

impl Servers<'_> {
    /// A bundled server by name.
    pub fn bundled(&self, name: &str) -> Option<Bundled> {
        let ambient = self.ambient.clone();
        let clock: chimera_servers::Clock = Arc::new(move || ambient.now().micros());
        match name {
            "feeds" => Some(Bundled::Feeds(FeedsSettings::new(
                self.feeds.iter().map(source).collect(),
                clock,
            ))),
            "twitter" => {
                let mut settings = TwitterSettings::new(self.journal.to_owned(), clock);
                settings.after_write = || death::at("platform", "after-write");
                Some(Bundled::Twitter(settings))
            }
            "studio" => Some(Bundled::Studio(StudioSettings::new())),
            _ => None,
        }
    }
}

fn source(feed: &Feed) -> Source {
    let location = match &feed.location {
        FeedLocation::Http(url) => Location::Http(url.clone()),
        FeedLocation::File(path) => Location::File(path.clone()),
        FeedLocation::Recording(path) => Location::Recording(path.clone()),
    };
    Source {
        name: feed.name.clone(),
        location,
    }
}

/// Starts the client of every server: the bundled ones in this process, the others as children.
///
/// # Errors
/// `Usage` when the settings of a server cannot work.
pub fn hub(
    servers: &Servers<'_>,
    others: &[Server],
    environment: Vec<(String, String)>,
) -> Result<Arc<Hub>, Fault> {
    let runtime = tokio::runtime::Handle::current();
    let mut settings = chimera_mcp::Settings {
        environment,
        ..Default::default()
    };
    for bundled in chimera_servers::NAMES
        .iter()
        .filter_map(|name| servers.bundled(name))
    {
        settings.servers.push(in_process(bundled, runtime.clone()));
    }
    settings.servers.extend(others.iter().map(child));
    Hub::new(settings, servers.ambient.clone())
        .map(Arc::new)
        .map_err(|error| Fault::Usage(chain(&error)))
}

fn in_process(bundled: Bundled, runtime: tokio::runtime::Handle) -> ServerSettings {
    let name = bundled.name();
    let pipe = Arc::new(move || {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let bundled = bundled.clone();
        runtime.spawn(async move {
            if let Err(problem) = chimera_servers::serve(bundled, theirs).await {
                error!(
                    server = name,
                    error = chain(&problem),
                    "a bundled server stopped"
                );
            }
        });
        ours
    });
    let mut settings = ServerSettings::new(name, Transport::InProcess(pipe));
    settings.bytes_max = ANSWER_BYTES_MAX;
    settings
}

fn child(server: &Server) -> ServerSettings {
    let transport = Transport::Stdio {
        command: server.stdio.command.clone(),
        args: server.stdio.args.clone(),
        env: server
            .stdio
            .env
            .iter()
            .map(|(name, value)| (name.clone(), value.reveal().to_owned()))
            .collect(),
        env_from: Vec::new(),
        cwd: None,
    };
    let mut settings = ServerSettings::new(server.name.clone(), transport);
    settings.call_timeout = server.call_timeout;
    settings.rate_per_minute = Some(server.rate_per_minute_max);
    settings.tools_allowed = server.tools.clone();
    settings
}

/// The swarm over a store and the world outside.
#[must_use]
pub fn swarm(
    store: Arc<dyn Store>,
    outside: Arc<Outside>,
    config: &Config,
    policy: Policy,
    treasury: Treasury,
    ambient: Ambient,
) -> Swarm {
    let minds = chimera_skills::Minds {
        relevance: config.minds.relevance.clone(),
        writers: config.minds.writer.clone(),
        second_opinion: config.minds.second_opinion.clone(),
    };
    Swarm {
        store,
        resources: outside.hub.clone(),
        tools: outside,
        skills: chimera_skills::all(minds),
        personas: Arc::new(Personas::new(config.personas.clone())),
        policy: Arc::new(policy),
        ambient,
        treasury,
        settings: cadence(config),
    }
}

/// The cadence the configuration asks for.
#[must_use]
pub fn cadence(config: &Config) -> chimera_swarm::Settings {
    chimera_swarm::Settings {
        workers: config.swarm.workers,
        senders: config.swarm.senders,
        sends_max: sends_max(config),
        idle: config.swarm.poll_idle,
        claim_ttl: config.swarm.lease,
        read_back_patience: read_back_patience(config),
        spot: config.spot,
        ..Default::default()
    }
}

/// What each configured server bears at once; the bundled ones bear what is usual.
fn sends_max(config: &Config) -> SendsMax {
    SendsMax {
        by_server: config
            .servers
            .iter()
            .map(|server| (server.name.clone(), server.sends_max))
            .collect(),
        ..SendsMax::default()
    }
}

/// A bundled platform dies with this process, so nothing can still be on its way to it; another
/// platform may have a call of a dead process in its queue.
fn read_back_patience(config: &Config) -> Span {
    let elsewhere = config
        .campaigns
        .iter()
        .any(|campaign| !chimera_servers::NAMES.contains(&campaign.publish_server.as_str()));
    if elsewhere {
        chimera_swarm::Settings::default().read_back_patience
    } else {
        Span::ZERO
    }
}

/// Says what configuration found worth saying, once, in the log.
pub fn log_notices(config: &Config, home: &Home) {
    for notice in &config.notices {
        warn!(home = %home.config_dir().display(), notice = notice.to_string(), "configuration");
    }
}
