//! Configuration: the only module that reads configuration files and the environment.
//!
//! `chimera.yaml` is the process, `budget.yaml` money and thresholds, `personas/<slug>/SOUL.md` the
//! voices. Each is read in two steps: [`raw`] is what the file says, with the place and exact text of
//! every value; [`process`], [`budget`] and [`persona`] make typed values of it and note everything that
//! is wrong. [`Config::load`] is all or nothing, so a reload that fails leaves what was loaded in force.
//!
//! Knows nothing of stores, servers or screens; what a key may be called, the console tells it. Start with [`Config`] and [`Home`].

mod budget;
mod campaigns;
mod feeds;
pub mod given;
mod home;
mod keys;
mod models;
mod payments;
mod persona;
mod prices;
mod problem;
mod process;
mod raw;
mod read;
mod section;
mod servers;
mod storage;
mod values;
mod wallets;

#[cfg(test)]
mod tests;

use std::path::Path;

use chimera_domain::{
    Timestamp, campaign::CampaignSpec, model, persona::Persona, policy::Policy, ports::Setup,
    trend::SpotRule,
};

use self::{
    budget::Budget,
    problem::{Log, Place},
    process::{Process, Surroundings},
    raw::Node,
};
pub use self::{
    feeds::{Feed, FeedLocation},
    home::{Home, HomeSource, Sandbox},
    models::{KeptAnswers, Minds},
    persona::{ParsedPersona, parse_persona},
    problem::{ConfigError, Problem},
    process::{Console, LogLevel, Logging, OnHangup, Swarm, Theme},
    servers::{Secret, Server, Stdio},
    storage::{Storage, older_than},
    wallets::{Keystore, Wallets},
};

/// The bundled server that reads feeds.
pub const FEEDS_SERVER: &str = "feeds";
/// The bundled stand-in for a social platform.
pub const TWITTER_SERVER: &str = "twitter";
/// The bundled stand-in that makes text, pictures and video.
pub const STUDIO_SERVER: &str = "studio";

/// Servers that exist without configuration.
const BUNDLED_SERVERS: [&str; 3] = [FEEDS_SERVER, TWITTER_SERVER, STUDIO_SERVER];
/// The bundled ones that can publish.
const PUBLISH_SERVERS: [&str; 1] = [TWITTER_SERVER];

/// What the configuration means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The operator's IANA zone, for times on screen.
    pub zone: String,
    /// The console.
    pub console: Console,
    /// The swarm loop.
    pub swarm: Swarm,
    /// The log file.
    pub logging: Logging,
    /// The database.
    pub store: Storage,
    /// From when on what signals together tell is a trend.
    pub spot: SpotRule,
    /// What is perceived.
    pub feeds: Vec<Feed>,
    /// MCP servers of other people.
    pub servers: Vec<Server>,
    /// Language models, and who asks them.
    pub minds: Minds,
    /// Where chains and keys are.
    pub wallets: Wallets,
    /// Campaigns.
    pub campaigns: Vec<CampaignSpec>,
    /// Every persona that can be used.
    pub personas: Vec<Persona>,
    /// The policy with every price it lists; [`Config::policy_at`] has the ones in force.
    pub policy: Policy,
    /// What the operator should know.
    pub notices: Vec<Problem>,
}

/// Everything a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What makes the configuration unusable.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<Problem>,
}

impl Config {
    /// Reads everything below `home`.
    ///
    /// # Errors
    /// All that is wrong, file by file with lines.
    pub fn load(home: &Home) -> Result<Self, ConfigError> {
        Self::load_from(home, environment)
    }

    /// As [`Config::load`], with a given environment for the `${NAME}` of `servers:`.
    ///
    /// # Errors
    /// All that is wrong, file by file with lines.
    pub fn load_from(
        home: &Home,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        match read_all(home, &variable) {
            (Some(config), report) if report.problems.is_empty() => Ok(Self {
                notices: report.notices,
                ..config
            }),
            (_, report) => Err(ConfigError {
                problems: report.problems,
            }),
        }
    }

    /// Reads everything and tells all that was found, usable or not.
    #[must_use]
    pub fn check(home: &Home) -> Report {
        read_all(home, &environment).1
    }

    /// Reads these feeds instead of the configured ones: each an address, a file or a folder, as in the
    /// short form of `feeds:`, with paths from the working folder. On an error nothing is changed.
    ///
    /// # Errors
    /// When one of them is not there or is no feed.
    pub fn replace_feeds(&mut self, given: &[String]) -> Result<(), ConfigError> {
        let mut log = Log::new(Path::new("--feed"));
        let feeds = feeds::read_given(given, &mut log);
        if !log.problems.is_empty() {
            return Err(ConfigError {
                problems: log.problems,
            });
        }
        if feeds.is_empty() {
            return Err(ConfigError::one(
                "--feed",
                format!("there is no feed in {}", given.join(", ")),
                "give an address, a file, or a folder with feed files in it",
            ));
        }
        self.feeds = feeds;
        Ok(())
    }

    /// The policy with the prices that are in force at `now`.
    #[must_use]
    pub fn policy_at(&self, now: Timestamp) -> Policy {
        let mut policy = self.policy.clone();
        policy
            .budget
            .prices
            .retain(|price| values::midnight(&price.since).is_none_or(|since| since <= now));
        policy
    }

    /// Servers whose effects are stand-ins.
    #[must_use]
    pub fn simulated_servers(&self) -> Vec<String> {
        let bundled = [TWITTER_SERVER, STUDIO_SERVER]
            .map(str::to_owned)
            .into_iter();
        bundled
            .chain(
                self.servers
                    .iter()
                    .filter(|server| server.simulated)
                    .map(|server| server.name.clone()),
            )
            .collect()
    }

    /// What the store is told, with the prices that are in force at `now`.
    #[must_use]
    pub fn setup(&self, now: Timestamp) -> Setup {
        Setup {
            personas: self.personas.clone(),
            campaigns: self.campaigns.clone(),
            resources: self.feeds.iter().map(Feed::resource).collect(),
            policy: self.policy_at(now),
            simulated_servers: self.simulated_servers(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one that reads the environment"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

const CREATE_HINT: &str = "start chimera once with this home; it writes the file";

fn read_all(home: &Home, variable: &dyn Fn(&str) -> Option<String>) -> (Option<Config>, Report) {
    let mut logs = Vec::new();
    let around = Surroundings {
        base: home.config_dir(),
        variable,
    };

    let mut process_log = Log::new(&home.chimera_yaml());
    let process = yaml(&home.chimera_yaml(), &mut process_log)
        .and_then(|(node, _)| process::read(&node, around, &mut process_log));
    let mut budget_log = Log::new(&home.budget_yaml());
    let budget = yaml(&home.budget_yaml(), &mut budget_log)
        .and_then(|(node, bytes)| budget::read(&node, &bytes, &mut budget_log));
    let used = process
        .as_ref()
        .and_then(|process| process.campaigns.as_ref());
    let is_used = |slug: &str| {
        used.is_some_and(|campaigns| campaigns.iter().any(|wanted| wanted.persona.0 == slug))
    };
    let voices = read_personas(&home.personas_dir(), is_used, &mut logs);

    let config = process.zip(budget).map(|(process, budget)| {
        settle(process, budget, voices, &mut process_log, &mut budget_log)
    });
    logs.splice(0..0, [process_log, budget_log]);
    let mut report = Report {
        problems: Vec::new(),
        notices: Vec::new(),
    };
    for log in logs {
        let log = log.sorted();
        report.problems.extend(log.problems);
        report.notices.extend(log.notices);
    }
    (config, report)
}

/// The values of one YAML file with its bytes.
fn yaml(path: &Path, log: &mut Log) -> Option<(Node, Vec<u8>)> {
    let bytes = read::bytes(path, read::YAML_BYTES_MAX, CREATE_HINT, log)?;
    parse_yaml(&bytes, log).map(|node| (node, bytes))
}

fn parse_yaml(bytes: &[u8], log: &mut Log) -> Option<Node> {
    if bytes.len() > read::YAML_BYTES_MAX {
        log.problem(
            Place::FILE,
            "the file is longer than 1 MiB",
            "a configuration is shorter; was another file put here?",
        );
        return None;
    }
    match raw::parse(read::text(bytes, log)?) {
        Ok(Some(node)) => Some(node),
        Ok(None) => {
            log.problem(Place::line(1), "the file says nothing", "write `key: value` lines, or remove the file and start chimera once to get the usual one");
            None
        }
        Err(fault) => {
            log.problem(fault.at, fault.message, fault.hint);
            None
        }
    }
}

/// The personas folder.
struct Voices {
    /// Those that can be used.
    personas: Vec<Persona>,
    /// Every folder, the broken ones too: what is wrong with those is told once, in their own file.
    slugs: Vec<String>,
}

/// Every folder with a SOUL.md. A broken one that no campaign uses is told and stops nothing.
fn read_personas(directory: &Path, is_used: impl Fn(&str) -> bool, logs: &mut Vec<Log>) -> Voices {
    let mut folder_log = Log::new(directory);
    let mut slugs = Vec::new();
    match std::fs::read_dir(directory) {
        Ok(entries) => slugs.extend(
            entries
                .flatten()
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().to_string_lossy().into_owned()),
        ),
        Err(error) => folder_log.problem(
            Place::FILE,
            format!("the folder cannot be listed: {error}"),
            CREATE_HINT,
        ),
    }
    slugs.retain(|slug| !slug.starts_with('.'));
    slugs.sort();
    let mut personas = Vec::new();
    for slug in &slugs {
        let file = directory.join(slug).join("SOUL.md");
        let mut log = Log::new(&file);
        let parsed = read::bytes(
            &file,
            read::SOUL_BYTES_MAX,
            "write a SOUL.md or remove the folder",
            &mut log,
        )
        .map(|bytes| parse_persona(slug, &file, &bytes));
        match parsed {
            Some(Ok(parsed)) => {
                personas.push(parsed.persona);
                log.notices.extend(parsed.notices);
            }
            Some(Err(error)) => log.problems.extend(error.problems),
            None => {}
        }
        if !is_used(slug) {
            log.notices.append(&mut log.problems);
        }
        logs.push(log);
    }
    logs.push(folder_log);
    Voices { personas, slugs }
}

/// Checks the files against each other.
fn settle(
    process: Process,
    budget: Budget,
    voices: Voices,
    log: &mut Log,
    budget_log: &mut Log,
) -> Config {
    let slugs: Vec<&str> = voices.slugs.iter().map(String::as_str).collect();
    let stated = process.campaigns.is_some();
    let wanted = process
        .campaigns
        .unwrap_or_else(|| usual_campaigns(&voices.personas));
    if !stated {
        log.notice(
            Place::FILE,
            format!(
                "no campaigns are given; the {} bundled ones are used",
                wanted.len()
            ),
            "write `campaigns:`",
        );
    }
    if process.feeds.is_empty() {
        log.notice(
            Place::FILE,
            "no feeds are given, so nothing is perceived",
            "write `feeds:` and below it `  - https://…`",
        );
    }
    campaigns::cross_check(&wanted, log);
    let campaigns: Vec<CampaignSpec> = wanted
        .into_iter()
        .map(|wanted| campaigns::settle(wanted, &slugs, &process.servers, &budget.caps, log))
        .collect();
    let names: Vec<&str> = campaigns
        .iter()
        .map(|campaign| campaign.name.as_str())
        .collect();
    let minds = models::settle(process.minds, &budget, log);
    let models = (!minds.models.is_empty()).then_some(model::SERVER);
    let servers: Vec<&str> = BUNDLED_SERVERS
        .into_iter()
        .chain(models)
        .chain(process.servers.iter().map(|server| server.name.as_str()))
        .collect();
    budget::cross_check(&budget, &names, &servers, budget_log);
    Config {
        zone: process.zone,
        console: process.console,
        swarm: process.swarm,
        logging: process.logging,
        store: process.store,
        spot: process.spot,
        feeds: process.feeds,
        servers: process.servers,
        minds,
        wallets: process.wallets,
        campaigns,
        personas: voices.personas,
        policy: budget.policy,
        notices: Vec::new(),
    }
}

/// The campaigns that are shipped, as far as their personas are there.
fn usual_campaigns(personas: &[Persona]) -> Vec<campaigns::Wanted> {
    let mut log = Log::new(Path::new("chimera.yaml"));
    let Some(node) = parse_yaml(home::CHIMERA_YAML.as_bytes(), &mut log) else {
        return Vec::new();
    };
    let Some(mut section) = section::Section::of(&node, "", &mut log) else {
        return Vec::new();
    };
    let nodes = section.list("campaigns", &mut log).unwrap_or_default();
    let mut wanted = campaigns::read(nodes, &mut log);
    wanted.retain(|campaign| {
        personas
            .iter()
            .any(|persona| persona.slug == campaign.persona.0)
    });
    wanted
}
