//! `chimera store`: whether the database is whole.

use chimera_domain::ports::SpendStore;
use chimera_store::SqliteStore;
use serde_json::json;

use crate::{cli::StoreCommand, fault::Fault, out};

/// Runs one verb.
///
/// # Errors
/// `Database`, naming the first thing that does not hold.
pub async fn run(store: &SqliteStore, verb: StoreCommand, json: bool) -> Result<(), Fault> {
    let StoreCommand::Verify = verb;
    store.integrity_check().await?;
    let entries = store.verify_ledger().await?;
    if json {
        out::json(&json!({"integrity": "ok", "ledger_entries": entries}));
    } else {
        out::line(format!(
            "The database is whole, and so is the chain of the ledger's {entries} entries."
        ));
    }
    Ok(())
}
