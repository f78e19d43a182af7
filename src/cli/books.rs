//! What `chimera cfo` tells of both budgets: caps, sums, entries, and why.

use clap::{Args, Subcommand, ValueEnum};

/// What is left, what was spent on what, and why.
#[derive(Debug, Subcommand)]
pub enum BooksVerb {
    /// What is left of every cap of tools and of payments, the one that binds first; pace, and when it runs out.
    CheckBudget {
        /// Only this agent.
        #[arg(long, value_name = "PERSONA")]
        agent: Option<String>,
    },
    /// Both budgets in one overview: today, 24 hours, 30 days and ever, by agent, campaign and category.
    Books(BooksArgs),
    /// Every entry of both ledgers with what it belongs to, to standard output.
    Export(ExportArgs),
    /// Why something was paid: from an intent, a payment or an entry back to its task, signal and decisions.
    Why {
        /// The intent `int_…`, the payment `pay_…` or the entry `ent_…`.
        of: String,
    },
}

/// What the overview tells of.
#[derive(Debug, Args)]
pub struct BooksArgs {
    /// Profit and loss instead, by agent and campaign: what came in, what it cost, what is left.
    #[arg(long)]
    pub pnl: bool,
    /// Profit and loss as a table for a spreadsheet.
    #[arg(long, requires = "pnl")]
    pub csv: bool,
    /// How far back the period goes: 8h, 30d.
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub since: String,
}

/// What is exported.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// In which form.
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// Only what was entered since: 8h, 30d (else all of it).
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table for a spreadsheet.
    Csv,
    /// One JSON value a line.
    Json,
    /// A journal for hledger.
    Hledger,
}
