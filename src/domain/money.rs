//! Money: integer micro-dollars, checked, never a float.

use std::{fmt, str::FromStr};

/// US dollars in millionths. Signed, because a ledger posts both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(i64);

/// A text that is not an amount of US dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount of US dollars ({why})")]
pub struct InvalidUsd {
    text: String,
    why: &'static str,
}

const MICROS_PER_USD: i64 = 1_000_000;
const DECIMALS: usize = 6;

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From millionths of a dollar.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` where it does not fit.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// `self × count ÷ per`, rounded up, so that a price never comes out lower than it is.
    /// `None` on overflow or a `per` of zero.
    #[must_use]
    pub fn prorated_up(self, count: u64, per: u64) -> Option<Self> {
        if per == 0 {
            return None;
        }
        let scaled = i128::from(self.0).checked_mul(i128::from(count))?;
        let per = i128::from(per);
        let quotient = scaled.div_euclid(per) + i128::from(scaled.rem_euclid(per) != 0);
        i64::try_from(quotient).ok().map(Self)
    }

    /// Whether this is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for Usd {
    /// Two decimals where that is exact, else as many as it takes: `50.00`, `0.0125`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let abs = self.0.unsigned_abs();
        let whole = abs / MICROS_PER_USD.unsigned_abs();
        let mut decimals = format!("{:06}", abs % MICROS_PER_USD.unsigned_abs());
        while decimals.len() > 2 && decimals.ends_with('0') {
            decimals.pop();
        }
        f.pad(&format!("{sign}{whole}.{decimals}"))
    }
}

impl FromStr for Usd {
    type Err = InvalidUsd;

    fn from_str(text: &str) -> Result<Self, InvalidUsd> {
        let fail = |why| InvalidUsd {
            text: text.to_owned(),
            why,
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) {
            return Err(fail(
                "expected digits, a point and up to six digits, as in 12.50",
            ));
        }
        if digits.ends_with('.') {
            return Err(fail("nothing stands after the point"));
        }
        if decimals.len() > DECIMALS {
            return Err(fail("more than six decimals"));
        }
        let micros = format!("{whole}{decimals:0<DECIMALS$}");
        let micros: i64 = micros.parse().map_err(|_| fail("too large"))?;
        Ok(Self(if negative { -micros } else { micros }))
    }
}

impl serde::Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, micros: Option<i64>) {
        assert_eq!(text.parse::<Usd>().ok().map(Usd::micros), micros, "{text}");
    }

    // R92: amounts parse exactly or not at all.
    #[test]
    fn r92_amounts_parse_exactly_or_not_at_all() {
        check("0", Some(0));
        check("50", Some(50_000_000));
        check("0.000001", Some(1));
        check("-3.5", Some(-3_500_000));
        for bad in [
            "",
            "-",
            ".5",
            "1.",
            "1,5",
            "1e3",
            " 1",
            "0.0000001",
            "+1",
            "99999999999999",
            "1.-5",
            "NaN",
        ] {
            check(bad, None);
        }
    }

    proptest! {
        // R92: what is printed parses back to the same amount.
        #[test]
        fn r92_amounts_round_trip(micros in -9_000_000_000_000_000i64..9_000_000_000_000_000) {
            let amount = Usd::from_micros(micros);
            prop_assert_eq!(amount.to_string().parse::<Usd>().unwrap(), amount);
        }

        // A prorated price is never lower than the exact one and less than one micro higher.
        #[test]
        fn prorating_rounds_up_by_less_than_a_micro(price in 0i64..1_000_000_000, count in 0u64..1_000_000, per in 1u64..10_000) {
            let got = i128::from(Usd::from_micros(price).prorated_up(count, per).unwrap().micros()) * i128::from(per);
            let exact = i128::from(price) * i128::from(count);
            prop_assert!(got >= exact && got - exact < i128::from(per));
        }
    }
}
