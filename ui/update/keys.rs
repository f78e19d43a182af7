//! What keys do.

use chimera_domain::{
    Span,
    signal::Said as Word,
    views::{Severity, SignalRow},
};

use super::{
    asks, batch, columns, drawn, emergency, handover, hindsight, marks, mouse, moves, palette,
    past, picture, places, proposal, read_all, review, set_filter, takeaway, writing,
};
use crate::{
    event::Request,
    key::{Code, Key},
    keymap::{Action, Meaning},
    model::{
        FilterEdit, Model,
        ask::Ask,
        calibrated::{CALIBRATED, Calibrated},
        messages::add,
        overlay::{Overlay, Saying, Typed},
        palette::Kind,
        possible,
        record::Part,
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
    model.review.key_at = press.at;
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
    if let Some((writing, _)) = model.overlay.as_mut().and_then(Overlay::writing) {
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
    if writing::act(model, action, out)
        || handover::act(model, action, out)
        || proposal::act(model, action, out)
    {
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
        Action::Calibration => {
            model.overlay = Some(Overlay::Calibration(Calibrated::default()));
            out.push(Request::Calibration(model.now.minus(CALIBRATED)));
        }
        Action::Hindsight => hindsight::open(model, out),
        Action::Lower | Action::Raise | Action::FarLower | Action::FarRaise | Action::InForce => {
            hindsight::slide(model, action);
        }
        Action::Handover => handover::open(model, out),
        // Only over the note.
        Action::AddLine | Action::CopyNote | Action::WriteNote => {}
        Action::Acknowledge => {
            out.extend(model.alerts.selected.map(Request::Acknowledge));
        }
        Action::KeepTrend | Action::DropTrend => {
            let said = if action == Action::KeepTrend {
                Word::Kept
            } else {
                Word::Dropped
            };
            let say = |row: &SignalRow| Request::SayOf(row.id, row.version, said);
            out.extend(model.trends.row().map(say));
        }
        Action::ConvertTrend => {
            asks::trend(model, |trend, version, _| Ask::Convert { trend, version })
        }
        Action::SnoozeTrend => asks::trend(model, |trend, version, now| Ask::SnoozeTrend {
            trend,
            version,
            now,
        }),
        Action::Mute => asks::mute(model),
        Action::Unmute => asks::unmute(model),
        Action::Replay => asks::replay(model),
        Action::Critical => model.critical = !model.critical,
        Action::Versions => past::open(model, out),
        Action::Drawn => drawn::switch(model),
        Action::Parent => drawn::follow(model, false),
        Action::Child => drawn::follow(model, true),
        Action::SiblingAbove => drawn::sibling(model, false),
        Action::SiblingBelow => drawn::sibling(model, true),
        Action::Centre => model.drawn.centre = model.tasks.selected,
        Action::MoreHops => drawn::hops(model, true),
        Action::FewerHops => drawn::hops(model, false),
        Action::Trace => places::trace(model, out),
        Action::WasBack => places::step(model, false, out),
        Action::WasForward => places::step(model, true, out),
        Action::Go(pane) => places::go(model, pane, out),
        Action::NextPane => places::cycle(model, true, out),
        Action::PrevPane => places::cycle(model, false, out),
        Action::Zoom => model.zoom = !model.zoom,
        Action::Back => back(model, out),
        Action::Interrupt => interrupt(model, out),
        Action::Quit => quit(model, out),
        Action::Suspend => out.push(Request::Suspend),
        Action::Redraw => model.redraw = true,
        Action::Emergency => emergency::open(model),
        Action::SayPublic => asks::doubt(model, |effect, version| Ask::Public { effect, version }),
        Action::SendAgain => {
            asks::doubt(model, |effect, version| Ask::SendAgain { effect, version });
        }
        Action::GiveUp => asks::doubt(model, |effect, version| Ask::GiveUp { effect, version }),
        Action::CloseBreak => asks::close_break(model),
        Action::Withdraw => asks::withdraw(model, |publication| Ask::Withdraw { publication }),
        Action::WithdrawnByHand => asks::withdraw(model, |publication| Ask::ByHand { publication }),
        Action::Modes => asks::modes(model),
        Action::NewGoal => proposal::goal(model),
        Action::Proposals => proposal::list(model, out),
        // Only over a proposal.
        Action::AddPost
        | Action::AddTask
        | Action::Remove
        | Action::MoveUp
        | Action::MoveDown
        | Action::WaitsFor
        | Action::Priority
        | Action::Campaign
        | Action::Budget
        | Action::Due
        | Action::Words
        | Action::Known
        | Action::Source
        | Action::UndoEdit
        | Action::Launch
        | Action::Discard => {}
        Action::ReadAgain => {
            model.rest = None;
            model.queue.reorder = true;
            model.list_mut(model.focus.pane).put_in_order();
            model.review.followed.retain(|f| !f.over);
            model.review.skipped.clear();
            read_all(model, out);
            model.say(Severity::Info, "read again");
        }
        Action::CopyId => takeaway::copy(model, Part::Id),
        Action::CopyText => takeaway::copy(model, Part::Text),
        Action::CopyUrl => takeaway::copy(model, Part::Url),
        Action::CopyJson => takeaway::copy(model, Part::Json),
        Action::Mouse => mouse::switch(model),
        Action::Export => takeaway::exports(model),
        Action::Filters => takeaway::filters(model),
        Action::Open => places::open(model),
        Action::Close => places::close(model, out),
        Action::Filter => {
            let pane = model.focus.pane;
            places::close_detail(model);
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
        Action::Sort => columns::sort(model, out),
        Action::Turn => columns::turn(model, out),
        Action::Columns => columns::open(model),
        Action::Mark => marks::mark(model, out),
        Action::MarkRange => marks::range(model),
        Action::MarkAll => marks::all(model, out),
        Action::Unmark => marks::clear(model),
        Action::Approve => review::approve(model, press, out),
        Action::Reject => review::reject(model, press),
        Action::Edit => writing::begin(model, press),
        Action::RequestChanges => review::say(model, Saying::Changes, press),
        Action::Escalate => review::say(model, Saying::Escalate, press),
        Action::Assign => review::say(model, Saying::Assign, press),
        Action::Snooze => review::snooze(model, press),
        Action::Batch => batch::begin(model, press, out),
        Action::Why => moves::why(model),
        Action::Picture => picture::next(model, out),
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

/// One step back: popup, mode, marks, filter, detail, zoom. Never out.
fn back(model: &mut Model, out: &mut Vec<Request>) {
    model.messages.see_all();
    let pane = model.focus.pane;
    if let Some(edit) = model.filter.take() {
        set_filter(model, edit.pane, "", out);
    } else if handover::back(model)
        || proposal::back(model)
        || model.overlay.take().is_some()
        || model.list_mut(pane).marked_mut().from.take().is_some()
    {
    } else if !model.list(pane).marked().is_empty() && !model.focus.detail {
        marks::clear(model);
    } else if !model.list(pane).filter().is_empty() {
        set_filter(model, pane, "", out);
    } else {
        places::close(model, out);
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

fn quit(model: &mut Model, out: &mut Vec<Request>) {
    if model.zoom || !model.focus.pane.is_home() {
        places::close_detail(model);
        places::close(model, out);
        model.zoom = false;
    } else if model.undoable().is_empty() {
        model.exit = Some(Exit::Quit);
    } else {
        model.overlay = Some(Overlay::Quit);
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
            | Overlay::Past(_)
            | Overlay::Calibration(_)
            | Overlay::Hindsight(_)
            | Overlay::Picture(_)
            | Overlay::Write { .. }
            | Overlay::Goal { .. }
            | Overlay::Quit,
        ) => {}
        Some(Overlay::Palette(palette)) => palette::run(model, palette, press, out),
        Some(Overlay::Reason { card }) => model.overlay = Some(Overlay::Reason { card }),
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
        Some(Overlay::Handover { note, .. }) => handover::leave(model, &note),
        Some(Overlay::HandoverLine { note, typed }) => handover::add(model, note, &typed),
        Some(Overlay::GoalFor { items, cursor }) => proposal::goal_for(model, &items, cursor),
        Some(Overlay::Proposals { cursor }) => proposal::open_nth(model, cursor, out),
        Some(Overlay::Proposal(open)) => proposal::accept(model, open, out),
        Some(Overlay::Columns { cursor, .. }) => columns::switch(model, cursor),
        Some(Overlay::Pick { items, cursor, .. }) => {
            if let Some(item) = items.get(cursor) {
                takeaway::pick(model, item, out);
            }
        }
        Some(Overlay::Name {
            pane,
            filter,
            typed,
        }) => takeaway::name(model, pane, filter, &typed),
        Some(Overlay::Asked { asked, typed }) => asks::answer(model, asked, &typed, out),
    }
}
