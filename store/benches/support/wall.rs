//! The clock on the wall, and ids in order.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use chimera_domain::{Ambient, Clock, IdSource, Timestamp};
use uuid::Uuid;

struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Timestamp::from_micros(i64::try_from(since.unwrap().as_micros()).unwrap())
    }
}

struct Ids(AtomicU64);

impl IdSource for Ids {
    fn fresh(&self) -> Uuid {
        chimera_domain::testing::uuid_of(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
    fn pick(&self, below: u64) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) % below.max(1)
    }
}

/// The wall clock, and ids that count up from here.
pub(crate) fn ambient(first: u64) -> Ambient {
    Ambient::new(Arc::new(Wall), Arc::new(Ids(AtomicU64::new(first))))
}
