//! Trends: signals of one window that tell one story, how fast there are more of them, and what people want to hear no
//! more of.

use crate::{
    clock::{Span, Timestamp},
    ids::{AgentId, MuteId, ResourceId, TrendId},
    version::StateVersion,
    words::words,
};

/// How many an hour, in hundredths: whole numbers, so that every machine ranks alike.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct PerHour(u32);

impl PerHour {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many hundredths an hour.
    #[must_use]
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// So many in such a time; nothing in no time.
    #[must_use]
    pub fn of(count: u32, within: Span) -> Self {
        const HOUR: u64 = 3_600_000_000;
        let micros = within.micros();
        if micros == 0 {
            return Self::ZERO;
        }
        let hundredths = u64::from(count) * 100 * HOUR / micros;
        Self(u32::try_from(hundredths).unwrap_or(u32::MAX))
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for PerHour {
    /// `3`, `0.25`: as many digits as it has.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        let text = match rest {
            0 => whole.to_string(),
            rest if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
            rest => format!("{whole}.{rest:02}"),
        };
        f.pad(&text)
    }
}

/// How fast a trend grows: new ones an hour in the last quarter of the window, and in the rest of it before.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct Velocity {
    /// Now.
    pub now: PerHour,
    /// Before that.
    pub before: PerHour,
}

/// How glad or gloomy texts are, in thousandths from -1000 to 1000.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Sentiment(i16);

impl Sentiment {
    /// From glad and gloomy words that were found; `None` where there are none: nothing was measured then.
    #[must_use]
    pub fn of(glad: u32, gloomy: u32) -> Option<Self> {
        let (glad, gloomy) = (i64::from(glad), i64::from(gloomy));
        let all = glad + gloomy;
        let share = (glad - gloomy) * 1_000 / all.max(1);
        (all > 0)
            .then(|| i16::try_from(share).ok().map(Self))
            .flatten()
    }

    /// In thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i16 {
        self.0
    }
}

impl std::fmt::Display for Sentiment {
    /// `+0.4`, `-1.0`, `0.0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (i32::from(self.0) + 50 * i32::from(self.0.signum())) / 100;
        let sign = match tenths {
            0 => "",
            1.. => "+",
            _ => "-",
        };
        let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
        f.pad(&format!("{sign}{whole}.{rest}"))
    }
}

/// How a trend stands, measured over one window.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// Signals of the window.
    pub volume: u32,
    /// How many different sources they came from.
    pub sources: u32,
    /// How fast there are more.
    pub velocity: Velocity,
    /// The mean of those that say anything; `None` where none does.
    pub sentiment: Option<Sentiment>,
    /// The first of the window.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
}

words! {
    /// Where a trend stands.
    pub enum TrendState as "trend state" {
        /// It waits for a person, or for its end.
        Open = "open",
        /// A person had it planned.
        Converted = "converted",
        /// A person wants to hear of it later.
        Snoozed = "snoozed",
        /// A person wants to hear no more of what it is about.
        Muted = "muted",
        /// Nothing of it came within a window.
        Faded = "faded",
    }
}

impl TrendState {
    /// Every move a trend may make.
    pub const TRANSITIONS: &'static [(Self, Self)] = &[
        (Self::Open, Self::Converted),
        (Self::Open, Self::Snoozed),
        (Self::Open, Self::Muted),
        (Self::Open, Self::Faded),
        // Its time has come, or a person looks at it before.
        (Self::Snoozed, Self::Open),
        (Self::Snoozed, Self::Snoozed),
        (Self::Snoozed, Self::Converted),
        (Self::Snoozed, Self::Muted),
        (Self::Snoozed, Self::Faded),
        // The mute was taken back.
        (Self::Muted, Self::Open),
        // It grows again.
        (Self::Faded, Self::Open),
    ];

    /// Whether a person may still do something with it.
    #[must_use]
    pub const fn waits(self) -> bool {
        match self {
            Self::Open | Self::Snoozed => true,
            Self::Converted | Self::Muted | Self::Faded => false,
        }
    }
}

/// From when on a cluster is a trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpotRule {
    /// How far back is looked.
    pub window: Span,
    /// At least so many new ones an hour, now.
    pub per_hour_min: PerHour,
    /// At least so many in the window.
    pub volume_min: u32,
}

impl Default for SpotRule {
    fn default() -> Self {
        Self {
            window: Span::from_hours(4),
            per_hour_min: PerHour::from_hundredths(300),
            volume_min: 3,
        }
    }
}

/// Which item of which resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemName {
    /// Where it stood.
    pub resource: ResourceId,
    /// Stable within it.
    pub key: String,
}

/// An item as it was first seen: once, however many campaigns listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Which one.
    pub item: ItemName,
    /// Its title.
    pub title: String,
    /// The feed it stood in.
    pub source: String,
    /// When it was published, where that is known and not later than it was seen; else when it was seen.
    pub at: Timestamp,
    /// The trend it is of.
    pub trend: Option<TrendId>,
}

/// A trend as the spotter reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrendHead {
    /// Its id.
    pub id: TrendId,
    /// Its row version.
    pub version: StateVersion,
    /// Where it stands.
    pub state: TrendState,
    /// Until when it sleeps.
    pub snoozed_until: Option<Timestamp>,
}

/// What a trend is called, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The title that stands for all.
    pub title: String,
    /// The words that hold it together.
    pub words: Vec<String>,
    /// How it stands.
    pub standing: Standing,
    /// By what it was put together: method and version.
    pub method: String,
}

/// What the spotter found in one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spotted {
    /// A cluster crossed the line.
    Found {
        /// What it is.
        told: Told,
        /// Its items.
        items: Vec<ItemName>,
    },
    /// A trend that is known stands so now.
    Measured {
        /// Which one.
        id: TrendId,
        /// As it was read.
        version: StateVersion,
        /// What it is now.
        told: Told,
        /// Items that are new to it.
        items: Vec<ItemName>,
        /// Where it goes, where it moves.
        to: Option<TrendState>,
    },
    /// It moves, and nothing is known of it anew.
    Moved {
        /// Which one.
        id: TrendId,
        /// As it was read.
        version: StateVersion,
        /// Where to.
        to: TrendState,
    },
}

/// A topic that somebody wants to hear no more of. It is never changed; it can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Its id.
    pub id: MuteId,
    /// Whose; `None` is everybody's.
    pub agent: Option<AgentId>,
    /// Its words: what has all of them is muted.
    pub words: String,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
    /// Who said so.
    pub by: String,
}

impl Mute {
    /// So many may be in force at once: every decision is held against each, and names them.
    pub const IN_FORCE_MAX: u32 = 100;
    /// The longest words.
    pub const WORDS_CHARS_MAX: usize = 120;

    /// Whether it is about this agent.
    #[must_use]
    pub fn concerns(&self, agent: AgentId) -> bool {
        self.agent.is_none_or(|own| own == agent)
    }
}

/// So many of a trend's words are muted where nobody says which: one alone says too little.
pub const MUTED_WORDS: usize = 2;

/// A mute that somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMute {
    /// Whose; `None` is everybody's.
    pub agent: Option<AgentId>,
    /// Its words.
    pub words: String,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
}

/// Which campaigns a trend is converted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConvertFor {
    /// Those in which one of its signals scores at least half of what is planned by itself.
    Fitting,
    /// These, by name, whatever their scores.
    Named(Vec<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    // R32: a rate is a whole number of hundredths and is shown without digits it has not; a mood is nothing where no word
    // carried one.
    #[test]
    fn r32_rates_and_moods_are_whole_numbers() {
        let shown = |count, minutes| PerHour::of(count, Span::from_mins(minutes)).to_string();
        assert_eq!(
            [shown(3, 60), shown(1, 180), shown(1, 120), shown(7, 0)],
            ["3", "0.33", "0.5", "0"]
        );
        let mood = |glad, gloomy| Sentiment::of(glad, gloomy).map(|mood| mood.to_string());
        assert_eq!(mood(0, 0), None);
        assert_eq!(mood(2, 1).as_deref(), Some("+0.3"));
        assert_eq!(mood(0, 3).as_deref(), Some("-1.0"));
        assert_eq!(mood(1, 1).as_deref(), Some("0.0"));
    }

    // R32: every state can be reached, one that a person had planned is over, and nothing moves out of the way but what
    // waits.
    #[test]
    fn r32_trends_move_as_their_table_says() {
        let moves = TrendState::TRANSITIONS;
        for state in TrendState::ALL {
            assert!(
                *state == TrendState::Open || moves.iter().any(|(_, to)| to == state),
                "{state}"
            );
            let by_person = moves
                .iter()
                .any(|(from, to)| from == state && *to == TrendState::Converted);
            assert_eq!(by_person, state.waits(), "{state}");
        }
        assert!(!moves.iter().any(|(from, _)| *from == TrendState::Converted));
    }
}
