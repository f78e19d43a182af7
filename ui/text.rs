//! Fitting text into columns, by grapheme: cutting, padding and wrapping that changes nothing.

use chimera_domain::text::split_plain;
pub(crate) use chimera_domain::text::width;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// At most `columns` columns; cut text ends in `mark`.
pub(crate) fn cut(text: &str, columns: usize, mark: &str) -> String {
    cut_to(text, columns, mark).0
}

/// The same, and how many columns it takes.
fn cut_to(text: &str, columns: usize, mark: &str) -> (String, usize) {
    let whole = width(text);
    if whole <= columns {
        return (text.to_owned(), whole);
    }
    let wide_mark = width(mark);
    let room = columns.saturating_sub(wide_mark);
    let (plain, rest) = split_plain(text);
    let mut used = plain.len().min(room);
    let mut out = plain.get(..used).unwrap_or_default().to_owned();
    if used == plain.len() {
        for grapheme in rest.graphemes(true) {
            let wide = grapheme.width();
            if used + wide > room {
                break;
            }
            out.push_str(grapheme);
            used += wide;
        }
    }
    if wide_mark <= columns {
        out.push_str(mark);
        used += wide_mark;
    }
    (out, used)
}

/// Exactly `columns` columns, to the left.
pub(crate) fn fit(text: &str, columns: usize, mark: &str) -> String {
    let (mut out, used) = cut_to(text, columns, mark);
    let pad = columns.saturating_sub(used);
    out.extend(std::iter::repeat_n(' ', pad));
    out
}

/// Exactly `columns` columns, to the right.
pub(crate) fn fit_right(text: &str, columns: usize, mark: &str) -> String {
    let (out, used) = cut_to(text, columns, mark);
    let pad = columns.saturating_sub(used);
    format!("{}{out}", " ".repeat(pad))
}

/// Lines of at most `columns` columns. Put together again they are the text, character by character:
/// a break is made after white space, which may hang over the edge, or inside a word that is too long.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    text.split('\n')
        .flat_map(|line| wrap_line(line, columns.max(1)))
        .collect()
}

fn wrap_line(line: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    for piece in pieces(line) {
        let visible = width(piece.trim_end());
        if used > 0 && used + visible > columns {
            lines.push(std::mem::take(&mut current));
            used = 0;
        }
        if visible <= columns {
            current.push_str(piece);
            used += width(piece);
            continue;
        }
        for grapheme in piece.graphemes(true) {
            let wide = grapheme.width();
            if used > 0 && used + wide > columns {
                lines.push(std::mem::take(&mut current));
                used = 0;
            }
            current.push_str(grapheme);
            used += wide;
        }
    }
    lines.push(current);
    lines
}

/// Words, each with the white space after it.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let word = rest.find(' ').unwrap_or(rest.len());
        let after = &rest[word..];
        let blank = after.len() - after.trim_start_matches(' ').len();
        let (piece, tail) = rest.split_at(word + blank);
        rest = tail;
        Some(piece)
    })
}

/// A count as a terminal coordinate; what does not fit is at the far edge.
pub(crate) fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R65: what goes out is shown verbatim: wrapping loses and adds nothing, and fits.
    #[test]
    fn r65_wrapping_changes_nothing() {
        let text = "Lo  and behold,   日本語テキスト a-very-long-word-without-any-break 👩‍👩‍👧 ok ";
        for columns in 1..60 {
            let lines = wrap(text, columns);
            assert_eq!(lines.concat(), text);
            for line in &lines {
                let fits = width(line.trim_end()) <= columns;
                assert!(
                    fits || line.graphemes(true).count() == 1,
                    "{columns}: {line:?}"
                );
            }
        }
        assert_eq!(wrap("a\n\nb", 9), ["a", "", "b"]);
    }

    // R136: what is plain is measured at a glance, and comes to the same as sign by sign.
    #[test]
    fn r136_a_glance_measures_what_looking_would() {
        for text in [
            "",
            "plain",
            "e\u{301}",
            "ae\u{301}b",
            "日本",
            "a日",
            "a👩‍👩‍👧 b",
            "~\u{301}\u{301}",
        ] {
            let by_sign: usize = text.graphemes(true).map(UnicodeWidthStr::width).sum();
            assert_eq!(width(text), by_sign, "{text:?}");
        }
    }

    // R136: a column is exactly as wide as asked for, whatever is in it.
    #[test]
    fn r136_columns_are_exact() {
        for text in [
            "",
            "abc",
            "日本語テキスト",
            "e\u{301}e\u{301}e\u{301}e\u{301}",
            "👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧",
        ] {
            for columns in 0..12 {
                assert_eq!(width(&fit(text, columns, "…")), columns, "{text:?}");
                assert_eq!(width(&fit_right(text, columns, "…")), columns, "{text:?}");
            }
        }
        assert_eq!(fit("abcdef", 4, "…"), "abc…");
        assert_eq!(fit_right("7", 3, "…"), "  7");
    }
}
