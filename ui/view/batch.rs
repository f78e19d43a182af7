//! Several tickets that are nearly the same: one whole, of the others what they change, what varies most first.

use chimera_domain::Safe;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::parts::{gap, labelled};
use crate::{
    keymap::Action,
    model::{
        Model,
        batch::{Batch, Change, Item},
    },
    text::{cut, wrap},
};

/// Lines that are neither specimen nor items: heading, where it goes, prompt, what is typed, frame and footer.
const AROUND: usize = 10;
/// More are not looked at with care.
const ITEMS_MAX: usize = 19;

/// What a line has for what varies, beside its margin and mark.
pub(super) fn columns(sheet: usize) -> usize {
    sheet.saturating_sub(4)
}

/// So many fit below the specimen, so that all of it is on screen at once.
pub(super) fn items_max(model: &Model, text: &Safe, sheet: usize) -> usize {
    let specimen = wrap(text.as_str(), columns(sheet)).len();
    usize::from(model.size.height)
        .saturating_sub(AROUND + specimen)
        .min(ITEMS_MAX)
}

pub(super) fn lines(model: &Model, batch: &Batch, sheet: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    for line in wrap(batch.text.as_str(), columns(sheet)) {
        lines.push(Line::from(vec![
            gap(1),
            Span::styled(format!("{} ", theme.marks().vertical), theme.quiet()),
            Span::styled(line, theme.text()),
        ]));
    }
    for item in &batch.items {
        lines.push(item_line(model, item, sheet));
    }
    if batch.beyond > 0 {
        let text = format!(
            " {} more are marked than one sheet holds; they stay marked",
            batch.beyond
        );
        lines.push(Line::styled(
            cut(&text, sheet, theme.marks().cut),
            theme.warning(),
        ));
    }
    if let Some(card) = &model.review.card {
        let mark = chimera_domain::views::mark_after(card.row.simulated, card.row.dry);
        let text = format!(
            "each to {} on {}{mark}, held for {}; {} takes them back",
            card.row.account,
            card.row.channel,
            card.fuse,
            model.key(Action::Undo)
        );
        labelled(theme, "goes out", &text, theme.text(), sheet, &mut lines);
    }
    let prompt = match batch.approves().len() {
        _ if !batch.is_read() => " Reading the others…".to_owned(),
        1 => " None of the others goes with it; Esc closes".to_owned(),
        n => format!(" Type {n} to approve these {n}; empty Enter cancels:"),
    };
    lines.push(Line::styled(prompt, theme.strong()));
    lines
}

fn item_line(model: &Model, item: &Item, sheet: usize) -> Line<'static> {
    let theme = model.theme;
    let marks = theme.marks();
    let plain = |mark: &'static str, text: &str, style: Style| {
        Line::from(vec![
            gap(1),
            Span::styled(format!("{mark} "), style),
            Span::styled(cut(text, columns(sheet), marks.cut), style),
        ])
    };
    match item {
        Item::Reading(ticket) => plain(marks.empty, &ticket.short(), theme.quiet()),
        Item::Out(ticket, why) => {
            let text = format!("left out, {}: {why}", ticket.short());
            plain(marks.no, &text, theme.warning())
        }
        Item::In { varies, .. } if varies.is_empty() => {
            plain(marks.yes, "word for word the same", theme.text())
        }
        Item::In { varies, .. } => {
            let mut spans = vec![
                gap(1),
                Span::styled(format!("{} ", marks.yes), theme.good()),
            ];
            for (change, text) in varies {
                spans.push(match change {
                    Change::Same => Span::styled(format!("{text} "), theme.quiet()),
                    Change::Gone => Span::styled(format!("[-{text}-] "), theme.danger()),
                    Change::New => Span::styled(format!("{{+{text}+}} "), theme.good()),
                });
            }
            Line::from(spans)
        }
    }
}
