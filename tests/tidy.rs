//! House rules as tests, over every text file that git knows or would take.
//!
//! A rule that is wrong for a case gets an exception with its reason in the list beside it, not a workaround.

mod code;
mod documents;
mod gate;
mod tree;
