//! How many signals a second one core reads and scores for 26 personas: `cargo bench -p chimera-minds`.
//!
//! The signals are ten words each, drawn from all that are carried, the frequent ones more often; the personas
//! have six topics of twenty keywords each. Every score is made, and its reason only where it would plan.

use std::{fmt::Write, hint::black_box, time::Instant};

use chimera_domain::{Score, persona::Persona, testing};
use chimera_minds::{
    eval::Chance,
    relevance::{DECISIONS_MAX, Decided, Interest, Learned, Reading},
    vectors,
};

const PERSONAS: usize = 26;
const SIGNALS: usize = 20_000;
/// Of several rounds the best counts: what else the machine does is not what is measured.
const ROUNDS: usize = 20;
const WORDS: usize = 10;
const BAR: f64 = 20_000.0;

#[expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a figure for a person"
)]
fn main() {
    let names = vectors::english().words();
    let mut chance = Chance::new(1);
    let titles: Vec<String> = (0..SIGNALS)
        .map(|_| {
            let mut title = String::new();
            for _ in 0..WORDS {
                // Of two draws the more frequent word.
                let rank = chance.index(names.len()).min(chance.index(names.len()));
                let _ = write!(title, "{} ", names.get(rank).copied().unwrap_or_default());
            }
            title
        })
        .collect();
    let interests: Vec<Interest> = (0..PERSONAS)
        .filter_map(|_| Interest::of(&persona(&names, &mut chance)).ok())
        .collect();
    let plan = Score::from_percent(75);
    let (mut best, mut planned) = (0.0_f64, 0_u64);
    for round in titles.chunks(SIGNALS / ROUNDS) {
        let begun = Instant::now();
        for title in round {
            let reading = Reading::of(title, "");
            for interest in &interests {
                let Ok(scored) = interest.score(&reading, None) else {
                    continue;
                };
                if scored.score >= plan {
                    planned += 1;
                    black_box(interest.reason(&reading, &scored, None));
                }
                black_box(scored.score);
            }
        }
        best = best.max(round.len() as f64 / begun.elapsed().as_secs_f64());
    }
    println!(
        "{best:.0} signals/s read and scored for {} personas on one core, the best of {ROUNDS} rounds (bar {BAR:.0}); {planned} would plan",
        interests.len()
    );
    if let Some(interest) = interests.first() {
        learning(interest, &titles[..DECISIONS_MAX.min(titles.len())]);
    }
}

fn persona(names: &[&str], chance: &mut Chance) -> Persona {
    let mut keywords = || -> Vec<&str> {
        let drawn = (0..20).filter_map(|_| names.get(300 + chance.index(20_000)));
        drawn.copied().collect()
    };
    let topics: Vec<Vec<&str>> = (0..6).map(|_| keywords()).collect();
    let topics: Vec<(&str, &[&str])> = topics.iter().map(|t| ("topic", t.as_slice())).collect();
    testing::persona(&topics)
}

/// How long it takes to learn from as many decisions as are learned from at most: once for each new one.
#[expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a figure for a person"
)]
fn learning(interest: &Interest, titles: &[String]) {
    let readings: Vec<Reading> = titles.iter().map(|title| Reading::of(title, "")).collect();
    let decided: Vec<Decided<'_>> = (0..)
        .zip(&readings)
        .map(|(n, reading)| Decided {
            reading,
            kept: n % 3 == 0,
        })
        .take(DECISIONS_MAX)
        .collect();
    let best = (0..5).map(|_| {
        let begun = Instant::now();
        black_box(Learned::of(interest, &decided));
        begun.elapsed()
    });
    let best = best.min().unwrap_or_default();
    println!(
        "{:.1} ms to learn from {} decisions, the best of 5",
        best.as_secs_f64() * 1_000.0,
        decided.len()
    );
}
