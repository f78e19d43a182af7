//! Which texts are most like what one writes about: by the words they share, the rare ones counting more.
#![expect(
    clippy::float_arithmetic,
    reason = "only sums, products and roots, which every machine rounds alike"
)]

use std::collections::BTreeSet;

use chimera_domain::Score;

use crate::{relevance::reading, vectors};

/// What is less like it than this is about something else.
const ALIKE_MIN: Score = Score::from_percent(12);

/// The places of the texts that are most like the subject, at most so many, the most alike first and of equals the
/// earlier; with how alike they are, the cosine of their weighed words.
#[must_use]
pub fn like(subject: &str, texts: &[&str], most: usize) -> Vec<(usize, Score)> {
    let wanted = weighed(subject);
    let mut found: Vec<(usize, Score)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (at, alike(&wanted, &weighed(text))))
        .filter(|(_, alike)| *alike >= ALIKE_MIN)
        .collect();
    found.sort_by_key(|(at, alike)| (std::cmp::Reverse(*alike), *at));
    found.truncate(most);
    found
}

/// The words of a text, each once, with how much each says.
fn weighed(text: &str) -> Vec<(String, f64)> {
    let vectors = vectors::english();
    let words = reading::words(text);
    let stems: BTreeSet<&str> = words
        .iter()
        .filter(|word| !reading::says_nothing(word))
        .map(|word| reading::stem(word))
        .collect();
    stems
        .into_iter()
        .map(|stem| {
            let weight = vectors
                .find(stem)
                .map_or(1.0, |place| vectors.weight(place));
            (stem.to_owned(), weight)
        })
        .collect()
}

fn alike(a: &[(String, f64)], b: &[(String, f64)]) -> Score {
    let length =
        |words: &[(String, f64)]| words.iter().map(|(_, weight)| weight * weight).sum::<f64>();
    let shared: f64 = a
        .iter()
        .filter(|(word, _)| b.binary_search_by(|(other, _)| other.cmp(word)).is_ok())
        .map(|(_, weight)| weight * weight)
        .sum();
    let longest = (length(a) * length(b)).sqrt();
    if longest == 0.0 {
        return Score::ZERO;
    }
    Score::from_unit((shared / longest).min(1.0)).unwrap_or(Score::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    // R122: the posts that are most like the subject, the best first; what is about something else is not among them.
    #[test]
    fn r122_the_most_alike_come_first_and_others_not_at_all() {
        let texts = [
            "Linen sneakers are mended for free in Zanderoo",
            "Battery storage rules are out, all 212 pages of them",
            "A sneaker of linen comes back, and is mended",
            "The wool archive opens on Friday",
        ];
        let found = like("Aro brings its linen sneaker back", &texts, 5);
        let places: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
        assert_eq!(places, [2, 0]);
        assert!(found[0].1 > found[1].1);
        assert_eq!(
            like("Aro brings its linen sneaker back", &texts, 1).len(),
            1
        );
        for nothing in ["", "the of and", "Zebras"] {
            assert!(like(nothing, &texts, 5).is_empty());
        }
        assert_eq!(like("Linen", &["Linen"], 1), [(0, Score::ONE)]);
    }
}
