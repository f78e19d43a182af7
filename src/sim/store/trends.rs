//! Trends, passed on as they are.

use async_trait::async_trait;
use chimera_domain::{
    Outcome, StateVersion, Timestamp,
    ids::{MuteId, TrendId},
    ports::{Result, SpotterStore, TrendStore},
    trend::{ConvertFor, NewMute, Sighting, Spotted, TrendHead},
    views::{MuteRow, Page, PageRequest, TrendRow},
};

use super::{SimStore, block_on};

#[async_trait]
impl SpotterStore for SimStore {
    async fn sightings(&self, since: Timestamp) -> Result<Vec<Sighting>> {
        read!(self.sightings(since))
    }

    async fn trend_heads(&self, since: Timestamp) -> Result<Vec<TrendHead>> {
        read!(self.trend_heads(since))
    }

    async fn commit_spotted(&self, spotted: &[Spotted]) -> Result<u32> {
        plain!(self.commit_spotted(spotted))
    }
}

#[async_trait]
impl TrendStore for SimStore {
    async fn trends(&self, page: &PageRequest) -> Result<Page<TrendRow>> {
        read!(self.trends(page))
    }

    async fn convert_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        wanted: &ConvertFor,
        actor: &str,
    ) -> Result<Outcome<u32>> {
        plain!(self.convert_trend(trend, version, wanted, actor))
    }

    async fn snooze_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        until: Timestamp,
        actor: &str,
    ) -> Result<Outcome<()>> {
        plain!(self.snooze_trend(trend, version, until, actor))
    }

    async fn mute_trend(
        &self,
        trend: TrendId,
        version: StateVersion,
        mute: &NewMute,
        actor: &str,
    ) -> Result<Outcome<MuteId>> {
        plain!(self.mute_trend(trend, version, mute, actor))
    }

    async fn mute_topic(&self, mute: &NewMute, actor: &str) -> Result<MuteId> {
        plain!(self.mute_topic(mute, actor))
    }

    async fn unmute(&self, mute: MuteId, actor: &str) -> Result<Outcome<()>> {
        plain!(self.unmute(mute, actor))
    }

    async fn mute_list(&self, page: &PageRequest) -> Result<Page<MuteRow>> {
        read!(self.mute_list(page))
    }
}
