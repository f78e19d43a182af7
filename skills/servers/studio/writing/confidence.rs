//! How far a text may be trusted, from what can be measured on it. The weights are stated at each part.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a score; the counts are small"
)]

use std::collections::BTreeSet;

use super::{Desk, Draft};
use crate::studio::brief::ConfidenceParts;
use crate::wire::words;

/// Topic words that make a full title, and that sentences must add to be full.
const TITLE_WORDS: usize = 5;
const SENTENCE_WORDS: usize = 8;
/// Below this much understanding a text is kept from going out unattended.
const UNDERSTOOD_LEAST: f64 = 0.5;
const UNATTENDED_MAX: f64 = 0.89;
/// A reply that answers nothing.
const UNANSWERED_MAX: f64 = 0.5;

/// The confidence in a draft and its parts, each 0 to 1 and rounded to three digits.
pub(super) fn of(desk: &Desk<'_>, draft: &Draft) -> (f64, ConfidenceParts) {
    let facts = desk.facts;
    // What the book adds claims nothing: it is checked when the book is read.
    let body: BTreeSet<String> = words::topical(&draft.body.text)
        .into_iter()
        .filter(|word| facts.all_words.contains(word) || !desk.book.is_neutral(word))
        .collect();
    let grounded = body.intersection(&facts.all_words).count();
    let flag = |present: bool| f64::from(u8::from(present));
    let parts = ConfidenceParts {
        grounding: round(share(grounded, body.len())),
        substance: round(
            0.6 * share(facts.title_words.len(), TITLE_WORDS)
                + 0.4 * share(draft.body.new_words, SENTENCE_WORDS),
        ),
        attribution: round(
            0.6 * flag(!facts.link.is_empty()) + 0.4 * flag(!facts.source.is_empty()),
        ),
        fit: round(share(
            1 + draft.body.sentences.min(1),
            1 + usize::from(!facts.sentences.is_empty()),
        )),
        understanding: round(understanding(desk)),
        voice: round(
            (flag(draft.body.opener) + flag(draft.body.closer) + flag(!draft.hashtags.is_empty()))
                / 3.0,
        ),
    };
    let sum = 0.20 * parts.grounding
        + 0.35 * parts.substance
        + 0.15 * parts.attribution
        + 0.15 * parts.fit
        + 0.05 * parts.understanding
        + 0.10 * parts.voice;
    let most = if parts.understanding < UNDERSTOOD_LEAST {
        UNATTENDED_MAX
    } else {
        1.0
    };
    (round(sum.clamp(0.0, most)), parts)
}

/// The confidence in a reply. It has no phrase of the persona and rests on shared words alone, so that a person reads it;
/// one that only says that there is no answer is not worth sending without them.
pub(super) fn of_reply(desk: &Desk<'_>, draft: &Draft) -> (f64, ConfidenceParts) {
    let (confidence, parts) = of(desk, draft);
    if draft.body.sentences == 0 {
        let parts = ConfidenceParts {
            understanding: 0.0,
            substance: 0.0,
            ..parts
        };
        return (round(confidence.min(UNANSWERED_MAX)), parts);
    }
    (round(confidence.min(UNATTENDED_MAX)), parts)
}

/// What the pattern says of itself; nothing for another language or a death, half for a title that was mended.
fn understanding(desk: &Desk<'_>) -> f64 {
    let (facts, pattern) = (desk.facts, desk.pattern);
    if facts.foreign || pattern.sober {
        return 0.0;
    }
    let sure = f64::from(pattern.sure) / 100.0;
    if facts.title.unsure { sure / 2.0 } else { sure }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    (part as f64 / whole as f64).min(1.0)
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
