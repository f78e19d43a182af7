//! A text being written: several lines and a cursor that stands between what a person sees as characters.

use std::ops::Range;

use chimera_domain::Safe;
use unicode_segmentation::UnicodeSegmentation;

use crate::text::{width, wrap};

/// The most characters a text takes: more than any platform does.
const CHARS_MAX: usize = 10_000;

/// Text with a cursor; always clean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Writing {
    text: String,
    /// A byte between two graphemes.
    cursor: usize,
}

impl Writing {
    pub(crate) fn of(text: &str) -> Self {
        let mut writing = Self::default();
        writing.push(text);
        writing
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(crate) fn graphemes(&self) -> usize {
        self.text.graphemes(true).count()
    }

    /// Puts in what was typed or pasted, made safe, as far as there is room.
    pub(crate) fn push(&mut self, text: &str) {
        let room = CHARS_MAX.saturating_sub(self.text.chars().count());
        let clean: String = Safe::block(text).as_str().chars().take(room).collect();
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
        // What was put in may have joined what stands around it.
        self.cursor = self.boundary(self.cursor);
    }

    /// The first boundary at or after a byte.
    fn boundary(&self, at: usize) -> usize {
        self.text
            .grapheme_indices(true)
            .map(|(i, _)| i)
            .find(|i| *i >= at)
            .unwrap_or(self.text.len())
    }

    fn before(&self) -> usize {
        self.text[..self.cursor]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(i, _)| i)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..]
            .graphemes(true)
            .next()
            .map_or(self.cursor, |g| self.cursor + g.len())
    }

    pub(crate) fn left(&mut self) {
        self.cursor = self.before();
    }

    pub(crate) fn right(&mut self) {
        self.cursor = self.after();
    }

    pub(crate) fn line_start(&mut self) {
        self.cursor = self.text[..self.cursor].rfind('\n').map_or(0, |i| i + 1);
    }

    pub(crate) fn line_end(&mut self) {
        let rest = &self.text[self.cursor..];
        self.cursor += rest.find('\n').unwrap_or(rest.len());
    }

    pub(crate) fn rubout(&mut self) {
        let from = self.before();
        self.cut(from..self.cursor);
    }

    pub(crate) fn delete(&mut self) {
        let to = self.after();
        self.cut(self.cursor..to);
    }

    pub(crate) fn rubout_word(&mut self) {
        let kept = self.text[..self.cursor].trim_end();
        let from = kept.rfind(char::is_whitespace).map_or(0, |i| {
            i + kept[i..].chars().next().map_or(1, char::len_utf8)
        });
        self.cut(from..self.cursor);
    }

    pub(crate) fn rubout_line(&mut self) {
        let to = self.cursor;
        self.line_start();
        self.cut(self.cursor..to);
    }

    fn cut(&mut self, range: Range<usize>) {
        let from = range.start;
        self.text.replace_range(range, "");
        self.cursor = self.boundary(from);
    }

    /// Goes up or down by lines as they are shown in so many columns.
    pub(crate) fn climb(&mut self, by: isize, columns: usize) {
        let rows = rows(&self.text, columns);
        let here = row_of(&rows, self.cursor);
        let column = rows
            .get(here)
            .map_or(0, |row| width(&self.text[row.start..self.cursor]));
        let there = here
            .saturating_add_signed(by)
            .min(rows.len().saturating_sub(1));
        let Some(row) = rows.get(there) else {
            return;
        };
        let mut used = 0;
        let mut at = row.start;
        for grapheme in self.text[row.clone()].graphemes(true) {
            let wide = width(grapheme);
            // The end of a row that goes on is the start of the next.
            let ends = at + grapheme.len() == row.end && self.row_goes_on(row);
            if used + wide > column || ends {
                break;
            }
            used += wide;
            at += grapheme.len();
        }
        self.cursor = at;
    }

    fn row_goes_on(&self, row: &Range<usize>) -> bool {
        row.end < self.text.len() && !self.text[row.end..].starts_with('\n')
    }
}

/// The bytes of each row of a text in so many columns, line breaks left out.
pub(crate) fn rows(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut rows = Vec::new();
    for line in text.split('\n') {
        for row in wrap(line, columns) {
            rows.push(at..at + row.len());
            at += row.len();
        }
        at += 1;
    }
    rows
}

/// The row a byte is shown in.
pub(crate) fn row_of(rows: &[Range<usize>], at: usize) -> usize {
    rows.iter()
        .rposition(|row| row.start <= at)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    // R66: a cursor never stands inside a character, whatever is done, and what is shown is what is there.
    #[test]
    fn r66_writing_keeps_whole_characters() {
        let mut w = Writing::of("one 👩‍👩‍👧 e\u{301}");
        assert_eq!(w.graphemes(), 7);
        w.rubout();
        assert_eq!(w.text(), "one 👩‍👩‍👧 ");
        w.left();
        w.left();
        w.push("x");
        assert_eq!(w.text(), "one x👩‍👩‍👧 ");
        w.delete();
        assert_eq!(w.text(), "one x ");
        w.rubout_word();
        assert_eq!(w.text(), "one  ");
        w.rubout_line();
        assert_eq!(w.text(), " ");
        w.push("a\u{1b}[2J\nb");
        assert_eq!(w.text(), "a␛[2J\nb ");
        w.line_end();
        w.rubout_line();
        assert_eq!(w.text(), "a␛[2J\n");
    }

    // R66: up and down go by the rows on screen and keep the column where they can.
    #[test]
    fn r66_the_cursor_climbs_by_rows() {
        let mut w = Writing::of("aaaa bbbb cccc\nd\neeee");
        let columns = 6;
        assert_eq!(rows(w.text(), columns).len(), 5);
        w.climb(-1, columns);
        assert_eq!(&w.text()[w.cursor()..], "\neeee");
        w.climb(-1, columns);
        assert_eq!(&w.text()[w.cursor()..], "ccc\nd\neeee");
        w.climb(-9, columns);
        assert!(w.cursor() <= 2);
        w.climb(9, columns);
        assert!(w.text().len() - w.cursor() >= 2);
    }

    // R138: any text, any movement, any width: no panic, and always clean.
    #[test]
    fn r138_any_text_can_be_edited() {
        for text in [
            "",
            "\n\n",
            "日本語\u{202e}x",
            "\u{301}\u{301}",
            "a\r\nb\u{0}",
        ] {
            let mut w = Writing::of(text);
            for step in 0..40 {
                match step % 10 {
                    0 => w.left(),
                    1 => w.climb(-1, step % 5),
                    2 => w.push("é\u{7}"),
                    3 => w.right(),
                    4 => w.climb(1, step % 7),
                    5 => w.delete(),
                    6 => w.line_start(),
                    7 => w.rubout(),
                    8 => w.line_end(),
                    _ => w.rubout_word(),
                }
                assert!(w.text().is_char_boundary(w.cursor()));
                assert!(!w.text().contains(['\u{7}', '\u{202e}', '\u{0}']));
            }
        }
    }
}
