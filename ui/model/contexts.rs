//! Whose keys work now, and what that is called.

use super::{Model, overlay::Overlay, pane::Pane};
use crate::keymap::{
    Context, DRAWN, NOTE, PALETTE, PICTURE, PROPOSAL, SLIDER, TYPING, VERSIONS, WRITING,
};

impl Model {
    /// The contexts whose keys work now.
    pub(crate) fn contexts(&self) -> &'static [Context] {
        if matches!(self.overlay, Some(Overlay::Palette(_))) {
            return PALETTE;
        }
        if self.filter.is_some() || self.overlay.as_ref().is_some_and(Overlay::is_typing) {
            return TYPING;
        }
        if matches!(self.overlay, Some(Overlay::Handover { .. })) {
            return NOTE;
        }
        if matches!(
            self.overlay,
            Some(Overlay::Write { .. } | Overlay::Goal { .. })
        ) {
            return WRITING;
        }
        if matches!(&self.overlay, Some(Overlay::Proposal(opened)) if opened.over.is_none()) {
            return PROPOSAL;
        }
        if matches!(self.overlay, Some(Overlay::Past(_))) {
            return VERSIONS;
        }
        if matches!(self.overlay, Some(Overlay::Hindsight(_))) {
            return SLIDER;
        }
        if matches!(self.overlay, Some(Overlay::Picture(_))) {
            return PICTURE;
        }
        if self.overlay.is_some() {
            return &[Context::Menu];
        }
        self.pane_contexts()
    }

    /// The contexts of the focused pane, whatever lies over it.
    pub(crate) fn pane_contexts(&self) -> &'static [Context] {
        let [list, detail] = self.focus.pane.about().contexts;
        if self.focus.detail {
            detail
        } else if self.focus.pane == Pane::Dag && self.drawn.on {
            DRAWN
        } else {
            list
        }
    }

    /// The first word of the status line.
    pub(crate) fn mode(&self) -> &'static str {
        match &self.overlay {
            _ if self.filter.is_some() => "FILTER",
            None if self.list(self.focus.pane).marked().from.is_some() => "RANGE",
            None => "NORMAL",
            Some(overlay) => overlay.mode(),
        }
    }
}
