//! Seeded numbers, ids in order, and a wall clock that is set.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chimera_domain::{Clock, IdSource, Timestamp};
use uuid::Uuid;

/// A number from a seed: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

/// The simulated wall clock. It is set before every call, so that the store's own threads see it too.
#[derive(Debug)]
pub(crate) struct SimClock(pub(crate) AtomicI64);

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Ids in order and numbers in sequence.
#[derive(Debug)]
pub(crate) struct SimIds(pub(crate) AtomicU64);

impl IdSource for SimIds {
    fn fresh(&self) -> Uuid {
        let n = u128::from(self.0.fetch_add(1, Ordering::SeqCst));
        Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 | (n & 0xffff_ffff_ffff))
    }

    fn pick(&self, below: u64) -> u64 {
        let mut chance = Chance::new(self.0.fetch_add(1, Ordering::SeqCst));
        chance.next().checked_rem(below).unwrap_or(0)
    }
}
