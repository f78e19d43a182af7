//! Taking private data and secrets out of what a stranger wrote, before a model or a tool reads it: none of them needs
//! a telephone number to write about a jacket. What was there is said in its place, so that whoever reads on sees that
//! something was taken out, and what.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::{Block, Found, contacts, numbers, secrets};

static EMAIL: Block = Block {
    rule: "private_data/email",
    what: "an e-mail address",
};
static PHONE: Block = Block {
    rule: "private_data/phone",
    what: "a telephone number",
};

/// A text without what was taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The text; as it was where nothing was taken out.
    pub text: String,
    /// What was taken out, one for each: `an e-mail address`.
    pub taken: Vec<&'static str>,
}

impl Redacted {
    /// The text without the sentences that something was taken out of: what is left of those is about reaching somebody.
    #[must_use]
    pub fn whole_sentences(&self) -> String {
        let sentences = self.text.split_sentence_bounds();
        let whole: String = sentences
            .filter(|sentence| {
                !self
                    .taken
                    .iter()
                    .any(|what| sentence.contains(&redaction_mark(what)))
            })
            .collect();
        whole.trim().to_owned()
    }
}

/// The first place in a text that says that something was taken out, as it is written there.
#[must_use]
pub fn find_redaction(text: &str) -> Option<String> {
    let whats = [&EMAIL, &PHONE]
        .into_iter()
        .chain(numbers::ALL)
        .chain(secrets::all())
        .map(|block| redaction_mark(block.what));
    let places = whats.filter_map(|mark| Some((text.find(&mark)?, mark)));
    places.min().map(|(_, mark)| mark)
}

/// Takes private data and secrets out.
#[must_use]
pub fn redact(text: &str) -> Redacted {
    let mut redacted = Redacted {
        text: text.to_owned(),
        taken: Vec::new(),
    };
    // What stood right behind a number may be one itself, now that the number is gone.
    while let Some(next) = once(&redacted.text) {
        redacted.text = next.text;
        redacted.taken.extend(next.taken);
    }
    redacted
}

/// The text without what is found in it as it is; `None` where nothing is.
fn once(text: &str) -> Option<Redacted> {
    let folded: String = text.nfkc().collect();
    let mut found: Vec<Found> = secrets::find(&folded);
    found.extend(numbers::find(&folded));
    found.extend(contacts::emails(&folded).map(|range| Found::new(range, &EMAIL)));
    found.extend(contacts::phones(&folded).map(|range| at_its_end(&folded, range)));
    found.extend(contacts::local_phones(&folded).map(|range| Found::new(range, &PHONE)));
    // What begins first, and of those the longest, covers what overlaps it.
    found.sort_by_key(|one| (one.range.start, std::cmp::Reverse(one.range.end)));
    let mut redacted = Redacted {
        text: String::with_capacity(folded.len()),
        taken: Vec::new(),
    };
    let mut done = 0;
    for one in found {
        if one.range.start >= done {
            redacted.text.push_str(&folded[done..one.range.start]);
            redacted.text.push_str(&redaction_mark(one.block.what));
            redacted.taken.push(one.block.what);
        }
        done = done.max(one.range.end);
    }
    redacted.text.push_str(&folded[done..]);
    (!redacted.taken.is_empty()).then_some(redacted)
}

/// What stands in the place of what was taken out: `[e-mail address]` of `an e-mail address`.
#[must_use]
pub fn redaction_mark(what: &str) -> String {
    format!("[{}]", what.split_once(' ').map_or(what, |(_, what)| what))
}

/// A number is known to be one before it ends; the groups that follow are part of it.
fn at_its_end(text: &str, range: Range<usize>) -> Found {
    let mut end = range.end;
    let mut gap = false;
    for (at, c) in text[range.end..].char_indices() {
        if c.is_ascii_digit() {
            end = range.end + at + 1;
            gap = false;
        } else if gap || !matches!(c, ' ' | '-' | '/' | '.') {
            break;
        } else {
            gap = true;
        }
    }
    Found::new(range.start..end, &PHONE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // R160: what is somebody's is gone from the text, and what it was is said in its place.
    #[test]
    fn r160_private_data_and_secrets_are_taken_out_and_named() {
        for (text, left) in [
            (
                "Write to jo.doe+x@mail.example.org, please",
                "Write to [e-mail address], please",
            ),
            ("call +49 151 12345678 now", "call [telephone number] now"),
            ("call (555) 010-4477.", "call [telephone number]."),
            ("or 555-010-4477", "or [telephone number]"),
            (
                "card 4111 1111 1111 1111, ok",
                "card [payment card number], ok",
            ),
            (
                "IBAN DE89 3704 0044 0532 0130 00",
                "IBAN [bank account number (IBAN)]",
            ),
            (
                "key=AKIAIOSFODNN7EXAMPLE;",
                "key=[key of Amazon Web Services];",
            ),
            ("password: hunter22 is bad", "password: [password] is bad"),
            (
                "from 84.112.7.9 again",
                "from [internet address of a machine] again",
            ),
            (
                "a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b",
                "a [private key] b",
            ),
        ] {
            assert_eq!(redact(text).text, left);
        }
        let twice = redact("jo@example.org and ann@example.org and 123-45-6789");
        assert_eq!(
            twice.taken,
            [
                "an e-mail address",
                "an e-mail address",
                "a US social security number"
            ]
        );
    }

    // R160: what is left of a sentence that something was taken out of is not for a post, and a mark is found wherever it stands.
    #[test]
    fn r160_a_sentence_that_lost_something_is_left_out_whole() {
        let redacted =
            redact("Linen is back. Call +49 151 12345678 or jo@example.org. It costs 90 dollars.");
        assert_eq!(
            redacted.whole_sentences(),
            "Linen is back. It costs 90 dollars."
        );
        assert_eq!(
            find_redaction(&redacted.text).as_deref(),
            Some("[telephone number]")
        );
        let clean = redact("Linen is back. [sic]");
        assert_eq!(clean.whole_sentences(), "Linen is back. [sic]");
        assert_eq!(find_redaction(&clean.text), None);
        for text in [
            "4111 1111 1111 1111",
            "123-45-6789",
            "key=AKIAIOSFODNN7EXAMPLE;",
            "password: hunter22",
        ] {
            let redacted = redact(text);
            assert!(find_redaction(&redacted.text).is_some(), "{text}");
            assert!(!redacted.whole_sentences().contains('['));
        }
    }

    // R160: prices, dates, versions and quantities stay: a post needs them.
    #[test]
    fn r160_what_is_nobodys_stays_as_it_is() {
        for text in [
            "Linen sales up 12,000,000 in 2026-11-21, version 1.2.3.4",
            "The 2024-2025 season: 555-1234 tickets at $19.99",
            "Ｆｕｌｌ width stays full width",
            "follow @jo for more, 10+ years, 50+100",
            "ISBN 978-3-16-148410-0, RFC 2119, 127.0.0.1",
        ] {
            let redacted = redact(text);
            assert_eq!((redacted.text.as_str(), redacted.taken.len()), (text, 0));
        }
    }

    proptest! {
        // R160: nothing that is found is still there after, and taking out once is enough.
        #[test]
        fn r160_nothing_found_is_left(text in r"([a-z@.+0-9 ()/-]|jo@a\.org|\+49 151 12345678|4111111111111111|\n){0,80}") {
            let once = redact(&text);
            let again = redact(&once.text);
            prop_assert_eq!(&again.text, &once.text);
            prop_assert!(!contacts::has_email(&once.text) && !contacts::has_phone(&once.text));
            prop_assert!(numbers::find(&once.text).is_empty() && secrets::find(&once.text).is_empty());
        }
    }
}
