//! Cells become bytes here: the fewest that every terminal understands.
//!
//! Not ratatui's own backend, which sends every colour in its 256-colour form and both colours whenever
//! one changes: over a slow line that is a third of a frame. The sixteen colours go out as the codes that
//! sixteen-colour terminals know, only what differs is said, and blanks are erased instead of printed.
//! What differs is found here too: half of a wide sign that was overwritten may show anything, so it is
//! drawn again.

use std::io::{self, Write};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::{Buffer, Cell},
    layout::{Position, Size},
    style::{Color, Modifier},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Erasing and stepping over costs about this much; fewer blanks are printed.
const ERASE_BYTES: usize = 9;
/// What a blank shows of its style.
const SEEN_ON_BLANKS: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT);
/// Every modifier with the code that switches it on, and the one that switches it off.
const CODES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// How the terminal draws what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self {
        fg: Color::Reset,
        bg: Color::Reset,
        modifier: Modifier::empty(),
    };

    fn of(cell: &Cell, colours: bool) -> Self {
        let colour = |colour| if colours { colour } else { Color::Reset };
        Self {
            fg: colour(cell.fg),
            bg: colour(cell.bg),
            modifier: cell.modifier,
        }
    }

    /// Whether a blank in it is only paper.
    fn leaves_blank(self) -> bool {
        self.bg == Color::Reset && !self.modifier.intersects(SEEN_ON_BLANKS)
    }

    /// The parameters that lead from another pen to this one.
    fn parameters_after(self, before: Self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let gone = before.modifier.difference(self.modifier);
        let mut stays = before.modifier.intersection(self.modifier);
        for (modifier, _, off) in CODES {
            if gone.contains(modifier) {
                let off = off.to_string();
                if !out.contains(&off) {
                    out.push(off);
                }
            }
        }
        // One code ends both of these.
        if gone.intersects(Modifier::BOLD | Modifier::DIM) {
            stays -= Modifier::BOLD | Modifier::DIM;
        }
        for (modifier, on, _) in CODES {
            if self.modifier.difference(stays).contains(modifier) {
                out.push(on.to_string());
            }
        }
        if self.fg != before.fg {
            out.push(colour(self.fg, 30));
        }
        if self.bg != before.bg {
            out.push(colour(self.bg, 40));
        }
        out
    }
}

/// A colour as its code; `base` is 30 for letters and 40 for paper.
fn colour(colour: Color, base: u8) -> String {
    let basic = |n: u8| (base + n).to_string();
    let bright = |n: u8| (base + 60 + n).to_string();
    match colour {
        Color::Reset => basic(9),
        Color::Black => basic(0),
        Color::Red => basic(1),
        Color::Green => basic(2),
        Color::Yellow => basic(3),
        Color::Blue => basic(4),
        Color::Magenta => basic(5),
        Color::Cyan => basic(6),
        Color::Gray => basic(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

/// The bytes of one frame, and what the terminal is left in.
#[derive(Debug)]
pub(crate) struct Ansi {
    bytes: Vec<u8>,
    size: Size,
    colours: bool,
    pen: Pen,
    /// Where the cursor is, when that is certain: terminals disagree on the width of joined characters.
    at: Option<(u16, u16)>,
    cursor_shown: bool,
    /// Where the frame wants the cursor, if it wants one.
    cursor: Option<(u16, u16)>,
}

impl Ansi {
    pub(crate) fn new(size: Size, colours: bool) -> Self {
        Self {
            bytes: Vec::new(),
            size,
            colours,
            pen: Pen::PLAIN,
            at: None,
            cursor_shown: false,
            cursor: None,
        }
    }

    /// Takes out what was written so far.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    fn draw_with(&mut self, pen: Pen) -> io::Result<()> {
        if pen == self.pen {
            return Ok(());
        }
        let by_steps = pen.parameters_after(self.pen).join(";");
        let anew = pen.parameters_after(Pen::PLAIN);
        let anew = std::iter::once(String::new()).chain(anew);
        let anew = anew.collect::<Vec<_>>().join(";");
        let shorter = if anew.len() < by_steps.len() {
            anew
        } else {
            by_steps
        };
        self.pen = pen;
        write!(self.bytes, "\x1b[{shorter}m")
    }

    fn move_to(&mut self, x: u16, y: u16) -> io::Result<()> {
        let before = self.at.replace((x, y));
        match before {
            Some(at) if at == (x, y) => Ok(()),
            Some((from, row)) if row == y && x > from => match x - from {
                1 => write!(self.bytes, "\x1b[C"),
                n => write!(self.bytes, "\x1b[{n}C"),
            },
            Some(_) | None if x == 0 => write!(self.bytes, "\x1b[{}H", u32::from(y) + 1),
            Some(_) | None => {
                write!(
                    self.bytes,
                    "\x1b[{};{}H",
                    u32::from(y) + 1,
                    u32::from(x) + 1
                )
            }
        }
    }

    /// Writes the few signs that stand between here and there once more, where that is no longer than to step over them.
    fn go_over(&mut self, (x, y): (u16, u16), shown: &Buffer) {
        let Some((from, _)) = self.at.filter(|(from, row)| *row == y && *from < x) else {
            return;
        };
        let step = if x - from == 1 { 3 } else { 4 };
        if x - from > step {
            return;
        }
        let between = || (from..x).filter_map(|x| shown.cell((x, y)));
        let same = |cell: &Cell| {
            let pen = Pen::of(cell, self.colours);
            let blank = cell.symbol() == " " && pen.leaves_blank() && self.pen.leaves_blank();
            // One byte is one column: no half of a wide sign is overwritten.
            cell.symbol().len() == 1 && (blank || pen == self.pen)
        };
        if between().all(same) {
            let bytes = between().flat_map(|cell| cell.symbol().bytes());
            self.bytes.extend(bytes);
            self.at = Some((x, y));
        }
    }

    /// So many blanks from here on.
    fn blanks(&mut self, (x, y): (u16, u16), count: usize) -> io::Result<()> {
        if !self.pen.leaves_blank() {
            self.draw_with(Pen::PLAIN)?;
        }
        let after = usize::from(x) + count;
        self.move_to(x, y)?;
        if count > 3 && after == usize::from(self.size.width) {
            return self.bytes.write_all(b"\x1b[K");
        }
        if count > ERASE_BYTES {
            return write!(self.bytes, "\x1b[{count}X");
        }
        self.bytes.extend(std::iter::repeat_n(b' ', count));
        self.went_to(after, y);
        Ok(())
    }

    fn symbol(&mut self, (x, y): (u16, u16), symbol: &str) -> io::Result<()> {
        self.move_to(x, y)?;
        let Some((first, rest)) = symbol.chars().next().map(|c| symbol.split_at(c.len_utf8()))
        else {
            return Ok(());
        };
        self.bytes.write_all(first.as_bytes())?;
        if rest.is_empty() {
            self.went_to(usize::from(x) + columns(symbol).max(1), y);
            return Ok(());
        }
        // Drawn sign by sign it would go on in the next row, and the last row would scroll: there the first must do.
        if usize::from(x) + spread(symbol) <= usize::from(self.size.width) {
            self.bytes.write_all(rest.as_bytes())?;
        }
        self.at = None;
        Ok(())
    }

    /// At the edge terminals wait with the next line, each in its own way.
    fn went_to(&mut self, x: usize, y: u16) {
        let inside = u16::try_from(x).ok().filter(|x| *x < self.size.width);
        self.at = inside.map(|x| (x, y));
    }
}

impl Ansi {
    /// Leads from one drawing to the next, of the same size.
    pub(crate) fn frame(&mut self, before: &Buffer, after: &Buffer) -> io::Result<()> {
        let mut cells = changes(before, after).into_iter().peekable();
        while let Some((x, y, cell)) = cells.next() {
            let pen = Pen::of(cell, self.colours);
            self.go_over((x, y), after);
            if cell.symbol() != " " || !pen.leaves_blank() {
                self.draw_with(pen)?;
                self.symbol((x, y), cell.symbol())?;
                continue;
            }
            // What was blank and stays blank is erased with what lies around it: one run instead of many.
            let mut end = x.saturating_add(1);
            let colours = self.colours;
            let is_blank =
                |cell: &Cell| cell.symbol() == " " && Pen::of(cell, colours).leaves_blank();
            let goes_on = |next: &(u16, u16, &Cell), end: u16| {
                let (nx, ny, cell) = *next;
                let mut between = (end..nx).filter_map(|x| after.cell((x, y)));
                ny == y && is_blank(cell) && between.all(is_blank)
            };
            while let Some((next, _, _)) = cells.next_if(|next| goes_on(next, end)) {
                end = next.saturating_add(1);
            }
            let count = end.saturating_sub(x);
            self.blanks((x, y), usize::from(count))?;
        }
        // What is written between frames begins plain.
        self.draw_with(Pen::PLAIN)?;
        if let Some((x, y)) = self.cursor {
            self.move_to(x, y)?;
        }
        let shown = self.cursor.is_some();
        if std::mem::replace(&mut self.cursor_shown, shown) != shown {
            let mode = if shown { "\x1b[?25h" } else { "\x1b[?25l" };
            self.bytes.write_all(mode.as_bytes())?;
        }
        Ok(())
    }
}

/// How many columns a sign takes on a terminal that joins none of its parts.
fn spread(symbol: &str) -> usize {
    let parts = symbol.chars().map(|c| c.width().unwrap_or(0));
    parts.sum::<usize>().max(symbol.width())
}

/// The cells that must be drawn to lead from one drawing to the next.
fn changes<'a>(before: &Buffer, after: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let mut out = Vec::new();
    let width = usize::from(after.area.width).max(1);
    let rows = before
        .content
        .chunks(width)
        .zip(after.content.chunks(width));
    for (y, (olds, news)) in (after.area.top()..).zip(rows) {
        // Most rows of most frames: nothing in them needs to be measured.
        if olds == news {
            continue;
        }
        // Columns under the wide sign drawn last, and columns of which nobody knows what they show.
        let (mut hidden, mut stale) = (0_usize, 0_usize);
        for (x, (old, new)) in (after.area.left()..).zip(olds.iter().zip(news)) {
            let broken = columns(old.symbol()).saturating_sub(1);
            if hidden > 0 {
                hidden -= 1;
                stale = stale.saturating_sub(1).max(broken);
                continue;
            }
            let changed = old != new || stale > 0;
            stale = stale.saturating_sub(1);
            if changed {
                // Where its parts are not joined it has drawn over the columns after it.
                stale = stale
                    .max(broken)
                    .max(spread(new.symbol()).saturating_sub(1));
                out.push((x, y, new));
            }
            hidden = columns(new.symbol()).saturating_sub(1);
        }
    }
    out
}

/// How wide a sign is. Nearly all are one byte, which needs no table.
fn columns(symbol: &str) -> usize {
    match symbol.len() {
        1 => 1,
        _ => symbol.width(),
    }
}

/// What a terminal of ratatui asks of it; the cells are taken from its drawing instead.
impl Backend for Ansi {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, _: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        let (x, y) = self.at.unwrap_or_default();
        Ok(Position { x, y })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.cursor = Some((x, y));
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.at = None;
        self.draw_with(Pen::PLAIN)?;
        self.bytes.write_all(b"\x1b[2J")
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        match clear_type {
            ClearType::All => self.clear(),
            ClearType::AfterCursor
            | ClearType::BeforeCursor
            | ClearType::CurrentLine
            | ClearType::UntilNewLine => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use ratatui::{layout::Rect, style::Style};

    use super::*;

    const STYLES: [Style; 7] = [
        Style::new(),
        Style::new().fg(Color::Red),
        Style::new()
            .fg(Color::LightBlue)
            .add_modifier(Modifier::BOLD),
        Style::new().add_modifier(Modifier::DIM),
        Style::new().add_modifier(Modifier::REVERSED),
        Style::new()
            .fg(Color::Indexed(208))
            .bg(Color::Rgb(1, 2, 3))
            .add_modifier(Modifier::UNDERLINED),
        Style::new().add_modifier(Modifier::BOLD.union(Modifier::ITALIC)),
    ];
    const SIGNS: [&str; 8] = [" ", " ", " ", "a", "Z", "─", "日", "é"];

    fn is_same(seen: &vt100::Cell, cell: &Cell) -> bool {
        // Those that the styles of this test have.
        let colour = |colour: Color| {
            let known = [
                (Color::Reset, vt100::Color::Default),
                (Color::Red, vt100::Color::Idx(1)),
                (Color::LightBlue, vt100::Color::Idx(12)),
                (Color::Indexed(208), vt100::Color::Idx(208)),
                (Color::Rgb(1, 2, 3), vt100::Color::Rgb(1, 2, 3)),
            ];
            let found = known.iter().find(|(drawn, _)| *drawn == colour);
            found.unwrap().1
        };
        let blank = |text: &str| text.is_empty() || text == " ";
        let both_blank = blank(seen.contents()) && blank(cell.symbol());
        let (m, paper) = (cell.modifier, seen.bgcolor() == colour(cell.bg));
        let on_paper = paper
            && seen.inverse() == m.contains(Modifier::REVERSED)
            && seen.underline() == m.contains(Modifier::UNDERLINED);
        if both_blank {
            return on_paper;
        }
        on_paper
            && seen.contents() == cell.symbol()
            && seen.fgcolor() == colour(cell.fg)
            && seen.bold() == m.contains(Modifier::BOLD)
            && seen.dim() == m.contains(Modifier::DIM)
            && seen.italic() == m.contains(Modifier::ITALIC)
    }

    // R136, R193: after any series of frames the terminal shows exactly what was drawn, sign by sign and style by style.
    #[test]
    fn r193_frame_after_frame_the_screen_is_what_was_drawn() {
        let mut seed = 7_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).unwrap() % below
        };
        for (columns, rows) in [(40, 8), (13, 5), (2, 2), (1, 1)] {
            let area = Rect::new(0, 0, columns, rows);
            let of = |n| NonZero::new(n).unwrap();
            let mut screen = vt100::Parser::new(of(rows), of(columns), 0);
            let mut ansi = Ansi::new(Size::new(columns, rows), true);
            let mut before = Buffer::empty(area);
            for _ in 0..60 {
                let mut drawn = before.clone();
                for _ in 0..=next(6) {
                    let (x, y) = (next(usize::from(columns)), next(usize::from(rows)));
                    let long = 1 + next(usize::from(columns));
                    let style = Style::reset().patch(STYLES[next(STYLES.len())]);
                    let text: String = (0..long).map(|_| SIGNS[next(SIGNS.len())]).collect();
                    let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
                    drawn.set_stringn(x, y, text, long, style);
                }
                ansi.frame(&before, &drawn).unwrap();
                let sent = ansi.take();
                screen.process(&sent);
                for y in 0..rows {
                    let mut x = 0;
                    while x < columns {
                        let (seen, cell) = (screen.screen().cell(y, x), &drawn[(x, y)]);
                        assert!(
                            is_same(seen.unwrap(), cell),
                            "at {x},{y} of {columns}x{rows}: {seen:?} is not {cell:?}\n{:?}\n{before:?}\n{drawn:?}",
                            String::from_utf8_lossy(&sent)
                        );
                        x += u16::try_from(cell.symbol().width().max(1)).unwrap();
                    }
                }
                before = drawn;
            }
        }
    }

    // R136: the sixteen colours go out as every terminal knows them, and without colours none does.
    #[test]
    fn r136_sixteen_colours_have_short_codes() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        buffer.set_string(0, 0, "ab", Style::new().fg(Color::Red).bg(Color::DarkGray));
        buffer.set_string(2, 0, "c", Style::new().fg(Color::Red));
        let bytes = |colours| {
            let mut ansi = Ansi::new(Size::new(3, 1), colours);
            let empty = Buffer::empty(Rect::new(0, 0, 3, 1));
            ansi.frame(&empty, &buffer).unwrap();
            String::from_utf8(ansi.take()).unwrap()
        };
        assert_eq!(bytes(true), "\u{1b}[31;100m\u{1b}[1Hab\u{1b}[49mc\u{1b}[m");
        assert_eq!(bytes(false), "\u{1b}[1Habc");
    }
}
