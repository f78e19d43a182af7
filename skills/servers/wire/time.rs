//! UTC microseconds and RFC 3339 text.

use jiff::Timestamp;

/// Microseconds in one second.
pub(crate) const SECOND: i64 = 1_000_000;

/// RFC 3339 text of UTC microseconds. Values outside years -9999..=9999 are clamped to the nearest end.
pub(crate) fn rfc3339(micros: i64) -> String {
    let clamped = Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    });
    clamped.to_string()
}

/// UTC microseconds of RFC 3339 text; `None` when it is not a time.
pub(crate) fn parse(text: &str) -> Option<i64> {
    text.trim()
        .parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_microsecond)
}

/// The length of a window such as `24h`, `90m`, `7d` or `PT6H` in microseconds; `None` when it is not one.
pub(crate) fn window(text: &str) -> Option<i64> {
    let span: jiff::Span = text.trim().parse().ok()?;
    let length = span
        .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .ok()?;
    i64::try_from(length.as_micros())
        .ok()
        .filter(|micros| *micros > 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    /// A time written out reads back as the same microsecond.
    #[test]
    fn a_time_survives_its_text_form() {
        let at = 1_790_000_000_123_456;
        assert_eq!(parse(&rfc3339(at)).unwrap(), at);
        assert!(rfc3339(i64::MAX).starts_with("9999-"));
    }

    /// Windows are read in hours, days and ISO form; nonsense and nothing are refused.
    #[test]
    fn windows_are_lengths_of_time() {
        assert_eq!(window("24h"), window("1d"));
        assert_eq!(window("PT90M"), Some(90 * 60 * SECOND));
        assert_eq!(window("soon"), None);
        assert_eq!(window("0s"), None);
        assert_eq!(window("-1h"), None);
    }
}
