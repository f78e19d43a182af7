//! What leaves the house, and how it fares.

use std::sync::atomic::Ordering;

use chimera_domain::{
    ContentHash, Span, Usd,
    effect::{Receipt, SendOrder, Settlement},
    ports::{EngagementStore, ExecutorStore},
    publication::{DuePublication, Sample},
};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    fate::End,
    house::{AT_ONCE, House, done},
};
use crate::fault::Fault;

/// Accounts from which something leaves at the same time.
const SENDERS: usize = 64;

impl House {
    pub(super) async fn send(&self) -> Result<(), Fault> {
        let senders = (0..SENDERS).map(|_| self.sender());
        futures::future::try_join_all(senders).await.map(drop)
    }

    async fn sender(&self) -> Result<(), Fault> {
        while let Some(order) = self.store.take_effect(self.lease.fence).await? {
            self.settle(order).await?;
        }
        Ok(())
    }

    async fn settle(&self, order: SendOrder) -> Result<(), Fault> {
        let n = self.posts.fetch_add(1, Ordering::SeqCst);
        let settlement = if self.ends().get(&order.trace_id) == Some(&End::Uncertain) {
            Settlement::Uncertain {
                why: "no answer within 30 s (generated)".to_owned(),
            }
        } else {
            Settlement::Confirmed(Receipt {
                external_id: format!("generated-{n}"),
                url: format!("https://example.org/generated/post/{n}"),
                simulated: true,
                text_sha256: Some(ContentHash::of_bytes(order.call.post.text.as_bytes())),
                disclosure: Some(order.call.post.disclosure.to_string()),
                cost_usd: Some(Usd::ZERO),
            })
        };
        let settled = self
            .store
            .settle_effect(order.effect_id, order.version, settlement);
        done("settle", settled.await?).map(drop)
    }

    /// Looks at what was published, as often as is due.
    pub(super) async fn look(&self) -> Result<(), Fault> {
        let due = self.store.due_publications(500).await?;
        stream::iter(due)
            .map(|publication| self.sample(publication))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    }

    async fn sample(&self, publication: DuePublication) -> Result<(), Fault> {
        let now = self.ambient.now();
        let (likes, views) = {
            let mut chance = self.texts();
            (chance.next() % 200, chance.next() % 9_000)
        };
        let before = publication.last.map_or(0, |last| last.likes);
        let sample = Sample {
            at: now,
            likes: before + likes,
            shares: (before + likes) / 9,
            comments: (before + likes) / 20,
            views: Some(before * 40 + views),
            simulated: true,
        };
        let next = now.plus(Span::from_hours(6));
        let kept =
            self.store
                .commit_sample(publication.id, publication.version, Some(sample), next);
        done("look", kept.await?).map(drop)
    }
}
