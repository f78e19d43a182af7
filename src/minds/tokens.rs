//! The words of a text as they are written, each with its place: what the tables and rules are held against first.
//! Disguise is the business of [`crate::lexicon`], which costs more and is asked only where there is some.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// So many words of one text are looked at: more than any post, title or summary has.
const WORDS_MAX: usize = 4_000;

/// One word, folded, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Lower case, without accents, with a plain apostrophe.
    pub(crate) word: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The words of a text in their order.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut begun: Option<usize> = None;
    for (at, c) in text.char_indices() {
        let inside = c.is_alphanumeric()
            || c == '_'
            || is_combining_mark(c)
            || begun.is_some() && is_apostrophe(c);
        match (begun, inside) {
            (None, true) => begun = Some(at),
            (Some(start), false) => {
                push(text, start, at, &mut out);
                begun = None;
            }
            (None, false) | (Some(_), true) => {}
        }
        if out.len() >= WORDS_MAX {
            return out;
        }
    }
    if let Some(start) = begun {
        push(text, start, text.len(), &mut out);
    }
    out
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

fn push(text: &str, start: usize, end: usize, out: &mut Vec<Token>) {
    let written = text
        .get(start..end)
        .unwrap_or_default()
        .trim_end_matches(is_apostrophe);
    if !written.is_empty() {
        out.push(Token {
            word: fold(written),
            start,
            end: start + written.len(),
        });
    }
}

/// Lower case, without accents. Marks of scripts in which they are letters go too: both sides are folded alike.
pub(crate) fn fold(written: &str) -> String {
    if written.is_ascii() {
        return written.to_ascii_lowercase();
    }
    written
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if is_apostrophe(c) { '\'' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // R58: words come out folded and in their places, with the apostrophe inside and not at the end.
    #[test]
    fn r58_words_come_out_folded_and_in_place() {
        let text = "The Régime\u{2019}s 'plans' cost $5k";
        let got = tokens(text);
        let words: Vec<&str> = got.iter().map(|token| token.word.as_str()).collect();
        assert_eq!(words, ["the", "regime's", "plans", "cost", "5k"]);
        assert_eq!(&text[got[1].start..got[1].end], "Régime\u{2019}s");
        assert_eq!(tokens("  ").len(), 0);
        assert_eq!(tokens(&"a ".repeat(9_000)).len(), WORDS_MAX);
    }
}
