//! How alike two titles are, and which pairs are looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    quick::WordMap,
    relevance::{exact, reading},
    vectors::{self, Direction, Sum},
};

/// Words of a title that are read.
const TITLE_WORDS_MAX: usize = 40;
/// A word that more titles have than this leads to so many neighbours only: it costs a square otherwise, and titles of
/// one story share rarer words as well.
const TITLES_OF_A_WORD_MAX: usize = 48;
/// So many neighbours then.
const NEIGHBOURS: usize = 24;

/// Closeness of the words as a whole counts half of what shared words count.
const CLOSENESS: f64 = 0.5;
/// From here on two titles that share two things tell one story.
const STORY: f64 = 0.62;
/// The same where all they share is one name of several words.
const NAME: f64 = 0.72;
/// Shared words alone: the same title but for a word.
const NEARLY_EQUAL: f64 = 0.75;
/// What two groups must have in common as wholes.
const WHOLE: f64 = 0.6;

/// What headlines of every subject are full of.
const EVERYWHERE: &[&str] = &[
    "announce", "ask", "back", "big", "call", "day", "first", "go", "hn", "last", "like", "live",
    "make", "may", "new", "news", "old", "pdf", "people", "post", "report", "said", "say", "see",
    "show", "take", "thing", "time", "today", "top", "two", "use", "video", "watch", "way", "week",
    "year",
];

/// The words of a title that can tell a story, in their order, as they are written.
pub(super) fn words_of(title: &str) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for word in reading::words(title).into_iter().take(TITLE_WORDS_MAX) {
        let stem = reading::stem(&word);
        let empty = reading::says_nothing(&word) || EVERYWHERE.binary_search(&stem).is_ok();
        if word.chars().count() < 2 || empty || seen.iter().any(|before| before == stem) {
            continue;
        }
        seen.push(stem.to_owned());
        out.push(word);
    }
    out
}

/// A title as it is compared.
#[derive(Debug, Clone)]
pub(super) struct Title {
    /// Its stems in their order, by number.
    stems: Vec<u32>,
    /// The same by number, with what each says; of length one.
    weights: Vec<(u32, f64)>,
    /// Where it stands among words.
    place: Option<(Direction, f64)>,
    sum: Sum,
}

impl Title {
    pub(super) fn place_of(&self, stem: u32) -> Option<usize> {
        self.stems.iter().position(|own| *own == stem)
    }
}

/// Titles with the weights of their words: a word says the more the rarer it is, in English and in this window.
pub(super) fn weigh(words: &[Vec<String>]) -> Vec<Title> {
    let known = vectors::english();
    let mut numbers: WordMap<&str, u32> = WordMap::default();
    let mut titles_with: Vec<u32> = Vec::new();
    let mut stems: Vec<Vec<u32>> = Vec::with_capacity(words.len());
    for title in words {
        let mut own = Vec::with_capacity(title.len());
        for word in title {
            let next = u32::try_from(titles_with.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(reading::stem(word)).or_insert(next);
            if number == next {
                titles_with.push(0);
            }
            if let Some(with) = place(number).and_then(|at| titles_with.get_mut(at)) {
                *with += 1;
            }
            own.push(number);
        }
        stems.push(own);
    }
    let all = f64::from(u32::try_from(words.len()).unwrap_or(u32::MAX));
    let most = exact::ln(1.0 + all);
    let own = words.iter().zip(&stems);
    own.map(|(words, stems)| {
        let mut sum = Sum::default();
        let mut weights: Vec<(u32, f64)> = Vec::with_capacity(stems.len());
        for (word, number) in words.iter().zip(stems) {
            let found = known.find(word);
            let says = found.map_or(1.0, |at| known.weight(at));
            let with = place(*number).and_then(|at| titles_with.get(at));
            let rarity = exact::ln(1.0 + all / f64::from(with.copied().unwrap_or(1).max(1))) / most;
            weights.push((*number, says * rarity));
            if let Some(at) = found {
                sum.add(&known.direction(at), says);
            }
        }
        let length = weights.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        if length > 0.0 {
            for (_, weight) in &mut weights {
                *weight /= length;
            }
        }
        weights.sort_unstable_by_key(|(number, _)| *number);
        let place = sum.direction().map(|direction| {
            let per_length = direction.per_length();
            (direction, per_length)
        });
        Title {
            stems: stems.clone(),
            weights,
            place,
            sum,
        }
    })
    .collect()
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()
}

/// Two titles that tell one story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) a: usize,
    pub(super) b: usize,
    /// In millionths.
    pub(super) strength: u32,
}

/// Every pair that is looked at and is alike.
pub(super) fn links(titles: &[Title]) -> Vec<Link> {
    let mut with: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, title) in titles.iter().enumerate() {
        for stem in &title.stems {
            with.entry(*stem).or_default().push(at);
        }
    }
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for titles in with.values() {
        let far = if titles.len() <= TITLES_OF_A_WORD_MAX {
            titles.len()
        } else {
            NEIGHBOURS
        };
        for (at, a) in titles.iter().enumerate() {
            for b in titles.iter().skip(at + 1).take(far) {
                pairs.insert((*a, *b));
            }
        }
    }
    pairs
        .into_iter()
        .filter_map(|(a, b)| {
            let strength = alike(titles.get(a)?, titles.get(b)?)?;
            Some(Link { a, b, strength })
        })
        .collect()
}

/// How alike two titles are, where they tell one story.
fn alike(a: &Title, b: &Title) -> Option<u32> {
    let mut shared = 0.0;
    let mut both: Vec<u32> = Vec::new();
    let (mut left, mut right) = (a.weights.iter().peekable(), b.weights.iter().peekable());
    while let (Some((x, weight)), Some((y, other))) = (left.peek(), right.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => {
                left.next();
            }
            std::cmp::Ordering::Greater => {
                right.next();
            }
            std::cmp::Ordering::Equal => {
                shared += weight * other;
                both.push(*x);
                left.next();
                right.next();
            }
        }
    }
    if both.len() < 2 && shared < NEARLY_EQUAL {
        return None;
    }
    let close = match (&a.place, &b.place) {
        (Some((x, x_length)), Some((y, y_length))) => x.cosine(*x_length, y, *y_length).max(0.0),
        (_, _) => 0.0,
    };
    let strength = shared + CLOSENESS * close;
    let enough = if shared >= NEARLY_EQUAL {
        0.0
    } else if things(a, b, &both) >= 2 {
        STORY
    } else {
        NAME
    };
    (strength >= enough).then(|| millionths(strength))
}

/// Words that follow each other in both titles are one thing: a name says no more with its second word.
fn things(a: &Title, b: &Title, both: &[u32]) -> usize {
    let follows = |x: u32, y: u32| {
        let at = b.place_of(x);
        at.and_then(|at| b.stems.get(at + 1)) == Some(&y)
    };
    let joined = a
        .stems
        .iter()
        .zip(a.stems.iter().skip(1))
        .filter(|(x, y)| both.contains(x) && both.contains(y) && follows(**x, **y))
        .count();
    both.len() - joined
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between nought and two, in millionths"
)]
fn millionths(strength: f64) -> u32 {
    (strength.clamp(0.0, 2.0) * 1_000_000.0).round() as u32
}

/// The middle of a group.
#[derive(Debug, Clone)]
pub(super) struct Centre {
    weights: BTreeMap<u32, Share>,
    sum: Sum,
    titles: u32,
}

/// What one word is to a group.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    weight: f64,
    titles: u32,
}

impl Centre {
    pub(super) fn of(title: &Title) -> Self {
        let share = |weight: f64| Share { weight, titles: 1 };
        Self {
            weights: title
                .weights
                .iter()
                .map(|(stem, weight)| (*stem, share(*weight)))
                .collect(),
            sum: title.sum.clone(),
            titles: 1,
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (stem, share) in &other.weights {
            let own = self.weights.entry(*stem).or_default();
            own.weight += share.weight;
            own.titles += share.titles;
        }
        self.sum.join(&other.sum);
        self.titles += other.titles;
    }

    /// Whether two groups tell one story as wholes. Of single titles the link said so already.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        if self.titles == 1 && other.titles == 1 {
            return true;
        }
        let (few, many) = if self.weights.len() <= other.weights.len() {
            (self, other)
        } else {
            (other, self)
        };
        let shared: f64 = few
            .weights
            .iter()
            .filter_map(|(stem, share)| Some(share.weight * many.weights.get(stem)?.weight))
            .sum();
        let shared = shared / (self.length() * other.length()).max(f64::MIN_POSITIVE);
        let close = match (self.sum.direction(), other.sum.direction()) {
            (Some(a), Some(b)) => a.cosine(a.per_length(), &b, b.per_length()).max(0.0),
            (_, _) => 0.0,
        };
        shared + CLOSENESS * close >= WHOLE
    }

    fn length(&self) -> f64 {
        let squares = self
            .weights
            .values()
            .map(|share| share.weight * share.weight);
        squares.sum::<f64>().sqrt()
    }

    /// How much of the middle a title has, in millionths.
    pub(super) fn nearness(&self, title: &Title) -> u32 {
        let shared: f64 = title
            .weights
            .iter()
            .filter_map(|(stem, weight)| Some(weight * self.weights.get(stem)?.weight))
            .sum();
        millionths(shared / self.length().max(f64::MIN_POSITIVE))
    }

    /// The words that say most of it, of those that stand in at least half of the titles.
    pub(super) fn telling(&self, most: usize) -> Vec<u32> {
        let mut words: Vec<(std::cmp::Reverse<u32>, u32)> = self
            .weights
            .iter()
            .filter(|(_, share)| share.titles * 2 >= self.titles)
            .map(|(stem, share)| {
                let mean = share.weight / f64::from(self.titles.max(1));
                (std::cmp::Reverse(millionths(mean)), *stem)
            })
            .collect();
        words.sort_unstable();
        words.into_iter().take(most).map(|(_, stem)| stem).collect()
    }
}
