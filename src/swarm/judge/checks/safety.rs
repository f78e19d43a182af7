//! What must never go out: blocked phrases, and personal data in the text.

use chimera_domain::{policy::JudgePolicy, verdict::Case};

use super::Finding;
use crate::lexicon::Words;

pub(super) fn check(case: &Case, policy: &JudgePolicy) -> Finding {
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
        for word in text.split_whitespace() {
            if is_email(word) {
                found.block(format!("an e-mail address in {field}"));
            } else if is_phone(word) {
                found.block(format!("a telephone number in {field}"));
            }
        }
    }
    found
}

fn is_email(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.contains(['@', '/'])
    })
}

/// `+` and at least nine digits; anything looser takes prices and dates for numbers of people.
fn is_phone(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    word.starts_with('+')
        && (9..=15).contains(&digits)
        && word
            .chars()
            .skip(1)
            .all(|c| c.is_ascii_digit() || "-().".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, policy};

    fn blocked(text: &str) -> bool {
        let mut case = case();
        case.call.post.text = text.to_owned();
        check(&case, &policy().judge).hard_block
    }

    // R59: personal data and blocked phrases are found, look-alikes are not.
    #[test]
    fn r59_personal_data_and_blocked_phrases_block() {
        for bad in [
            "write to jo@example.org!",
            "call +4915112345678",
            "GUARANTEED returns",
        ] {
            assert!(blocked(bad), "{bad}");
        }
        for fine in [
            "by @studioaro",
            "down 12-15 % in 2026",
            "+12 looks",
            "returns are guaranteed by law",
        ] {
            assert!(!blocked(fine), "{fine}");
        }
    }
}
