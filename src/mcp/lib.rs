//! Room `mcp`: the client side of MCP. Every tool call and every resource read of the program goes through [`Hub`].
//!
//! A hub keeps one connection per configured server: to a server inside this process over an in-memory pipe, or to a
//! child process over its standard input and output. It starts servers when they are first needed, starts them again
//! when they die, leaves them alone when they die too often, and ends them without leaving a process behind.
//!
//! A server is not trusted. Every wait has a deadline, every answer a size, every listing an end; arguments and answers
//! are held against the tool's own schemas; a tool that changes what it says of itself is blocked (for as long as this
//! process lives: pins that outlive it come with the issue on persistence); no server gets a question to a person, a
//! file or a model answered. Whatever goes wrong has one of the classes of [`chimera_domain::ToolError`], which say
//! whether the call may be repeated. The room itself never repeats one.
//!
//! It does not know roles, campaigns or money, reads no file and no environment, and trusts no word of a server enough
//! to act on it. Start reading at `hub.rs`, then `server.rs` and `life.rs`; `call.rs` is the one place that waits.

mod hub;
mod life;
mod server;

mod child;
mod connect;
mod frame;

mod call;
mod catalog;
mod limits;
mod pager;
mod pin;
mod reply;
mod schema;

mod health;
mod settings;

#[cfg(test)]
mod tests;

pub use catalog::ToolInfo;
pub use health::{ServerHealth, State};
pub use hub::Hub;
pub use limits::BreakerState;
pub use settings::{
    CALL_TIMEOUT_MAX, Error, Pipe, START_TIMEOUT_MAX, ServerSettings, Settings, Transport,
};
