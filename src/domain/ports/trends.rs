//! What the spotter and the faces may ask of trends.

use async_trait::async_trait;

use super::Result;
use crate::{
    clock::Timestamp,
    ids::{MuteId, TrendId},
    trend::{ConvertFor, NewMute, Sighting, Spotted, TrendHead},
    version::{Outcome, StateVersion},
    views::{MuteRow, Page, PageRequest, TrendRow},
};

/// The most sightings of one look; older ones of a fuller window are left out.
pub const SIGHTINGS_MAX: u32 = 10_000;

/// The spotter's store.
#[async_trait]
pub trait SpotterStore: Send + Sync {
    /// What was seen since a moment, the newest [`SIGHTINGS_MAX`] of it.
    async fn sightings(&self, since: Timestamp) -> Result<Vec<Sighting>>;

    /// The trends that wait for a person, and those of which something was seen since.
    async fn trend_heads(&self, since: Timestamp) -> Result<Vec<TrendHead>>;

    /// Writes one look down, each line by the version it was decided on: what moved meanwhile stays as it is and is
    /// looked at again. Of a sighting that is of a trend already the first trend keeps it, so that repeating it after
    /// an unclear failure finds nothing twice. How many lines were written.
    async fn commit_spotted(&self, spotted: &[Spotted]) -> Result<u32>;
}

/// The store of the people who look at trends.
#[async_trait]
pub trait TrendStore: Send + Sync {
    /// Trends, what grows fastest first; those that wait before the others.
    async fn trends(&self, page: &PageRequest) -> Result<Page<TrendRow>>;

    /// Has the best signal of each campaign planned, as [`super::DeskStore::say_of_signal`] keeps one. How many were.
    /// `Conflict` where it moved or does not wait any more; refused where no campaign has one that may be.
    async fn convert_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        wanted: &ConvertFor,
        actor: &str,
    ) -> Result<Outcome<u32>>;

    /// Out of the way until a moment; then it waits again. Refused for one that is past.
    async fn snooze_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        until: Timestamp,
        actor: &str,
    ) -> Result<Outcome<()>>;

    /// Mutes what a trend is about, and puts the trend away in the same transaction.
    async fn mute_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        mute: &NewMute,
        actor: &str,
    ) -> Result<Outcome<MuteId>>;

    /// Mutes a topic. Refused without a word in it, and beyond [`crate::trend::Mute::IN_FORCE_MAX`].
    async fn mute_topic(&self, mute: &NewMute, actor: &str) -> Result<MuteId>;

    /// Takes a mute back: what was put away with it waits again. `Conflict` where somebody did, `NotFound` where there
    /// is none.
    async fn unmute(&self, mute: MuteId, actor: &str) -> Result<Outcome<()>>;

    /// Every mute, those in force first, the newest first.
    async fn mute_list(&self, page: &PageRequest) -> Result<Page<MuteRow>>;
}
