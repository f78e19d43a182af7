//! Words that sound grave and are not, where certain others stand beside them: to kill a process, to shoot a film,
//! the bank of a river. The model does not hear them there.

use std::{collections::HashMap, sync::LazyLock};

use crate::tokens::Token;

/// A word is harmless when one of these stands within so many words of it.
const BESIDE: usize = 4;

/// Beginnings of grave words, and of those that make them harmless.
type Pair = (Vec<&'static str>, Vec<&'static str>);

const LIST: &str = include_str!("harmless.txt");

static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    let words = |text: &'static str| text.split_whitespace().collect();
    lines
        .filter_map(|line| line.split_once(':'))
        .map(|(grave, beside)| (words(grave), words(beside)))
        .collect()
});

/// The words without those that are harmless where they stand.
pub(super) fn without(tokens: &[Token]) -> Vec<&Token> {
    let kept = tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| !is_harmless(tokens, *at, &token.word));
    kept.map(|(_, token)| token).collect()
}

/// The groups by the first letters of their grave words: most words have none.
static BY_LETTERS: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, (grave, _)) in PAIRS.iter().enumerate() {
        for letters in grave.iter().filter_map(|begin| begin.get(..LETTERS)) {
            let group = groups.entry(letters).or_default();
            if !group.contains(&n) {
                group.push(n);
            }
        }
    }
    groups
});
const LETTERS: usize = 3;

fn is_harmless(tokens: &[Token], at: usize, word: &str) -> bool {
    let Some(groups) = word
        .get(..LETTERS)
        .and_then(|letters| BY_LETTERS.get(letters))
    else {
        return false;
    };
    groups
        .iter()
        .filter_map(|n| PAIRS.get(*n))
        .filter(|(grave, _)| grave.iter().any(|begin| begins(word, begin)))
        .any(|(_, beside)| {
            tokens
                .iter()
                .enumerate()
                .take(at + BESIDE + 1)
                .skip(at.saturating_sub(BESIDE))
                .any(|(n, token)| n != at && beside.iter().any(|other| is(&token.word, other)))
        })
}

/// The word in one of its forms, and not another that begins the same: `kill`, `killing`, but not `kilt`.
fn begins(word: &str, begin: &str) -> bool {
    word.strip_prefix(begin).is_some_and(|end| {
        matches!(
            end,
            "" | "s"
                | "es"
                | "ed"
                | "e"
                | "ing"
                | "er"
                | "ers"
                | "ion"
                | "ions"
                | "ions'"
                | "ting"
                | "ped"
                | "ping"
                | "ive"
                | "ates"
                | "ated"
                | "n"
                | "d"
        )
    })
}

fn is(word: &str, other: &str) -> bool {
    word == other || word.strip_suffix('s') == Some(other) || word.strip_suffix("es") == Some(other)
}
