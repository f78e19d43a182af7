//! What the swarm knows of language: words, and what they are about. Pure and without I/O: what a text
//! means depends on the text, and on what this build carries, alone.
//!
//! Start with [`lexicon`], which finds phrases through disguise. [`relevance`] tells whom a text is for by the
//! [`vectors`] of its words, [`sensitive`] finds subjects that a person looks at, [`blocks`] what never goes out,
//! [`injection`] what speaks to a machine, [`recall`] which of many texts are like one, [`disclosure`] who asks whether
//! we are one, [`clusters`] what tells one story, [`sentiment`] its mood; [`eval`] measures how good
//! an answer is.

pub mod blocks;
pub mod clusters;
pub mod disclosure;
pub mod eval;
pub mod injection;
pub mod lexicon;
mod quick;
pub mod recall;
pub mod relevance;
pub mod sensitive;
pub mod sentiment;
mod tokens;
pub mod vectors;
