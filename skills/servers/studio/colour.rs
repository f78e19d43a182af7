//! Colours of a card: read from the brief, completed from the default, and a text colour that can be read on them.
#![expect(
    clippy::float_arithmetic,
    reason = "relative luminance as WCAG 2 defines it"
)]

use crate::wire::Refusal;

/// Night blue, indigo and a warm accent.
const DEFAULT: [Rgb; 3] = [Rgb(16, 24, 48), Rgb(44, 58, 120), Rgb(255, 176, 72)];
const PALETTE_MAX: usize = 5;

/// How much of the accent shines on the ground, at most.
const SHINE: f32 = 0.12;
/// The least contrast of text and ground that WCAG AA asks of every size.
const READABLE: f32 = 4.5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

/// The colours of one card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scheme {
    pub(super) ground: Rgb,
    pub(super) second: Rgb,
    pub(super) accent: Rgb,
    /// For text on the ground.
    pub(super) ink: Rgb,
    /// How much of the accent shines on the ground.
    pub(super) shine: f32,
    /// For smaller text on the ground.
    pub(super) soft: Rgb,
    /// The accent, as far as it can be read on the ground.
    pub(super) figure: Rgb,
    /// For text on the accent.
    pub(super) accent_ink: Rgb,
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Scheme {
    /// Reads the palette of a brief. The second ground is pulled towards the first until one ink is readable on both.
    pub(super) fn read(palette: &[String]) -> Result<Self, Refusal> {
        if palette.len() > PALETTE_MAX {
            return Err(Refusal::new(
                "invalid_argument",
                format!("at most {PALETTE_MAX} colours in visual.palette"),
            ));
        }
        let given = palette
            .iter()
            .map(|text| parse(text))
            .collect::<Result<Vec<_>, _>>()?;
        let colour = |at: usize, fallback: Rgb| given.get(at).copied().unwrap_or(fallback);
        let ground = colour(0, DEFAULT[0]);
        let ink = ground.ink();
        let mut second = colour(
            1,
            if given.is_empty() {
                DEFAULT[1]
            } else {
                ground.towards(ink, 0.12)
            },
        );
        let accent = colour(
            2,
            if given.is_empty() {
                DEFAULT[2]
            } else {
                ground.towards(ink, 0.7)
            },
        );
        // The ground shades from one colour to the other and the accent shines on it: text must be readable on all of it.
        let mut shine = SHINE;
        for _ in 0..24 {
            if readable(ink, [ground, second, accent], shine) >= READABLE + MARGIN {
                break;
            }
            second = second.towards(ground, 0.2);
            shine *= 0.8;
        }
        let drawn = |from: Rgb| {
            (0..24_u8)
                .map(|step| from.towards(ink, f32::from(step) / 24.0))
                .find(|colour| readable(*colour, [ground, second, accent], shine) >= READABLE)
                .unwrap_or(ink)
        };
        Ok(Self {
            ground,
            second,
            accent,
            ink,
            shine,
            soft: drawn(ink.towards(ground, 0.16)),
            figure: drawn(accent),
            accent_ink: accent.ink(),
        })
    }
}

/// Room for the rounding of mixed colours.
const MARGIN: f32 = 0.1;

/// The least contrast of a text with any colour that the ground can have.
fn readable(text: Rgb, [ground, second, accent]: [Rgb; 3], shine: f32) -> f32 {
    [ground, second]
        .into_iter()
        .flat_map(|base| [base, base.towards(accent, shine)])
        .map(|base| contrast(text, base))
        .fold(f32::INFINITY, f32::min)
}

impl Rgb {
    /// White or near black, whichever reads better on this colour.
    fn ink(self) -> Self {
        let (light, dark) = (Self(255, 255, 255), Self(17, 20, 28));
        if contrast(self, light) >= contrast(self, dark) {
            light
        } else {
            dark
        }
    }

    /// A mix with `other`; `share` 0 keeps this colour, 1 gives the other.
    pub(super) fn towards(self, other: Self, share: f32) -> Self {
        let mix = |a: u8, b: u8| {
            let mixed = f32::from(a) + (f32::from(b) - f32::from(a)) * share.clamp(0.0, 1.0);
            // A mix of two bytes is a byte.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "bounded by the two bytes"
            )]
            let byte = mixed.round() as u8;
            byte
        };
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    fn luminance(self) -> f32 {
        let linear = |part: u8| {
            let share = f32::from(part) / 255.0;
            if share <= 0.03928 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

pub(super) fn contrast(a: Rgb, b: Rgb) -> f32 {
    let (a, b) = (a.luminance(), b.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn parse(text: &str) -> Result<Rgb, Refusal> {
    let digits = text.trim().trim_start_matches('#');
    let wide = if digits.len() == 3 && digits.is_ascii() {
        digits.chars().flat_map(|digit| [digit, digit]).collect()
    } else {
        digits.to_owned()
    };
    let part = |at: usize| {
        wide.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    match (wide.len(), part(0), part(2), part(4)) {
        (6, Some(red), Some(green), Some(blue)) => Ok(Rgb(red, green, blue)),
        _ => Err(Refusal::new(
            "invalid_argument",
            "a colour of visual.palette is not of the form #rrggbb",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    /// Text can be read on every palette: contrast of at least 4.5 on both grounds, as WCAG AA asks.
    #[test]
    fn ink_is_readable_on_any_palette() {
        for palette in [
            vec![],
            vec!["#fff"],
            vec!["#808080", "#ffffff"],
            vec!["#000", "#fff", "#f00"],
            vec!["#ffd700", "#00008b"],
        ] {
            let palette: Vec<String> = palette.into_iter().map(str::to_owned).collect();
            let scheme = Scheme::read(&palette).unwrap();
            assert!(contrast(scheme.ground, scheme.ink) >= 4.5, "{scheme:?}");
            for text in [scheme.ink, scheme.soft, scheme.figure] {
                let grounds = [scheme.ground, scheme.second, scheme.accent];
                let least = readable(text, grounds, scheme.shine);
                assert!(least >= 4.5, "{least} {scheme:?}");
            }
            assert!(
                contrast(scheme.accent, scheme.accent_ink) >= 4.5,
                "{scheme:?}"
            );
        }
        assert!(Scheme::read(&["teal".to_owned()]).is_err());
    }
}
