//! Moving in lists and details. Ids, not row numbers, remember where the cursor is.

use super::{proposal_edit, read};
use crate::{
    event::Request,
    keymap::Action,
    layout,
    model::{Model, Pane, overlay::Overlay, proposal::Over},
    view,
};

/// How far an action goes, in rows, when `page` rows are visible.
fn distance(action: Action, page: usize) -> i64 {
    let page = i64::try_from(page.max(1)).unwrap_or(i64::MAX);
    let half = (page / 2).max(1);
    let far = i64::MAX / 2;
    [
        (Action::Down, 1),
        (Action::Up, -1),
        (Action::HalfDown, half),
        (Action::HalfUp, -half),
        (Action::PageDown, page),
        (Action::PageUp, -page),
        (Action::Bottom, far),
        (Action::Top, -far),
    ]
    .into_iter()
    .find(|(a, _)| *a == action)
    .map_or(0, |(_, by)| by)
}

fn moved(at: usize, by: i64) -> usize {
    let by_rows = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    if by < 0 {
        at.saturating_sub(by_rows)
    } else {
        at.saturating_add(by_rows)
    }
}

/// Moves whatever has the focus: a menu, a detail or a list.
pub(super) fn scroll(model: &mut Model, action: Action, out: &mut Vec<Request>) {
    if let Some(Overlay::Palette(palette)) = &model.overlay {
        let by = distance(action, usize::from(model.size.height / 2));
        let mut palette = palette.clone();
        let found = palette.entries(model).len();
        palette.step(by, found, &model.history);
        model.overlay = Some(Overlay::Palette(palette));
        return;
    }
    if matches!(model.overlay, Some(Overlay::Proposal(_))) {
        proposal(model, distance(action, usize::from(model.size.height / 2)));
        return;
    }
    let proposals = model.proposals.all().len();
    if let Some(overlay) = &mut model.overlay {
        let by = distance(action, usize::from(model.size.height / 2));
        match overlay {
            Overlay::Messages { scroll }
            | Overlay::Before { scroll }
            | Overlay::Handover { scroll, .. } => {
                *scroll = moved(*scroll, by);
            }
            Overlay::Calibration(shown) => shown.scroll = moved(shown.scroll, by),
            Overlay::Hindsight(shown) => shown.scroll = moved(shown.scroll, by),
            Overlay::Past(past) => {
                let last = past.versions().len().saturating_sub(1);
                past.at = moved(past.at, by).min(last);
            }
            Overlay::Picture(shown) => {
                let frames = match &shown.picture {
                    Some(Ok(picture)) => picture.frames.len(),
                    Some(Err(_)) | None => 0,
                };
                shown.frame = moved(shown.frame, by).min(frames.saturating_sub(1));
            }
            Overlay::Later { items, cursor, .. } => {
                *cursor = moved(*cursor, by).min(items.len().saturating_sub(1));
            }
            Overlay::Undo { items, cursor } => {
                *cursor = moved(*cursor, by).min(items.len().saturating_sub(1));
            }
            Overlay::Emergency { items, cursor } => {
                *cursor = moved(*cursor, by).min(items.len().saturating_sub(1));
            }
            Overlay::Pick { items, cursor, .. } => {
                *cursor = moved(*cursor, by).min(items.len().saturating_sub(1));
            }
            Overlay::Modes { items, cursor } => {
                *cursor = moved(*cursor, by).min(items.len().saturating_sub(1));
            }
            Overlay::Columns { pane, cursor } => {
                let last = view::columns(*pane).len().saturating_sub(1);
                *cursor = moved(*cursor, by).min(last);
            }
            Overlay::GoalFor { items, cursor } => {
                *cursor = moved(*cursor, by).min(items.len().saturating_sub(1));
            }
            Overlay::Proposals { cursor } => {
                *cursor = moved(*cursor, by).min(proposals.saturating_sub(1));
            }
            Overlay::Proposal(_)
            | Overlay::Palette(_)
            | Overlay::Reason { .. }
            | Overlay::Note { .. }
            | Overlay::Confirm { .. }
            | Overlay::Word { .. }
            | Overlay::Write { .. }
            | Overlay::Goal { .. }
            | Overlay::Written(_)
            | Overlay::Batch(_)
            | Overlay::Say { .. }
            | Overlay::Asked { .. }
            | Overlay::Name { .. }
            | Overlay::HandoverLine { .. }
            | Overlay::Quit => {}
        }
        return;
    }
    let areas = layout::areas(model);
    let tiny = areas.class == layout::Class::Tiny;
    if model.focus.detail || tiny {
        let (_, height) = view::detail_size(model, &areas);
        let by = distance(action, height);
        if model.focus.pane == Pane::Review {
            model.review.scroll = moved(model.review.scroll, by);
        } else {
            model.detail_scroll = moved(model.detail_scroll, by);
        }
        return;
    }
    let height = areas
        .part(model.focus.pane, false)
        .map_or(1, |p| usize::from(p.rows().height));
    step(model, distance(action, height), out);
}

/// Moves what lies over a proposal, the node in full, or the cursor of its tree.
fn proposal(model: &mut Model, by: i64) {
    let last_line = view::proposal_last_line(model);
    let lines = match &model.overlay {
        Some(Overlay::Proposal(opened)) => match &opened.over {
            Some(Over::Choosing { what, .. }) => proposal_edit::lines(model, opened, *what).len(),
            Some(Over::Typing { .. } | Over::Launch { .. } | Over::Keys { .. }) | None => 0,
        },
        Some(_) | None => 0,
    };
    let Some(Overlay::Proposal(opened)) = &mut model.overlay else {
        return;
    };
    match &mut opened.over {
        Some(Over::Choosing { cursor, .. }) => {
            *cursor = moved(*cursor, by).min(lines.saturating_sub(1));
        }
        Some(Over::Keys { scroll }) => *scroll = moved(*scroll, by).min(last_line),
        Some(Over::Typing { .. } | Over::Launch { .. }) => {}
        None if opened.detail => opened.scroll = moved(opened.scroll, by).min(last_line),
        None => {
            let last = opened.nodes().len().saturating_sub(1);
            opened.cursor = moved(opened.cursor, by).min(last);
            opened.scroll = 0;
        }
    }
}

/// Scrolls the card, wherever in review the focus is. The last page stays where it is.
pub(super) fn card_down(model: &mut Model) {
    let (lines, height) = view::detail_size(model, &layout::areas(model));
    let by = (height / 2).max(1);
    let last = lines.saturating_sub(height);
    model.review.scroll = (model.review.scroll + by).min(last);
}

/// Scrolls the card to why it is here, wherever in review the focus is.
pub(super) fn why(model: &mut Model) {
    let areas = layout::areas(model);
    if let Some(line) = view::why_line(model, &areas) {
        model.review.scroll = line;
    }
}

/// Moves the cursor of the focused list.
pub(super) fn step(model: &mut Model, by: i64, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    let read_more = model.list_mut(pane).step(by);
    if !model.focus.detail {
        model.detail_scroll = 0;
    }
    if read_more {
        read(model, pane.view(), out);
    }
}

/// Freezes the focused list, or lets it follow again.
pub(super) fn freeze(model: &mut Model, out: &mut Vec<Request>) {
    let pane = model.focus.pane;
    let now_frozen = model.list_mut(pane).toggle_frozen();
    if now_frozen {
        model.say(
            chimera_domain::views::Severity::Info,
            &format!(
                "{} is frozen; {} follows again",
                pane.name(),
                model.key(Action::Freeze)
            ),
        );
    } else {
        read(model, pane.view(), out);
    }
}
