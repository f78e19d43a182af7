//! Opens the sheet of thresholds, takes what was read for it, and moves its slider.

use chimera_domain::views::Weighing;

use crate::{
    event::{Answer, Request},
    keymap::Action,
    model::{
        Model,
        hindsight::{Hindsight, Slider, TRIED},
        overlay::Overlay,
    },
};

pub(super) fn open(model: &mut Model, out: &mut Vec<Request>) {
    model.overlay = Some(Overlay::Hindsight(Hindsight::default()));
    out.push(Request::Hindsight(model.now.minus(TRIED)));
}

pub(super) fn read(model: &mut Model, answer: Answer<Box<Weighing>>) {
    // An answer that comes after it was closed opens nothing.
    if let Some(Overlay::Hindsight(shown)) = &mut model.overlay {
        shown.read = Some(answer.map(|weighing| Box::new(Slider::of(*weighing))));
    }
}

pub(super) fn slide(model: &mut Model, action: Action) {
    if let Some(Overlay::Hindsight(shown)) = &mut model.overlay
        && let Some(Ok(slider)) = &mut shown.read
    {
        slider.moved(action);
    }
}
