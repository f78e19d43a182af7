//! Command line, palette and help: they run the very action that its key runs, and nothing that is refused.

use chimera_domain::views::Severity;

use super::{
    keys::{Press, act},
    set_filter,
};
use crate::{
    event::Request,
    keymap::Action,
    model::{
        Model,
        overlay::Overlay,
        palette::{Kind, Palette},
    },
};

/// How many lines that were run are kept.
const HISTORY_MAX: usize = 50;

pub(super) fn open(model: &mut Model, kind: Kind) {
    model.overlay = Some(Overlay::Palette(Palette::new(kind)));
}

/// Enter: runs what is marked or typed. What cannot be done now says why, and the sheet stays.
pub(super) fn run(model: &mut Model, palette: Palette, press: Press, out: &mut Vec<Request>) {
    if palette.kind == Kind::Command && palette.typed.text().trim().is_empty() {
        return;
    }
    let chosen = palette.chosen(model).and_then(|(entry, rest)| {
        let refused = entry
            .refused
            .map(|why| format!("{}: not now, {why}", entry.name));
        refused.map_or(Ok((entry.action, entry.name, rest)), Err)
    });
    let (action, name, rest) = match chosen {
        Ok(chosen) => chosen,
        Err(why) => {
            model.say(Severity::Warning, &why);
            model.overlay = Some(Overlay::Palette(palette));
            return;
        }
    };
    let line = if rest.is_empty() {
        name
    } else {
        format!("{name} {rest}")
    };
    model.history.retain(|before| *before != line);
    model.history.push(line);
    if model.history.len() > HISTORY_MAX {
        model.history.remove(0);
    }
    if action == Action::Filter && !rest.is_empty() {
        set_filter(model, model.focus.pane, &rest, out);
    } else {
        act(model, action, press, out);
    }
}
