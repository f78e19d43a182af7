//! Hard blocks: what goes out under no score and by no person's word. Numbers that are somebody's, secrets, slurs,
//! a machine that says it is human, returns that nobody can guarantee.
//!
//! Precision comes first: a block cannot be overruled, so a number must pass its own checksum, a key must have its
//! maker's shape, and a claim must be in the first person. What was found is named, never repeated: the finding of a
//! secret would otherwise be one more copy of it. E-mail addresses, telephone numbers and the operator's own phrases
//! are the judge's.

mod claims;
mod numbers;
mod secrets;
mod slurs;

use unicode_normalization::UnicodeNormalization;

use crate::lexicon::Words;

/// The blocks and their lists; it rises with each of them.
pub const VERSION: &str = "blocks/2";

/// What must not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `private_data/iban`, `secret/aws_key`, `claim/human/de`.
    pub rule: &'static str,
    /// What it is, as part of a sentence: `a bank account number (IBAN)`.
    pub what: &'static str,
}

/// Everything in the text that must not go out, each kind once.
#[must_use]
pub fn find(text: &str) -> Vec<Block> {
    let folded: String = text.nfkc().collect();
    let words = Words::of(text);
    let mut found: Vec<Block> = Vec::new();
    found.extend(numbers::find(&folded));
    found.extend(secrets::find(&folded));
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
