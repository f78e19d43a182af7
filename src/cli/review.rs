//! The verbs of the review queue.

use clap::{Args, Subcommand, ValueEnum};

use super::PageArgs;

/// A verb of the queue, or all of it line by line.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Go through the queue line by line, with numbered answers: for screen readers, pipes and thin links. So does
    /// `ACCESSIBLE=1` without a verb.
    #[arg(long)]
    pub plain: bool,
    /// One verb.
    #[command(subcommand)]
    pub verb: Option<Review>,
}

/// The review queue.
#[derive(Debug, Subcommand)]
pub enum Review {
    /// Tickets that wait.
    List(PageArgs),
    /// Everything about one ticket.
    Show {
        /// The ticket.
        ticket: String,
    },
    /// Let it out; held for the undo fuse first.
    Approve(DecideArgs),
    /// Do not let it out.
    Reject {
        /// The ticket and what was seen of it.
        #[command(flatten)]
        decide: DecideArgs,
        /// Why, as a class.
        #[arg(long, value_enum, default_value = "other")]
        reason: RejectReason,
        /// Why, in words.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Write another text and let that out; the judge looks at it first.
    Edit {
        /// The ticket and what was seen of it.
        #[command(flatten)]
        decide: DecideArgs,
        /// The whole text of the post; `-` reads it from standard input.
        #[arg(long)]
        text: String,
    },
    /// Do not let it out, and have it made once more.
    RequestChanges {
        /// The ticket and what was seen of it.
        #[command(flatten)]
        decide: DecideArgs,
        /// What to change; the next attempt gets it.
        #[arg(long)]
        notes: String,
    },
    /// Put it before whoever looks after what is late.
    Escalate {
        /// The ticket and what was seen of it.
        #[command(flatten)]
        decide: DecideArgs,
        /// Why.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Ask again later, before its deadline.
    Snooze {
        /// The ticket and what was seen of it.
        #[command(flatten)]
        decide: DecideArgs,
        /// How long: 10m, 1h.
        #[arg(long = "for", default_value = "30m", value_parser = crate::config::given::span)]
        lasts: chimera_domain::Span,
    },
    /// Give it to somebody.
    Assign {
        /// The ticket and what was seen of it.
        #[command(flatten)]
        decide: DecideArgs,
        /// Whose it is to decide; empty gives it back to everybody.
        #[arg(long)]
        to: String,
    },
    /// What each reviewer did: answers, approvals, times, reversals, over the last day and the last seven.
    Stats,
    /// Whether the judge is as sure as it should be: what people answered, by how sure it was, and what went out alone.
    Calibration {
        /// How far back.
        #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = crate::config::given::span)]
        since: chimera_domain::Span,
    },
    /// Take a decision back while its fuse burns.
    Undo {
        /// The ticket.
        ticket: String,
    },
}

/// A decision names what it was made on; what it leaves out is read at once before deciding.
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The ticket.
    pub ticket: String,
    /// The version that was seen (`review show`); a newer one refuses the decision.
    #[arg(long)]
    pub if_version: Option<i64>,
    /// The content hash that was seen; another one refuses the decision.
    #[arg(long)]
    pub if_hash: Option<String>,
    /// Only say what would happen.
    #[arg(long)]
    pub dry_run: bool,
}

/// Why a post is refused.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RejectReason {
    /// Not the persona.
    OffBrand,
    /// Not what the persona is about; what is like it scores lower.
    OffTopic,
    /// Wrong.
    Factual,
    /// Not fit to publish.
    Inappropriate,
    /// Hurts a culture.
    Cultural,
    /// Somebody else's.
    Copyright,
    /// Not now.
    Timing,
    /// Something else.
    Other,
}
