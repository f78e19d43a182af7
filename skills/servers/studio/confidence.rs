//! How far a text may be trusted, from what can be measured on it. The weights are stated at each part.
#![expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    reason = "a score; the counts are small"
)]

use super::brief::ConfidenceParts;
use super::source::Facts;
use super::write::Draft;
use crate::wire::words;

/// Topic words that make a full title, and that a sentence must add to be full.
const TITLE_WORDS: usize = 5;
const SENTENCE_WORDS: usize = 8;

/// The confidence in a draft and its parts, each 0 to 1 and rounded to three digits.
pub(super) fn of(facts: &Facts, draft: &Draft) -> (f64, ConfidenceParts) {
    let body = words::topical(&draft.body(facts));
    let grounded = body.intersection(&facts.all_words).count();
    let sentence = draft
        .sentence
        .as_ref()
        .map_or(0, |sentence| sentence.new_words);
    let used = usize::from(draft.sentence.is_some());
    let flag = |present: bool| f64::from(u8::from(present));
    let parts = ConfidenceParts {
        grounding: round(share(grounded, body.len())),
        substance: round(
            0.6 * share(facts.title_words.len(), TITLE_WORDS)
                + 0.4 * share(sentence, SENTENCE_WORDS),
        ),
        attribution: round(
            0.6 * flag(!facts.link.is_empty()) + 0.4 * flag(!facts.source.is_empty()),
        ),
        fit: round(share(
            1 + used,
            1 + usize::from(!facts.sentences.is_empty()),
        )),
        voice: round(
            (flag(!draft.opener.is_empty())
                + flag(!draft.closer.is_empty())
                + flag(!draft.hashtags.is_empty()))
                / 3.0,
        ),
    };
    let confidence = 0.15 * parts.grounding
        + 0.35 * parts.substance
        + 0.15 * parts.attribution
        + 0.20 * parts.fit
        + 0.15 * parts.voice;
    (round(confidence.clamp(0.0, 1.0)), parts)
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
