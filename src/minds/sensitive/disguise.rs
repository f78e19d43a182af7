//! Whether a text has anything in it that disguises words. It errs on the side of looking.

use unicode_normalization::is_nfkc;

/// Signs and digits that are read as letters.
const fn stands_for_letter(c: char) -> bool {
    matches!(c, '0' | '1' | '3' | '4' | '5' | '7' | '@' | '$' | '!' | '|')
}

/// So many letters make a digit beside them suspect: fewer are units and ordinals.
const RUN_MIN: usize = 3;

/// Whether letters of it may stand for others, or words of it be held apart by what is no space.
pub(crate) fn may_be(text: &str) -> bool {
    let mut before: [Option<char>; 3] = [None; 3];
    // Letters in a row, and whether a digit stood before them.
    let (mut run, mut after_digit) = (0usize, false);
    for c in text.chars() {
        let letter = c.is_alphabetic();
        // `casin0`, `4pple`
        let digit = c.is_ascii_digit() && stands_for_letter(c);
        if run >= RUN_MIN && (digit || letter && after_digit) {
            return true;
        }
        (run, after_digit) = match (letter, digit) {
            (true, _) => (run + 1, after_digit),
            (false, digit) => (0, digit),
        };
        let [third, second, first] = before;
        // `v4ccine`, `k!lled`, `$tock`
        if letter
            && first.is_some_and(stands_for_letter)
            && (second.is_some_and(char::is_alphabetic)
                || matches!(first, Some('@' | '$')) && second.is_none_or(char::is_whitespace))
        {
            return true;
        }
        // `k-i-l-l`, `k.i.l.l`
        let single = |c: Option<char>| c.is_some_and(|c| matches!(c, '-' | '.' | '_' | '*' | '~'));
        if letter && single(first) && second.is_some_and(char::is_alphabetic) && single(third) {
            return true;
        }
        // `k💉illed`, and what hides between two letters
        if letter
            && first.is_some_and(|c| {
                !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace() && !is_mark(c)
            })
            && second.is_some_and(|c| !c.is_whitespace())
        {
            return true;
        }
        // Letters of two scripts in one word, and those that are no alphabet of a language.
        let mixed = letter
            && first.is_some_and(|p| p.is_alphabetic() && is_latin(p) != is_latin(c))
            && !(is_ideograph(c) || first.is_some_and(is_ideograph));
        if mixed || letter && is_small_capital(c) {
            return true;
        }
        // `#StockPrice`: words written as one.
        if c == '#' {
            return true;
        }
        before = [second, first, Some(c)];
    }
    !text.is_ascii() && !is_nfkc(text)
}

/// Dashes and quotation marks, which stand between words of honest text.
const fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x2010..=0x2027 | 0x2030..=0x205e | 0xb0..=0xbf | 0x3000..=0x303f | 0xff00..=0xff0f)
}

const fn is_latin(c: char) -> bool {
    matches!(c as u32, 0x41..=0x24f | 0x1e00..=0x1eff)
}

const fn is_ideograph(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff)
}

const fn is_small_capital(c: char) -> bool {
    matches!(c as u32, 0x250..=0x2af | 0x1d00..=0x1d7f | 0x2c60..=0x2c7f | 0xa720..=0xa7ff | 0x1f100..=0x1f1ff)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R58: what hides words is looked through, plain text of any language is not.
    #[test]
    fn r58_disguise_is_told_from_plain_text() {
        for hidden in [
            "v4ccine",
            "k!lled",
            "a $tock",
            "vac\u{200b}cine",
            "vac💉cine",
            "v-a-c-c-i-n-e",
            "vаccine",
            "ｖａｃｃｉｎｅ",
            "𝘃𝗮𝗰𝗰𝗶𝗻𝗲",
            "ᴠaccine",
            "#StockPrice",
            "v@ccine",
        ] {
            assert!(may_be(hidden), "{hidden}");
        }
        for plain in [
            "A 3-hour walk, 100 % linen!",
            "café — naïve",
            "Привет, мир",
            "ワクチン接種が始まる",
            "مرحبا بالعالم",
            "it's 5 o\u{2019}clock",
            "state-of-the-art",
            "$5 for two",
            "U.S. wool",
        ] {
            assert!(!may_be(plain), "{plain}");
        }
    }
}
