//! Several tickets that are nearly the same, approved with one word, each by its own version and content.

use chimera_domain::{
    Conflict, Outcome,
    ticket::{Choice, Decide, Decided},
    views::{Severity, TicketCard},
};

use super::{answers, keys::Press, read, review, want_card};
use crate::{
    event::{Answer, Request},
    keymap::Action,
    layout::Class,
    model::{
        Model, View,
        batch::{Batch, Goes, LEAST, like, these},
        overlay::{Overlay, Typed},
    },
    view,
};

pub(super) fn begin(model: &mut Model, press: Press, out: &mut Vec<Request>) {
    let Some(specimen) = review::admitted(model, Action::Batch, press) else {
        return;
    };
    let class = Class::of(model.size.width, model.size.height);
    if !matches!(class, Class::Wide | Class::Middle) {
        let told = "too small to show several at once (needs 80x24); decide one by one";
        model.say(Severity::Info, told);
        return;
    }
    let Some(card) = &model.review.card else {
        return;
    };
    if let Some(why) = alone(card) {
        let told = format!("this one is decided alone: {why}");
        model.say(Severity::Info, &told);
        return;
    }
    let text = card.text.clone();
    let most = view::batch_items_max(model, &text);
    let goes = Goes::of(&card.row);
    let (items, beyond, none) = if model.queue.marked.is_empty() {
        let items = like(&model.queue.rows, &card.row, most);
        (items, 0, "no other ticket here is nearly the same")
    } else if model.queue.marked.has(&card.row.id.to_string()) {
        let (marked, rows) = (&model.queue.marked, &model.queue.rows);
        // A line says how many do not fit.
        let (items, beyond) = these(rows, marked, card.row.id, most.saturating_sub(1));
        (items, beyond, "no other ticket is marked")
    } else {
        let told = "this ticket is not marked: go to a marked one, the others are held against it";
        model.say(Severity::Info, told);
        return;
    };
    if items.len() + 1 < LEAST {
        model.say(Severity::Info, none);
        return;
    }
    let tickets: Vec<_> = items.iter().map(|item| item.ticket()).collect();
    model.overlay = Some(Overlay::Batch(Batch {
        specimen,
        text,
        items,
        beyond,
        goes,
        typed: Typed::default(),
    }));
    for ticket in tickets {
        want_card(model, ticket, out);
    }
}

/// Why a ticket is never one of several.
fn alone(card: &TicketCard) -> Option<&'static str> {
    if card.payment().is_some() {
        Some("it is a payment, and decided alone")
    } else if !card.two.is_empty() {
        Some("two people must approve it")
    } else {
        card.not_routine()
    }
}

/// A card came, and a batch may wait for it.
pub(super) fn on_card(model: &mut Model, card: &TicketCard) {
    let columns = view::batch_columns(model.size);
    if let Some(Overlay::Batch(batch)) = &mut model.overlay {
        batch.take(card, alone(card), columns);
    }
}

/// Enter: the number that was shown must have been typed.
pub(super) fn accept(model: &mut Model, mut batch: Batch, press: Press, out: &mut Vec<Request>) {
    let all = batch.approves();
    let wanted = all.len().to_string();
    let typed = batch.typed.text().trim().to_owned();
    let told = if typed.is_empty() {
        model.say(Severity::Info, "cancelled: nothing was approved");
        return;
    } else if all.len() < LEAST {
        Some("none of the others goes with it; Esc, then decide one by one".to_owned())
    } else if !batch.is_read() {
        Some("not approved: some are still being read".to_owned())
    } else if typed != wanted || model.review.guard.same_read(press.read) || !press.alone {
        Some(format!("not approved: type {wanted}, or Esc to cancel"))
    } else {
        None
    };
    if let Some(told) = told {
        model.say(Severity::Warning, &told);
        batch.typed = Typed::default();
        model.overlay = Some(Overlay::Batch(batch));
        return;
    }
    let decides = all.iter().map(|card| Decide {
        ticket_id: card.ticket,
        version: card.version,
        content_hash: card.hash,
        choice: Choice::Approve,
        actor: model.settings.actor.clone(),
    });
    model.review.deciding = Some(batch.specimen.ticket);
    out.push(Request::DecideAll(decides.collect()));
}

/// What became of each.
pub(super) fn decided(
    model: &mut Model,
    decides: &[Decide],
    answer: Answer<Vec<Outcome<Decided>>>,
    out: &mut Vec<Request>,
) {
    model.review.deciding = None;
    let outcomes = match answer {
        Ok(outcomes) => outcomes,
        Err(why) => {
            model.say(
                Severity::Error,
                &format!("nobody knows whether your decisions were stored, look again: {why}"),
            );
            return after(model, decides, out);
        }
    };
    let (mut held, mut lost): (usize, Vec<Conflict>) = (0, Vec::new());
    let mut probes: Vec<String> = Vec::new();
    for (decide, outcome) in decides.iter().zip(outcomes) {
        match outcome {
            Outcome::Done(Decided::Held { until, .. }, version) => {
                answers::follow(model, decide.ticket_id, version, "approved", until);
                let _ = model.review.pace.decided(model.mono, true);
                held += 1;
            }
            Outcome::Conflict(conflict) => lost.push(conflict),
            Outcome::Done(decided @ Decided::Probe { .. }, _) => probes.extend(decided.revealed()),
            Outcome::Done(..) | Outcome::NotFound => {}
        }
    }
    let dropped = decides.len() - held - probes.len();
    let undo = model.key(Action::Undo);
    let mut told = format!("{held} approved · {undo} takes them back");
    if dropped > 0 {
        told.push_str(&format!("; {dropped} dropped out"));
        if let Some(first) = lost.first() {
            told.push_str(&format!(": {}", answers::tell(model, first)));
        }
    }
    let severity = if dropped > 0 {
        Severity::Warning
    } else {
        Severity::Info
    };
    model.say(severity, &told);
    for told in probes {
        model.say(Severity::Warning, &told);
    }
    if let Some(first) = decides.first() {
        review::advance(model, first.ticket_id);
    }
    after(model, decides, out);
}

fn after(model: &mut Model, decides: &[Decide], out: &mut Vec<Request>) {
    for decide in decides {
        want_card(model, decide.ticket_id, out);
    }
    read(model, View::Queue, out);
    read(model, View::Overview, out);
}
