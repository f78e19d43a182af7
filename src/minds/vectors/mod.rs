//! Where English words stand among each other: the nearer, the more they are used alike.
//!
//! 100,000 words in order of frequency, made from GloVe by `examples/vectors.rs`; `README.md` beside this file
//! says from what and under which licence. All that is read are small integers, so that a distance is the same
//! on every machine.
#![expect(
    clippy::float_arithmetic,
    reason = "only sums, products and roots, which every machine rounds alike"
)]

use std::sync::LazyLock;

use crate::quick::WordMap;

/// Dimensions of a word.
pub const DIMENSIONS: usize = 64;
/// Names what is carried, in the version of every method that reads it.
pub const VERSION: &str = "glove-6b-100k";

static ASSET: &[u8] = include_bytes!("english.bin");
static ENGLISH: LazyLock<Vectors> = LazyLock::new(|| Vectors::read(ASSET).unwrap_or_default());
const MAGIC: &[u8] = b"CHIMVEC1";
/// What stands for zero in four bits.
const ZERO: i16 = 8;

/// A word that is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(usize);

/// A direction among words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direction([i16; DIMENSIONS]);

/// A sum of words, on the way to a direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum([f64; DIMENSIONS]);

/// The words that are carried.
#[derive(Debug, Default)]
pub struct Vectors {
    words: WordMap<&'static str, usize>,
    weights: &'static [u8],
    rows: &'static [u8],
}

/// The words of this build.
#[must_use]
pub fn english() -> &'static Vectors {
    &ENGLISH
}

impl Vectors {
    /// `None` when the bytes are of another form, which a test keeps from being built.
    fn read(asset: &'static [u8]) -> Option<Self> {
        let number = |at: usize| -> Option<usize> {
            let bytes = asset.get(at..at + 4)?.try_into().ok()?;
            usize::try_from(u32::from_le_bytes(bytes)).ok()
        };
        let start = MAGIC.len();
        let (count, dimensions, letters) = (number(start)?, number(start + 4)?, number(start + 8)?);
        let (names, rest) = asset.get(start + 12..)?.split_at_checked(letters)?;
        let (weights, rows) = rest.split_at_checked(count)?;
        let fits = asset.starts_with(MAGIC)
            && dimensions == DIMENSIONS
            && rows.len() == count * DIMENSIONS / 2;
        let names = std::str::from_utf8(names).ok()?;
        fits.then(|| Self {
            words: names.split('\n').zip(0..count).collect(),
            weights,
            rows,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All of them, in order of frequency.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        let mut words: Vec<(&usize, &'static str)> = self
            .words
            .iter()
            .map(|(word, rank)| (rank, *word))
            .collect();
        words.sort_unstable();
        words.into_iter().map(|(_, word)| word).collect()
    }

    /// A folded word, in this form or without a plural `s`.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<Place> {
        let singular = || self.words.get(word.strip_suffix('s')?);
        self.words.get(word).or_else(singular).copied().map(Place)
    }

    /// The word so many places down the order of frequency.
    #[must_use]
    pub fn at(&self, rank: usize) -> Option<Place> {
        (rank < self.len()).then_some(Place(rank))
    }

    /// What a word says, 0 to 1: the rarer the more.
    #[must_use]
    pub fn weight(&self, place: Place) -> f64 {
        self.weights
            .get(place.0)
            .map_or(1.0, |weight| f64::from(*weight) / 255.0)
    }

    /// Where a word stands.
    #[must_use]
    pub fn direction(&self, place: Place) -> Direction {
        const HALF: usize = DIMENSIONS / 2;
        let row = self.rows.get(place.0 * HALF..(place.0 + 1) * HALF);
        let Some(row) = row.and_then(|row| <&[u8; HALF]>::try_from(row).ok()) else {
            return Direction([0; DIMENSIONS]);
        };
        // Of a row whose length is known the compiler takes several at a time.
        Direction(std::array::from_fn(|at| {
            let byte = row[at / 2];
            let half = if at % 2 == 0 { byte & 0xf } else { byte >> 4 };
            i16::from(half) - ZERO
        }))
    }
}

impl Direction {
    /// Component by component.
    #[must_use]
    pub const fn components(&self) -> &[i16; DIMENSIONS] {
        &self.0
    }

    #[inline]
    fn dot(&self, other: &Self) -> i32 {
        // Whole numbers may be added in any order, which lets the compiler take eight at a time.
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
    }

    /// One by its length; 0 for a word without a place.
    #[must_use]
    pub fn per_length(&self) -> f64 {
        let length = f64::from(self.dot(self)).sqrt();
        if length > 0.0 { 1.0 / length } else { 0.0 }
    }

    /// The cosine of the angle between two, of which one by the length was taken before.
    #[must_use]
    #[inline]
    pub fn cosine(&self, per_length: f64, other: &Self, other_per_length: f64) -> f64 {
        f64::from(self.dot(other)) * per_length * other_per_length
    }
}

impl Default for Sum {
    fn default() -> Self {
        Self([0.0; DIMENSIONS])
    }
}

impl Sum {
    /// Adds a direction, at length one and so much weight.
    pub fn add(&mut self, direction: &Direction, weight: f64) {
        let weight = weight * direction.per_length();
        for (sum, x) in self.0.iter_mut().zip(&direction.0) {
            *sum += f64::from(*x) * weight;
        }
    }

    /// Adds another sum.
    pub(crate) fn join(&mut self, other: &Self) {
        for (sum, x) in self.0.iter_mut().zip(&other.0) {
            *sum += x;
        }
    }

    /// The sum at length one; `None` when nothing is left of it.
    #[must_use]
    pub fn unit(&self) -> Option<Self> {
        let length = self.0.iter().map(|x| x * x).sum::<f64>().sqrt();
        (length > 1e-6).then(|| Self(self.0.map(|x| x / length)))
    }

    /// The direction of the sum.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a component of length one, in 4096 steps"
    )]
    pub fn direction(&self) -> Option<Direction> {
        let unit = self.unit()?;
        Some(Direction(unit.0.map(|x| (x * 4096.0).round() as i16)))
    }

    /// Component by component.
    #[must_use]
    pub const fn components(&self) -> &[f64; DIMENSIONS] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: &str, b: &str) -> f64 {
        let of = |word| english().direction(english().find(word).unwrap());
        let (a, b) = (of(a), of(b));
        a.cosine(a.per_length(), &b, b.per_length())
    }

    // R30: what is carried can be read, words used alike stand close, and a rare word says more.
    #[test]
    fn r30_words_that_are_used_alike_stand_close() {
        assert_eq!(english().len(), 100_000);
        for (word, close, far) in [
            ("dog", "puppy", "senator"),
            ("mortgage", "loan", "guitar"),
            ("telescope", "astronomer", "lipstick"),
        ] {
            assert!(near(word, close) > near(word, far) + 0.3, "{word}");
        }
        let weight = |word| english().weight(english().find(word).unwrap());
        assert!(weight("telescope") > weight("people"));
        assert_eq!(english().find("telescopes"), english().find("telescopes"));
        assert!(english().find("qzxv").is_none() && english().at(100_000).is_none());
        assert!(Vectors::read(b"CHIMVEC1 and nothing more").is_none());
    }

    // A sum points where its words do; nothing points nowhere.
    #[test]
    fn a_sum_points_where_its_words_do() {
        let dog = english().direction(english().find("dog").unwrap());
        let mut sum = Sum::default();
        assert_eq!(sum.direction(), None);
        sum.add(&dog, 0.5);
        let pointed = sum.direction().unwrap();
        assert!(dog.cosine(dog.per_length(), &pointed, pointed.per_length()) > 0.999);
    }
}
