//! What holds a call back before it is sent: a token bucket and a circuit breaker, both per server.

use std::sync::{Mutex, PoisonError};

use chimera_domain::clock::Span;
use tokio::time::{Duration, Instant};

use crate::call::Failure;

/// So many calls in a row without an answer open the breaker.
const FAILURES_MAX: u32 = 5;
/// So long it stays open.
const OPEN_FOR: Duration = Duration::from_secs(30);

/// Whether calls go through, as an operator sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// They do.
    Closed,
    /// None does: too many in a row got no answer.
    Open,
    /// One is let through to see whether the server answers again.
    HalfOpen,
}

/// A bucket that holds a minute's worth of tokens and fills evenly.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_minute: u32,
    /// Whole calls times a minute, in microseconds, so that nothing is lost to rounding.
    level: u64,
    seen: Instant,
}

const MINUTE_MICROS: u64 = 60_000_000;

impl Bucket {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            level: u64::from(per_minute) * MINUTE_MICROS,
            seen: Instant::now(),
        }
    }

    /// Takes one token, or says when there will be one.
    pub(crate) fn take(&mut self) -> Result<(), Failure> {
        let rate = u64::from(self.per_minute);
        let now = Instant::now();
        let elapsed = u64::try_from((now - self.seen).as_micros()).unwrap_or(u64::MAX);
        self.seen = now;
        self.level = self
            .level
            .saturating_add(elapsed.saturating_mul(rate))
            .min(rate * MINUTE_MICROS);
        if let Some(level) = self.level.checked_sub(MINUTE_MICROS) {
            self.level = level;
            return Ok(());
        }
        let wait = Span::from_micros((MINUTE_MICROS - self.level).div_ceil(rate));
        Err(Failure::RateLimited(
            Some(wait),
            format!("our own limit is {rate} a minute"),
        ))
    }
}

/// Stops calling a server that no longer answers.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<Gate>);

#[derive(Debug)]
enum Gate {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

impl Default for Gate {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

/// Leave to make one call. Dropped without a report, it says nothing about the server.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Breaker {
    fn gate(&self) -> std::sync::MutexGuard<'_, Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for leave to make one call.
    pub(crate) fn enter(&self) -> Result<Pass<'_>, Failure> {
        let mut gate = self.gate();
        match *gate {
            Gate::Closed { .. } => Ok(Pass {
                breaker: self,
                probe: false,
            }),
            Gate::Open { until } if until <= Instant::now() => {
                *gate = Gate::Probing;
                Ok(Pass {
                    breaker: self,
                    probe: true,
                })
            }
            Gate::Open { until } => Err(Failure::Held(format!(
                "{FAILURES_MAX} calls in a row got no answer; the next one may go in {:.0} s",
                (until - Instant::now()).as_secs_f64().ceil()
            ))),
            Gate::Probing => Err(Failure::Held(
                "one call is under way to see whether it answers again".into(),
            )),
        }
    }

    /// What it does now.
    pub(crate) fn state(&self) -> BreakerState {
        match *self.gate() {
            Gate::Closed { .. } => BreakerState::Closed,
            Gate::Open { until } if until > Instant::now() => BreakerState::Open,
            Gate::Open { .. } | Gate::Probing => BreakerState::HalfOpen,
        }
    }
}

impl Pass<'_> {
    /// Notes what became of the call. What never got as far as the server says nothing about it.
    pub(crate) fn note<T>(self, done: &Result<T, Failure>) {
        match done {
            Err(Failure::Held(_)) => {}
            Err(Failure::NotSent(_) | Failure::Ambiguous(_)) => self.report(false),
            Ok(_)
            | Err(
                Failure::RateLimited(..)
                | Failure::Refused(_)
                | Failure::Unknown(_)
                | Failure::Contract(_),
            ) => self.report(true),
        }
    }

    /// Notes whether the server answered; a refusal is an answer.
    fn report(self, answered: bool) {
        let mut gate = self.breaker.gate();
        let opened = Gate::Open {
            until: Instant::now() + OPEN_FOR,
        };
        match &mut *gate {
            gate if answered => *gate = Gate::default(),
            Gate::Closed { failures } if *failures + 1 < FAILURES_MAX => *failures += 1,
            gate @ Gate::Closed { .. } => *gate = opened,
            gate @ Gate::Probing if self.probe => *gate = opened,
            // A call from before: what it has to say is known.
            Gate::Open { .. } | Gate::Probing => {}
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut gate = self.breaker.gate();
        if self.probe && matches!(*gate, Gate::Probing) {
            // The probe was given up; the next call may be one.
            *gate = Gate::Open {
                until: Instant::now(),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    // R43: a minute's worth goes at once, then one each time a token has grown, and the wait is told exactly.
    #[tokio::test(start_paused = true)]
    async fn r43_the_bucket_fills_evenly() {
        let mut bucket = Bucket::new(3);
        for _ in 0..3 {
            assert_eq!(bucket.take(), Ok(()));
        }
        advance(Duration::from_secs(5)).await;
        let wait = |secs| {
            Err(Failure::RateLimited(
                Some(Span::from_secs(secs)),
                "our own limit is 3 a minute".into(),
            ))
        };
        assert_eq!(bucket.take(), wait(15));
        advance(Duration::from_secs(15)).await;
        assert_eq!(bucket.take(), Ok(()));
        assert_eq!(bucket.take(), wait(20));
        advance(Duration::from_secs(3_600)).await;
        for _ in 0..3 {
            assert_eq!(bucket.take(), Ok(()));
        }
        assert_eq!(bucket.take(), wait(20));
    }

    // R43: five calls without an answer open the breaker, one probe is let through, and an answer closes it.
    #[tokio::test(start_paused = true)]
    async fn r43_the_breaker_opens_probes_and_closes() {
        let breaker = Breaker::default();
        let fail = || breaker.enter().unwrap().report(false);
        (0..4).for_each(|_| fail());
        breaker.enter().unwrap().report(true);
        (0..4).for_each(|_| fail());
        drop(breaker.enter().unwrap());
        assert_eq!(breaker.state(), BreakerState::Closed);
        fail();
        assert_eq!(breaker.state(), BreakerState::Open);
        assert!(breaker.enter().is_err());

        advance(OPEN_FOR).await;
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        let probe = breaker.enter().unwrap();
        assert!(breaker.enter().is_err(), "one probe at a time");
        drop(probe);
        fail();
        assert_eq!(breaker.state(), BreakerState::Open);

        advance(OPEN_FOR).await;
        breaker.enter().unwrap().report(true);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    // R43: a late failure of a call from before does not keep the breaker open for longer.
    #[tokio::test(start_paused = true)]
    async fn r43_late_failures_do_not_extend_the_wait() {
        let breaker = Breaker::default();
        let late = breaker.enter().unwrap();
        (0..5).for_each(|_| breaker.enter().unwrap().report(false));
        advance(OPEN_FOR / 2).await;
        late.report(false);
        advance(OPEN_FOR / 2).await;
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
    }
}
