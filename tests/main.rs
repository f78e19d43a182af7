//! Integration tests: one binary, so that the program is linked once.
//!
//! No network and no shared state. What needs the real data beside the repository says so when they are not
//! there. `layers`, `tidy` and `spec` hold the house rules; `flows` and `processes` meet the program as a
//! stranger does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a failed unwrap is a failed test"
)]

mod flows;
mod layers;
mod processes;
mod spec;
mod support;
mod tidy;
mod twins;
