//! The typeface: what it can draw and how wide.
//!
//! Noto Sans Regular and Bold, Copyright 2012 Google Inc., under the SIL Open Font License 1.1, embedded through the
//! crate `notosans`, whose package carries the licence text (`fonts/LICENSE_OFL.txt`). It covers Latin, Greek and
//! Cyrillic; other scripts are drawn as empty boxes and reported.
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

/// The distinct characters of `text` that the face cannot draw, in order, at most eight.
pub(super) fn missing(text: &str) -> Vec<char> {
    let Ok(font) = FontRef::new(Weight::Bold.bytes()) else {
        return Vec::new();
    };
    let glyphs = font.charmap();
    let mut missing = Vec::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        if glyphs.map(c).is_none() && !missing.contains(&c) && missing.len() < 8 {
            missing.push(c);
        }
    }
    missing
}
