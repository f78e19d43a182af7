//! A lexis: the words that show a subject, and how much of it a text shows.

use std::{collections::HashSet, sync::LazyLock};

use super::reading::{Reading, says_nothing, stem, words};
use crate::{
    quick::{Filter, WordMap, key},
    vectors::{self, Direction, Sum},
};

/// What a text shows of a lexis.
pub(super) type Evidence = [f64; EVIDENCE];
/// How many measures that is:
/// 0 phrases that stand in it, at most two; 1 and 2 what its words say that stand in it, together and the one
/// that says most; 3 the same of words that are part of a phrase only; 4 words that are used like those of the
/// lexis, as far as they are close; 5 the closest of them; 6 how close the whole text is; 7 how much the text says
/// at all.
pub(super) const EVIDENCE: usize = 8;

/// Beyond so many standard deviations a word is taken as close.
pub(super) const CLOSE: f64 = 2.0;
/// The words everything is measured against begin here in the order of frequency.
const BACKGROUND_FROM: usize = 300;
/// They end here.
const BACKGROUND_TO: usize = 20_000;
/// One in so many is taken.
const BACKGROUND_STEP: usize = 7;
/// Words of a text made up to measure texts against.
const BACKGROUND_TEXT: usize = 5;

/// The words that show a subject.
#[derive(Debug)]
pub(super) struct Lexis {
    /// What each stem shows, in one place: it is looked up for every word of every text.
    entries: WordMap<String, Entry>,
    /// Which stems may be among them.
    filter: Filter,
    /// Where the whole lexis stands; `None` when no word of it is carried.
    whole: Option<Field>,
    /// Where each topic stands.
    topics: Option<Field>,
    /// The same for whole texts.
    texts: Norm,
}

/// What a stem shows.
#[derive(Debug, Default)]
struct Entry {
    /// As a keyword on its own, as it is written.
    single: Option<String>,
    /// As part of a phrase, how large a part.
    part: f64,
    /// The phrases it begins.
    phrases: Vec<Phrase>,
}

#[derive(Debug)]
struct Phrase {
    stems: Vec<String>,
    written: String,
}

/// Directions, and how close words usually are to the closest of them.
#[derive(Debug)]
struct Field {
    directions: Vec<(Direction, f64)>,
    norm: Norm,
}

/// What is usual.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Norm {
    pub(super) mean: f64,
    /// One by the standard deviation: a product costs a fraction of a quotient.
    pub(super) per_deviation: f64,
}

/// What stands in a text of a lexis, word by word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown {
    phrases: f64,
    sum: f64,
    most: f64,
    part: f64,
}

impl Shown {
    /// With what is close to it.
    pub(super) fn evidence(
        self,
        reading: &Reading,
        close: f64,
        closest: f64,
        text: f64,
    ) -> Evidence {
        [
            self.phrases.min(2.0),
            self.sum,
            self.most,
            self.part,
            close,
            closest,
            text,
            reading.weight / (reading.weight + 3.0),
        ]
    }
}

impl Norm {
    fn of(values: &[f64]) -> Self {
        let count = values.iter().fold(0.0, |count, _| count + 1.0_f64).max(1.0);
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
        let deviation = (squares / count).sqrt();
        Self {
            mean,
            per_deviation: if deviation > 0.0 {
                1.0 / deviation
            } else {
                0.0
            },
        }
    }

    #[inline]
    fn measure(self, value: f64) -> f64 {
        (value - self.mean) * self.per_deviation
    }
}

impl Field {
    fn of(sums: &[Sum]) -> Option<Self> {
        let directions: Vec<(Direction, f64)> = sums
            .iter()
            .filter_map(Sum::direction)
            .map(|direction| {
                let per_length = direction.per_length();
                (direction, per_length)
            })
            .collect();
        if directions.is_empty() {
            return None;
        }
        let mut field = Self {
            directions,
            norm: Norm::default(),
        };
        let usual: Vec<f64> = BACKGROUND
            .words
            .iter()
            .map(|(word, per_length)| field.cosine(word, *per_length))
            .collect();
        field.norm = Norm::of(&usual);
        Some(field)
    }

    #[inline]
    fn cosine(&self, word: &Direction, per_length: f64) -> f64 {
        self.directions
            .iter()
            .map(|(direction, own)| direction.cosine(*own, word, per_length))
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// What everything is measured against: words as they come, and texts of a few of them.
struct Background {
    words: Vec<(Direction, f64)>,
    texts: Vec<(Direction, f64)>,
}

static BACKGROUND: LazyLock<Background> = LazyLock::new(|| {
    let known = vectors::english();
    let words: Vec<(Direction, f64)> = (BACKGROUND_FROM..BACKGROUND_TO)
        .step_by(BACKGROUND_STEP)
        .filter_map(|rank| known.at(rank))
        .map(|place| {
            let direction = known.direction(place);
            let per_length = direction.per_length();
            (direction, per_length)
        })
        .collect();
    let texts = words
        .chunks_exact(BACKGROUND_TEXT)
        .filter_map(|words| {
            let mut sum = Sum::default();
            for (word, _) in words {
                sum.add(word, 1.0);
            }
            let direction = sum.direction()?;
            let per_length = direction.per_length();
            Some((direction, per_length))
        })
        .collect();
    Background { words, texts }
});

impl Lexis {
    /// From topics of keywords.
    pub(super) fn of<'k>(
        topics: impl IntoIterator<Item = impl IntoIterator<Item = &'k str>>,
    ) -> Self {
        let known = vectors::english();
        let mut lexis = Self {
            entries: WordMap::default(),
            filter: Filter::default(),
            whole: None,
            topics: None,
            texts: Norm::default(),
        };
        let (mut whole, mut sums) = (Sum::default(), Vec::new());
        let mut seen: HashSet<&str> = HashSet::new();
        for keywords in topics {
            let mut topic = Sum::default();
            for keyword in keywords.into_iter().filter(|keyword| seen.insert(keyword)) {
                let words = words(keyword);
                lexis.add(keyword, &words);
                let (mut sum, mut weight, mut count) = (Sum::default(), 0.0, 0.0);
                for word in words.iter().filter(|word| !says_nothing(word)) {
                    if let Some(place) = known.find(word) {
                        sum.add(&known.direction(place), known.weight(place));
                        weight += known.weight(place);
                        count += 1.0_f64;
                    }
                }
                if let Some(direction) = sum.direction() {
                    topic.add(&direction, weight / count);
                    whole.add(&direction, weight / count);
                }
            }
            sums.push(topic);
        }
        lexis.whole = Field::of(&[whole]);
        lexis.topics = if sums.len() == 1 {
            None
        } else {
            Field::of(&sums)
        };
        let usual: Vec<f64> = BACKGROUND
            .texts
            .iter()
            .map(|(text, per_length)| lexis.closest(text, *per_length))
            .collect();
        lexis.texts = Norm::of(&usual);
        lexis
    }

    fn add(&mut self, keyword: &str, words: &[String]) {
        let stems: Vec<String> = words.iter().map(|word| stem(word).to_owned()).collect();
        match stems.as_slice() {
            [] => {}
            [one] => self.entry(one).single = Some(keyword.to_owned()),
            [first, ..] => {
                let share = 1.0 / stems.iter().fold(0.0, |count, _| count + 1.0_f64);
                for (stem, _) in stems.iter().zip(words).filter(|(_, w)| !says_nothing(w)) {
                    let entry = self.entry(stem);
                    entry.part = entry.part.max(share);
                }
                self.entry(first).phrases.push(Phrase {
                    stems: stems.clone(),
                    written: keyword.to_owned(),
                });
            }
        }
    }

    fn entry(&mut self, stem: &str) -> &mut Entry {
        self.filter.add(key(stem));
        self.entries.entry(stem.to_owned()).or_default()
    }

    /// Every stem that shows something, and whether it is a keyword on its own.
    pub(super) fn stems(&self) -> impl Iterator<Item = (&str, bool)> {
        let entries = self.entries.iter();
        entries.map(|(stem, entry)| (stem.as_str(), entry.single.is_some()))
    }

    /// Where the whole lexis stands, what is usual of words and what of texts, where it has one topic.
    pub(super) fn column(&self) -> (Option<(&Direction, f64)>, Norm, Norm) {
        let whole = self.whole.as_ref();
        let stands = whole.and_then(|field| field.directions.first());
        (
            stands.map(|(direction, per_length)| (direction, *per_length)),
            whole.map_or_else(Norm::default, |field| field.norm),
            self.texts,
        )
    }

    /// One topic, or the whole where there is only one.
    fn topics(&self) -> Option<&Field> {
        self.topics.as_ref().or(self.whole.as_ref())
    }

    fn closest(&self, text: &Direction, per_length: f64) -> f64 {
        self.topics()
            .map_or(0.0, |field| field.cosine(text, per_length))
    }

    /// How close two lexes are, -1 to 1; 0 where one has no place.
    pub(super) fn cosine(&self, other: &Self) -> f64 {
        let of = |lexis: &Self| -> Option<(Direction, f64)> {
            lexis.whole.as_ref()?.directions.first().cloned()
        };
        match (of(self), of(other)) {
            (Some((a, a_per_length)), Some((b, b_per_length))) => {
                a.cosine(a_per_length, &b, b_per_length)
            }
            _ => 0.0,
        }
    }

    /// What a text shows.
    pub(super) fn evidence(&self, reading: &Reading) -> Evidence {
        let mut shown = Shown::default();
        let (mut close, mut closest) = (0.0_f64, 0.0_f64);
        for (at, token) in reading.tokens.iter().enumerate() {
            if self.filter.may_have(token.key) && self.show(reading, at, &mut shown) {
                continue;
            }
            if let (Some((word, per_length)), Some(field)) = (&token.place, &self.whole) {
                let measured = field.norm.measure(field.cosine(word, *per_length));
                close += token.weight * (measured - CLOSE).max(0.0);
                closest = closest.max(token.weight * measured);
            }
        }
        let text = reading.whole.as_ref().map_or(0.0, |text| {
            self.texts
                .measure(self.closest(&text.direction, text.per_length))
        });
        shown.evidence(reading, close, closest, text)
    }

    /// Adds what the word at this place shows; whether it is a keyword on its own, so that how close it is to
    /// others says nothing more.
    pub(super) fn show(&self, reading: &Reading, at: usize, shown: &mut Shown) -> bool {
        let Some(token) = reading.tokens.get(at) else {
            return false;
        };
        let Some(entry) = self.entries.get(&token.stem) else {
            return false;
        };
        let stands = entry
            .phrases
            .iter()
            .filter(|p| reading.follows(at, &p.stems));
        shown.phrases += stands.fold(0.0, |sum, _| sum + reading.share(at));
        shown.part = shown.part.max(entry.part * token.weight);
        if entry.single.is_some() {
            shown.sum += token.weight;
            shown.most = shown.most.max(token.weight);
        }
        entry.single.is_some()
    }

    /// The keywords that stand in a text, as they are written in the persona, the phrases first.
    pub(super) fn found<'l>(&'l self, reading: &Reading) -> Vec<&'l str> {
        let (mut phrases, mut singles): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for (at, token) in reading.tokens.iter().enumerate() {
            let Some(entry) = self.entries.get(&token.stem) else {
                continue;
            };
            let stands = entry
                .phrases
                .iter()
                .filter(|p| reading.follows(at, &p.stems));
            phrases.extend(stands.map(|phrase| phrase.written.as_str()));
            singles.extend(entry.single.as_deref());
        }
        let mut out: Vec<&str> = Vec::new();
        for keyword in phrases.into_iter().chain(singles) {
            if !out.contains(&keyword) {
                out.push(keyword);
            }
        }
        out
    }

    /// The words of a text that are used like those of the lexis, the closest first.
    pub(super) fn close<'r>(&self, reading: &'r Reading) -> Vec<&'r str> {
        let Some(field) = &self.whole else {
            return Vec::new();
        };
        let is_keyword = |stem: &str| self.entries.get(stem).is_some_and(|e| e.single.is_some());
        let mut out: Vec<(f64, &str)> = reading
            .tokens
            .iter()
            .filter(|token| !is_keyword(&token.stem))
            .filter_map(|token| {
                let (word, per_length) = token.place.as_ref()?;
                let measured = token.weight * field.norm.measure(field.cosine(word, *per_length));
                (measured >= CLOSE).then_some((measured, token.stem.as_str()))
            })
            .collect();
        out.sort_by(|a, b| b.0.total_cmp(&a.0));
        out.into_iter().map(|(_, stem)| stem).collect()
    }
}
