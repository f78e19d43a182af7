//! The verbs of `chimera store`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The database.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Check the whole database and the ledger's chain.
    Verify,
    /// Copy the database while it is in use; the copy is opened and checked.
    Backup {
        /// The copy; it must not exist.
        file: PathBuf,
    },
    /// Write everything the database says as JSON Lines, one file for each kind of record (`docs/export.md`).
    /// The swarm goes on meanwhile.
    Export {
        /// A folder that does not exist yet, or `-` for standard output.
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
    /// Bring the schema up to date, as any start of a newer program does: a copy is made first, and that is the
    /// way back.
    Migrate {
        /// Only on a copy, which is checked and removed again; the database is left as it is.
        #[arg(long)]
        rehearse: bool,
    },
    /// End what became nothing and is older than it is to be kept (`store:` of chimera.yaml). The daemon does
    /// the same every hour. Audit, ledger, decisions, publications and whatever is open never end.
    Purge {
        /// Only say what would end.
        #[arg(long)]
        dry_run: bool,
        /// For every kind, instead of what the configuration says: `30d`; at least a day.
        #[arg(long, value_name = "TIME", value_parser = crate::config::older_than)]
        older_than: Option<chimera_domain::Span>,
        /// Then write the file anew without what is free in it; not while a swarm runs.
        #[arg(long, conflicts_with = "dry_run")]
        vacuum: bool,
    },
    /// Make a new database full of generated data, marked as simulated, to see how Chimera does with a large house.
    /// Never into a database that is there.
    Generate(GenerateArgs),
    /// Go back to a copy. What is there is kept beside it, everything is paused, and what may have left
    /// since is asked for before it is sent.
    Restore {
        /// The copy.
        file: PathBuf,
    },
}

/// How much is generated.
#[derive(Debug, Clone, Args)]
pub struct GenerateArgs {
    /// Agents, each with one campaign.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub agents: u32,
    /// Tasks, four to a plan.
    #[arg(long, default_value_t = 100_000)]
    pub tasks: u32,
    /// Tickets that wait for a person; others have been decided.
    #[arg(long, default_value_t = 10_000)]
    pub tickets: u32,
    /// Signals; each item of the feed is one to every agent, so there may be a few more.
    #[arg(long, default_value_t = 100_000)]
    pub signals: u32,
    /// Decides what chance decides.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}
