//! The swarm: planner, worker, judge, executor and engagement sampler as reconcilers over the store.
//!
//! A role reads, decides purely, writes one new state and is done; roles never call each other and
//! do not know SQL, MCP, terminals or files. Start with [`runtime`] (the loop), then any role's
//! `step`.

pub mod again;
mod backoff;
mod drive;
mod engagement;
mod executor;
mod judge;
mod lockstep;
mod memory;
mod metered;
mod pay;
mod planner;
mod redact;
mod runtime;
pub mod threshold;
pub mod treasurer;
mod worker;

#[cfg(test)]
mod testing;

pub use judge::decide;
pub use lockstep::Lockstep;
pub use runtime::{Error, Personas, SendsMax, Settings, Stopped, Swarm};
