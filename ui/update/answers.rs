//! What became of an action, and what a read queue or card says of it.

use chimera_domain::{
    Conflict, Outcome, Safe, StateVersion, Timestamp,
    halt::Scope,
    ids::TicketId,
    signal::Said as Word,
    ticket::{Decide, Decided, TicketState},
    views::{Page, PageRequest, Severity, TicketCard, TicketRow},
};

use super::{
    asks, batch, handover, proposal, read, read_all, review, settle, takeaway, want_card, watch,
};
use crate::{
    event::{Answer, Done, Request},
    keymap::Action,
    model::{
        Model, Pane, View,
        list::{Fetch, Merge},
        messages::add,
        review::{CardKey, Followed},
    },
    settings::Notify,
};

/// The bell rings at most this often.
const RING_EVERY: chimera_domain::Span = chimera_domain::Span::from_mins(1);

pub(super) fn on_queue(model: &mut Model, asked: &PageRequest, answer: Answer<Page<TicketRow>>) {
    let known = model.queue.fetch == Fetch::Read;
    let arrived = answer.iter().flat_map(|p| &p.rows).any(|r| {
        let new = model.queue.rows.iter().all(|old| old.id != r.id);
        new && r.created_at > model.now.minus(RING_EVERY)
    });
    if known && arrived && model.away && model.settings.notify != Notify::Off {
        let quiet = model
            .rang_at
            .is_none_or(|at| model.mono >= add(at, RING_EVERY));
        if quiet {
            model.rang_at = Some(model.mono);
            model.ring = true;
        }
    }
    // What is followed stays in sight, and so does the ticket on screen: when somebody else decided
    // it, the card must say so in place.
    let mut keep = model.review.followed_ids();
    keep.extend(model.queue.selected);
    let moved = model.queue.take(asked, answer, Merge::Stable(&keep), false);
    if moved {
        // The row under the cursor went away: what is there now was not chosen.
        model.review.guard.lock();
    }
}

pub(super) fn on_card(model: &mut Model, ticket: TicketId, answer: Answer<Option<TicketCard>>) {
    if let Ok(Some(card)) = &answer {
        watch::ticket(model, card);
        batch::on_card(model, card);
    }
    if model.queue.selected != Some(ticket) {
        return;
    }
    match answer {
        Ok(Some(card)) => {
            let before = model.review.card.as_ref().map(CardKey::of);
            let changed = before.is_some_and(|b| b != CardKey::of(&card));
            let ours = model.review.deciding.is_some()
                || model.review.followed.iter().any(|f| f.ticket == ticket);
            let told = model
                .review
                .conflict
                .as_ref()
                .is_some_and(|(t, _)| *t == ticket);
            if changed && !card.row.state.is_waiting() && !ours && !told {
                let state = Safe::line(card.row.state.as_str());
                let how = card.decided.clone().unwrap_or(state);
                let told = if card.row.state == TicketState::Superseded {
                    "this ticket is superseded: its campaign moved on, and it is judged again"
                        .into()
                } else {
                    format!("decided elsewhere: {how}")
                };
                model.say(Severity::Warning, &told);
            } else if changed && card.row.state.is_waiting() && !ours {
                model.review.scroll = 0;
                model.say(
                    Severity::Warning,
                    "this ticket changed while you looked at it: read it again",
                );
            }
            model.review.card = Some(card);
            model.review.fetch = Fetch::Read;
        }
        Ok(None) => {
            model.review.card = None;
            model.review.fetch = Fetch::Failed(Safe::line("there is no such ticket any more"));
        }
        Err(why) => model.review.fetch = Fetch::Failed(why),
    }
}

pub(super) fn on_done(model: &mut Model, done: Done, out: &mut Vec<Request>) {
    model.dirty = true;
    // What somebody did here is to be seen at once.
    model.rest = None;
    match done {
        Done::Decided(decide, answer) => decided(model, &decide, answer, out),
        Done::DecidedAll(decides, answer) => batch::decided(model, &decides, answer, out),
        Done::Undone(ticket, answer) => undone(model, ticket, answer, out),
        Done::Halted {
            scope,
            halt,
            took,
            result,
        } => {
            let what = match &scope {
                Scope::Fleet => "everything",
                Scope::Publishing | Scope::Spending | Scope::Agent(_) | Scope::Campaign(_) => {
                    scope.kind().as_str()
                }
                Scope::Platform(name) => name.as_str(),
            };
            let what = Safe::line(&format!("{what} {}", halt.participle()));
            let on_their_way = match scope {
                Scope::Spending => ("paid call was", "paid calls were"),
                Scope::Fleet
                | Scope::Publishing
                | Scope::Agent(_)
                | Scope::Campaign(_)
                | Scope::Platform(_) => ("effect was", "effects were"),
            };
            let proof = |n: &u64| {
                let ms = took.millis();
                let things = if *n == 1 {
                    on_their_way.0
                } else {
                    on_their_way.1
                };
                format!(
                    "{what}: halted in {ms} ms; {n} {things} already on their way (! tells their end)"
                )
            };
            ordered(model, &result, "halt", proof);
            read_all(model, out);
        }
        Done::Acknowledged(answer) => {
            match answer {
                Ok(true) => model.say(Severity::Info, "acknowledged"),
                Ok(false) => model.say(Severity::Info, "it is not open any more"),
                Err(why) => model.say(Severity::Error, &format!("not acknowledged: {why}")),
            }
            read(model, View::Alerts, out);
            read(model, View::Overview, out);
        }
        Done::SaidOf(said, answer) => {
            match answer {
                Ok(Outcome::Done(..)) => model.say(
                    Severity::Info,
                    match said {
                        Word::Kept => "kept: it is planned, and what is like it scores higher",
                        Word::Dropped => "dropped: it is left, and what is like it scores lower",
                    },
                ),
                Ok(Outcome::Conflict(c)) => {
                    let told = format!("not said: it is {} by now", c.now);
                    model.say(Severity::Error, &told);
                }
                Ok(Outcome::NotFound) => {
                    model.say(Severity::Error, "not said: the trend is gone");
                }
                Err(why) => model.say(Severity::Error, &format!("not said: {why}")),
            }
            read(model, View::Trends, out);
            read(model, View::Overview, out);
        }
        Done::Exported(answer) => takeaway::exported(model, answer),
        Done::Noted(answer) => handover::written(model, answer),
        Done::Remembered(Ok(())) => {}
        Done::Remembered(Err(why)) => model.say(
            Severity::Warning,
            &format!("the place cannot be remembered: {why}"),
        ),
        Done::Typed(wish, said) => {
            asks::said(model, &wish, said);
            read_all(model, out);
        }
        Done::Proposed(wish, said) => proposal::said(model, &wish, said, out),
        Done::Resumed(result) => {
            let proof = |n: &u64| format!("resumed; {n} tasks went back to the judge");
            ordered(model, &result, "resume", proof);
            read_all(model, out);
        }
    }
}

fn ordered(
    model: &mut Model,
    result: &Answer<Outcome<u64>>,
    verb: &str,
    proof: impl Fn(&u64) -> String,
) {
    match result {
        Ok(Outcome::Done(n, _)) => model.say(Severity::Warning, &proof(n)),
        Ok(Outcome::Conflict(c)) => {
            let told = tell(model, c);
            model.say(Severity::Error, &format!("not done, {told}"));
        }
        Ok(Outcome::NotFound) => model.say(Severity::Error, "not done: there is no such thing"),
        Err(why) => model.say(
            Severity::Error,
            &format!("nobody knows whether the {verb} was stored, repeat it: {why}"),
        ),
    }
}

/// Who, what and when, in the operator's zone.
pub(super) fn tell(model: &Model, conflict: &Conflict) -> Safe {
    let by = conflict.by.as_deref().unwrap_or("somebody");
    let at = conflict
        .at
        .map(|at: Timestamp| format!(" at {}", at.clock_in(&model.settings.zone)))
        .unwrap_or_default();
    Safe::line(&format!(
        "already {} by {by}{at} ({})",
        conflict.now, conflict.actual
    ))
}

fn decided(
    model: &mut Model,
    decide: &Decide,
    answer: Answer<Outcome<Decided>>,
    out: &mut Vec<Request>,
) {
    let ticket = decide.ticket_id;
    model.review.deciding = None;
    let label = model
        .queue
        .rows
        .iter()
        .find(|r| r.id == ticket)
        .map_or_else(|| Safe::line(&ticket.short()), |r| r.text.cut(30));
    match answer {
        Ok(Outcome::Done(decided @ Decided::Probe { .. }, _)) => {
            review::revealed(model, ticket, &decided, decide.choice.lets_out(), out);
        }
        Ok(Outcome::Done(decided, version)) => {
            let fuse = model.review.card.as_ref().map(|c| c.fuse);
            let burns = model.now.plus(fuse.unwrap_or_default());
            let (word, until) = match decided {
                Decided::Held { until, .. } => ("approved", until),
                Decided::Edited { .. } => ("approved as you wrote it", burns),
                Decided::PaymentHeld { until } => ("approved", until),
                Decided::Rejected => ("rejected", burns),
                Decided::PaymentRejected => {
                    let word = "rejected, what was set aside is free";
                    return put_off(model, ticket, word, &label, out);
                }
                Decided::ChangesRequested { at } => ("asked for changes", at),
                Decided::FirstOfTwo => {
                    let word = "approved as the first of two, another person must approve it, too";
                    return put_off(model, ticket, word, &label, out);
                }
                Decided::Escalated => return put_off(model, ticket, "escalated", &label, out),
                Decided::Snoozed { until } => {
                    let word = format!("snoozed until {}", until.clock_in(&model.settings.zone));
                    return put_off(model, ticket, &word, &label, out);
                }
                Decided::Assigned => return put_off(model, ticket, "assigned", &label, out),
                // Told above: nothing of it is held or followed.
                Decided::Probe { .. } => return,
            };
            follow(model, ticket, version, word, until);
            let left = model.until(until);
            let undo = model.key_on(Pane::Review, Action::Undo);
            let told = format!("{word}: {label} · {undo} takes it back for {left}");
            model.say(Severity::Info, &told);
            let approved = decide.choice.lets_out();
            if let Some(warning) = model.review.pace.decided(model.mono, approved) {
                model.say(Severity::Warning, &warning);
            }
            review::advance(model, ticket);
            // The reviewer waits for the next card: it is asked for before all that tells of this one.
            settle(model, out);
        }
        Ok(Outcome::Conflict(conflict)) => {
            let told = tell(model, &conflict);
            model.say(
                Severity::Warning,
                &format!("your decision did not count: {told}"),
            );
            model.review.conflict = Some((ticket, told));
        }
        Ok(Outcome::NotFound) => model.say(
            Severity::Error,
            "your decision did not count: there is no such ticket",
        ),
        Err(why) => model.say(
            Severity::Error,
            &format!("nobody knows whether your decision was stored, look again: {why}"),
        ),
    }
    want_card(model, ticket, out);
    read(model, View::Queue, out);
    read(model, View::Overview, out);
}

/// A decision of this console is followed to its end.
pub(super) fn follow(
    model: &mut Model,
    ticket: TicketId,
    version: StateVersion,
    word: &'static str,
    until: Timestamp,
) {
    let row = model.queue.rows.iter().find(|r| r.id == ticket);
    let label = row.map_or_else(|| Safe::line(&ticket.short()), |r| r.text.cut(30));
    model.review.follow(Followed {
        ticket,
        version,
        word,
        label,
        until,
        effect: None,
        over: false,
    });
}

/// The ticket waits on, elsewhere.
fn put_off(model: &mut Model, ticket: TicketId, word: &str, label: &Safe, out: &mut Vec<Request>) {
    model.say(Severity::Info, &format!("{word}: {label}"));
    model.queue.reorder = true;
    review::advance(model, ticket);
    settle(model, out);
    want_card(model, ticket, out);
    read(model, View::Queue, out);
    read(model, View::Overview, out);
}

fn undone(
    model: &mut Model,
    ticket: TicketId,
    answer: Answer<Outcome<()>>,
    out: &mut Vec<Request>,
) {
    match answer {
        Ok(Outcome::Done((), _)) => {
            model.say(Severity::Info, "taken back: the ticket is open again");
            review::reopened(model, ticket, out);
        }
        Ok(Outcome::Conflict(c)) => {
            let told = tell(model, &c);
            model.say(Severity::Warning, &format!("not taken back: {told}"));
            want_card(model, ticket, out);
        }
        Ok(Outcome::NotFound) => model.say(Severity::Error, "not taken back: no such ticket"),
        Err(why) => model.say(
            Severity::Error,
            &format!("nobody knows whether it was taken back: {why}"),
        ),
    }
    read(model, View::Queue, out);
    read(model, View::Overview, out);
}
