//! `chimera.yaml`: the process, as a deployer edits it. Every key may be left out.

use std::path::Path;

use chimera_domain::{
    Span,
    trend::{PerHour, SpotRule},
};
use chimera_ui::{Keymap, Notify, Pictures, Protocol};

use super::{
    campaigns::{self, Wanted},
    feeds::{self, Feed},
    keys, models,
    problem::{Log, Wrong, quote},
    raw::Node,
    section::Section,
    servers::{self, Server},
    storage::{self, Storage},
    values, wallets,
};

/// The console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// Keys that decide are ignored for so long after what they act on changed.
    pub guard: Span,
    /// What happens to the swarm when the terminal goes away.
    pub on_hangup: OnHangup,
    /// Draw with ASCII only.
    pub ascii: bool,
    /// Draw as little as possible, for slow lines.
    pub low_bandwidth: bool,
    /// Which background and whose eyes the colours are made for.
    pub theme: Theme,
    /// How somebody who is away is told that something waits.
    pub notify: Notify,
    /// How pictures are drawn.
    pub pictures: Pictures,
    /// Which keys do what.
    pub keys: Keymap,
}

/// What happens to the swarm when the terminal goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnHangup {
    /// It goes on without a console.
    Keep,
    /// It stops in order.
    Stop,
}

/// Which background and whose eyes the colours are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "kebab-case")]
pub enum Theme {
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Blue against yellow on a dark background, for those who do not tell red from green.
    ColourBlind,
    /// The same for a light background.
    ColourBlindLight,
    /// No colours.
    Mono,
}

impl Theme {
    /// Each with its word in `chimera.yaml`.
    const WORDS: [(&'static str, Self); 5] = [
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("colour-blind", Self::ColourBlind),
        ("colour-blind-light", Self::ColourBlindLight),
        ("mono", Self::Mono),
    ];

    /// Whether it is made for a light background.
    #[must_use]
    pub const fn is_light(self) -> bool {
        matches!(self, Self::Light | Self::ColourBlindLight)
    }

    /// Whether it does without red against green.
    #[must_use]
    pub const fn is_colour_blind(self) -> bool {
        matches!(self, Self::ColourBlind | Self::ColourBlindLight)
    }
}

/// Each way to notify with its word in `chimera.yaml`.
const NOTIFY: [(&str, Notify); 3] = [
    ("off", Notify::Off),
    ("bell", Notify::Bell),
    ("desktop", Notify::Desktop),
];

/// Each way to draw pictures with its word in `chimera.yaml`.
const PICTURES: [(&str, Pictures); 3] = [
    ("blocks", Pictures::Blocks),
    ("kitty", Pictures::Pixels(Protocol::Kitty)),
    ("sixel", Pictures::Pixels(Protocol::Sixel)),
];

/// The swarm loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swarm {
    /// Workers at the same time.
    pub workers: u32,
    /// Effects that are sent at the same time.
    pub senders: u32,
    /// How long a role that found nothing to do waits before it looks again.
    pub poll_idle: Span,
    /// How long a claim holds unless renewed.
    pub lease: Span,
}

/// The log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logging {
    /// What is written.
    pub level: LogLevel,
    /// How many daily files are kept.
    pub files_max: u32,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// And what may become one.
    Warn,
    /// And each step of a walk.
    Info,
    /// And what led to it.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The word a filter takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self {
            guard: Span::from_millis(300),
            on_hangup: OnHangup::Keep,
            ascii: false,
            low_bandwidth: false,
            theme: Theme::Dark,
            notify: Notify::Off,
            pictures: Pictures::Blocks,
            keys: Keymap::default(),
        }
    }
}

impl Default for Swarm {
    fn default() -> Self {
        Self {
            workers: 2,
            senders: 4,
            poll_idle: Span::from_millis(500),
            lease: Span::from_secs(60),
        }
    }
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            files_max: 7,
        }
    }
}

/// What `chimera.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) zone: String,
    pub(super) console: Console,
    pub(super) swarm: Swarm,
    pub(super) logging: Logging,
    pub(super) store: Storage,
    pub(super) spot: SpotRule,
    pub(super) feeds: Vec<Feed>,
    pub(super) servers: Vec<Server>,
    pub(super) minds: models::Wanted,
    pub(super) wallets: super::wallets::Wallets,
    /// `None` when the file does not speak of campaigns.
    pub(super) campaigns: Option<Vec<Wanted>>,
}

/// What a value may refer to outside of the file.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// Where relative paths begin.
    pub(super) base: &'a Path,
    /// The environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
}

/// Reads the file; what is wrong is in the log.
pub(super) fn read(node: &Node, around: Surroundings<'_>, log: &mut Log) -> Option<Process> {
    let mut top = Section::of(node, "", log)?;
    let zone = top
        .value("zone", log, values::zone)
        .unwrap_or_else(|| "UTC".to_owned());
    let console = top
        .group("console", log)
        .map(|section| read_console(section, log))
        .unwrap_or_default();
    let swarm = top
        .group("swarm", log)
        .map(|section| read_swarm(section, log))
        .unwrap_or_default();
    let logging = top
        .group("logging", log)
        .map(|section| read_logging(section, log))
        .unwrap_or_default();
    let store = top
        .group("store", log)
        .map(|section| storage::read(section, log))
        .unwrap_or_default();
    let spot = top
        .group("trends", log)
        .map(|section| read_spot(section, log))
        .unwrap_or_default();
    let feeds = feeds::read(top.list("feeds", log).unwrap_or_default(), around, log);
    let servers = top
        .group("servers", log)
        .map(|section| servers::read(&section, around, log))
        .unwrap_or_default();
    let minds = models::read(&mut top, around, log);
    let wallets = wallets::read(&mut top, around, log);
    let campaigns = top
        .list("campaigns", log)
        .map(|nodes| campaigns::read(nodes, log));
    top.finish(log);
    Some(Process {
        zone,
        console,
        swarm,
        logging,
        store,
        spot,
        feeds,
        servers,
        minds,
        wallets,
        campaigns,
    })
}

fn read_console(mut section: Section<'_>, log: &mut Log) -> Console {
    let usual = Console::default();
    let console = Console {
        guard: section
            .value("guard_ms", log, values::whole(0, 5_000))
            .map_or(usual.guard, |ms| Span::from_millis(u64::from(ms))),
        on_hangup: section
            .value(
                "on_hangup",
                log,
                choice(
                    "choice of what a hangup does",
                    &[("keep", OnHangup::Keep), ("stop", OnHangup::Stop)],
                ),
            )
            .unwrap_or(usual.on_hangup),
        ascii: section
            .value("ascii", log, values::flag)
            .unwrap_or(usual.ascii),
        low_bandwidth: section
            .value("low_bandwidth", log, values::flag)
            .unwrap_or(usual.low_bandwidth),
        theme: section
            .value("theme", log, choice("theme", &Theme::WORDS))
            .unwrap_or(usual.theme),
        notify: section
            .value("notify", log, choice("way to notify", &NOTIFY))
            .unwrap_or(usual.notify),
        pictures: section
            .value("pictures", log, choice("way to draw pictures", &PICTURES))
            .unwrap_or(usual.pictures),
        keys: section
            .group("keys", log)
            .map_or(usual.keys, |section| keys::read(&section, log)),
    };
    section.finish(log);
    console
}

fn read_swarm(mut section: Section<'_>, log: &mut Log) -> Swarm {
    let usual = Swarm::default();
    let swarm = Swarm {
        workers: section
            .value("workers", log, values::whole(1, 64))
            .unwrap_or(usual.workers),
        senders: section
            .value("senders", log, values::whole(1, 64))
            .unwrap_or(usual.senders),
        poll_idle: section
            .value("poll_idle_ms", log, values::whole(10, 60_000))
            .map_or(usual.poll_idle, |ms| Span::from_millis(u64::from(ms))),
        lease: section
            .value("lease_secs", log, values::whole(5, 3_600))
            .map_or(usual.lease, |secs| Span::from_secs(u64::from(secs))),
    };
    section.finish(log);
    swarm
}

/// From when on what signals together tell is put before a person.
fn read_spot(mut section: Section<'_>, log: &mut Log) -> SpotRule {
    let usual = SpotRule::default();
    let rule = SpotRule {
        window: section.value("window", log, window).unwrap_or(usual.window),
        per_hour_min: section
            .value("per_hour_min", log, values::whole(1, 10_000))
            .map_or(usual.per_hour_min, |n| PerHour::from_hundredths(n * 100)),
        volume_min: section
            .value("volume_min", log, values::whole(2, 10_000))
            .unwrap_or(usual.volume_min),
    };
    section.finish(log);
    rule
}

/// Long enough for a quarter of it to be a time, and not longer than what was seen is kept.
fn window(text: &str) -> Result<Span, Wrong> {
    let span = values::span(text)?;
    if (Span::from_mins(20)..=Span::from_hours(7 * 24)).contains(&span) {
        return Ok(span);
    }
    Err(Wrong::new(
        format!("{} is no window that can be looked at", quote(text)),
        "write 20m at least and 7d at most".to_owned(),
    ))
}

fn read_logging(mut section: Section<'_>, log: &mut Log) -> Logging {
    let usual = Logging::default();
    let levels = [
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
        LogLevel::Trace,
    ]
    .map(|level| (level.as_str(), level));
    let logging = Logging {
        level: section
            .value("level", log, choice("log level", &levels))
            .unwrap_or(usual.level),
        files_max: section
            .value("files_max", log, values::whole(1, 365))
            .unwrap_or(usual.files_max),
    };
    section.finish(log);
    logging
}

/// One of a few words.
pub(super) fn choice<'c, T: Copy>(
    what: &'c str,
    all: &'c [(&'c str, T)],
) -> impl Fn(&str) -> Result<T, Wrong> + 'c {
    move |text| {
        all.iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
                Wrong::new(
                    format!("{} is not a {what}", quote(text)),
                    format!("write one of: {}", words.join(", ")),
                )
            })
    }
}
