//! What else a text could be about: common subjects, each with words that show it. What is about another
//! subject is less likely about the persona's, and what is about one close to it more.

use std::sync::LazyLock;

use super::{
    exact::{exps, logistic},
    lexis::{CLOSE, Lexis, Shown},
    reading::Reading,
    weights,
};
use crate::{
    quick::WordMap,
    vectors::{DIMENSIONS, Direction},
};

static TEXT: &str = include_str!("subjects.txt");
static SUBJECTS: LazyLock<Vec<Subject>> = LazyLock::new(|| {
    TEXT.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, words)| Subject {
            name,
            lexis: Lexis::of([words.split(',').map(str::trim)]),
        })
        .collect()
});

/// Which subjects know a stem, and of which it is a keyword on its own, a bit each: most know none of a text, and
/// need not look.
static KNOWN_BY: LazyLock<WordMap<&'static str, (u128, u128)>> = LazyLock::new(|| {
    let mut known: WordMap<&str, (u128, u128)> = WordMap::default();
    for (at, subject) in all().iter().enumerate() {
        for (stem, alone) in subject.lexis.stems() {
            let (by, alone_by) = known.entry(stem).or_default();
            *by |= 1 << at;
            *alone_by |= u128::from(alone) << at;
        }
    }
    known
});
static BLOCKS: LazyLock<Vec<Block>> =
    LazyLock::new(|| all().chunks(LANES).map(Block::of).collect());

/// So many subjects are measured side by side.
const LANES: usize = 16;
type Lanes = [f64; LANES];

/// Subjects side by side, so that one pass over a word's components measures all of them.
struct Block {
    /// Where they stand, component by component. Those of a word are small and those of a subject have 4096 steps:
    /// a product of 64 of them is a whole number below 2^24, so that it is exact in whatever order it is added.
    components: Box<[[f32; LANES]; DIMENSIONS]>,
    directions: Vec<Option<Direction>>,
    per_length: Lanes,
    mean: Lanes,
    per_deviation: Lanes,
    text_mean: Lanes,
    text_per_deviation: Lanes,
}

impl Block {
    fn of(subjects: &[Subject]) -> Self {
        let mut block = Self {
            components: Box::new([[0.0; LANES]; DIMENSIONS]),
            directions: Vec::new(),
            per_length: [0.0; LANES],
            mean: [0.0; LANES],
            per_deviation: [0.0; LANES],
            text_mean: [0.0; LANES],
            text_per_deviation: [0.0; LANES],
        };
        for (lane, subject) in subjects.iter().enumerate() {
            let (stands, words, texts) = subject.lexis.column();
            if let Some((direction, per_length)) = stands {
                for (row, x) in block.components.iter_mut().zip(direction.components()) {
                    row[lane] = f32::from(*x);
                }
                block.per_length[lane] = per_length;
            }
            let direction = stands.map(|(direction, _)| direction.clone());
            block.directions.push(direction);
            (block.mean[lane], block.per_deviation[lane]) = (words.mean, words.per_deviation);
            block.text_mean[lane] = texts.mean;
            block.text_per_deviation[lane] = texts.per_deviation;
        }
        block
    }

    /// The product of each with a word. On its own, because where the compiler sees that doubles are made of it, it
    /// takes half as many at a time.
    #[inline(never)]
    fn dots(&self, word: &Direction) -> [f32; LANES] {
        let mut dots = [0.0; LANES];
        for (row, x) in self.components.iter().zip(word.components()) {
            let x = f32::from(*x);
            for lane in 0..LANES {
                dots[lane] += x * row[lane];
            }
        }
        dots
    }

    /// How close each stands to a word, as [`Direction::cosine`] says.
    #[inline]
    fn cosines(&self, word: &Direction, per_length: f64) -> Lanes {
        let dots = self.dots(word);
        std::array::from_fn(|lane| f64::from(dots[lane]) * self.per_length[lane] * per_length)
    }

    /// What the words of a text that are close to each say together, and the closest: all but those that `alone`
    /// says are its keywords.
    fn close(&self, reading: &Reading, alone: impl Fn(usize) -> u128) -> (Lanes, Lanes) {
        let (mut close, mut closest) = ([0.0; LANES], [0.0_f64; LANES]);
        for (at, token) in reading.tokens.iter().enumerate() {
            let Some((word, per_length)) = &token.place else {
                continue;
            };
            let cosines = self.cosines(word, *per_length);
            let mut weight = [token.weight; LANES];
            let alone = alone(at);
            if alone != 0 {
                for (lane, weight) in weight.iter_mut().enumerate() {
                    if alone >> lane & 1 == 1 {
                        *weight = 0.0;
                    }
                }
            }
            for lane in 0..LANES {
                let measured = (cosines[lane] - self.mean[lane]) * self.per_deviation[lane];
                close[lane] += weight[lane] * (measured - CLOSE).max(0.0);
                closest[lane] = closest[lane].max(weight[lane] * measured);
            }
        }
        (close, closest)
    }

    /// How close the whole text is to one of them.
    fn text(&self, lane: usize, reading: &Reading) -> f64 {
        let Some(text) = &reading.whole else {
            return 0.0;
        };
        let direction = self.directions.get(lane).and_then(Option::as_ref);
        let cosine = direction.map_or(0.0, |direction| {
            direction.cosine(self.per_length[lane], &text.direction, text.per_length)
        });
        (cosine - self.text_mean[lane]) * self.text_per_deviation[lane]
    }
}

/// From this cosine on a subject counts as the persona's own rather than as another.
const OWN: f64 = 0.62;
/// How sharp that border is.
const SHARP: f64 = 20.0;

/// A common subject.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) lexis: Lexis,
}

/// All of them, in the order of the file.
pub(super) fn all() -> &'static [Subject] {
    &SUBJECTS
}

/// The logarithm of the odds that a text is about each subject, and the odds.
pub(super) fn odds(reading: &Reading) -> (Vec<f64>, Vec<f64>) {
    let known: Vec<(u128, u128)> = reading
        .tokens
        .iter()
        .map(|token| KNOWN_BY.get(token.stem.as_str()).copied().unwrap_or((0, 0)))
        .collect();
    let any = known.iter().fold(0, |any, (by, _)| any | by);
    let (mut odds, mut likely) = (Vec::new(), Vec::new());
    for (n, (block, subjects)) in BLOCKS.iter().zip(all().chunks(LANES)).enumerate() {
        let from = n * LANES;
        let alone = |at: usize| known.get(at).map_or(0, |(_, alone)| alone >> from);
        let (close, closest) = block.close(reading, alone);
        let mut lanes = [0.0; LANES];
        for (lane, subject) in subjects.iter().enumerate() {
            let mut shown = Shown::default();
            if any >> (from + lane) & 1 == 1 {
                for (at, (by, _)) in known.iter().enumerate() {
                    if by >> (from + lane) & 1 == 1 {
                        subject.lexis.show(reading, at, &mut shown);
                    }
                }
            }
            let text = block.text(lane, reading);
            let evidence = shown.evidence(reading, close[lane], closest[lane], text);
            lanes[lane] = weights::first(&evidence);
        }
        odds.extend_from_slice(&lanes[..subjects.len()]);
        likely.extend_from_slice(&exps(lanes)[..subjects.len()]);
    }
    (odds, likely)
}

/// How far each subject is a persona's own, 0 to 1.
pub(super) fn own(lexis: &Lexis) -> Vec<f64> {
    all()
        .iter()
        .map(|subject| logistic((lexis.cosine(&subject.lexis) - OWN) * SHARP))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Every line is a subject with words, and no two have one name.
    #[test]
    fn every_line_is_a_subject() {
        assert_eq!(all().len(), TEXT.lines().count());
        assert!(all().len() <= 128, "one bit each");
        let mut names: Vec<&str> = all().iter().map(|subject| subject.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
        // Each is closest to itself.
        for (at, subject) in all().iter().enumerate() {
            let own = own(&subject.lexis);
            assert!(own[at] > 0.999, "{}", subject.name);
        }
    }
    // R30: side by side they say exactly what each says by itself, of texts with and without their words.
    #[test]
    fn r30_side_by_side_subjects_say_what_each_says_alone() {
        for (title, summary) in [
            ("A linen shirt with horn buttons", ""),
            (
                "Senate votes on the election bill of the president",
                "The dog slept.",
            ),
            (
                "Bake sourdough, plant tomatoes, buy bitcoin and run a marathon",
                "",
            ),
            ("qzxv 17", "…"),
            ("the of and", ""),
        ] {
            let reading = Reading::of(title, summary);
            assert_eq!(reading.subjects.len(), all().len());
            for (at, subject) in all().iter().enumerate() {
                let alone = weights::first(&subject.lexis.evidence(&reading));
                let (odds, likely) = (reading.subjects[at], reading.likely[at]);
                assert_eq!(odds.to_bits(), alone.to_bits(), "{title}: {}", subject.name);
                assert_eq!(likely.to_bits(), super::super::exact::exp(alone).to_bits());
            }
        }
    }
}
