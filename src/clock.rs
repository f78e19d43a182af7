//! The machine's clock and random source: the one place that reads them.

use std::{sync::Arc, time::SystemTime};

use chimera_domain::{Ambient, Clock, IdSource, Timestamp};
use uuid::Uuid;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one clock everybody else is handed"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The two highest bits of a random UUID's second half are fixed.
const LOW_BITS: u64 = u64::MAX >> 2;

/// `UUIDv7`s and random numbers.
#[derive(Debug, Clone, Copy)]
struct RandomIds;

impl IdSource for RandomIds {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one id source everybody else is handed"
    )]
    fn fresh(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one random source everybody else is handed"
    )]
    fn pick(&self, below: u64) -> u64 {
        let random = Uuid::new_v4().as_u64_pair().1 & LOW_BITS;
        random.checked_rem(below).unwrap_or(0)
    }
}

/// The machine's clock and random source.
#[must_use]
pub fn system() -> Ambient {
    Ambient::new(Arc::new(SystemClock), Arc::new(RandomIds))
}
