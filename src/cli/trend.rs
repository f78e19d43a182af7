//! What `chimera trend` takes.

use chimera_domain::Span;
use clap::{Args, Subcommand};

use super::PageArgs;
use crate::config::given;

/// What to do with trends.
#[derive(Debug, Subcommand)]
pub enum Trend {
    /// What signals together tell: what waits before the rest, what grows fastest first.
    List(PageArgs),
    /// One trend with its signals.
    Show {
        /// The trend, `trd_…`.
        trend: String,
    },
    /// Have the best signal of it planned for each campaign it fits, whatever its score.
    Convert {
        /// The trend.
        #[command(flatten)]
        which: Which,
        /// For this campaign, whether it fits or not. May be repeated.
        #[arg(long, value_name = "NAME")]
        campaign: Vec<String>,
    },
    /// Put it out of the way for a while.
    Snooze {
        /// The trend.
        #[command(flatten)]
        which: Which,
        /// For so long, as `30m` or `4h`.
        #[arg(long = "for", value_name = "TIME", default_value = "4h", value_parser = given::span)]
        span: Span,
    },
    /// Hear no more of a topic: what has all of its words is left. A trend, or words of your own.
    Mute {
        /// The trend (`trd_…`), whose first two words are muted unless `--words` says others.
        #[arg(required_unless_present = "words")]
        trend: Option<String>,
        /// The words; what has all of them is muted.
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
        /// Only for this agent, by its persona.
        #[arg(long, value_name = "PERSONA")]
        agent: Option<String>,
        /// For so long, as `24h` or `30d`; else for ever.
        #[arg(long = "for", value_name = "TIME", value_parser = given::span)]
        span: Option<Span>,
        /// Only if the trend still has this version.
        #[arg(long, value_name = "VERSION", requires = "trend")]
        if_version: Option<i64>,
    },
    /// Take a mute back; what was put away with it waits again.
    Unmute {
        /// The mute, `mut_…`.
        mute: String,
    },
    /// The topics that are muted, by whom and until when.
    Mutes,
}

/// A trend, as it was seen.
#[derive(Debug, Args)]
pub struct Which {
    /// The trend, `trd_…`.
    pub trend: String,
    /// Only if it still has this version.
    #[arg(long, value_name = "VERSION")]
    pub if_version: Option<i64>,
}
