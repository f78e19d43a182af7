//! What the swarm knows of language: words, and later what they are about. Pure and without I/O: what a text
//! means depends on the text, and on what this build carries, alone.
//!
//! Start with [`lexicon`], which everything else reads a text through. [`sensitive`] finds subjects that a person looks at,
//! [`blocks`] what never goes out, [`injection`] what speaks to a machine, [`disclosure`] who asks whether we are one; [`eval`] measures how good an answer is.

pub mod blocks;
pub mod disclosure;
pub mod eval;
pub mod injection;
pub mod lexicon;
pub mod sensitive;
mod tokens;
