//! Trends and mutes, as people see them.

use crate::{
    Safe, Timestamp,
    ids::{MuteId, TrendId},
    trend::{Standing, TrendState},
    version::StateVersion,
};

/// One trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendRow {
    /// Its id.
    pub id: TrendId,
    /// Its row version.
    pub version: StateVersion,
    /// Where it stands.
    pub state: TrendState,
    /// The title that stands for all.
    pub title: Safe,
    /// The words that hold it together.
    pub words: Safe,
    /// How it stood when it was last measured.
    pub standing: Standing,
    /// By what it was put together.
    pub method: Safe,
    /// When it was found.
    pub found_at: Timestamp,
    /// When it was last measured.
    pub measured_at: Timestamp,
    /// Until when it sleeps.
    pub snoozed_until: Option<Timestamp>,
    /// Who moved it last: a person, or the spotter.
    pub moved_by: Safe,
    /// Its newest signals, the newest first; at most [`TrendRow::ITEMS_MAX`].
    pub items: Vec<TrendItem>,
}

impl TrendRow {
    /// So many signals are shown.
    pub const ITEMS_MAX: u32 = 12;
}

/// One signal of a trend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendItem {
    /// Its title.
    pub title: Safe,
    /// The feed it stood in.
    pub source: Safe,
    /// When it was published, or else seen.
    pub at: Timestamp,
}

/// One mute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MuteRow {
    /// Its id.
    pub id: MuteId,
    /// Whose, by persona; `None` is everybody's.
    pub agent: Option<Safe>,
    /// Its words.
    pub words: Safe,
    /// Until when; `None` is for ever.
    pub until: Option<Timestamp>,
    /// Who said so.
    pub by: Safe,
    /// When.
    pub at: Timestamp,
    /// Who took it back, and when.
    pub lifted: Option<(Safe, Timestamp)>,
    /// Whether it is in force now.
    pub in_force: bool,
}
