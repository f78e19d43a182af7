//! Makes the word vectors that the room carries, from the file that `vectors/README.md` names.
//!
//! Words in order of frequency; of each, how much it says (the rarer the more) and where it stands among the
//! others, in few dimensions of four bits. What all words share is taken out first: the mean and the one
//! direction that tells frequent words from rare ones. The same file gives the same bytes.
#![expect(
    clippy::float_arithmetic,
    reason = "vectors are made of floats; the program reads the integers that come out"
)]

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

/// How many words are kept.
const WORDS_MAX: usize = 100_000;
/// Dimensions that are kept.
const DIMENSIONS: usize = 64;
/// The words that the mean and the directions are taken from: rarer ones are mostly names.
const COMMON: usize = 30_000;
/// The words that the shared direction is taken from.
const MOST_COMMON: usize = 20_000;
/// Beyond so many root mean squares a component is cut off.
const CLIP: f64 = 2.6;
/// The largest value of four bits with a sign.
const LEVELS: f64 = 7.0;
/// Marks the file, and its form.
const MAGIC: &[u8; 8] = b"CHIMVEC1";

/// The file of the package, as far as it is used.
#[derive(serde::Deserialize)]
struct Package {
    dimensions: usize,
    words: Vec<String>,
    vectors: HashMap<String, Vec<f64>>,
}

fn main() -> io::Result<()> {
    let package = std::env::args().nth(1);
    let package = package
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "name the package's JSON"))?;
    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/english.bin");
    std::fs::write(asset, make(Path::new(&package))?)
}

/// Reads the package's JSON and gives the bytes of the asset.
fn make(package: &Path) -> io::Result<Vec<u8>> {
    let package: Package = serde_json::from_reader(BufReader::new(File::open(package)?))?;
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    if package.dimensions < DIMENSIONS || package.words.len() < COMMON {
        return Err(wrong("too few dimensions or words"));
    }
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for word in package.words.iter().take(WORDS_MAX * 6 / 5) {
        let row = package
            .vectors
            .get(word)
            .and_then(|v| v.get(..package.dimensions));
        let row = row.ok_or_else(|| wrong("a word has no vector"))?;
        rows.push(row.to_vec());
    }
    rows.iter_mut().for_each(|row| normalise(row));
    let mean = mean(rows.get(..COMMON).unwrap_or(&rows));
    for row in &mut rows {
        row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m);
    }
    let shared = directions(rows.get(..MOST_COMMON).unwrap_or(&rows));
    if let Some(first) = shared.first() {
        for row in &mut rows {
            let along = dot(row, first);
            row.iter_mut().zip(first).for_each(|(x, d)| *x -= along * d);
            normalise(row);
        }
    }
    let axes = directions(rows.get(..COMMON).unwrap_or(&rows));
    let axes = axes.get(..DIMENSIONS).unwrap_or(&axes);
    let kept: Vec<(&str, &Vec<f64>)> = package
        .words
        .iter()
        .zip(&rows)
        .filter(|(word, _)| is_word(word))
        .map(|(word, row)| (word.as_str(), row))
        .take(WORDS_MAX)
        .collect();
    let mut out = MAGIC.to_vec();
    for number in [kept.len(), DIMENSIONS] {
        let number = u32::try_from(number).map_err(|_| wrong("too many words"))?;
        out.extend(number.to_le_bytes());
    }
    let names: Vec<&str> = kept.iter().map(|(word, _)| *word).collect();
    let names = names.join("\n");
    let length = u32::try_from(names.len()).map_err(|_| wrong("too many letters"))?;
    out.extend(length.to_le_bytes());
    out.extend(names.as_bytes());
    out.extend((0..kept.len()).map(weight));
    for (_, row) in kept {
        let row: Vec<f64> = axes.iter().map(|axis| dot(row, axis)).collect();
        out.extend(nibbles(&row));
    }
    Ok(out)
}

/// Letters, also with `+` or `#` behind them, and short names of letters and digits: `ps3`, `5k`.
fn is_word(word: &str) -> bool {
    let stem = word.trim_end_matches(['+', '#']);
    let letters = stem.bytes().filter(u8::is_ascii_lowercase).count();
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    letters > 0
        && letters + digits == stem.len()
        && (digits == 0 || (digits <= 3 && letters <= 3 && stem.len() == word.len()))
}

/// What a word says, of 255, by its place in the order of frequency: nothing for the first, all from the
/// forty-thousandth on.
fn weight(rank: usize) -> u8 {
    let rank = f64::from(u32::try_from(rank).unwrap_or(u32::MAX));
    let share = ((rank + 60.0) / 60.0).ln() / (40_000.0_f64 / 60.0).ln();
    let share = (share.clamp(0.0, 1.0) * 255.0).round();
    (0..=u8::MAX)
        .rev()
        .find(|byte| f64::from(*byte) <= share)
        .unwrap_or(0)
}

/// Two components a byte, the first in the low half, each with 8 for zero.
fn nibbles(row: &[f64]) -> Vec<u8> {
    let rms = (dot(row, row) / f64::from(u32::try_from(row.len()).unwrap_or(1))).sqrt();
    let largest = row.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    let scale = LEVELS / largest.min(CLIP * rms).max(f64::MIN_POSITIVE);
    let half = |x: Option<&f64>| -> u8 {
        let level = (x.copied().unwrap_or(0.0) * scale).round();
        let level = level.clamp(-LEVELS, LEVELS) + 8.0;
        (1..=15)
            .rev()
            .find(|byte| f64::from(*byte) <= level)
            .unwrap_or(1)
    };
    row.chunks(2)
        .map(|pair| half(pair.first()) | (half(pair.get(1)) << 4))
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn normalise(row: &mut [f64]) {
    let length = dot(row, row).sqrt();
    if length > 0.0 {
        row.iter_mut().for_each(|x| *x /= length);
    }
}

fn mean(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut mean = vec![0.0; rows.first().map_or(0, Vec::len)];
    for row in rows {
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += x);
    }
    let count = f64::from(u32::try_from(rows.len()).unwrap_or(1).max(1));
    mean.iter_mut().for_each(|m| *m /= count);
    mean
}

/// The directions along which the rows differ, the widest first: eigenvectors of their second moments, by
/// Jacobi's rotations.
fn directions(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    const SWEEPS: usize = 30;
    let n = rows.first().map_or(0, Vec::len);
    let mut m = vec![vec![0.0; n]; n];
    for row in rows {
        for (out, x) in m.iter_mut().zip(row) {
            for (cell, y) in out.iter_mut().zip(row) {
                *cell += x * y;
            }
        }
    }
    let mut v: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect())
        .collect();
    for _ in 0..SWEEPS {
        for p in 0..n {
            for q in p + 1..n {
                if m[p][q].abs() < 1e-12 {
                    continue;
                }
                let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in &mut m {
                    let (a, b) = (row[p], row[q]);
                    row[p] = c * a - s * b;
                    row[q] = s * a + c * b;
                }
                let (above, below) = m.split_at_mut(q);
                for (one, other) in above[p].iter_mut().zip(&mut below[0]) {
                    let (a, b) = (*one, *other);
                    *one = c * a - s * b;
                    *other = s * a + c * b;
                }
                for axis in &mut v {
                    let (a, b) = (axis[p], axis[q]);
                    axis[p] = c * a - s * b;
                    axis[q] = s * a + c * b;
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| m[*b][*b].total_cmp(&m[*a][*a]));
    order
        .into_iter()
        .map(|k| v.iter().map(|row| row[k]).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The widest direction comes first, and directions stand at right angles.
    #[test]
    fn directions_are_those_along_which_rows_differ() {
        let rows: Vec<Vec<f64>> = [-3.0, -1.0, 2.0, 4.0]
            .iter()
            .flat_map(|x| [vec![*x, *x, 0.1], vec![*x, *x, -0.1]])
            .collect();
        let axes = directions(&rows);
        assert!((axes[0][0].abs() - 0.5_f64.sqrt()).abs() < 1e-9, "{axes:?}");
        assert!((axes[0][0] - axes[0][1]).abs() < 1e-9);
        assert!(dot(&axes[0], &axes[1]).abs() < 1e-9);
    }

    // Words stay, marks and long numbers go; a component is one of fifteen levels.
    #[test]
    fn words_are_kept_and_marks_are_not() {
        let kept = |words: &[&str]| words.iter().filter(|word| is_word(word)).count();
        assert_eq!(kept(&["dog", "c++", "ps3", "5k", "r"]), 5);
        assert_eq!(
            kept(&["1998", ",", "", "e-mail", "o'neil", "café", "abc123d4"]),
            0
        );
        assert_eq!(nibbles(&[1.0, -1.0, 0.0, 0.5]), [0x1f, 0xc8]);
        assert_eq!((weight(0), weight(50_000)), (0, 255));
        assert!(weight(100) < weight(1_000));
    }
}
