//! Times in words, and when one of them changes by itself.

use chimera_domain::{Span, Timestamp};

use super::{Model, messages};

/// How long after the end of its lease the swarm is looked for again.
const OWNER_MARGIN: Span = Span::from_secs(1);
/// What is so near is told in seconds.
const NEAR: Span = Span::from_mins(2);

/// The beginning of a minute.
fn minute(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros() - at.micros().rem_euclid(60_000_000))
}

impl Model {
    /// How long ago, in words that change once a minute: all of them with the clock, not each at a second
    /// of its own.
    pub(crate) fn age(&self, at: Timestamp) -> String {
        let span = minute(self.now).since(minute(at));
        if span < Span::from_mins(1) {
            "<1m".into()
        } else {
            span.to_string()
        }
    }

    /// How long until then; in seconds only within the last two minutes, and never on a slow line.
    pub(crate) fn until(&self, at: Timestamp) -> String {
        let mut span = at.since(self.now);
        if span >= NEAR {
            // Whole minutes with the clock, and never more than there are.
            let next = minute(self.now.plus(Span::from_micros(59_999_999)));
            span = at.since(next).max(NEAR);
        }
        if span < Span::from_mins(1) && self.settings.low_bandwidth {
            "<1m".into()
        } else if span < NEAR && !self.settings.low_bandwidth {
            format!("{}s", span.micros().div_ceil(1_000_000))
        } else {
            span.to_string()
        }
    }

    /// When something on screen, or something planned, changes by itself. `None` is never.
    pub(crate) fn deadline(&self) -> Option<Span> {
        let waits = [
            self.messages.deadline(),
            self.review.look_due().map(|(at, _)| at),
            self.reload_at,
            self.rest.map(|(_, until)| until),
            self.remember_at,
            self.filter.as_ref().and_then(|f| f.ask_at),
            self.owner_doubted_at(),
            Some(messages::add(self.mono, self.next_tick())),
        ];
        waits.into_iter().flatten().min()
    }

    /// When the swarm's lease runs out unless it was renewed: a process that dies rings no bell, and a
    /// renewal does not either, so that the store must be asked.
    pub(crate) fn owner_doubted_at(&self) -> Option<Span> {
        let overview = self.overview.as_ref()?;
        let left = overview.swarm.as_ref()?.until.since(overview.at);
        let after = messages::add(left, OWNER_MARGIN);
        Some(messages::add(self.overview_at?, after))
    }

    /// Until the next moment at which a displayed time changes: the minute, or the second while a
    /// fuse burns or a deadline is near.
    fn next_tick(&self) -> Span {
        let near = |at: Timestamp| at > self.now && at.since(self.now) <= NEAR;
        let due = self.review.card.as_ref().map(|card| card.row.sla_at);
        let seconds = !self.settings.low_bandwidth
            && (self.undoable().iter().any(|u| near(u.until)) || due.is_some_and(near));
        let unit = if seconds { 1_000_000 } else { 60_000_000 };
        let into = u64::try_from(self.now.micros().rem_euclid(unit)).unwrap_or(0);
        Span::from_micros(unit.unsigned_abs().saturating_sub(into).max(1_000))
    }
}
