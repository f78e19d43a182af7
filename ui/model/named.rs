//! What messages and details call keys: as they are bound now, so that a key that was changed is named as it is.

use super::{Model, Pane};
use crate::keymap::{Action, Context};

impl Model {
    /// The key of an action in the focused pane, as a message names it.
    pub(crate) fn key(&self, action: Action) -> String {
        let key = self.settings.keys.key_of(self.pane_contexts(), action);
        key.map_or_else(|| format!(":{action}"), str::to_owned)
    }

    /// The key of an action on another screen, as a message names it.
    pub(crate) fn key_on(&self, pane: Pane, action: Action) -> String {
        let [list, _] = pane.about().contexts;
        let key = self.settings.keys.key_of(list, action);
        key.map_or_else(|| format!(":{action}"), str::to_owned)
    }

    /// The keys that lead to a screen from anywhere, as a message names them: the longest, which says most.
    pub(crate) fn way(&self, pane: Pane) -> String {
        let action = Action::Go(pane);
        let lines = self.settings.keys.active(&[Context::Everywhere]);
        let bound = lines.filter(|line| line.action == action);
        let keys = bound.flat_map(|line| &line.keys).last();
        keys.map_or_else(|| format!(":{action}"), |keys| keys.name.replace(' ', ""))
    }
}
