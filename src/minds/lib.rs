//! What the swarm knows of language: words, and later what they are about. Pure and without I/O: what a text
//! means depends on the text, and on what this build carries, alone.
//!
//! Start with [`lexicon`], which everything else reads a text through; [`eval`] measures how good an answer is.

pub mod eval;
pub mod lexicon;
