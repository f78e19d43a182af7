//! What the measures of a text are worth together: fitted once on labelled titles (docs/evals.md), and part of
//! the version of the method.

use super::{exact::ln, lexis::Evidence, reading::Reading};

/// The logarithm of the odds from what a text shows of a lexis alone.
const FIRST: (f64, Evidence) = (
    -3.4626,
    [
        2.0792, 0.8772, 3.0366, 4.2445, -0.1814, 0.289, 0.4915, -3.485,
    ],
);
/// The same with the contrast to other subjects: what [`contrast`] gives, then the evidence.
const SECOND: (f64, [f64; CONTRAST], Evidence) = (
    0.4433,
    [0.4404, 0.2189, -1.6403, -0.0634],
    [
        0.9393, 0.2305, 1.6476, 2.1779, -0.2049, 0.2535, 0.2517, -5.0309,
    ],
);

/// What is compared: the first estimate, the persona's own subjects, the others, the strongest other.
pub(super) const CONTRAST: usize = 4;

/// Below so much the odds of all own subjects together say nothing.
const OWN_LEAST: f64 = 0.02;
/// Below so much those of all others do.
const OTHER_LEAST: f64 = 0.05;
/// A subject is taken from the others by so much for being the persona's own.
const OWN_OFF: f64 = 10.0;

pub(super) fn first(evidence: &Evidence) -> f64 {
    let (start, weights) = FIRST;
    start + dot(&weights, evidence)
}

pub(super) fn contrast(first: f64, reading: &Reading, own: &[f64]) -> [f64; CONTRAST] {
    let (mut near, mut far, mut strongest) = (OWN_LEAST, OTHER_LEAST, f64::NEG_INFINITY);
    for ((odds, likely), own) in reading.subjects.iter().zip(&reading.likely).zip(own) {
        near += own * likely;
        far += (1.0 - own) * likely;
        strongest = strongest.max(odds - OWN_OFF * own);
    }
    [first, ln(near), ln(far), strongest]
}

pub(super) fn second(contrast: &[f64; CONTRAST], evidence: &Evidence) -> f64 {
    let (start, by_contrast, by_evidence) = SECOND;
    start + dot(&by_contrast, contrast) + dot(&by_evidence, evidence)
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
