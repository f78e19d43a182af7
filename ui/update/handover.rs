//! The hand-over note: made from what the store says, added to, and taken along.

use chimera_domain::{
    Safe,
    views::{Severity, handover::Handover},
};

use super::takeaway;
use crate::{
    event::{Answer, Request},
    keymap::Action,
    model::{
        Model,
        note::{Left, Note},
        overlay::{Overlay, Typed},
    },
};

/// Opens the note; what it says is asked for.
pub(super) fn open(model: &mut Model, out: &mut Vec<Request>) {
    show(model, Note::default());
    out.push(Request::Handover);
}

fn show(model: &mut Model, note: Note) {
    model.overlay = Some(Overlay::Handover { note, scroll: 0 });
}

/// What it says came; a note that was closed meanwhile stays closed.
pub(super) fn read(model: &mut Model, answer: Answer<Box<Handover>>) {
    let zone = model.settings.zone.clone();
    let Some(Overlay::Handover { note, .. } | Overlay::HandoverLine { note, .. }) =
        &mut model.overlay
    else {
        return;
    };
    if note.from.is_some() {
        return;
    }
    match answer {
        Ok(handover) => note.made = Some(handover.text(&zone)),
        Err(why) => {
            model.overlay = None;
            model.say(Severity::Error, &format!("no note: {why}"));
        }
    }
}

/// Keys over the note.
pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Request>) -> bool {
    let Some(Overlay::Handover { note, .. }) = &model.overlay else {
        return false;
    };
    let note = note.clone();
    if !matches!(
        action,
        Action::AddLine | Action::CopyNote | Action::WriteNote
    ) {
        return false;
    }
    if note.made.is_none() {
        model.say(Severity::Info, "the note is still being made");
        return true;
    }
    let whole = note.whole(&model.settings.actor);
    if action == Action::AddLine {
        let typed = Typed::default();
        model.overlay = Some(Overlay::HandoverLine { note, typed });
    } else if action == Action::CopyNote {
        takeaway::copy_text(model, whole.as_str(), "the note");
    } else if let Some(folder) = model.settings.exports_dir.clone() {
        let time = model.now.to_rfc3339_seconds().replace([':', '-'], "");
        let file = folder.join(format!("handover-{time}.txt"));
        out.push(Request::Note(file, format!("{whole}\n")));
    } else {
        model.say(
            Severity::Info,
            "this console was given no folder for exports",
        );
    }
    true
}

/// Enter after a line: it is added, and the note shown again. An empty one adds nothing.
pub(super) fn add(model: &mut Model, mut note: Note, typed: &Typed) {
    let line = typed.text().trim();
    if !line.is_empty() && !note.add(line) {
        model.say(
            Severity::Warning,
            "not added: the note has as many lines as can be",
        );
    }
    show(model, note);
}

/// Enter on the note: it is left for whoever comes next, or, when it was left by somebody else, it was read.
pub(super) fn leave(model: &mut Model, note: &Note) {
    if note.from.is_some() {
        model.left = None;
        model.say(Severity::Info, "taken over");
    } else if note.made.is_none() {
        model.say(
            Severity::Info,
            "nothing was left: the note was still being made",
        );
    } else if model.settings.state_file.is_none() {
        model.say(
            Severity::Info,
            "nothing was left: this console remembers nothing; write it to a file",
        );
    } else {
        let actor = model.settings.actor.clone();
        let whole = note.whole(&actor);
        model.left = Some(Left::new(&actor, model.now, &whole));
        model.say(
            Severity::Info,
            "left: the console of whoever comes next opens on it",
        );
    }
}

/// Esc: a line that was begun is dropped and the note stays; a note of somebody else stays for the next time, too.
pub(super) fn back(model: &mut Model) -> bool {
    let Some(Overlay::HandoverLine { note, .. }) = &model.overlay else {
        return false;
    };
    let note = note.clone();
    show(model, note);
    true
}

/// The file was written, or not.
pub(super) fn written(model: &mut Model, answer: Answer<Safe>) {
    match answer {
        Ok(file) => model.say(Severity::Info, &format!("the note is in {file}")),
        Err(why) => model.say(Severity::Error, &format!("the note was not written: {why}")),
    }
}
