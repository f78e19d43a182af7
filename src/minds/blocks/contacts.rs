//! Where a person can be reached: e-mail addresses and telephone numbers.

use std::ops::Range;

/// Whether there is an e-mail address in the text.
#[must_use]
pub fn has_email(text: &str) -> bool {
    emails(text).next().is_some()
}

/// Whether there is a telephone number in the text.
#[must_use]
pub fn has_phone(text: &str) -> bool {
    phones(text).next().is_some()
}

/// A name, `@` and a host whose last part is made of letters, wherever they stand.
pub(super) fn emails(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('@').filter_map(|(at, _)| {
        let of_name = |c: char| c.is_alphanumeric() || "_%+-.".contains(c);
        let before = text.get(..at)?;
        let name = before.trim_end_matches(of_name);
        let rest = text.get(at + 1..)?;
        let host = rest
            .find(|c: char| !c.is_alphanumeric() && c != '-' && c != '.')
            .map_or(rest, |end| &rest[..end])
            .trim_end_matches(['.', '-']);
        let last_is_a_domain = host.rsplit_once('.').is_some_and(|(before, last)| {
            !before.is_empty() && last.chars().count() >= 2 && last.chars().any(char::is_alphabetic)
        });
        (name.len() < at && !host.starts_with('.') && last_is_a_domain)
            .then_some(name.len()..at + 1 + host.len())
    })
}

const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// So many separators may stand between two digits of a number: ` (0) `.
const PHONE_GAP_MAX: usize = 3;

/// `+` and at least nine digits; anything looser takes prices and dates for numbers of people.
pub(super) fn phones(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('+').filter_map(|(at, _)| {
        let sum = text.get(..at)?.ends_with(|c: char| c.is_ascii_digit());
        let length = phone(text.get(at + 1..)?)?;
        (!sum).then_some(at..at + 1 + length)
    })
}

/// `555-010-4477`, `(555) 010 4477`: as in North America, which writes no `+`. Looser than [`phones`], and nothing that a
/// post would be stopped for.
pub(super) fn local_phones(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.char_indices().filter_map(|(at, c)| {
        let begins = text
            .get(..at)?
            .chars()
            .next_back()
            .is_none_or(|before| !before.is_alphanumeric() && !"+-./$#_=".contains(before));
        let opens = c == '(';
        if !begins || !(opens || c.is_ascii_digit()) {
            return None;
        }
        let rest = text.get(at..)?.as_bytes();
        let mut to = usize::from(opens);
        digits(rest, &mut to, 3)?;
        if opens {
            (rest.get(to) == Some(&b')')).then_some(())?;
            to += 1;
        }
        let separator = *rest.get(to)?;
        if matches!(separator, b'-' | b'.' | b' ') {
            to += 1;
        } else if !opens {
            return None;
        }
        digits(rest, &mut to, 3)?;
        matches!(rest.get(to)?, b'-' | b'.' | b' ').then_some(())?;
        to += 1;
        digits(rest, &mut to, 4)?;
        let ends = rest
            .get(to)
            .is_none_or(|after| !after.is_ascii_alphanumeric() && *after != b'-');
        ends.then_some(at..at + to)
    })
}

/// Goes past so many digits.
fn digits(bytes: &[u8], to: &mut usize, count: usize) -> Option<()> {
    let run = bytes.get(*to..*to + count)?;
    run.iter().all(u8::is_ascii_digit).then(|| *to += count)
}

/// How long the number is that begins here.
fn phone(rest: &str) -> Option<usize> {
    let (mut digits, mut gap) = (0, 0);
    let (mut thousands, mut commas, mut group) = (true, false, 0);
    for (at, c) in rest.char_indices() {
        if c.is_ascii_digit() {
            if gap > 0 && digits > 0 && is_date(&rest[at..]) {
                return None;
            }
            digits += 1;
            group += 1;
            gap = 0;
            if digits > *PHONE_DIGITS.end() {
                return None;
            }
            let after = &rest[at + 1..];
            let number = commas && thousands && group == 3; // +12,000,000,000
            if PHONE_DIGITS.contains(&digits)
                && !after.starts_with(|c: char| c.is_ascii_digit())
                && !number
            {
                return Some(at + 1);
            }
        } else if c == ',' {
            if gap > 0 || !rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            thousands &= !commas || group == 3;
            (commas, group, gap) = (true, 0, 1);
        } else if gap < PHONE_GAP_MAX && " -().\u{2010}\u{2011}\u{2012}\u{2013}/".contains(c) {
            thousands &= !commas || group == 3;
            (gap, group) = (gap + 1, 0);
        } else {
            return None;
        }
    }
    None
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
