//! What keys do.

use chimera_domain::{Safe, Span, views::Severity};

use super::{asks, batch, emergency, moves, palette, read, read_all, review, set_filter, writing};
use crate::{
    event::Request,
    key::{Code, Key},
    keymap::{Action, Meaning},
    layout::Class,
    model::{
        FilterEdit, Focus, Model, Pane, View,
        ask::Ask,
        messages::add,
        overlay::{Overlay, Saying, Typed},
        palette::Kind,
        possible,
    },
    settings::Exit,
};

/// Typing asks the store only after a pause.
const FILTER_PAUSE: Span = Span::from_millis(150);
/// Within this, a second Ctrl-C quits.
const INTERRUPT_WINDOW: Span = Span::from_secs(1);

/// A key, with what the guard must know of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Press {
    pub(super) at: Span,
    pub(super) read: u64,
    /// Nothing else came in the same read: a person presses one key at a time, a paste does not.
    pub(super) alone: bool,
}

pub(super) fn on_key(model: &mut Model, key: Key, press: Press, out: &mut Vec<Request>) {
    model.dirty = true;
    model.messages.key_pressed();
    model.review.guard.any_key(press.at);
    if let Some(letter) = key.typed()
        && emergency::on_letter(model, letter, press)
    {
        model.review.guard.other_key();
        return;
    }
    let contexts = model.contexts();
    model.pending.push(key);
    let found = model.settings.keys.meaning(contexts, &model.pending);
    if found == Meaning::Begun {
        model.review.guard.other_key();
        return;
    }
    let pressed = std::mem::take(&mut model.pending);
    let Meaning::Action(action) = found else {
        let cancelled = pressed.len() > 1 && key == Key::plain(Code::Esc);
        let typed = key.typed();
        if cancelled {
            model.review.guard.other_key();
        } else if !typed.is_some_and(|c| type_text(model, c.encode_utf8(&mut [0; 4]))) {
            stray(model, &pressed, press.at);
        }
        return;
    };
    if !action.decides() {
        model.review.guard.other_key();
    }
    act(model, action, press, out);
}

/// A key without a meaning says so, and whatever is typed after it decides nothing for a while.
fn stray(model: &mut Model, pressed: &[Key], at: Span) {
    model.review.guard.stray_key(at);
    let names: Vec<String> = pressed.iter().map(Key::to_string).collect();
    model.say(
        Severity::Info,
        &format!(
            "{} means nothing here; {} shows the keys",
            names.join(" "),
            model.key(Action::Help)
        ),
    );
}

/// A paste is only text, and only where text is typed.
pub(super) fn on_paste(model: &mut Model, text: &str) {
    model.pending.clear();
    if !type_text(model, text) {
        let count = text.chars().count();
        model.say(
            Severity::Warning,
            &format!("pasted text ignored ({count} characters)"),
        );
    }
}

/// Adds to the line being typed; `false` where there is none.
fn type_text(model: &mut Model, text: &str) -> bool {
    if let Some(edit) = &mut model.filter {
        edit.typed.push(text);
        edit.ask_at = Some(add(model.mono, FILTER_PAUSE));
        model.dirty = true;
        return true;
    }
    if let Some(writing) = model.overlay.as_mut().and_then(Overlay::writing) {
        writing.push(text);
        model.dirty = true;
        return true;
    }
    let typed = model.overlay.as_mut().and_then(Overlay::typed);
    model.dirty |= typed.is_some();
    let is_typing = typed.map(|t| t.push(text)).is_some();
    retyped(model);
    is_typing
}

pub(super) fn act(model: &mut Model, action: Action, press: Press, out: &mut Vec<Request>) {
    if let Some(why) = possible::refused(model, action) {
        model.say(Severity::Info, &why);
        return;
    }
    if writing::act(model, action, out) {
        return;
    }
    match action {
        Action::Help => palette::open(model, Kind::Help),
        Action::Command => palette::open(model, Kind::Command),
        Action::Find => palette::open(model, Kind::Find),
        Action::Complete => complete(model),
        Action::Messages => {
            model.messages.see_all();
            model.overlay = Some(Overlay::Messages { scroll: 0 });
        }
        Action::Alerts => {
            model.overlay = Some(Overlay::Alerts);
            read(model, View::Alerts, out);
        }
        Action::Go(pane) => go(model, pane, out),
        Action::NextPane => cycle(model, true, out),
        Action::PrevPane => cycle(model, false, out),
        Action::Zoom => model.zoom = !model.zoom,
        Action::Back => back(model, out),
        Action::Interrupt => interrupt(model, out),
        Action::Quit => quit(model),
        Action::Suspend => out.push(Request::Suspend),
        Action::Redraw => model.redraw = true,
        Action::Emergency => emergency::open(model),
        Action::SayPublic => asks::doubt(model, |effect, version| Ask::Public { effect, version }),
        Action::SendAgain => {
            asks::doubt(model, |effect, version| Ask::SendAgain { effect, version });
        }
        Action::GiveUp => asks::doubt(model, |effect, version| Ask::GiveUp { effect, version }),
        Action::Withdraw => asks::withdraw(model, |publication| Ask::Withdraw { publication }),
        Action::WithdrawnByHand => asks::withdraw(model, |publication| Ask::ByHand { publication }),
        Action::Modes => asks::modes(model),
        Action::ReadAgain => {
            model.queue.reorder = true;
            model.review.followed.retain(|f| !f.over);
            model.review.skipped.clear();
            read_all(model, out);
            model.say(Severity::Info, "read again");
        }
        Action::CopyId => copy_id(model),
        Action::Open => open(model),
        Action::Close => close(model),
        Action::Filter => {
            let pane = model.focus.pane;
            close_detail(model);
            let typed = Typed::of(model.list(pane).filter());
            model.filter = Some(FilterEdit {
                pane,
                typed,
                ask_at: None,
            });
        }
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom => moves::scroll(model, action, out),
        Action::Freeze => moves::freeze(model, out),
        Action::Approve => review::approve(model, press, out),
        Action::Reject => review::reject(model, press),
        Action::Edit => writing::begin(model, press),
        Action::RequestChanges => review::say(model, Saying::Changes, press),
        Action::Escalate => review::say(model, Saying::Escalate, press),
        Action::Assign => review::say(model, Saying::Assign, press),
        Action::Snooze => review::snooze(model, press),
        Action::Batch => batch::begin(model, press, out),
        Action::Why => moves::why(model),
        Action::Before => model.overlay = Some(Overlay::Before { scroll: 0 }),
        Action::Undo => review::undo(model, out),
        Action::Next => moves::step(model, 1, out),
        Action::Prev => moves::step(model, -1, out),
        Action::Skip => review::skip(model),
        Action::CardDown => moves::card_down(model),
        Action::Accept => accept(model, press, out),
        Action::Rubout => edit(model, Typed::rubout),
        Action::RuboutWord => edit(model, Typed::rubout_word),
        Action::RuboutLine => edit(model, Typed::clear),
        // Only where a text is written.
        Action::Delete
        | Action::NewLine
        | Action::Left
        | Action::Right
        | Action::LineStart
        | Action::LineEnd
        | Action::Ready
        | Action::Editor => {}
    }
}

fn edit(model: &mut Model, change: impl FnOnce(&mut Typed)) {
    if let Some(filter) = &mut model.filter {
        change(&mut filter.typed);
        filter.ask_at = Some(add(model.mono, FILTER_PAUSE));
    } else if let Some(typed) = model.overlay.as_mut().and_then(Overlay::typed) {
        change(typed);
        retyped(model);
    }
}

fn retyped(model: &mut Model) {
    if let Some(Overlay::Palette(palette)) = &mut model.overlay {
        palette.retyped();
    }
}

fn complete(model: &mut Model) {
    if let Some(Overlay::Palette(palette)) = &model.overlay {
        let mut palette = palette.clone();
        palette.complete(model);
        model.overlay = Some(Overlay::Palette(palette));
    }
}

fn is_wide(model: &Model) -> bool {
    Class::of(model.size.width, model.size.height) == Class::Wide
}

fn go(model: &mut Model, pane: Pane, out: &mut Vec<Request>) {
    focus(
        model,
        Focus {
            pane,
            detail: false,
        },
        out,
    );
}

/// A screen of its own is read while it is looked at only, so it is read now.
fn focus(model: &mut Model, to: Focus, out: &mut Vec<Request>) {
    let before = std::mem::replace(&mut model.focus, to);
    model.detail_scroll = 0;
    if !to.pane.is_home() && to.pane != before.pane {
        read(model, to.pane.view(), out);
    }
}

fn cycle(model: &mut Model, forward: bool, out: &mut Vec<Request>) {
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

fn open(model: &mut Model) {
    if is_wide(model) && model.focus.pane != Pane::Review && model.focus.pane.is_home() {
        model.zoom = true;
    }
    model.focus.detail = true;
    model.detail_scroll = 0;
}

/// Out of the detail, else out of the zoom, else home.
fn close(model: &mut Model) {
    if close_detail(model) {
        return;
    }
    model.zoom = false;
    if !model.focus.pane.is_home() {
        model.focus.pane = Pane::Review;
    }
}

/// Back to the list; `false` when it was there already.
fn close_detail(model: &mut Model) -> bool {
    let was = std::mem::take(&mut model.focus.detail);
    if was && model.focus.pane != Pane::Review {
        model.zoom = false;
    }
    was
}

/// One step back: popup, mode, filter, detail, zoom. Never out.
fn back(model: &mut Model, out: &mut Vec<Request>) {
    model.messages.see_all();
    let pane = model.focus.pane;
    if let Some(edit) = model.filter.take() {
        set_filter(model, edit.pane, "", out);
    } else if model.overlay.take().is_some() {
    } else if !model.list(pane).filter().is_empty() {
        set_filter(model, pane, "", out);
    } else {
        close(model);
    }
}

fn interrupt(model: &mut Model, out: &mut Vec<Request>) {
    let before = model.interrupted_at.replace(model.mono);
    if before.is_some_and(|at| model.mono < add(at, INTERRUPT_WINDOW)) {
        model.exit = Some(Exit::Quit);
        return;
    }
    back(model, out);
    model.say(Severity::Info, "Ctrl-C again within a second quits");
}

fn quit(model: &mut Model) {
    if model.zoom || !model.focus.pane.is_home() {
        close_detail(model);
        close(model);
        model.zoom = false;
    } else if model.undoable().is_empty() {
        model.exit = Some(Exit::Quit);
    } else {
        model.overlay = Some(Overlay::Quit);
    }
}

fn copy_id(model: &mut Model) {
    if let Some(id) = model.list(model.focus.pane).selected_id() {
        model.copy = Some(Safe::line(&id));
        model.say(Severity::Info, &format!("{id} sent to your terminal"));
    }
}

/// Enter in a menu or at the end of a typed line.
fn accept(model: &mut Model, press: Press, out: &mut Vec<Request>) {
    if let Some(edit) = model.filter.take() {
        let text = edit.typed.text().to_owned();
        set_filter(model, edit.pane, &text, out);
        return;
    }
    match model.overlay.take() {
        None
        | Some(
            Overlay::Messages { .. }
            | Overlay::Before { .. }
            | Overlay::Write { .. }
            | Overlay::Quit,
        ) => {}
        Some(Overlay::Palette(palette)) => palette::run(model, palette, press, out),
        Some(Overlay::Reason { card }) => model.overlay = Some(Overlay::Reason { card }),
        Some(Overlay::Alerts) => {
            model.overlay = Some(Overlay::Alerts);
            if let Some(alert) = model.alerts.selected {
                out.push(Request::Acknowledge(alert));
            }
        }
        Some(Overlay::Note { card, class, typed }) => {
            review::send_reject(model, card, class, typed, press, out);
        }
        Some(Overlay::Confirm {
            card,
            word,
            why,
            typed,
        }) => review::confirm(model, card, word, why, &typed, press, out),
        Some(Overlay::Say {
            card,
            saying,
            typed,
        }) => review::said(model, card, saying, typed, press, out),
        Some(Overlay::Batch(sheet)) => batch::accept(model, sheet, press, out),
        Some(Overlay::Written(written)) => writing::let_out(model, written, press, out),
        Some(Overlay::Later {
            card,
            items,
            cursor,
        }) => review::later(model, card, items.get(cursor), press, out),
        Some(Overlay::Undo { items, cursor }) => {
            if let Some(item) = items.get(cursor) {
                review::take_back(model, item, out);
            }
        }
        Some(Overlay::Emergency { items, cursor }) => emergency::choose(model, &items, cursor),
        Some(Overlay::Word { choice, typed }) => emergency::word(model, choice, &typed, out),
        Some(Overlay::Modes { items, cursor }) => asks::choose(model, &items, cursor),
        Some(Overlay::Asked { asked, typed }) => asks::answer(model, asked, &typed, out),
    }
}
