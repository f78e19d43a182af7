//! Numbers that are somebody's: each is believed by its checksum or its exact form alone.

use super::{Block, Found};

static IBAN: Block = Block {
    rule: "private_data/iban",
    what: "a bank account number (IBAN)",
};
static CARD: Block = Block {
    rule: "private_data/card",
    what: "a payment card number",
};
static SSN: Block = Block {
    rule: "private_data/us_ssn",
    what: "a US social security number",
};
static ADDRESS: Block = Block {
    rule: "private_data/ip_address",
    what: "an internet address of a machine",
};

/// Every kind.
pub(super) static ALL: [&Block; 4] = [&IBAN, &CARD, &SSN, &ADDRESS];

/// Separators within a number as people write it.
const fn between(c: char) -> bool {
    matches!(c, ' ' | '-' | '\u{a0}' | '\u{2011}')
}

pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        let begins = text[..at].chars().next_back().is_none_or(|before| {
            !before.is_alphanumeric() && !matches!(before, '.' | '-' | '/' | '_' | '=' | '$' | '#')
        });
        if !begins || !c.is_ascii_alphanumeric() {
            continue;
        }
        let rest = &text[at..];
        let mut note = |block: &Block, length: Option<usize>| {
            found.extend(length.map(|length| Found::new(at..at + length, block)));
        };
        if c.is_ascii_uppercase() {
            note(&IBAN, iban(rest));
        }
        if c.is_ascii_digit() {
            note(&CARD, card(rest));
            note(&SSN, is_ssn(rest).then_some(SSN_LENGTH));
            note(&ADDRESS, public_address(rest));
        }
    }
    found
}

/// Country, two check digits, then up to thirty: the whole moved round is 1 modulo 97. How long it is as it is written.
fn iban(rest: &str) -> Option<usize> {
    let (mut raw, mut ends): (Vec<u8>, Vec<usize>) = (Vec::with_capacity(34), Vec::new());
    let mut gap = 0;
    for (at, c) in rest.char_indices() {
        if c.is_ascii_uppercase() || c.is_ascii_digit() {
            raw.push(u8::try_from(c).unwrap_or(b'0'));
            ends.push(at + 1);
            gap = 0;
        } else if c == ' ' && gap == 0 {
            gap = 1;
        } else {
            break;
        }
        if raw.len() > 34 {
            return None;
        }
    }
    // What follows in capitals after a space need not belong to it.
    (15..=raw.len())
        .find(|length| raw.get(..*length).is_some_and(passes_97))
        .and_then(|length| ends.get(length - 1).copied())
}

fn passes_97(raw: &[u8]) -> bool {
    let Some((head, tail)) = raw.split_at_checked(4) else {
        return false;
    };
    let [a, b, c, d] = *head else {
        return false;
    };
    let shaped = a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && c.is_ascii_digit()
        && d.is_ascii_digit();
    let digits = tail.iter().filter(|byte| byte.is_ascii_digit()).count();
    if !shaped || digits * 2 < tail.len() {
        return false;
    }
    let remainder = tail.iter().chain(head).fold(0u32, |rest, byte| {
        if byte.is_ascii_digit() {
            (rest * 10 + u32::from(byte - b'0')) % 97
        } else {
            (rest * 100 + u32::from(byte - b'A') + 10) % 97
        }
    });
    remainder == 1
}

/// 15 or 16 digits, whole or in groups of at least three, of a known maker and with Luhn's check digit. How long it is as it
/// is written.
fn card(rest: &str) -> Option<usize> {
    let (mut digits, mut groups, mut gap) = (Vec::with_capacity(19), vec![0usize], false);
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        if let Some(digit) = c.to_digit(10) {
            end = at + 1;
            if gap {
                groups.push(0);
            }
            gap = false;
            digits.push(digit);
            if let Some(group) = groups.last_mut() {
                *group += 1;
            }
        } else if between(c) && !gap {
            gap = true;
        } else {
            // A word may follow after a space; what is attached makes it something else.
            if c.is_alphanumeric() && !gap || c == '.' && gap {
                return None;
            }
            break;
        }
        if digits.len() > 19 {
            return None;
        }
    }
    let maker = match digits.as_slice() {
        [3, 4 | 7, ..] => digits.len() == 15,
        [4, ..] | [5, 1..=5, ..] | [2, 2..=7, ..] | [6, 0 | 4 | 5, ..] => digits.len() == 16,
        _ => false,
    };
    let grouped = groups.len() == 1 || groups.iter().all(|group| *group >= 3) && groups.len() <= 4;
    let varied = digits.iter().any(|digit| digits.first() != Some(digit));
    (maker && grouped && varied && luhn(&digits)).then_some(end)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| match (n % 2, digit * 2) {
            (0, _) => *digit,
            (_, double) if double > 9 => double - 9,
            (_, double) => double,
        })
        .sum();
    sum.is_multiple_of(10)
}

const SSN_LENGTH: usize = 11;

/// `ddd-dd-dddd`, of a range that is given out.
fn is_ssn(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    let Some(head) = bytes.get(..SSN_LENGTH) else {
        return false;
    };
    let shaped = head.iter().enumerate().all(|(at, byte)| match at {
        3 | 6 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let ends = bytes
        .get(SSN_LENGTH)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-');
    let given = !matches!(head.get(..3), Some(b"000" | b"666")) && head.first() != Some(&b'9');
    let filled = head.get(4..6) != Some(b"00") && head.get(7..11) != Some(b"0000");
    shaped && ends && given && filled
}

/// Four numbers that make an address of the public network; private ranges and versions name nobody. How long it is.
fn public_address(rest: &str) -> Option<usize> {
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let written = rest[..end].trim_end_matches('.');
    let follows = rest[end..].chars().next();
    if follows.is_some_and(|c| c.is_alphanumeric() || c == '-') {
        return None;
    }
    let address = written.parse::<std::net::Ipv4Addr>().ok()?;
    let [first, second, third, _] = address.octets();
    // Versions are short: `1.2.3.4`, `10.15.7.1`.
    let version = first < 20 && second < 32 && third < 32;
    let nobodys = version
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_unspecified()
        || address.is_multicast()
        || matches!((first, second), (8, 8) | (1, 1) | (9, 9) | (255, _));
    (!nobodys).then_some(written.len())
}
