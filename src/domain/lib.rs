//! The hub: every noun of Chimera, the rules that hold whatever the backend is, and the ports.
//!
//! Knows nothing of SQL, MCP, terminals, files, clocks or runtimes; every other room imports this
//! one and no other. Start with [`task`] (the states and their one transition table), then
//! [`effect`] (what may leave the machine), then [`ports`] (who may ask the store for what).

mod words;

pub mod clock;
pub mod death;
pub mod hash;
pub mod ids;
pub mod money;
pub mod score;
pub mod text;
pub mod version;

pub mod artifact;
pub mod basis;
pub mod campaign;
pub mod cfo;
pub mod chain;
pub mod effect;
pub mod goal;
pub mod halt;
pub mod lesson;
pub mod look;
pub mod memory;
pub mod mode;
pub mod model;
pub mod payment;
pub mod persona;
pub mod plan;
pub mod policy;
pub mod probe;
pub mod publication;
pub mod resource;
pub mod retention;
pub mod second;
pub mod signal;
pub mod spend;
pub mod task;
pub mod ticket;
pub mod tier;
pub mod trend;
pub mod verdict;
pub mod wallet;

pub mod error;
pub mod filter;
pub mod ports;
pub mod views;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use clock::{Ambient, Clock, IdSource, Span, Timestamp};
pub use error::{StoreError, ToolError};
pub use hash::ContentHash;
pub use money::Usd;
pub use score::Score;
pub use text::Safe;
pub use version::{Conflict, Outcome, StateVersion};
pub use words::UnknownWord;
