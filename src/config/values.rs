//! Single values: amounts, scores, lengths of time, dates, zones, names. Exact, without floats.

use std::{fmt::Display, str::FromStr};

use chimera_domain::{Score, Span, Timestamp, UnknownWord, Usd, text::plain};

use super::problem::{Wrong, nearest, quote};

/// An amount that is not negative.
pub(super) fn usd(text: &str) -> Result<Usd, Wrong> {
    let hint = "write digits, a point and up to six decimals, without a currency sign or exponent, as in 12.50";
    let amount: Usd = text.parse().map_err(|_| {
        Wrong::new(
            format!("{} is not an exact amount of US dollars", quote(text)),
            hint,
        )
    })?;
    if amount < Usd::ZERO {
        return Err(Wrong::new(
            format!("{} is negative", quote(text)),
            "an amount here is zero or more",
        ));
    }
    Ok(amount)
}

/// An amount of more than nothing.
pub(super) fn usd_positive(text: &str) -> Result<Usd, Wrong> {
    let amount = usd(text)?;
    if amount.is_positive() {
        Ok(amount)
    } else {
        Err(Wrong::new(
            "the amount is zero",
            "write how much may be spent; to stop an agent, pause its campaign",
        ))
    }
}

/// A score from 0 to 1 with up to six decimals.
pub(super) fn score(text: &str) -> Result<Score, Wrong> {
    // A score and an amount are written alike, and both count millionths.
    text.parse::<Usd>()
        .ok()
        .and_then(|amount| u32::try_from(amount.micros()).ok())
        .and_then(Score::from_ppm)
        .filter(|_| !text.starts_with('-'))
        .ok_or_else(|| {
            Wrong::new(
                format!("{} is not a score", quote(text)),
                "write a number from 0 to 1 with up to six decimals, as in 0.90",
            )
        })
}

/// A length of time: `250ms`, `30s`, `5m`, `2h`, `3d`.
pub(super) fn span(text: &str) -> Result<Span, Wrong> {
    let wrong = || {
        Wrong::new(
            format!("{} is not a length of time", quote(text)),
            "write a whole number and ms, s, m, h or d, as in 250ms, 30s, 5m, 2h or 3d",
        )
    };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    // A thousand years; beyond it a sum with a moment would not mean anything.
    number
        .checked_mul(millis)
        .filter(|millis| *millis <= 1_000 * 365 * 86_400_000)
        .map(Span::from_millis)
        .ok_or_else(|| {
            Wrong::new(
                format!("{} is too long", quote(text)),
                "write a shorter time",
            )
        })
}

/// A length of time of at least `least`.
pub(super) fn span_from(least: Span) -> impl Fn(&str) -> Result<Span, Wrong> {
    move |text| {
        let given = span(text)?;
        if given < least {
            return Err(Wrong::new(
                format!("{} is too short", quote(text)),
                format!("the shortest is {least}"),
            ));
        }
        Ok(given)
    }
}

/// A whole number from `least` to `most`.
pub(super) fn whole(least: u32, most: u32) -> impl Fn(&str) -> Result<u32, Wrong> {
    move |text| {
        let all_digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|number| all_digits && (least..=most).contains(number))
            .ok_or_else(|| {
                Wrong::new(
                    format!("{} does not fit", quote(text)),
                    format!("write a whole number from {least} to {most}"),
                )
            })
    }
}

/// `true` or `false`.
pub(super) fn flag(text: &str) -> Result<bool, Wrong> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Wrong::new(
            format!("{} is neither true nor false", quote(text)),
            "write true or false",
        )),
    }
}

/// A word of a closed list.
pub(super) fn word<T: FromStr<Err = UnknownWord> + Display>(
    all: &[T],
) -> impl Fn(&str) -> Result<T, Wrong> + use<T> {
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    move |text| {
        text.parse().map_err(|unknown: UnknownWord| {
            let hint = nearest(text, words.iter().map(String::as_str)).map_or_else(
                || format!("write one of: {}", words.join(", ")),
                |near| format!("did you mean `{near}`? Possible: {}", words.join(", ")),
            );
            Wrong::new(format!("{} is not a {}", quote(text), unknown.list), hint)
        })
    }
}

/// A date as in `2026-11-21`.
pub(super) fn date(text: &str) -> Result<String, Wrong> {
    let shaped = text.len() == 10;
    if shaped && midnight(text).is_some() {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{} is not a date", quote(text)),
        "write year, month and day, as in 2026-11-21",
    ))
}

/// The first moment of a date in UTC.
pub(super) fn midnight(date: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("{date}T00:00:00Z"))
}

/// An IANA time zone.
pub(super) fn zone(text: &str) -> Result<String, Wrong> {
    if Timestamp::default().day_start(text).is_some() {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("there is no time zone {}", quote(text)),
        "write an IANA name, as in UTC, Europe/Berlin or America/New_York",
    ))
}

/// Text on one line that is not empty, at most `chars_max` characters.
pub(super) fn line(chars_max: usize) -> impl Fn(&str) -> Result<String, Wrong> {
    move |text| {
        let clean = plain(text, usize::MAX);
        if clean.is_empty() {
            return Err(Wrong::new("the text is empty", "write a text"));
        }
        if clean.chars().count() > chars_max {
            return Err(Wrong::new(
                format!("{} is too long", quote(text)),
                format!("keep it to {chars_max} characters"),
            ));
        }
        Ok(clean)
    }
}

/// A name that also serves as an address: letters, digits, `.`, `_` and `-`.
pub(super) fn name(text: &str) -> Result<String, Wrong> {
    let fits = !text.is_empty()
        && text.len() <= 60
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    if fits {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("{} cannot be a name", quote(text)),
        "use up to 60 letters, digits, points, `_` and `-`",
    ))
}

/// A word or phrase to look for: lower case.
pub(super) fn phrase(text: &str) -> Result<String, Wrong> {
    line(200)(text).map(|phrase| phrase.to_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // R151: lengths of time read as they are written, and nothing else is taken for one.
    #[test]
    fn r151_lengths_of_time() {
        let check = |text: &str, span_or_none: Option<Span>| {
            assert_eq!(span(text).ok(), span_or_none, "{text}")
        };
        check("250ms", Some(Span::from_millis(250)));
        check("30s", Some(Span::from_secs(30)));
        check("5m", Some(Span::from_mins(5)));
        check("2h", Some(Span::from_hours(2)));
        check("3d", Some(Span::from_hours(72)));
        for bad in [
            "",
            "5",
            "m",
            "5 m",
            "-5m",
            "1.5h",
            "5min",
            "5M",
            "99999999999999999999s",
            "18446744073709551615d",
        ] {
            check(bad, None);
        }
    }

    // R54: a threshold is exact to the millionth and never a float.
    #[test]
    fn r54_scores_are_exact() {
        let check = |text: &str, ppm: Option<u32>| {
            assert_eq!(score(text).ok().map(Score::ppm), ppm, "{text}")
        };
        check("0.90", Some(900_000));
        check("0.899999", Some(899_999));
        check("1", Some(1_000_000));
        check("0", Some(0));
        for bad in [
            "1.000001",
            "-0.1",
            "-0",
            "0.9000001",
            "9e-1",
            ".9",
            "90%",
            "NaN",
            "5000",
        ] {
            check(bad, None);
        }
    }

    // R92, T036: amounts are exact, not negative and without exponent.
    #[test]
    fn r92_amounts() {
        let check = |text: &str, micros: Option<i64>| {
            assert_eq!(usd(text).ok().map(Usd::micros), micros, "{text}")
        };
        check("12.50", Some(12_500_000));
        check("0.000001", Some(1));
        for bad in [
            "1e3",
            "-1",
            "1.0000001",
            "1,50",
            "$5",
            "1_000",
            "0x10",
            ".5",
            "inf",
            "12.",
            "9223372036854775807",
        ] {
            check(bad, None);
        }
        assert!(usd_positive("0").is_err());
    }

    #[test]
    fn dates_and_zones() {
        assert!(date("2026-11-21").is_ok());
        for bad in [
            "2026-02-30",
            "21.11.2026",
            "2026-11",
            "2026-11-21T00:00:00Z",
            "",
        ] {
            assert!(date(bad).is_err(), "{bad}");
        }
        assert!(
            zone("Europe/Berlin").is_ok() && zone("UTC").is_ok() && zone("Mars/Olympus").is_err()
        );
    }

    proptest! {
        // R92: whatever amount is written comes back as it was written.
        #[test]
        fn r92_amounts_round_trip(micros in 0i64..9_000_000_000_000_000) {
            let amount = Usd::from_micros(micros);
            prop_assert_eq!(usd(&amount.to_string()).unwrap(), amount);
        }

        // R118: no text makes a value parser panic.
        #[test]
        fn r118_no_text_panics(text in ".*") {
            let _ = (usd(&text), score(&text), span(&text), date(&text), zone(&text), name(&text), phrase(&text), whole(0, 9)(&text));
        }
    }
}
