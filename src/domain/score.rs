//! Scores: finite and within 0..=1 by construction, compared as fixed-point integers.

use std::fmt;

/// A score in millionths (0..=1,000,000). There is no default: a score that could not be computed
/// is an error, never a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u32);

/// A number that is not a score.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{given} is not a score (expected a number from 0 to 1)")]
pub struct InvalidScore {
    given: String,
}

const ONE: u32 = 1_000_000;

impl Score {
    /// The lowest score.
    pub const ZERO: Self = Self(0);
    /// The highest score.
    pub const ONE: Self = Self(ONE);

    /// From millionths; `None` above one.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Option<Self> {
        if ppm <= ONE { Some(Self(ppm)) } else { None }
    }

    /// From hundredths, for thresholds written in code; more than 100 is taken as 100.
    #[must_use]
    pub const fn from_percent(percent: u32) -> Self {
        Self(if percent > 100 { ONE } else { percent * 10_000 })
    }

    /// From a number that came from outside.
    ///
    /// # Errors
    /// When it is not finite or not within 0..=1.
    pub fn from_unit(value: f64) -> Result<Self, InvalidScore> {
        // The nearest millionth; text keeps the conversion exact and free of float arithmetic.
        let invalid = || InvalidScore {
            given: value.to_string(),
        };
        if !value.is_finite() || !(0.0..=1.0).contains(&value) {
            return Err(invalid());
        }
        let text = format!("{value:.6}");
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits
            .parse()
            .ok()
            .and_then(Self::from_ppm)
            .ok_or_else(invalid)
    }

    /// `part / whole`, rounded down; `None` when `whole` is zero or smaller than `part`.
    #[must_use]
    pub fn from_ratio(part: u64, whole: u64) -> Option<Self> {
        if whole == 0 || part > whole {
            return None;
        }
        let ppm = u128::from(part) * u128::from(ONE) / u128::from(whole);
        u32::try_from(ppm).ok().and_then(Self::from_ppm)
    }

    /// Millionths.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// `1 - self`.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(ONE - self.0)
    }

    /// The product of two scores, rounded down.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let ppm = u64::from(self.0) * u64::from(other.0) / u64::from(ONE);
        u32::try_from(ppm).map_or(Self::ONE, Self)
    }

    /// The weighted mean, rounded down; `None` without weight.
    #[must_use]
    pub fn weighted_mean(parts: &[(Self, u32)]) -> Option<Self> {
        let weight: u64 = parts.iter().map(|(_, w)| u64::from(*w)).sum();
        let sum: u64 = parts
            .iter()
            .map(|(s, w)| u64::from(s.0) * u64::from(*w))
            .sum();
        let ppm = sum.checked_div(weight)?;
        u32::try_from(ppm).ok().and_then(Self::from_ppm)
    }
}

impl fmt::Display for Score {
    /// Two decimals, cut and not rounded: 0.899999 must not read as the 0.90 that publishes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:02}", self.0 / ONE, self.0 % ONE / 10_000))
    }
}

impl serde::Serialize for Score {
    /// On the wire a score is a number from 0 to 1 with six decimals.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let text = format!("{}.{:06}", self.0 / ONE, self.0 % ONE);
        let value: f64 = text.parse().map_err(serde::ser::Error::custom)?;
        s.serialize_f64(value)
    }
}

impl<'de> serde::Deserialize<'de> for Score {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = <f64 as serde::Deserialize>::deserialize(d)?;
        Self::from_unit(value).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // A number that is no score is refused, never clamped.
    #[test]
    fn what_is_not_a_score_is_refused() {
        for bad in [f64::NAN, f64::INFINITY, -0.1, 1.000_001] {
            assert!(Score::from_unit(bad).is_err());
        }
        assert_eq!(Score::from_unit(0.9).unwrap(), Score::from_percent(90));
        assert_eq!(Score::from_unit(1.0).unwrap(), Score::ONE);
    }

    // SC-004: a score below a boundary never reads as the boundary.
    #[test]
    fn sc_004_display_cuts_instead_of_rounding() {
        assert_eq!(Score::from_ppm(899_999).unwrap().to_string(), "0.89");
        assert_eq!(Score::from_percent(90).to_string(), "0.90");
    }

    proptest! {
        // The wire form leads back to the same score.
        #[test]
        fn wire_form_round_trips(ppm in 0u32..=1_000_000) {
            let score = Score::from_ppm(ppm).unwrap();
            let json = serde_json::to_string(&score).unwrap();
            prop_assert_eq!(serde_json::from_str::<Score>(&json).unwrap(), score);
        }
    }
}
