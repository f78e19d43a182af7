//! What the console knows of the ticket on screen, and the guard on deciding.
//!
//! An operator must never decide on something he has not seen: a decision key counts only for the
//! exact card that was painted and flushed long enough ago, and never as the echo of the one before.

use std::collections::VecDeque;

use chimera_domain::{
    ContentHash, Safe, Span, StateVersion, Timestamp, effect::EffectState, ids::TicketId,
    views::TicketCard,
};

use super::{list::Fetch, messages::add, pace::Pace};
use crate::keymap::Action;

/// A held key repeats faster than this, and starts repeating sooner.
const REPEAT_WINDOW: Span = Span::from_secs(1);
/// After a key that means nothing, somebody may be typing text: decision keys rest this long.
const STRAY_PAUSE: Span = Span::from_secs(1);
/// Why what was not read cannot go out.
pub(crate) const UNREAD: &str = "not all that goes out was on screen";
/// How many decided tickets stay in the list to be followed.
pub(crate) const FOLLOWED_MAX: usize = 32;

/// Which card exactly: the ticket, its version and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CardKey {
    pub(crate) ticket: TicketId,
    pub(crate) version: StateVersion,
    pub(crate) hash: ContentHash,
}

impl CardKey {
    pub(crate) fn of(card: &TicketCard) -> Self {
        Self {
            ticket: card.row.id,
            version: card.row.version,
            hash: card.content_hash,
        }
    }
}

/// A card as a frame shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Painted {
    pub(crate) key: CardKey,
    /// The lines that were painted, as a half-open range over the whole card at this width.
    pub(crate) lines: (usize, usize),
    /// How many lines what goes out has.
    pub(crate) text: usize,
    /// The width they were wrapped for.
    pub(crate) columns: usize,
}

#[derive(Debug, Clone, Copy)]
struct Shown {
    painted: Painted,
    since: Span,
    /// Every line before this one was on screen: lines that were jumped over were not.
    seen: usize,
}

impl Shown {
    fn first(painted: Painted, since: Span) -> Self {
        let seen = if painted.lines.0 == 0 {
            painted.lines.1
        } else {
            0
        };
        Self {
            painted,
            since,
            seen,
        }
    }

    /// The same card in another frame. In another width its lines are other lines.
    fn again(self, painted: Painted) -> Self {
        if self.painted.columns != painted.columns {
            return Self::first(painted, self.since);
        }
        let goes_on = painted.lines.0 <= self.seen;
        let seen = if goes_on { painted.lines.1 } else { 0 };
        Self {
            painted,
            since: self.since,
            seen: self.seen.max(seen),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Press {
    action: Action,
    at: Span,
    read: u64,
    /// Nothing else was pressed since.
    last: bool,
}

/// The guard on deciding.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    in_flight: Option<(u64, Option<Painted>)>,
    shown: Option<Shown>,
    pressed: Option<Press>,
    /// When a key without a meaning came last.
    stray: Option<Span>,
}

impl Guard {
    /// A frame was handed to the line.
    pub(crate) fn painted(&mut self, frame: u64, painted: Option<Painted>) {
        self.in_flight = Some((frame, painted));
    }

    /// The line has taken a frame.
    pub(crate) fn flushed(&mut self, frame: u64, at: Span) {
        let Some((_, painted)) = self.in_flight.take_if(|(f, _)| *f == frame) else {
            return;
        };
        self.shown = painted.map(|new| match self.shown {
            Some(old) if old.painted.key == new.key => old.again(new),
            Some(_) | None => Shown::first(new, at),
        });
    }

    /// The cursor was moved by something else than a key: wait as for a new card.
    pub(crate) fn lock(&mut self) {
        self.shown = None;
    }

    /// Any key while decision keys rest makes them rest longer: somebody is typing.
    pub(crate) fn any_key(&mut self, at: Span) {
        if let Some(stray) = &mut self.stray
            && at < add(*stray, STRAY_PAUSE)
        {
            *stray = at;
        }
    }

    /// Any key that decides nothing ends a series of repeats.
    pub(crate) fn other_key(&mut self) {
        if let Some(press) = &mut self.pressed {
            press.last = false;
        }
    }

    /// A key that means nothing here: what follows may be the rest of a word, not decisions.
    pub(crate) fn stray_key(&mut self, at: Span) {
        self.other_key();
        self.stray = Some(at);
    }

    /// Whether this key may decide on the card on screen, or why not.
    pub(crate) fn admit(
        &mut self,
        action: Action,
        at: Span,
        read: u64,
        card: CardKey,
        guard: Span,
    ) -> Result<CardKey, &'static str> {
        let before = self.pressed.replace(Press {
            action,
            at,
            read,
            last: true,
        });
        if let Some(before) = before {
            if before.read == read {
                return Err("ignored: it came together with another decision key");
            }
            if before.last && before.action == action && at < add(before.at, REPEAT_WINDOW) {
                return Err("ignored: a held key repeats; let go for a second");
            }
        }
        if let Some(stray) = &mut self.stray
            && at < add(*stray, STRAY_PAUSE)
        {
            *stray = at;
            return Err(
                "ignored: a key before it means nothing here; wait a second, then press it",
            );
        }
        let shown = self
            .shown
            .filter(|s| s.painted.key == card)
            .ok_or("ignored: this card is not on screen yet")?;
        if at < add(shown.since, guard) {
            return Err("ignored: this card came on screen just now");
        }
        if action.lets_out() && shown.seen < shown.painted.text {
            return Err(UNREAD);
        }
        Ok(card)
    }

    /// How long the card on screen has been there.
    pub(crate) fn looked(&self, at: Span) -> Option<Span> {
        let since = self.shown.as_ref()?.since;
        Some(Span::from_micros(
            at.micros().saturating_sub(since.micros()),
        ))
    }

    /// Whether a key that completes a decision came in the read of the key that began it.
    pub(crate) fn same_read(&self, read: u64) -> bool {
        self.pressed.is_some_and(|p| p.read == read)
    }
}

/// A ticket that was decided here and is watched until it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Followed {
    pub(crate) ticket: TicketId,
    pub(crate) version: StateVersion,
    /// What was done: `approved`, `rejected`.
    pub(crate) word: &'static str,
    pub(crate) label: Safe,
    /// Until when `u` can take it back.
    pub(crate) until: Timestamp,
    pub(crate) effect: Option<EffectState>,
    pub(crate) over: bool,
}

impl Followed {
    /// Whether something goes out because of it.
    pub(crate) fn lets_out(&self) -> bool {
        self.word.starts_with("approved")
    }
}

/// Everything about review but the list.
#[derive(Debug, Default)]
pub(crate) struct Review {
    pub(crate) card: Option<TicketCard>,
    pub(crate) fetch: Fetch,
    pub(crate) scroll: usize,
    pub(crate) guard: Guard,
    /// A decision is with the store.
    pub(crate) deciding: Option<TicketId>,
    pub(crate) followed: Vec<Followed>,
    pub(crate) skipped: Vec<TicketId>,
    pub(crate) pace: Pace,
    /// The ticket that others were last told is looked at here, and when.
    pub(crate) looked: Option<(TicketId, Span)>,
    /// When a key was pressed last.
    pub(crate) key_at: Span,
    /// Cards to be read, the next first.
    pub(crate) wanted: VecDeque<TicketId>,
    /// The ticket the card is for.
    pub(crate) card_for: Option<TicketId>,
    /// Since when it is waited for.
    pub(crate) awaited_since: Span,
    /// Who was faster, shown in place until the card is left.
    pub(crate) conflict: Option<(TicketId, Safe)>,
}

/// So long a card must have been on screen before it counts as looked at.
const LOOK_AFTER: Span = Span::from_secs(2);
/// It is said anew so often, while somebody is there.
const LOOK_EVERY: Span = Span::from_secs(60);
/// Without a key for so long nobody is.
const AWAY_AFTER: Span = Span::from_secs(120);

/// So long nothing is drawn while a card is read. What a slow store brings later shows as being read.
const AWAITED: Span = Span::from_millis(50);

impl Review {
    /// Until when the screen is left as it is, for the card that belongs to the cursor comes.
    pub(crate) fn awaited_until(&self) -> Span {
        let comes = self.card.is_none() && self.fetch == Fetch::Never && self.card_for.is_some();
        if comes {
            add(self.awaited_since, AWAITED)
        } else {
            Span::ZERO
        }
    }

    /// When others are to be told that the ticket on screen is looked at.
    pub(crate) fn look_due(&self) -> Option<(Span, TicketId)> {
        let card = self.card.as_ref()?;
        let shown = self.guard.shown?;
        if !card.row.state.is_waiting() || shown.painted.key.ticket != card.row.id {
            return None;
        }
        let at = match self.looked {
            Some((ticket, at)) if ticket == card.row.id => add(at, LOOK_EVERY),
            Some(_) | None => add(shown.since, LOOK_AFTER),
        };
        (at < add(self.key_at, AWAY_AFTER)).then_some((at, card.row.id))
    }

    pub(crate) fn followed_ids(&self) -> Vec<TicketId> {
        self.followed.iter().map(|f| f.ticket).collect()
    }

    pub(crate) fn follow(&mut self, followed: Followed) {
        self.followed.retain(|f| f.ticket != followed.ticket);
        self.followed.push(followed);
        if self.followed.len() > FOLLOWED_MAX {
            self.followed.remove(0);
        }
    }
}
