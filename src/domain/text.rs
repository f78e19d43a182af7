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
        width(&self.0)
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

/// JSON as it may be shown: whatever [`Safe`] would not leave as it is stands there as `\u…`. A reader gets the
/// value unchanged, and a terminal gets nothing to obey. Line breaks between values stay.
#[must_use]
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let shows = !c.is_control() && !is_invisible(c) && !is_selector(c) && !is_break(c);
        if shows || c == '\n' {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// A cell of a table for spreadsheets. Text that one would calculate gets an apostrophe before it, as outside text may be a
/// formula.
#[must_use]
pub fn cell(text: &str) -> String {
    let calculated = text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = if calculated {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Shown,
    Kept,
}

/// How many terminal columns a text takes, by grapheme.
#[must_use]
pub fn width(text: &str) -> usize {
    let (plain, rest) = split_plain(text);
    let wide: usize = rest.graphemes(true).map(UnicodeWidthStr::width).sum();
    plain.len() + wide
}

/// What a text begins with that is nothing but letters, digits, punctuation and spaces of ASCII, each one byte and one
/// column, and the rest. Most text is plain all through, and segmenting it would cost more than all else on its way to
/// the screen. The last of them goes to the rest: a combining mark may follow it.
#[must_use]
pub fn split_plain(text: &str) -> (&str, &str) {
    let plain = text.bytes().position(|byte| !matches!(byte, b' '..=b'~'));
    let at = plain.map_or(text.len(), |at| at.saturating_sub(1));
    text.split_at_checked(at).unwrap_or(("", text))
}

/// First every character that must not go out becomes something that shows, then what is left is bounded. In this order,
/// because what becomes visible may join the letter before it.
fn clean(text: &str, breaks: Breaks) -> String {
    let (plain, rest) = split_plain(text);
    let mut shown = String::with_capacity(rest.len());
    for grapheme in rest.graphemes(true) {
        if grapheme == "\r\n" {
            push_break(breaks, &mut shown);
        } else {
            show(grapheme, breaks, &mut shown);
        }
    }
    let mut out = String::with_capacity(plain.len() + shown.len());
    out.push_str(plain);
    for grapheme in shown.graphemes(true) {
        bound(grapheme, &mut out);
    }
    out
}

fn show(grapheme: &str, breaks: Breaks, out: &mut String) {
    let mut before = None;
    let mut chars = grapheme.chars().filter(|c| !is_selector(*c)).peekable();
    while let Some(c) = chars.next() {
        match c {
            c if is_break(c) => push_break(breaks, out),
            '\t' => out.push_str(TAB),
            // Between two pictures a joiner is what makes them one; anywhere else it is invisible.
            JOINER
                if before.is_some_and(is_picture)
                    && chars.peek().copied().is_some_and(is_picture) =>
            {
                out.push(c);
            }
            c if (c as u32) < 0x20 => out.push(char::from_u32(0x2400 + c as u32).unwrap_or(CUT)),
            '\u{7f}' => out.push('\u{2421}'),
            c if c.is_control() || is_invisible(c) => {
                out.push_str(&format!("<U+{:04X}>", c as u32));
            }
            c => out.push(c),
        }
        before = Some(c);
    }
}

/// A letter with a bounded number of marks, and of bounded length.
fn bound(grapheme: &str, out: &mut String) {
    let mut kept = String::with_capacity(grapheme.len());
    let mut marks = 0;
    for c in grapheme.chars() {
        marks += usize::from(is_mark(c));
        if marks <= COMBINING_MAX || !is_mark(c) {
            kept.push(c);
        }
    }
    if kept.len() > GRAPHEME_BYTES_MAX {
        let end = kept.floor_char_boundary(GRAPHEME_BYTES_MAX - CUT.len_utf8());
        kept.truncate(end);
        kept.truncate(kept.trim_end_matches(JOINER).len());
        kept.push(CUT);
    }
    out.push_str(&kept);
}

fn push_break(breaks: Breaks, out: &mut String) {
    out.push(match breaks {
        Breaks::Shown => '⏎',
        Breaks::Kept => '\n',
    });
}

const JOINER: char = '\u{200d}';
/// Stands for what was cut from a letter that is too long.
const CUT: char = '…';

const fn is_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a sign before it is drawn as text or as a picture. Terminals and libraries disagree on the width of either;
/// see the ADR.
const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}')
}

const fn is_picture(c: char) -> bool {
    matches!(
        c as u32,
        0x1f000..=0x1faff | 0x2190..=0x21ff | 0x2600..=0x27bf | 0x2b00..=0x2bff
    )
}

/// A sign that is drawn over the letter before it. The vowels and tails of Hangul are not: they are parts of one.
fn is_mark(c: char) -> bool {
    let is_hangul = matches!(c as u32, 0x1160..=0x11ff | 0xd7b0..=0xd7ff);
    c != JOINER && !is_hangul && c.width() == Some(0)
}

/// Characters that change the reading of a text without showing: the twelve of Unicode's
/// `Bidi_Control`, zero-width ones, fillers, variation selectors, tags, other formatting and noncharacters.
const fn is_invisible(c: char) -> bool {
    let code = c as u32;
    matches!(
        code,
        0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 // Bidi_Control
        | 0x00ad | 0x034f | 0x115f | 0x1160 | 0x17b4 | 0x17b5 | 0x180b..=0x180f
        | 0x200b..=0x200d | 0x2060..=0x2065 | 0x206a..=0x206f | 0x3164 | 0xfdd0..=0xfdef
        | 0xfe00..=0xfe0d | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x13430..=0x1343f
        | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff
    ) || code & 0xfffe == 0xfffe
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

    // R138: the same value for whoever reads the JSON, and nothing in it for a terminal to obey.
    #[test]
    fn r138_json_shows_what_it_hides() {
        let raw = "a\u{7f}\u{9b}31m\u{202e}b\u{200d}\u{fe0f}\u{e0041}\u{2028}é日";
        let shown = json(&serde_json::to_string(raw).unwrap());
        assert_eq!(
            shown,
            "\"a\\u007f\\u009b31m\\u202eb\\u200d\\ufe0f\\udb40\\udc41\\u2028é日\""
        );
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), raw);
        assert_eq!(json("{}\n{}\n"), "{}\n{}\n");
    }

    // R138: every sign of the planes that have any, alone and inside a word: one that steers or hides is shown, every
    // other stays.
    #[test]
    fn r138_every_single_character() {
        let ends = (1..=16).flat_map(|plane| [plane * 0x10000 - 2, plane * 0x10000 - 1]);
        let planes = (0..0x20000).chain(0xe0000..0xe1000).chain(ends);
        for c in planes.filter_map(char::from_u32) {
            let alone = Safe::line(&c.to_string());
            check_clean(alone.as_str(), false);
            let inside = Safe::block(&format!("pay{c}pal"));
            check_clean(inside.as_str(), true);
            let stays = alone.as_str() == c.to_string();
            let steers = c.is_control() || is_break(c) || is_selector(c) || is_invisible(c);
            assert_eq!(stays, !(steers || c == JOINER), "U+{:04X}", u32::from(c));
            assert_eq!(alone.is_empty(), is_selector(c), "U+{:04X}", u32::from(c));
        }
    }

    // R138: what one letter may be: families and flags whole, conjuncts of Indic scripts whole, towers of marks and
    // endless chains not.
    #[test]
    fn r138_a_letter_is_bounded() {
        let kiss = "👩🏽\u{200d}❤\u{200d}💋\u{200d}👨🏿";
        for whole in [
            kiss,
            "🏳\u{200d}🌈",
            "🙂\u{200d}↔",
            "🇩🇪",
            "र्त्स्न्या",
            "བསྒྲུབས",
            "ᄀ\u{1161}\u{11a8}",
        ] {
            check(whole, whole);
        }
        check(
            &format!("{kiss}\u{200d}👩"),
            "👩🏽\u{200d}❤\u{200d}💋\u{200d}👨…",
        );
        check(
            &"👩\u{200d}".repeat(9),
            "👩\u{200d}👩\u{200d}👩\u{200d}👩…<U+200D>",
        );
        check(
            &format!("e{}", "\u{301}".repeat(400)),
            "e\u{301}\u{301}\u{301}\u{301}",
        );
        // A joiner that joins nothing hides, whatever is beside it.
        check("☀\u{200d}", "☀<U+200D>");
        check("☀\u{200d}\u{200d}☀", "☀<U+200D><U+200D>☀");
        check("a\u{200d}👩", "a<U+200D>👩");
        check("👩\u{301}\u{200d}👩", "👩\u{301}<U+200D>👩");
        // Signs that lead a letter could push it over the bound: what is cut is said.
        check(
            &format!("{}a0", "\u{600}".repeat(20)),
            &format!("{}…0", "\u{600}".repeat(14)),
        );
    }

    /// What holds for everything that was cleaned.
    fn check_clean(text: &str, block: bool) {
        for c in text.chars() {
            let code = u32::from(c);
            assert!(
                !c.is_control() || (block && c == '\n'),
                "control U+{code:04X}"
            );
            let bidi = matches!(code, 0x61c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069);
            assert!(!bidi, "bidirectional control U+{code:04X}");
            assert!(!is_selector(c), "U+{code:04X}");
            let hides = matches!(code, 0x200b | 0x200c | 0x2060 | 0xfeff | 0xad | 0xe0000..=0xe0fff | 0xfe00..=0xfe0f);
            assert!(!hides, "invisible U+{code:04X}");
        }
        for grapheme in text.graphemes(true) {
            assert!(
                grapheme.len() <= GRAPHEME_BYTES_MAX,
                "{} bytes: {grapheme:?}",
                grapheme.len()
            );
            let marks = grapheme.chars().filter(|c| is_mark(*c)).count();
            assert!(marks <= COMBINING_MAX, "{marks} marks: {grapheme:?}");
            let joins = grapheme.split(JOINER);
            let alone = joins.clone().count() > 1 && joins.into_iter().any(str::is_empty);
            assert!(!alone, "a joiner that joins nothing: {grapheme:?}");
        }
    }

    /// Text made of what makes trouble, so that one piece stands beside every other.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => proptest::sample::select(vec![
                "\u{1b}[2J", "\u{1b}]0;x\u{7}", "\u{9b}", "\u{90}", "\u{7f}", "\r\n", "\r", "\n", "\t", "\u{85}",
                "\u{2028}", "\u{200b}", "\u{200d}", "\u{200c}", "\u{feff}", "\u{fe0f}", "\u{fe0e}", "\u{fe01}",
                "\u{e0041}", "\u{e0101}", "\u{ad}", "\u{34f}", "\u{301}", "\u{489}", "\u{20dd}", "👩", "❤", "🏽",
                "🇩", "✓", "\u{600}", "\u{110bd}", "क", "\u{94d}", "\u{93e}", "ᄀ", "\u{1161}", "\u{11a8}", "각",
                "\u{d7b0}", "ﷺ", "𒐫", "日", "a", " ", "ع", "ש",
            ]).prop_map(str::to_owned),
            2 => proptest::sample::select(vec![
                '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
                '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
            ]).prop_map(String::from),
            1 => proptest::char::any().prop_map(String::from),
            1 => proptest::char::range('\u{0}', '\u{9f}').prop_map(String::from),
        ];
        // Some pieces again and again: towers and chains.
        let tower = (piece, prop_oneof![6 => Just(1_usize), 1 => 2_usize..40]);
        let tower = tower.prop_map(|(piece, times)| piece.repeat(times));
        proptest::collection::vec(tower, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        // R138: whatever comes in, by either way: no control and no bidirectional override goes out, nothing hides, every
        // letter is bounded, what was cut is clean too, and cleaning again changes nothing.
        #[test]
        fn r138_no_control_character_survives(raw in prop_oneof![hostile(), any::<String>()]) {
            let (line, block) = (Safe::line(&raw), Safe::block(&raw));
            check_clean(line.as_str(), false);
            check_clean(block.as_str(), true);
            prop_assert_eq!(&Safe::line(line.as_str()), &line);
            prop_assert_eq!(&Safe::block(block.as_str()), &block);
            for columns in [0, 1, 2, 7, 40] {
                let cut = line.cut(columns);
                prop_assert!(cut.width() <= columns);
                check_clean(cut.as_str(), false);
            }
        }

        // R138: what only reads from right to left stays, letter by letter; the two forms differ in how a line ends.
        #[test]
        fn r138_right_to_left_letters_stay(raw in "[א-תء-يپچژگ ,.0-9a-z\n]{0,60}") {
            let shown = raw.replace('\n', "⏎");
            let (line, block) = (Safe::line(&raw), Safe::block(&raw));
            prop_assert_eq!(line.as_str(), shown.as_str());
            prop_assert_eq!(block.as_str(), raw.as_str());
        }

        // R138: every way out of the type is the same clean text.
        #[test]
        fn r138_every_way_out_is_the_clean_text(raw in hostile()) {
            let line = Safe::line(&raw);
            prop_assert_eq!(line.to_string(), line.as_str());
            prop_assert_eq!(line.as_ref(), line.as_str());
            prop_assert_eq!(serde_json::to_value(&line).unwrap(), line.as_str());
            let padded = format!("{line:>9}");
            check_clean(&padded, false);
            let again = json(&serde_json::to_string(&raw).unwrap());
            prop_assert!(!again.contains(char::is_control));
            prop_assert_eq!(serde_json::from_str::<String>(&again).unwrap(), raw);
        }

        // R34: nothing hidden and no control is left in what is kept, whatever came in.
        #[test]
        fn r34_what_is_kept_hides_nothing(raw in hostile()) {
            let kept = plain(&raw, 50);
            prop_assert!(kept.chars().count() <= 50);
            prop_assert!(kept.chars().all(|c| !c.is_control() && !is_invisible(c)));
            prop_assert_eq!(plain(&kept, 50), kept);
        }
    }
}
