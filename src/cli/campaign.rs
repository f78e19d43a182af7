//! The verbs of campaigns, and of goals that become their work.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Why;

/// Campaigns.
#[derive(Debug, Subcommand)]
pub enum CampaignCommand {
    /// Every campaign with its state and money.
    List,
    /// Hold one campaign.
    Pause {
        /// Its name or id.
        campaign: String,
        /// Why.
        #[command(flatten)]
        why: Why,
    },
    /// Let one campaign run again.
    Resume {
        /// Its name or id.
        campaign: String,
    },
    /// Make a tree of tasks for a goal, by rule, and keep it as a proposal; nothing of it runs.
    Compose {
        /// The goal in words: what stands between `;` becomes a post each, with what stands before a colon.
        #[arg(required_unless_present = "file")]
        goal: Option<String>,
        /// The campaign it is for, by name or id.
        #[arg(long)]
        campaign: String,
        /// Keep the tree in this file instead (JSON as `--json` prints it; `-` is standard input).
        #[arg(long, conflicts_with = "goal")]
        file: Option<PathBuf>,
    },
    /// The proposals that can be edited and launched, the one that moved last first.
    Proposals,
    /// Replace the tree of a proposal by the one in a file, right or wrong.
    Revise {
        /// The proposal.
        proposal: String,
        /// The tree (JSON as `launch --dry-run --json` prints it; `-` is standard input).
        file: PathBuf,
        /// The version that was edited; a newer one refuses it.
        #[arg(long)]
        if_version: Option<i64>,
    },
    /// Make the tasks of a proposal; what must be typed is shown with `--dry-run`.
    Launch(LaunchArgs),
    /// Put a proposal away.
    Discard {
        /// The proposal.
        proposal: String,
        /// The version that was seen; a newer one refuses it.
        #[arg(long)]
        if_version: Option<i64>,
    },
}

/// What to launch.
#[derive(Debug, Args)]
pub struct LaunchArgs {
    /// The proposal.
    pub proposal: String,
    /// What says how far its posts get, exactly as `--dry-run` shows it.
    #[arg(long, default_value = "")]
    pub confirm: String,
    /// The version that was seen; a newer one refuses it.
    #[arg(long)]
    pub if_version: Option<i64>,
    /// The hash of the tree that was seen; another one refuses it.
    #[arg(long)]
    pub if_tree: Option<String>,
    /// Show the tree, what it may cost, what is decided about it and what must be typed; nothing is made.
    #[arg(long)]
    pub dry_run: bool,
}
