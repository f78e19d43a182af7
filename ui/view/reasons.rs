//! The reasons a ticket is rejected for, each with its letter.

use chimera_domain::ticket::RejectClass;
use ratatui::text::{Line, Span};

use super::parts::col;
use crate::model::Model;

/// The reasons side by side: the card above them is still being read.
pub(super) fn lines(model: &Model, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let across = (columns / 19).max(1);
    RejectClass::ALL
        .chunks(across)
        .map(|classes| {
            let spans = classes.iter().flat_map(|c| {
                let word = c.as_str().replace('_', " ");
                [
                    Span::styled(format!(" {} ", c.key()), theme.key()),
                    col(theme, &word, 16, theme.text()),
                ]
            });
            Line::from(spans.collect::<Vec<_>>())
        })
        .collect()
}
