//! A picture in the cells of a terminal: two pixels a cell where there are colours, else how bright it is.

use ratatui::{
    style::{Color, Style},
    text::{Line, Span},
};

use super::parts::{gap, labelled};
use crate::{
    model::{Model, overlay::Shown},
    picture::{Frame, Rgb},
    theme::Theme,
};

/// From dark to bright.
const RAMP: &[u8] = b" .:-=+*#%@";
/// Lines that are no picture: its name, its words, frame, status and footer.
const AROUND: usize = 10;
/// Half blocks of more columns cost a slow line too much.
const COLUMNS_MAX: usize = 60;

/// What a picture may take.
pub(super) fn room(sheet: usize, height: usize) -> (usize, usize) {
    let columns = sheet.saturating_sub(2).min(COLUMNS_MAX);
    (columns.max(1), height.saturating_sub(AROUND).max(1))
}

pub(super) fn lines(model: &Model, shown: &Shown, sheet: usize) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mut lines = Vec::new();
    let (at, of) = shown.place;
    let media = &shown.media;
    let (wide, high) = media.size;
    let times = theme.marks().times;
    let mut head = format!("{} {wide}{times}{high}", media.mime);
    if of > 1 {
        head.push_str(&format!(", {} of {of}", at + 1));
    }
    match &shown.picture {
        None => lines.push(Line::styled(" reading…", theme.quiet())),
        Some(Err(why)) => lines.push(Line::styled(format!(" {why}"), theme.warning())),
        Some(Ok(picture)) => {
            if picture.of > 1 {
                let here = format!(", frame {} of {}", shown.frame + 1, picture.frames.len());
                head.push_str(&here);
                if picture.of > picture.frames.len() {
                    head.push_str(&format!(", out of {}", picture.of));
                }
            }
            match picture.frames.get(shown.frame) {
                Some(Frame::Cells(rows)) => lines.extend(cells(theme, rows)),
                // Its bytes go beside the cells.
                Some(Frame::Drawn(drawn)) => {
                    lines.extend(std::iter::repeat_n(Line::raw(""), drawn.rows));
                    let kib = drawn.bytes.len().div_ceil(1024);
                    let doubt = "nothing to see? `console.pictures: blocks`";
                    let told = format!(" drawn in pixels, {kib} KiB; {doubt}");
                    lines.push(Line::styled(told, theme.quiet()));
                }
                None => {}
            }
        }
    }
    labelled(theme, "media", &head, theme.text(), sheet, &mut lines);
    if shown.is_reference {
        let told = "the reference of the persona's look, which the picture before is held against; it goes nowhere";
        labelled(theme, "is", told, theme.warning(), sheet, &mut lines);
    } else if let Some((told, _)) = &media.likeness {
        labelled(
            theme,
            "look",
            told.as_str(),
            theme.text(),
            sheet,
            &mut lines,
        );
    }
    let alt = media.alt_text.as_str();
    labelled(theme, "alt", alt, theme.text(), sheet, &mut lines);
    lines
}

fn cells(theme: Theme, rows: &[Vec<(Rgb, Rgb)>]) -> Vec<Line<'static>> {
    let row = |row: &Vec<(Rgb, Rgb)>| {
        let mut spans = vec![gap(1)];
        if theme.no_color || theme.ascii {
            let text: String = row.iter().map(|(up, down)| bright(*up, *down)).collect();
            spans.push(Span::raw(text));
            return Line::from(spans);
        }
        // Neighbours of the same colours are one span: fewer bytes on the line.
        let mut last: Option<(Color, Color, usize)> = None;
        let mut flush = |last: Option<(Color, Color, usize)>| {
            if let Some((up, down, n)) = last {
                let style = Style::new().fg(up).bg(down);
                spans.push(Span::styled("▀".repeat(n), style));
            }
        };
        for (up, down) in row {
            let (up, down) = (colour(*up), colour(*down));
            last = match last {
                Some((u, d, n)) if (u, d) == (up, down) => Some((u, d, n + 1)),
                other => {
                    flush(other);
                    Some((up, down, 1))
                }
            };
        }
        flush(last);
        Line::from(spans)
    };
    rows.iter().map(row).collect()
}

/// The nearest of the 216 colours that nearly every terminal has: a picture is looked at, not measured.
fn colour([r, g, b]: Rgb) -> Color {
    let level = |part: u8| (u16::from(part) * 5 + 127) / 255;
    let index = 16 + 36 * level(r) + 6 * level(g) + level(b);
    Color::Indexed(u8::try_from(index).unwrap_or(u8::MAX))
}

fn bright(up: Rgb, down: Rgb) -> char {
    let sum = |[r, g, b]: Rgb| 3 * usize::from(r) + 6 * usize::from(g) + usize::from(b);
    let level = (sum(up) + sum(down)) * (RAMP.len() - 1) / (2 * 10 * 255);
    RAMP.get(level).map_or(' ', |byte| char::from(*byte))
}
