//! What this process is sending at this moment: the one thing about effects that only the process knows.
//!
//! The order of one account and everything that forbids a send is kept by the store. What is kept here
//! is how much is under way through each server, and which effects nobody needs to ask for yet.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chimera_domain::{effect::SendOrder, ids::EffectId};

use crate::runtime::SendsMax;

/// The sends of this process.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    most: SendsMax,
    /// Held while an effect is taken, and while the store is asked what has no known fate: an effect
    /// is never `sent` in the store and unknown here.
    turn: tokio::sync::Mutex<()>,
    under_way: Mutex<BTreeMap<EffectId, String>>,
}

/// One send. Dropped when its end is written down, or when there will be none.
#[derive(Debug)]
pub(super) struct Sending<'a> {
    lanes: &'a Lanes,
    effect: EffectId,
}

impl Lanes {
    pub(crate) fn new(most: SendsMax) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// Whoever takes effects, or asks which have no known fate, does it one after the other.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The servers through which no more may be sent now.
    pub(super) fn full(&self) -> Vec<String> {
        let mut sends: BTreeMap<String, usize> = BTreeMap::new();
        for server in self.under_way().values() {
            *sends.entry(server.clone()).or_default() += 1;
        }
        sends.retain(|server, sends| *sends >= self.most.of(server));
        sends.into_keys().collect()
    }

    /// An effect was taken and is now sent.
    pub(super) fn begin(&self, order: &SendOrder) -> Sending<'_> {
        self.under_way()
            .insert(order.effect_id, order.call.server.clone());
        Sending {
            lanes: self,
            effect: order.effect_id,
        }
    }

    /// Whether this process is sending it: its fate is not known because it is not over.
    pub(super) fn sends(&self, effect: EffectId) -> bool {
        self.under_way().contains_key(&effect)
    }

    /// How much is under way.
    pub(super) fn count(&self) -> usize {
        self.under_way().len()
    }

    fn under_way(&self) -> MutexGuard<'_, BTreeMap<EffectId, String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.lanes.under_way().remove(&self.effect);
    }
}

#[cfg(test)]
mod tests {
    use chimera_domain::testing::uuid_of;

    use super::*;

    // R43: a server is full when as much as it bears is under way through it, and free when one of it ended.
    #[test]
    fn r43_a_server_is_full_at_its_own_limit() {
        let most = SendsMax {
            usual: 2,
            by_server: [("mastodon".to_owned(), 1), ("odd".to_owned(), 0)].into(),
        };
        let lanes = Lanes::new(most);
        let send = |n: u128, server: &str| {
            let effect = EffectId::from_uuid(uuid_of(n));
            lanes.under_way().insert(effect, server.to_owned());
            Sending {
                lanes: &lanes,
                effect,
            }
        };
        let _one = send(1, "twitter");
        assert!(lanes.full().is_empty());
        let two = send(2, "twitter");
        let _of_another = send(3, "mastodon");
        assert_eq!(lanes.full(), ["mastodon", "twitter"]);
        drop(two);
        assert_eq!(lanes.full(), ["mastodon"]);
        let _odd = send(4, "odd");
        assert_eq!(lanes.full(), ["mastodon", "odd"]);
        assert!(lanes.sends(EffectId::from_uuid(uuid_of(4))) && lanes.count() == 3);
    }
}
