//! What the model looks like. Every function here only reads.
//!
//! One file is one thing on screen; none knows colours (`theme.rs`) or where it is (`layout.rs`).
//! Start with [`draw`]; what a reviewer decides on is in `card.rs`.

mod alerts;
mod audit;
mod batch;
mod breaks;
mod calibrated;
mod campaigns;
mod card;
mod card_body;
mod card_payment;
mod columns;
mod config;
mod dag;
pub(crate) mod drawn;
mod empty;
mod fleet;
mod frame_lines;
mod grouped;
mod header;
mod headroom;
mod hindsight;
mod ledger;
mod measures;
mod messages;
mod mutes;
mod outbox;
mod palette;
mod parts;
mod past;
mod payments;
mod personas;
mod picture;
mod presence;
mod proposal;
mod published;
mod queue;
mod reasons;
mod servers;
mod sheets;
mod spark;
mod tasks;
mod tiny;
mod trace;
mod trends;
mod written;

use chimera_domain::ContentHash;
use ratatui::{Frame, layout::Rect, text::Line};

use crate::{
    event::Size,
    layout::{self, Areas, Class, Part},
    model::{Model, Pane, overlay::Overlay, review::Painted},
    picture::Frame as PictureFrame,
};

/// Draws everything.
pub(crate) fn draw(model: &Model, frame: &mut Frame<'_>) {
    let areas = layout::areas(model);
    match areas.class {
        Class::Line => {
            tiny::line(model, frame);
            return;
        }
        Class::Tiny => tiny::draw(model, &areas, frame),
        Class::Wide | Class::Middle | Class::Narrow => {
            for part in &areas.parts {
                draw_part(model, *part, frame);
            }
            if let Some(divider) = areas.divider {
                parts::divider(model, divider, frame);
            }
        }
    }
    if let Some(area) = areas.header {
        header::draw(model, area, frame);
    }
    if let Some(area) = areas.banner {
        header::banner(model, area, frame);
    }
    if let Some(area) = areas.tabs {
        frame_lines::tabs(model, area, frame);
    }
    if let Some(area) = areas.status {
        frame_lines::status(model, area, frame);
    }
    if let Some(area) = areas.footer {
        frame_lines::footer(model, areas.class, area, frame);
    }
    sheets::draw(model, &areas, frame);
}

/// How a screen is drawn.
struct Look {
    list: fn(&Model, Part, &mut Frame<'_>),
    /// The lines of its detail; those of the card are drawn by `card.rs`.
    detail: fn(&Model, usize) -> Vec<Line<'static>>,
    /// Why there is nothing in it.
    empty: fn(&Model) -> String,
}

/// The table of screens: one line each.
fn look(pane: Pane) -> Look {
    macro_rules! of {
        ($screen:ident) => {
            Look {
                list: $screen::draw,
                detail: $screen::detail,
                empty: $screen::empty,
            }
        };
    }
    match pane {
        Pane::Trends => of!(trends),
        Pane::Dag => of!(dag),
        Pane::Review => Look {
            list: queue::draw,
            detail: |_, _| Vec::new(),
            empty: queue::empty,
        },
        Pane::Ledger => of!(ledger),
        Pane::Outbox => of!(outbox),
        Pane::Published => of!(published),
        Pane::Campaigns => of!(campaigns),
        Pane::Fleet => of!(fleet),
        Pane::Tasks => of!(tasks),
        Pane::Alerts => of!(alerts),
        Pane::Audit => of!(audit),
        Pane::Trace => of!(trace),
        Pane::Servers => of!(servers),
        Pane::Measures => of!(measures),
        Pane::Personas => of!(personas),
        Pane::Presence => of!(presence),
        Pane::Config => of!(config),
        Pane::Grouped => of!(grouped),
        Pane::Mutes => of!(mutes),
        Pane::Payments => of!(payments),
        Pane::Breaks => of!(breaks),
    }
}

fn draw_part(model: &Model, part: Part, frame: &mut Frame<'_>) {
    let look = look(part.pane);
    match (part.pane, part.detail) {
        (_, false) => (look.list)(model, part, frame),
        (Pane::Review, true) => card::draw(model, part, frame),
        (_, true) => {
            let lines = (look.detail)(model, usize::from(part.area.width));
            parts::detail(model, part, &lines, frame);
        }
    }
}

/// The columns of a screen that a person can choose from; none where its rows have none.
pub(crate) fn columns(pane: Pane) -> Vec<columns::About> {
    match pane {
        Pane::Trends => columns::about(trends::COLUMNS),
        Pane::Review => columns::about(queue::COLUMNS),
        Pane::Ledger => columns::about(ledger::COLUMNS),
        Pane::Payments => columns::about(payments::COLUMNS),
        Pane::Outbox => columns::about(outbox::COLUMNS),
        Pane::Published => columns::about(published::COLUMNS),
        Pane::Fleet => columns::about(fleet::COLUMNS),
        Pane::Tasks => columns::about(tasks::COLUMNS),
        Pane::Audit => columns::about(audit::COLUMNS),
        Pane::Dag
        | Pane::Campaigns
        | Pane::Alerts
        | Pane::Trace
        | Pane::Servers
        | Pane::Measures
        | Pane::Personas
        | Pane::Presence
        | Pane::Config
        | Pane::Grouped
        | Pane::Mutes
        | Pane::Breaks => Vec::new(),
    }
}

/// The columns of a list that there is no room for where it is.
fn left_out(model: &Model, part: Part) -> Vec<&'static str> {
    let columns = parts::inner(model, part);
    macro_rules! of {
        ($screen:ident) => {
            columns::left_out(model, part.pane, $screen::COLUMNS, columns)
        };
    }
    match part.pane {
        Pane::Trends => of!(trends),
        Pane::Review => of!(queue),
        Pane::Ledger => of!(ledger),
        Pane::Payments => of!(payments),
        Pane::Outbox => of!(outbox),
        Pane::Published => of!(published),
        Pane::Fleet => of!(fleet),
        Pane::Tasks => of!(tasks),
        Pane::Audit => of!(audit),
        Pane::Dag
        | Pane::Campaigns
        | Pane::Alerts
        | Pane::Trace
        | Pane::Servers
        | Pane::Measures
        | Pane::Personas
        | Pane::Presence
        | Pane::Config
        | Pane::Grouped
        | Pane::Mutes
        | Pane::Breaks => Vec::new(),
    }
}

/// How many lines the focused detail has, and how many of them are visible.
pub(crate) fn detail_size(model: &Model, areas: &Areas) -> (usize, usize) {
    let pane = model.focus.pane;
    let Some(part) = areas.part(pane, true) else {
        return (0, 0);
    };
    if pane == Pane::Review {
        return card::size(model, part);
    }
    let lines = (look(pane).detail)(model, usize::from(part.area.width));
    (lines.len(), usize::from(part.inside().height))
}

/// Where on the card what goes out ends and why a person is asked begins.
pub(crate) fn why_line(model: &Model, areas: &Areas) -> Option<usize> {
    let part = areas.part(Pane::Review, true)?;
    card::why_line(model, part)
}

/// The columns and rows a picture has.
pub(crate) fn picture_size(size: Size) -> (usize, usize) {
    picture::room(sheets::columns(size.width), usize::from(size.height))
}

#[cfg(test)]
pub(crate) use calibrated::lines as calibrated_lines;

/// How far down what lies over a proposal, or its node in full, can be scrolled.
pub(crate) fn proposal_last_line(model: &Model) -> usize {
    proposal::last_line(model, &layout::areas(model))
}

/// A picture that is drawn in pixels: which, where its upper left corner is, and its bytes.
pub(crate) struct Graphic<'a> {
    pub(crate) key: (ContentHash, usize),
    pub(crate) at: (u16, u16),
    pub(crate) bytes: &'a [u8],
}

/// The picture that lies over the cells now.
pub(crate) fn graphic(model: &Model) -> Option<Graphic<'_>> {
    let Some(Overlay::Picture(shown)) = &model.overlay else {
        return None;
    };
    let Some(Ok(picture)) = &shown.picture else {
        return None;
    };
    let Some(PictureFrame::Drawn(drawn)) = picture.frames.get(shown.frame) else {
        return None;
    };
    Some(Graphic {
        key: (shown.media.sha256, shown.frame),
        at: sheets::inside(model, drawn.columns, drawn.rows)?,
        bytes: &drawn.bytes,
    })
}

/// How many columns there are for what a ticket of a batch changes.
pub(crate) fn batch_columns(size: Size) -> usize {
    batch::columns(sheets::columns(size.width))
}

/// How many others a batch with this specimen may have.
pub(crate) fn batch_items_max(model: &Model, text: &chimera_domain::Safe) -> usize {
    batch::items_max(model, text, sheets::columns(model.size.width))
}

/// How many columns a post that is being written has.
pub(crate) fn writing_columns(size: Size) -> usize {
    written::columns(sheets::columns(size.width))
}

/// The card that a drawing of this model shows, when nothing lies over it.
pub(crate) fn painted(model: &Model) -> Option<Painted> {
    if model.overlay.is_some() || model.focus.pane != Pane::Review {
        return None;
    }
    let areas = layout::areas(model);
    areas
        .part(Pane::Review, true)
        .and_then(|part| card::painted(model, part))
}

/// Where a line goes: below the top of an area, never outside.
fn put(frame: &mut Frame<'_>, area: Rect, row: usize, line: &Line<'_>) {
    let area = area.intersection(frame.area());
    let row = crate::text::cells(row);
    if row < area.height {
        frame
            .buffer_mut()
            .set_line(area.x, area.y + row, line, area.width);
    }
}
