//! What `live` and `dry` take.

use clap::{Args, Subcommand};

use super::Why;

/// Of what the mode is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false, id = "of")]
pub struct ModeOf {
    /// One MCP server that publishes.
    #[arg(long, value_name = "NAME")]
    pub server: Option<String>,
    /// One agent, by its persona or id, with all its campaigns.
    #[arg(long, value_name = "PERSONA")]
    pub agent: Option<String>,
    /// One campaign, by its name or id.
    #[arg(long, value_name = "NAME")]
    pub campaign: Option<String>,
}

/// To let something go live, or to look at what is.
#[derive(Debug, Args)]
pub struct LiveArgs {
    /// To look.
    #[command(subcommand)]
    pub look: Option<LiveLook>,
    /// To let go live.
    #[command(flatten)]
    pub order: LiveOrder,
}

/// What to let go live.
#[derive(Debug, Args)]
pub struct LiveOrder {
    /// What.
    #[command(flatten)]
    pub of: ModeOf,
    /// What goes public with it, typed as `--dry-run` shows it: every account on its network.
    #[arg(long, value_name = "PLACES", default_value = "")]
    pub confirm: String,
    /// Why.
    #[command(flatten)]
    pub why: Why,
    /// Only say what would go public, and what must be typed for it.
    #[arg(long)]
    pub dry_run: bool,
}

/// To look at what is live.
#[derive(Debug, Subcommand)]
pub enum LiveLook {
    /// How far each campaign's posts get, and which mode holds them back.
    Status,
}

/// What to make dry.
#[derive(Debug, Args)]
pub struct DryArgs {
    /// What.
    #[command(flatten)]
    pub of: ModeOf,
    /// Why.
    #[command(flatten)]
    pub why: Why,
    /// Only say what would happen.
    #[arg(long)]
    pub dry_run: bool,
}
