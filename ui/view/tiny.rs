//! Very small windows: the card as plain text, or one line.

use ratatui::{Frame, text::Line};

use super::{card, header, put};
use crate::{
    layout::Areas,
    model::{Model, Pane},
    text::cut,
};

pub(super) fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    if let Some(part) = areas.part(Pane::Review, true) {
        card::draw(model, part, frame);
        return;
    }
    let lines = crate::text::wrap(
        "too small for this screen (needs 40x12); gr is the review",
        usize::from(areas.body.width),
    );
    for (row, text) in lines.into_iter().enumerate() {
        put(frame, areas.body, row, &Line::raw(text));
    }
}

/// `3 waiting, 41m`
pub(super) fn line(model: &Model, frame: &mut Frame<'_>) {
    let first = model.banner_halts().next();
    let halted = first.map_or_else(String::new, |halt| format!("{} ", header::words(halt)));
    let waiting = match model.overview.as_ref() {
        None => "chimera".to_owned(),
        Some(o) => match o.oldest_ticket_at {
            Some(at) => format!("{} waiting, {}", o.tickets_waiting, model.age(at)),
            None => format!("{} waiting", o.tickets_waiting),
        },
    };
    let area = frame.area();
    let text = cut(
        &format!("{halted}{waiting}"),
        usize::from(area.width),
        model.theme.marks().cut,
    );
    put(frame, area, 0, &Line::raw(text));
}
