//! Keys in the drawn graph: along its edges, into the middle, and how far around is shown.

use chimera_domain::{
    ids::TaskId,
    views::{Severity, TaskRow},
};
use ratatui::layout::{Position, Rect};

use crate::{
    layout::{self, Part},
    model::{Model, Pane, drawn::HOPS_MAX},
    view::{self, drawn::Picture},
};

/// The room of the graph; where the window shows none, one to move by all the same.
fn room(model: &Model) -> Part {
    let part = layout::areas(model).part(Pane::Dag, false);
    part.unwrap_or(Part {
        pane: Pane::Dag,
        detail: false,
        area: Rect::new(0, 0, 80, 20),
    })
}

/// Drawn, or as a list again. The cursor stays where it is.
pub(super) fn switch(model: &mut Model) {
    model.drawn.on = !model.drawn.on;
    model.drawn.centre = model.tasks.selected;
}

/// Moves the cursor along an edge: to what waits for the task under it, or to what that waits for.
pub(super) fn follow(model: &mut Model, after: bool) {
    let none = if after {
        "nothing here waits for it"
    } else {
        "it waits for nothing here"
    };
    step(model, none, |picture| picture.beside(after));
}

/// Moves the cursor to the box below or above, in the same column.
pub(super) fn sibling(model: &mut Model, below: bool) {
    let none = if below {
        "nothing is below it"
    } else {
        "nothing is above it"
    };
    step(model, none, |picture| picture.sibling(below));
}

fn step(model: &mut Model, none: &str, to: impl for<'a> Fn(&Picture<'a>) -> Option<&'a TaskRow>) {
    let Some(picture) = view::drawn::picture(model, room(model)) else {
        return;
    };
    let found = to(&picture).map(|row| (row.id, picture.shows(row)));
    match found {
        Some((id, shown)) => select(model, id, shown),
        None => model.say(Severity::Info, none),
    }
}

/// What is not on screen is shown from its own middle.
fn select(model: &mut Model, id: TaskId, shown: bool) {
    model.tasks.select(id);
    model.detail_scroll = 0;
    if !shown {
        model.drawn.centre = Some(id);
    }
}

pub(super) fn hops(model: &mut Model, more: bool) {
    let hops = model.drawn.hops;
    model.drawn.hops = if more {
        hops + 1
    } else {
        hops.saturating_sub(1)
    }
    .clamp(1, HOPS_MAX);
    if model.drawn.hops == hops {
        let told = if more {
            "no plan reaches farther"
        } else {
            "what is joined to it stays in sight"
        };
        model.say(Severity::Info, told);
    }
}

/// Puts the cursor on the box in a cell of the screen.
pub(super) fn point(model: &mut Model, part: Part, place: Position) {
    let found = view::drawn::picture(model, part)
        .and_then(|picture| picture.at(place.x, place.y).map(|row| row.id));
    if let Some(id) = found {
        select(model, id, true);
    }
}
