//! Hard blocks: what goes out under no score and by no person's word. Numbers that are somebody's, secrets, slurs,
//! a machine that says it is human, returns that nobody can guarantee.
//!
//! Precision comes first: a block cannot be overruled, so a number must pass its own checksum, a key must have its
//! maker's shape, and a claim must be in the first person. What was found is named, never repeated: the finding of a
//! secret would otherwise be one more copy of it. The operator's own phrases are the judge's.
//!
//! The same private data and secrets are taken out of what a stranger wrote before any tool reads it ([`redact`]).

mod claims;
mod contacts;
mod numbers;
mod redaction;
mod secrets;
mod slurs;

pub use contacts::{has_email, has_phone};
pub use redaction::{Redacted, find_redaction, redact, redaction_mark};

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::lexicon::Words;

/// The blocks and their lists; it rises with each of them.
pub const VERSION: &str = "blocks/3";

/// What must not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `private_data/iban`, `secret/aws_key`, `claim/human/de`.
    pub rule: &'static str,
    /// What it is, as part of a sentence: `a bank account number (IBAN)`.
    pub what: &'static str,
}

/// Something found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    range: Range<usize>,
    block: Block,
}

impl Found {
    fn new(range: Range<usize>, block: &Block) -> Self {
        Self {
            range,
            block: block.clone(),
        }
    }
}

/// Everything in the text that must not go out, each kind once.
#[must_use]
pub fn find(text: &str) -> Vec<Block> {
    let folded: String = text.nfkc().collect();
    let words = Words::of(text);
    let mut found: Vec<Block> = numbers::find(&folded)
        .into_iter()
        .chain(secrets::find(&folded))
        .map(|found| found.block)
        .collect();
    found.extend(slurs::find(text, &words));
    found.extend(claims::find(text, &words));
    let mut kinds: Vec<Block> = Vec::new();
    for block in found {
        if !kinds.contains(&block) {
            kinds.push(block);
        }
    }
    kinds
}

#[cfg(test)]
mod tests;
