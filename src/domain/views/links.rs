//! The outside: MCP servers and what is read from them, as far as the database knows.

use std::fmt;

use super::ModeRow;
use crate::{Safe, Timestamp, Usd, ids::ResourceId, policy::PriceUnit, resource::ResourceHealth};

/// One MCP server, as far as the database knows it: by what is read from it, published through it and paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRow {
    /// Its place among the servers, by name.
    pub place: u32,
    /// Its configured name.
    pub name: Safe,
    /// Whether it is a stand-in.
    pub stand_in: bool,
    /// Whether it may have effects, where campaigns publish through it.
    pub mode: Option<ModeRow>,
    /// The campaigns that publish through it.
    pub campaigns: u64,
    /// The resources that are read from it.
    pub resources: u64,
    /// How many of these failed at their last poll.
    pub failing: u64,
    /// Effects through it that were sent and not answered, or of which nobody knows the fate.
    pub unanswered: u64,
    /// The last time something was read from it or a post through it was confirmed.
    pub answered_at: Option<Timestamp>,
    /// Its tools that have a price, in the installed policy.
    pub tools: Vec<ToolPrice>,
}

/// What one use of a tool costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolPrice {
    /// The tool.
    pub tool: Safe,
    /// What is counted.
    pub unit: PriceUnit,
    /// The price of one unit.
    pub usd: Usd,
    /// Whether the bill is a stand-in.
    pub simulated: bool,
}

/// A server, or a resource of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkRow {
    /// A server.
    Server(ServerRow),
    /// Something that is read.
    Resource(ResourceHealth),
}

/// What tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkId {
    /// A server, by its place.
    Server(u32),
    /// A resource.
    Resource(ResourceId),
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(place) => write!(f, "server {place}"),
            Self::Resource(id) => id.fmt(f),
        }
    }
}

impl LinkRow {
    /// What tells it apart.
    #[must_use]
    pub const fn id(&self) -> LinkId {
        match self {
            Self::Server(server) => LinkId::Server(server.place),
            Self::Resource(resource) => LinkId::Resource(resource.id),
        }
    }
}
