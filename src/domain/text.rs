//! Safe text: the one type through which outside text reaches a screen, a title, a log or an export.
//!
//! The rules and the facts behind them are in `docs/adr/0003-safe-text.md`: control characters and
//! invisible ones are made visible instead of dropped, because an operator who decides on a text
//! must see that it hides something.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text that cannot steer a terminal. Made only by [`Safe::line`] and [`Safe::block`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
#[serde(transparent)]
pub struct Safe(String);

/// More combining marks than this on one letter draw over the neighbouring rows.
const COMBINING_MAX: usize = 4;
/// A grapheme of more bytes than this is cut: no script needs it, and terminals disagree on it.
const GRAPHEME_BYTES_MAX: usize = 32;
const TAB: &str = "    ";

impl Safe {
    /// Cleans text for one line: line breaks become `⏎`.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self(clean(text, Breaks::Shown))
    }

    /// Cleans text of several lines: `\n` stays, every other control character is shown.
    #[must_use]
    pub fn block(text: &str) -> Self {
        Self(clean(text, Breaks::Kept))
    }

    /// The clean text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many terminal columns the text takes, by grapheme.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.graphemes(true).map(UnicodeWidthStr::width).sum()
    }

    /// At most `columns` columns; cut text ends in `…`.
    #[must_use]
    pub fn cut(&self, columns: usize) -> Self {
        if self.width() <= columns {
            return self.clone();
        }
        let mut out = String::new();
        let mut used = 0;
        for grapheme in self.0.graphemes(true) {
            let width = grapheme.width();
            if used + width + 1 > columns {
                break;
            }
            out.push_str(grapheme);
            used += width;
        }
        if columns > 0 {
            out.push('…');
        }
        Self(out)
    }
}

impl std::fmt::Display for Safe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for Safe {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Outside text as it is kept: control characters become spaces, invisible ones go, white space is
/// folded, and at most `chars_max` characters stay. Unlike [`Safe`] this is not for the eye but for
/// matching, prompts and drafts, where nothing hidden may survive.
#[must_use]
pub fn plain(text: &str, chars_max: usize) -> String {
    let visible = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c });
    let mut out = String::new();
    for word in visible.collect::<String>().split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    match out.char_indices().nth(chars_max) {
        Some((cut, _)) => out[..cut].trim_end().to_owned(),
        None => out,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Shown,
    Kept,
}

fn clean(text: &str, breaks: Breaks) -> String {
    let mut out = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        if grapheme == "\r\n" {
            push_break(breaks, &mut out);
        } else {
            clean_grapheme(grapheme, breaks, &mut out);
        }
    }
    out
}

fn clean_grapheme(grapheme: &str, breaks: Breaks, out: &mut String) {
    let mut marks = 0;
    let mut bytes = 0;
    for c in grapheme.chars() {
        match c {
            '\n' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                push_break(breaks, out)
            }
            '\t' => out.push_str(TAB),
            // Terminals and libraries disagree on its width; see the ADR.
            '\u{fe0f}' => {}
            // A joiner inside an emoji is what makes it one picture; anywhere else it is invisible.
            '\u{200d}' if joins_emoji(grapheme) => out.push(c),
            c if (c as u32) < 0x20 => push_char(char::from_u32(0x2400 + c as u32), out),
            '\u{7f}' => out.push('\u{2421}'),
            c if c.is_control() || is_invisible(c) => {
                out.push_str(&format!("<U+{:04X}>", c as u32));
            }
            c => {
                if c.width() == Some(0) {
                    marks += 1;
                    if marks > COMBINING_MAX {
                        continue;
                    }
                }
                bytes += c.len_utf8();
                if bytes <= GRAPHEME_BYTES_MAX {
                    out.push(c);
                }
            }
        }
    }
}

fn push_break(breaks: Breaks, out: &mut String) {
    out.push(match breaks {
        Breaks::Shown => '⏎',
        Breaks::Kept => '\n',
    });
}

fn push_char(c: Option<char>, out: &mut String) {
    out.push(c.unwrap_or('\u{fffd}'));
}

fn joins_emoji(grapheme: &str) -> bool {
    grapheme
        .chars()
        .any(|c| matches!(c as u32, 0x1f000..=0x1faff | 0x2600..=0x27bf | 0x2b00..=0x2bff))
}

/// Characters that change the reading of a text without showing: the twelve of Unicode's
/// `Bidi_Control`, zero-width ones, fillers, tags and noncharacters.
const fn is_invisible(c: char) -> bool {
    matches!(
        c as u32,
        0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 // Bidi_Control
        | 0x00ad | 0x034f | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200d | 0x2060..=0x2065 | 0x206a..=0x206f | 0x3164 | 0xfeff | 0xffa0
        | 0xfff0..=0xfffb | 0xfffe | 0xffff | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
        | 0xe0000..=0xe0fff
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(raw: &str, line: &str) {
        assert_eq!(Safe::line(raw).as_str(), line);
    }

    // R138: what could steer a terminal is shown, not obeyed and not hidden.
    #[test]
    fn r138_controls_are_shown() {
        check("\u{1b}[31mred", "␛[31mred");
        check("a\u{7}b\u{7f}", "a␇b␡");
        check("\u{9b}31m", "<U+009B>31m");
        check("a\tb\r\nc\u{2028}d", "a    b⏎c⏎d");
        check("user\u{202e}nimda", "user<U+202E>nimda");
        check("pay\u{200b}pal", "pay<U+200B>pal");
        check("I \u{2764}\u{fe0f} it", "I \u{2764} it");
        check("مرحبا", "مرحبا");
        check("👩‍👩‍👧", "👩‍👩‍👧");
        assert_eq!(Safe::block("a\r\nb\tc").as_str(), "a\nb    c");
    }

    // R34: nothing hidden survives in what is kept, and it is bounded.
    #[test]
    fn r34_plain_text_hides_nothing_and_is_bounded() {
        assert_eq!(
            plain(" a\u{1b}[0m\u{200b}b\n\tc \u{202e}d ", 100),
            "a [0mb c d"
        );
        assert_eq!(plain("one two three", 7), "one two");
    }

    // R136: cut text says so and keeps the columns.
    #[test]
    fn r136_cut_ends_in_an_ellipsis_and_fits() {
        assert_eq!(Safe::line("日本語テキスト").cut(5).as_str(), "日本…");
        assert_eq!(Safe::line("short").cut(5).as_str(), "short");
        assert_eq!(Safe::line("abc").cut(0).as_str(), "");
    }

    proptest! {
        // R138: whatever comes in, no control and no bidirectional override goes out, and cleaning twice changes nothing.
        #[test]
        fn r138_no_control_character_survives(raw in "\\PC*|[\\x00-\\u{ff}]*|.*") {
            let line = Safe::line(&raw);
            prop_assert!(line.as_str().chars().all(|c| !c.is_control() && !matches!(c as u32, 0x202a..=0x202e | 0x2066..=0x2069 | 0x200b | 0xfeff)));
            let block = Safe::block(&raw);
            prop_assert!(block.as_str().chars().all(|c| c == '\n' || !c.is_control()));
            for columns in [0, 1, 2, 7, 40] {
                prop_assert!(line.cut(columns).width() <= columns);
            }
        }
    }
}
