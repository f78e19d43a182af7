//! The promises of the ports, one function each, for every backend there will be.
//!
//! Knows only the ports. Start with `harness.rs`.
