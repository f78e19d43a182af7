//! Outside text made safe to show and to store: one line, no controls, no direction tricks, bounded.

use unicode_segmentation::UnicodeSegmentation;

/// Plain text in one line of at most `max` graphemes; longer text ends in an ellipsis inside that bound.
pub(crate) fn line(text: &str, max: usize) -> String {
    let visible: String = text.chars().filter_map(keep).collect();
    let one_line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    clamp(&one_line, max)
}

/// At most `max` graphemes of `text`, an ellipsis taking the place of the last when something was cut.
pub(crate) fn clamp(text: &str, max: usize) -> String {
    // A grapheme is at least one byte, so short text needs no segmentation.
    if text.len() <= max || text.graphemes(true).count() <= max {
        return text.to_owned();
    }
    let mut kept: String = text.graphemes(true).take(max.saturating_sub(1)).collect();
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// How many characters a reader sees.
pub(crate) fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Controls become spaces (they separate words); invisible and direction characters vanish. Joiners stay, because
/// Persian spelling and emoji families need them.
fn keep(c: char) -> Option<char> {
    match c {
        c if c.is_control() => Some(' '),
        '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        '\u{ad}' | '\u{180e}' => None,
        c if is_noncharacter(c) => None,
        c => Some(c),
    }
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Controls, direction overrides and tag characters never reach a reader; words stay apart.
    #[test]
    fn hidden_characters_are_removed() {
        assert_eq!(line("a\u{1b}[2J\u{202e}b\r\n\tc\u{200b}d", 50), "a [2Jb cd");
        assert_eq!(line("می\u{200c}خواهم", 50), "می\u{200c}خواهم");
    }

    /// A bound counts what a reader sees, and cut text says that it was cut.
    #[test]
    fn bounds_count_graphemes() {
        assert_eq!(clamp("👩‍👩‍👧é", 2), "👩‍👩‍👧é");
        assert_eq!(clamp("abcdef", 4), "abc…");
        assert_eq!(clamp("", 0), "");
    }
}
