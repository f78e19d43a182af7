//! What must never go out: blocked phrases, personal data and hidden characters.

use chimera_domain::{policy::JudgePolicy, text::Safe, verdict::Case};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::{Detectors, Finding};
use chimera_minds::{blocks, lexicon::Words};

pub(super) fn check(case: &Case, policy: &JudgePolicy, detectors: Detectors) -> Finding {
    let mut found = Finding::clean();
    let post = case.post();
    let fields = std::iter::once(("text", post.text.as_str()))
        .chain(post.media.iter().map(|m| ("alt_text", m.alt_text.as_str())));
    for (field, text) in fields {
        let words = Words::of(text);
        for phrase in &policy.blocked_phrases {
            if let Some(span) = words.find(phrase) {
                found.block(format!("`{span}` in {field} is a blocked phrase"));
            }
        }
        if hides(text) {
            found.block(format!("hidden characters in {field}"));
        }
        let folded: String = text.nfkc().collect();
        if has_email(&folded) {
            found.block(format!("an e-mail address in {field}"));
        }
        if has_phone(&folded) {
            found.block(format!("a telephone number in {field}"));
        }
        if detectors == Detectors::All {
            for block in blocks::find(text) {
                found.block(format!("{} in {field} ({})", block.what, block.rule));
            }
        }
    }
    found
}

/// Whether a reader would not see all of the text: what `Safe` would have to show as a code. A joiner
/// between emoji and U+FE0F are part of what is seen.
fn hides(text: &str) -> bool {
    text.graphemes(true).any(|grapheme| {
        let controls = grapheme
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        let invisible = !grapheme.is_ascii() && Safe::line(grapheme).as_str().contains("<U+");
        let loose_joiner = grapheme.ends_with('\u{200d}') || grapheme.contains("\u{200d}\u{200d}");
        let selectors = grapheme
            .chars()
            .any(|c| matches!(c, '\u{fe00}'..='\u{fe0d}'));
        controls || invisible || loose_joiner || selectors
    })
}

/// A name, `@` and a host whose last part is made of letters, wherever they stand.
fn has_email(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let named = text[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || "_%+-.".contains(c));
        let rest = &text[at + 1..];
        let host = rest
            .find(|c: char| !c.is_alphanumeric() && c != '-' && c != '.')
            .map_or(rest, |end| &rest[..end])
            .trim_end_matches(['.', '-']);
        let last_is_a_domain = host.rsplit_once('.').is_some_and(|(before, last)| {
            !before.is_empty() && last.chars().count() >= 2 && last.chars().any(char::is_alphabetic)
        });
        named && !host.starts_with('.') && last_is_a_domain
    })
}

const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// So many separators may stand between two digits of a number: ` (0) `.
const PHONE_GAP_MAX: usize = 3;

/// `+` and at least nine digits; anything looser takes prices and dates for numbers of people.
fn has_phone(text: &str) -> bool {
    text.match_indices('+').any(|(at, _)| {
        let sum = text[..at].ends_with(|c: char| c.is_ascii_digit());
        !sum && is_phone(&text[at + 1..])
    })
}

fn is_phone(rest: &str) -> bool {
    let (mut digits, mut gap) = (0, 0);
    let (mut thousands, mut commas, mut group) = (true, false, 0);
    for (at, c) in rest.char_indices() {
        if c.is_ascii_digit() {
            if gap > 0 && digits > 0 && is_date(&rest[at..]) {
                return false;
            }
            digits += 1;
            group += 1;
            gap = 0;
            if digits > *PHONE_DIGITS.end() {
                return false;
            }
            let after = &rest[at + 1..];
            let number = commas && thousands && group == 3; // +12,000,000,000
            if PHONE_DIGITS.contains(&digits)
                && !after.starts_with(|c: char| c.is_ascii_digit())
                && !number
            {
                return true;
            }
        } else if c == ',' {
            if gap > 0 || !rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()) {
                return false;
            }
            thousands &= !commas || group == 3;
            (commas, group, gap) = (true, 0, 1);
        } else if gap < PHONE_GAP_MAX && " -().\u{2010}\u{2011}\u{2012}\u{2013}/".contains(c) {
            thousands &= !commas || group == 3;
            (gap, group) = (gap + 1, 0);
        } else {
            return false;
        }
    }
    false
}

/// `2026-11-21`
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shaped && !bytes.get(10).is_some_and(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, policy};

    fn blocked(text: &str) -> bool {
        let mut case = case();
        case.call.post.text = text.to_owned();
        check(&case, &policy().judge, Detectors::All).hard_block
    }

    // R59: personal data and blocked phrases are found, look-alikes are not.
    #[test]
    fn r59_personal_data_and_blocked_phrases_block() {
        for bad in [
            "write to jo@example.org!",
            "call +4915112345678",
            "GUARANTEED returns",
            "call +49 151 12345678",
            "call +49 151 12345678 in 2026 or 2027",
            "call +4915112345678, now",
            "call +49,151,12345678",
            "(+49)1511234567",
            "+49 (0)151-1234567.",
            "tel:＋4915112345678",
            "jo@example.org/x",
            "jo@example.org, please",
            "<jo@example.org>",
            "mail:jo.doe+x@mail.example.org.",
            "jo＠example.org",
        ] {
            assert!(blocked(bad), "{bad}");
        }
        for fine in [
            "by @studioaro",
            "down 12-15 % in 2026",
            "+12 looks",
            "returns are guaranteed by law",
            "@fae",
            "cc @fae. Linen",
            "since 2026-11-21 at $1,299.00",
            "+12, 2026-11-21",
            "+100 (2026-11-21)",
            "+12,000,000,000 views",
            "look @ example.org",
        ] {
            assert!(!blocked(fine), "{fine}");
        }
    }

    // R59, R138: what a reader cannot see is not published; emoji and line breaks are seen.
    #[test]
    fn r59_hidden_characters_block() {
        for bad in [
            "pay\u{200b}pal",
            "user\u{202e}nimda",
            "a\u{2066}b",
            "tag\u{e0041}",
            "soft\u{ad}hyphen",
            "a\u{200d}b",
            "👩\u{200d} alone",
            "a\u{fe00}b",
            "\u{feff}start",
            "esc\u{1b}[31m",
        ] {
            assert!(blocked(bad), "{bad:?}");
            let mut case = case();
            case.call.post.media[0].alt_text = bad.to_owned();
            let found = check(&case, &policy().judge, Detectors::All);
            let hidden = |finding: &String| finding.contains("hidden characters in alt_text");
            assert!(found.findings.iter().any(hidden));
        }
        for fine in [
            "👩‍👩‍👧 and I \u{2764}\u{fe0f} it",
            "🏳\u{fe0f}\u{200d}🌈 ☺\u{fe0e}",
            "one\r\ntwo\n\tthree",
            "مرحبا <U+200B> naïve café नमस्ते",
        ] {
            assert!(!blocked(fine), "{fine:?}");
        }
    }
}
