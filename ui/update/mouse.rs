//! The mouse, when it was asked for: it moves and points, and does nothing else.

use chimera_domain::views::Severity;

use super::{drawn, moves, places};
use crate::{
    event::{Mouse, Request},
    keymap::Action,
    layout,
    model::{Focus, Model, Pane},
};

/// How many rows a notch of the wheel is.
const NOTCH: usize = 3;

/// On or off. It is off at the start, because it takes the terminal's own marking of text away.
pub(super) fn switch(model: &mut Model) {
    model.mouse = !model.mouse;
    model.mouse_told = Some(model.mouse);
    let key = model.key(Action::Mouse);
    let told = if model.mouse {
        format!("the mouse moves and points; {key} gives it back to your terminal")
    } else {
        "the mouse belongs to your terminal again".to_owned()
    };
    model.say(Severity::Info, &told);
}

pub(super) fn on_mouse(model: &mut Model, mouse: Mouse, out: &mut Vec<Request>) {
    if !model.mouse {
        return; // sent before the terminal heard that it is off
    }
    model.dirty = true;
    model.review.guard.other_key();
    match mouse {
        Mouse::Wheel { down } => {
            let action = if down { Action::Down } else { Action::Up };
            for _ in 0..NOTCH {
                moves::scroll(model, action, out);
            }
        }
        Mouse::Press { column, row } => {
            // What lies over the panes is answered by keys.
            if model.overlay.is_none() && model.filter.is_none() {
                point(model, column, row, out);
            }
        }
    }
}

/// Puts the focus where the pointer is, and the cursor on its row.
fn point(model: &mut Model, column: u16, row: u16, out: &mut Vec<Request>) {
    let areas = layout::areas(model);
    let place = ratatui::layout::Position::new(column, row);
    let Some(part) = areas.parts.iter().find(|part| part.area.contains(place)) else {
        return;
    };
    let to = Focus {
        pane: part.pane,
        detail: part.detail,
    };
    if to != model.focus {
        places::focus(model, to, out);
    }
    let rows = part.rows();
    if !part.detail && part.pane == Pane::Dag && model.drawn.on {
        drawn::point(model, *part, place);
    } else if !part.detail && rows.contains(place) {
        model.list_mut(part.pane).point(usize::from(row - rows.y));
    }
}
