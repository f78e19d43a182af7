//! What `halt`, `kill` and `resume` take.

use chimera_domain::halt::Stage;
use clap::{Args, Subcommand, ValueEnum};

use super::Why;

/// What a halt reaches; everything without a flag.
#[derive(Debug, Args)]
#[group(multiple = false, id = "scope")]
pub struct ScopeArgs {
    /// One agent, by its persona or id, with all its campaigns.
    #[arg(long, value_name = "PERSONA")]
    pub agent: Option<String>,
    /// One campaign, by its name or id.
    #[arg(long, value_name = "NAME")]
    pub campaign: Option<String>,
    /// What leaves through one MCP server.
    #[arg(long, value_name = "SERVER")]
    pub platform: Option<String>,
    /// Everything that leaves; work and decisions go on.
    #[arg(long)]
    pub publishing: bool,
    /// Everything that costs; what is free goes on.
    #[arg(long)]
    pub spending: bool,
}

/// What to stop, and why.
#[derive(Debug, Args)]
pub struct HaltOrder {
    /// What.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Why.
    #[command(flatten)]
    pub why: Why,
    /// Only say what would happen.
    #[arg(long)]
    pub dry_run: bool,
}

/// To halt, or to look at what is halted.
#[derive(Debug, Args)]
pub struct HaltArgs {
    /// To look.
    #[command(subcommand)]
    pub look: Option<HaltLook>,
    /// To halt.
    #[command(flatten)]
    pub order: HaltOrder,
}

/// To look at what is halted.
#[derive(Debug, Subcommand)]
pub enum HaltLook {
    /// Every live halt: who, when, why, what was in flight, when the last of it ended, what slipped past.
    Status,
}

/// What to let go on.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// What.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Only this stage of a halted fleet; what it holds back is paused until its own stage.
    #[arg(long, value_enum, conflicts_with = "scope")]
    pub stage: Option<ResumeStage>,
    /// Only say what would go on, and what would leave next.
    #[arg(long)]
    pub dry_run: bool,
}

/// The stages in which a halted fleet goes on.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ResumeStage {
    /// Planning, free work, judging and deciding; nothing leaves, nothing is spent.
    Work,
    /// What is approved may leave.
    Publish,
    /// Money may be spent.
    Spend,
}

impl From<ResumeStage> for Stage {
    fn from(stage: ResumeStage) -> Self {
        match stage {
            ResumeStage::Work => Self::Work,
            ResumeStage::Publish => Self::Publish,
            ResumeStage::Spend => Self::Spend,
        }
    }
}
