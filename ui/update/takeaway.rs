//! What leaves a list: a part of the selected row to the operator's clipboard, all that is filtered to a file,
//! and the menus for it.

use chimera_domain::{Safe, views::Severity};

use super::set_filter;
use crate::{
    event::Request,
    export::{Export, Exported},
    keymap::Action,
    model::{
        Model, Pane,
        overlay::{Overlay, Typed},
        pick::{self, Item, Pick},
        record::Part,
    },
    remember::{SAVED_MAX, Saved},
};

/// What terminals take by OSC 52: 100,000 bytes of base64 with its frame.
const COPY_BYTES_MAX: usize = 74_994;

pub(super) fn copy(model: &mut Model, part: Part) {
    let Some(record) = model.list(model.focus.pane).selected_record() else {
        return;
    };
    // A list has a post in one line; the card has it as it goes out.
    let card = model.review.card.as_ref().filter(|card| {
        let id = Part::Id.of(&record);
        id.is_some_and(|id| id == card.row.id.to_string())
    });
    let text = match (part, card) {
        (Part::Text, Some(card)) => Some(card.text.to_string()),
        (Part::Id | Part::Text | Part::Url | Part::Json, _) => part.of(&record),
    };
    let name = part.name();
    let Some(text) = text else {
        model.say(Severity::Info, &format!("this row has no {name}"));
        return;
    };
    let shown = match part {
        Part::Id => Safe::line(&text).to_string(),
        Part::Text | Part::Url | Part::Json => name.to_owned(),
    };
    copy_text(model, &text, &shown);
}

/// Sends a text to the terminal's clipboard, under this name.
pub(super) fn copy_text(model: &mut Model, text: &str, shown: &str) {
    let whole = text.len();
    let cut = text.floor_char_boundary(whole.min(COPY_BYTES_MAX));
    let text = Safe::block(text.get(..cut).unwrap_or_default());
    let mut told = format!("{shown} sent to your terminal");
    if cut < whole {
        told += &format!(", cut to {cut} of {whole} bytes");
    }
    let term = model.settings.term.as_str();
    if term.starts_with("tmux") || term.starts_with("screen") {
        told += "; tmux passes it on with `set -s set-clipboard on`";
    }
    model.copy = Some(text);
    model.say(Severity::Info, &told);
}

/// Opens the menu of saved filters and facets.
pub(super) fn filters(model: &mut Model) {
    let items = pick::filters(model, model.focus.pane);
    if items.is_empty() {
        model.say(
            Severity::Info,
            "nothing to filter by: the list is empty and no filter is saved",
        );
        return;
    }
    open(model, "filters", items);
}

/// Opens the menu of forms.
pub(super) fn exports(model: &mut Model) {
    let marked = !model.list(model.focus.pane).marked().is_empty();
    let title = if marked {
        "export what is marked as"
    } else {
        "export what is filtered as"
    };
    open(model, title, pick::exports());
}

fn open(model: &mut Model, title: &'static str, items: Vec<Item>) {
    model.overlay = Some(Overlay::Pick {
        title,
        items,
        cursor: 0,
    });
}

/// Enter on a line of a menu.
pub(super) fn pick(model: &mut Model, item: &Item, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    match &item.pick {
        Pick::Filter(filter) => set_filter(model, pane, filter, out),
        Pick::Save => {
            model.overlay = Some(Overlay::Name {
                pane,
                filter: model.list(pane).filter().trim().to_owned(),
                typed: Typed::default(),
            });
        }
        Pick::Forget(name) => {
            if let Some(saved) = model.saved.get_mut(&pane) {
                saved.retain(|saved| saved.name != *name);
            }
            model.say(Severity::Info, &format!("the filter {name} is forgotten"));
        }
        Pick::Export(format) => {
            let Some(folder) = model.settings.exports_dir.clone() else {
                return;
            };
            model.exporting = true;
            model.say(Severity::Info, "writing…");
            out.push(Request::Export(Export {
                pane,
                trace: model.traced,
                at_hand: if matches!(pane, Pane::Measures | Pane::Presence) {
                    model.list(pane).records()
                } else {
                    Vec::new()
                },
                filter: model.list(pane).filter().to_owned(),
                only: model.list(pane).marked().ids(),
                order: model.list(pane).order(),
                format: *format,
                folder,
                at: model.now,
            }));
        }
    }
}

/// Enter after the name of a filter.
pub(super) fn name(model: &mut Model, pane: Pane, filter: String, typed: &Typed) {
    let name = typed.text().trim().to_owned();
    if name.is_empty() {
        model.say(Severity::Info, "cancelled: nothing was saved");
        return;
    }
    let saved = model.saved.entry(pane).or_default();
    saved.retain(|saved| saved.name != name);
    if saved.len() >= SAVED_MAX {
        let told = format!("not saved: there are {SAVED_MAX} already, forget one first");
        model.say(Severity::Warning, &told);
        return;
    }
    saved.push(Saved {
        name: name.clone(),
        filter,
    });
    let key = model.key(Action::Filters);
    model.say(Severity::Info, &format!("saved as {name}; {key} lists it"));
}

/// An export ended.
pub(super) fn exported(model: &mut Model, answer: Result<Exported, Safe>) {
    model.exporting = false;
    match answer {
        Ok(done) => {
            let rows = done.rows;
            let mut told = format!("{rows} rows in {}", done.file.display());
            if done.cut {
                told += "; there are more: `chimera store export` writes all";
            }
            model.say(Severity::Info, &told);
        }
        Err(why) => model.say(Severity::Error, &format!("not exported: {why}")),
    }
}
