//! Marking rows: one, a range, all that is filtered. What is done with them is in `batch.rs` and `takeaway.rs`.

use chimera_domain::{
    Safe,
    views::{IDS_MAX, Severity},
};

use super::moves;
use crate::{
    event::{Answer, Looked, Request},
    keymap::Action,
    model::{Model, Pane},
};

/// Marks the row under the cursor, or takes its mark away, and goes on to the next.
pub(super) fn mark(model: &mut Model, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    if model.list(pane).marked().from.is_some() {
        return range(model);
    }
    let list = model.list_mut(pane);
    let Some(id) = list.selected_id() else { return };
    let marked = list.marked_mut();
    if !marked.remove(&id) {
        let room = marked.add(id);
        told_full(model, room);
    }
    moves::step(model, 1, out);
}

/// Begins a range at the cursor, or marks all from where it began to the cursor.
pub(super) fn range(model: &mut Model) {
    let pane = model.focus.pane;
    let key = model.key(Action::MarkRange);
    let list = model.list_mut(pane);
    let Some(id) = list.selected_id() else { return };
    if list.marked().from.is_none() {
        list.marked_mut().from = Some(id);
        let told = format!("a range begins here; move, then {key} again marks it");
        model.say(Severity::Info, &told);
        return;
    }
    let range = list.range();
    let marked = list.marked_mut();
    marked.from = None;
    let Some(range) = range else {
        let told = "nothing was marked: the row the range began at is not among those read now";
        model.say(Severity::Warning, told);
        return;
    };
    let mut room = true;
    for id in range {
        room &= marked.add(id);
    }
    told_full(model, room);
}

/// Marks all that is filtered; what is beyond the rows at hand is asked for.
pub(super) fn all(model: &mut Model, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    let list = model.list_mut(pane);
    list.marked_mut().from = None;
    if list.is_whole() {
        let mut room = true;
        for id in list.ids() {
            room &= list.marked_mut().add(id);
        }
        told_full(model, room);
    } else {
        out.push(Request::Ids(pane, model.list(pane).request()));
    }
}

pub(super) fn clear(model: &mut Model) {
    model.list_mut(model.focus.pane).marked_mut().clear();
}

fn told_full(model: &mut Model, room: bool) {
    if !room {
        let told = format!("not all: {IDS_MAX} rows can be marked, without marks all count");
        model.say(Severity::Warning, &told);
    }
}

/// After a list was read: what became of the marked rows.
pub(super) fn look(model: &Model, pane: Pane, out: &mut Vec<Request>) {
    let list = model.list(pane);
    if !list.marked().is_empty() {
        let asked = list.marked().ids();
        out.push(Request::Marked(pane, list.filter().to_owned(), asked));
    }
}

/// The ids of all that is filtered came.
pub(super) fn found(
    model: &mut Model,
    pane: Pane,
    filter: &str,
    answer: Answer<(Vec<String>, u64)>,
) {
    match answer {
        Ok((ids, total)) => {
            let list = model.list_mut(pane);
            if list.filter() != filter {
                return;
            }
            let all = u64::try_from(ids.len()).is_ok_and(|n| n >= total);
            let mut room = all;
            for id in ids {
                room &= list.marked_mut().add(id);
            }
            told_full(model, room);
        }
        Err(why) => told_failed(model, &why),
    }
}

/// A look at the marked rows came back.
pub(super) fn looked(
    model: &mut Model,
    pane: Pane,
    filter: &str,
    asked: &[String],
    answer: Answer<Looked>,
) {
    let list = model.list_mut(pane);
    // What a refused filter hides, its own list has told.
    let (true, Ok(looked)) = (list.filter() == filter, answer) else {
        return;
    };
    let gone = list.marked_mut().looked(asked, &looked.there, looked.shown);
    if gone > 0 {
        let rows = if gone == 1 { "row" } else { "rows" };
        let told = format!("{gone} marked {rows} left {}", pane.name());
        model.say(Severity::Info, &told);
    }
}

fn told_failed(model: &mut Model, why: &Safe) {
    model.say(Severity::Error, &format!("not marked: {why}"));
}
