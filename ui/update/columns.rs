//! In what order a list is shown, and which of its columns.

use chimera_domain::views::{Order, Severity};

use super::read;
use crate::{
    event::Request,
    model::{Model, overlay::Overlay},
    view,
};

/// To the next order of the focused list; after the last comes its own.
pub(super) fn sort(model: &mut Model, out: &mut Vec<Request>) {
    let orders = model.focus.pane.orders();
    let now = model.list(model.focus.pane).order().map(|order| order.by);
    let here = orders.iter().position(|by| Some(*by) == now).unwrap_or(0);
    let by = orders.get((here + 1) % orders.len().max(1)).copied();
    let Some(by) = by else { return };
    set(model, Order { by, turned: false }, out);
}

/// The other end first.
pub(super) fn turn(model: &mut Model, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    let own = pane.orders().first().copied();
    let own = own.map(|by| Order { by, turned: false });
    let Some(order) = model.list(pane).order().or(own) else {
        return;
    };
    let turned = !order.turned;
    set(model, Order { turned, ..order }, out);
}

fn set(model: &mut Model, order: Order, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    let is_own = pane.orders().first() == Some(&order.by) && !order.turned;
    let list = model.list_mut(pane);
    list.set_order((!is_own).then_some(order));
    read(model, pane.view(), out);
    let told = format!("{} {}", pane.name(), order.says());
    model.say(Severity::Info, &told);
}

/// Opens the sheet of columns.
pub(super) fn open(model: &mut Model) {
    let pane = model.focus.pane;
    model.overlay = Some(Overlay::Columns { pane, cursor: 0 });
}

/// Enter on a column: shows or hides it, and the sheet stays.
pub(super) fn switch(model: &mut Model, cursor: usize) {
    let pane = model.focus.pane;
    let columns = view::columns(pane);
    if let Some(column) = columns.get(cursor) {
        if column.fixed {
            let told = format!(
                "{} is always shown: {} would mislead without it",
                column.name,
                pane.name()
            );
            model.say(Severity::Info, &told);
        } else {
            let switched = model.switched.entry(pane).or_default();
            if !switched.remove(column.name) {
                switched.insert(column.name);
            }
        }
    }
    model.overlay = Some(Overlay::Columns { pane, cursor });
}
