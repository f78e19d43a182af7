//! What the three servers share on the wire: refusals, the panic guard, feed documents, trends, clean text, time.
//!
//! Nothing here knows a particular server. Start at [`refusal`] and [`guard`].

pub(crate) mod blocking;
pub(crate) mod clean;
pub(crate) mod digest;
pub(crate) mod document;
pub(crate) mod guard;
pub(crate) mod refusal;
pub(crate) mod schema;
pub(crate) mod time;
pub(crate) mod trends;
pub(crate) mod words;

pub(crate) use refusal::Refusal;
