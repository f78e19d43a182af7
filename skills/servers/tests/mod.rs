//! The servers as a client meets them: in process, over a pipe, in both eras of the protocol.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod feeds;
mod peer;
mod studio;
mod surface;
mod twitter;
