//! What lies over the panes: help, menus, sheets to type in, and how a sequence can go on.

use chimera_domain::views::mark_after;
use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Clear,
};

use super::{
    batch, calibrated, card_payment, hindsight, messages, palette,
    parts::{Title, col, gap, title},
    past, picture, proposal, put, reasons, written,
};
use crate::{
    keymap::{Action, Bound},
    layout::{self, Areas, Class},
    model::{
        Model,
        overlay::{Overlay, Typed},
    },
    text::{cells, cut, width, wrap},
};

/// So many lines stay in sight above the marked one when a sheet is longer than the screen.
pub(super) const ABOVE: usize = 3;

/// How wide a key and its word are where they stand side by side.
const BESIDE: usize = 12;

/// A sheet before it is drawn.
struct Sheet {
    name: &'static str,
    lines: Vec<Line<'static>>,
    scroll: usize,
    columns: usize,
}

/// How wide a sheet is inside.
pub(super) fn columns(wide: u16) -> usize {
    usize::from(wide).saturating_sub(4).min(76)
}

pub(super) fn draw(model: &Model, areas: &Areas, frame: &mut Frame<'_>) {
    let columns = columns(frame.area().width);
    if let Some(Overlay::Proposal(open)) = &model.overlay {
        proposal::draw(model, open, areas, frame);
        if let Some((name, lines, scroll)) = proposal::over(model, open, columns) {
            let sheet = Sheet {
                name,
                lines,
                scroll,
                columns,
            };
            lay(model, areas, &sheet, frame);
        }
    } else if let Some(overlay) = &model.overlay {
        let sheet = sheet(model, overlay, columns);
        lay(model, areas, &sheet, frame);
    } else if !model.pending.is_empty() {
        let keys = &model.settings.keys;
        let then = keys.continuations(model.contexts(), &model.pending);
        let room = usize::from(frame.area().height).saturating_sub(4);
        let lines = if then.len() <= room {
            let line = |(key, bound): &(String, &Bound)| entry(model, key, bound.help, columns);
            then.iter().map(line).collect()
        } else {
            // All of them in fewer words rather than some of them.
            beside(model, &then, columns)
        };
        let sheet = Sheet {
            name: "and then",
            lines,
            scroll: 0,
            columns,
        };
        lay(model, areas, &sheet, frame);
    }
}

/// Where a sheet lies: above the footer, as high as it needs to be.
fn place(areas: &Areas, sheet: &Sheet, whole: Rect) -> Rect {
    let below = if areas.class == Class::Tiny { 1 } else { 2 };
    let room = whole.height.saturating_sub(below);
    let height = cells(sheet.lines.len()).saturating_add(2).min(room);
    let wide = cells(sheet.columns + 2).min(whole.width);
    Rect {
        x: whole.width.saturating_sub(wide) / 2,
        y: room.saturating_sub(height),
        width: wide,
        height,
    }
}

/// Where something of so many cells begins inside of the sheet on screen; nowhere when it would hang out of it.
pub(super) fn inside(model: &Model, wide: usize, high: usize) -> Option<(u16, u16)> {
    let areas = layout::areas(model);
    if areas.class == Class::Line {
        return None;
    }
    let overlay = model.overlay.as_ref()?;
    let sheet = sheet(model, overlay, columns(model.size.width));
    let whole = Rect::new(0, 0, model.size.width, model.size.height);
    let area = place(&areas, &sheet, whole);
    let fits = usize::from(area.width) > wide && usize::from(area.height) >= high + 2;
    fits.then(|| (area.x + 1, area.y + 1))
}

/// Draws a sheet.
fn lay(model: &Model, areas: &Areas, sheet: &Sheet, frame: &mut Frame<'_>) {
    let area = place(areas, sheet, frame.area());
    let (wide, height) = (area.width, area.height);
    frame.render_widget(Clear, area);
    let inside = usize::from(height.saturating_sub(2));
    let last = sheet.lines.len().saturating_sub(inside);
    let scroll = sheet.scroll.min(last);
    let head = Title {
        name: sheet.name.to_uppercase(),
        right: super::parts::scroll_mark(sheet.lines.len(), scroll, inside),
        ..Title::default()
    };
    title(model, area, true, &head, frame);
    let rule = model.theme.marks().horizontal.repeat(usize::from(wide));
    put(
        frame,
        area,
        usize::from(height.saturating_sub(1)),
        &Line::styled(rule, model.theme.rule(true)),
    );
    for (row, line) in sheet.lines.iter().skip(scroll).take(inside).enumerate() {
        put(frame, area, row + 1, line);
    }
}

/// Keys and words side by side, in as many columns as there is room for.
fn beside(model: &Model, then: &[(String, &Bound)], columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let across = (columns / BESIDE).max(1);
    let line = |some: &[(String, &Bound)]| {
        let spans = some.iter().flat_map(|(key, bound)| {
            let word = col(theme, bound.word, BESIDE - 3, theme.text());
            [gap(1), col(theme, key, 2, theme.key()), word]
        });
        Line::from(spans.collect::<Vec<_>>())
    };
    then.chunks(across).map(line).collect()
}

fn entry(model: &Model, key: &str, help: &str, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let text = cut(help, columns.saturating_sub(17), theme.marks().cut);
    Line::from(vec![
        gap(1),
        col(theme, key, 16, theme.key()),
        Span::styled(text, theme.text()),
    ])
}

fn sheet(model: &Model, overlay: &Overlay, columns: usize) -> Sheet {
    let theme = model.theme;
    let quiet = theme.quiet();
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut say = |text: &str, style: Style| {
        for line in wrap(text, columns.saturating_sub(1)) {
            lines.push(Line::from(vec![gap(1), Span::styled(line, style)]));
        }
    };
    let mut scroll = 0;
    let name = match overlay {
        Overlay::Palette(sheet) => {
            let rows = usize::from(model.size.height).saturating_sub(4);
            lines = palette::lines(model, sheet, columns, rows);
            palette::title(sheet.kind)
        }
        Overlay::Messages { scroll: at } => {
            scroll = *at;
            lines = messages::lines(model, columns);
            "messages"
        }
        Overlay::Reason { .. } => {
            lines = reasons::lines(model, columns);
            lines.push(Line::styled(" Esc cancels", quiet));
            "reject: why"
        }
        Overlay::Note { class, typed, .. } => {
            let told = card_payment::note(model, *class);
            say(&told, theme.text());
            lines.push(line_of(model, typed, columns));
            lines.push(Line::styled(" Enter rejects, Esc cancels", quiet));
            "reject"
        }
        Overlay::Confirm {
            word, why, typed, ..
        } => {
            if let Some(card) = &model.review.card {
                let row = &card.row;
                let (mark, style) = if row.simulated || row.dry {
                    (mark_after(row.simulated, row.dry), theme.simulated())
                } else {
                    (", LIVE", theme.danger())
                };
                say(&card_payment::goes(card, mark), style);
            }
            say(&format!("Not routine: {why}."), theme.warning());
            say(
                &format!("Type {word} to approve; empty Enter cancels:"),
                theme.text(),
            );
            lines.push(line_of(model, typed, columns));
            "approve"
        }
        Overlay::Write { writing, .. } => {
            (lines, scroll) = written::writing(model, writing, columns);
            "edit"
        }
        Overlay::Written(ready) => {
            lines = written::ready(model, ready, columns);
            if ready.word.is_some() {
                lines.push(line_of(model, &ready.typed, columns));
            }
            "approve what you wrote"
        }
        Overlay::Batch(sheet) => {
            lines = batch::lines(model, sheet, columns);
            lines.push(line_of(model, &sheet.typed, columns));
            "approve together"
        }
        Overlay::Past(past) => {
            lines = past::lines(model, past, columns);
            "versions"
        }
        Overlay::Calibration(shown) => {
            scroll = shown.scroll;
            lines = calibrated::lines(model, shown, columns);
            "calibration"
        }
        Overlay::Hindsight(shown) => {
            scroll = shown.scroll;
            lines = hindsight::lines(model, shown, columns);
            "threshold"
        }
        Overlay::Picture(shown) => {
            lines = picture::lines(model, shown, columns);
            "picture"
        }
        Overlay::Before { scroll: at } => {
            scroll = *at;
            lines = written::before(model, columns);
            "against the attempt before"
        }
        Overlay::Say { saying, typed, .. } => {
            say(saying.prompt(), theme.text());
            lines.push(line_of(model, typed, columns));
            saying.title()
        }
        Overlay::Later { items, cursor, .. } => {
            for (i, item) in items.iter().enumerate() {
                lines.push(choice(model, i == *cursor, &item.label, columns));
            }
            lines.push(Line::styled(" Enter snoozes, Esc cancels", quiet));
            "ask again"
        }
        Overlay::Undo { items, cursor } => {
            for (i, item) in items.iter().enumerate() {
                let left = model.until(item.until);
                let text = format!("{left:>5}  {}", item.label);
                lines.push(choice(model, i == *cursor, &text, columns));
            }
            scroll = cursor.saturating_sub(ABOVE);
            "take back which"
        }
        Overlay::Emergency { items, cursor } => {
            for (i, item) in items.iter().enumerate() {
                let here = i == *cursor;
                lines.push(choice(model, here, item.label.as_str(), columns));
                if here {
                    // What the marked line does, in full.
                    for text in wrap(&item.effect, columns.saturating_sub(6)) {
                        lines.push(Line::styled(format!("     {text}"), quiet));
                    }
                }
            }
            scroll = cursor.saturating_sub(ABOVE);
            "emergency"
        }
        Overlay::Word { choice, typed } => {
            let word = choice.order.as_ref().map_or("", |o| o.word());
            say(
                &format!("{}: {}.", choice.label, choice.effect),
                theme.danger(),
            );
            say(
                &format!("Type {word}, then a reason if you like; empty Enter cancels:"),
                theme.text(),
            );
            lines.push(line_of(model, typed, columns));
            "emergency"
        }
        Overlay::Modes { items, cursor } => {
            for (i, item) in items.iter().enumerate() {
                let here = i == *cursor;
                lines.push(choice(model, here, item.label.as_str(), columns));
                if here {
                    for text in wrap(&item.ask.effect(), columns.saturating_sub(6)) {
                        lines.push(Line::styled(format!("     {text}"), quiet));
                    }
                }
            }
            "live or dry"
        }
        Overlay::Pick {
            title,
            items,
            cursor,
        } => {
            for (i, item) in items.iter().enumerate() {
                lines.push(choice(model, i == *cursor, item.label.as_str(), columns));
            }
            scroll = cursor.saturating_sub(ABOVE);
            title
        }
        Overlay::Handover { note, scroll: at } => {
            scroll = *at;
            lines = written::note(model, note, columns);
            "hand-over"
        }
        Overlay::HandoverLine { note, typed } => {
            lines = written::note(model, note, columns);
            lines.push(line_of(model, typed, columns));
            // What is typed is in sight, however long the note is.
            scroll = usize::MAX;
            "hand-over: add a line"
        }
        Overlay::Columns { pane, cursor } => {
            for (i, column) in super::columns(*pane).iter().enumerate() {
                let label = super::columns::label(model, *pane, column);
                lines.push(choice(model, i == *cursor, &label, columns));
            }
            let key = model.key(Action::Sort);
            for text in [
                format!(
                    " {key} orders by what is said to order it; another order would read every row"
                ),
                " Enter shows or hides, Esc closes".to_owned(),
            ] {
                lines.push(Line::styled(cut(&text, columns, theme.marks().cut), quiet));
            }
            scroll = cursor.saturating_sub(ABOVE);
            "columns"
        }
        Overlay::Goal {
            campaign: (_, _, label),
            writing,
            sent,
            ..
        } => {
            (lines, scroll) = proposal::goal(model, label, writing, *sent, columns);
            "new goal"
        }
        Overlay::GoalFor { items, cursor } => {
            for (i, (_, _, label)) in items.iter().enumerate() {
                lines.push(choice(model, i == *cursor, label.as_str(), columns));
            }
            scroll = cursor.saturating_sub(ABOVE);
            "a goal for which campaign"
        }
        Overlay::Proposals { cursor } => {
            (lines, scroll) = proposal::waiting(model, *cursor, columns);
            "proposals"
        }
        // Drawn over the whole screen.
        Overlay::Proposal(_) => "proposal",
        Overlay::Name { filter, typed, .. } => {
            say(&format!("Filter {filter}"), theme.text());
            say("Type a name for it; empty Enter cancels:", theme.text());
            lines.push(line_of(model, typed, columns));
            "save a filter"
        }
        Overlay::Asked { asked, typed } => {
            say(asked.label.as_str(), theme.strong());
            say(&asked.ask.effect(), theme.danger());
            say(&asked.ask.prompt(), theme.text());
            lines.push(line_of(model, typed, columns));
            asked.ask.title()
        }
        Overlay::Quit => {
            for item in model.undoable() {
                let left = model.until(item.until);
                say(&format!("{} leaves in {left}", item.label), theme.warning());
            }
            say(
                if model.settings.attached {
                    "The swarm goes on, and what is held will go out. Esc stays, y leaves."
                } else {
                    "The swarm stops; what is held goes out after the next start. Esc stays, y leaves."
                },
                theme.text(),
            );
            "leave"
        }
    };
    Sheet {
        name,
        lines,
        scroll,
        columns,
    }
}

pub(super) fn line_of(model: &Model, typed: &Typed, columns: usize) -> Line<'static> {
    // The end of a long line is what is being typed.
    let room = columns.saturating_sub(5);
    let mut text = typed.text();
    while width(text) > room {
        let mut chars = text.chars();
        chars.next();
        text = chars.as_str();
    }
    Line::from(vec![
        Span::styled(" > ", model.theme.key()),
        Span::styled(text.to_owned(), model.theme.strong()),
        Span::styled(" ", model.theme.selected()),
    ])
}

pub(super) fn choice(model: &Model, here: bool, label: &str, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let mark = if here { theme.marks().cursor } else { " " };
    let style = if here { theme.selected() } else { theme.text() };
    Line::from(vec![
        Span::styled(format!("{mark} "), theme.accent()),
        col(theme, label, columns.saturating_sub(3), style),
    ])
}
