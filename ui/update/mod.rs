//! What every event does to the model: pure, so that a table of events is a test.
//!
//! It knows neither the store nor the terminal. Start with [`update`]; the guard on deciding is in
//! `review.rs`, what keys do in `keys.rs`, what a read brings in `loaded.rs`, what became of an action in `answers.rs`.

mod answers;
mod asks;
mod batch;
mod columns;
mod drawn;
mod emergency;
mod handover;
mod hindsight;
mod keys;
mod loaded;
mod marks;
mod mouse;
mod moves;
mod palette;
mod past;
mod picture;
mod places;
mod proposal;
pub(crate) mod proposal_edit;
mod review;
mod takeaway;
mod watch;
mod writing;

use chimera_domain::{Span, Timestamp, ids::TicketId, views::Severity};

use self::keys::Press;
use crate::{
    event::{Event, Request, Signal},
    layout::{self, Class},
    model::{
        Model, Pane, View,
        list::{AnyList, Fetch},
        messages::add,
        overlay::Overlay,
    },
    remember,
    settings::Exit,
    view,
};

/// Changes are read at most this often.
const RELOAD_EVERY: Span = Span::from_millis(200);
const RELOAD_EVERY_SLOW: Span = Span::from_millis(500);

/// What is read first at the start holds all else up no longer than this.
const REST_PATIENCE: Span = Span::from_millis(150);

/// What is measured looks back so far, and is read at most this often.
const MEASURED: Span = Span::from_hours(24);
const MEASURE_EVERY: Span = Span::from_secs(10);
/// A list that looks for words in all there ever was is read at most this often while it changes.
const SEARCH_EVERY: Span = Span::from_secs(3);

/// When the first of so many whole hours began, of which the last is under way.
fn hours_since(now: Timestamp) -> Timestamp {
    let hour = Span::from_hours(1).micros();
    let into = now
        .micros()
        .rem_euclid(i64::try_from(hour).unwrap_or(i64::MAX));
    let begun = now.minus(Span::from_micros(into.unsigned_abs()));
    begun.minus(Span::from_micros(MEASURED.micros().saturating_sub(hour)))
}

/// Takes one event in; what comes out is to be done by the loop.
pub(crate) fn update(model: &mut Model, event: Event) -> Vec<Request> {
    let mut out = Vec::new();
    match event {
        Event::Key {
            key,
            read,
            alone,
            at,
        } => keys::on_key(model, key, Press { at, read, alone }, &mut out),
        Event::Paste(text) => keys::on_paste(model, &text),
        Event::Mouse(mouse) => mouse::on_mouse(model, mouse, &mut out),
        Event::Focus(focused) => model.away = !focused,
        Event::Resize(size) => {
            model.size = size;
            model.redraw = true;
            model.dirty = true;
        }
        Event::Changed => changed(model),
        Event::BellLost(why) => {
            if model.stale_since.is_none() {
                model.stale_since = Some(model.now);
                model.say(
                    Severity::Error,
                    &format!("the store is silent, what you see may be old: {why}"),
                );
            }
        }
        Event::Loaded(loaded) => loaded::on_loaded(model, loaded, &mut out),
        Event::Edited(answer) => writing::edited(model, answer),
        Event::Done(done) => answers::on_done(model, done, &mut out),
        Event::Flushed { frame, at } => {
            model.review.guard.flushed(frame, at);
            begin(model, &mut out);
        }
        Event::Signal(Signal::Hangup) => model.exit = Some(Exit::Hangup),
        Event::Signal(Signal::Terminate | Signal::Interrupt) => {
            model.exit = Some(Exit::Terminated);
        }
        Event::Signal(Signal::Suspend) => out.push(Request::Suspend),
        Event::Signal(Signal::Resized) => model.redraw = true,
        Event::Panicked(text) => {
            let log = model.settings.log_path.display().to_string();
            model.say(
                Severity::Error,
                &format!("a worker thread panicked: {text}; see {log}"),
            );
        }
        Event::Deadline => deadline(model, &mut out),
    }
    settle(model, &mut out);
    remember::note(model);
    out
}

/// Sets the clocks before an event is taken in.
pub(crate) fn set_clocks(model: &mut Model, now: Timestamp, mono: Span) {
    model.now = now;
    model.mono = mono;
    model.messages.expire(mono);
}

/// What is read at the start: what can be decided comes first, and what the operator was looking at last; all else when that is there, or when it
/// takes its time.
pub(crate) fn start(model: &mut Model) -> Vec<Request> {
    let mut out = Vec::new();
    read(model, View::Queue, &mut out);
    let place = model.focus.pane.view();
    if !matches!(place, View::Queue | View::Card) {
        read(model, place, &mut out);
    }
    model.reload_at = Some(add(model.mono, REST_PATIENCE));
    out
}

fn changed(model: &mut Model) {
    if model.reload_at.is_some() {
        return;
    }
    let every = if model.settings.low_bandwidth {
        RELOAD_EVERY_SLOW
    } else {
        RELOAD_EVERY
    };
    let soonest = model.read_at.map_or(Span::ZERO, |at| add(at, every));
    model.reload_at = Some(model.mono.max(soonest));
}

fn deadline(model: &mut Model, out: &mut Vec<Request>) {
    model.dirty = true;
    if model.reload_at.is_some_and(|at| at <= model.mono) {
        model.reload_at = None;
        read_all(model, out);
    }
    if let Some((view, until)) = model.rest
        && until <= model.mono
    {
        model.rest = None;
        if model.focus.pane.view() == view {
            read(model, view, out);
        }
    }
    if model.owner_doubted_at().is_some_and(|at| at <= model.mono) {
        model.overview_at = None;
        read(model, View::Overview, out);
    }
    if let Some((at, ticket)) = model.review.look_due()
        && at <= model.mono
    {
        model.review.looked = Some((ticket, model.mono));
        out.push(Request::Look(ticket));
    }
    if let Some((path, text)) = remember::due(model, false) {
        out.push(Request::Remember(path, text));
    }
    let due = model
        .filter
        .as_mut()
        .filter(|f| f.ask_at.is_some_and(|at| at <= model.mono));
    if let Some(edit) = due {
        edit.ask_at = None;
        let (pane, text) = (edit.pane, edit.typed.text().to_owned());
        set_filter(model, pane, &text, out);
    }
}

fn read_all(model: &mut Model, out: &mut Vec<Request>) {
    model.read_at = Some(model.mono);
    for view in View::ALL {
        if view == View::Card {
            read_cards(model, out);
        } else if model.rest.is_some_and(|(of, _)| of == view) {
            // It is asked for again when that moment comes.
        } else if view.is_always_read() || model.focus.pane.view() == view {
            read(model, view, out);
        }
    }
    proposal::read_again(model, out);
}

/// Asks for a view, or notes that it must be asked for again after the answer under way.
fn read(model: &mut Model, view: View, out: &mut Vec<Request>) {
    let reading = &mut model.reading[view as usize];
    if reading.under_way {
        reading.again = true;
        return;
    }
    reading.under_way = true;
    out.push(match view {
        View::Overview => Request::Overview,
        View::Headroom => Request::Headroom,
        View::Trends => Request::Trends(model.trends.request()),
        View::Tasks => Request::Tasks(model.tasks.request()),
        View::Queue => Request::Queue(model.queue.request()),
        View::Ledger => Request::Ledger(model.ledger.request()),
        View::Alerts => Request::Alerts(model.alerts.request()),
        View::Effects => Request::Effects(model.effects.request()),
        View::Publications => Request::Publications(model.publications.request()),
        View::Campaigns => Request::Campaigns(model.campaigns.request()),
        View::Fleet => Request::Fleet(model.fleet.request()),
        View::AllTasks => Request::AllTasks(model.all_tasks.request()),
        View::Audit => Request::Audit(model.audit.request()),
        View::Links => Request::Links(model.links.request()),
        View::Personas => Request::Personas(model.personas.request()),
        View::Settings => Request::Settings(model.config.request()),
        View::Grouped => Request::Grouped(model.grouped.request()),
        View::Mutes => Request::Mutes(model.mutes.request()),
        View::Payments => Request::Payments(model.payments.request()),
        View::Breaks => Request::Breaks(model.breaks.request()),
        View::Measures => Request::Measures(model.now.minus(MEASURED), hours_since(model.now)),
        View::Walk => match model.traced {
            Some(trace) => Request::Walk(trace, model.walk.request()),
            None => {
                reading.under_way = false;
                model.walk.fetch = Fetch::Read;
                return;
            }
        },
        View::Card => match model.review.wanted.pop_front() {
            Some(ticket) => Request::Card(ticket),
            None => {
                reading.under_way = false;
                return;
            }
        },
    });
}

/// An answer came: asks again where something happened meanwhile.
fn answered(model: &mut Model, view: View, out: &mut Vec<Request>) {
    let reading = &mut model.reading[view as usize];
    reading.under_way = false;
    let again = std::mem::take(&mut reading.again);
    if again || view == View::Card {
        read(model, view, out);
    }
}

/// Asks for all else at the start, once what comes first is on screen.
fn begin(model: &mut Model, out: &mut Vec<Request>) {
    let waits = |view: View| model.reading[view as usize].under_way;
    let on_screen = !model.dirty && !waits(View::Queue) && !waits(View::Card);
    if model.read_at.is_none() && on_screen {
        model.reload_at = None;
        read_all(model, out);
    }
}

/// The card on screen and those that are followed.
fn read_cards(model: &mut Model, out: &mut Vec<Request>) {
    let followed = model.review.followed.iter().filter(|f| !f.over);
    let all: Vec<TicketId> = model
        .queue
        .selected
        .into_iter()
        .chain(followed.map(|f| f.ticket))
        .collect();
    for ticket in all {
        want_card(model, ticket, out);
    }
}

fn want_card(model: &mut Model, ticket: TicketId, out: &mut Vec<Request>) {
    if !model.review.wanted.contains(&ticket) {
        if model.queue.selected == Some(ticket) {
            model.review.wanted.push_front(ticket);
        } else {
            model.review.wanted.push_back(ticket);
        }
    }
    if !model.reading[View::Card as usize].under_way {
        read(model, View::Card, out);
    }
}

fn set_filter(model: &mut Model, pane: Pane, text: &str, out: &mut Vec<Request>) {
    if model.list(pane).filter() == text {
        return;
    }
    model.list_mut(pane).set_filter(text);
    read(model, pane.view(), out);
}

/// After every event: the card belongs to the cursor, and the cursor is on screen.
fn settle(model: &mut Model, out: &mut Vec<Request>) {
    if model.review.card_for != model.queue.selected {
        model.review.card_for = model.queue.selected;
        model.review.card = None;
        model.review.fetch = Fetch::Never;
        model.review.awaited_since = model.mono;
        model.review.scroll = 0;
        model.review.conflict = None;
        // What the cursor only passed is not read: a held key would ask for a card a row.
        // A batch waits for the cards of all its tickets.
        if !matches!(model.overlay, Some(Overlay::Batch(_))) {
            let followed = model.review.followed_ids();
            model.review.wanted.retain(|t| followed.contains(t));
        }
        if let Some(ticket) = model.queue.selected {
            want_card(model, ticket, out);
        }
        model.dirty = true;
    }
    let areas = layout::areas(model);
    for pane in Pane::ALL {
        let part = areas.part(pane, false);
        let rows = part.map_or(0, |p| usize::from(p.rows().height));
        model.list_mut(pane).show(rows);
    }
    let review = model.focus.pane == Pane::Review;
    let scrolled = if review {
        model.review.scroll
    } else {
        model.detail_scroll
    };
    // To know how long it is, it is laid out: not for what stands at its first line.
    if scrolled > 0 && areas.class != Class::Line {
        let (lines, height) = view::detail_size(model, &areas);
        let scroll = scrolled.min(lines.saturating_sub(height));
        if review {
            model.review.scroll = scroll;
        } else {
            model.detail_scroll = scroll;
        }
    }
}
