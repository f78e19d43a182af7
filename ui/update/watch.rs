//! What was decided here is followed to its end, and told when it comes.

use chimera_domain::{
    Safe,
    effect::EffectState,
    payment::PaymentState,
    views::{Severity, TicketCard, mark_after},
};

use crate::model::Model;

/// Follows a decided ticket to its end.
pub(super) fn ticket(model: &mut Model, card: &TicketCard) {
    let ticket = card.row.id;
    if let Some(row) = model.queue.rows.iter_mut().find(|r| r.id == ticket) {
        *row = card.row.clone();
    }
    let Some(at) = model
        .review
        .followed
        .iter()
        .position(|f| f.ticket == ticket)
    else {
        return;
    };
    let followed = &mut model.review.followed[at];
    if card.row.version < followed.version {
        return; // read before the decision was written
    }
    if card.row.state.is_waiting() {
        let followed = model.review.followed.remove(at);
        // It asks again by itself: what was written did not get through, and the card says why.
        if let Some(asked) = card.payment().filter(|_| followed.lets_out()) {
            let told = format!("{} asks again: {}", followed.label, asked.row.why);
            model.say(Severity::Warning, &told);
        } else if followed.lets_out() && !card.note.as_str().is_empty() {
            let told = format!("{}: {}", followed.label, card.note);
            model.say(Severity::Warning, &told);
        }
        return;
    }
    let before = std::mem::replace(&mut followed.effect, card.effect);
    followed.version = card.row.version;
    let label = followed.label.clone();
    let (over, told) = match card.effect {
        Some(_) | None if card.payment().is_some() => paid(card, &label),
        None => (followed.until <= model.now, None),
        Some(EffectState::Held | EffectState::Prepared | EffectState::Sent) => (false, None),
        Some(EffectState::Confirmed) if card.row.dry => (
            true,
            Some((
                Severity::Info,
                format!("rehearsed (DRY RUN), nothing was sent: {label}"),
            )),
        ),
        Some(EffectState::Confirmed) => {
            let place = card.published.clone().unwrap_or_default();
            let simulated = mark_after(card.row.simulated, card.row.dry);
            (
                true,
                Some((
                    Severity::Info,
                    format!("published{simulated}: {label} {place}"),
                )),
            )
        }
        Some(EffectState::Withdrawn) => (true, None),
        Some(EffectState::Failed) => (
            true,
            Some((Severity::Error, format!("the platform refused {label}"))),
        ),
        Some(EffectState::Uncertain) => (
            true,
            Some((
                Severity::Error,
                format!("no answer for {label}: it may or may not be out"),
            )),
        ),
    };
    let was_over = std::mem::replace(&mut followed.over, over);
    if (before != card.effect || (over && card.effect.is_none() && !was_over))
        && let Some((severity, text)) = told
    {
        model.say(severity, &text);
    }
}

/// Whether a payment has come to its end, and how that is told.
fn paid(card: &TicketCard, label: &Safe) -> (bool, Option<(Severity, String)>) {
    let Some(asked) = card.payment() else {
        return (false, None);
    };
    let paid = &asked.row;
    let not_paid = || format!("not paid: {label}: {}", paid.why);
    match paid.state {
        PaymentState::Posted => {
            let hash = paid.transaction.clone().unwrap_or_default();
            (
                true,
                Some((Severity::Info, format!("paid: {label} {hash}"))),
            )
        }
        PaymentState::Uncertain => {
            let told = format!("nobody knows whether it is paid: {label}: {}", paid.why);
            (true, Some((Severity::Error, told)))
        }
        PaymentState::Reverted => (true, Some((Severity::Error, not_paid()))),
        PaymentState::Refused | PaymentState::Expired | PaymentState::Cancelled => {
            (true, Some((Severity::Warning, not_paid())))
        }
        PaymentState::Rejected => (true, None),
        PaymentState::Review
        | PaymentState::Approved
        | PaymentState::Signed
        | PaymentState::Broadcast
        | PaymentState::Mined => (false, None),
    }
}
