//! The life of one server: start, watch, wait, start again, or leave alone. One task per server runs it.

use std::{collections::VecDeque, sync::Arc};

use tokio::time::{Duration, Instant, sleep_until};

use crate::server::{Phase, Server, Session};

/// The first wait after a death; it doubles with each further one.
const BACKOFF_FIRST: Duration = Duration::from_secs(1);
/// No wait is longer.
const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// After so long a life the wait starts over. A spawn proves nothing, uptime does.
const SETTLED_AFTER: Duration = Duration::from_secs(60);
/// So many deaths within the window are too many.
const DEATHS_MAX: usize = 5;
const DEATHS_WINDOW: Duration = Duration::from_secs(600);
/// One that died too often is tried again this much later: at night nobody is there to say so.
const QUARANTINE: Duration = Duration::from_secs(600);

/// What follows a death.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Another start, after a wait; the number of the death in its row.
    Retry(u32, Duration),
    /// Nothing for a long while.
    LeaveAlone,
}

/// The deaths of one server. Pure: a table of times.
#[derive(Debug, Default)]
struct Deaths {
    recent: VecDeque<Instant>,
    in_a_row: u32,
}

impl Deaths {
    fn record(&mut self, now: Instant, lived: Duration) -> Next {
        self.recent
            .retain(|death| now.duration_since(*death) < DEATHS_WINDOW);
        self.recent.push_back(now);
        if lived >= SETTLED_AFTER {
            self.in_a_row = 0;
        }
        self.in_a_row += 1;
        if self.recent.len() >= DEATHS_MAX {
            return Next::LeaveAlone;
        }
        let doubled = BACKOFF_FIRST.saturating_mul(1 << (self.in_a_row - 1).min(6));
        Next::Retry(self.in_a_row, doubled.min(BACKOFF_MAX))
    }
}

/// Runs a server until it is stopped.
pub(crate) async fn run(server: Arc<Server>) {
    let mut deaths = Deaths::default();
    loop {
        server.enter(Phase::Starting);
        let Some((why, lived)) = live(&server).await else {
            break;
        };
        tracing::warn!(server = server.name(), %why, "an MCP server died");
        let next = deaths.record(Instant::now(), lived);
        if !rest(&server, next, why).await {
            break;
        }
    }
    server.enter(Phase::Stopped);
}

/// One life: why it ended and how long it was ready; nothing when it was stopped.
async fn live(server: &Server) -> Option<(String, Duration)> {
    let connected = tokio::select! {
        () = server.stop.cancelled() => return None,
        connected = server.connector.connect(server.era()) => connected,
    };
    let mut connection = match connected {
        Ok(connection) => connection,
        Err(why) => {
            server.remember(None);
            return Some((why, Duration::ZERO));
        }
    };
    server.remember(Some(connection.era));
    let born = Instant::now();
    let (peer, stale) = (connection.peer.clone(), Arc::clone(&connection.stale));
    server.enter(Phase::Ready(Arc::new(Session::new(peer, stale))));
    let why = tokio::select! {
        () = server.stop.cancelled() => None,
        why = connection.ended() => Some(why),
    };
    match why {
        Some(why) => {
            let lived = born.elapsed();
            let last_words = connection.bury().await;
            Some((why + &last_words, lived))
        }
        None => {
            connection.close().await;
            None
        }
    }
}

/// The time between two lives; says whether there is another one.
async fn rest(server: &Server, next: Next, why: String) -> bool {
    let now = Instant::now();
    let until = match next {
        Next::Retry(n, wait) => {
            let until = now + wait + server.jitter(wait);
            server.enter(Phase::Backoff { n, until, why });
            until
        }
        Next::LeaveAlone => {
            let until = now + QUARANTINE;
            server.enter(Phase::Quarantined { until, why });
            until
        }
    };
    tokio::select! {
        () = server.stop.cancelled() => false,
        () = sleep_until(until) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    // T052: the wait doubles from one second, starts over after a minute of life, and five deaths in ten minutes are too many.
    #[tokio::test(start_paused = true)]
    async fn t052_waits_double_start_over_and_grow_long() {
        let start = Instant::now();
        let check = |lives: &[(u64, u64)], expected: &[Next]| {
            let mut deaths = Deaths::default();
            let got: Vec<Next> = lives
                .iter()
                .map(|(at, lived)| deaths.record(start + secs(*at), secs(*lived)))
                .collect();
            assert_eq!(got, expected);
        };
        use Next::{LeaveAlone, Retry};
        check(
            &[(0, 0), (2, 0), (5, 0), (10, 0), (20, 0)],
            &[
                Retry(1, secs(1)),
                Retry(2, secs(2)),
                Retry(3, secs(4)),
                Retry(4, secs(8)),
                LeaveAlone,
            ],
        );
        check(
            &[(0, 0), (2, 59), (200, 60), (210, 0)],
            &[
                Retry(1, secs(1)),
                Retry(2, secs(2)),
                Retry(1, secs(1)),
                Retry(2, secs(2)),
            ],
        );
        // Rare deaths never add up, and no wait is longer than a minute.
        let rare: Vec<(u64, u64)> = (0..9).map(|n| (n * 200, 0)).collect();
        let waits = [1, 2, 4, 8, 16, 32, 60, 60, 60];
        let expected: Vec<Next> = (1..)
            .zip(waits)
            .map(|(n, wait)| Retry(n, secs(wait)))
            .collect();
        check(&rare, &expected);
    }
}
