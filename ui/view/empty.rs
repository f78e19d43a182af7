//! Nothing to show: the reason, and the key that helps. What a screen says of itself is in its own file.

use crate::{
    keymap::Action,
    model::{Model, Pane, list::Fetch},
    text::wrap,
};

pub(super) fn lines(model: &Model, pane: Pane, columns: usize) -> Vec<String> {
    wrap(&reason(model, pane), columns.saturating_sub(2))
        .into_iter()
        .map(|line| format!(" {line}"))
        .collect()
}

fn reason(model: &Model, pane: Pane) -> String {
    let list = model.list(pane);
    let filter = list.filter();
    match list.fetch() {
        Fetch::Never => return "Reading…".into(),
        Fetch::Failed(why) if !filter.is_empty() => {
            let read = model.key(Action::ReadAgain);
            return format!("Could not be read: {why}. Esc clears the filter, {read} reads again.");
        }
        Fetch::Failed(why) => {
            let read = model.key(Action::ReadAgain);
            return format!("Could not be read: {why}. {read} reads again.");
        }
        Fetch::Read if !filter.is_empty() => {
            return format!("Nothing matches `{filter}`. Esc clears the filter.");
        }
        Fetch::Read => {}
    }
    (super::look(pane).empty)(model)
}
