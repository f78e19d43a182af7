//! The typeface: what it can draw and how wide.
//!
//! Noto Sans Regular and Bold, Copyright 2012 Google Inc., under the SIL Open Font License 1.1, embedded through the
//! crate `notosans`, whose package carries the licence text (`fonts/LICENSE_OFL.txt`). It covers Latin, Greek and
//! Cyrillic; what it lacks is left out and reported, never drawn as an empty box.
#![expect(clippy::float_arithmetic, reason = "geometry")]

use std::sync::{Arc, OnceLock};

use resvg::usvg::fontdb::Database;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// The family name that the drawings use.
pub(super) const FAMILY: &str = "Noto Sans";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => notosans::REGULAR_TTF,
            Self::Bold => notosans::BOLD_TTF,
        }
    }
}

/// The two faces for the renderer, parsed once per process.
pub(super) fn database() -> Arc<Database> {
    static DATABASE: OnceLock<Arc<Database>> = OnceLock::new();
    let database = DATABASE.get_or_init(|| {
        let mut database = Database::new();
        database.load_font_data(notosans::REGULAR_TTF.to_vec());
        database.load_font_data(notosans::BOLD_TTF.to_vec());
        Arc::new(database)
    });
    Arc::clone(database)
}

/// The width of `text` at `size`, in the unit of `size`. Without kerning, which makes Latin text narrower, never wider by
/// more than a hair; a character that the face lacks counts as one em.
pub(super) fn width(text: &str, size: f32, weight: Weight) -> f32 {
    let Ok(font) = FontRef::new(weight.bytes()) else {
        return size * text.chars().map(|_| 1.0_f32).sum::<f32>();
    };
    let glyphs = font.charmap();
    let metrics = font.glyph_metrics(Size::new(size), LocationRef::default());
    text.chars()
        .map(|c| {
            glyphs
                .map(c)
                .and_then(|glyph| metrics.advance_width(glyph))
                .unwrap_or(size)
        })
        .sum()
}

/// A text as it can be drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Legible {
    /// Signs that the face lacks are left out, and an ellipsis stands for a word with such a letter. Empty when less than
    /// half of the letters could be drawn: a rest of a sentence says something else than the sentence.
    pub(super) text: String,
    /// The distinct characters that it lacks, in order, at most eight.
    pub(super) missing: Vec<char>,
}

/// What of a text the face can draw.
pub(super) fn legible(text: &str) -> Legible {
    let Ok(font) = FontRef::new(Weight::Bold.bytes()) else {
        return Legible::default();
    };
    let glyphs = font.charmap();
    let lacks = |c: char| !c.is_whitespace() && glyphs.map(c).is_none();
    let mut missing: Vec<char> = Vec::new();
    for c in text.chars().filter(|c| lacks(*c) && !is_joiner(*c)) {
        if missing.len() < 8 && !missing.contains(&c) {
            missing.push(c);
        }
    }
    if missing.is_empty() {
        let text = text.chars().filter(|c| !lacks(*c)).collect();
        return Legible { text, missing };
    }
    let letters = |wanted: &dyn Fn(char) -> bool| {
        text.chars()
            .filter(|c| c.is_alphanumeric() && wanted(*c))
            .count()
    };
    if letters(&lacks) * 2 >= letters(&|_| true) {
        return Legible {
            text: String::new(),
            missing,
        };
    }
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let drawn: String = if word.chars().any(|c| c.is_alphanumeric() && lacks(c)) {
            "…".to_owned()
        } else {
            // What only changes the sign before it goes with the sign.
            word.chars()
                .filter(|c| !lacks(*c) && !is_joiner(*c))
                .collect()
        };
        let again = drawn == "…" && words.last().is_some_and(|before| before == "…");
        if !drawn.is_empty() && !again {
            words.push(drawn);
        }
    }
    Legible {
        text: words.join(" "),
        missing,
    }
}

/// Joiners and variation selectors: nothing to see by themselves.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is drawn as an empty box: signs are left out, words are marked as missing, another script is not begun.
    #[test]
    fn only_what_the_face_has_is_drawn() {
        for (text, drawn) in [
            ("Rust 🦀 is out 🎉 today", "Rust is out today"),
            ("👩‍👩‍👧 family ❤️", "family"),
            (
                "Tiếng Việt, naïve, Кириллица",
                "Tiếng Việt, naïve, Кириллица",
            ),
            ("A mill in 東京 and 大阪 opens", "A mill in … and … opens"),
            ("مرحبا بالعالم 2026", ""),
            ("日本語のニュース", ""),
            ("שלום", ""),
        ] {
            let legible = legible(text);
            assert_eq!(legible.text, drawn, "{text}");
            assert_eq!(legible.missing.is_empty(), drawn == text, "{text}");
        }
    }
}
