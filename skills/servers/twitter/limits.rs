//! What each platform accepts. Over a limit means refused: cutting somebody's text would publish what nobody judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::{Refusal, clean};

/// The longest accepted idempotency key, in bytes.
const KEY_MAX: usize = 200;
/// The longest accepted name of an account, in characters.
const ACCOUNT_MAX: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Platform {
    Twitter,
    Bluesky,
    Threads,
    Mastodon,
    Instagram,
    Tiktok,
    Blog,
}

impl Platform {
    /// The longest text in graphemes.
    pub(super) fn graphemes_max(self) -> usize {
        match self {
            Self::Twitter => 280,
            Self::Bluesky => 300,
            Self::Threads | Self::Mastodon => 500,
            Self::Instagram | Self::Tiktok => 2_200,
            Self::Blog => 100_000,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Twitter => "twitter",
            Self::Bluesky => "bluesky",
            Self::Threads => "threads",
            Self::Mastodon => "mastodon",
            Self::Instagram => "instagram",
            Self::Tiktok => "tiktok",
            Self::Blog => "blog",
        }
    }
}

/// Refuses empty text without media and text over the platform's limit.
pub(super) fn check_text(platform: Platform, text: &str, media: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() && media == 0 {
        return Err(Refusal::new(
            "invalid_argument",
            "a post needs text or media",
        ));
    }
    // A grapheme may be built from many code points, so bytes are bounded as well.
    let max = platform.graphemes_max();
    let length = clean::graphemes(text);
    if length > max || text.len() > max.saturating_mul(50) {
        let name = platform.name();
        return Err(Refusal::new(
            "over_limit",
            format!(
                "{name} takes at most {max} characters, the text has {length}; shorten it, nothing is cut here"
            ),
        ));
    }
    Ok(())
}

/// Refuses a blank or overlong idempotency key.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    if key.trim().is_empty() || key.len() > KEY_MAX {
        return Err(Refusal::new(
            "invalid_argument",
            format!("idempotency_key must have 1 to {KEY_MAX} bytes and not be blank"),
        ));
    }
    Ok(())
}

/// Refuses an overlong name of an account.
pub(super) fn check_account(account: &str) -> Result<(), Refusal> {
    let length = account.chars().count();
    if length > ACCOUNT_MAX {
        return Err(Refusal::new(
            "over_limit",
            format!("account takes at most {ACCOUNT_MAX} characters, it has {length}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R3: exactly the limit passes, one more is refused, and emoji count as one.
    #[test]
    fn r3_over_the_limit_is_refused() {
        for (platform, max) in [
            (Platform::Twitter, 280),
            (Platform::Bluesky, 300),
            (Platform::Threads, 500),
            (Platform::Blog, 100_000),
        ] {
            assert_eq!(check_text(platform, &"é".repeat(max), 0), Ok(()));
            assert_eq!(
                check_text(platform, &"é".repeat(max + 1), 0).map_err(|refusal| refusal.code),
                Err("over_limit")
            );
        }
        assert_eq!(check_text(Platform::Twitter, &"👩‍👩‍👧".repeat(280), 0), Ok(()));
        assert!(check_text(Platform::Twitter, " ", 0).is_err());
        assert_eq!(check_text(Platform::Twitter, "", 1), Ok(()));
        assert_eq!(check_account(&"é".repeat(ACCOUNT_MAX)), Ok(()));
        assert!(check_account(&"é".repeat(ACCOUNT_MAX + 1)).is_err());
    }
}
