//! What `chimera cfo` takes about the policy of payments itself.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The policy of payments: what is in force, what waits, what it leaves open.
#[derive(Debug, Subcommand)]
pub enum PolicyVerb {
    /// The policy in force and since when, what of budget.yaml does not hold yet, and how to let it in.
    Policy {
        /// Also the policies that were in force before, so many at most.
        #[arg(long, value_name = "N", default_value_t = 0)]
        history: u32,
    },
    /// Let in what budget.yaml loosens. It takes effect after `payments: loosen_after` of the policy in force.
    Loosen {
        /// What you are about to do, word for word as `chimera cfo policy` shows it.
        #[arg(long, value_name = "WORDS")]
        typed: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Take that back before it takes effect: it waits again.
    TakeBackLoosening {
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// What the payments of budget.yaml leave open, contradict or never reach. Ends with code 5 while there is something.
    Lint {
        /// Another file in the form of budget.yaml.
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
    /// What another budget.yaml would have said of what was asked for, with what was known then.
    Trial(TrialArgs),
}

/// What to try on the past.
#[derive(Debug, Args)]
pub struct TrialArgs {
    /// The file, in the form of budget.yaml.
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// How far back: 30m, 24h, 30d.
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub since: String,
    /// The most that are listed; `--json` lists all of them.
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
}
