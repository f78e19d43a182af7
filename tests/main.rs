//! Integration tests: one binary, so that the program is linked once.
//!
//! No network, no sleeping, no shared state, and nothing is skipped. `layers`, `tidy` and `spec` hold the house
//! rules; the rest holds whole flows and contracts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod flows;
mod layers;
mod processes;
mod spec;
mod support;
mod tidy;
