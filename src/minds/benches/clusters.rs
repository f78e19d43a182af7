//! How long one core takes to put 10,000 signals of one window together: `cargo bench -p chimera-minds --bench clusters`.
//!
//! Titles are nine words, drawn from all that are carried, the frequent ones more often; every fourth is one of 200
//! stories told again with three words changed, and one story in ten is told word by word.

use std::{hint::black_box, time::Instant};

use chimera_domain::{Span, Timestamp};
use chimera_minds::{
    clusters::{Item, Window, clusters},
    eval::Chance,
    vectors,
};

const SIGNALS: usize = 10_000;
const STORIES: usize = 200;
const WORDS: usize = 9;
const ROUNDS: u32 = 5;
const BAR_MS: f64 = 1_000.0;

#[expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a figure for a person"
)]
fn main() {
    let names = vectors::english().words();
    let mut chance = Chance::new(1);
    let mut word = || {
        // Of two draws the more frequent word.
        let rank = chance.index(names.len()).min(chance.index(names.len()));
        names.get(rank).copied().unwrap_or_default()
    };
    let stories: Vec<Vec<&str>> = (0..STORIES)
        .map(|_| (0..WORDS).map(|_| word()).collect())
        .collect();
    let titles: Vec<String> = (0..SIGNALS)
        .map(|n| {
            let mut title: Vec<&str> = (0..WORDS).map(|_| word()).collect();
            if let (0, Some(story)) = (n % 4, stories.get(n / 4 % STORIES)) {
                let same = if n % 40 == 0 { WORDS } else { WORDS - 3 };
                for (to, from) in title.iter_mut().zip(story).take(same) {
                    *to = from;
                }
            }
            title.join(" ")
        })
        .collect();
    let until = Timestamp::from_micros(1_700_000_000_000_000);
    let ages = (0..).map(|n: u64| Span::from_micros(n * 1_000_000));
    let items: Vec<Item<'_>> = titles
        .iter()
        .zip(ages)
        .map(|(title, age)| Item {
            at: until.minus(age),
            title,
            source: "bench",
        })
        .collect();
    let window = Window {
        until,
        span: Span::from_hours(4),
    };
    let (mut best, mut found) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        found = black_box(clusters(&items, window)).len();
        best = best.min(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    println!(
        "{best:.0} ms for {SIGNALS} signals of one window, {found} clusters, the best of {ROUNDS} (bar {BAR_MS:.0} ms)"
    );
}
