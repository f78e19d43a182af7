//! Trends: signals of one window that tell one story, and how fast there are more of them.

use crate::clock::Timestamp;

/// How many an hour, in hundredths: whole numbers, so that every machine ranks alike.
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
pub struct PerHour(u32);

impl PerHour {
    /// None.
    pub const ZERO: Self = Self(0);

    /// So many hundredths an hour.
    #[must_use]
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// So many in such a time; nothing in no time.
    #[must_use]
    pub fn of(count: u32, within: crate::Span) -> Self {
        const HOUR: u64 = 3_600_000_000;
        let micros = within.micros();
        if micros == 0 {
            return Self::ZERO;
        }
        let hundredths = u64::from(count) * 100 * HOUR / micros;
        Self(u32::try_from(hundredths).unwrap_or(u32::MAX))
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for PerHour {
    /// `3`, `0.25`: as many digits as it has.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        let text = match rest {
            0 => whole.to_string(),
            rest if rest % 10 == 0 => format!("{whole}.{}", rest / 10),
            rest => format!("{whole}.{rest:02}"),
        };
        f.pad(&text)
    }
}

/// How fast a trend grows: new ones an hour in the last quarter of the window, and in the rest of it before.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
pub struct Velocity {
    /// Now.
    pub now: PerHour,
    /// Before that.
    pub before: PerHour,
}

/// How glad or gloomy texts are, in thousandths from -1000 to 1000.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Sentiment(i16);

impl Sentiment {
    /// From glad and gloomy words that were found; `None` where there are none: nothing was measured then.
    #[must_use]
    pub fn of(glad: u32, gloomy: u32) -> Option<Self> {
        let (glad, gloomy) = (i64::from(glad), i64::from(gloomy));
        let all = glad + gloomy;
        let share = (glad - gloomy) * 1_000 / all.max(1);
        (all > 0)
            .then(|| i16::try_from(share).ok().map(Self))
            .flatten()
    }

    /// In thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i16 {
        self.0
    }
}

impl std::fmt::Display for Sentiment {
    /// `+0.4`, `-1.0`, `0.0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (i32::from(self.0) + 50 * i32::from(self.0.signum())) / 100;
        let sign = match tenths {
            0 => "",
            1.. => "+",
            _ => "-",
        };
        let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
        f.pad(&format!("{sign}{whole}.{rest}"))
    }
}

/// How a trend stands, measured over one window.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// Signals of the window.
    pub volume: u32,
    /// How many different sources they came from.
    pub sources: u32,
    /// How fast there are more.
    pub velocity: Velocity,
    /// The mean of those that say anything; `None` where none does.
    pub sentiment: Option<Sentiment>,
    /// The first of the window.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    // R32: a rate is a whole number of hundredths and is shown without digits it has not; a mood is nothing where no word
    // carried one.
    #[test]
    fn r32_rates_and_moods_are_whole_numbers() {
        let shown = |count, minutes| PerHour::of(count, Span::from_mins(minutes)).to_string();
        assert_eq!(
            [shown(3, 60), shown(1, 180), shown(1, 120), shown(7, 0)],
            ["3", "0.33", "0.5", "0"]
        );
        let mood = |glad, gloomy| Sentiment::of(glad, gloomy).map(|mood| mood.to_string());
        assert_eq!(mood(0, 0), None);
        assert_eq!(mood(2, 1).as_deref(), Some("+0.3"));
        assert_eq!(mood(0, 3).as_deref(), Some("-1.0"));
        assert_eq!(mood(1, 1).as_deref(), Some("0.0"));
    }
}
