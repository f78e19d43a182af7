//! Repository tools: reads the specs and the tests, and says which test proves which line.
//!
//! Knows the shape of `specs/*.md` and of Rust test functions, and nothing of the program itself;
//! it has no third-party dependency, so that it builds in a second and before everything else.
//! Start with [`check`], which joins [`spec`] (what is asked) with [`proofs`] (what shows it).

pub mod check;
pub mod hooks;
pub mod id;
pub mod proofs;
pub mod report;
pub mod source;
pub mod spec;
pub mod walk;

pub use check::{Report, check_texts, check_tree};
pub use id::Id;
