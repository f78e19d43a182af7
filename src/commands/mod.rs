//! The verbs of the command line, one file each. They are callers of the same store verbs as the console.
//!
//! They decide nothing: they read, call one verb, and say what came of it in words or JSON.

pub mod books;
pub mod campaign;
pub mod demo;
pub mod effect;
pub mod eval;
pub mod goal;
pub mod halt;
pub mod handover;
pub mod history;
pub mod hn;
pub mod lists;
pub mod mcp;
pub mod mode;
pub mod model;
pub mod payment;
pub mod plain;
pub mod policy;
pub mod replay;
pub mod review;
pub mod sim;
pub mod status;
pub mod store;
pub mod threshold;
pub mod trend;
pub mod wallet;

use chimera_domain::views::PageRequest;

use crate::cli::PageArgs;

/// The part of a list that was asked for.
pub(crate) fn page(args: &PageArgs) -> PageRequest {
    PageRequest {
        filter: args.filter.clone(),
        order: args.order,
        offset: args.offset,
        ..PageRequest::first(args.limit.min(chimera_domain::views::PAGE_MAX))
    }
}
