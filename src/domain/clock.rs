//! Time and ids come from outside the hub, so that a test can replay them.

use std::{fmt, sync::Arc};

use uuid::Uuid;

/// A moment: UTC microseconds since 1970.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// A length of time in microseconds, never negative.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// From microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }
    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }
    /// From seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }
    /// From minutes.
    #[must_use]
    pub const fn from_mins(mins: u64) -> Self {
        Self::from_secs(mins.saturating_mul(60))
    }
    /// From hours.
    #[must_use]
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_mins(hours.saturating_mul(60))
    }
    /// Microseconds.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }
    /// Whole milliseconds.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0 / 1_000
    }
    /// Whole seconds.
    #[must_use]
    pub const fn secs(self) -> u64 {
        self.0 / 1_000_000
    }
    /// As the standard library's duration.
    #[must_use]
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0)
    }
}

impl fmt::Display for Span {
    /// The two largest units: `2h 05m`, `41m`, `12s`, `350ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = self.secs();
        let text = match (secs / 86_400, secs / 3_600 % 24, secs / 60 % 60, secs % 60) {
            (0, 0, 0, 0) => format!("{}ms", self.millis()),
            (0, 0, 0, s) => format!("{s}s"),
            (0, 0, m, _) => format!("{m}m"),
            (0, h, m, _) => format!("{h}h {m:02}m"),
            (d, h, _, _) => format!("{d}d {h}h"),
        };
        f.pad(&text)
    }
}

impl Timestamp {
    /// From UTC microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// UTC microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This moment plus a span, saturating.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(span.0).unwrap_or(i64::MAX)),
        )
    }

    /// This moment minus a span, saturating.
    #[must_use]
    pub fn minus(self, span: Span) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.0).unwrap_or(i64::MAX)),
        )
    }

    /// How long after `earlier` this is; zero when the clock went back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Parses RFC 3339 (`2026-11-21T12:00:00Z`, any offset).
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|t| Self(t.as_microsecond()))
    }

    /// RFC 3339 in UTC with seconds: `2026-11-21T12:00:00Z`.
    #[must_use]
    pub fn to_rfc3339_seconds(self) -> String {
        self.civil("%Y-%m-%dT%H:%M:%SZ")
    }

    /// RFC 3339 in UTC with microseconds.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.civil("%Y-%m-%dT%H:%M:%S%.6fZ")
    }

    /// Hours and minutes in the named IANA zone; UTC when the zone is unknown.
    #[must_use]
    pub fn clock_in(self, zone: &str) -> String {
        self.civil_in(zone, "%H:%M")
            .unwrap_or_else(|| "--:--".to_owned())
    }

    /// Day, hours and minutes in the named IANA zone, as [`Timestamp::parse_in`] reads them; UTC when the zone is unknown.
    #[must_use]
    pub fn day_and_clock_in(self, zone: &str) -> String {
        self.civil_in(zone, "%Y-%m-%d %H:%M")
            .unwrap_or_else(|| format!("{}us", self.0))
    }

    /// The moment that a person names in a zone: `2026-11-28 14:30` there, or the next `14:30` after now.
    #[must_use]
    pub fn parse_in(text: &str, now: Self, zone: &str) -> Option<Self> {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let of = |at: jiff::civil::DateTime| {
            let at = at.to_zoned(zone.clone()).ok()?;
            Some(Self(at.timestamp().as_microsecond()))
        };
        // With a date first: a time of day would be read out of it, too.
        if let Ok(at) = text.parse() {
            return of(at);
        }
        let clock: jiff::civil::Time = text.parse().ok()?;
        let here = jiff::Timestamp::from_microsecond(now.0).ok()?;
        let today = here.to_zoned(zone.clone()).date();
        of(today.to_datetime(clock))
            .filter(|at| *at > now)
            .or_else(|| of(today.tomorrow().ok()?.to_datetime(clock)))
    }

    /// The start of this moment's calendar day in the named IANA zone; `None` when there is no such zone.
    #[must_use]
    pub fn day_start(self, zone: &str) -> Option<Self> {
        let zone = jiff::tz::TimeZone::get(zone).ok()?;
        let day = jiff::Timestamp::from_microsecond(self.0)
            .ok()?
            .to_zoned(zone)
            .start_of_day()
            .ok()?;
        Some(Self(day.timestamp().as_microsecond()))
    }

    /// As it is told in the named IANA zone; UTC when the zone is unknown.
    fn civil_in(self, zone: &str, format: &str) -> Option<String> {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let at = jiff::Timestamp::from_microsecond(self.0).ok()?;
        Some(at.to_zoned(zone).strftime(format).to_string())
    }

    fn civil(self, format: &str) -> String {
        jiff::Timestamp::from_microsecond(self.0).map_or_else(
            |_| format!("{}us", self.0),
            |t| t.strftime(format).to_string(),
        )
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Where ids and randomness come from.
pub trait IdSource: Send + Sync {
    /// A fresh `UUIDv7`.
    fn fresh(&self) -> Uuid;
    /// A number from 0 to `below - 1` (0 when `below` is 0), for jitter.
    fn pick(&self, below: u64) -> u64;
}

/// What a room gets instead of the machine's clock and random source.
#[derive(Clone)]
pub struct Ambient {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Ambient {
    /// Joins a clock and an id source.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { clock, ids }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh UUID, to be wrapped in the id type it is for.
    #[must_use]
    pub fn fresh(&self) -> Uuid {
        self.ids.fresh()
    }

    /// A span from zero up to `span`.
    #[must_use]
    pub fn jitter(&self, span: Span) -> Span {
        Span(self.ids.pick(span.0.saturating_add(1)))
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R153: a calendar day follows its zone, across a change of offset.
    #[test]
    fn r153_days_start_where_their_zone_says() {
        let noon = Timestamp::parse_rfc3339("2026-10-25T12:00:00Z").unwrap();
        assert_eq!(
            noon.day_start("Europe/Berlin")
                .unwrap()
                .to_rfc3339_seconds(),
            "2026-10-24T22:00:00Z"
        );
        assert_eq!(
            noon.day_start("UTC").unwrap().to_rfc3339_seconds(),
            "2026-10-25T00:00:00Z"
        );
        assert_eq!(noon.day_start("Mars/Olympus"), None);
    }

    // A span reads in its two largest units.
    #[test]
    fn spans_read_in_their_largest_units() {
        let check = |span: Span, text: &str| assert_eq!(span.to_string(), text);
        check(Span::from_millis(350), "350ms");
        check(Span::from_secs(12), "12s");
        check(Span::from_secs(41 * 60 + 9), "41m");
        check(Span::from_mins(125), "2h 05m");
        check(Span::from_hours(50), "2d 2h");
    }
}
