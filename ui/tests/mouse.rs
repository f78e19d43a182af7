//! The mouse: off until it is asked for, and then it moves and points, and decides nothing.

use super::{Rig, deciding::decide};
use crate::{
    event::{Event, Mouse},
    fake::ticket,
    layout,
    model::Pane,
};

fn press_at(rig: &mut Rig, pane: Pane, detail: bool, line: u16) {
    let part = layout::areas(&rig.model).part(pane, detail).unwrap();
    let rows = part.rows();
    rig.event(Event::Mouse(Mouse::Press {
        column: rows.x + 3,
        row: rows.y + line,
    }));
    rig.serve();
}

// R134: without `M` a report of the mouse is nothing; with it a press puts focus and cursor, and the wheel moves.
#[test]
fn r134_the_mouse_is_by_choice() {
    let mut rig = Rig::ready();
    press_at(&mut rig, Pane::Trends, false, 0);
    assert_eq!(rig.model.focus.pane, Pane::Review);
    rig.press("M");
    assert_eq!(rig.model.mouse_told, Some(true));
    press_at(&mut rig, Pane::Review, false, 2);
    assert_eq!(rig.model.queue.selected, Some(ticket(2)));
    press_at(&mut rig, Pane::Trends, false, 1);
    assert_eq!(rig.model.focus.pane, Pane::Trends);
    assert_eq!(rig.model.trends.index(), Some(1));
    rig.event(Event::Mouse(Mouse::Wheel { down: true }));
    assert_eq!(rig.model.trends.index(), Some(4));
    rig.press("M");
    assert_eq!(rig.model.mouse_told, Some(false));
}

// R73: a card that the mouse brought on screen must have been there for the guard time as any other.
#[test]
fn r73_the_mouse_decides_nothing() {
    let mut rig = Rig::ready();
    rig.press("M");
    press_at(&mut rig, Pane::Review, false, 1);
    rig.press("a");
    assert_eq!(decide(&mut rig), None);
    rig.paint();
    rig.wait(2_000);
    for line in 0..12 {
        press_at(&mut rig, Pane::Review, true, line);
    }
    assert_eq!(decide(&mut rig), None);
}
