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
        if blocks::has_email(&folded) {
            found.block(format!("an e-mail address in {field}"));
        }
        if blocks::has_phone(&folded) {
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
