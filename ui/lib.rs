//! The console: the room where an operator sees the swarm and decides, over SSH and at night.
//!
//! One closed `event::Event`, one `model::Model`, a pure `update::update`, and panes that only
//! draw. It knows the desk and bell ports and nothing of SQL, MCP or configuration, and of files only its log,
//! what it remembers (`remember.rs`) and what it exports (`export.rs`); crossterm
//! stays in `terminal.rs`. Start with `app.rs` (the loop), then `update/review.rs` (the guard on
//! deciding), then `keymap.rs` (every key as data).

mod settings;

mod ansi;
mod event;
mod inbox;
mod input;
mod key;
mod signals;
mod terminal;
mod writer;

mod graph;
mod keymap;
mod layout;
mod model;
mod text;
mod theme;
mod update;
mod view;

mod app;
mod desk;
mod editor;
mod export;
mod graphics;
mod picture;
mod remember;

#[cfg(test)]
#[path = "tests/fake/data.rs"]
mod fake;
#[cfg(test)]
mod tests;

pub use app::run;
pub use keymap::{KeyChange, KeyPart, KeyProblem, Keymap, twins};
pub use settings::{Ended, Error, Exit, Notify, Pictures, Protocol, Settings};
