//! What the roof tells the console, and what the console tells the roof when it ends.

use std::path::PathBuf;

use chimera_domain::{Safe, Span};

use crate::keymap::Keymap;

/// Everything the console must know and may not find out by itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether the swarm runs in another process.
    pub attached: bool,
    /// Who decides here (`operator@host:tty`).
    pub actor: String,
    /// The IANA zone times are shown in.
    pub zone: String,
    /// How long a card must have been on screen before a decision key counts.
    pub guard: Span,
    /// Only ASCII for borders and symbols.
    pub ascii: bool,
    /// No colours; state is a word or symbol anyway.
    pub no_color: bool,
    /// At most four frames a second, no seconds on screen, ASCII borders.
    pub low_bandwidth: bool,
    /// The terminal's background is light.
    pub light: bool,
    /// Colours that people who do not tell red from green tell apart.
    pub colour_blind: bool,
    /// The terminal is at the other end of an SSH line.
    pub over_ssh: bool,
    /// The value of `TERM`.
    pub term: String,
    /// How somebody who is away is told that something waits.
    pub notify: Notify,
    /// How pictures are drawn.
    pub pictures: Pictures,
    /// Which keys do what.
    pub keys: Keymap,
    /// Where the log is, for messages that point to it.
    pub log_path: PathBuf,
    /// The operator's own editor, as a shell would run it.
    pub editor: Option<String>,
    /// A folder of ours alone, for what an editor is given.
    pub scratch: PathBuf,
    /// What is remembered of this database from one time to the next; without it nothing is.
    pub state_file: Option<PathBuf>,
    /// Where exports go; without it there are none.
    pub exports_dir: Option<PathBuf>,
    /// A first message.
    pub notice: Option<String>,
}

/// How somebody who looks at another window is told that a ticket came. Nobody who looks here is told, and nobody
/// whose terminal does not say whether they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// Not at all.
    Off,
    /// By the bell.
    Bell,
    /// By a notice on the desktop, as far as the terminal makes one.
    Desktop,
}

/// How pictures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pictures {
    /// Two pixels a cell: everywhere.
    Blocks,
    /// In pixels, for terminals that know how; none says so reliably.
    Pixels(Protocol),
}

/// How a terminal is told of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The graphics protocol of kitty.
    Kitty,
    /// Sixels.
    Sixel,
}

/// How the console ended, and what it left waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub exit: Exit,
    /// How many wait for a person, and the oldest for how long; nothing when none does or nobody knows.
    pub waits: Option<Safe>,
}

/// The least guard, whatever the settings say: it cannot be switched off.
const GUARD_MIN: Span = Span::from_millis(100);
/// The least guard at the other end of an SSH line, where a key was typed before it arrives.
const GUARD_MIN_SSH: Span = Span::from_millis(250);

impl Settings {
    /// Settings with everything ordinary.
    #[must_use]
    pub fn new(actor: impl Into<String>) -> Self {
        Self {
            attached: false,
            actor: actor.into(),
            zone: "UTC".into(),
            guard: Span::from_millis(250),
            ascii: false,
            no_color: false,
            low_bandwidth: false,
            light: false,
            colour_blind: false,
            over_ssh: false,
            term: String::new(),
            notify: Notify::Off,
            pictures: Pictures::Blocks,
            keys: Keymap::default(),
            log_path: PathBuf::new(),
            editor: None,
            scratch: PathBuf::new(),
            state_file: None,
            exports_dir: None,
            notice: None,
        }
    }

    /// How pictures are drawn here.
    pub(crate) fn pictures_applied(&self) -> Pictures {
        if self.no_color || self.ascii || is_multiplexed(&self.term) {
            Pictures::Blocks
        } else {
            self.pictures
        }
    }

    /// The guard that applies: never below the floor.
    pub(crate) fn guard_applied(&self) -> Span {
        let floor = if self.over_ssh {
            GUARD_MIN_SSH
        } else {
            GUARD_MIN
        };
        self.guard.max(floor)
    }
}

/// Whether another program stands between us and the terminal, which passes on neither notices nor pictures.
pub(crate) fn is_multiplexed(term: &str) -> bool {
    ["tmux", "screen"].iter().any(|name| term.starts_with(name))
}

/// Why the console ended. In no case was the swarm touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The operator left.
    Quit,
    /// The line dropped.
    Hangup,
    /// The process was asked to end.
    Terminated,
}

/// Why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refuse: nobody could see or type anything.
    #[error(
        "the console needs a terminal: {why}; use the subcommands, or `--plain` where there is one"
    )]
    NoTerminal {
        /// What is missing.
        why: &'static str,
    },
    /// The terminal refused a setting.
    #[error("could not {doing} the terminal")]
    Terminal {
        /// What was being done.
        doing: &'static str,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
}
