//! What a terminal makes of the painter's bytes: a screen model beside the drawing that was meant.

use std::num::NonZero;

use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Rig;
use crate::{
    event::Size,
    terminal::{self, Painter},
    view,
};

/// All that reached the terminal besides what stands on its screen.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) titles: Vec<String>,
    pub(super) copied: Vec<String>,
    pub(super) bells: usize,
    /// Whatever the console has no business to send.
    foreign: Vec<String>,
}

impl Heard {
    fn foreign(&mut self, what: impl std::fmt::Debug) {
        self.foreign.push(format!("{what:?}"));
    }
}

impl vt100::Callbacks for Heard {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.foreign("visual bell");
    }
    fn resize(&mut self, _: &mut vt100::Screen, size: (u16, u16)) {
        self.foreign(("resize", size));
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.titles
            .push(String::from_utf8_lossy(title).into_owned());
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.copied.push(String::from_utf8_lossy(data).into_owned());
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, which: &[u8]) {
        self.foreign(("reads the clipboard", which));
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, c: char) {
        self.foreign(c);
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, byte: u8) {
        self.foreign(("control", byte));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, a: Option<u8>, b: Option<u8>, c: u8) {
        // The end of a command, which the model tells apart from it.
        if (a, b, c) != (None, None, b'\\') {
            self.foreign(("escape", a, b, c));
        }
    }
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        numbers: &[&[u16]],
        end: char,
    ) {
        // One update at a time, news of the focus, and the title from before: the model knows none of the three.
        let ours = matches!(
            (first, numbers, end),
            (Some(b'?'), [[2026]], 'h' | 'l')
                | (Some(b'?'), [[1004]], 'h')
                | (None, [[22], [0]], 't')
        );
        if !ours {
            self.foreign(("sequence", first, numbers, end));
        }
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        self.foreign(("command", params));
    }
    fn on_scroll(&mut self, _: vt100::capture::RowContents<'_>, _: bool) {
        self.foreign("a row was pushed off the screen");
    }
}

/// The model takes no more marks on a sign that has so many bytes.
const CELL_BYTES: usize = 18;

/// A terminal that a console draws on.
pub(super) struct Seen {
    painter: Painter,
    model: vt100::Parser<Heard>,
    colours: bool,
}

impl Seen {
    pub(super) fn new(size: Size, colours: bool) -> Self {
        let of = |cells| NonZero::new(cells).unwrap();
        let (rows, columns) = (of(size.height), of(size.width));
        let mut model = vt100::Parser::new_with_callbacks(rows, columns, 0, Heard::default());
        model.process(&terminal::enter_bytes().unwrap());
        Self {
            painter: Painter::new(size, colours).unwrap(),
            model,
            colours,
        }
    }

    /// Draws the console as the loop does; the bytes of the frame.
    pub(super) fn paint(&mut self, rig: &Rig, extra: &[u8]) -> Vec<u8> {
        let title = rig.model.title();
        let frame = self
            .painter
            .paint(&title, extra, |f| view::draw(&rig.model, f));
        let frame = frame.unwrap();
        self.model.process(&frame);
        frame
    }

    pub(super) fn screen(&self) -> &vt100::Screen {
        self.model.screen()
    }

    pub(super) fn heard(&self) -> &Heard {
        self.model.callbacks()
    }

    /// The terminal shows what was drawn, sign by sign and style by style, and is in no other mode than before.
    pub(super) fn check(&self, rig: &Rig) {
        let meant = meant(rig);
        let screen = self.screen();
        for y in 0..meant.area.height {
            let mut x = 0;
            while x < meant.area.width {
                let (cell, seen) = (&meant[(x, y)], screen.cell(y, x).unwrap());
                assert!(
                    is_same(seen, cell, x, meant.area.width, self.colours),
                    "at {x},{y} stands {:?}, {:?} {:?} was meant, in the row {:?}",
                    seen,
                    cell.symbol(),
                    cell.style(),
                    screen
                        .rows(0, meant.area.width)
                        .nth(usize::from(y))
                        .unwrap_or_default()
                );
                x += u16::try_from(cell.symbol().width().max(1)).unwrap();
            }
        }
        let modes = (
            screen.alternate_screen(),
            screen.hide_cursor(),
            screen.bracketed_paste(),
            screen.application_cursor(),
            screen.application_keypad(),
            screen.mouse_protocol_mode(),
        );
        let mouse = vt100::MouseProtocolMode::None;
        assert_eq!(modes, (true, true, true, false, false, mouse));
        let heard = self.heard();
        assert_eq!(heard.foreign, [""; 0]);
        for title in &heard.titles {
            let counted = title
                .strip_prefix('(')
                .and_then(|t| t.strip_suffix(") chimera"));
            let ours = counted.is_some_and(|n| n.parse::<u64>().is_ok()) || title == "chimera";
            assert!(ours, "{title:?}");
        }
    }
}

/// What the console drew, before it was made bytes.
fn meant(rig: &Rig) -> Buffer {
    let size = rig.model.size;
    let mut terminal = Terminal::new(TestBackend::new(size.width, size.height)).unwrap();
    terminal.draw(|f| view::draw(&rig.model, f)).unwrap();
    terminal.backend().buffer().clone()
}

fn is_same(seen: &vt100::Cell, cell: &Cell, x: u16, columns: u16, colours: bool) -> bool {
    let colour = |drawn: Color| match drawn {
        _ if !colours => vt100::Color::Default,
        Color::Reset => vt100::Color::Default,
        Color::Black => vt100::Color::Idx(0),
        Color::Red => vt100::Color::Idx(1),
        Color::Green => vt100::Color::Idx(2),
        Color::Yellow => vt100::Color::Idx(3),
        Color::Blue => vt100::Color::Idx(4),
        Color::Magenta => vt100::Color::Idx(5),
        Color::Cyan => vt100::Color::Idx(6),
        Color::Gray => vt100::Color::Idx(7),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::LightRed => vt100::Color::Idx(9),
        Color::LightGreen => vt100::Color::Idx(10),
        Color::LightYellow => vt100::Color::Idx(11),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::LightMagenta => vt100::Color::Idx(13),
        Color::LightCyan => vt100::Color::Idx(14),
        Color::White => vt100::Color::Idx(15),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
    };
    let m = cell.modifier;
    let on_paper = seen.bgcolor() == colour(cell.bg)
        && seen.inverse() == m.contains(Modifier::REVERSED)
        && seen.underline() == m.contains(Modifier::UNDERLINED);
    let blank = |text: &str| text.is_empty() || text == " ";
    if blank(cell.symbol()) {
        return blank(seen.contents()) && on_paper;
    }
    on_paper
        && is_sign(seen.contents(), cell.symbol(), x, columns)
        && seen.fgcolor() == colour(cell.fg)
        && seen.bold() == m.contains(Modifier::BOLD)
        && seen.dim() == m.contains(Modifier::DIM)
        && seen.italic() == m.contains(Modifier::ITALIC)
}

/// The model joins nothing that has a width of its own: of such a sign the first part stands where the sign does.
fn is_sign(seen: &str, meant: &str, x: u16, columns: u16) -> bool {
    let wide = |c: char| c.width().unwrap_or(0);
    let parts = meant.chars().map(wide).sum::<usize>();
    let fits = usize::from(x) + parts.max(meant.width()) <= usize::from(columns);
    let marks = meant
        .chars()
        .skip(1)
        .take_while(|c| fits && wide(*c) == 0)
        .count();
    let first: String = meant.chars().take(1 + marks).collect();
    seen == first || (seen.len() >= CELL_BYTES && first.starts_with(seen))
}
