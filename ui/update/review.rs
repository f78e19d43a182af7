//! Deciding: what must be true before a key counts, and what it sends.

use chimera_domain::{
    Safe, Span,
    ids::TicketId,
    ticket::{Choice, Decide, Decided, RejectClass},
    views::{Severity, TicketCard},
};

use super::{keys::Press, settle, want_card};
use crate::{
    event::Request,
    keymap::Action,
    model::{
        Model,
        overlay::{Later, Overlay, Saying, Typed, Undoable},
        review::{CardKey, UNREAD},
    },
};

/// The card a decision key may act on; otherwise it says why not.
pub(super) fn admitted(model: &mut Model, action: Action, press: Press) -> Option<CardKey> {
    let Some(card) = &model.review.card else {
        model.review.guard.lock();
        model.say(Severity::Info, "ignored: no ticket is on screen");
        return None;
    };
    let key = CardKey::of(card);
    let waiting = card.row.state.is_waiting();
    let decided = card.decided.clone();
    let guard = model.settings.guard_applied();
    let verdict = model
        .review
        .guard
        .admit(action, press.at, press.read, key, guard);
    if !press.alone {
        model.review.guard.other_key();
        model.say(Severity::Info, "ignored: it came together with other keys");
        return None;
    }
    if model.review.deciding.is_some() {
        model.say(
            Severity::Info,
            "ignored: the decision before is still with the store",
        );
        return None;
    }
    if !waiting {
        let how = decided.unwrap_or_else(|| Safe::line("decided"));
        model.say(Severity::Info, &format!("nothing to decide: {how}"));
        return None;
    }
    match verdict {
        Ok(key) => Some(key),
        Err(UNREAD) => {
            let told = format!("{} first: {UNREAD}", model.key(Action::CardDown));
            model.say(Severity::Info, &told);
            None
        }
        Err(why) => {
            model.say(Severity::Info, why);
            None
        }
    }
}

/// What is not routine and approved after less than this gets a word of warning. It holds nothing back.
const LOOK_LEAST: Span = Span::from_secs(5);

pub(super) fn approve(model: &mut Model, press: Press, out: &mut Vec<Request>) {
    let Some(key) = admitted(model, Action::Approve, press) else {
        return;
    };
    if let Some(first) = model.first_by_me() {
        let at = first.at.clock_in(&model.settings.zone);
        let told = format!("you approved it at {at}; the second person must be another");
        model.say(Severity::Info, &told);
        return;
    }
    match word_due(model) {
        None => send(model, key, Choice::Approve, out),
        Some((word, why)) => {
            let looked = model.review.guard.looked(press.at);
            if let Some(looked) = looked.filter(|looked| *looked < LOOK_LEAST) {
                let told =
                    format!("{why}, and on screen for {looked} only: read it before you type");
                model.say(Severity::Warning, &told);
            }
            model.overlay = Some(Overlay::Confirm {
                card: key,
                word,
                why,
                typed: Typed::default(),
            });
        }
    }
}

/// What must be typed where one key is not enough, and why.
pub(super) fn word_due(model: &Model) -> Option<(String, &'static str)> {
    let card = model.review.card.as_ref()?;
    let why = card.not_routine()?;
    Some((card.confirmation(), why))
}

pub(super) fn confirm(
    model: &mut Model,
    card: CardKey,
    word: String,
    why: &'static str,
    typed: &Typed,
    press: Press,
    out: &mut Vec<Request>,
) {
    if typed.text().is_empty() {
        model.say(Severity::Info, "cancelled: nothing was approved");
    } else if typed.text() != word || model.review.guard.same_read(press.read) {
        model.say(
            Severity::Warning,
            &format!("not approved: type `{word}`, or Esc to cancel"),
        );
        model.overlay = Some(Overlay::Confirm {
            card,
            word,
            why,
            typed: Typed::default(),
        });
    } else {
        send(model, card, Choice::Approve, out);
    }
}

pub(super) fn reject(model: &mut Model, press: Press) {
    let Some(card) = admitted(model, Action::Reject, press) else {
        return;
    };
    let is_payment = |shown: &TicketCard| shown.payment().is_some();
    model.overlay = Some(if model.review.card.as_ref().is_some_and(is_payment) {
        // The classes say what is wrong with a post.
        Overlay::Note {
            card,
            class: RejectClass::Other,
            typed: Typed::default(),
        }
    } else {
        Overlay::Reason { card }
    });
}

/// The letter of a reason, after `r`.
pub(super) fn reason(model: &mut Model, card: CardKey, letter: char, press: Press) {
    if model.review.guard.same_read(press.read) {
        model.say(
            Severity::Info,
            "ignored: it came together with the key before",
        );
        return;
    }
    let class = RejectClass::ALL.iter().find(|c| c.key() == letter);
    if let Some(class) = class {
        model.overlay = Some(Overlay::Note {
            card,
            class: *class,
            typed: Typed::default(),
        });
    }
}

pub(super) fn send_reject(
    model: &mut Model,
    card: CardKey,
    class: RejectClass,
    typed: Typed,
    press: Press,
    out: &mut Vec<Request>,
) {
    if model.review.guard.same_read(press.read) {
        model.overlay = Some(Overlay::Note { card, class, typed });
        return;
    }
    let note = typed.text().trim().to_owned();
    send(model, card, Choice::Reject { class, note }, out);
}

/// Asks for a line about the ticket on screen.
pub(super) fn say(model: &mut Model, saying: Saying, press: Press) {
    let action = match saying {
        Saying::Changes => Action::RequestChanges,
        Saying::Escalate => Action::Escalate,
        Saying::Assign => Action::Assign,
    };
    if let Some(card) = admitted(model, action, press) {
        let typed = match (saying, &model.review.card) {
            (Saying::Assign, Some(card)) => Typed::of(card.row.assigned_to.as_str()),
            (Saying::Assign | Saying::Changes | Saying::Escalate, _) => Typed::default(),
        };
        model.overlay = Some(Overlay::Say {
            card,
            saying,
            typed,
        });
    }
}

pub(super) fn said(
    model: &mut Model,
    card: CardKey,
    saying: Saying,
    typed: Typed,
    press: Press,
    out: &mut Vec<Request>,
) {
    if model.review.guard.same_read(press.read) {
        model.overlay = Some(Overlay::Say {
            card,
            saying,
            typed,
        });
        return;
    }
    let text = typed.text().trim().to_owned();
    let choice = match saying {
        Saying::Changes if text.is_empty() => {
            model.say(Severity::Info, "cancelled: nothing was asked for");
            return;
        }
        Saying::Changes => Choice::RequestChanges { notes: text },
        Saying::Escalate => Choice::Escalate { note: text },
        Saying::Assign => Choice::Assign { to: text },
    };
    send(model, card, choice, out);
}

/// How long a ticket may be put off, as far as its deadline lets it.
const NAPS: [(Span, &str); 4] = [
    (Span::from_mins(10), "10 minutes"),
    (Span::from_mins(30), "30 minutes"),
    (Span::from_hours(1), "an hour"),
    (Span::from_hours(2), "two hours"),
];
/// So long before its deadline a ticket is back at the latest.
const NAP_MARGIN: Span = Span::from_mins(10);

pub(super) fn snooze(model: &mut Model, press: Press) {
    let Some(card) = admitted(model, Action::Snooze, press) else {
        return;
    };
    let Some(shown) = &model.review.card else {
        return;
    };
    let last = shown.row.sla_at.minus(NAP_MARGIN);
    let zone = &model.settings.zone;
    let mut items: Vec<Later> = NAPS
        .iter()
        .map(|(nap, words)| (model.now.plus(*nap), *words))
        .filter(|(at, _)| *at < last)
        .map(|(at, words)| Later {
            at,
            label: format!("for {words}, until {}", at.clock_in(zone)),
        })
        .collect();
    if last > model.now {
        items.push(Later {
            at: last,
            label: format!("until {}, shortly before its deadline", last.clock_in(zone)),
        });
    }
    if items.is_empty() {
        model.say(
            Severity::Warning,
            "not snoozed: its deadline is too near; x escalates it",
        );
        return;
    }
    model.overlay = Some(Overlay::Later {
        card,
        items,
        cursor: 0,
    });
}

pub(super) fn later(
    model: &mut Model,
    card: CardKey,
    item: Option<&Later>,
    press: Press,
    out: &mut Vec<Request>,
) {
    if let Some(item) = item
        && !model.review.guard.same_read(press.read)
    {
        send(model, card, Choice::Snooze { until: item.at }, out);
    }
}

/// Sends a decision with exactly what was on screen.
pub(super) fn send(model: &mut Model, card: CardKey, choice: Choice, out: &mut Vec<Request>) {
    model.review.deciding = Some(card.ticket);
    model.review.conflict = None;
    out.push(Request::Decide(Decide {
        ticket_id: card.ticket,
        version: card.version,
        content_hash: card.hash,
        choice,
        actor: model.settings.actor.clone(),
    }));
}

/// So long at least an approval that waits for a second person can be taken back.
const FIRST_KEEPS: Span = Span::from_mins(1);

pub(super) fn undo(model: &mut Model, out: &mut Vec<Request>) {
    let mut items = model.undoable();
    if let Some(card) = model.review.card.as_ref()
        && let Some(first) = model.first_by_me()
    {
        items.push(Undoable {
            ticket: card.row.id,
            version: card.row.version,
            // Nothing burns: it can be taken back as long as the second person has not approved.
            until: model.now.plus(FIRST_KEEPS),
            label: Safe::line(&format!(
                "approved first at {}: {}",
                first.at.clock_in(&model.settings.zone),
                card.row.text.cut(30)
            )),
        });
    }
    match items.len() {
        0 => model.say(Severity::Info, "nothing to take back: no fuse burns"),
        1 => {
            let item = items.remove(0);
            take_back(model, &item, out);
        }
        _ => model.overlay = Some(Overlay::Undo { items, cursor: 0 }),
    }
}

pub(super) fn take_back(model: &mut Model, item: &Undoable, out: &mut Vec<Request>) {
    if item.until <= model.now {
        model.say(Severity::Warning, "too late: the fuse has burnt down");
        return;
    }
    out.push(Request::Undo(item.ticket, item.version));
}

pub(super) fn skip(model: &mut Model) {
    let Some(ticket) = model.queue.selected else {
        return;
    };
    if !model.review.skipped.contains(&ticket) {
        model.review.skipped.push(ticket);
    }
    advance(model, ticket);
}

/// Goes from a ticket to the next one that waits: unskipped ones first, round the end.
pub(super) fn advance(model: &mut Model, from: TicketId) {
    if model.queue.selected != Some(from) {
        return;
    }
    let rows = &model.queue.rows;
    let here = rows.iter().position(|r| r.id == from).unwrap_or(0);
    let round = || {
        rows.iter()
            .cycle()
            .skip(here + 1)
            .take(rows.len().saturating_sub(1))
            .filter(|r| {
                r.state.is_waiting()
                    && r.snoozed_until.is_none()
                    && !model.is_by_me(r)
                    && model.review.followed.iter().all(|f| f.ticket != r.id)
            })
            .map(|r| r.id)
    };
    let next = round()
        .find(|id| !model.review.skipped.contains(id))
        .or_else(|| round().next());
    if let Some(next) = next {
        model.queue.select(next);
    }
}

/// A ticket may be decided anew: it is no longer followed, and its card is read.
pub(super) fn reopened(model: &mut Model, ticket: TicketId, out: &mut Vec<Request>) {
    model.review.followed.retain(|f| f.ticket != ticket);
    if model.queue.rows.iter().any(|r| r.id == ticket) {
        model.queue.select(ticket);
    }
    want_card(model, ticket, out);
}

/// It was a probe: what was wrong with it is told where it was decided, and there is nothing to follow or to take back.
pub(super) fn revealed(
    model: &mut Model,
    ticket: TicketId,
    decided: &Decided,
    let_out: bool,
    out: &mut Vec<Request>,
) {
    let severity = if matches!(decided, Decided::Probe { caught: true, .. }) {
        Severity::Info
    } else {
        Severity::Warning
    };
    model.say(severity, &decided.revealed().unwrap_or_default());
    let _ = model.review.pace.decided(model.mono, let_out);
    advance(model, ticket);
    settle(model, out);
}
