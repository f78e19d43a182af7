//! The lines of command line, palette and help: the key beside the name, the marked one in full.

use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::{
    parts::{col, gap},
    sheets::line_of,
};
use crate::{
    model::{
        Model,
        palette::{Entry, Kind, Palette},
    },
    text::{cut, wrap},
};

/// How wide the names and the keys are.
const NAME: usize = 17;
const KEYS: usize = 15;

pub(super) const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "command",
        Kind::Find => "find a command",
        Kind::Help => "keys that work here",
    }
}

/// The line that is typed, and as many lines below it as fit, the marked one among them.
pub(super) fn lines(
    model: &Model,
    palette: &Palette,
    columns: usize,
    rows: usize,
) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut out = vec![line_of(model, &palette.typed, columns)];
    let entries = palette.entries(model);
    if entries.is_empty() {
        let told = match palette.kind {
            Kind::Command => "no command here begins so",
            Kind::Find | Kind::Help => "nothing is found by this",
        };
        out.push(Line::styled(format!(" {told}"), theme.quiet()));
    }
    let mut below = Vec::new();
    let (mut first, mut end) = (0, 0);
    let mut context = None;
    for (i, entry) in entries.iter().enumerate() {
        if palette.kind == Kind::Help && context != Some(entry.context) {
            context = Some(entry.context);
            below.push(Line::styled(
                format!(" {}", entry.context.name()),
                theme.strong(),
            ));
        }
        let here = match palette.kind {
            Kind::Command => entry.name == palette.words().0,
            Kind::Find | Kind::Help => i == palette.cursor,
        };
        if here {
            first = below.len();
        }
        // The help says what a key does; why not now stands below the marked line.
        let is_told = here || palette.kind == Kind::Help;
        below.push(short(model, entry, here, is_told, columns));
        if here {
            below.extend(full(model, entry, columns));
            end = below.len();
        }
    }
    let room = rows.saturating_sub(out.len());
    let more = below.len() > room && room > 1;
    let room = room - usize::from(more);
    let top = end.saturating_sub(room).min(first);
    // A heading above the first line belongs to it.
    let top = if first <= 1 { 0 } else { top };
    let left = below.len().saturating_sub(top + room);
    out.extend(below.into_iter().skip(top).take(room));
    if more && left > 0 {
        let told = format!(" {left} more {}", if left == 1 { "line" } else { "lines" });
        out.push(Line::styled(told, theme.quiet()));
    }
    out
}

fn short(model: &Model, entry: &Entry, here: bool, is_told: bool, columns: usize) -> Line<'static> {
    let theme = model.theme;
    let mark = if here { theme.marks().cursor } else { " " };
    let style = |usual: Style| {
        if entry.refused.is_some() {
            theme.quiet()
        } else {
            usual
        }
    };
    let told = match &entry.refused {
        Some(why) if !is_told => format!("not now: {why}"),
        Some(_) | None => entry.help.to_owned(),
    };
    let room = columns.saturating_sub(NAME + KEYS + 4);
    let text = cut(&told, room, theme.marks().cut);
    let strong = if here { theme.strong() } else { theme.text() };
    Line::from(vec![
        Span::styled(format!("{mark} "), theme.accent()),
        col(theme, &entry.name, NAME, style(strong)),
        gap(1),
        col(theme, &entry.keys, KEYS, style(theme.key())),
        gap(1),
        Span::styled(text, style(strong)),
    ])
}

/// What does not fit beside the name: the help, why it is not possible, the command that does the same.
fn full(model: &Model, entry: &Entry, columns: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut out = Vec::new();
    let mut say = |text: &str, style: Style| {
        for line in wrap(text, columns.saturating_sub(6)) {
            out.push(Line::styled(format!("     {line}"), style));
        }
    };
    say(entry.help, theme.quiet());
    if let Some(why) = &entry.refused {
        say(&format!("not now: {why}"), theme.warning());
    }
    if let Some(twin) = entry.twin {
        say(&format!("chimera {twin}"), theme.quiet());
    }
    out
}
