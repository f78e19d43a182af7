//! The room against peers that misbehave: scripted ones over a pipe in virtual time, a real one as a child process.
//!
//! `peer.rs` is the script language; each other file is one side of the room.

mod calls;
mod life;
mod peer;
mod resources;
#[cfg(target_os = "linux")] // It looks at processes through `/proc`.
mod stdio;
mod tools;
