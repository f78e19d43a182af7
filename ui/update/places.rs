//! Going from screen to screen: by key, to a row's trace, back and forward.

use chimera_domain::ids::TraceId;

use super::{proposal, read};
use crate::{
    event::Request,
    layout::Class,
    model::{
        Focus, Model, Pane,
        list::{Fetch, List},
        places::{Place, trace_of},
    },
};

fn is_wide(model: &Model) -> bool {
    Class::of(model.size.width, model.size.height) == Class::Wide
}

fn here(model: &Model) -> Place {
    Place {
        focus: model.focus,
        zoom: model.zoom,
        traced: model.traced,
    }
}

pub(super) fn go(model: &mut Model, pane: Pane, out: &mut Vec<Request>) {
    let to = Focus {
        pane,
        detail: false,
    };
    leave(model, to, out);
}

/// Goes to a screen, and remembers the one that was left.
fn leave(model: &mut Model, to: Focus, out: &mut Vec<Request>) {
    let from = here(model);
    focus(model, to, out);
    model.places.left(from, here(model));
}

/// A screen of its own is read while it is looked at only, so it is read now.
pub(super) fn focus(model: &mut Model, to: Focus, out: &mut Vec<Request>) {
    let before = std::mem::replace(&mut model.focus, to);
    model.detail_scroll = 0;
    if !to.pane.is_home() && to.pane != before.pane {
        read(model, to.pane.view(), out);
        if to.pane == Pane::Campaigns {
            proposal::ask(model, out);
        }
    }
}

/// To everything that is known of the walk the selected row belongs to.
pub(super) fn trace(model: &mut Model, out: &mut Vec<Request>) {
    let Ok(trace) = trace_of(model) else { return };
    let from = here(model);
    show(model, Some(trace), out);
    let to = Focus {
        pane: Pane::Trace,
        detail: false,
    };
    focus(model, to, out);
    model.places.left(from, here(model));
}

/// Another walk is another list.
fn show(model: &mut Model, trace: Option<TraceId>, out: &mut Vec<Request>) {
    if model.traced != trace {
        model.traced = trace;
        model.walk = List::default();
        if trace.is_none() {
            model.walk.fetch = Fetch::Read;
        } else if model.focus.pane == Pane::Trace {
            read(model, Pane::Trace.view(), out);
        }
    }
}

/// Back to where somebody was before, or forward again.
pub(super) fn step(model: &mut Model, forward: bool, out: &mut Vec<Request>) {
    let now = here(model);
    let place = if forward {
        model.places.forward(now)
    } else {
        model.places.back(now)
    };
    let Some(place) = place else { return };
    model.zoom = place.zoom && is_wide(model);
    if place.focus.pane == Pane::Trace {
        show(model, place.traced, out);
    }
    focus(model, place.focus, out);
}

pub(super) fn cycle(model: &mut Model, forward: bool, out: &mut Vec<Request>) {
    let place = |pane, detail| Focus { pane, detail };
    let home = [
        place(Pane::Review, false),
        place(Pane::Review, true),
        place(Pane::Trends, false),
        place(Pane::Dag, false),
        place(Pane::Ledger, false),
    ];
    let single = Pane::ALL.map(|pane| place(pane, false));
    let order: &[Focus] = if is_wide(model) && !model.zoom && model.focus.pane.is_home() {
        &home
    } else {
        &single
    };
    let here = order
        .iter()
        .position(|f| *f == model.focus)
        .or_else(|| order.iter().position(|f| f.pane == model.focus.pane))
        .unwrap_or(0);
    let by = if forward { 1 } else { order.len() - 1 };
    focus(model, order[(here + by) % order.len()], out);
}

pub(super) fn open(model: &mut Model) {
    if is_wide(model) && model.focus.pane != Pane::Review && model.focus.pane.is_home() {
        model.zoom = true;
    }
    model.focus.detail = true;
    model.detail_scroll = 0;
}

/// Out of the detail, else out of the zoom, else home.
pub(super) fn close(model: &mut Model, out: &mut Vec<Request>) {
    if close_detail(model) {
        return;
    }
    model.zoom = false;
    if model.focus.pane == Pane::Trace {
        // A trace was come to from a row; that is its parent.
        if let Some(place) = model.places.back(here(model)) {
            model.zoom = place.zoom && is_wide(model);
            focus(model, place.focus, out);
            return;
        }
    }
    if !model.focus.pane.is_home() {
        go(model, Pane::Review, out);
    }
}

/// Back to the list; `false` when it was there already.
pub(super) fn close_detail(model: &mut Model) -> bool {
    let was = std::mem::take(&mut model.focus.detail);
    if was && model.focus.pane != Pane::Review {
        model.zoom = false;
    }
    was
}
