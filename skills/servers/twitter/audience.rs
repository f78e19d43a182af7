//! The simulated audience: how often a post was liked, shared, answered and seen by a given age.
//!
//! Provenance of the numbers: FiveThirtyEight, `twitter-ratio` (CC BY 4.0, commit fcf572c4), own posts of the first of
//! its two accounts, retweets left out, 1,492 posts. `LIKES_LN_MEAN` is the mean of ln(likes + 1); `LIKES_LN_SPREAD` is
//! the standard deviation of ln(likes + 1) around the mean of its ISO week, because the level of the account drifts over
//! the years and a simulation should not mix that drift into single posts. The two ratios are mean and standard
//! deviation of ln((shares + 1) / (likes + 1)) and ln((comments + 1) / (likes + 1)). The source counts each post once,
//! so it says nothing about growth over time or about views: `GROWTH_HOURS` and `VIEWS_PER_LIKE` are our assumptions.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a statistical model; its results are bounded far below 2^53 before they become integers"
)]

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::wire::digest;

const LIKES_LN_MEAN: f64 = 7.701;
const LIKES_LN_SPREAD: f64 = 0.623;
const SHARES_LN_MEAN: f64 = -0.854;
const SHARES_LN_SPREAD: f64 = 0.383;
const COMMENTS_LN_MEAN: f64 = -2.136;
const COMMENTS_LN_SPREAD: f64 = 0.645;
/// After this many hours 63 % of the final counts are reached.
const GROWTH_HOURS: f64 = 6.0;
const VIEWS_PER_LIKE: f64 = 30.0;
/// No count exceeds this, so that every sum stays exact.
const COUNT_MAX: f64 = 1e12;

/// Counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) likes: i64,
    pub(super) shares: i64,
    pub(super) comments: i64,
    pub(super) views: i64,
}

/// The counters of a post at an age in microseconds. The same post and age always give the same counts, and a greater
/// age never gives a smaller count. `real_comments` are the replies that the journal holds.
pub(super) fn counts(post_id: &str, age: i64, real_comments: i64) -> Counts {
    let mut draws = StdRng::seed_from_u64(digest::seed(post_id));
    let likes = log_normal(&mut draws, LIKES_LN_MEAN, LIKES_LN_SPREAD);
    let shares = likes * log_normal(&mut draws, SHARES_LN_MEAN, SHARES_LN_SPREAD);
    let comments = likes * log_normal(&mut draws, COMMENTS_LN_MEAN, COMMENTS_LN_SPREAD);
    let hours = age.max(0) as f64 / 3.6e9;
    let grown = -(-hours / GROWTH_HOURS).exp_m1();
    let at = |level: f64| (level * grown).clamp(0.0, COUNT_MAX).floor() as i64;
    Counts {
        likes: at(likes),
        shares: at(shares),
        comments: at(comments).saturating_add(real_comments),
        views: at(likes * VIEWS_PER_LIKE),
    }
}

fn log_normal(draws: &mut StdRng, mean: f64, spread: f64) -> f64 {
    // Box-Muller; the first draw is kept away from zero, whose logarithm is infinite.
    let radius = (-2.0 * draws.random_range(f64::MIN_POSITIVE..1.0).ln()).sqrt();
    let angle = std::f64::consts::TAU * draws.random::<f64>();
    (mean + spread * radius * angle.cos()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// Counters start at zero, never fall, and stop growing.
    #[test]
    fn counts_grow_and_saturate() {
        let mut before = counts("post_1", 0, 0);
        assert_eq!(
            before,
            Counts {
                likes: 0,
                shares: 0,
                comments: 0,
                views: 0
            }
        );
        for hour in 1..200 {
            let now = counts("post_1", hour * HOUR, 0);
            assert!(
                now.likes >= before.likes
                    && now.shares >= before.shares
                    && now.views >= before.views
            );
            before = now;
        }
        assert_eq!(before, counts("post_1", i64::MAX, 0));
    }

    /// The medians over many posts come back to the figures they were fitted from, within a tenth.
    #[test]
    fn levels_follow_the_source() {
        let mut likes: Vec<i64> = (0..2_001)
            .map(|n| counts(&format!("p{n}"), i64::MAX, 0).likes)
            .collect();
        likes.sort_unstable();
        let median = likes[1_000] as f64;
        assert!((median / LIKES_LN_MEAN.exp() - 1.0).abs() < 0.1, "{median}");
    }
}
