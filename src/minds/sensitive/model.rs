//! What a text is about, by the words it is made of: a linear model over single words, whose table is `subjects.bin`.
//!
//! Of each subject a margin against everyday text: the sum of what its words speak for, over the length of the text
//! in rarity, and a constant. Whole numbers only, so that every machine finds the same. How the table was made, on
//! what, and what it is worth is in `docs/evals.md`.

use std::{collections::HashMap, sync::LazyLock};

use chimera_domain::verdict::SensitiveTopic;

const TABLE: &[u8] = include_bytes!("subjects.bin");

/// The subjects of the table, in its order.
pub(super) const SUBJECTS: [SensitiveTopic; 5] = [
    SensitiveTopic::Politics,
    SensitiveTopic::Health,
    SensitiveTopic::Finance,
    SensitiveTopic::Legal,
    SensitiveTopic::Violence,
];
const SUBJECTS_LEN: usize = SUBJECTS.len();

/// Thousandths of a margin, one per subject.
pub(super) type Margins = [i64; SUBJECTS_LEN];

/// From here a text is about a subject: at this about one everyday title in twenty-five is.
pub(super) const MARGIN_MIN: i64 = -680;
/// A second subject counts when it is so near to the first.
pub(super) const BEHIND_MAX: i64 = 300;
/// So many words are shown for a subject.
const SHOWN_MAX: usize = 3;

/// What one word speaks for.
#[derive(Clone, Copy)]
struct Entry {
    /// The square of its rarity, in 256ths.
    rarity: u64,
    speaks: [i8; SUBJECTS_LEN],
}

/// The rarity of a word that the table does not have.
const UNKNOWN: u64 = 55 * 256;
/// Every text is this much longer than it is, so that one word of a short one does not decide alone.
const PRIOR: u64 = 100 * 256;

pub(super) struct Table {
    /// The margin of a text that says nothing, in thousandths.
    constant: Margins,
    words: HashMap<&'static str, Entry>,
}

static MODEL: LazyLock<Table> = LazyLock::new(|| Table::read(TABLE).unwrap_or_else(Table::empty));

impl Table {
    /// Without words nothing is about anything.
    fn empty() -> Self {
        Self {
            constant: [i64::MIN / 2; SUBJECTS_LEN],
            words: HashMap::new(),
        }
    }

    /// `CSUB1`, the constants, then of each word its length, its letters, its rarity and what it speaks for.
    pub(super) fn read(bytes: &'static [u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"CSUB1")?;
        let mut constant = [0; SUBJECTS_LEN];
        for value in &mut constant {
            let (raw, after) = rest.split_first_chunk::<4>()?;
            *value = i64::from(i32::from_le_bytes(*raw));
            rest = after;
        }
        let mut words = HashMap::with_capacity(65_536);
        while let Some((length, after)) = rest.split_first() {
            let (word, after) = after.split_at_checked(usize::from(*length))?;
            let (rarity, after) = after.split_first()?;
            let (speaks, after) = after.split_first_chunk::<SUBJECTS_LEN>()?;
            let rarity = u64::from(*rarity) * u64::from(*rarity);
            let speaks = speaks.map(u8::cast_signed);
            words.insert(std::str::from_utf8(word).ok()?, Entry { rarity, speaks });
            rest = after;
        }
        Some(Self { constant, words })
    }

    fn get(&self, word: &str) -> Option<Entry> {
        self.words
            .get(word)
            .or_else(|| self.words.get(word.strip_suffix("'s")?))
            .copied()
    }
}

/// What a text speaks for, and by which words.
pub(super) struct Reading<'t> {
    pub(super) margins: Margins,
    words: Vec<(&'t str, Entry)>,
}

/// Reads a text by its words; each counts once.
pub(super) fn read<'t>(words: impl Iterator<Item = &'t str>) -> Reading<'t> {
    read_by(&MODEL, words)
}

pub(super) fn read_by<'t>(model: &Table, words: impl Iterator<Item = &'t str>) -> Reading<'t> {
    let (mut seen, mut known) = (Vec::new(), Vec::new());
    let (mut length, mut sums) = (PRIOR, [0i64; SUBJECTS_LEN]);
    for word in words {
        if seen.contains(&word) {
            continue;
        }
        seen.push(word);
        let Some(entry) = model.get(word) else {
            length += UNKNOWN;
            continue;
        };
        length += entry.rarity;
        for (sum, speaks) in sums.iter_mut().zip(entry.speaks) {
            *sum += i64::from(speaks);
        }
        known.push((word, entry));
    }
    // A text's length is the root of the sum of squares, as of a vector; in 16ths, and a thousand times that.
    let root = i64::try_from((length * 1_000_000).isqrt()).unwrap_or(i64::MAX);
    let mut margins = model.constant;
    for (margin, sum) in margins.iter_mut().zip(sums) {
        if root > 0 {
            *margin += sum * 16_000_000 / root;
        }
    }
    Reading {
        margins,
        words: known,
    }
}

impl Reading<'_> {
    /// The subjects the text is about, the nearest first.
    pub(super) fn subjects(&self) -> Vec<usize> {
        let most = self.margins.iter().copied().max().unwrap_or(i64::MIN);
        let mut about: Vec<usize> = (0..SUBJECTS_LEN)
            .filter(|k| {
                self.margins
                    .get(*k)
                    .is_some_and(|margin| *margin >= MARGIN_MIN && *margin >= most - BEHIND_MAX)
            })
            .collect();
        about.sort_by_key(|k| std::cmp::Reverse(self.margins.get(*k).copied()));
        about
    }

    /// The words that speak for a subject most.
    pub(super) fn witnesses(&self, subject: usize) -> Vec<&str> {
        let mut words: Vec<(i8, &str)> = self
            .words
            .iter()
            .filter_map(|(word, entry)| Some((*entry.speaks.get(subject)?, *word)))
            .filter(|(speaks, _)| *speaks > 0)
            .collect();
        words.sort_by_key(|(speaks, _)| std::cmp::Reverse(*speaks));
        // Half of what the strongest says is evidence; less is company.
        let least = words.first().map_or(0, |(speaks, _)| *speaks / 2);
        words.retain(|(speaks, _)| *speaks >= least);
        words.truncate(SHOWN_MAX);
        words.into_iter().map(|(_, word)| word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // R55: the table that travels in the binary is whole, and speaks for what its subjects are.
    #[test]
    fn r55_the_table_is_whole() {
        let table = Table::read(TABLE).expect("the table is read to its end");
        assert!(table.words.len() > 40_000, "{}", table.words.len());
        for (subject, word) in ["senate", "insulin", "mortgage", "lawsuit", "homicide"]
            .iter()
            .enumerate()
        {
            let speaks = table.get(word).unwrap().speaks;
            let most = speaks.iter().max().unwrap();
            assert_eq!(
                speaks.iter().position(|s| s == most),
                Some(subject),
                "{word}"
            );
        }
        assert!(
            Table::read(&TABLE[..TABLE.len() - 1]).is_none(),
            "a table cut short is none"
        );
    }
}
