//! `chimera cfo` on both budgets: `budget.rs` what is left, `overview.rs` what was spent on what, `export.rs` every entry
//! (`hledger.rs` as a journal), `why.rs` what led to one.

mod budget;
mod export;
mod hledger;
mod overview;
mod why;

use chimera_domain::{Clock, Timestamp, ports::Store};

use crate::{cli::BooksVerb, clock::SystemClock, config::given, fault::Fault};

use hledger::Journal;

/// Runs one verb.
///
/// # Errors
/// When the database cannot be read; `NotFound` for what is not there, `Usage` for a time or an id that is none.
pub async fn run(store: &dyn Store, verb: BooksVerb, json: bool) -> Result<(), Fault> {
    match verb {
        BooksVerb::CheckBudget { agent } => budget::run(store, agent.as_deref(), json).await,
        BooksVerb::Books(args) => overview::run(store, &args, json).await,
        BooksVerb::Export(args) => export::run(store, &args, json).await,
        BooksVerb::Why { of } => why::run(store, &of, json).await,
    }
}

/// The moment so long ago.
fn ago(span: &str) -> Result<Timestamp, Fault> {
    let span = given::span(span).map_err(Fault::Usage)?;
    Ok(SystemClock.now().minus(span))
}

/// `SIMULATED`, or nothing.
const fn mark(simulated: bool) -> &'static str {
    if simulated { "SIMULATED" } else { "" }
}
