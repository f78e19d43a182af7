//! Words of a text, and where phrases stand in it: shared by the scorer and the judge's checks.
//!
//! A phrase is found as whole words, without case, accents or a plural `s`, and through disguise: hidden
//! characters, styled and look-alike letters, digits and signs used as letters (`v4ccine`, `v@ccine`).
//! Words also begin and end at `_`, at other signs, between letters and digits and at camel-case humps,
//! and the words of a phrase may be written as one (`#StockPrice`, `stockprice`). White space inside
//! the text must be white space in the phrase, and `bank` never matches inside `embankment`.

mod look_alike;

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use self::look_alike::{is_accent, is_hidden, look_alike, plain_form, readings};

/// A text prepared once, to be searched many times.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    text: &'a str,
    glyphs: Vec<Glyph>,
    words: Vec<String>,
}

impl<'a> Words<'a> {
    /// Takes the text apart.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Self {
            text,
            glyphs: glyphs(text),
            words: text
                .unicode_words()
                .map(fold)
                .filter(|word| !word.is_empty())
                .collect(),
        }
    }

    /// The first place where the phrase stands, as it is written in the text.
    #[must_use]
    pub fn find(&self, phrase: &str) -> Option<&'a str> {
        self.find_phrase(&Phrase::of(phrase))
    }

    /// The same for a phrase that was taken apart before.
    pub(crate) fn find_phrase(&self, phrase: &Phrase) -> Option<&'a str> {
        self.text.get(self.places(phrase).next()?)
    }

    /// Every place where the phrase stands, as bytes of the text.
    pub(crate) fn places(&self, phrase: &Phrase) -> impl Iterator<Item = Range<usize>> {
        let starts = self.glyphs.iter().enumerate();
        starts
            .filter(|(_, glyph)| glyph.border != Border::None && phrase.may_start(glyph))
            .filter_map(|(at, glyph)| Some(glyph.start..phrase.match_at(&self.glyphs[at..])?))
    }

    /// The words as their letters look.
    pub(crate) fn folded(&self) -> &[String] {
        &self.words
    }

    /// Folded words that carry meaning: no function words, at least three letters.
    #[must_use]
    pub fn content(&self) -> Vec<&str> {
        self.words
            .iter()
            .map(String::as_str)
            .filter(|word| word.chars().count() >= 3 && !FUNCTION_WORDS.contains(word))
            .collect()
    }

    /// Whether the word stands in the text, in this form or its plural.
    #[must_use]
    pub fn has(&self, folded: &str) -> bool {
        self.words.iter().any(|word| same_word(word, folded))
    }
}

fn same_word(a: &str, b: &str) -> bool {
    a == b || a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
}

/// One folded character of a word and where it stands in the text.
#[derive(Debug, Clone)]
struct Glyph {
    folded: char,
    /// What else it can be read as.
    readings: &'static str,
    kind: Kind,
    start: usize,
    end: usize,
    border: Border,
}

impl Glyph {
    fn reads(&self, wanted: char) -> bool {
        self.folded == wanted || self.readings.contains(wanted)
    }
}

/// What stands before a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Border {
    /// The same word goes on.
    None,
    /// A word may begin here, or go on: a hump, a digit, a sign without white space.
    Soft,
    /// A word begins here.
    Hard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Digit,
    /// `@` and the like, standing where a letter could.
    Sign,
    /// Stands between words.
    Gap,
    Space,
}

/// A phrase to look for: its letters without what is between the words, and where words end.
#[derive(Debug, Clone)]
pub(crate) struct Phrase {
    letters: Vec<char>,
    /// For each count of letters, the length of the word that ends there; 0 when none does.
    ends: Vec<usize>,
}

/// So many letters of the phrase are matched; and whether the plural at this place is settled.
#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    matched: usize,
    plural: bool,
}

impl Phrase {
    pub(crate) fn of(phrase: &str) -> Self {
        let (mut letters, mut ends, mut length) = (Vec::new(), vec![0], 0);
        for glyph in glyphs(phrase) {
            if glyph.kind == Kind::Sign {
                continue;
            }
            if glyph.border != Border::None && length > 0 {
                ends.pop();
                ends.push(length);
                length = 0;
            }
            letters.push(glyph.folded);
            ends.push(0);
            length += 1;
        }
        ends.pop();
        ends.push(length);
        Self { letters, ends }
    }

    fn may_start(&self, glyph: &Glyph) -> bool {
        self.letters
            .first()
            .is_some_and(|first| glyph.reads(*first))
    }

    /// Where the phrase ends in the text when it begins at the first of these glyphs. All readings are
    /// followed at once, so the work is bounded by the square of the phrase, whatever the text is.
    fn match_at(&self, glyphs: &[Glyph]) -> Option<usize> {
        let mut states = vec![State {
            matched: 0,
            plural: false,
        }];
        let mut found = None;
        for (at, glyph) in glyphs.iter().enumerate() {
            let hard = at > 0 && glyph.border == Border::Hard;
            if hard {
                states.retain(|state| self.ends[state.matched] > 0);
            }
            let mut next = Vec::new();
            for state in &states {
                self.advance(*state, glyph, hard, &mut next);
            }
            let whole = next.iter().any(|s| s.matched == self.letters.len());
            if whole && glyphs.get(at + 1).is_none_or(|g| g.border != Border::None) {
                found = Some(glyph.end);
            }
            if glyph.kind == Kind::Sign && at > 0 {
                next.append(&mut states); // the sign was no letter
            }
            if next.is_empty() {
                break;
            }
            states = next;
        }
        found
    }

    fn advance(&self, state: State, glyph: &Glyph, hard: bool, next: &mut Vec<State>) {
        let State { matched, plural } = state;
        if matched > 0 && self.ends[matched] > 0 && !plural && !hard && glyph.reads('s') {
            push(next, matched, true);
        }
        if self.letters.get(matched).is_some_and(|c| glyph.reads(*c)) {
            push(next, matched + 1, false);
            // A plural in the phrase is found in the singular too.
            let last_of_word = self.ends.get(matched + 2).is_some_and(|length| *length > 3);
            if last_of_word && self.letters.get(matched + 1) == Some(&'s') {
                push(next, matched + 2, true);
            }
        }
    }
}

fn push(states: &mut Vec<State>, matched: usize, plural: bool) {
    let state = State { matched, plural };
    if !states.contains(&state) {
        states.push(state);
    }
}

/// A character as it is compared, before lower case.
struct Raw {
    c: char,
    kind: Kind,
    start: usize,
    end: usize,
    /// Unicode sees a border of words before it.
    bound: bool,
}

fn glyphs(text: &str) -> Vec<Glyph> {
    let raws = decompose(text);
    let mut out: Vec<Glyph> = Vec::with_capacity(raws.len());
    for (at, raw) in raws.iter().enumerate() {
        if matches!(raw.kind, Kind::Gap | Kind::Space) {
            continue;
        }
        let lower = raw.c.to_lowercase().next().unwrap_or(raw.c);
        out.push(Glyph {
            folded: look_alike(lower),
            readings: readings(raw.c),
            kind: raw.kind,
            start: raw.start,
            end: raw.end,
            border: border(&raws, at, out.last().map(|glyph| glyph.kind)),
        });
    }
    keep_pure_numbers(&mut out);
    out
}

fn border(raws: &[Raw], at: usize, before: Option<Kind>) -> Border {
    let Some(before) = before else {
        return Border::Hard;
    };
    let (raw, previous) = (&raws[at], &raws[at - 1]);
    match previous.kind {
        Kind::Space => Border::Hard,
        Kind::Gap => {
            let spaced = raws[..at]
                .iter()
                .rev()
                .take_while(|r| matches!(r.kind, Kind::Gap | Kind::Space))
                .take(GAP_MAX)
                .any(|r| r.kind == Kind::Space);
            let numbers = before == Kind::Digit && raw.kind == Kind::Digit;
            if spaced || numbers {
                Border::Hard
            } else {
                Border::Soft
            }
        }
        Kind::Letter | Kind::Digit | Kind::Sign => {
            let hump = raw.c.is_uppercase()
                && (previous.c.is_lowercase()
                    || previous.c.is_uppercase()
                        && raws.get(at + 1).is_some_and(|next| next.c.is_lowercase()));
            if raw.bound || raw.kind != previous.kind || hump {
                Border::Soft
            } else {
                Border::None
            }
        }
    }
}

/// So many signs between two letters are looked through for white space.
const GAP_MAX: usize = 16;

/// Digits and signs are read as letters only beside at least two letters: 2026 stays a number.
fn keep_pure_numbers(glyphs: &mut [Glyph]) {
    let mut at = 0;
    while at < glyphs.len() {
        let mut to = at + 1;
        while to < glyphs.len() && glyphs[to].start <= glyphs[to - 1].end {
            to += 1;
        }
        let run = &mut glyphs[at..to];
        if run.iter().filter(|g| g.kind == Kind::Letter).count() < 2 {
            for glyph in run.iter_mut().filter(|g| g.kind != Kind::Letter) {
                glyph.readings = "";
            }
        }
        at = to;
    }
}

/// Takes a text apart: styled forms as plain ones, without accents and hidden characters.
fn decompose(text: &str) -> Vec<Raw> {
    let mut raws: Vec<Raw> = Vec::with_capacity(text.len());
    let mut visible = String::with_capacity(text.len());
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if is_accent(c) || is_hidden(c) {
            // An accent belongs to its letter; what follows hidden characters still follows the letter.
            if let Some(last) = raws.last_mut() {
                last.end = end;
            }
            continue;
        }
        for c in plain_form(c).nfkd().filter(|c| !is_accent(*c)) {
            let kind = match c {
                c if c.is_whitespace() => Kind::Space,
                c if c.is_numeric() => Kind::Digit,
                c if c.is_alphabetic() || is_combining_mark(c) => Kind::Letter,
                '@' | '$' | '€' | '!' | '|' => Kind::Sign,
                _ => Kind::Gap,
            };
            visible.push(c);
            raws.push(Raw {
                c,
                kind,
                start,
                end,
                bound: false,
            });
        }
    }
    let mut chars = 0;
    for (_, piece) in visible.split_word_bound_indices() {
        if let Some(raw) = raws.get_mut(chars) {
            raw.bound = true;
        }
        chars += piece.chars().count();
    }
    for at in 0..raws.len() {
        if raws[at].kind == Kind::Sign && !stands_for_letter(&raws, at) {
            raws[at].kind = Kind::Gap;
        }
    }
    raws
}

/// `@` needs a letter on one side, `!` on both: it ends more sentences than it stands in words.
fn stands_for_letter(raws: &[Raw], at: usize) -> bool {
    let beside =
        |raw: Option<&Raw>| raw.is_some_and(|r| matches!(r.kind, Kind::Letter | Kind::Sign));
    let before = beside(at.checked_sub(1).and_then(|before| raws.get(before)));
    let after = beside(raws.get(at + 1));
    if matches!(raws[at].c, '!' | '|') {
        before && after
    } else {
        before || after
    }
}

/// One word on its own: in words that mix letters and digits, digits are the letters they stand for
/// (`cr1s1s`). Pure numbers stay numbers.
fn fold(word: &str) -> String {
    glyphs(word)
        .iter()
        .filter(|glyph| glyph.kind != Kind::Sign)
        .map(|glyph| match glyph.kind {
            Kind::Digit => glyph.readings.chars().next().unwrap_or(glyph.folded),
            Kind::Letter | Kind::Sign | Kind::Gap | Kind::Space => glyph.folded,
        })
        .collect()
}

const FUNCTION_WORDS: &[&str] = &[
    "about", "after", "all", "also", "and", "any", "are", "because", "been", "before", "being",
    "but", "can", "could", "did", "does", "for", "from", "had", "has", "have", "her", "here",
    "his", "how", "into", "its", "just", "like", "more", "most", "much", "new", "not", "now",
    "off", "one", "only", "other", "our", "out", "over", "she", "should", "some", "such", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "too",
    "under", "use", "very", "was", "way", "were", "what", "when", "where", "which", "while", "who",
    "why", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, phrase: &str, found: Option<&str>) {
        assert_eq!(Words::of(text).find(phrase), found, "{phrase} in {text}");
    }

    // R58: a phrase is found as whole words through case, plural, look-alikes and digits, and not inside other words.
    #[test]
    fn r58_phrases_are_found_as_whole_words_through_disguise() {
        check("The Open-Source drop", "open source", Some("Open-Source"));
        check("Bank failures", "bank", Some("Bank"));
        check("new vaccines", "vaccine", Some("vaccines"));
        check("a v4ccine trial", "vaccine", Some("v4ccine"));
        check("the vассine", "vaccine", Some("vассine"));
        check("the embankment", "bank", None);
        check("in 2026", "2o26", None);
        check("anything", "", None);
        check("", "x", None);
    }

    // R58: the disguises that are known to be used.
    #[test]
    fn r58_phrases_are_found_through_more_disguise() {
        for (text, phrase, span) in [
            ("#Election2026", "election", "Election"),
            ("#VaccineNews", "vaccine", "Vaccine"),
            ("vaccine_news", "vaccine", "vaccine"),
            ("vaccine.Next", "vaccine", "vaccine"),
            ("vaccine™", "vaccine", "vaccine"),
            ("the vaccine's price", "vaccine", "vaccine's"),
            ("COVID19 again", "covid", "COVID"),
            ("COVID19 again", "covid-19", "COVID19"),
            ("#stockprice", "stock price", "stockprice"),
            ("#StockPrices", "stock price", "StockPrices"),
            ("the stockmarket", "stock market", "stockmarket"),
            ("a 𝘃𝗮𝗰𝗰𝗶𝗻𝗲 b", "vaccine", "𝘃𝗮𝗰𝗰𝗶𝗻𝗲"),
            ("ａ ｖａｃｃｉｎｅ", "vaccine", "ｖａｃｃｉｎｅ"),
            ("a vac\u{200b}cine", "vaccine", "vac\u{200b}cine"),
            ("a vac\u{ad}cine", "vaccine", "vac\u{ad}cine"),
            ("a v@ccine", "vaccine", "v@ccine"),
            ("$tock price", "stock price", "$tock price"),
            ("kil1ed", "killed", "kil1ed"),
            ("k1lled", "killed", "k1lled"),
            ("k!lled", "killed", "k!lled"),
            ("ѕuicide", "suicide", "ѕuicide"),
            ("νaccine", "vaccine", "νaccine"),
            ("ΝΑΖΙ", "nazi", "ΝΑΖΙ"),
            ("ΝΕΑ", "νέα", "ΝΕΑ"),
            ("vaccıne", "vaccine", "vaccıne"),
            ("ⓥaccine", "vaccine", "ⓥaccine"),
            ("🅥accine", "vaccine", "🅥accine"),
            ("vaccine\u{301} x", "vaccine", "vaccine\u{301}"),
            ("v-a-c-c-i-n-e", "vaccine", "v-a-c-c-i-n-e"),
            ("vac💉cine", "vaccine", "vac💉cine"),
            ("接种疫苗了", "疫苗", "疫苗"),
            ("a sanction", "sanctions", "sanction"),
            ("on 9/11", "9/11", "9/11"),
        ] {
            check(text, phrase, Some(span));
        }
        for (text, phrase) in [
            ("the embankment", "bank"),
            ("an em\u{200b}bankment", "bank"),
            ("a candle in Vatican", "can"),
            ("sto ck price", "stock price"),
            ("vac cine", "vaccine"),
            ("91.1 and 2026", "911"),
            ("stock and price", "stock price"),
            ("a u", "us"),
        ] {
            check(text, phrase, None);
        }
    }

    proptest! {
        // R58, R173: no text and no phrase breaks the search, and what it finds is a place in the text.
        #[test]
        fn r58_search_never_panics(text in "[@!$1s .a\u{200b}\u{301}İǅ]{0,30}|\\PC{0,60}|.{0,60}", phrase in "[@!$1s .a]{0,12}|\\PC{0,10}|.{0,10}") {
            let words = Words::of(&text);
            if let Some(span) = words.find(&phrase) {
                prop_assert!(!span.is_empty() && text.contains(span));
            }
            prop_assert!(words.content().iter().all(|word| words.has(word)));
            let folded = Phrase::of(&text);
            let itself = words.find(&text).is_some();
            prop_assert!(itself || folded.letters.is_empty() || !text.is_ascii(), "{text:?} is not found in itself");
        }
    }

    #[test]
    fn content_words_carry_meaning() {
        assert_eq!(
            Words::of("The new shoes are out of this world").content(),
            ["shoes", "world"]
        );
    }
}
